//! A change is proposed: what was typed is read and checked, nothing is changed yet.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ProposalId,
    actor::Actor,
    settings::{
        Contradiction, Layer, Proposal, ProposalSource, ProposedLayer, Setting, SettingKey, SettingValue,
        Values, catalogue, contradictions,
    },
};
use storage::{Bookkeeping, Conn, settings};

use super::{Standing, changed, hosts, may_change_level, read, set_on};
use crate::{Console, ServiceError};

/// How long the vendor is waited for before the preview is shown with what was read earlier.
const PATIENCE: Duration = Duration::from_secs(8);

/// The word that sets "nothing" where nothing is a value; a blank field goes back to what is inherited.
pub const NOTHING: &str = "none";

/// A form of settings as it was sent.
#[derive(Clone, Debug)]
pub struct SettingsForm {
    /// Whose settings.
    pub layer: Layer,
    /// What was typed, by key; blank goes back to what is inherited. A key that is not there stays as it is.
    pub typed: BTreeMap<String, String>,
    /// What was set on this level when the form was made, by key, as text; blank is nothing.
    pub seen: BTreeMap<String, String>,
}

/// Keeps what was typed as a proposal. The answer is the preview to look at.
///
/// # Errors
/// [`ServiceError::Settings`] names each field that is wrong, or that somebody else changed meanwhile;
/// [`ServiceError::Refused`] without the right.
pub async fn propose(
    console: &Console,
    actor: &Actor,
    form: &SettingsForm,
) -> Result<ProposalId, ServiceError> {
    may_change_level(actor, &form.layer)?;
    let mut conn = console.store.read().await?;
    let now = set_on(&mut conn, &form.layer).await?;
    let standing = match &form.layer {
        Layer::Biller(bid) => Some(Standing::of(console, &mut conn, actor, bid).await?),
        Layer::Everywhere | Layer::Tier(_) => None,
    };
    if let Some(standing) = &standing {
        standing.may_change(actor)?;
    }
    let layer = changes_of(form, &now)?;
    check(&mut conn, standing.as_ref(), &layer, &now).await?;
    drop(conn);
    if let Some(standing) = standing.filter(Standing::has_objects) {
        look(console, &standing, &layer).await;
    }
    keep(console, actor, Proposal { source: ProposalSource::Form, layers: vec![layer], from: None }).await
}

/// Keeps a proposal, however it was made; the answer is its preview.
///
/// # Errors
/// [`ServiceError::Settings`] for a host name that is another biller's.
pub(crate) async fn keep(
    console: &Console,
    actor: &Actor,
    proposal: Proposal,
) -> Result<ProposalId, ServiceError> {
    let id = ProposalId::new(console.clock.as_ref(), console.entropy.as_ref());
    let mut tx = console.store.begin().await?;
    let taken = hosts::problems(&mut tx, actor, &proposal.layers).await?;
    if !taken.is_empty() {
        return Err(ServiceError::Settings(taken.into_iter().map(|(_, problem)| problem).collect()));
    }
    settings::put_proposal(&mut tx, id, &actor.id(), console.now(), &proposal).await?;
    tx.commit_bookkeeping(Bookkeeping::Staging).await?;
    Ok(id)
}

fn changes_of(form: &SettingsForm, now: &Values) -> Result<ProposedLayer, ServiceError> {
    let mut problems = Vec::new();
    let mut layer = ProposedLayer {
        layer: form.layer.clone(),
        values: BTreeMap::new(),
        seen: BTreeMap::new(),
        issuer: None,
    };
    for setting in catalogue::editable() {
        let Some(typed) = form.typed.get(setting.key) else { continue };
        let key = setting.key();
        let value = match read_typed(setting, typed) {
            Ok(value) => value,
            Err(problem) => {
                problems.push(Contradiction { key, problem });
                continue;
            }
        };
        if now.get(&key) == value.as_ref() {
            continue;
        }
        if let Some(problem) = not_shared(setting, &form.layer) {
            problems.push(Contradiction { key, problem });
            continue;
        }
        if let Some(problem) = changed_by_another(setting, form, now) {
            problems.push(Contradiction { key, problem });
            continue;
        }
        layer.seen.insert(key, now.get(&key).cloned());
        layer.values.insert(key, value);
    }
    if !problems.is_empty() {
        return Err(ServiceError::Settings(problems));
    }
    if layer.values.is_empty() {
        let problem = "Nothing is different from what is set: change a value first.".to_owned();
        return Err(ServiceError::Field { field: "settings", problem });
    }
    Ok(layer)
}

