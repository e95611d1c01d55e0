//! What the licence says, and points of the vendor's analytics.

use std::collections::BTreeMap;

use domain::Timestamp;
use serde::{Deserialize, Deserializer};

use super::lenient;

/// The licence. What the vendor does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct License {
    /// From when on it is good.
    #[serde(rename = "start_date", deserialize_with = "instant")]
    pub starts: Option<Timestamp>,
    /// Until when it is good.
    #[serde(rename = "end_date", deserialize_with = "instant")]
    pub ends: Option<Timestamp>,
    /// Whether the vendor refuses what goes beyond.
    #[serde(rename = "enforcement_enabled", deserialize_with = "lenient::optional")]
    pub enforced: Option<bool>,
}

/// What the licence meters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens issued in the vendor's month.
    #[serde(rename = "monthly_tokens_issued", deserialize_with = "lenient::or_default")]
    pub tokens: Metered,
    /// Enterprise identity providers.
    #[serde(rename = "enterprise_idps", deserialize_with = "lenient::or_default")]
    pub providers: Metered,
}

/// How much may be used, and how much is. What the vendor does not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Metered {
    /// At most so many.
    #[serde(deserialize_with = "lenient::optional")]
    pub limit: Option<i64>,
    /// So many are used.
    #[serde(deserialize_with = "lenient::optional")]
    pub used: Option<i64>,
}

/// What the vendor computes of the requests that it served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// How many.
    Count,
    /// Half took no longer.
    P50,
    /// 95 of 100 took no longer.
    P95,
    /// 99 of 100 took no longer.
    P99,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 4] = [Self::Count, Self::P50, Self::P95, Self::P99];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }
}

/// Points in time.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Points<T> {
    #[serde(default = "Vec::new", deserialize_with = "lenient::or_default")]
    pub(crate) data: Vec<T>,
}

/// A value.
#[derive(Deserialize)]
pub(crate) struct SinglePoint {
    #[serde(default)]
    value: Option<f64>,
}

impl SinglePoint {
    pub(crate) fn count(&self) -> Option<u64> {
        // The vendor writes whole numbers as numbers with a point.
        self.value.filter(|value| (0.0..9e15).contains(value)).map(|value| value.round() as u64)
    }
}

/// Values by name at the beginning of a stretch of time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Point {
    /// The beginning; `None` where the vendor does not tell.
    #[serde(default, rename = "timestamp", deserialize_with = "instant")]
    pub begins: Option<Timestamp>,
    /// The values by the vendor's names.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub values: BTreeMap<String, f64>,
}

/// Absent, null, empty, and what Go writes for no time at all (the year 1), are read as nothing.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let at: Option<jiff::Timestamp> = lenient::optional(deserializer)?;
    Ok(at.map(|at| Timestamp::from_micros(at.as_microsecond())).filter(|at| at.micros() > 0))
}
