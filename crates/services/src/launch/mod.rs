//! A launch: the CRM opens the console for one of its people with a token that it signs.

mod jwt;
mod keys;

use domain::{
    Bid, Timestamp,
    actor::Capability,
    launch::{Launch, LaunchRules, MAX_TOKEN, Reason, Refused},
    session::SignIn,
};
use secrecy::SecretString;
use storage::launches;
use url::Url;

pub(crate) use self::keys::PublishedKeys;
use crate::{Console, ServiceError, reach, sessions};

/// How launches are recognised.
#[derive(Clone, Debug)]
pub struct LaunchSettings {
    /// What they have to say.
    pub rules: LaunchRules,
    /// With what they are signed.
    pub keys: LaunchKeys,
}

/// With what launches are signed: one or the other, so that no public key is ever taken for a secret.
#[derive(Clone, Debug)]
pub enum LaunchKeys {
    /// A key of those that the CRM publishes there (RS256, ES256).
    Published(Url),
    /// A secret that the CRM and the console share (HS256).
    Shared(SecretString),
}

/// Where a launch leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    /// To the page of the biller that the CRM names.
    Biller(Bid),
    /// To the overview: the CRM names no biller.
    Overview,
    /// To the overview: the CRM names a biller that is not here.
    NoSuchBiller,
}

/// Reads a token and checks all of it but whether it was used before.
///
/// # Errors
/// [`Refused`] with the reason, for the log.
pub async fn read(console: &Console, token: &str) -> Result<Launch, Refused> {
    let settings = console.settings.launch.as_ref().ok_or(Reason::NotConfigured)?;
    let url = match &settings.keys {
        LaunchKeys::Shared(secret) => return read_shared(&settings.rules, secret, token, console.now()),
        LaunchKeys::Published(url) => url,
    };
    let header = header(token)?;
    let key = console.launch_keys.key_for(console, url, &header).await?;
    settings.rules.read(&jwt::claims(token, &key)?, console.now())
}

/// The same with the secret that the CRM and the console share, which needs nothing else.
///
/// # Errors
/// As [`read`].
pub fn read_shared(
    rules: &LaunchRules,
    secret: &SecretString,
    token: &str,
    now: Timestamp,
) -> Result<Launch, Refused> {
    let key = jwt::shared_key(&header(token)?, secret)?;
    rules.read(&jwt::claims(token, &key)?, now)
}

fn header(token: &str) -> Result<jwt::Header, Refused> {
    if token.is_empty() {
        return Err(Reason::NoToken.into());
    }
    if token.len() > MAX_TOKEN {
        return Err(Refused::new(Reason::TooLong, format!("the token has {} bytes", token.len())));
    }
    jwt::header(token)
}

/// Lets the person in: uses the launch up and writes the sign-in down, both or neither. The session must be opened
/// only after that.
///
/// # Errors
/// [`Refused`] when the launch was used before, on this server or another.
pub async fn enter(console: &Console, launch: &Launch, sign_in: &SignIn) -> Result<Landing, Refused> {
    let fault = |error: ServiceError| Refused::new(Reason::Fault, error.to_string());
    let landing = landing(console, launch).await.map_err(fault)?;
    if use_up(console, launch, sign_in).await.map_err(fault)? {
        Ok(landing)
    } else {
        Err(Reason::Replayed.into())
    }
}

async fn use_up(console: &Console, launch: &Launch, sign_in: &SignIn) -> Result<bool, ServiceError> {
    let mut tx = console.store.begin().await?;
    if !launches::use_up(&mut tx, &launch.id, launch.ends_at).await? {
        return Ok(false);
    }
    tx.commit_audited(sessions::entry_in(console, &launch.actor, sign_in)).await?;
    Ok(true)
}

async fn landing(console: &Console, launch: &Launch) -> Result<Landing, ServiceError> {
    if launch.biller.is_none() || launch.actor.may(Capability::ViewBillers).is_err() {
        return Ok(Landing::Overview);
    }
    let Some(bid) = launch.bid() else { return Ok(Landing::NoSuchBiller) };
    let mut conn = console.store.read().await?;
    let known = reach::find(&mut conn, &launch.actor, &bid).await?.is_some();
    Ok(if known { Landing::Biller(bid) } else { Landing::NoSuchBiller })
}
