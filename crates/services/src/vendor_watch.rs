//! Is the vendor there? Asked cheaply, and at most every few seconds for all pages together.

use std::time::{Duration, Instant};

use domain::Timestamp;
use secureauth::Workspace;
use tokio::sync::Mutex;

use crate::Console;

/// An answer serves all pages for this long.
const FRESH: Duration = Duration::from_secs(15);

/// A page waits for the vendor no longer than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of the vendor's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorHealth {
    /// Whether discovery of the admin workspace answered.
    pub answered: bool,
    /// What was found, in words.
    pub detail: String,
    /// How long the answer took.
    pub latency: Duration,
    /// When it was asked.
    pub checked_at: Timestamp,
}

/// The last answer, shared by all pages.
#[derive(Debug, Default)]
pub struct VendorWatch {
    last: Mutex<Option<VendorHealth>>,
}

/// The vendor's health, asked anew if what is known is not fresh.
pub(crate) async fn look(console: &Console) -> VendorHealth {
    let mut last = console.watch.last.lock().await;
    if let Some(known) = last.as_ref()
        && console.now().since(known.checked_at) < FRESH
    {
        return known.clone();
    }
    let begun = Instant::now();
    let issuer = console.vendor.issuer(Workspace::Admin);
    let answer = tokio::time::timeout(PATIENCE, console.vendor.probe_discovery(issuer)).await;
    let (answered, detail) = match answer {
        Ok(Ok(_)) => (true, "Discovery of the admin workspace answers.".to_owned()),
        Ok(Err(error)) => (false, format!("{error} {}", error.cure())),
        Err(_) => (false, format!("No answer within {} s.", PATIENCE.as_secs())),
    };
    let health = VendorHealth { answered, detail, latency: begun.elapsed(), checked_at: console.now() };
    *last = Some(health.clone());
    health
}
