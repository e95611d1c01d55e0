//! A proposal is made: the values are set, and each biller gets the run that writes them.

use domain::{
    Bid, ChangeRequestId, ProposalId, RunId, WaveId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    run::{Run, RunDetail, RunKind, RunState},
    settings::{Layer, SetValue, SettingsChange},
    wave::WaveRules,
};
use serde_json::{Map, Value, json};
use storage::{
    Tx,
    settings::{self, LastChange},
};

use super::{
    hosts,
    preview::{self, Part, ProposalView},
    requests,
};
use crate::{
    Console, ServiceError, bulk_enable,
    copy_in_waves::{self, Copy},
    enable_biller,
};

/// What became of a proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// For whom values were set.
    pub layers: Vec<Layer>,
    /// The runs that write them.
    pub runs: Vec<RunId>,
    /// The request it became, where a second person decides; nothing was set then.
    pub request: Option<ChangeRequestId>,
    /// The issuer that sign-ins go to once its run is through.
    pub issuer: Option<String>,
    /// The wave that brings it to many billers.
    pub wave: Option<WaveId>,
}

/// Who let a change through that somebody else asked for.
pub(crate) struct Approval<'a> {
    pub(crate) request: ChangeRequestId,
    pub(crate) approved_by: &'a Actor,
    pub(crate) note: Option<String>,
}

/// Why a run is started, and by what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// In the words of who asked for it.
    pub(crate) reason: Option<String>,
    /// The wave it belongs to.
    pub(crate) wave: Option<WaveId>,
}

/// Makes a proposal as it was shown: `token` is that of the preview.
///
/// # Errors
/// [`ServiceError::Changed`] when it would do something else by now; [`ServiceError::Field`] without a reason where
/// one is asked for; [`ServiceError::Refused`] with why it cannot be made.
pub async fn confirm(
    console: &Console,
    actor: &Actor,
    id: ProposalId,
    token: &str,
    reason: Option<String>,
) -> Result<Confirmed, ServiceError> {
    confirm_by(console, actor, id, token, reason, WaveRules::default()).await
}

/// The same; where it is copied to many billers, the wave that brings it to them goes by these rules.
///
/// # Errors
/// As [`confirm`], and [`ServiceError::Field`] for rules out of range.
pub async fn confirm_by(
    console: &Console,
    actor: &Actor,
    id: ProposalId,
    token: &str,
    reason: Option<String>,
    rules: WaveRules,
) -> Result<Confirmed, ServiceError> {
    let rules = bulk_enable::checked(rules)?;
    actor.may(Capability::ChangeSettings)?;
    let mut tx = console.store.begin().await?;
    let proposal = settings::find_proposal(&mut tx, id, &actor.id()).await?;
    let proposal = proposal.ok_or_else(|| ServiceError::not_found("proposed change", id))?;
    let view = preview::of(console, &mut tx, actor, id, proposal.clone()).await?;
    view.is_free()?;
    if view.token != token || view.parts.iter().any(|part| !part.conflicts.is_empty()) {
        return Err(ServiceError::Changed { what: "What this change touches" });
    }
    let reason = reason.filter(|text| !text.trim().is_empty());
    if reason.is_none() && !view.needs_reason.is_empty() {
        let problem = format!("Say why: much depends on {}.", view.needs_reason.join(", "));
        return Err(ServiceError::Field { field: "reason", problem });
    }
    settings::remove_proposal(&mut tx, id).await?;
    if view.second_person {
        // A wave leaves out whom it cannot change when their turn comes.
        if view.copy.is_none() {
            view.parts.iter().try_for_each(|part| part.allowed.clone())?;
        }
        let reason = reason.unwrap_or_default();
        let rules = view.copy.as_ref().map(|_| rules);
        let request = requests::ask(console, tx, actor, (proposal, rules), &view.parts, reason).await?;
        return Ok(Confirmed { request: Some(request), ..Confirmed::default() });
    }
    let made = make_all(console, &mut tx, actor, (view, rules), reason, None).await;
    let (done, entries) = match made {
        Ok(made) => made,
        Err(error) => {
            drop(tx);
            return Err(hosts::second(console, actor, &proposal.layers, error).await);
        }
    };
    tx.commit_audited_all(entries).await?;
    console.wake_workers();
    Ok(done)
}

/// Makes every part in the name of `actor`; the answer has the audit entries, which name who approved it, if anybody
/// had to.
pub(crate) async fn make_all(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    (view, rules): (ProposalView, WaveRules),
    reason: Option<String>,
    approval: Option<&Approval<'_>>,
) -> Result<(Confirmed, Vec<AuditEntry>), ServiceError> {
    if let Some((from, values)) = view.copy {
        let copy = Copy { from, values, parts: view.parts };
        return copy_in_waves::start_in(console, tx, actor, copy, (rules, reason), approval).await;
    }
    let mut done = Confirmed::default();
    let mut entries = Vec::new();
    let why = Origin { reason: reason.clone(), wave: None };
    for part in view.parts {
        part.allowed.clone()?;
        let run = make(console, tx, actor, &part, &why).await?;
        entries.push(entry(console, actor, &part, run, &why, approval));
        done.runs.extend(run);
        done.issuer = part.issuer.map(|switch| switch.after);
        done.layers.push(part.layer);
    }
    Ok((done, entries))
}

