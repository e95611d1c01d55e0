//! Times at which something is to happen.

use domain::zone::Zone;
use serde::{Deserialize, Deserializer};

/// The section `[schedules]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchedulesConfig {
    /// The time zone of billers of which IC names none, an IANA name.
    #[serde(deserialize_with = "zone")]
    pub time_zone: Zone,
}

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
    let name = String::deserialize(deserializer)?;
    let unknown = || format!("{name:?} is no time zone: use an IANA name such as America/Chicago");
    Zone::named(&name).ok_or_else(unknown).map_err(serde::de::Error::custom)
}
