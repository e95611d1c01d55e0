//! Files as people really send them.

use domain::import::RowError;
use proptest::prelude::*;
use storage::imports::StagedRow;

use super::{BillersCsv, FileError, ROW_MAX};

/// Reads a whole file.
fn read(file: &[u8]) -> Result<Vec<StagedRow>, FileError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(async {
        let mut csv = BillersCsv::open(file).await?;
        let mut rows = Vec::new();
        while let Some(row) = csv.next().await? {
            rows.push(row);
        }
        Ok(rows)
    })
}

/// What came of each row: `line bid name`, or `line field: problem` for each error.
fn outcome(file: impl AsRef<[u8]>) -> Vec<String> {
    let describe = |error: &RowError| {
        format!("{} {}: {}", error.line, error.field.as_deref().unwrap_or("row"), error.problem)
    };
    read(file.as_ref())
        .expect("readable")
        .iter()
        .flat_map(|row| match &row.result {
            Ok(draft) => vec![format!("{} {} {}", row.line, draft.bid, draft.name)],
            Err(errors) => errors.iter().map(describe).collect(),
        })
        .collect()
}

fn problem(file: &[u8]) -> String {
    read(file).expect_err("unreadable").to_string()
}

#[test]
fn any_column_order_byte_order_mark_and_line_end() {
    let expected = ["2 1 One, Inc", "3 2 Two"];
    assert_eq!(outcome("bid,name\n1,\"One, Inc\"\n2,Two\n"), expected);
    assert_eq!(
        outcome("\u{feff} NAME ,x,Bid\r\n\"One, Inc\",,1\r\nTwo,?,2"),
        expected,
        "byte order mark, CRLF, no last end"
    );
    assert_eq!(outcome("Name,Bid\r\"One, Inc\",1\rTwo,2\r"), expected, "bare carriage returns");
}

#[test]
fn quotes_and_line_breaks_inside_them() {
    assert_eq!(outcome("bid,name\n1,\"The \"\"Old\"\" Mill\"\n"), ["2 1 The \"Old\" Mill"]);
    assert_eq!(
        outcome("bid,name,note\n1,One,\"a\nb\"\n2,Two,\n"),
        ["2 1 One", "4 2 Two"],
        "in a column of no meaning to us"
    );
    assert_eq!(outcome("bid,name\n1,5\" pipe\n"), ["2 1 5\" pipe"], "inside a field a quote is a quote");
}

#[test]
fn blank_lines_and_rows_of_commas_are_passed_over() {
    assert_eq!(outcome("bid,name\n\n1,One\n,\n  \n2,Two\n\n"), ["3 1 One", "6 2 Two"]);
}

#[test]
fn a_lost_quote_harms_its_own_row_only() {
    let open = "a double quote is opened and not closed on this line";
    let file = "bid,name\n1,\"One\n2,Two\n3,\"Three, Inc\"\n4,Four\n";
    assert_eq!(
        outcome(file),
        [format!("2 row: {open}"), "3 2 Two".into(), "4 3 Three, Inc".into(), "5 4 Four".into()]
    );
    let rest: String = (2..200).map(|n| format!("{n},N{n}\n")).collect();
    let far = outcome(format!("bid,name\n1,\"One\n{rest}"));
    assert_eq!(far.len(), 199, "no later quote: every other row is read");
    assert_eq!(outcome("bid,name\n1,One\n2,\"Two"), ["2 1 One".to_owned(), format!("3 row: {open}")]);
}

#[test]
fn wrong_numbers_of_fields_and_wrong_fields_name_line_and_field() {
    assert_eq!(
        outcome("bid,name,customers\n1,One\n2,Two,3,4\n3,,x\n4,Four,5\n"),
        [
            "2 row: 2 fields instead of 3",
            "3 row: 4 fields instead of 3",
            "4 name: is empty",
            "4 customers: \"x\" is not a whole number",
            "5 4 Four",
        ]
    );
    assert!(outcome("bid,name\n3 3,Three\n")[0].starts_with("2 bid: the bid holds ' '"));
}

#[test]
fn a_bid_may_stand_once() {
    assert_eq!(
        outcome("bid,name\n1,One\n2,Two\n1,Uno\n"),
        ["2 1 One", "3 2 Two", "4 bid: 1 stands on line 2 already"]
    );
}

#[test]
fn bytes_that_are_no_utf8_harm_their_own_row_only() {
    let file = b"bid,name,note\n1,Caf\xe9,\n2,Two,\xff\n3,Three,\n";
    assert_eq!(
        outcome(file),
        ["2 name: holds bytes that are not UTF-8", "3 row: holds bytes that are not UTF-8", "4 3 Three"]
    );
    assert_eq!(
        outcome(b"bid,name\n1,a\0b\n2,Two\n"),
        ["2 name: holds the control character '\\0'", "3 2 Two"]
    );
}

