//! Uploads: staged, looked at, applied or discarded.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use domain::{
    ImportId,
    actor::{Actor, Role},
    audit::AuditAction,
    filter::{BillerFilter, Direction, ListQuery, SortBy},
};
use services::{ServiceError, apply_import, discard_import, list_billers, stage_import, worker};
use storage::{
    billers::UpsertCounts,
    imports::{ImportState, RowEffect},
};

use tokio::io::AsyncReadExt;

use crate::world::World;

/// Real billers, beside the repository where it is checked out by its makers.
const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/us-utilities-2018.csv");

async fn list(world: &World, query: ListQuery) -> Vec<String> {
    let list = list_billers::list(&world.console, &world.person(Role::Ops), &query).await.expect("list");
    list.page.rows.iter().map(|biller| format!("{} {}", biller.bid(), biller.name())).collect()
}

#[tokio::test]
async fn the_real_sample_goes_in_completely_and_is_found_at_once() {
    if !Path::new(REAL).exists() {
        eprintln!("skipped: the real sample is not beside the repository");
        return;
    }
    World::each(async |world: World| {
        let begun = Instant::now();
        let file = tokio::fs::File::open(REAL).await.expect("sample");
        let report = apply_import::import_file(&world.console, &Actor::Operator, "us.csv", file)
            .await
            .expect("import");
        // Seen, not judged: a busy machine would fail it for no fault of ours. The README states what it took.
        eprintln!("{:?}: 3 403 billers in {:?}", world.console.store.engine(), begun.elapsed());
        assert_eq!(report.counts, UpsertCounts { created: 3_403, changed: 0, unchanged: 0 });
        assert_eq!(report.errors, []);

        let search = |text: &str| BillerFilter { search: text.to_owned(), ..BillerFilter::default() };
        let found = list(&world, ListQuery { filter: search("abbeville"), ..ListQuery::default() }).await;
        assert_eq!(found, ["59 City of Abbeville - (LA)", "34 City of Abbeville - (SC)"]);
        let largest = ListQuery {
            sort: SortBy::Customers,
            direction: Direction::Descending,
            limit: 1,
            ..ListQuery::default()
        };
        assert_eq!(list(&world, largest).await.len(), 1);
        let ops = world.person(Role::Ops);
        let all = list_billers::list(&world.console, &ops, &ListQuery::default()).await.expect("list");
        assert_eq!((all.counts.total, all.page.rows.len()), (3_403, 50));
        assert_eq!(all.facets.states.iter().map(|(_, count)| count).sum::<u64>(), 3_403);

        let file = tokio::fs::File::open(REAL).await.expect("sample");
        let again =
            apply_import::import_file(&world.console, &Actor::Operator, "us.csv", file).await.expect("again");
        assert_eq!(again.counts, UpsertCounts { created: 0, changed: 0, unchanged: 3_403 });
    })
    .await;
}

