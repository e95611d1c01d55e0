//! Single sign-on: who signed in here lately need not do it again, for as long as the organization says (vendor
//! contract, `sso` of a workspace and `sso_settings` of a provider).

use std::time::Duration;

use axum::http::header::COOKIE;
use domain::Timestamp;
use serde_json::{Value, json};

use super::authorize::Accepted;
use crate::{
    call::{Call, Pairs},
    digest::fingerprint,
    duration,
    store::{Doc, Fields, Table},
};

/// The cookie's name; the contract does not tell the vendor's.
const COOKIE_NAME: &str = "sandbox_sso";

/// Somebody who has signed in before.
pub(super) struct SignedIn {
    /// The user, as `pool/user`.
    pub(super) user: String,
    /// The binding he came through.
    pub(super) binding: String,
    /// When he signed in.
    pub(super) at: Timestamp,
}

/// Begins a session for who just signed in: the cookie to set. `None` where single sign-on is off.
pub(super) fn begin(call: &mut Call<'_>, accepted: &Accepted, user: &str, binding: &str) -> Option<String> {
    rules(&accepted.workspace)?;
    if opted_out(accepted, binding) {
        return None;
    }
    let (secret, now) = (call.engine.random_secret(), call.now());
    let doc = Doc::from_iter([
        ("workspace".to_owned(), json!(accepted.workspace.text("id"))),
        ("user".to_owned(), json!(user)),
        ("idp".to_owned(), json!(binding)),
        ("auth_at".to_owned(), json!(now.micros())),
        ("active_at".to_owned(), json!(now.micros())),
    ]);
    call.store.put(Table::Sessions, &fingerprint(&secret), doc);
    let issuer = call.issuer(accepted.workspace.text("id"));
    let path = url::Url::parse(&issuer).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned());
    let secure = if issuer.starts_with("https:") { "; Secure" } else { "" };
    Some(format!("{COOKIE_NAME}={secret}; Path={path}; HttpOnly; SameSite=Lax{secure}"))
}

/// Goes on with the session of the request's cookie, if it still counts; one that does not is forgotten.
pub(super) fn resume(call: &mut Call<'_>, accepted: &Accepted, query: &Pairs) -> Option<SignedIn> {
    let secret = cookie(call)?;
    let key = fingerprint(&secret);
    let mut doc = call
        .store
        .get(Table::Sessions, &key)
        .filter(|doc| doc.text("workspace") == accepted.workspace.text("id"))
        .cloned()?;
    let now = call.now();
    if !counts(call, accepted, &doc, now) {
        call.store.remove(Table::Sessions, &key);
        return None;
    }
    let at = Timestamp::from_micros(doc.whole("auth_at"));
    let asked = query.get("max_age").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    if query.get("prompt") == Some("login") || asked.is_some_and(|limit| now.since(at) > limit) {
        return None;
    }
    doc.insert("active_at".to_owned(), json!(now.micros()));
    let found = SignedIn { user: doc.text("user").to_owned(), binding: doc.text("idp").to_owned(), at };
    call.store.put(Table::Sessions, &key, doc);
    Some(found)
}

/// Whether a session still counts under what the organization says at present.
fn counts(call: &Call<'_>, accepted: &Accepted, doc: &Doc, now: Timestamp) -> bool {
    let Some((max_age, max_idle)) = rules(&accepted.workspace) else { return false };
    let within = |field: &str, limit: Option<Duration>| {
        limit.is_none_or(|limit| now.since(Timestamp::from_micros(doc.whole(field))) < limit)
    };
    let user = call.store.get(Table::Users, doc.text("user"));
    within("auth_at", max_age)
        && within("active_at", max_idle)
        && accepted.bindings.iter().any(|binding| binding.text("id") == doc.text("idp"))
        && !opted_out(accepted, doc.text("idp"))
        && user.is_some_and(|user| user.text("status") == "active")
}

/// Maximum age and idle time of sessions, where single sign-on is on; a time that is not set does not end them.
fn rules(workspace: &Doc) -> Option<(Option<Duration>, Option<Duration>)> {
    let sso = workspace.get("sso").and_then(Value::as_object).filter(|sso| sso.flag("enabled"))?;
    let limit = |name: &str| duration::parse(sso.text(name)).filter(|limit| !limit.is_zero());
    Some((limit("max_age"), limit("max_idle")))
}

/// Whether a provider stays out of single sign-on.
fn opted_out(accepted: &Accepted, binding: &str) -> bool {
    let found = accepted.bindings.iter().find(|it| it.text("id") == binding);
    found
        .and_then(|it| it.get("sso_settings").and_then(Value::as_object))
        .is_some_and(|settings| settings.flag("disabled"))
}

fn cookie(call: &Call<'_>) -> Option<String> {
    let all = call.incoming.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}
