//! The audit log: paged, filtered, taken away as a file.

use domain::{
    actor::Role,
    audit::{AuditAction, AuditEntry, ChainedEntry, GENESIS, Subject, SubjectKind, chain_hash},
    session::{Means, SignIn},
};
use futures::TryStreamExt;
use serde_json::json;
use services::{
    activity::{self, Format},
    sessions,
};
use storage::audit::AuditQuery;

use crate::world::World;

/// Entries that someone with bad intentions could cause.
async fn write_entries(world: &World, count: usize) {
    for n in 0..count {
        let subject = Subject::new(SubjectKind::Biller, format!("b{}", n % 2));
        let entry =
            AuditEntry::new(world.console.now(), world.person(Role::Ops), AuditAction::RunRequested, subject)
                .because(Some(REASONS[n % REASONS.len()].to_owned()))
                .change(None, Some(json!({ "n": n })));
        world.console.store.begin().await.expect("begin").commit_audited(entry).await.expect("commit");
    }
}

const REASONS: [&str; 6] = [
    "=HYPERLINK(\"http://evil.example\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tindented",
    "plain, with \"quotes\"\nand lines",
];

async fn exported(world: &World, query: AuditQuery, format: Format) -> String {
    let auditor = world.person(Role::Auditor);
    let stream = activity::export(&world.console, &auditor, query, format).await.expect("export");
    stream.try_collect::<Vec<_>>().await.expect("whole").concat()
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    World::each(async |world: World| {
        write_entries(&world, 25).await;
        let auditor = world.person(Role::Auditor);
        let mut seqs = Vec::new();
        let mut query = AuditQuery { limit: 10, ..AuditQuery::default() };
        loop {
            let page = activity::list(&world.console, &auditor, &query).await.expect("page");
            assert!(page.may_export.is_ok());
            seqs.extend(page.entries.iter().map(|entry| entry.seq));
            match page.next {
                Some(before) => query.before_seq = Some(before),
                None => break,
            }
        }
        assert_eq!(seqs, (1..=25).rev().collect::<Vec<_>>());
        let of_one = AuditQuery {
            subject: Some(Subject::new(SubjectKind::Biller, "b1")),
            limit: 100,
            ..AuditQuery::default()
        };
        let page = activity::list(&world.console, &auditor, &of_one).await.expect("page");
        assert_eq!((page.entries.len(), page.next), (12, None));
    })
    .await;
}

#[tokio::test]
async fn csv_makes_formula_cells_harmless_and_keeps_the_rest() {
    let world = World::new().await;
    write_entries(&world, 6).await;
    let text = exported(&world, AuditQuery::default(), Format::Csv).await;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let reason = reader.headers().expect("header").iter().position(|name| name == "reason").expect("column");
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 7, "six entries and the export's own");
    for (n, row) in rows.iter().rev().take(6).enumerate() {
        let expected = if n == 5 { REASONS[n].to_owned() } else { format!("'{}", REASONS[n]) };
        assert_eq!(row.get(reason), Some(expected.as_str()));
    }
    for cell in rows.iter().flat_map(csv::StringRecord::iter) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} would be run as a formula");
    }
}

#[tokio::test]
async fn json_lines_hold_all_that_the_hashes_cover() {
    World::each(async |world: World| {
        // More than one batch.
        write_entries(&world, 520).await;
        let text = exported(&world, AuditQuery::default(), Format::Jsonl).await;
        let mut entries: Vec<ChainedEntry> =
            text.lines().map(|line| serde_json::from_str(line).expect("entry")).collect();
        assert_eq!(entries.len(), 521);
        entries.reverse();
        let mut before = GENESIS.to_owned();
        for chained in entries {
            assert_eq!(chained.prev_hash, before);
            assert_eq!(
                chain_hash(&before, chained.seq, &chained.entry),
                chained.hash,
                "entry {}",
                chained.seq
            );
            before = chained.hash;
        }
    })
    .await;
}

#[tokio::test]
async fn an_export_is_written_down_with_its_filter() {
    let world = World::new().await;
    write_entries(&world, 4).await;
    let only = AuditQuery { action: Some(AuditAction::SignedIn), ..AuditQuery::default() };
    assert_eq!(exported(&world, only, Format::Jsonl).await, "", "nothing matches");
    let newest = &world.audit().await[0].entry;
    assert_eq!(
        (newest.action, newest.actor.clone()),
        (AuditAction::ActivityExported, world.person(Role::Auditor))
    );
    let after = newest.after.clone().expect("filter");
    assert_eq!((&after["format"], &after["action"]), (&json!("jsonl"), &json!("session.signed_in")));
}

#[tokio::test]
async fn signing_in_and_out_are_entries() {
    let world = World::new().await;
    let support = world.person(Role::Support);
    sessions::signed_in(&world.console, &support, &SignIn::new(Means::RoleChooser, None)).await.expect("in");
    sessions::signed_out(&world.console, &support).await.expect("out");
    let entries = world.audit().await;
    let actions: Vec<_> = entries.iter().map(|chained| chained.entry.action).collect();
    assert_eq!(actions, [AuditAction::SignedOut, AuditAction::SignedIn]);
    assert!(entries.iter().all(|chained| chained.entry.actor == support));
}