#[tokio::test]
async fn an_upload_changes_nothing_until_it_is_applied_and_bad_rows_harm_no_other() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        world.biller("1", "One").await;
        world.biller("2", "Old Two").await;
        let file =
            "name,bid,customers,mood\nOne,1,,x\nTwo,2,,\nThree,3,many,\nFour,4,12,\n,5,,\nFour,4,12,\n";
        let id = stage_import::stage(&world.console, &ops, "C:\\files\\billers.csv", file.as_bytes())
            .await
            .expect("stage");
        let view = stage_import::show(&world.console, &ops, id).await.expect("view");
        let summary = &view.summary;
        assert_eq!((summary.state, summary.file_name.as_str()), (ImportState::Ready, "billers.csv"));
        assert_eq!((summary.rows, summary.good, summary.bad), (6, 3, 3));
        assert_eq!((summary.new, summary.changed, summary.unchanged), (1, 1, 1));
        assert_eq!(summary.ignored_columns, ["mood"]);
        let errors: Vec<_> =
            view.errors.iter().map(|e| (e.line, e.field.as_deref().unwrap_or_default())).collect();
        assert_eq!(errors, [(4, "customers"), (6, "name"), (7, "bid")]);
        assert!(view.errors.iter().all(|error| !error.cure.is_empty()));
        let sample: Vec<_> =
            view.sample.iter().map(|(draft, effect)| (draft.bid.as_str(), *effect)).collect();
        assert_eq!(sample, [("1", RowEffect::Unchanged), ("2", RowEffect::Changed), ("4", RowEffect::New)]);
        assert_eq!(
            list(&world, ListQuery::default()).await,
            ["2 Old Two", "1 One"],
            "nothing has changed yet"
        );

        let counts = apply_import::apply(&world.console, &ops, id).await.expect("apply");
        assert_eq!(counts, UpsertCounts { created: 1, changed: 1, unchanged: 1 });
        assert_eq!(list(&world, ListQuery::default()).await, ["4 Four", "1 One", "2 Two"]);
        let again = apply_import::apply(&world.console, &ops, id).await;
        assert!(
            matches!(&again, Err(ServiceError::Field { problem, .. }) if problem.contains("applied already")),
            "{again:?}"
        );
        let actions: Vec<_> = world.audit().await.iter().map(|chained| chained.entry.action).collect();
        assert_eq!(actions, [AuditAction::BillersImported, AuditAction::ImportStaged]);
    })
    .await;
}

#[tokio::test]
async fn an_import_leaves_the_ciam_side_of_a_biller_alone() {
    let world = World::new().await;
    let bid = world.enabled_biller("34", "City of Abbeville").await;
    let before = world.find(&bid).await;
    let file = "bid,name,tier\n34,City of Abbeville (new),gold\n";
    apply_import::import_file(&world.console, &Actor::Operator, "f.csv", file.as_bytes())
        .await
        .expect("import");
    let after = world.find(&bid).await;
    assert_eq!(after.name(), "City of Abbeville (new)");
    assert_eq!(
        (after.status, after.slug, after.issuer, after.login_route),
        (before.status, before.slug, before.issuer, before.login_route)
    );
}

