//! Settings as a file, and settings of one biller for others. Both only propose: the difference is looked at first.

use std::collections::BTreeMap;

use domain::{
    Bid, ProposalId,
    actor::{Actor, Capability},
    settings::{
        Layer, Proposal, ProposalSource, ProposedLayer, SettingValue, Values,
        file::{FileProblem, SettingsFile},
    },
};
use storage::{Conn, settings};

use super::{may_change_level, propose, set_on};
use crate::{Console, ServiceError, reach};

/// The most billers of one proposal, so that its preview can be looked at.
const MOST: usize = 500;
/// How many problems of a file are told at once.
const TOLD: usize = 10;

domain::words! {
    /// How a file of settings is written.
    FileForm, "form of a file" {
        /// JSON.
        Json = "json", "JSON";
        /// TOML.
        Toml = "toml", "TOML";
    }
}

/// Reads a file of either form: JSON begins with a brace, which TOML never does.
fn read(text: &str) -> Result<SettingsFile, Vec<FileProblem>> {
    if text.trim_start().starts_with('{') {
        return SettingsFile::read(text);
    }
    let value: serde_json::Value =
        toml::from_str(text).map_err(|error| vec![FileProblem::NotToml(error.to_string())])?;
    SettingsFile::read_value(&value)
}

/// What is set for one biller, or on every level, as a file.
///
/// # Errors
/// [`ServiceError::Refused`] without the right, [`ServiceError::NotFound`] for an unknown biller.
pub async fn export(
    console: &Console,
    actor: &Actor,
    bid: Option<&Bid>,
    form: FileForm,
) -> Result<String, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let levels = match bid {
        Some(bid) => {
            reach::biller(&mut conn, actor, bid).await?;
            let layer = Layer::Biller(bid.clone());
            let values = set_on(&mut conn, &layer).await?;
            BTreeMap::from([(layer, values)])
        }
        None => {
            let mut levels = settings::all_values(&mut conn).await?;
            if actor.portfolio().is_some() {
                levels = within_reach(&mut conn, actor, levels).await?;
            }
            levels
        }
    };
    let file = SettingsFile { levels };
    Ok(match form {
        FileForm::Json => file.write(),
        FileForm::Toml => file.write_toml(),
    })
}

/// The levels without billers that the actor does not see.
async fn within_reach(
    conn: &mut Conn,
    actor: &Actor,
    levels: BTreeMap<Layer, Values>,
) -> Result<BTreeMap<Layer, Values>, ServiceError> {
    let mut seen = BTreeMap::new();
    for (layer, values) in levels {
        let there = match &layer {
            Layer::Biller(bid) => reach::find(conn, actor, bid).await?.is_some(),
            Layer::Everywhere | Layer::Tier(_) => true,
        };
        if there {
            seen.insert(layer, values);
        }
    }
    Ok(seen)
}

/// Proposes what a file says: the levels it names are set exactly so; what it does not name stays.
///
/// # Errors
/// [`ServiceError::Field`] with what is wrong with the file; [`ServiceError::Refused`] without the right.
pub async fn import(console: &Console, actor: &Actor, text: &str) -> Result<ProposalId, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let file = read(text).map_err(|problems| {
        let told: Vec<String> = problems.iter().take(TOLD).map(ToString::to_string).collect();
        let more = problems.len().saturating_sub(TOLD);
        let more = if more > 0 { format!(" … and {more} more.") } else { String::new() };
        wrong("file", format!("{}{more}", told.join(" ")))
    })?;
    let mut conn = console.store.read().await?;
    let mut layers = Vec::new();
    for (layer, wanted) in file.levels {
        may_change_level(actor, &layer)?;
        if let Layer::Biller(bid) = &layer {
            reach::biller(&mut conn, actor, bid).await?;
        }
        let unfit = wanted.keys().find_map(|key| propose::not_shared(key.setting(), &layer));
        if let Some(problem) = unfit {
            return Err(wrong("file", format!("{layer}: {problem}")));
        }
        let now = set_on(&mut conn, &layer).await?;
        let gone = now.keys().filter(|key| !wanted.contains_key(key)).map(|key| (*key, None));
        let values = wanted.iter().map(|(key, value)| (*key, Some(value.clone()))).chain(gone).collect();
        layers.extend(different(layer, values, &now));
    }
    drop(conn);
    let proposal = Proposal { source: ProposalSource::Import, layers, from: None };
    keep(console, actor, proposal, "file").await
}

