//! What stands within a portfolio, and what moves a biller from one to another.

use domain::{
    Portfolio,
    biller::{BillerDraft, PortfolioSaid},
    event::{EventBody, EventData, EventKind},
    run::RunState,
    wave::{Wave, WaveCounts, WaveItemState, WaveRules, WaveState},
};
use storage::{
    Bookkeeping,
    audit::{self, AuditQuery},
    billers::{self, Upsert},
    events::{self, DeliveryQuery},
    imports::{self, RowEffect, StagedRow},
    runs, waves,
};

use crate::fixture::{Database, T0, after, bid, both, draft, entry, id, run, run_id, wave_id};

fn portfolio(name: &str) -> Portfolio {
    name.parse().unwrap()
}

fn said(name: &str) -> PortfolioSaid {
    PortfolioSaid::In(portfolio(name))
}

fn biller_in(biller: &str, portfolio: PortfolioSaid) -> BillerDraft {
    BillerDraft { portfolio, ..draft(biller, "Name") }
}

fn body(biller: &str) -> EventBody {
    let data = EventData { bid: bid(biller), login_url: None, use_cases: None, issuer: None, failure: None };
    EventBody { kind: EventKind::Enabled, timestamp: T0.rfc3339(), data }
}

/// Two billers of the coast, one of the plains, one of none.
async fn settled(db: &Database) {
    let (coast, plains) = (said("Coast"), said("Plains"));
    db.with(&[
        biller_in("c1", coast.clone()),
        biller_in("c2", coast),
        biller_in("p1", plains),
        draft("n1", "Name"),
    ])
    .await;
}