#[test]
fn a_row_without_end_is_passed_over() {
    let long = "x".repeat(3 * ROW_MAX);
    assert_eq!(
        outcome(format!("bid,name\n1,{long}\n2,Two\n")),
        ["2 row: is longer than 1024 KiB", "3 2 Two"]
    );
    assert_eq!(
        outcome(format!("bid,name\n1,\"One\n{long}\n2,Two\n")),
        [
            "2 row: a double quote is opened and not closed on this line",
            "3 row: is longer than 1024 KiB",
            "4 2 Two"
        ]
    );
    assert!(problem(long.as_bytes()).contains("Line 1 has more than"), "not even a header");
}

#[test]
fn a_file_that_cannot_be_read_at_all_says_why_and_what_to_do() {
    let utf16: Vec<u8> = "\u{feff}bid,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(problem(&utf16).contains("UTF-16. Save it as UTF-8"));
    let unmarked: Vec<u8> = "bid,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(problem(&unmarked).contains("NUL bytes"));
    assert!(problem(b"PK\x03\x04\x14\0").contains("workbook"));
    assert!(problem(b"bid,n\xe9\n").contains("not UTF-8"));
    assert!(problem(b"bid;name\n1;One\n").contains("commas between the columns"));
    assert!(problem(b"bid,\"name\n1,One\n").contains("double quote"));
    assert!(problem(b"").contains("empty"));
    assert!(problem(b"\n1,One\n").contains("first line must name the columns"));
    assert!(problem(b"id,name\n").contains("no column \"bid\" (found: id, name)"));
    assert!(problem(b"bid,name,Bid\n").contains("twice"));
}

/// Any name a row may have: no control characters, not blank at its ends.
fn name() -> impl Strategy<Value = String> {
    "[^\\p{C}]{1,60}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("not blank", |text| !text.is_empty())
}

/// Bytes of any kind, and bytes that look like a file of billers.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(&b"bid,name"[..]),
        Just(&b"NAME, Bid ,customers,time zone"[..]),
        Just(&b"\xef\xbb\xbf"[..]),
        Just(&b"1,One"[..]),
        Just(&b"2,Two,12,UTC"[..]),
        Just(&b"\""[..]),
        Just(&b"\"\""[..]),
        Just(&b","[..]),
        Just(&b"\n"[..]),
        Just(&b"\r\n"[..]),
        Just(&b"\r"[..]),
        Just(&b"\0"[..]),
        Just(&b"\xff"[..]),
    ];
    let pieces = proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat());
    let headed = pieces.clone().prop_map(|rest| [&b"bid,name\n"[..], &rest].concat());
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..600), pieces, headed]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_a_csv_writer_wrote_is_read_back(names in proptest::collection::vec(name(), 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["name", "bid"]).expect("header");
        for (n, name) in names.iter().enumerate() {
            writer.write_record([name, &n.to_string()]).expect("row");
        }
        let read = read(&writer.into_inner().expect("file")).expect("readable");
        let back: Vec<_> = read.into_iter().map(|row| row.result.expect("good").name).collect();
        prop_assert_eq!(back, names);
    }

    #[test]
    fn any_bytes_at_all_are_read_to_their_end(file in bytes()) {
        // What the fuzz target asserts, too.
        if let Ok(rows) = read(&file) {
            let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
            prop_assert!(lines.is_sorted_by(|one, next| one < next), "{lines:?}");
            prop_assert!(lines.first().is_none_or(|first| *first >= 2), "the first line names the columns");
            let ends = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
            prop_assert!(rows.len() <= ends, "{} rows on {ends} lines after the first", rows.len());
            let mut bids = std::collections::HashSet::new();
            for row in &rows {
                match &row.result {
                    Ok(draft) => prop_assert!(bids.insert(draft.bid.clone()), "{} stands there once", draft.bid),
                    Err(errors) => prop_assert!(
                        !errors.is_empty() && errors.iter().all(|error| error.line == row.line && !error.cure.is_empty())
                    ),
                }
            }
        }
    }

    #[test]
    fn whatever_comes_every_good_row_after_it_is_found(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b"bid,name\n".to_vec();
        file.extend(&noise);
        // More lines than a quoted row may go over, so that no quote of the noise can reach the end.
        for n in 0..60 {
            file.extend(format!("\nz{n},Good row").bytes());
        }
        let read = read(&file).expect("readable");
        let good = read.iter().filter(|row| row.result.as_ref().is_ok_and(|draft| draft.name == "Good row")).count();
        prop_assert!(good >= 60, "{good} of 60");
    }
}