/// Proposes for other billers what is set for this one; what is set for them beside stays.
///
/// # Errors
/// [`ServiceError::Field`] when nothing is set for it, or it is the same everywhere already;
/// [`ServiceError::Refused`], [`ServiceError::NotFound`].
pub async fn copy(
    console: &Console,
    actor: &Actor,
    from: &Bid,
    to: &[Bid],
) -> Result<ProposalId, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    reach::biller(&mut conn, actor, from).await?;
    let mut source = set_on(&mut conn, &Layer::Biller(from.clone())).await?;
    source.retain(|key, _| !key.setting().is_of_one_biller());
    if source.is_empty() {
        return Err(wrong(
            "to",
            "Nothing is set for this biller itself, so there is nothing to copy.".to_owned(),
        ));
    }
    let layers = copies(&mut conn, actor, from, to, &source).await?;
    drop(conn);
    let proposal = Proposal { source: ProposalSource::Copy, layers, from: Some(from.clone()) };
    keep(console, actor, proposal, "to").await
}

async fn copies(
    conn: &mut Conn,
    actor: &Actor,
    from: &Bid,
    to: &[Bid],
    source: &Values,
) -> Result<Vec<ProposedLayer>, ServiceError> {
    let mut layers = Vec::new();
    for bid in to.iter().filter(|bid| *bid != from) {
        reach::biller(conn, actor, bid).await?;
        let layer = Layer::Biller(bid.clone());
        let now = set_on(conn, &layer).await?;
        layers.extend(copied(layer, source, &now));
    }
    Ok(layers)
}

/// What a copy sets on a level; `None` when everything is so already.
pub(crate) fn copied(layer: Layer, source: &Values, now: &Values) -> Option<ProposedLayer> {
    let values = source.iter().map(|(key, value)| (*key, Some(value.clone()))).collect();
    different(layer, values, now)
}

/// The part of what is wanted that is not so yet; `None` when everything is.
fn different(
    layer: Layer,
    wanted: BTreeMap<domain::settings::SettingKey, Option<SettingValue>>,
    now: &Values,
) -> Option<ProposedLayer> {
    let values: BTreeMap<_, _> =
        wanted.into_iter().filter(|(key, value)| now.get(key) != value.as_ref()).collect();
    let seen = values.keys().map(|key| (*key, now.get(key).cloned())).collect();
    (!values.is_empty()).then_some(ProposedLayer { layer, values, seen, issuer: None })
}

async fn keep(
    console: &Console,
    actor: &Actor,
    proposal: Proposal,
    field: &'static str,
) -> Result<ProposalId, ServiceError> {
    let layers = &proposal.layers;
    if layers.is_empty() {
        return Err(wrong(field, "Everything is set like this already.".to_owned()));
    }
    if layers.len() > MOST {
        let problem = format!(
            "It changes {} levels: {MOST} at a time can be looked at. Take it in parts.",
            layers.len()
        );
        return Err(wrong(field, problem));
    }
    let kept = propose::keep(console, actor, proposal).await;
    kept.map_err(|error| match error {
        // There is no field of the setting's own on these forms.
        ServiceError::Settings(problems) => {
            let told: Vec<String> = problems.into_iter().take(TOLD).map(|it| it.problem).collect();
            wrong(field, told.join(" "))
        }
        other => other,
    })
}

const fn wrong(field: &'static str, problem: String) -> ServiceError {
    ServiceError::Field { field, problem }
}
