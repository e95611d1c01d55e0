//! The settings page: each setting with its value, where it comes from, who changed it last, and whether SecureAuth
//! agrees.

use domain::{
    Bid, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    biller::Biller,
    settings::{
        Agreement, Changed, Effective, Layer, Observed, Scope, Section, Setting, SettingValue, ValueOrigin,
        Values, agreement, catalogue,
    },
};
use storage::{
    settings::{self, LastChange, LayerValues},
    vanity::VanityCheck,
};

use super::{Standing, may_change_level, read, vanity};
use crate::{Console, ServiceError};

/// One setting as the page shows it.
#[derive(Clone, Debug)]
pub struct SettingRow {
    /// The setting.
    pub setting: &'static Setting,
    /// The value that holds.
    pub effective: Effective,
    /// What would hold if nothing were set on this level.
    pub inherited: Effective,
    /// What is set on this level.
    pub own: Option<SettingValue>,
    /// The last decision about it on this level.
    pub last: Option<LastChange>,
    /// What SecureAuth showed when it was read last.
    pub observed: Option<Observed>,
    /// Whether SecureAuth agrees.
    pub agreement: Agreement,
    /// Until when a difference is ignored, where somebody decided so.
    pub ignored_until: Option<Timestamp>,
    /// Who changed what differs, as far as the vendor tells.
    pub changed: Option<Changed>,
}

/// Settings of a biller, of a tier or of all billers.
#[derive(Clone, Debug)]
pub struct SettingsView {
    /// Whose.
    pub layer: Layer,
    /// The biller, where it is one's.
    pub biller: Option<Biller>,
    /// Every setting of the catalogue.
    pub rows: Vec<SettingRow>,
    /// When the object that was read longest ago was read; `None`: some object was not read yet.
    pub read_at: Option<Timestamp>,
    /// Whether the actor may change them now, and why not.
    pub may_change: Result<(), Refusal>,
    /// Whether there are objects at SecureAuth to compare with.
    pub has_objects: bool,
    /// The biller's vanity domain, as SecureAuth showed it.
    pub vanity_host: Option<String>,
    /// What the biller's vanity domain showed when it was last asked.
    pub vanity: Option<VanityCheck>,
}

impl SettingsView {
    /// The rows of a section.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &SettingRow> {
        self.rows.iter().filter(move |row| row.setting.section == section)
    }
}

/// Shows the settings of a level.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`] for an unknown biller.
pub async fn show(console: &Console, actor: &Actor, layer: &Layer) -> Result<SettingsView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let last = settings::values_of(&mut conn, layer).await?;
    if let Layer::Biller(bid) = layer {
        let standing = Standing::of(console, &mut conn, actor, bid).await?;
        let drifts = storage::drift::of_biller(&mut conn, bid).await?;
        let host = vanity::shown(&standing);
        let mut view = of_biller(actor, layer, standing, &last);
        // What another host showed before is of no interest any more.
        let check = storage::vanity::find(&mut conn, bid).await?;
        view.vanity_host.clone_from(&host);
        view.vanity = check.filter(|check| Some(&check.domain) == host.as_ref());
        for drift in drifts {
            if let Some(row) = view.rows.iter_mut().find(|row| row.setting.key == drift.key.as_str()) {
                row.ignored_until = drift.ignored_until.filter(|until| *until > console.now());
                row.changed = drift.changed;
            }
        }
        return Ok(view);
    }
    let everywhere = match layer {
        Layer::Tier(_) => super::set_on(&mut conn, &Layer::Everywhere).await?,
        Layer::Everywhere | Layer::Biller(_) => Values::new(),
    };
    Ok(SettingsView {
        layer: layer.clone(),
        biller: None,
        rows: catalogue::all()
            .filter(|setting| !setting.is_of_one_biller())
            .map(|setting| level_row(setting, layer, &last, &everywhere))
            .collect(),
        read_at: None,
        may_change: may_change_level(actor, layer),
        has_objects: false,
        vanity_host: None,
        vanity: None,
    })
}

fn of_biller(actor: &Actor, layer: &Layer, standing: Standing, last: &LayerValues) -> SettingsView {
    let rows = catalogue::all().map(|setting| biller_row(setting, &standing, last)).collect();
    let reads = read::SCOPES.iter().map(|scope: &Scope| standing.observed.get(scope).map(|it| it.read_at));
    SettingsView {
        layer: layer.clone(),
        rows,
        read_at: reads.collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min()),
        may_change: standing.may_change(actor),
        has_objects: standing.has_objects(),
        vanity_host: None,
        vanity: None,
        biller: Some(standing.biller),
    }
}

fn biller_row(setting: &'static Setting, standing: &Standing, last: &LayerValues) -> SettingRow {
    let effective = standing.effective(setting);
    let observed = standing.observed(setting.key()).cloned();
    let agreement = if setting.is_watched() && standing.has_objects() {
        agreement(effective.value.as_ref(), observed.as_ref())
    } else {
        Agreement::Unknown
    };
    SettingRow {
        setting,
        inherited: Effective::inherited(setting, &standing.layers, standing.own()),
        own: standing.layers.biller.get(&setting.key()).cloned(),
        last: last.get(&setting.key()).cloned(),
        observed,
        agreement,
        effective,
        ignored_until: None,
        changed: None,
    }
}

fn level_row(
    setting: &'static Setting,
    layer: &Layer,
    last: &LayerValues,
    everywhere: &Values,
) -> SettingRow {
    let key = setting.key();
    let own = last.get(&key).and_then(|change| change.value.clone());
    let (value, origin) = match (everywhere.get(&key), setting.default_value()) {
        (Some(value), _) => (Some(value.clone()), ValueOrigin::Everywhere),
        (None, Some(value)) => (Some(value), ValueOrigin::Default),
        (None, None) => (None, ValueOrigin::Vendor),
    };
    let inherited = Effective { value, origin };
    let here = if matches!(layer, Layer::Tier(_)) { ValueOrigin::Tier } else { ValueOrigin::Everywhere };
    let effective = match &own {
        Some(value) => Effective { value: Some(value.clone()), origin: here },
        None => inherited.clone(),
    };
    let last = last.get(&key).cloned();
    SettingRow {
        setting,
        effective,
        inherited,
        own,
        last,
        observed: None,
        agreement: Agreement::Unknown,
        ignored_until: None,
        changed: None,
    }
}

/// The tiers that billers have, for which something may be set.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn tiers(console: &Console, actor: &Actor) -> Result<Vec<String>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let facets = storage::billers::facets(&mut conn, actor.portfolio()).await?;
    Ok(facets.tiers.into_iter().map(|(tier, _)| tier).collect())
}

/// Reads all objects of a biller anew.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to change settings, since it costs calls;
/// [`ServiceError::Vendor`] when SecureAuth does not answer, [`ServiceError::NotFound`].
pub async fn look_again(console: &Console, actor: &Actor, bid: &Bid) -> Result<(), ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    let standing = Standing::of(console, &mut conn, actor, bid).await?;
    drop(conn);
    let mut scopes = read::SCOPES.to_vec();
    scopes.push(Scope::VanityDomain);
    read::now(console, &standing.biller, &standing.objects, &scopes).await
}