/// Makes one part of what a wave brings to many.
pub(crate) async fn make_one(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    part: &Part,
    why: &Origin,
) -> Result<(Option<RunId>, AuditEntry), ServiceError> {
    part.allowed.clone()?;
    let run = make(console, tx, actor, part, why).await?;
    Ok((run, entry(console, actor, part, run, why, None)))
}

/// Sets the values of a part and starts its run.
async fn make(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    part: &Part,
    why: &Origin,
) -> Result<Option<RunId>, ServiceError> {
    for line in &part.lines {
        let change = LastChange {
            value: line.set_after.clone(),
            at: console.now(),
            by: actor.clone(),
            reason: why.reason.clone(),
        };
        settings::set(tx, &part.layer, line.setting.key(), &change).await?;
    }
    let Some(biller) = &part.biller else { return Ok(None) };
    let run = match (&part.issuer, &part.change) {
        (Some(switch), _) => Run {
            kind: RunKind::SwitchIssuer,
            ..run_of(console, actor, biller, RunDetail::Issuer(switch.clone()), why)
        },
        (None, Some(change)) => run_of(console, actor, biller, RunDetail::Settings(change.clone()), why),
        (None, None) => return Ok(None),
    };
    enable_biller::create_in(console, tx, biller, &run).await?;
    Ok(Some(run.id))
}

/// Starts a run that writes settings, where nothing is set anew.
pub(crate) async fn start(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    change: SettingsChange,
    origin: Origin,
) -> Result<(RunId, AuditEntry), ServiceError> {
    let run = run_of(console, actor, biller, RunDetail::Settings(change), &origin);
    enable_biller::create_in(console, tx, biller, &run).await?;
    Ok((run.id, enable_biller::requested(console, biller, &run)))
}

fn run_of(console: &Console, actor: &Actor, biller: &Biller, detail: RunDetail, why: &Origin) -> Run {
    Run {
        id: RunId::new(console.clock.as_ref(), console.entropy.as_ref()),
        bid: biller.bid().clone(),
        kind: RunKind::ApplySettings,
        state: RunState::Queued,
        reason: why.reason.clone().filter(|text| !text.trim().is_empty()),
        requested_by: actor.clone(),
        wave: why.wave,
        detail: Some(detail),
        created_at: console.now(),
        started_at: None,
        finished_at: None,
    }
}

fn entry(
    console: &Console,
    actor: &Actor,
    part: &Part,
    run: Option<RunId>,
    why: &Origin,
    approval: Option<&Approval<'_>>,
) -> AuditEntry {
    let subject = subject_of(&part.layer);
    let texts = |pick: fn(&preview::Line) -> &Option<domain::settings::SettingValue>| -> Map<String, Value> {
        let text = |line| pick(line).as_ref().map(domain::settings::SettingValue::to_text);
        part.lines.iter().map(|line| (line.setting.key.to_owned(), json!(text(line)))).collect()
    };
    let mut before = json!({ "settings": texts(|line| &line.set_before) });
    let mut after = json!({ "settings": texts(|line| &line.set_after), "run": run });
    if let Some(switch) = &part.issuer {
        before["issuer"] = json!(switch.before);
        after["issuer"] = json!(switch.after);
    }
    if let Some(wave) = why.wave {
        after["wave"] = json!(wave);
    }
    let entry = AuditEntry::new(console.now(), actor.clone(), AuditAction::SettingsChanged, subject)
        .because(why.reason.clone())
        .change(Some(before), Some(after));
    approved(entry, approval)
}

/// The entry is of who let it through, and names who had asked for it.
pub(crate) fn approved(mut entry: AuditEntry, approval: Option<&Approval<'_>>) -> AuditEntry {
    let Some(approval) = approval else { return entry };
    let after = entry.after.get_or_insert_with(|| json!({}));
    after["request"] = json!(approval.request);
    after["requested_by"] = json!(entry.actor.name());
    after["note"] = json!(approval.note);
    entry.actor = approval.approved_by.clone();
    entry
}

pub(crate) fn subject_of(layer: &Layer) -> Subject {
    match layer {
        Layer::Biller(bid) => Subject::new(SubjectKind::Biller, bid.as_str()),
        level => Subject::new(SubjectKind::Settings, level.to_string()),
    }
}

/// A run is taken back: what was set when it was asked for holds again.
pub(crate) async fn set_back(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    bid: &Bid,
    set: &[SetValue],
) -> Result<(), ServiceError> {
    let layer = Layer::Biller(bid.clone());
    for value in set {
        let change = LastChange {
            value: value.after.clone(),
            at: console.now(),
            by: actor.clone(),
            reason: Some("The change was taken back.".to_owned()),
        };
        settings::set(tx, &layer, value.key, &change).await?;
    }
    Ok(())
}
