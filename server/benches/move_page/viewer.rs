//! The person who looks: follows the page's events and asks for the page as the browser does.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{Outcome, process::processor_time, truth::Moment};

/// The page's script waits so long before it looks, so that quick changes are shown together.
const CALM: Duration = Duration::from_millis(200);

/// A console that serves, and who is signed in.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) process: u32,
    pub(crate) http: reqwest::Client,
    pub(crate) cookie: String,
    pub(crate) bid: &'static str,
}

impl Site {
    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("http://{}{path}", self.address)).header("cookie", &self.cookie)
    }

    async fn page(&self) -> Outcome<String> {
        let path = format!("/billers/{}/migration", self.bid);
        Ok(self.get(&path).send().await?.error_for_status()?.text().await?)
    }
}

/// What was shown when, and how long the page took.
pub(crate) struct Shown {
    pub(crate) seen: Vec<Moment>,
    pub(crate) took: Vec<Duration>,
}

/// Looks on until so many users have arrived.
pub(crate) async fn look_on(site: &Site, enough: usize) -> Outcome<Shown> {
    let events = format!("/events?topic=biller%3A{}", site.bid);
    let mut events = site.get(&events).send().await?.error_for_status()?;
    let mut shown = Shown { seen: Vec::new(), took: Vec::new() };
    loop {
        tokio::time::sleep(CALM).await;
        let asked = Instant::now();
        let page = site.page().await?;
        shown.took.push(asked.elapsed());
        let arrived = arrived(&page).unwrap_or(0);
        shown.seen.push((Instant::now(), arrived));
        if arrived >= enough as u64 {
            shown.took.sort_unstable();
            return Ok(shown);
        }
        // What came while the page was looked at is there already; else the next one is waited for.
        events.chunk().await?.ok_or("the events have ended")?;
    }
}

/// The number of users that the page says have arrived.
fn arrived(page: &str) -> Option<u64> {
    let (before, _) = page.split_once("aria-label=\"Users moved\"")?;
    let (_, value) = before.rsplit_once("value=\"")?;
    value.split('"').next()?.parse().ok()
}

/// What a look costs while nothing else goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// The median.
    pub(crate) took: Duration,
    /// Processor time of the console for one look.
    pub(crate) processor: Duration,
    /// Bytes of the page.
    pub(crate) bytes: usize,
}

/// Looks so many times, one after the other.
pub(crate) async fn cost(site: &Site, looks: usize) -> Outcome<Cost> {
    let bytes = site.page().await?.len();
    let before = processor_time(site.process);
    let mut took = Vec::new();
    for _ in 0..looks {
        let asked = Instant::now();
        site.page().await?;
        took.push(asked.elapsed());
    }
    let spent = processor_time(site.process).saturating_sub(before);
    took.sort_unstable();
    let middle = took.get(took.len() / 2).copied().unwrap_or_default();
    Ok(Cost { took: middle, processor: spent / u32::try_from(looks)?, bytes })
}
