//! Billers from a file or from JSON: columns, rows and what is wrong with them.

use domain::{
    biller::{BillerDraft, PortfolioSaid},
    import::{Column, Columns, HeaderError, RowError, check, portfolio_said},
};
use proptest::{option, prelude::*, sample::select};

use crate::samples::{any_bid, any_name, bid, draft, portfolio};

/// A text as it may stand in a file: no space around it, no control character.
fn clean(longest: usize) -> impl Strategy<Value = String> {
    any_name().prop_filter_map("empty", move |text| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(longest).collect();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    })
}

fn any_draft() -> impl Strategy<Value = BillerDraft> {
    let zone = select(&["UTC", "America/Chicago", "America/Argentina/Buenos_Aires", "Etc/GMT+5"][..]);
    (
        any_bid(),
        clean(200),
        option::of(clean(60)),
        option::of(clean(60)),
        option::of(0..=i64::MAX),
        option::of("[a-zà-þ0-9 ]{0,38}[a-z]"),
        option::of(zone.prop_map(str::to_owned)),
        option::of("[!-~à-þ]([ -~à-þ]{0,62}[!-~à-þ])?"),
    )
        .prop_map(|(bid, name, state, ownership, customers, tier, time_zone, own)| BillerDraft {
            bid,
            name,
            state,
            ownership,
            customers,
            tier: tier.map(|tier| tier.trim().to_owned()),
            time_zone,
            portfolio: own.map_or(PortfolioSaid::InNone, |own| PortfolioSaid::In(portfolio(&own))),
        })
}

fn field_of(draft: &BillerDraft, column: Column) -> String {
    let optional = match column {
        Column::Bid => return draft.bid.to_string(),
        Column::Name => return draft.name.clone(),
        Column::Portfolio => {
            return draft.portfolio.named().map(ToString::to_string).unwrap_or_default();
        }
        Column::Customers => return draft.customers.map(|n| n.to_string()).unwrap_or_default(),
        Column::State => &draft.state,
        Column::Ownership => &draft.ownership,
        Column::Tier => &draft.tier,
        Column::TimeZone => &draft.time_zone,
    };
    optional.clone().unwrap_or_default()
}

/// One of the ways in which people write the name of a column.
fn spelled(column: Column, way: usize) -> String {
    let word = column.as_str();
    match way % 5 {
        0 => word.to_owned(),
        1 => word.to_uppercase(),
        2 => format!("  {} ", word.replace('_', " ")),
        3 => word.replace('_', "-"),
        _ => format!("\u{feff}{word}"),
    }
}

fn columns(header: &[&str]) -> Columns {
    Columns::from_header(header.iter().copied()).unwrap()
}

/// What row `line` of a file with all columns says is wrong, with a good value wherever `None` stands.
fn faults(line: u64, column: Column, value: &str) -> Vec<RowError> {
    let header: Vec<_> = Column::ALL.iter().map(|c| c.as_str()).collect();
    let good = ["34", "North", "SC", "Municipal", "12", "gold", "America/Chicago", "Coast"];
    let fields: Vec<_> =
        Column::ALL.iter().zip(good).map(|(c, good)| if *c == column { value } else { good }).collect();
    columns(&header).row(line, &fields).err().unwrap_or_default()
}

#[test]
fn columns_stand_in_any_order_and_unknown_ones_are_left_alone() {
    let columns = columns(&["\u{feff}Customers", "Region Code", " NAME ", "time zone", "BID"]);
    assert_eq!(columns.ignored(), ["region_code"]);
    assert_eq!(columns.width(), 5);
    assert_eq!(
        (columns.at(0), columns.at(1), columns.at(4)),
        (Some(Column::Customers), None, Some(Column::Bid))
    );
    assert_eq!(columns.at(5), None);
    let row = columns.row(2, &["7", "whatever", "North", "", "34"]).unwrap();
    assert_eq!(row, BillerDraft { customers: Some(7), ..draft("34", "North") });
}

#[test]
fn a_header_that_will_not_do_says_what_to_add_or_remove() {
    let error = |header: &[&str]| Columns::from_header(header.iter().copied()).unwrap_err();
    for empty in [&[][..], &[""], &["\u{feff}"], &[" ", ""]] {
        assert_eq!(error(empty), HeaderError::Empty);
    }
    assert!(error(&[]).to_string().contains("first line must name the columns"));
    assert_eq!(
        error(&["Bid", "Customers"]).to_string(),
        "Line 1 names no column \"name\" (found: bid, customers): add it to the first line."
    );
    assert!(matches!(error(&["name"]), HeaderError::Missing { missing: "bid", .. }));
    assert_eq!(error(&["bid", "name", "Time Zone", "time-zone"]), HeaderError::Doubled("time_zone"));
    assert_eq!(
        error(&["bid", "name", " BID"]).to_string(),
        "Line 1 names the column \"bid\" twice: remove or rename one of them."
    );
}