/// What was typed into a field; `None` goes back to what is inherited.
fn read_typed(setting: &Setting, typed: &str) -> Result<Option<SettingValue>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let nothing = typed.eq_ignore_ascii_case(NOTHING) && setting.kind.takes_nothing();
    let text = if nothing { "" } else { typed };
    setting.kind.parse(text).map(Some).map_err(|invalid| invalid.to_string())
}

/// Why a setting cannot be set on a level that many billers share.
pub(super) fn not_shared(setting: &Setting, layer: &Layer) -> Option<String> {
    let shared = setting.is_of_one_biller() && !matches!(layer, Layer::Biller(_));
    shared.then(|| "Two billers cannot have the same: set it on a biller's own page.".to_owned())
}

/// Both values are told; sending the form once more puts one's own in place, since the form then knows the other.
fn changed_by_another(setting: &'static Setting, form: &SettingsForm, now: &Values) -> Option<String> {
    let seen = form.seen.get(setting.key)?;
    let present = now.get(&setting.key());
    let text = present.map(SettingValue::to_text).unwrap_or_default();
    if seen.replace("\r\n", "\n").trim() == text.trim() {
        return None;
    }
    let present = present.map_or_else(|| "what is inherited".to_owned(), |value| setting.show(value));
    Some(format!(
        "Somebody changed this meanwhile: it is now set to {present}. What you typed is kept; go on to put it in its place."
    ))
}

/// Rules between settings: only what this change brings about counts.
pub(crate) async fn check(
    conn: &mut Conn,
    standing: Option<&Standing>,
    layer: &ProposedLayer,
    now: &Values,
) -> Result<(), ServiceError> {
    let after = changed(now, &layer.values);
    let (before, after) = match standing {
        Some(standing) => (standing.holding(now), standing.holding(&after)),
        None => {
            let mut defaults: Values = catalogue::editable()
                .filter_map(|setting| Some((setting.key(), setting.default_value()?)))
                .collect();
            if matches!(layer.layer, Layer::Tier(_)) {
                defaults.extend(set_on(conn, &Layer::Everywhere).await?);
            }
            let with = |values: &Values| {
                let mut all = defaults.clone();
                all.extend(values.clone());
                all
            };
            (with(now), with(&after))
        }
    };
    let known = contradictions(&before);
    let new: Vec<_> = contradictions(&after).into_iter().filter(|it| !known.contains(it)).collect();
    if new.is_empty() { Ok(()) } else { Err(ServiceError::Settings(at_changed(new, layer))) }
}

/// The message stands at a field that is on the form.
fn at_changed(problems: Vec<Contradiction>, layer: &ProposedLayer) -> Vec<Contradiction> {
    let place = |key: SettingKey| {
        let first = layer.values.keys().next().copied().unwrap_or(key);
        if layer.values.contains_key(&key) { key } else { first }
    };
    problems
        .into_iter()
        .map(|it| {
            let at = place(it.key);
            let label = it.key.setting().label;
            let problem = if at == it.key { it.problem } else { format!("{label}: {}", it.problem) };
            Contradiction { key: at, problem }
        })
        .collect()
}

/// Reads the objects concerned, so that the preview compares with the present. Without an answer it says how old its
/// knowledge is.
async fn look(console: &Console, standing: &Standing, layer: &ProposedLayer) {
    let scopes: Vec<_> = layer.values.keys().map(|key| key.setting().scope).collect();
    let bid = standing.biller.bid();
    let read = read::now(console, &standing.biller, &standing.objects, &scopes);
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%bid, "settings could not be read for a preview: {error}"),
        Err(_) => tracing::warn!(%bid, "SecureAuth did not answer in time for a preview"),
    }
}
