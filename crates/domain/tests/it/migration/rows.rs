//! Rows: columns found by their names, fields in one form, problems with cause, verdicts.

use domain::migration::{
    Bound, Case, Cause, Claim, Mapping, MappingError, PasswordKind, PersonStatus, SourceField, Verdict,
    Weight, read,
};
use proptest::prelude::*;

const BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

fn texts(row: &[&str]) -> Vec<String> {
    row.iter().map(|cell| (*cell).to_owned()).collect()
}

fn header() -> Vec<String> {
    texts(&["CustomerID", "User Name", "E-Mail", "phone_number", "Status", "First", "Last", "pwd_hash"])
}

fn bound() -> Bound {
    Mapping { country_code: Some("+1".to_owned()), ..Mapping::guess(&header()) }.bind(&header()).unwrap()
}

fn causes(row: &[&str]) -> Vec<Cause> {
    read(&bound(), &texts(row)).problems.into_iter().map(|problem| problem.cause).collect()
}

#[test]
fn columns_are_found_by_their_names() {
    let mapping = Mapping::guess(&header());
    let found: Vec<_> = mapping.columns.iter().map(|(field, column)| (*field, column.as_str())).collect();
    assert_eq!(
        found,
        [
            (SourceField::Reference, "CustomerID"),
            (SourceField::Username, "User Name"),
            (SourceField::Email, "E-Mail"),
            (SourceField::Phone, "phone_number"),
            (SourceField::Status, "Status"),
            (SourceField::GivenName, "First"),
            (SourceField::FamilyName, "Last"),
            (SourceField::Password, "pwd_hash"),
        ]
    );
}

#[test]
fn a_later_file_is_mapped_as_the_last_one_was() {
    let mut before = Mapping::guess(&header());
    before.columns.insert(SourceField::Username, "CustomerID".to_owned());
    before.columns.remove(&SourceField::Reference);
    let again = before.remembered(&header());
    assert_eq!(again.columns[&SourceField::Username], "CustomerID");
    assert!(!again.columns.contains_key(&SourceField::Reference), "a column serves once");
    let other = before.remembered(&texts(&["login", "mail"]));
    assert_eq!(other.columns[&SourceField::Username], "login");
    assert!(other.bind(&texts(&["login", "mail"])).is_ok());
}

#[test]
fn a_mapping_that_cannot_be_used_says_what_to_choose() {
    let header = texts(&["a", "b"]);
    let mapping = |columns: &[(SourceField, &str)]| Mapping {
        columns: columns.iter().map(|(field, column)| (*field, (*column).to_owned())).collect(),
        ..Mapping::default()
    };
    assert_eq!(mapping(&[]).bind(&header), Err(MappingError::NoIdentifier));
    let missing = mapping(&[(SourceField::Email, "c")]).bind(&header).unwrap_err();
    assert_eq!(missing.to_string(), "There is no column \"c\" for E-mail: choose one of: a, b.");
    let twice = mapping(&[(SourceField::Username, "a"), (SourceField::Email, "a")]).bind(&header);
    assert!(matches!(twice, Err(MappingError::Twice { .. })));
    let code = Mapping { country_code: Some("1".into()), ..mapping(&[(SourceField::Email, "a")]) };
    assert_eq!(code.bind(&header), Err(MappingError::CountryCode("1".into())));
}

#[test]
fn a_good_row_is_brought_into_one_form() {
    let row = ["7", " Ann ", "Ann.Lee@Example.COM", "(555) 010-0199", "A", "Ann", "Lee", BCRYPT];
    let read = read(&bound(), &texts(&row));
    assert_eq!((read.verdict(), read.kind, read.problems.len()), (Verdict::Import, PasswordKind::Bcrypt, 0));
    let person = read.person.unwrap();
    assert_eq!((person.reference.as_str(), person.username.as_deref()), ("7", Some("Ann")));
    assert_eq!(person.email.as_deref(), Some("Ann.Lee@example.com"));
    assert_eq!((person.phone.as_deref(), person.status), (Some("+15550100199"), PersonStatus::Active));
    let claims: Vec<_> = person.claims(Case::Ignored).collect();
    assert_eq!(claims[0], (Claim::Username, "ann".to_owned()));
    assert_eq!(claims[1], (Claim::Email, "ann.lee@example.com".to_owned()));
    let claims: Vec<_> = person.claims(Case::Counts).collect();
    assert_eq!(claims[0], (Claim::Username, "Ann".to_owned()));
}

