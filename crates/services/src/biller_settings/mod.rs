//! A biller's settings at SecureAuth, and the defaults they come from: shown, changed, applied.
//!
//! A change is proposed first and looked at as the exact difference; confirming it sets the values and starts one
//! run for each biller, which writes every object once and reads it back.

pub mod as_code;
pub mod confirm;
pub(crate) mod hosts;
pub mod issuer;
pub mod preview;
pub mod propose;
pub(crate) mod read;
pub mod requests;
pub mod show;
pub mod vanity;

use std::collections::BTreeMap;

use domain::{
    Bid,
    access::{self, Refusal},
    actor::{Actor, Capability},
    biller::Biller,
    object::VendorObject,
    plan::{self, EnablePlan},
    run::{Run, RunKind},
    settings::{
        Effective, Holding, Layer, Layers, Observed, Own, Scope, Setting, SettingKey, Values, catalogue,
    },
};
use storage::{
    Conn, objects, runs,
    settings::{self, ObservedScope},
};

use crate::{Console, ServiceError, reach};

/// Everything that decides a biller's values, and what its objects showed.
pub(crate) struct Standing {
    pub(crate) biller: Biller,
    pub(crate) layers: Layers,
    pub(crate) plan: EnablePlan,
    pub(crate) observed: BTreeMap<Scope, ObservedScope>,
    pub(crate) objects: Vec<VendorObject>,
    pub(crate) open: Option<Run>,
}

impl Standing {
    /// The biller's, if it is there for the actor.
    pub(crate) async fn of(
        console: &Console,
        conn: &mut Conn,
        actor: &Actor,
        bid: &Bid,
    ) -> Result<Self, ServiceError> {
        let biller = reach::biller(conn, actor, bid).await?;
        Self::load(console, conn, biller).await
    }

    /// That of a biller that was found.
    pub(crate) async fn load(
        console: &Console,
        conn: &mut Conn,
        biller: Biller,
    ) -> Result<Self, ServiceError> {
        let bid = biller.bid().clone();
        Ok(Self {
            layers: settings::layers_of(conn, &bid, biller.draft.tier.as_deref()).await?,
            plan: plan::enable(&biller, &console.settings.plan),
            observed: settings::observed_of(conn, &bid).await?,
            objects: objects::of_biller(conn, &bid).await?,
            open: runs::open_of(conn, &bid).await?,
            biller,
        })
    }

    pub(crate) const fn own(&self) -> Own<'_> {
        Own { status: self.biller.status, plan: &self.plan }
    }

    pub(crate) fn effective(&self, setting: &'static Setting) -> Effective {
        Effective::of(setting, &self.layers, self.own())
    }

    pub(crate) fn observed(&self, key: SettingKey) -> Option<&Observed> {
        self.observed.get(&key.setting().scope)?.values.get(&key)
    }

    /// The values that hold, with what is set for the biller replaced.
    pub(crate) fn holding(&self, biller: &Values) -> Holding {
        let layers = Layers { biller: biller.clone(), ..self.layers.clone() };
        let value = |setting: &'static Setting| Effective::of(setting, &layers, self.own()).value;
        catalogue::watched().filter_map(|setting| Some((setting.key(), value(setting)?))).collect()
    }

    /// Whether its objects can be written: there are some, and the biller stands still.
    pub(crate) fn has_objects(&self) -> bool {
        use domain::biller::CiamStatus::{Enabled, Suspended};
        matches!(self.biller.status, Enabled | Suspended)
    }

    /// Whether sign-ins may be let go to another issuer now.
    pub(crate) fn may_switch_issuer(&self, actor: &Actor) -> Result<(), Refusal> {
        access::may_start(actor, &self.biller, self.open.as_ref(), RunKind::SwitchIssuer)
    }

    pub(crate) fn may_change(&self, actor: &Actor) -> Result<(), Refusal> {
        access::may_change_settings(actor, &self.biller, self.open.as_ref())
    }
}

/// Whether the actor may change what is set on this level.
pub(crate) fn may_change_level(actor: &Actor, layer: &Layer) -> Result<(), Refusal> {
    actor.may(Capability::ChangeSettings)?;
    match layer {
        Layer::Everywhere | Layer::Tier(_) => access::may_touch_any_biller(actor, Capability::ChangeSettings),
        Layer::Biller(_) => Ok(()),
    }
}

/// What is set on one level.
pub(crate) async fn set_on(conn: &mut Conn, layer: &Layer) -> Result<Values, ServiceError> {
    let decisions = settings::values_of(conn, layer).await?;
    Ok(decisions.into_iter().filter_map(|(key, change)| Some((key, change.value?))).collect())
}

/// The same values with changes made: `None` goes back to what is inherited.
pub(crate) fn changed(
    values: &Values,
    changes: &BTreeMap<SettingKey, Option<domain::settings::SettingValue>>,
) -> Values {
    let mut values = values.clone();
    for (key, value) in changes {
        match value {
            Some(value) => values.insert(*key, value.clone()),
            None => values.remove(key),
        };
    }
    values
}