#[test]
fn the_header_of_a_file_that_is_no_table_is_not_told_back_whole() {
    let error = Columns::from_header([&*"x".repeat(100_000)]).unwrap_err();
    assert!(error.to_string().chars().count() < 400);
}

#[test]
fn every_wrong_field_names_line_field_and_cure() {
    for (column, value, problem) in [
        (Column::Bid, "", "the bid is empty: give one"),
        (Column::Bid, "3 4", "the bid holds ' '"),
        (Column::Bid, "..", "the bid has dots only"),
        (Column::Name, "  ", "is empty"),
        (Column::Name, &"n".repeat(201), "has 201 characters, 200 are allowed"),
        (Column::Name, "two\nlines", "holds the control character '\\n'"),
        (Column::State, &"s".repeat(61), "has 61 characters, 60 are allowed"),
        (Column::Ownership, "a\0b", "holds the control character '\\0'"),
        (Column::Tier, &"t".repeat(41), "has 41 characters, 40 are allowed"),
        (Column::Customers, "-1", "\"-1\" is not a whole number"),
        (Column::Customers, "1,000", "\"1,000\" is not a whole number"),
        (Column::Customers, "1e3", "\"1e3\" is not a whole number"),
        (Column::Customers, "9223372036854775808", "is not a whole number"),
        (Column::TimeZone, "Chicago", "\"Chicago\" is not a time zone name"),
        (Column::TimeZone, "America/", "is not a time zone name"),
        (Column::TimeZone, "//", "is not a time zone name"),
        (Column::TimeZone, "../../etc/localtime", "is not a time zone name"),
        (Column::Portfolio, &"p".repeat(65), "has 65 characters: at most 64 are allowed"),
        (Column::Portfolio, "Co\u{200b}ast", "the portfolio holds '\\u{200b}'"),
    ] {
        let errors = faults(17, column, value);
        let [error] = &errors[..] else { panic!("{column} {value:?} gave {errors:?}") };
        assert_eq!((error.line, error.field.as_deref()), (17, Some(column.as_str())));
        assert!(error.problem.contains(problem), "{column} {value:?}: {}", error.problem);
        assert!(!error.cure.is_empty());
        assert!(error.to_string().starts_with(&format!("line 17, {column}: ")), "{error}");
        assert!(error.to_string().ends_with(&error.cure));
    }
}

#[test]
fn a_long_wrong_value_is_told_back_shortened() {
    let errors = faults(2, Column::Customers, &"9".repeat(5_000));
    assert!(errors[0].problem.chars().count() < 100);
}

#[test]
fn all_wrong_fields_of_a_row_are_told_at_once() {
    let columns = columns(&["bid", "name", "customers", "time_zone"]);
    let errors = columns.row(3, &["", "", "many", "here"]).unwrap_err();
    let mut fields: Vec<_> = errors.iter().filter_map(|e| e.field.as_deref()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["bid", "customers", "name", "time_zone"]);
}

#[test]
fn a_row_with_too_few_or_too_many_fields_is_wrong_as_a_whole() {
    let columns = columns(&["bid", "name"]);
    for fields in [&["34"][..], &["34", "North", "South"], &[]] {
        let errors = columns.row(9, fields).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].field, None);
        let text = errors[0].to_string();
        assert!(
            text.starts_with(&format!("line 9, whole row: {} fields instead of 2. ", fields.len())),
            "{text}"
        );
    }
}

#[test]
fn without_a_file_no_line_is_named() {
    let errors = check(BillerDraft { customers: Some(-5), ..draft("34", "North") }).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().starts_with("customers: \"-5\" is not a whole number. "));
}