#[test]
fn an_address_that_is_the_username_is_one_identifier() {
    let read = read(&bound(), &texts(&["", "ANN@x.example", "ann@x.example", "", "", "", "", BCRYPT]));
    let person = read.person.unwrap();
    assert_eq!((person.username.clone(), person.claims(Case::Ignored).count()), (None, 1));
    assert_eq!(person.reference, "ann@x.example");
}

#[test]
fn every_problem_of_a_row_is_named() {
    let row = ["1", "a\u{200b}b", "no address", "12", "asleep", "", "", "secret"];
    assert_eq!(
        causes(&row),
        [Cause::BadUsername, Cause::BadEmail, Cause::BadPhone, Cause::UnknownStatus, Cause::NoWayToReset]
    );
    assert_eq!(causes(&["1", "NULL", "", "", "", "", "", BCRYPT]), [Cause::NoIdentifier]);
    assert_eq!(causes(&["1", "ann", "", "", "deleted", "", "", BCRYPT]), [Cause::DeletedAtSource]);
    for address in
        ["a@b", "a b@x.example", "@x.example", "a@-x.example", "a..b@x.example", "a@x.1", "ä@x.example"]
    {
        assert_eq!(causes(&["1", "ann", address, "", "", "", "", BCRYPT]), [Cause::BadEmail], "{address}");
    }
}

#[test]
fn a_bad_phone_is_left_out_and_the_person_moved() {
    let read = read(&bound(), &texts(&["1", "ann", "", "call me", "", "", "", BCRYPT]));
    assert_eq!((read.verdict(), read.person.unwrap().phone), (Verdict::Import, None));
    assert_eq!(read.problems[0].cause, Cause::BadPhone);
}

#[test]
fn no_password_means_a_reset_where_it_can_reach_the_person() {
    let reset = read(&bound(), &texts(&["1", "ann", "ann@x.example", "", "", "", "", ""]));
    assert_eq!(reset.verdict(), Verdict::Reset);
    assert_eq!(causes(&["1", "ann", "", "", "", "", "", ""]), [Cause::NoWayToReset]);
}

#[test]
fn no_problem_shows_a_password() {
    let read = read(&bound(), &texts(&["1", "ann", "", "", "", "", "", "hunter2-in-clear"]));
    assert!(!format!("{read:?}").contains("hunter2"));
}

proptest! {
    /// Any cells: no panic; rejected exactly when something with that weight is wrong; reading again gives the same.
    #[test]
    fn any_row_has_a_verdict(cells in proptest::collection::vec(".{0,30}", 0..10)) {
        let first = read(&bound(), &cells);
        let rejected = first.problems.iter().any(|problem| problem.cause.weight() == Weight::Rejects);
        prop_assert_eq!(first.verdict() == Verdict::Reject, rejected);
        prop_assert_eq!(&read(&bound(), &cells), &first);
    }

    /// What was brought into one form once stays in it.
    #[test]
    fn the_form_is_stable(user in "[a-zA-Z]{1,8}", host in "[a-zA-Z]{1,8}", phone in "[2-9][0-9]{9}") {
        let row = ["7", &user, &format!("{user}@{host}.example"), &phone, "", "", "", BCRYPT];
        let person = read(&bound(), &texts(&row)).person.unwrap();
        let again = [
            "7", &user, person.email.as_deref().unwrap(), person.phone.as_deref().unwrap(), "", "", "", BCRYPT,
        ];
        prop_assert_eq!(read(&bound(), &texts(&again)).person.unwrap(), person);
    }
}
