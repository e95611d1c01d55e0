//! The keys that the CRM publishes: fetched when first needed, kept, and fetched again for a name that is not among
//! them; but not more than once a minute, whatever names are asked for.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use domain::{
    Timestamp,
    launch::{Reason, Refused},
};
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use url::Url;

use super::jwt::{self, Header, Key};
use crate::Console;

/// Keys are taken for right for so long without asking.
const FRESH: Duration = Duration::from_secs(600);
/// While the CRM does not answer, the last keys serve for so long.
const USABLE: Duration = Duration::from_secs(24 * 3600);
/// The CRM is left alone for so long after it was asked.
const PAUSE: Duration = Duration::from_secs(60);
/// The same while nothing is known: until then nobody gets in.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long the CRM may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// Keys as they were published, and when.
type Kept = (Timestamp, Arc<Vec<Jwk>>);

/// See the module.
#[derive(Default)]
pub(crate) struct PublishedKeys {
    kept: RwLock<Option<Kept>>,
    /// Held by the one who asks the CRM; when it was asked last.
    turn: tokio::sync::Mutex<Option<Timestamp>>,
}

impl PublishedKeys {
    /// The key that the header means.
    ///
    /// # Errors
    /// [`Reason::UnknownKey`], [`Reason::NoKeys`] when the CRM does not answer and nothing is known from before,
    /// [`Reason::Algorithm`] when algorithm and key do not go together.
    pub(super) async fn key_for(
        &self,
        console: &Console,
        url: &Url,
        header: &Header,
    ) -> Result<Key, Refused> {
        // A token that cannot be right in any case is not worth asking for.
        header.public_algorithm()?;
        if let Some((at, keys)) = self.kept()
            && console.now().since(at) < FRESH
            && let Some(key) = jwt::public_key(header, &keys)?
        {
            return Ok(key);
        }
        let mut asked = self.turn.lock().await;
        let pause = if self.kept().is_some() { PAUSE } else { FIRST_PAUSE };
        if asked.is_none_or(|asked| console.now().since(asked) >= pause) {
            *asked = Some(console.now());
            match fetch(console, url).await {
                Ok(keys) => self.keep(console.now(), keys),
                Err(why) => tracing::warn!("the CRM's keys at {url} cannot be fetched: {why}"),
            }
        }
        drop(asked);
        let kept = self.kept().filter(|(at, _)| console.now().since(*at) < USABLE);
        let (_, keys) = kept.ok_or(Reason::NoKeys)?;
        let name: String = header.kid.as_deref().unwrap_or("none is named").chars().take(60).collect();
        jwt::public_key(header, &keys)?.ok_or_else(|| Refused::new(Reason::UnknownKey, format!("{name:?}")))
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, at: Timestamp, keys: Vec<Jwk>) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some((at, Arc::new(keys)));
    }
}

async fn fetch(console: &Console, url: &Url) -> Result<Vec<Jwk>, String> {
    let request = console.http.get(url.clone()).timeout(PATIENCE);
    let mut answer = request.send().await.map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("it answers {}", answer.status()));
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| error.to_string())? {
        body.extend_from_slice(&part);
        if body.len() > LONGEST {
            return Err("its answer is too long".to_owned());
        }
    }
    let set: Value = serde_json::from_slice(&body).map_err(|_| "its answer is not JSON".to_owned())?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or("its answer has no keys")?;
    // A key of a kind that is not known here is somebody else's business.
    Ok(keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect())
}
