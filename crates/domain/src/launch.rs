//! A launch: the CRM opens the console for one of its people, with a token that it signs. Whether the signature holds
//! is found out elsewhere; here stands what the claims have to say.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Bid, Timestamp,
    actor::Actor,
    claims::{self, ClaimError, Claims, PersonRules},
    refused::RefusalReason,
    theme::Theme,
    words,
};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 8 * 1024;

/// The longest time for which a launch may be good.
pub const MAX_LIFE: Duration = Duration::from_secs(60);

/// How far the CRM's clock may be ahead of ours or behind.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5);

/// The longest `jti`, in characters.
const JTI: usize = 256;

words! {
    /// Why a launch is refused. The browser is told the same of all of them.
    Reason, "reason" {
        /// No launch is configured.
        NotConfigured = "not_configured", "no launch is configured";
        /// A site sent it that may not show the console.
        Origin = "origin", "the form was sent by a site that is none of the CRM's";
        /// The form holds no token.
        NoToken = "no_token", "the form holds no token";
        /// Form or token are too long.
        TooLong = "too_long", "the form or its token is too long";
        /// It is no JWT.
        Malformed = "malformed", "the token cannot be read";
        /// It bears no signature.
        Unsigned = "unsigned", "the token is not signed";
        /// It is signed in a way that is not allowed, or that does not fit the key.
        Algorithm = "algorithm", "the token is signed in a way that is not allowed here";
        /// The CRM publishes no such key.
        UnknownKey = "unknown_key", "the CRM publishes no key of this name";
        /// The CRM's keys cannot be had.
        NoKeys = "no_keys", "the CRM's keys cannot be fetched";
        /// The signature is wrong.
        Signature = "signature", "the signature does not hold";
        /// Somebody else issued it.
        Issuer = "issuer", "the token is of another issuer";
        /// It is for somebody else.
        Audience = "audience", "the token is for another audience";
        /// It is good for too long, or for no time at all.
        Lifetime = "lifetime", "the token is good for longer than a minute, or for no time";
        /// It is not good yet.
        Early = "early", "the token is not good yet";
        /// It is no longer good.
        Late = "late", "the token has expired";
        /// A claim is missing or cannot be used.
        Claim = "claim", "a claim is missing or cannot be used";
        /// The person has no role here.
        NoRole = "no_role", "the person has no role in the console";
        /// It was used before.
        Replayed = "replayed", "the token was used before";
        /// Not the CRM's fault but ours.
        Fault = "fault", "the console could not do it";
    }
}

impl RefusalReason for Reason {
    const CLAIM: Self = Self::Claim;
    const NO_ROLE: Self = Self::NoRole;

    fn words(self) -> &'static str {
        self.label()
    }
}

/// A launch that is refused.
pub type Refused = crate::refused::Refused<Reason>;

/// What launches have to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchRules {
    /// Who issues them.
    pub issuer: String,
    /// For whom they are: us.
    pub audience: String,
    /// Which claims tell of the person.
    pub person: PersonRules,
}

/// Tells a launch from every other one: a hash of issuer and `jti`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchId(String);

impl LaunchId {
    /// The id of the launch to which this issuer gave this `jti`.
    #[must_use]
    pub fn of(issuer: &str, jti: &str) -> Self {
        let mut hash = Sha256::new();
        // The length keeps "a" + "bc" apart from "ab" + "c".
        hash.update(issuer.len().to_be_bytes());
        hash.update(issuer);
        hash.update(jti);
        Self(hex::encode(hash.finalize()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A language and region as a tag (RFC 5646), e.g. `en-US`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(String);

impl Locale {
    /// Checks the shape of a tag: subtags of one to eight letters and digits, the first of two or three letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let language = parts.next().is_some_and(|part| {
            (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        let rest = parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        (language && rest && text.len() <= 35).then(|| Self(text.to_owned()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A launch whose claims are in order. It may still have been used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Tells it from every other one.
    pub id: LaunchId,
    /// When it ends to be good, the skew of clocks included.
    pub ends_at: Timestamp,
    /// For whom it is.
    pub actor: Actor,
    /// The biller to show, as the CRM names it. It need not exist.
    pub biller: Option<String>,
    /// The person's language, if it can be read.
    pub locale: Option<Locale>,
    /// The colours, if they are among ours.
    pub theme: Option<Theme>,
}

impl LaunchRules {
    /// Reads the claims of a token whose signature holds.
    ///
    /// # Errors
    /// [`Refused`] says which rule is broken.
    pub fn read(&self, claims: &Claims, now: Timestamp) -> Result<Launch, Refused> {
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(Refused::new(Reason::Issuer, found(claims, "iss")));
        }
        let ours = |value: &Value| value.as_str() == Some(self.audience.as_str());
        let audience = claims.get("aud");
        let listed = audience.and_then(Value::as_array).is_some_and(|all| all.iter().any(ours));
        if !listed && !audience.is_some_and(ours) {
            return Err(Refused::new(Reason::Audience, found(claims, "aud")));
        }
        let expires_at = in_time(claims, now)?;
        let jti = claims::text(claims, "jti", JTI)?;
        let optional = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim);
        Ok(Launch {
            id: LaunchId::of(&self.issuer, jti),
            ends_at: expires_at.plus(CLOCK_SKEW),
            actor: self.person.person(claims)?,
            biller: optional("bid").filter(|bid| !bid.is_empty()).map(|bid| bid.chars().take(100).collect()),
            locale: optional("locale").and_then(Locale::parse),
            theme: optional("theme").and_then(|theme| theme.parse().ok()),
        })
    }
}

impl Launch {
    /// The biller to show, if its name can be a bid.
    #[must_use]
    pub fn bid(&self) -> Option<Bid> {
        self.biller.as_deref().and_then(|bid| Bid::parse(bid).ok())
    }
}

/// Whether a launch is good now; the answer is when it expires.
fn in_time(claims: &Claims, now: Timestamp) -> Result<Timestamp, Refused> {
    let (issued_at, expires_at) = (instant(claims, "iat")?, instant(claims, "exp")?);
    if expires_at <= issued_at || expires_at > issued_at.plus(MAX_LIFE) {
        return Err(Refused::new(Reason::Lifetime, format!("from {issued_at} to {expires_at}")));
    }
    let not_before = if claims.contains_key("nbf") { instant(claims, "nbf")? } else { issued_at };
    let begins_at = issued_at.max(not_before);
    if begins_at > now.plus(CLOCK_SKEW) {
        return Err(Refused::new(Reason::Early, format!("it begins at {begins_at}")));
    }
    if now >= expires_at.plus(CLOCK_SKEW) {
        return Err(Refused::new(Reason::Late, format!("it ended at {expires_at}")));
    }
    Ok(expires_at)
}

/// The latest second that is read as an instant: the end of the year 9999.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// A `NumericDate` (RFC 7519): seconds since 1970, with or without a fraction.
fn instant(claims: &Claims, name: &str) -> Result<Timestamp, Refused> {
    let value = claims.get(name).ok_or_else(|| ClaimError::Missing(name.to_owned()))?;
    let seconds = value.as_f64().filter(|seconds| (0.0..=LAST_SECOND).contains(seconds));
    let seconds = seconds.ok_or_else(|| ClaimError::unusable(name, "it is no time in seconds"))?;
    Ok(Timestamp::from_micros((seconds * 1_000_000.0).round() as i64))
}

/// What a claim says, for the log.
fn found(claims: &Claims, name: &str) -> String {
    match claims.get(name) {
        None => "there is none".to_owned(),
        Some(value) => value.to_string().chars().take(100).collect(),
    }
}
