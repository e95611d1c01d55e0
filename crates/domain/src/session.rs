//! Sessions of signed-in people: how they began, how long they last, how they are named.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Timestamp, words};

words! {
    /// By which way somebody came in.
    Means, "way in" {
        /// The sandbox's role chooser.
        RoleChooser = "role_chooser", "Role chooser (sandbox)";
        /// A signed launch from the CRM.
        Launch = "launch", "CRM";
        /// The company's own sign-in.
        Oidc = "oidc", "Company sign-in";
    }
}

/// How a session began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// By which way.
    pub means: Means,
    /// With which browser, as [`browser`] names it.
    pub browser: String,
}

impl SignIn {
    /// A way in, with the browser's own `User-Agent`.
    #[must_use]
    pub fn new(means: Means, user_agent: Option<&str>) -> Self {
        Self { means, browser: browser(user_agent.unwrap_or_default()) }
    }
}

/// A browser as people know it, e.g. `Firefox on Windows`, from what it says of itself. Good enough to tell one's own
/// sessions apart; nothing is decided by it.
#[must_use]
pub fn browser(user_agent: &str) -> String {
    // Most browsers also name those they descend from, so the order matters.
    let name = first_in(
        user_agent,
        &[
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("CriOS/", "Chrome"),
            ("Safari/", "Safari"),
        ],
    );
    let system = first_in(
        user_agent,
        &[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ],
    );
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(system)) => format!("A program on {system}"),
        (None, None) => "Unknown browser".to_owned(),
    }
}

fn first_in(text: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    words.iter().find(|(word, _)| text.contains(word)).map(|(_, label)| *label)
}

/// Names a session without letting anybody use it: the SHA-256 of its id, in hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionKey(String);

/// A text that names no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no session is named like this: reload the page and try again")]
pub struct NoSessionKey;

impl SessionKey {
    /// The key of the session with this id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self(hex::encode(Sha256::digest(id.as_bytes())))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SessionKey {
    type Err = NoSessionKey;
    fn from_str(text: &str) -> Result<Self, NoSessionKey> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(hex) { Ok(Self(text.to_owned())) } else { Err(NoSessionKey) }
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle: Duration,
    /// At most, however much they are used.
    pub absolute: Duration,
}

/// Use is written down at most this often.
pub const NOTED_EVERY: Duration = Duration::from_secs(60);

/// So long before a session ends people are told, and can let it go on (WCAG 2.2, 2.2.1 asks for 20 seconds at least).
pub const TOLD_BEFORE: Duration = Duration::from_secs(120);

impl SessionLimits {
    /// When a session ends that was opened and last used at these instants.
    #[must_use]
    pub fn end(&self, opened_at: Timestamp, used_at: Timestamp) -> Timestamp {
        used_at.plus(self.idle).min(opened_at.plus(self.absolute))
    }
}

/// A session in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Its name.
    pub key: SessionKey,
    /// Whose it is: [`crate::actor::Actor::id`].
    pub person_id: String,
    /// How that person is called.
    pub person: String,
    /// How it began.
    pub sign_in: SignIn,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it was last used, to within [`NOTED_EVERY`].
    pub used_at: Timestamp,
    /// When it ends if nothing more is done in it.
    pub expires_at: Timestamp,
}
