//! The report of a month: every number can be recomputed from the rows in its document, and an edition stays as it is.

use std::time::Duration;

use domain::{
    Timestamp,
    access::Refusal,
    actor::Role,
    audit::AuditAction,
    performance::{
        CallKey, CallOutcome, CallSource, Cell, Count, Credit, CreditTiers, Hour, MaintenanceState, Minute,
        Month, OperationGroup, Whose,
    },
};
use futures::TryStreamExt as _;
use secureauth::Operation;
use serde_json::Value;
use services::{
    ServiceError,
    performance::{
        maintenance::{self, Proposal},
        objectives::{self, Promise},
        report::{self, Table},
    },
};
use sha2::{Digest as _, Sha256};
use storage::{Bookkeeping, calls};

use crate::world::World;

fn month() -> Month {
    "2026-10".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(text).unwrap()
}

fn cell(outcome: CallOutcome, calls: u64) -> Cell {
    let mut cell = Cell::default();
    cell.tally.add(outcome, calls);
    for _ in 0..calls {
        cell.latencies.add(Duration::from_millis(20));
    }
    cell
}

async fn measured(world: &World, at: &str, outcome: CallOutcome, calls: u64) {
    let key = CallKey { operation: Operation::GetPool.as_str().to_owned(), source: CallSource::Probe };
    let minute = Minute::of(self::at(at));
    let mut tx = world.console.store.begin().await.unwrap();
    calls::add(&mut tx, vec![(key, minute, cell(outcome, calls))]).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::Measurements).await.unwrap();
}

/// October 2026: 90 good and 3 bad calls that count, 4 of our own faults, 50 bad ones in approved maintenance; and
/// calls of the months around it.
async fn october(world: &World) {
    measured(world, "2026-09-30T23:59:00Z", CallOutcome::ServerError, 1_000).await;
    measured(world, "2026-10-01T00:00:00Z", CallOutcome::Ok, 40).await;
    measured(world, "2026-10-15T12:00:00Z", CallOutcome::Ok, 50).await;
    measured(world, "2026-10-15T12:01:00Z", CallOutcome::ServerError, 3).await;
    measured(world, "2026-10-15T12:02:00Z", CallOutcome::ClientError, 4).await;
    measured(world, "2026-10-20T02:30:00Z", CallOutcome::Network, 50).await;
    measured(world, "2026-11-01T00:00:00Z", CallOutcome::ServerError, 1_000).await;
    let reviewer = world.person(Role::VendorReview);
    let promise = Promise {
        // A name that a spreadsheet would run.
        name: "=Pools".to_owned(),
        group: OperationGroup::Identity.as_str().to_owned(),
        target: "99".to_owned(),
        window: "month".to_owned(),
        clause: Some("§ 4.2".to_owned()),
        ..Promise::default()
    };
    objectives::set(&world.console, &reviewer, None, promise).await.unwrap();
    let proposal = Proposal {
        whose: Whose::Vendor,
        from: at("2026-10-20T02:00:00Z"),
        to: at("2026-10-20T03:00:00Z"),
        note: "Announced".to_owned(),
    };
    let window = maintenance::propose(&world.console, &reviewer, proposal).await.unwrap();
    let second = world.person(Role::PlatformOwner);
    maintenance::decide(&world.console, &second, window, MaintenanceState::Approved, None).await.unwrap();
}

fn tiers() -> CreditTiers {
    CreditTiers::new([("99.9".parse().unwrap(), 10), ("97".parse().unwrap(), 25)]).unwrap()
}

