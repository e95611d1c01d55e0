//! What differs between both sides of an account, and what brings them together.

use domain::account::{
    AccountStatus, AddressPart, Difference, IdentifierPart, Profile, Said, Seen, Side, Step, check,
    differences, masked_email, masked_phone, masked_text, plan, prefix_terms,
};
use proptest::prelude::*;

fn side(username: &str, email: &str, status: AccountStatus) -> Side {
    let profile =
        Profile { username: Some(username.to_owned()), email: Some(email.to_owned()), ..Profile::default() };
    Side { status, profile }
}

fn seen(username: &str, email: &str) -> Seen {
    Seen {
        status: AccountStatus::Active,
        identifiers: vec![
            (IdentifierPart::Username, username.to_owned()),
            (IdentifierPart::Email, email.to_owned()),
        ],
        addresses: vec![(AddressPart::Email, email.to_owned(), false)],
        given_name: None,
        family_name: None,
    }
}

/// What the vendor shows after a step.
fn after(mut seen: Seen, wanted: &Side, step: &Step) -> Seen {
    match step {
        Step::Write => panic!("nobody is written whole here"),
        Step::Update { status, names } => {
            seen.status = status.unwrap_or(seen.status);
            if *names {
                seen.given_name.clone_from(&wanted.profile.given_name);
                seen.family_name.clone_from(&wanted.profile.family_name);
            }
        }
        Step::AddIdentifier(part, text) => seen.identifiers.push((*part, text.clone())),
        Step::AddAddress(part, text, verified) => seen.addresses.push((*part, text.clone(), *verified)),
        Step::Verify(text) => {
            seen.addresses.iter_mut().filter(|it| it.1 == *text).for_each(|it| it.2 = true);
        }
        Step::RemoveIdentifier(text) => seen.identifiers.retain(|it| it.1 != *text),
        Step::RemoveAddress(text) => seen.addresses.retain(|it| it.1 != *text),
    }
    seen
}

#[test]
fn an_email_is_changed_by_adding_the_new_before_removing_the_old() {
    let wanted = side("ann", "new@x.example", AccountStatus::Active);
    let words: Vec<_> =
        plan(&wanted, Some(&seen("ann", "old@x.example")), false).iter().map(Step::word).collect();
    assert_eq!(words, ["add_identifier", "add_address", "remove_identifier", "remove_address"]);
}

#[test]
fn whoever_loses_access_loses_it_first_and_whoever_gains_it_gains_it_last() {
    let locked = side("bea", "new@x.example", AccountStatus::Inactive);
    let steps = plan(&locked, Some(&seen("ann", "old@x.example")), false);
    assert!(matches!(steps.first(), Some(Step::Update { status: Some(AccountStatus::Inactive), .. })));
    let mut was = seen("ann", "old@x.example");
    was.status = AccountStatus::Deleted;
    let open = side("bea", "new@x.example", AccountStatus::Active);
    let steps = plan(&open, Some(&was), false);
    assert!(matches!(steps.last(), Some(Step::Update { status: Some(AccountStatus::Active), .. })));
}

#[test]
fn whoever_was_activated_at_secureauth_is_not_made_new_again() {
    let wanted = side("ann", "a@x.example", AccountStatus::New);
    assert_eq!(plan(&wanted, Some(&seen("ann", "a@x.example")), false), []);
    assert_eq!(differences(Some(&wanted), Some(&seen("ann", "a@x.example").side())), []);
}

#[test]
fn nobody_is_made_to_be_deleted_and_a_password_writes_the_user_whole() {
    let gone = side("ann", "a@x.example", AccountStatus::Deleted);
    assert_eq!(plan(&gone, None, true), []);
    assert_eq!(differences(Some(&gone), None), []);
    let there = side("ann", "a@x.example", AccountStatus::Active);
    assert_eq!(plan(&there, None, false), [Step::Write]);
    assert_eq!(plan(&there, Some(&seen("ann", "a@x.example")), true), [Step::Write]);
    assert_eq!(differences(Some(&there), None), [Difference::NotThere]);
    assert_eq!(differences(None, Some(&there)), [Difference::NotAtIc]);
}

#[test]
fn what_is_said_is_checked_field_by_field() {
    let wrong = Said {
        username: Some("a\u{200b}b".to_owned()),
        email: Some("no address".to_owned()),
        phone: Some("12".to_owned()),
        status: Some("maybe".to_owned()),
        ..Said::default()
    };
    let fields: Vec<_> = check(&wrong).unwrap_err().into_iter().filter_map(|it| it.field).collect();
    assert_eq!(fields, ["username", "email", "phone", "status"]);
    assert!(check(&Said::default()).is_err(), "nothing to sign in with");
    let same = Said {
        username: Some("Ann@x.example".to_owned()),
        email: Some("ann@x.example".to_owned()),
        ..Said::default()
    };
    assert_eq!(check(&same).unwrap().profile.username, None, "one identifier is enough");
}

#[test]
fn masks_show_neither_length_nor_middle() {
    assert_eq!(masked_text("Ann Mary"), "A••• M•••");
    assert_eq!(masked_email("ann.brown@mail.example.org"), "a•••@•••.org");
    assert_eq!(masked_phone("+15550100199"), "••• 99");
    assert_eq!(masked_text(""), "");
}

proptest! {
    #[test]
    fn after_every_step_of_a_plan_nothing_differs_wherever_it_began(
        from in 0..4_usize, to in 0..4_usize, was in 0..4_usize, becomes in 0..4_usize,
        verified in any::<bool>(), phone in any::<bool>(), stop in 0..8_usize,
    ) {
        let names = ["ann", "Ann", "bea", "a@x.example"];
        let mails = ["a@x.example", "A@x.example", "b@x.example", "c@x.example"];
        let mut shown = seen(names[from], mails[from]);
        shown.status = AccountStatus::ALL[was];
        let mut wanted = side(names[to], mails[to], AccountStatus::ALL[becomes]);
        wanted.profile.email_verified = verified;
        wanted.profile.phone = phone.then(|| "+15550100199".to_owned());
        wanted.profile.given_name = Some("Ann".to_owned());
        if wanted.profile.username == wanted.profile.email {
            wanted.profile.username = None;
        }
        // It breaks off somewhere, and is planned anew from what is there.
        for step in plan(&wanted, Some(&shown), false).iter().take(stop) {
            shown = after(shown, &wanted, step);
        }
        for step in plan(&wanted, Some(&shown), false) {
            shown = after(shown, &wanted, &step);
        }
        prop_assert_eq!(differences(Some(&wanted), Some(&shown.side())), []);
        prop_assert_eq!(plan(&wanted, Some(&shown), false), []);
    }

    #[test]
    fn whoever_is_found_by_a_term_is_found_by_every_beginning_of_it(
        given in "[A-Za-zÀ-ÿ' ]{0,12}", family in "[A-Za-zÀ-ÿ' -]{1,12}", cut in 1..6_usize,
    ) {
        let profile = Profile { given_name: Some(given.clone()), family_name: Some(family.clone()), ..Profile::default() };
        let typed: String = family.chars().take(cut).collect();
        let terms = profile.terms("ref");
        for prefix in prefix_terms(&domain::search::fold(&typed)) {
            prop_assert!(terms.iter().any(|term| term.starts_with(&prefix)), "{:?} in {:?}", prefix, terms);
        }
    }
}
