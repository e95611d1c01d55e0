//! The form that has a client secret made. It is answered with the page itself and not with a redirect: so the secret
//! is in that one answer and nowhere else.

use std::collections::BTreeMap;

use domain::{Bid, Timestamp, actor::Actor, oidc::OldSecret};
use serde::Deserialize;
use services::{
    Console,
    hand_over_secret::{self, HandedOver, Wanted},
};
use tower_sessions::Session;

use crate::{
    paths,
    session::{self, Flash},
    ui::frame::PageError,
};

/// The form as it is posted.
#[derive(Debug, Deserialize)]
pub struct SecretForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    reason: String,
}

/// Has a secret made for whoever is signed in.
///
/// # Errors
/// The page to go to instead; it shows what is wrong.
pub async fn post(
    console: &Console,
    session: &Session,
    bid: &str,
    form: SecretForm,
) -> Result<HandedOver, String> {
    let back = Bid::parse(bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| paths::secret(&bid));
    let fields = [("name", &form.name), ("old", &form.old), ("reason", &form.reason)];
    let typed: BTreeMap<_, _> =
        fields.into_iter().map(|(field, text)| (field.to_owned(), text.clone())).collect();
    let (to, flash) = match session::actor(session).await {
        Ok(Some(actor)) => match make(console, &actor, bid, form).await {
            Ok(made) => return Ok(made),
            Err(error) => {
                tracing::warn!(actor = actor.id(), bid, "no secret was handed over: {error}");
                (back, Flash::refused(&error, typed))
            }
        },
        Ok(None) => (paths::sign_in(&back), Flash::signed_out(typed)),
        Err(error) => (back, Flash::refused(&error.into(), typed)),
    };
    if let Err(error) = session::put_flash(session, &flash).await {
        tracing::warn!(%error, "the notice could not be kept");
    }
    Err(to)
}

async fn make(
    console: &Console,
    actor: &Actor,
    bid: &str,
    form: SecretForm,
) -> Result<HandedOver, PageError> {
    const STALE: PageError = PageError::Form("The form is out of date. Reload the page and try again.");
    let bid = Bid::parse(bid)?;
    let old: OldSecret = form.old.parse()?;
    let seen = match form.seen.as_str() {
        "" => None,
        micros => Some(Timestamp::from_micros(micros.parse().map_err(|_| STALE)?)),
    };
    let reason = Some(form.reason).filter(|text| !text.trim().is_empty());
    let wanted = Wanted { typed_name: form.name, seen, old, reason };
    Ok(hand_over_secret::make(console, actor, &bid, wanted).await?)
}
