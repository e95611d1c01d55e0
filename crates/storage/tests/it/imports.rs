//! Uploads.

use domain::{
    ImportId,
    actor::Actor,
    biller::BillerDraft,
    import::{Column, RowError},
};
use storage::{
    Bookkeeping, StorageError, Tx,
    imports::{self, ImportState, RowEffect, StagedRow},
};

use crate::fixture::{T0, after, both, draft, id};

fn import(n: u128) -> ImportId {
    ImportId::from_uuid(id(n))
}

fn good(line: u64, draft: BillerDraft) -> StagedRow {
    StagedRow { line, result: Ok(draft) }
}

fn bad(line: u64, errors: usize) -> StagedRow {
    let error = |n| RowError::field(line, Column::ALL[n], format!("wrong {n}"), "Correct it");
    StagedRow { line, result: Err((0..errors).map(error).collect()) }
}

async fn begin(tx: &mut Tx, n: u128) {
    imports::begin(tx, import(n), "billers.csv", &Actor::Operator, after(u64::try_from(n).unwrap()))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_upload_is_staged_checked_and_applied_once() {
    both(async |db| {
        let known = BillerDraft { state: Some("TX".to_owned()), ..draft("same", "Same") };
        db.with(&[known.clone(), draft("other", "Other")]).await;
        let mut tx = db.store.begin().await.unwrap();
        begin(&mut tx, 1).await;
        let rows = [
            good(2, known.clone()),
            good(3, draft("other", "Renamed")),
            good(4, draft("new", "New")),
            bad(5, 2),
        ];
        imports::add_rows(&mut tx, import(1), &rows).await.unwrap();
        imports::finish(&mut tx, import(1), &["phone".to_owned()], None).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Staging).await.unwrap();

        let mut conn = db.store.read().await.unwrap();
        let summary = imports::find(&mut conn, import(1)).await.unwrap().unwrap();
        assert_eq!((summary.state, summary.rows, summary.good, summary.bad), (ImportState::Ready, 4, 3, 1));
        assert_eq!((summary.new, summary.changed, summary.unchanged), (1, 1, 1));
        assert_eq!(
            (summary.file_name.as_str(), summary.ignored_columns),
            ("billers.csv", vec!["phone".to_owned()])
        );
        let sample = imports::sample(&mut conn, import(1), 9).await.unwrap();
        let effects: Vec<_> = sample.iter().map(|(draft, effect)| (draft.bid.as_str(), *effect)).collect();
        let expected =
            [("same", RowEffect::Unchanged), ("other", RowEffect::Changed), ("new", RowEffect::New)];
        assert_eq!(effects, expected);
        let rows = imports::good_rows(&mut conn, import(1), 2, 9).await.unwrap();
        assert_eq!(rows, [(3, draft("other", "Renamed")), (4, draft("new", "New"))]);
        drop(conn);

        let mut tx = db.store.begin().await.unwrap();
        imports::mark_applied(&mut tx, import(1), after(9)).await.unwrap();
        let again = imports::mark_applied(&mut tx, import(1), after(9)).await;
        assert!(matches!(again, Err(StorageError::Stale { what: "import" })), "{again:?}");
        let more = imports::add_rows(&mut tx, import(1), &[bad(6, 1)]).await;
        assert!(matches!(more, Err(StorageError::Stale { what: "import" })), "{more:?}");
        let discarded = imports::discard(&mut tx, import(1)).await;
        assert!(matches!(discarded, Err(StorageError::Stale { what: "import" })), "{discarded:?}");
    })
    .await;
}

#[tokio::test]
async fn a_bid_that_stood_earlier_in_the_file_is_an_error_that_names_the_line() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        begin(&mut tx, 1).await;
        begin(&mut tx, 2).await;
        imports::add_rows(&mut tx, import(1), &[good(2, draft("a", "A")), good(3, draft("a", "B"))])
            .await
            .unwrap();
        imports::add_rows(&mut tx, import(1), &[good(4, draft("b", "B")), good(5, draft("a", "C"))])
            .await
            .unwrap();
        imports::add_rows(&mut tx, import(2), &[good(2, draft("a", "another file"))]).await.unwrap();
        let summary = imports::find(&mut tx, import(1)).await.unwrap().unwrap();
        assert_eq!((summary.good, summary.bad), (2, 2));
        let errors = imports::errors(&mut tx, import(1), 0, 9).await.unwrap();
        let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 2);
        assert!(texts[0].starts_with("line 3, bid: a stands on line 2 already"), "{texts:?}");
        assert!(texts[1].starts_with("line 5, bid: a stands on line 2 already"), "{texts:?}");
        assert_eq!(imports::find(&mut tx, import(2)).await.unwrap().unwrap().good, 1);
    })
    .await;
}