#[tokio::test]
async fn a_discarded_upload_is_gone_and_cannot_be_applied() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let id = stage_import::stage(&world.console, &ops, "f.csv", &b"bid,name\n1,One\n"[..])
            .await
            .expect("stage");
        discard_import::discard(&world.console, &ops, id).await.expect("discard");
        assert!(apply_import::apply(&world.console, &ops, id).await.is_err());
        assert!(discard_import::discard(&world.console, &ops, id).await.is_err(), "only once");
        assert_eq!(list(&world, ListQuery::default()).await, Vec::<String>::new());
        assert_eq!(world.audit().await[0].entry.action, AuditAction::ImportDiscarded);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_kept_with_the_reason() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let utf16: Vec<u8> = "\u{feff}bid,name\n1,One\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (file, reason) in [(utf16.as_slice(), "UTF-16"), (b"name\nOne\n", "\"bid\""), (b"", "empty")] {
            let id = stage_import::stage(&world.console, &ops, "f.csv", file).await.expect("stage");
            let view = stage_import::show(&world.console, &ops, id).await.expect("view");
            assert_eq!(view.summary.state, ImportState::Unreadable);
            let error = view.summary.file_error.expect("reason");
            assert!(error.contains(reason), "{error}");
            let refused = apply_import::import_file(&world.console, &ops, "f.csv", file).await;
            assert!(
                matches!(&refused, Err(ServiceError::Field { problem, .. }) if *problem == error),
                "{refused:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_applied_in_part() {
    let world = World::new().await;
    let ops = world.person(Role::Ops);
    let broken = tokio_util::io::StreamReader::new(futures::stream::iter([
        Ok(&b"bid,name\n1,One\n"[..]),
        Err(std::io::Error::other("connection lost")),
    ]));
    let id = stage_import::stage(&world.console, &ops, "f.csv", broken).await.expect("stage");
    let summary = stage_import::show(&world.console, &ops, id).await.expect("view").summary;
    assert_eq!(summary.state, ImportState::Unreadable);
    assert!(summary.file_error.expect("reason").contains("connection lost"));
    assert!(apply_import::apply(&world.console, &ops, id).await.is_err());
}

/// A file that comes in as far as this and then says nothing any more, as when the computer that sends it dies.
async fn half_an_upload(world: &World, person: &Actor) -> ImportId {
    let mut begun = b"bid,name\n".to_vec();
    for n in 0..600 {
        writeln!(begun, "b{n},Name {n}").expect("row");
    }
    let silent = std::io::Cursor::new(begun).chain(Silent);
    let staging = stage_import::stage(&world.console, person, "f.csv", silent);
    // Dropped in the middle, as a handler is whose request is gone.
    assert!(tokio::time::timeout(Duration::from_secs(2), staging).await.is_err());
    let mut ids = world.unfinished_uploads().await;
    assert_eq!(ids.len(), 1);
    ids.remove(0)
}

/// Never says anything, not even that it is over.
struct Silent;

impl tokio::io::AsyncRead for Silent {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn a_dead_upload_is_never_applied_and_is_given_up_after_an_hour() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        worker::prepare(&world.console).await.expect("prepare");
        let id = half_an_upload(&world, &ops).await;
        let state = async || {
            let view = stage_import::show(&world.console, &ops, id).await.expect("view");
            (view.summary.state, view.summary.file_error, view.sample.len())
        };
        world.work().await;
        assert_eq!(state().await, (ImportState::Staging, None, 10), "it may still be coming in");
        let half = apply_import::apply(&world.console, &ops, id).await;
        assert!(
            matches!(&half, Err(ServiceError::Field { problem, .. }) if problem.contains("still being read"))
        );

        world.clock.advance(Duration::from_secs(3_601));
        world.work().await;
        let (given_up, why, rows) = state().await;
        assert_eq!((given_up, rows), (ImportState::Unreadable, 0));
        let why = why.expect("reason");
        assert!(why.contains("broke off"), "{why}");
        let applied = apply_import::apply(&world.console, &ops, id).await;
        assert!(
            matches!(&applied, Err(ServiceError::Field { problem, .. }) if *problem == why),
            "{applied:?}"
        );
        assert_eq!(list(&world, ListQuery::default()).await, Vec::<String>::new());

        world.clock.advance(Duration::from_secs(7 * 86_400));
        world.work().await;
        let gone = stage_import::show(&world.console, &ops, id).await;
        assert!(matches!(gone, Err(ServiceError::NotFound { .. })), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn an_upload_nobody_decides_on_is_removed_when_the_page_says_so() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        worker::prepare(&world.console).await.expect("prepare");
        let file = &b"bid,name\n1,One\n"[..];
        let id = stage_import::stage(&world.console, &ops, "f.csv", file).await.expect("stage");
        let view = stage_import::show(&world.console, &ops, id).await.expect("view");
        world.clock.set(view.kept_until.minus(Duration::from_secs(1)));
        world.work().await;
        assert!(stage_import::show(&world.console, &ops, id).await.is_ok(), "not before its time");
        world.clock.advance(Duration::from_secs(15 * 60 + 2));
        world.work().await;
        let gone = apply_import::apply(&world.console, &ops, id).await;
        assert!(matches!(gone, Err(ServiceError::NotFound { .. })), "{gone:?}");
        assert_eq!(list(&world, ListQuery::default()).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_large_file_full_of_errors_is_reported_and_its_good_rows_are_kept() {
    let world = World::new().await;
    let mut file = b"bid,name,customers\n".to_vec();
    for n in 0..3_000 {
        let customers = if n % 3 == 0 { "none" } else { "5" };
        writeln!(file, "b{n},Name {n},{customers}").expect("row");
    }
    let report = apply_import::import_file(&world.console, &Actor::Operator, "f.csv", file.as_slice())
        .await
        .expect("import");
    assert_eq!((report.summary.rows, report.summary.bad, report.counts.created), (3_000, 1_000, 2_000));
    assert_eq!(report.errors.len(), 1_000);
    assert_eq!((report.errors[0].line, report.errors[999].line), (2, 2_999));
}
