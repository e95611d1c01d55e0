//! Which value holds for a biller, and why.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Control, Setting, SettingKey, SettingValue};
use crate::{Bid, InvalidId, biller::CiamStatus, plan::EnablePlan, words};

words! {
    /// Where a value comes from.
    ValueOrigin, "value origin" {
        /// Set for this biller.
        Biller = "biller", "Set for this biller";
        /// Set for the biller's tier.
        Tier = "tier", "From the tier";
        /// Set for all billers.
        Everywhere = "everywhere", "From the default for all";
        /// The catalogue's or the configuration's default.
        Default = "default", "Default";
        /// What the console knows of the biller.
        Record = "record", "From the biller's record";
        /// The biller's CIAM status.
        Status = "status", "Follows the CIAM status";
        /// Nobody may change it.
        Fixed = "fixed", "Fixed";
        /// Left to SecureAuth.
        Vendor = "vendor", "SecureAuth's own default";
    }
}

/// For whom a value is set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Layer {
    /// For all billers.
    Everywhere,
    /// For the billers of a tier, in lower case like those that IC names.
    Tier(String),
    /// For one biller.
    Biller(Bid),
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("all"),
            Self::Tier(tier) => write!(f, "tier:{tier}"),
            Self::Biller(bid) => write!(f, "biller:{bid}"),
        }
    }
}

impl FromStr for Layer {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.split_once(':') {
            None if text == "all" => Ok(Self::Everywhere),
            Some(("tier", tier)) if !tier.trim().is_empty() => Ok(Self::Tier(tier.trim().to_lowercase())),
            Some(("biller", bid)) => Bid::parse(bid).map(Self::Biller),
            _ => Err(InvalidId::NotAnId(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Layer {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Layer> for String {
    fn from(layer: Layer) -> Self {
        layer.to_string()
    }
}

/// Values by setting.
pub type Values = BTreeMap<SettingKey, SettingValue>;

/// What was set for a biller, on every level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// For all billers.
    pub everywhere: Values,
    /// For the biller's tier.
    pub tier: Values,
    /// For the biller.
    pub biller: Values,
}

/// What decides the values that people do not: the biller's status, and the plan its objects are made from.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Where the biller stands.
    pub status: CiamStatus,
    /// What its objects are made from.
    pub plan: &'a EnablePlan,
}

/// The value that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effective {
    /// The value; `None` leaves it to SecureAuth.
    pub value: Option<SettingValue>,
    /// Where it comes from.
    pub origin: ValueOrigin,
}

impl Effective {
    /// The value of a setting for a biller.
    #[must_use]
    pub fn of(setting: &'static Setting, layers: &Layers, own: Own<'_>) -> Self {
        let key = setting.key();
        let set = |values: &Values, origin| values.get(&key).cloned().map(|value| (value, origin));
        let chosen = match setting.control {
            Control::Form => set(&layers.biller, ValueOrigin::Biller)
                .or_else(|| set(&layers.tier, ValueOrigin::Tier))
                .or_else(|| set(&layers.everywhere, ValueOrigin::Everywhere))
                .or_else(|| planned(setting, own.plan).map(|value| (value, ValueOrigin::Default)))
                .or_else(|| setting.default_value().map(|value| (value, ValueOrigin::Default))),
            Control::Status => by_status(setting, own.status).map(|value| (value, ValueOrigin::Status)),
            Control::Record => planned(setting, own.plan).map(|value| (value, ValueOrigin::Record)),
            Control::Fixed => setting.default_value().map(|value| (value, ValueOrigin::Fixed)),
            Control::Nobody => None,
        };
        match chosen {
            Some((value, origin)) => Self { value: Some(value), origin },
            None => Self { value: None, origin: ValueOrigin::Vendor },
        }
    }

    /// What would hold if nothing were set for the biller itself.
    #[must_use]
    pub fn inherited(setting: &'static Setting, layers: &Layers, own: Own<'_>) -> Self {
        let layers = Layers { biller: Values::new(), ..layers.clone() };
        Self::of(setting, &layers, own)
    }
}

/// Suspending switches all three off, resuming switches them on; while a run is at it, nothing is expected.
fn by_status(setting: &Setting, status: CiamStatus) -> Option<SettingValue> {
    let on = match status {
        CiamStatus::Enabled => true,
        CiamStatus::Suspended => false,
        CiamStatus::NotEnabled | CiamStatus::Enabling | CiamStatus::Suspending | CiamStatus::Resuming => {
            return None;
        }
    };
    match setting.key {
        "application.status" => Some(SettingValue::Text(if on { "active" } else { "inactive" }.to_owned())),
        "binding.disabled" | "organization.deactivated" => Some(SettingValue::Flag(!on)),
        _ => None,
    }
}

/// What an enablement of this biller writes.
fn planned(setting: &Setting, plan: &EnablePlan) -> Option<SettingValue> {
    let text = |text: &str| SettingValue::Text(text.to_owned());
    let value = match setting.key {
        "pool.name" => text(&plan.pool.name),
        "pool.description" => text(&plan.pool.description),
        "organization.name" => text(&plan.organization.name),
        "binding.name" => text(&plan.binding.name),
        "application.name" => text(&plan.application.name),
        "application.redirect_uris" => SettingValue::List(plan.application.oidc.redirect_uris.clone()),
        "application.post_logout_redirect_uris" => {
            SettingValue::List(plan.application.oidc.post_logout_redirect_uris.clone())
        }
        "theme.bound" => text(plan.theme.as_deref().unwrap_or_default()),
        _ => return None,
    };
    Some(setting.kind.canonical(value))
}

/// Lets a plan make what is set in place of what the configuration says: addresses and theme.
pub fn fit(plan: &mut EnablePlan, layers: &Layers) {
    let nearest = |key: &str| {
        let key = key.parse::<SettingKey>().ok()?;
        [&layers.biller, &layers.tier, &layers.everywhere]
            .into_iter()
            .find_map(|values| values.get(&key))
            .cloned()
    };
    let oidc = &mut plan.application.oidc;
    if let Some(SettingValue::List(uris)) = nearest("application.redirect_uris") {
        oidc.redirect_uris = uris;
    }
    if let Some(SettingValue::List(uris)) = nearest("application.post_logout_redirect_uris") {
        oidc.post_logout_redirect_uris = uris;
    }
    if let Some(SettingValue::Text(theme)) = nearest("theme.bound") {
        plan.theme = Some(theme).filter(|theme| !theme.is_empty());
    }
}