#[tokio::test]
async fn errors_come_in_pages_that_never_cut_a_line_in_two() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        begin(&mut tx, 1).await;
        imports::add_rows(&mut tx, import(1), &[bad(2, 1), bad(3, 7), bad(4, 2), bad(5, 1)]).await.unwrap();
        let mut lines = Vec::new();
        let mut line = 0;
        loop {
            let page = imports::errors(&mut tx, import(1), line, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            line = last.line;
            lines.push(page.iter().map(|error| error.line).collect::<Vec<_>>());
        }
        assert_eq!(lines, [vec![2, 3, 3, 3, 3, 3, 3, 3], vec![4, 4, 5]]);
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_file_says_why_and_can_only_be_discarded() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        begin(&mut tx, 1).await;
        imports::add_rows(&mut tx, import(1), &[good(2, draft("a", "A"))]).await.unwrap();
        imports::finish(&mut tx, import(1), &[], Some("not UTF-8 from byte 20 on")).await.unwrap();
        let applied = imports::mark_applied(&mut tx, import(1), T0).await;
        assert!(matches!(applied, Err(StorageError::Stale { what: "import" })), "{applied:?}");
        imports::discard(&mut tx, import(1)).await.unwrap();
        let summary = imports::find(&mut tx, import(1)).await.unwrap().unwrap();
        assert_eq!(summary.state, ImportState::Discarded);
        assert_eq!(summary.file_error.as_deref(), Some("not UTF-8 from byte 20 on"));
        assert_eq!(imports::good_rows(&mut tx, import(1), 0, 9).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_stopped_half_way_is_given_up_and_never_applied() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        for n in [1, 2, 3, 4] {
            begin(&mut tx, n).await;
            imports::add_rows(&mut tx, import(n), &[good(2, draft("a", "A")), bad(3, 1)]).await.unwrap();
        }
        imports::finish(&mut tx, import(2), &[], None).await.unwrap();
        let applied = imports::mark_applied(&mut tx, import(1), T0).await;
        assert!(matches!(applied, Err(StorageError::Stale { what: "import" })), "half of it: {applied:?}");
        assert_eq!(imports::give_up(&mut tx, after(4), "broke off").await.unwrap(), 2);
        for n in [1, 3] {
            let summary = imports::find(&mut tx, import(n)).await.unwrap().unwrap();
            assert_eq!(
                (summary.state, summary.file_error.as_deref()),
                (ImportState::Unreadable, Some("broke off"))
            );
            assert_eq!(imports::good_rows(&mut tx, import(n), 0, 9).await.unwrap(), []);
            assert_eq!(imports::errors(&mut tx, import(n), 0, 9).await.unwrap(), []);
            let applied = imports::mark_applied(&mut tx, import(n), T0).await;
            assert!(matches!(applied, Err(StorageError::Stale { what: "import" })), "{applied:?}");
            let late = imports::finish(&mut tx, import(n), &[], None).await;
            assert!(matches!(late, Err(StorageError::Stale { what: "import" })), "{late:?}");
        }
        let states = [(2, ImportState::Ready), (4, ImportState::Staging)];
        for (n, state) in states {
            assert_eq!(imports::find(&mut tx, import(n)).await.unwrap().unwrap().state, state);
            assert_eq!(imports::good_rows(&mut tx, import(n), 0, 9).await.unwrap().len(), 1);
        }
        assert_eq!(imports::give_up(&mut tx, after(4), "broke off").await.unwrap(), 0, "once");
    })
    .await;
}

#[tokio::test]
async fn forgotten_uploads_are_removed() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        for n in [1, 2, 3] {
            begin(&mut tx, n).await;
            imports::add_rows(&mut tx, import(n), &[good(2, draft("a", "A")), bad(3, 1)]).await.unwrap();
        }
        assert_eq!(imports::delete_older_than(&mut tx, after(3)).await.unwrap(), 2);
        assert_eq!(imports::find(&mut tx, import(2)).await.unwrap(), None);
        assert_eq!(imports::errors(&mut tx, import(3), 0, 9).await.unwrap().len(), 1);
    })
    .await;
}
