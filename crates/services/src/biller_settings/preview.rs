//! The exact difference that a proposal makes: in our records, and at SecureAuth.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Bid, ProposalId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    biller::Biller,
    settings::{
        Contradiction, Effective, Layer, Layers, Observed, Proposal, ProposalSource, ProposedLayer, Scope,
        SetValue, Setting, SettingValue, SettingWrite, SettingsChange, Values, WriteMode,
        vanity::{self, IssuerSwitch},
    },
};
use sha2::{Digest as _, Sha256};
use storage::{Conn, settings};

use super::{Standing, changed, hosts, may_change_level, set_on};
use crate::{Console, ServiceError};

/// A proposal with what it will do.
#[derive(Clone, Debug)]
pub struct ProposalView {
    /// Its id.
    pub id: ProposalId,
    /// How it came about.
    pub source: ProposalSource,
    /// Its parts, in the order in which they were proposed.
    pub parts: Vec<Part>,
    /// Settings that ask for a reason, because much can go wrong.
    pub needs_reason: Vec<&'static str>,
    /// Whether a second person has to decide it.
    pub second_person: bool,
    /// What a wave brings to these billers, and from whom, where it is copied to many.
    pub copy: Option<(Bid, Values)>,
    /// Stands for everything that is shown: confirming sends it back, so that nothing else is confirmed.
    pub token: String,
}

impl ProposalView {
    /// Whether SecureAuth shows what it showed in another view, where that one knew.
    pub(crate) fn shows_what(&self, earlier: &Self) -> bool {
        let lines = |view: &Self| -> Vec<Option<Observed>> {
            view.parts.iter().flat_map(|part| &part.lines).map(|line| line.observed.clone()).collect()
        };
        let (now, then) = (lines(self), lines(earlier));
        now.len() == then.len() && then.iter().zip(&now).all(|(then, now)| then.is_none() || then == now)
    }

    /// Whether no host name in it is another biller's.
    pub(crate) fn is_free(&self) -> Result<(), ServiceError> {
        let taken: Vec<_> = self.parts.iter().flat_map(|part| part.taken.clone()).collect();
        if taken.is_empty() { Ok(()) } else { Err(ServiceError::Settings(taken)) }
    }
}

/// What is proposed for one level.
#[derive(Clone, Debug)]
pub struct Part {
    /// For whom.
    pub layer: Layer,
    /// The biller, where it is for one.
    pub biller: Option<Biller>,
    /// Setting by setting.
    pub lines: Vec<Line>,
    /// What the run will do; `None` where nothing is written now.
    pub change: Option<SettingsChange>,
    /// When the objects concerned were read.
    pub read_at: Option<Timestamp>,
    /// Whether it may be made now, and why not.
    pub allowed: Result<(), Refusal>,
    /// Settings that somebody else set to something else since it was proposed.
    pub conflicts: Vec<&'static str>,
    /// What was set before, for the record.
    pub before: Values,
    /// What it brings with it beside the values, in sentences.
    pub consequences: Vec<String>,
    /// Where sign-ins are to go from now on.
    pub issuer: Option<IssuerSwitch>,
    /// What forbids it: a host name that another biller took meanwhile.
    pub taken: Vec<Contradiction>,
}

impl Part {
    /// Whether a run is started for it.
    #[must_use]
    pub const fn has_run(&self) -> bool {
        self.change.is_some() || self.issuer.is_some()
    }

    /// The objects that are written, one call each.
    #[must_use]
    pub fn objects(&self) -> BTreeSet<Scope> {
        let writes = self.change.iter().flat_map(|change| &change.writes);
        writes.map(|write| write.key.setting().scope).collect()
    }
}

/// What is proposed for one setting.
#[derive(Clone, Debug)]
pub struct Line {
    /// The setting.
    pub setting: &'static Setting,
    /// What is set on the level; `None` is what is inherited.
    pub set_before: Option<SettingValue>,
    /// What will be set.
    pub set_after: Option<SettingValue>,
    /// What holds for the biller.
    pub before: Option<Effective>,
    /// What will hold.
    pub after: Option<Effective>,
    /// What SecureAuth shows.
    pub observed: Option<Observed>,
    /// Whether it is written to SecureAuth.
    pub writes: bool,
}

/// Shows what a proposal will do. Changes nothing.
///
/// # Errors
/// [`ServiceError::NotFound`] for a proposal that is gone or somebody else's; [`ServiceError::Refused`].
pub async fn preview(console: &Console, actor: &Actor, id: ProposalId) -> Result<ProposalView, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    let proposal = settings::find_proposal(&mut conn, id, &actor.id()).await?;
    let proposal = proposal.ok_or_else(|| ServiceError::not_found("proposed change", id))?;
    of(console, &mut conn, actor, id, proposal).await
}

/// The same inside a transaction, for confirming.
pub(crate) async fn of(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    id: ProposalId,
    proposal: Proposal,
) -> Result<ProposalView, ServiceError> {
    let mut parts = Vec::with_capacity(proposal.layers.len());
    for layer in &proposal.layers {
        parts.push(part(console, conn, actor, layer).await?);
    }
    for (place, problem) in hosts::problems(conn, actor, &proposal.layers).await? {
        if let Some(part) = parts.get_mut(place) {
            part.taken.push(problem);
        }
    }
    let asking = parts.iter().flat_map(|part: &Part| &part.lines).map(|line| line.setting);
    let mut needs_reason: BTreeSet<_> =
        asking.filter(|setting| setting.needs_approval).map(|setting| setting.label).collect();
    if parts.iter().any(|part| part.issuer.is_some()) {
        needs_reason.insert(IssuerSwitch::LABEL);
    }
    let token = token(&parts);
    let copy = proposal.copy_for_many();
    let needs_reason: Vec<_> = needs_reason.into_iter().collect();
    let second_person = console.settings.second_person && !needs_reason.is_empty();
    Ok(ProposalView { id, source: proposal.source, parts, needs_reason, second_person, copy, token })
}

