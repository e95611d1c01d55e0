//! Scans for drift of settings.

use std::time::Duration;

use serde::Deserialize;

/// The section `[drift]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftConfig {
    /// How often all enabled billers are compared, in hours; 0: only when somebody asks.
    pub scan_every_hours: u32,
}

impl DriftConfig {
    /// The time between two scans.
    #[must_use]
    pub fn every(&self) -> Option<Duration> {
        (self.scan_every_hours > 0).then(|| Duration::from_secs(u64::from(self.scan_every_hours) * 3_600))
    }
}