/// Counts anew from nothing but the document: what counts, and raw.
fn recount(document: &Value) -> (Count, Count) {
    let (mut counted, mut raw) = (Count::default(), Count::default());
    let exclusions = document["report"]["exclusions"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for row in document["hours"].as_array().unwrap() {
        assert_eq!(text(&row["group"]), "identity");
        let first = Minute::of(at(&text(&row["hour"])));
        let hour: Hour = text(&row["minutes"]).parse().unwrap();
        for (place, cell) in hour.iter() {
            let minute = Minute(first.0 + i64::from(place)).begins();
            let of = |outcome: CallOutcome| cell.tally.of(outcome);
            let good = of(CallOutcome::Ok) + of(CallOutcome::Conflict);
            let failed = of(CallOutcome::ServerError) + of(CallOutcome::Network);
            let ours = of(CallOutcome::ClientError) + of(CallOutcome::RateLimited) + of(CallOutcome::Timeout);
            raw = raw.plus(Count { good, valid: good + failed + ours });
            let left_out = exclusions
                .iter()
                .any(|window| at(&text(&window["from"])) <= minute && minute < at(&text(&window["to"])));
            if !left_out {
                counted = counted.plus(Count { good, valid: good + failed });
            }
        }
    }
    (counted, raw)
}

#[tokio::test]
async fn every_number_is_recomputed_from_the_document_and_an_edition_stays() {
    World::each(async |world: World| {
        let world = world
            .restarted_with(|settings| {
                settings.contract.tiers = tiers();
                settings.contract.claim_days = Some(30);
            })
            .await;
        october(&world).await;
        let reviewer = world.person(Role::VendorReview);
        let (console, month) = (&world.console, month());
        let seen = report::show(console, &reviewer, month).await.unwrap();
        assert!(seen.report.is_over() && seen.editions.is_empty());
        let result = &seen.report.results[0];
        assert_eq!(result.counted, Count { good: 90, valid: 93 });
        assert_eq!(result.raw, Count { good: 90, valid: 147 });
        assert_eq!((result.minutes.known, result.minutes.left_out), (4, 60));
        assert_eq!(result.minutes.unknown, 31 * 1440 - 64);
        // 90 of 93 are 96.8 %.
        assert!(matches!(seen.report.credit, Credit::Due(tier) if tier.percent() == 25));
        assert_eq!(seen.report.claim_by, Some(at("2026-12-01T00:00:00Z")));

        let text = report::file(console, &reviewer, month, None).await.unwrap();
        assert_eq!(hex::encode(Sha256::digest(text.as_bytes())), seen.digest);
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(recount(&document), (result.counted, result.raw));
        assert_eq!(document["report"]["exclusions"][0]["approved_by"], "Pat platform_owner");

        assert_eq!(report::take(console, &reviewer, month).await.unwrap(), 1);
        let again = report::take(console, &reviewer, month).await;
        assert!(matches!(again, Err(ServiceError::Field { field: "month", .. })), "{again:?}");
        assert_eq!(world.audit().await[0].entry.action, AuditAction::ReportTaken);

        measured(&world, "2026-10-31T23:59:00Z", CallOutcome::Ok, 7).await;
        let differs = report::show(console, &reviewer, month).await.unwrap().differs.unwrap();
        assert!(differs.iter().any(|change| change.ends_with("counted, good: 90 → 97")), "{differs:?}");
        assert_eq!(report::take(console, &reviewer, month).await.unwrap(), 2);
        let kept = report::file(console, &reviewer, month, Some(1)).await.unwrap();
        assert_eq!(kept, text, "the first edition, byte by byte");
        let editions = report::show(console, &reviewer, month).await.unwrap().editions;
        assert_eq!(editions.len(), 2);
        assert_eq!(editions[0].digest, seen.digest);
        assert_eq!(editions[1].changes, differs);
    })
    .await;
}

#[tokio::test]
async fn a_month_that_is_not_over_is_not_taken_and_not_by_everyone() {
    let world = World::new().await;
    october(&world).await;
    let early =
        report::take(&world.console, &world.person(Role::VendorReview), "2026-11".parse().unwrap()).await;
    assert!(matches!(early, Err(ServiceError::Field { field: "month", .. })), "{early:?}");
    let support = report::take(&world.console, &world.person(Role::Support), month()).await.err();
    assert!(matches!(support, Some(ServiceError::Refused(Refusal::Role { .. }))), "{support:?}");
    let seen = report::show(&world.console, &world.person(Role::VendorReview), month()).await.unwrap();
    assert_eq!(seen.report.credit, Credit::NoTiers);
}

#[tokio::test]
async fn tables_hold_no_formula_and_every_known_minute() {
    let world = World::new().await;
    october(&world).await;
    let reviewer = world.person(Role::VendorReview);
    for table in Table::ALL {
        let rows = report::rows(&world.console, &reviewer, month(), *table).await.unwrap();
        let text: String = rows.try_collect::<Vec<_>>().await.unwrap().concat();
        let read: Vec<csv::StringRecord> =
            csv::Reader::from_reader(text.as_bytes()).into_records().map(Result::unwrap).collect();
        assert!(read.iter().flatten().all(|cell| !cell.starts_with('=')), "{text}");
        let expected = match table {
            Table::Objectives | Table::Exclusions => 1,
            Table::Incidents | Table::FailedCalls => 0,
            Table::Minutes => 5,
        };
        assert_eq!(read.len(), expected, "{table}: {text}");
    }
}