/// What is proposed for one level, as it stands now.
pub(crate) async fn part(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    layer: &ProposedLayer,
) -> Result<Part, ServiceError> {
    let before = set_on(conn, &layer.layer).await?;
    let mut conflicts: Vec<_> = layer.conflicts(&before).into_iter().map(|key| key.setting().label).collect();
    let Layer::Biller(bid) = &layer.layer else {
        let lines = layer.values.iter().map(|(key, after)| level_line(key.setting(), &before, after));
        return Ok(Part {
            layer: layer.layer.clone(),
            biller: None,
            lines: lines.collect(),
            change: None,
            read_at: None,
            allowed: may_change_level(actor, &layer.layer),
            conflicts,
            before,
            consequences: Vec::new(),
            issuer: None,
            taken: Vec::new(),
        });
    };
    let standing = Standing::of(console, conn, actor, bid).await?;
    let after = changed(&before, &layer.values);
    let lines: Vec<Line> = layer
        .values
        .iter()
        .map(|(key, set_after)| biller_line(key.setting(), &standing, &after, set_after))
        .collect();
    let reads = lines.iter().map(|line| Some(standing.observed.get(&line.setting.scope)?.read_at));
    let mut consequences = consequences(&lines, standing.biller.issuer.as_deref());
    let mut allowed = standing.may_change(actor);
    if let Some(switch) = &layer.issuer {
        allowed = standing.may_switch_issuer(actor);
        consequences.extend(switch.consequences());
        conflicts.extend(switch.moved(standing.biller.issuer.as_deref()).map(|_| IssuerSwitch::LABEL));
    }
    Ok(Part {
        layer: layer.layer.clone(),
        consequences,
        change: run_of(&lines),
        read_at: reads.collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min()),
        allowed,
        biller: Some(standing.biller),
        lines,
        conflicts,
        before,
        issuer: layer.issuer.clone(),
        taken: Vec::new(),
    })
}

/// What a vanity domain brings with it: another issuer, for one.
fn consequences(lines: &[Line], issuer: Option<&str>) -> Vec<String> {
    let value = |effective: &Option<Effective>| effective.as_ref().and_then(|it| it.value.clone());
    let told = lines.iter().filter(|line| line.setting.key == vanity::HOST).flat_map(|line| {
        let shown = line.observed.as_ref().and_then(Observed::value).cloned();
        let (before, after) = (shown.or_else(|| value(&line.before)), value(&line.after));
        let key = line.setting.key();
        vanity::consequences(vanity::host(key, before.as_ref()), vanity::host(key, after.as_ref()), issuer)
    });
    told.collect()
}

fn level_line(setting: &'static Setting, before: &Values, after: &Option<SettingValue>) -> Line {
    Line {
        setting,
        set_before: before.get(&setting.key()).cloned(),
        set_after: after.clone(),
        before: None,
        after: None,
        observed: None,
        writes: false,
    }
}

fn biller_line(
    setting: &'static Setting,
    standing: &Standing,
    values: &Values,
    set_after: &Option<SettingValue>,
) -> Line {
    let layers = Layers { biller: values.clone(), ..standing.layers.clone() };
    let after = Effective::of(setting, &layers, standing.own());
    let observed = standing.observed(setting.key()).cloned();
    let shown = observed.as_ref().and_then(Observed::value);
    // What goes back to SecureAuth's own default has no value that could be written.
    let writes = standing.has_objects() && after.value.is_some() && shown != after.value.as_ref();
    Line {
        setting,
        set_before: standing.layers.biller.get(&setting.key()).cloned(),
        set_after: set_after.clone(),
        before: Some(standing.effective(setting)),
        after: Some(after),
        observed,
        writes,
    }
}

fn run_of(lines: &[Line]) -> Option<SettingsChange> {
    let writes: Vec<SettingWrite> = lines
        .iter()
        .filter(|line| line.writes)
        .filter_map(|line| {
            let to = line.after.as_ref()?.value.clone()?;
            Some(SettingWrite { key: line.setting.key(), expected: line.observed.clone(), to })
        })
        .collect();
    if writes.is_empty() {
        return None;
    }
    let set = lines.iter().map(|line| SetValue {
        key: line.setting.key(),
        before: line.set_before.clone(),
        after: line.set_after.clone(),
    });
    Some(SettingsChange { set: set.collect(), writes, mode: WriteMode::Strict })
}

/// A fingerprint of everything that decides what confirming does.
fn token(parts: &[Part]) -> String {
    let decided: Vec<_> = parts
        .iter()
        .map(|part| {
            let set: BTreeMap<_, _> = part
                .lines
                .iter()
                .map(|line| (line.setting.key, (&line.set_before, &line.set_after)))
                .collect();
            serde_json::json!([part.layer, set, part.change, part.conflicts, part.issuer])
        })
        .collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(serde_json::json!(decided).to_string().as_bytes()))
}
