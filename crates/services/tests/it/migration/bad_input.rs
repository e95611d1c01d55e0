//! Bad input of every kind ends in a clear word and leaves the way free.

use tokio::io::AsyncReadExt as _;

use super::*;

#[tokio::test]
async fn a_source_that_cannot_be_read_says_why_and_leaves_the_way_free() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    for (text, said) in [
        (&b""[..], "empty"),
        (b"\xff\xfea\0b\0", "UTF-16"),
        (b"PK\x03\x04zip", "workbook"),
        (b"username;email\na;b\n", "commas"),
        (b"username,username\na,b\n", "twice"),
        (b"username,\na,b\n", "no name"),
        (b"username,email\n", "no rows"),
        (b"\"username,email\na,b\n", "quote"),
    ] {
        let ops = world.person(Role::Ops);
        let id = migration::stage(&world.console, &ops, &bid, "users.csv", text).await.unwrap();
        let it = find(&world, id).await;
        assert_eq!(it.state, MigrationState::Unreadable, "{said}");
        assert!(it.stop.as_ref().unwrap().message.contains(said), "{said}: {:?}", it.stop);
    }
    let lines = "{\"login\": \"ann\", \"mail\": \"ann@x.example\"}\n\nnot json\n{\"login\": null, \"extra\": {\"a\": 1}}\n";
    let id = checked(&world, &bid, lines).await;
    let counts = counts(&world, id).await;
    assert_eq!((counts[&Count::Cause(Cause::NotJson)], counts[&Count::Cause(Cause::NoIdentifier)]), (1, 1));
    assert_eq!(counts[&Count::Verdict(Verdict::Reset)], 1);
}

#[tokio::test]
async fn a_line_of_a_hundred_megabytes_is_one_bad_row_and_takes_no_memory() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let ops = world.person(Role::Ops);
    let head = format!("{HEADER}\n1,ann,ann@x.example,,,{BCRYPT}\n");
    let tail = format!("\n2,bob,bob@x.example,,,{BCRYPT}\n");
    let source = head.as_bytes().chain(tokio::io::repeat(b'x').take(100_000_000)).chain(tail.as_bytes());
    let id = migration::stage(&world.console, &ops, &bid, "users.csv", source).await.unwrap();
    world.work().await;
    let counts = counts(&world, id).await;
    assert_eq!((counts[&Count::State(RowState::Ready)], counts[&Count::Cause(Cause::LineTooLong)]), (2, 1));
}

#[tokio::test]
async fn rows_that_are_torn_garbled_or_cut_off_are_named_and_harm_no_other() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let ops = world.person(Role::Ops);
    let mut text = format!("\u{feff}{HEADER}\r\n1,ann,ann@x.example,,,{BCRYPT}\r\n").into_bytes();
    text.extend_from_slice(b"2,caf\xe9,cafe@x.example,,,\r\n");
    text.extend_from_slice(b"3,nul\0l,null@x.example,,,\r\n");
    text.extend_from_slice(b"4,\"quoted, name\",q@x.example,,,\r\n");
    text.extend_from_slice(b"5,\"never closed,e@x.example,,,\r\n");
    text.extend_from_slice(b"6,bob,bob@x.example,,,\r\n");
    text.extend_from_slice(b"7,cut,cut@x");
    let id = migration::stage(&world.console, &ops, &bid, "users.csv", text.as_slice()).await.unwrap();
    world.work().await;
    assert_eq!(find(&world, id).await.state, MigrationState::Checked);
    let counts = counts(&world, id).await;
    for cause in [Cause::WrongEncoding, Cause::BadUsername, Cause::UnclosedQuote, Cause::WrongShape] {
        assert_eq!(counts.get(&Count::Cause(cause)), Some(&1), "{cause}: {counts:?}");
    }
    assert_eq!(counts[&Count::State(RowState::Ready)], 3, "{counts:?}");
}

#[tokio::test]
async fn cells_that_a_spreadsheet_would_run_are_neutral_in_the_file_and_whole_when_fed_back() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let ops = world.person(Role::Ops);
    let text = format!("{HEADER}\n=1+1,=cmd|x,nowhere,,,{BCRYPT}\n@2,-two,nowhere,,,{BCRYPT}\n");
    let id = checked(&world, &bid, &text).await;
    let failed = String::from_utf8(migration::failed_rows(&world.console, &ops, id).await.unwrap()).unwrap();
    for cell in ["'=1+1", "'=cmd|x", "'@2", "'-two"] {
        assert!(failed.contains(cell), "{cell}: {failed}");
    }
    let first = failed.replacen("nowhere", "one@x.example", 1);
    let corrected = first.replacen("nowhere", "two@x.example", 1);
    migration::feed_back(&world.console, &ops, id, corrected.as_bytes()).await.unwrap();
    world.work().await;
    let mut conn = world.console.store.read().await.unwrap();
    let rows = user_migrations::by_state(&mut conn, id, RowState::Ready, 0, 10).await.unwrap();
    let references: Vec<_> = rows.iter().map(|row| row.reference.as_deref().unwrap()).collect();
    assert_eq!(references, ["=1+1", "@2"]);
    drop(conn);
    for (file, said) in [
        ("username\nx\n", "no column _line"),
        ("_line,username\nx,y\n", "is no number"),
        ("_line,username\n99,y\n", "not among the rejected"),
        ("_line,username,odd\n2,y,z\n", "none of this move"),
        ("_line,username\n", "no rows"),
    ] {
        let error = migration::feed_back(&world.console, &ops, id, file.as_bytes()).await.unwrap_err();
        assert!(error.to_string().contains(said), "{said}: {error}");
    }
}