#[tokio::test]
async fn a_biller_moves_only_when_something_is_said_of_its_portfolio() {
    both(async |db| {
        for (given, expected, done) in [
            (said("Coast"), Some("Coast"), Upsert::Created),
            (PortfolioSaid::Nothing, Some("Coast"), Upsert::Unchanged),
            (said("Coast"), Some("Coast"), Upsert::Unchanged),
            (said("Plains"), Some("Plains"), Upsert::Changed),
            (PortfolioSaid::InNone, None, Upsert::Changed),
            (PortfolioSaid::Nothing, None, Upsert::Unchanged),
            (PortfolioSaid::InNone, None, Upsert::Unchanged),
        ] {
            let mut tx = db.store.begin().await.unwrap();
            let draft = biller_in("1", given.clone());
            assert_eq!(billers::upsert(&mut tx, &draft, T0).await.unwrap(), done, "{given:?}");
            tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
            let mut conn = db.store.read().await.unwrap();
            let found = billers::find(&mut conn, &bid("1")).await.unwrap().unwrap();
            assert_eq!(found.portfolio().map(Portfolio::as_str), expected, "{given:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_tells_silence_from_none_until_it_is_applied() {
    both(async |db| {
        settled(db).await;
        let upload = domain::ImportId::from_uuid(id(1));
        let rows = [
            ("c1", PortfolioSaid::Nothing, RowEffect::Unchanged),
            ("c2", PortfolioSaid::InNone, RowEffect::Changed),
            ("p1", said("Plains"), RowEffect::Unchanged),
            ("n1", said("Coast"), RowEffect::Changed),
            ("x1", said("Coast"), RowEffect::New),
        ];
        let mut tx = db.store.begin().await.unwrap();
        imports::begin(&mut tx, upload, "f.csv", &domain::actor::Actor::Operator, T0).await.unwrap();
        let staged: Vec<_> = (2..)
            .zip(&rows)
            .map(|(line, (biller, given, _))| StagedRow {
                line,
                result: Ok(biller_in(biller, given.clone())),
            })
            .collect();
        imports::add_rows(&mut tx, upload, &staged).await.unwrap();
        imports::finish(&mut tx, upload, &[], None).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Staging).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        let summary = imports::find(&mut conn, upload).await.unwrap().unwrap();
        assert_eq!((summary.new, summary.changed, summary.unchanged), (1, 2, 2));
        let expected: Vec<_> =
            rows.iter().map(|(biller, given, effect)| (biller_in(biller, given.clone()), *effect)).collect();
        assert_eq!(imports::sample(&mut conn, upload, 9).await.unwrap(), expected);
        let good = imports::good_rows(&mut conn, upload, 0, 9).await.unwrap();
        assert!(good.into_iter().map(|(_, draft)| draft).eq(expected.into_iter().map(|(draft, _)| draft)));
    })
    .await;
}

#[tokio::test]
async fn runs_deliveries_and_entries_are_those_of_the_billers_within() {
    both(async |db| {
        settled(db).await;
        let coast = portfolio("Coast");
        let mut entries = Vec::new();
        let mut tx = db.store.begin().await.unwrap();
        for (n, biller) in (1_u32..).zip(["c1", "p1", "n1", "c2"]) {
            runs::create(&mut tx, &run(u128::from(n), biller)).await.unwrap();
            let (delivery, job, event) = (id(u128::from(n)), id(u128::from(n) + 10), id(u128::from(n) + 20));
            let delivery = domain::DeliveryId::from_uuid(delivery);
            let endpoints = [(delivery, domain::JobId::from_uuid(job), "portal".to_owned())];
            let (event, body) = (domain::EventId::from_uuid(event), body(biller));
            let kind = EventKind::Enabled;
            events::record(&mut tx, event, kind, &bid(biller), &body, &endpoints, after(n.into()))
                .await
                .unwrap();
            events::attempt_failed(&mut tx, delivery, None, "refused", None).await.unwrap();
            entries.push(entry(biller));
        }
        runs::set_state(&mut tx, run_id(4), RunState::Queued, RunState::Failed, T0).await.unwrap();
        tx.commit_audited_all(entries).await.unwrap();

        let mut conn = db.store.read().await.unwrap();
        for (states, expected) in [
            (&[][..], vec!["c2", "c1"]),
            (&[RunState::Failed], vec!["c2"]),
            (&[RunState::Queued, RunState::Failed], vec!["c2", "c1"]),
            (&[RunState::Running], vec![]),
        ] {
            let found = runs::recent(&mut conn, states, Some(&coast), 9).await.unwrap();
            let bids: Vec<_> = found.iter().map(|(run, _)| run.bid.as_str()).collect();
            assert_eq!(bids, expected, "{states:?}");
        }
        assert_eq!(runs::recent(&mut conn, &[], Some(&coast), 1).await.unwrap().len(), 1);

        let own = DeliveryQuery { within: Some(coast.clone()), limit: 9, ..DeliveryQuery::default() };
        let found = events::deliveries(&mut conn, &own).await.unwrap();
        assert_eq!(found.iter().map(|it| it.bid.as_str()).collect::<Vec<_>>(), ["c2", "c1"]);
        let other = DeliveryQuery { bid: Some(bid("p1")), ..own };
        assert_eq!(events::deliveries(&mut conn, &other).await.unwrap(), []);
        assert_eq!(events::stuck(&mut conn, Some(&coast)).await.unwrap(), 2);
        assert_eq!(events::stuck(&mut conn, None).await.unwrap(), 4);

        let own = AuditQuery { within: Some(coast), limit: 9, ..AuditQuery::default() };
        let found = audit::list(&mut conn, &own).await.unwrap();
        assert_eq!(found.iter().map(|it| it.entry.subject.id.as_str()).collect::<Vec<_>>(), ["c2", "c1"]);
        let subject = Some(entry("p1").subject);
        assert_eq!(audit::list(&mut conn, &AuditQuery { subject, ..own }).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn of_a_wave_a_portfolio_has_its_own_part() {
    both(async |db| {
        settled(db).await;
        let (coast, plains) = (portfolio("Coast"), portfolio("Plains"));
        let wave = |n: u128, billers: usize| Wave {
            id: wave_id(n),
            state: WaveState::Running,
            action: domain::wave::WaveAction::Enable,
            released: billers,
            rules: WaveRules::default(),
            reason: None,
            requested_by: domain::actor::Actor::Operator,
            created_at: after(u64::try_from(n).unwrap()),
            start: None,
            finished_at: None,
            counts: WaveCounts { waiting: billers, ..WaveCounts::default() },
        };
        let mut tx = db.store.begin().await.unwrap();
        waves::create(&mut tx, &wave(1, 3), &["c1", "p1", "c2"].map(bid)).await.unwrap();
        waves::create(&mut tx, &wave(2, 2), &["p1", "n1"].map(bid)).await.unwrap();
        waves::set_item(&mut tx, wave_id(1), &bid("c2"), WaveItemState::Failed, None, None).await.unwrap();
        waves::set_item(&mut tx, wave_id(1), &bid("p1"), WaveItemState::Skipped, None, None).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::WaveProgress).await.unwrap();

        let mut conn = db.store.read().await.unwrap();
        let part = waves::find(&mut conn, wave_id(1), Some(&coast)).await.unwrap().unwrap();
        assert_eq!(part.counts, WaveCounts { waiting: 1, failed: 1, ..WaveCounts::default() });
        assert_eq!(waves::find(&mut conn, wave_id(2), Some(&coast)).await.unwrap(), None);
        assert_eq!(waves::list(&mut conn, 9, Some(&coast)).await.unwrap(), [part]);
        assert_eq!(waves::list(&mut conn, 9, Some(&plains)).await.unwrap().len(), 2);
        assert_eq!(waves::list(&mut conn, 9, Some(&portfolio("Nowhere"))).await.unwrap(), []);
        let lines = waves::items(&mut conn, wave_id(1), Some(&coast), 9, None).await.unwrap();
        assert_eq!(lines.iter().map(|(_, it)| it.bid.as_str()).collect::<Vec<_>>(), ["c1", "c2"]);
        let rest = waves::items(&mut conn, wave_id(1), Some(&coast), 9, Some(lines[0].0)).await.unwrap();
        assert_eq!(rest.len(), 1);
    })
    .await;
}
