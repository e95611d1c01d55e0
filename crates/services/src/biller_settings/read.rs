//! Reading a biller's objects at SecureAuth: one call each.

use std::collections::BTreeMap;

use domain::{
    biller::Biller,
    object::{ObjectKind, VendorObject},
    settings::{Observed, Scope, SettingKey, SettingValue, catalogue, vanity},
};
use secureauth::{BindingId, CallError, ClientId, PoolId, SettingsObject, WorkspaceId};
use serde_json::{Value, json};
use storage::{Bookkeeping, settings::ObservedScope};

use super::Standing;
use crate::{Console, ServiceError, drift};

/// The objects that are read, each with one call. The organization's answer also names the theme.
pub(crate) const SCOPES: [Scope; 4] = [Scope::Pool, Scope::Organization, Scope::Binding, Scope::Application];

/// The objects to read of a biller: all of them, and its vanity domain where it has one or is to have one. Most have
/// none, and asking for it is a call more.
pub(crate) fn scopes_of(standing: &Standing) -> Vec<Scope> {
    let key = vanity::HOST.parse().ok();
    let has_host = |value: Option<&SettingValue>| key.and_then(|key| vanity::host(key, value)).is_some();
    let set = key.and_then(|key| standing.layers.biller.get(&key));
    let shown = key.and_then(|key| standing.observed(key)).and_then(Observed::value);
    let one_more = (has_host(set) || has_host(shown)).then_some(Scope::VanityDomain);
    SCOPES.into_iter().chain(one_more).collect()
}

/// What an object shows for each setting of a scope that is compared.
pub(crate) fn observe(scope: Scope, json: &Value) -> BTreeMap<SettingKey, Observed> {
    catalogue::of_scope(scope)
        .iter()
        .filter(|setting| setting.is_watched() && setting.path().is_some())
        .map(|setting| (setting.key(), setting.observe(json)))
        .collect()
}

/// The object of a biller that holds the settings of a scope; `None` where there is none.
pub(crate) fn object_of(objects: &[VendorObject], scope: Scope) -> Option<SettingsObject> {
    let id = |kind: ObjectKind| objects.iter().find(|it| it.kind == kind).map(|it| it.vendor_id.as_str());
    let workspace = || WorkspaceId::parse(id(ObjectKind::Organization)?).ok();
    Some(match scope {
        Scope::Pool => SettingsObject::Pool(PoolId::parse(id(ObjectKind::Pool)?).ok()?),
        Scope::Organization | Scope::Theme | Scope::VanityDomain => {
            SettingsObject::Organization(workspace()?)
        }
        Scope::Binding => {
            SettingsObject::Binding(workspace()?, BindingId::parse(id(ObjectKind::Binding)?).ok()?)
        }
        Scope::Application => {
            SettingsObject::Application(ClientId::parse(id(ObjectKind::Application)?).ok()?)
        }
        Scope::Tenant => return None,
    })
}

/// Reads the object of a scope: what it shows, and with the organization what theme it has. `None`: there is none.
pub(crate) async fn one(
    console: &Console,
    objects: &[VendorObject],
    scope: Scope,
) -> Result<Option<BTreeMap<Scope, ObservedScope>>, CallError> {
    let Some(object) = object_of(objects, scope) else { return Ok(None) };
    if let (Scope::VanityDomain, SettingsObject::Organization(organization)) = (scope, &object) {
        let found = console.vendor.get_vanity_domain(organization).await?;
        let json = json!({ "domain": found.map(|it| it.domain) });
        let seen = ObservedScope { values: observe(scope, &json), read_at: console.now() };
        return Ok(Some(BTreeMap::from([(scope, seen)])));
    }
    let json = console.vendor.read_settings(&object).await?;
    let read_at = console.now();
    let seen = |scope| (scope, ObservedScope { values: observe(scope, &json), read_at });
    Ok(Some(match scope {
        Scope::Organization | Scope::Theme => BTreeMap::from([seen(Scope::Organization), seen(Scope::Theme)]),
        other => BTreeMap::from([seen(other)]),
    }))
}

/// Reads the objects that hold these scopes and keeps what they show.
///
/// # Errors
/// [`ServiceError::Vendor`] with the first read that failed; what was read before is kept.
pub(crate) async fn now(
    console: &Console,
    biller: &Biller,
    objects: &[VendorObject],
    scopes: &[Scope],
) -> Result<(), ServiceError> {
    let mut wanted: Vec<Scope> = scopes
        .iter()
        .map(|scope| if *scope == Scope::Theme { Scope::Organization } else { *scope })
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let reads = wanted.iter().map(|scope| one(console, objects, *scope));
    let mut failed = None;
    let mut seen = BTreeMap::new();
    for read in futures::future::join_all(reads).await {
        match read {
            Ok(found) => seen.extend(found.unwrap_or_default()),
            Err(error) => failed = Some(error),
        }
    }
    let mut tx = console.store.begin().await?;
    drift::note(console, &mut tx, biller.clone(), &seen).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    drift::who::note(console, biller.bid(), objects).await?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}
