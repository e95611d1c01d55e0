//! How the vendor itself measured what it served, beside which ours are shown.

use std::time::Duration;

/// The vendor's own figures of a day. What it does not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorFigures {
    /// Days since 1970, UTC.
    pub day: i64,
    /// The vendor's name of the API.
    pub api: String,
    /// Requests that it served, whoever made them.
    pub requests: Option<u64>,
    /// Half of them took no longer.
    pub p50: Option<Duration>,
    /// 95 of 100 took no longer.
    pub p95: Option<Duration>,
    /// 99 of 100 took no longer.
    pub p99: Option<Duration>,
}
