//! The work of a wave: starts runs and moves as there is room for, counts what ended, stops when too much failed.

use std::time::Duration;

use domain::{
    Bid, RunId, WaveId,
    audit::AuditAction,
    use_case::Cause,
    wave::{Wave, WaveAction, WaveItemState, WaveNext, WaveRules, WaveState, WaveWork},
};
use serde_json::json;
use storage::{Bookkeeping, Tx, runs, waves};

use crate::{
    Console, ServiceError, apply_defaults,
    bulk_enable::{entry, startable},
    change_use_cases::{self, Asked},
    copy_in_waves, enable_biller, migration, reach, schedule_wave,
    worker::After,
};

/// A wave is looked at again after this time even if no run told of its end.
const WATCH_EVERY: Duration = Duration::from_secs(5);

/// Looks at the runs under way, counts the finished ones, and starts as many as there is room for.
pub(crate) async fn tick(console: &Console, id: WaveId) -> Result<After, ServiceError> {
    let rules = load(console, id).await?.rules;
    count_finished(console, id, rules).await?;
    let wave = load(console, id).await?;
    if let (WaveState::Scheduled, Some(start)) = (wave.state, &wave.start) {
        if start.at > console.now() {
            return Ok(After::Again { at: start.at, why: "its time has not come".to_owned() });
        }
        schedule_wave::begin(console, &wave, start).await?;
        return Ok(After::Again { at: console.now(), why: "its time has come".to_owned() });
    }
    if wave.state != WaveState::Running {
        // Runs that are under way go on and are still counted.
        return Ok(if wave.counts.running == 0 { After::Finished } else { again(console) });
    }
    match wave.rules.next(wave.counts, wave.released) {
        WaveNext::Stop => end(console, &wave, WaveState::Stopped).await?,
        WaveNext::Finish => end(console, &wave, WaveState::Finished).await?,
        WaveNext::Hold => end(console, &wave, WaveState::Held).await?,
        WaveNext::Release(released) => {
            let mut tx = console.store.begin().await?;
            waves::release(&mut tx, id, released).await?;
            tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
            return Ok(After::Again { at: console.now(), why: "the next stage begins".to_owned() });
        }
        WaveNext::Start(room) => {
            let next = next_billers(console, id, room).await?;
            for bid in &next {
                start_one(console, &wave, bid).await?;
            }
            if next.is_empty() && wave.counts.running == 0 {
                return rest(console, id).await;
            }
            console.wake_workers();
            return Ok(again(console));
        }
    }
    Ok(if wave.counts.running == 0 { After::Finished } else { again(console) })
}

/// Nothing is under way, and the next lines wait for the clocks of their zone.
async fn rest(console: &Console, id: WaveId) -> Result<After, ServiceError> {
    let mut conn = console.store.read().await?;
    let due = waves::next_due(&mut conn, id).await?.filter(|due| *due > console.now());
    Ok(match due {
        Some(at) => After::Again { at, why: "the next billers' time has not come".to_owned() },
        None => again(console),
    })
}

fn again(console: &Console) -> After {
    After::Again { at: console.now().plus(WATCH_EVERY), why: "runs are under way".to_owned() }
}

async fn load(console: &Console, id: WaveId) -> Result<Wave, ServiceError> {
    let mut conn = console.store.read().await?;
    waves::find(&mut conn, id, None).await?.ok_or_else(|| ServiceError::not_found("wave", id))
}

async fn next_billers(console: &Console, id: WaveId, room: usize) -> Result<Vec<Bid>, ServiceError> {
    let mut conn = console.store.read().await?;
    Ok(waves::waiting(&mut conn, id, room, console.now()).await?)
}

async fn count_finished(console: &Console, id: WaveId, rules: WaveRules) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    for (bid, work) in waves::running_items(&mut tx, id).await? {
        let (state, run, note) = match work {
            WaveWork::Run(run) => {
                let Some(found) = runs::find(&mut tx, run).await? else { continue };
                (WaveItemState::of_run(found.state), Some(run), failure_note(&mut tx, run).await?)
            }
            WaveWork::Move(it) => {
                let (state, note) = migration::wave::line(&mut tx, it, rules).await?;
                (state, None, note)
            }
        };
        if state != WaveItemState::Running {
            waves::set_item(&mut tx, id, &bid, state, run, note.as_deref()).await?;
        }
    }
    tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
    Ok(())
}

async fn failure_note(tx: &mut Tx, run: RunId) -> Result<Option<String>, ServiceError> {
    let steps = runs::steps(tx, run).await?;
    Ok(steps.into_iter().find_map(|step| {
        step.failure.map(|failure| format!("{}: {} {}", step.kind.label(), failure.message, failure.cure))
    }))
}

/// Starts the run of one biller, or notes why not; both are one commit with the line.
async fn start_one(console: &Console, wave: &Wave, bid: &Bid) -> Result<(), ServiceError> {
    let actor = &wave.requested_by;
    let mut tx = console.store.begin().await?;
    let Some(biller) = reach::find(&mut tx, actor, bid).await? else {
        return skip(tx, wave.id, bid, "The biller was removed, or moved to another portfolio.").await;
    };
    let asked = (&wave.action, wave.created_at, Some(wave.id));
    if let Err(why) = startable(console, &mut tx, actor, &biller, asked).await? {
        return skip(tx, wave.id, bid, &why).await;
    }
    let reason = wave.reason.clone();
    let (run, entry) = match &wave.action {
        WaveAction::Enable => {
            let (run, entry) =
                enable_biller::enable_in(console, &mut tx, actor, &biller, reason, Some(wave.id)).await?;
            (Some(run), entry)
        }
        WaveAction::UseCases(patch) => {
            let asked = Asked { cause: Cause::Wave, reason, wave: Some(wave.id) };
            change_use_cases::patch_in(console, &mut tx, actor, &biller, patch, asked).await?
        }
        WaveAction::Defaults { keys } => {
            let why = (reason, wave.id);
            let (run, entry) = apply_defaults::apply_in(console, &mut tx, actor, &biller, keys, why).await?;
            (Some(run), entry)
        }
        WaveAction::Copy { values, .. } => {
            copy_in_waves::apply_in(console, &mut tx, actor, &biller, values, (reason, wave.id)).await?
        }
        WaveAction::Migrate => {
            let Some(it) = waves::move_of(&mut tx, wave.id, bid).await? else {
                return skip(tx, wave.id, bid, "It had no checked file when the wave was asked for.").await;
            };
            (None, migration::wave::start_in(console, &mut tx, actor, it, reason).await?)
        }
    };
    let moves = wave.action == WaveAction::Migrate;
    let state = if run.is_some() || moves { WaveItemState::Running } else { WaveItemState::Succeeded };
    waves::set_item(&mut tx, wave.id, bid, state, run, None).await?;
    tx.commit_audited(entry).await?;
    Ok(())
}

async fn skip(mut tx: Tx, wave: WaveId, bid: &Bid, why: &str) -> Result<(), ServiceError> {
    waves::set_item(&mut tx, wave, bid, WaveItemState::Skipped, None, Some(why)).await?;
    tx.commit_bookkeeping(Bookkeeping::WaveProgress).await?;
    Ok(())
}

async fn end(console: &Console, wave: &Wave, state: WaveState) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    waves::set_state(&mut tx, wave.id, WaveState::Running, state, console.now()).await?;
    let entry = entry(console, wave, AuditAction::WaveEnded)
        .change(None, Some(json!({ "state": state, "counts": wave.counts })));
    tx.commit_audited(entry).await?;
    Ok(())
}