#[test]
fn a_biller_leaves_its_portfolio_only_when_somebody_says_so() {
    let (coast, plains) = (portfolio("Coast"), portfolio("Plains"));
    let silent = columns(&["bid", "name"]).row(2, &["34", "North"]).unwrap();
    assert_eq!(silent.portfolio, PortfolioSaid::Nothing);
    let telling = columns(&["bid", "name", "Portfolio"]);
    let said = |text: &str| telling.row(2, &["34", "North", text]).unwrap().portfolio;
    assert_eq!(said(" Coast "), PortfolioSaid::In(coast.clone()));
    assert_eq!(said(" "), PortfolioSaid::InNone);
    assert_eq!(portfolio_said(""), Ok(PortfolioSaid::InNone));
    assert_eq!(portfolio_said("Coast"), Ok(PortfolioSaid::In(coast.clone())));

    assert_eq!(PortfolioSaid::Nothing.after(Some(&coast)), Some(&coast));
    assert_eq!(PortfolioSaid::InNone.after(Some(&coast)), None);
    assert_eq!(PortfolioSaid::In(plains.clone()).after(Some(&coast)), Some(&plains));
}

#[test]
fn json_tells_silence_from_none() {
    let json =
        |said| serde_json::to_string(&BillerDraft { portfolio: said, ..draft("34", "North") }).unwrap();
    let read = |json: &str| serde_json::from_str::<BillerDraft>(json).unwrap().portfolio;
    assert_eq!(read(&json(PortfolioSaid::Nothing)), PortfolioSaid::Nothing);
    assert_eq!(read(&json(PortfolioSaid::InNone)), PortfolioSaid::InNone);
    assert!(!json(PortfolioSaid::Nothing).contains("portfolio"));
}

#[test]
fn a_tier_is_compared_in_lower_case_and_an_empty_field_is_none() {
    let given = BillerDraft {
        tier: Some(" GOLD ".to_owned()),
        state: Some(" ".to_owned()),
        ..draft("34", " North ")
    };
    assert_eq!(check(given).unwrap(), BillerDraft { tier: Some("gold".to_owned()), ..draft("34", "North") });
    // Its lower case has two characters.
    let growing = BillerDraft { tier: Some("İ".repeat(21)), ..draft("34", "North") };
    assert_eq!(check(growing).unwrap_err()[0].field.as_deref(), Some("tier"));
}

proptest! {
    #[test]
    fn a_biller_survives_a_file_with_columns_in_any_order(
        draft in any_draft(),
        order in Just(Column::ALL.to_vec()).prop_shuffle(),
        way: u8,
    ) {
        let header: Vec<_> = order.iter().enumerate().map(|(i, c)| spelled(*c, i + usize::from(way))).collect();
        let columns = Columns::from_header(header.iter().map(String::as_str)).unwrap();
        prop_assert!(columns.ignored().is_empty());
        let fields: Vec<_> = order.iter().map(|c| format!(" {}\t", field_of(&draft, *c))).collect();
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        prop_assert_eq!(columns.row(2, &fields), Ok(draft));
    }

    #[test]
    fn a_good_biller_passes_the_check_unchanged(draft in any_draft()) {
        prop_assert_eq!(check(draft.clone()), Ok(draft));
    }

    #[test]
    fn what_passed_the_check_passes_it_again_unchanged(
        name in any::<String>(),
        other in option::of(any::<String>()),
        tier in option::of(any::<String>()),
        customers in option::of(any::<i64>()),
    ) {
        let given = BillerDraft {
            state: other.clone(), ownership: other.clone(), time_zone: other, tier, customers, ..draft("34", &name)
        };
        if let Ok(once) = check(given) {
            prop_assert_eq!(check(once.clone()), Ok(once));
        }
    }

    #[test]
    fn no_row_goes_wrong_without_naming_its_line_and_a_cure(
        line in 2_u64..1_000_000,
        fields in proptest::collection::vec(prop_oneof![any::<String>(), any_name(), "[0-9]{0,20}"], 0..10),
    ) {
        let header: Vec<_> = Column::ALL.iter().map(|c| c.as_str()).collect();
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        match columns(&header).row(line, &fields) {
            Ok(draft) => prop_assert_eq!(check(draft.clone()), Ok(draft)),
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert_eq!(error.line, line);
                    prop_assert!(error.field.is_none_or(|field| field.parse::<Column>().is_ok()));
                    prop_assert!(!error.problem.is_empty() && !error.cure.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_biller_survives_json(draft in any_draft()) {
        let json = serde_json::to_string(&draft).unwrap();
        prop_assert_eq!(serde_json::from_str::<BillerDraft>(&json).unwrap(), draft);
    }
}

#[test]
fn json_may_leave_out_what_is_not_known() {
    let read: BillerDraft = serde_json::from_str(r#"{"bid":"34","name":"North"}"#).unwrap();
    assert_eq!(read, draft("34", "North"));
    assert_eq!(read.bid, bid("34"));
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"bid":"34","name":"North"}"#);
}
