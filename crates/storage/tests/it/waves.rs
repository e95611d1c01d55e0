//! Waves.

use domain::{
    actor::Actor,
    use_case::{Choice, ChoicePatch, OldUrlChoice, UseCase},
    wave::{
        Wave, WaveAction, WaveCounts, WaveItemState, WaveRules, WaveStart, WaveState, WaveWork, WaveZone,
    },
};
use storage::{Bookkeeping, StorageError, waves};

use crate::fixture::{T0, after, bid, both, draft, run_id, wave_id};

fn wave(billers: usize) -> Wave {
    Wave {
        id: wave_id(1),
        state: WaveState::Running,
        rules: WaveRules { parallel: 2, stop_above_percent: 30, pilot: 3, stage: 5 },
        action: WaveAction::UseCases(ChoicePatch {
            old_url: Some(OldUrlChoice::Redirect),
            ..ChoicePatch::of([(UseCase::HostedLogin, Choice::On)])
        }),
        released: 3,
        reason: None,
        requested_by: Actor::Integration { name: "crm".to_owned() },
        created_at: T0,
        start: Some(WaveStart { at: after(5), zone: WaveZone::Of("America/Chicago".to_owned()) }),
        finished_at: None,
        counts: WaveCounts { waiting: billers, ..WaveCounts::default() },
    }
}

#[tokio::test]
async fn a_wave_keeps_one_line_per_biller_in_order() {
    both(async |db| {
        let bids: Vec<_> = (0..1_203).map(|n| bid(&format!("b{n}"))).collect();
        db.with(&bids.iter().map(|bid| draft(bid.as_str(), "Name")).collect::<Vec<_>>()).await;
        let mut tx = db.store.begin().await.unwrap();
        waves::create(&mut tx, &wave(bids.len()), &bids).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::WaveProgress).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(waves::find(&mut conn, wave_id(1), None).await.unwrap(), Some(wave(bids.len())));
        assert_eq!(waves::list(&mut conn, 9, None).await.unwrap(), [wave(bids.len())]);
        assert_eq!(waves::waiting(&mut conn, wave_id(1), 3, T0).await.unwrap(), bids[..3]);
        assert_eq!(waves::next_due(&mut conn, wave_id(1)).await.unwrap(), None);
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = waves::items(&mut conn, wave_id(1), None, 500, after).await.unwrap();
            let Some((position, _)) = page.last() else { break };
            after = Some(*position);
            seen.extend(page.into_iter().map(|(_, item)| item.bid));
        }
        assert_eq!(seen, bids);
    })
    .await;
}

#[tokio::test]
async fn a_line_with_a_time_of_its_own_is_not_begun_before() {
    both(async |db| {
        let bids = ["1", "2", "3"].map(bid);
        db.with(&bids.clone().map(|bid| draft(bid.as_str(), "Name"))).await;
        let id = wave_id(1);
        let mut tx = db.store.begin().await.unwrap();
        let start = WaveStart { at: after(5), zone: WaveZone::Each };
        let own = Wave { start: Some(start), ..wave(3) };
        waves::create(&mut tx, &own, &bids).await.unwrap();
        let due = [(bids[0].clone(), after(5)), (bids[1].clone(), after(9)), (bids[2].clone(), after(9))];
        waves::set_due(&mut tx, id, &due).await.unwrap();
        let foreign = waves::set_due(&mut tx, id, &[(bid("9"), after(5))]).await;
        assert!(matches!(foreign, Err(StorageError::RowsAffected { .. })), "{foreign:?}");
        tx.commit_bookkeeping(Bookkeeping::WaveProgress).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(waves::find(&mut conn, id, None).await.unwrap(), Some(own));
        assert_eq!(waves::waiting(&mut conn, id, 9, T0).await.unwrap(), []);
        assert_eq!(waves::next_due(&mut conn, id).await.unwrap(), Some(after(5)));
        assert_eq!(waves::waiting(&mut conn, id, 9, after(5)).await.unwrap(), bids[..1]);
        assert_eq!(waves::waiting(&mut conn, id, 9, after(9)).await.unwrap(), bids);
        let items = waves::items(&mut conn, id, None, 9, None).await.unwrap();
        assert_eq!(items[1].1.due, Some(after(9)));
    })
    .await;
}

#[tokio::test]
async fn counts_follow_the_lines() {
    both(async |db| {
        let bids = ["1", "2", "3"].map(bid);
        db.with(&bids.clone().map(|bid| draft(bid.as_str(), "Name"))).await;
        let id = wave_id(1);
        let mut tx = db.store.begin().await.unwrap();
        waves::create(&mut tx, &wave(3), &bids).await.unwrap();
        waves::set_item(&mut tx, id, &bids[0], WaveItemState::Running, Some(run_id(1)), None).await.unwrap();
        waves::set_item(&mut tx, id, &bids[1], WaveItemState::Running, Some(run_id(2)), None).await.unwrap();
        assert_eq!(
            waves::running_items(&mut tx, id).await.unwrap(),
            [(bids[0].clone(), WaveWork::Run(run_id(1))), (bids[1].clone(), WaveWork::Run(run_id(2)))]
        );
        waves::set_item(&mut tx, id, &bids[0], WaveItemState::Failed, Some(run_id(1)), Some("why"))
            .await
            .unwrap();
        waves::set_item(&mut tx, id, &bids[0], WaveItemState::Failed, Some(run_id(1)), Some("more"))
            .await
            .unwrap();
        waves::set_item(&mut tx, id, &bids[2], WaveItemState::Skipped, None, Some("not ready"))
            .await
            .unwrap();
        let missing = waves::set_item(&mut tx, id, &bid("none"), WaveItemState::Skipped, None, None).await;
        assert!(matches!(missing, Err(StorageError::RowsAffected { .. })), "{missing:?}");
        waves::set_state(&mut tx, id, WaveState::Running, WaveState::Stopped, after(9)).await.unwrap();
        let stale = waves::set_state(&mut tx, id, WaveState::Running, WaveState::Finished, after(9)).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "wave" })), "{stale:?}");
        tx.commit_bookkeeping(Bookkeeping::WaveProgress).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        let found = waves::find(&mut conn, id, None).await.unwrap().unwrap();
        let counts = WaveCounts { waiting: 0, running: 1, succeeded: 0, failed: 1, skipped: 1 };
        assert_eq!((found.counts, found.finished_at), (counts, Some(after(9))));
        let (_, line) = waves::items(&mut conn, id, None, 1, None).await.unwrap().remove(0);
        assert_eq!((line.state, line.note.as_deref()), (WaveItemState::Failed, Some("more")));
    })
    .await;
}
