//! What the audit events tell of a sign-in (vendor contract, audit events).

use serde_json::{Map, Value, json};

use super::{authorize::Accepted, session::SignedIn};
use crate::{
    audit::{self, Event},
    call::Call,
    store::{Doc, Fields, Table},
};

/// Records how a password did and how the sign-in ended; both events carry the same session.
pub(super) fn attempt(
    call: &mut Call<'_>,
    accepted: &Accepted,
    whom: Option<&(Doc, Doc)>,
    username: &str,
    problem: Option<&str>,
) {
    let metadata = metadata(call, accepted, whom, problem.is_none());
    let idp = idp(whom);
    let mut checked = Map::from_iter([
        ("success".to_owned(), json!(problem.is_none())),
        ("authn_method".to_owned(), json!("password")),
        ("identifier".to_owned(), json!(username)),
    ]);
    let (action, ended) = match problem {
        None => ("accepted", json!({"amr": ["pwd"], "idp": idp})),
        Some(problem) => {
            checked.insert("failure_reason".to_owned(), json!(problem));
            ("failed", json!({"error": "access_denied", "error_description": problem, "idp": idp}))
        }
    };
    record(call, accepted, "user", "authenticated", metadata.clone(), Some(checked));
    record(call, accepted, "login", action, metadata, ended.as_object().cloned());
}

/// Records a sign-in that went on with a session: no password was asked for.
pub(super) fn resumed(call: &mut Call<'_>, accepted: &Accepted, who: &SignedIn) {
    let user = call.store.get(Table::Users, &who.user).cloned();
    let binding = accepted.bindings.iter().find(|it| it.text("id") == who.binding).cloned();
    let whom = user.zip(binding);
    let metadata = metadata(call, accepted, whom.as_ref(), true);
    let ended = json!({"amr": ["pwd"], "idp": idp(whom.as_ref())});
    record(call, accepted, "login", "accepted", metadata, ended.as_object().cloned());
}

/// Who, where from, with what.
fn metadata(
    call: &Call<'_>,
    accepted: &Accepted,
    whom: Option<&(Doc, Doc)>,
    success: bool,
) -> Map<String, Value> {
    let mut metadata = Map::from_iter([
        ("client_id".to_owned(), json!(accepted.client.text("client_id"))),
        ("ip".to_owned(), json!("127.0.0.1")),
        ("session_id".to_owned(), json!(call.engine.random_hex(16))),
        ("result".to_owned(), json!(if success { "success" } else { "failure" })),
    ]);
    if let Some(agent) = call.incoming.headers.get("user-agent").and_then(|value| value.to_str().ok()) {
        metadata.insert("user_agent".to_owned(), json!(agent));
    }
    if let Some((user, binding)) = whom {
        for (name, value) in [
            ("user_id", user.text("id")),
            ("user_pool_id", user.text("user_pool_id")),
            ("subject", user.text("id")),
            ("idp_id", binding.text("id")),
            ("idp_method", "identity_pool"),
        ] {
            metadata.insert(name.to_owned(), json!(value));
        }
    }
    metadata
}

fn idp(whom: Option<&(Doc, Doc)>) -> Map<String, Value> {
    let Some((_, binding)) = whom else { return Map::new() };
    [("id", binding.text("id")), ("name", binding.text("name")), ("method", "identity_pool")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
}

fn record(
    call: &mut Call<'_>,
    accepted: &Accepted,
    subject: &'static str,
    action: &'static str,
    metadata: Map<String, Value>,
    payload: Option<Map<String, Value>>,
) {
    let server = accepted.workspace.text("id").to_owned();
    audit::record(call.engine, call.store, Event { server, subject, action, metadata, payload });
}
