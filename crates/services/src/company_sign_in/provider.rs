//! What the provider says about itself: asked for when first needed, and kept for a while.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use domain::{
    Timestamp,
    company_sign_in::{Reason, Refused},
};
use openidconnect::{HttpRequest, HttpResponse, IssuerUrl, ProviderMetadataWithLogout};
use thiserror::Error;

use crate::Console;

/// Where the provider's sign-in page is hardly changes.
pub(super) const FRESH: Duration = Duration::from_secs(600);
/// With which keys it signs should be known as of now; but it is asked once a minute at most.
pub(super) const JUST_NOW: Duration = Duration::from_secs(60);
/// While it does not answer, what it last said serves for so long.
const USABLE: Duration = Duration::from_secs(24 * 3600);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

type Kept = (Timestamp, Arc<ProviderMetadataWithLogout>);

/// See the module.
#[derive(Default)]
pub(crate) struct Provider {
    kept: RwLock<Option<Kept>>,
    /// Held by the one who asks.
    turn: tokio::sync::Mutex<()>,
}

impl Provider {
    /// Its discovery document with its keys, not older than `age` where that can be had.
    ///
    /// # Errors
    /// [`Reason::NoAnswer`] when it does not answer and has not for a day.
    pub(super) async fn metadata(
        &self,
        console: &Console,
        issuer: &str,
        age: Duration,
    ) -> Result<Arc<ProviderMetadataWithLogout>, Refused> {
        if let Some(metadata) = self.younger_than(console, age) {
            return Ok(metadata);
        }
        let _turn = self.turn.lock().await;
        if let Some(metadata) = self.younger_than(console, age) {
            return Ok(metadata);
        }
        match discover(console, issuer).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                let kept = Some((console.now(), metadata.clone()));
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
                Ok(metadata)
            }
            Err(why) => {
                tracing::warn!("the identity provider {issuer} does not answer: {why}");
                self.younger_than(console, USABLE).ok_or_else(|| Refused::new(Reason::NoAnswer, why))
            }
        }
    }

    fn younger_than(&self, console: &Console, age: Duration) -> Option<Arc<ProviderMetadataWithLogout>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(at, _)| console.now().since(*at) < age).map(|(_, metadata)| metadata.clone())
    }
}

async fn discover(console: &Console, issuer: &str) -> Result<ProviderMetadataWithLogout, String> {
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|error| error.to_string())?;
    let http = |request| ask(console.http.clone(), request);
    ProviderMetadataWithLogout::discover_async(issuer, &http).await.map_err(in_words)
}

/// An error with everything behind it.
pub(crate) fn in_words(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Why the provider could not be asked.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// It does not answer.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// Its answer is no HTTP that we know.
    #[error(transparent)]
    Answer(#[from] openidconnect::http::Error),
    /// Its answer is too long.
    #[error("its answer is too long")]
    TooLong,
}

/// Asks the provider with our own HTTP client, which follows no redirects.
pub(crate) async fn ask(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, AskError> {
    let (parts, body) = request.into_parts();
    let asked = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
    let mut answer = asked.timeout(PATIENCE).send().await?;
    let mut response = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await? {
        body.extend_from_slice(&part);
        if body.len() > LONGEST {
            return Err(AskError::TooLong);
        }
    }
    Ok(response.body(body)?)
}
