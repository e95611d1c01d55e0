//! The pages of signing in: the form, what it does, and the error page. Not part of the contract: the
//! vendor's own pages are not described there.

use std::time::Duration;

use serde_json::{Map, json};

use super::authorize::{self, Accepted, Denied, examine, with_query};
use crate::{
    admin::workspaces,
    audit::{self, Event},
    call::Call,
    digest::fingerprint,
    duration, html,
    http_error::Refusal,
    identity::{passwords, users},
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// How long an authorization code lives where the workspace says nothing: the contract's default.
const CODE_TTL: Duration = Duration::from_secs(600);

/// `GET /login`: the form.
pub(crate) fn show(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    Ok(match examine(call, &workspace, &call.incoming.query) {
        Ok(accepted) => form(&accepted, 200, None, ""),
        Err(denied) => denial(denied),
    })
}

/// `POST /login`: checks the form; the client gets a code.
pub(crate) fn submit(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let accepted = match examine(call, &workspace, &call.incoming.query) {
        Ok(accepted) => accepted,
        Err(denied) => return Ok(denial(denied)),
    };
    let username = call.form("username").unwrap_or_default().to_owned();
    let password = call.form("password").unwrap_or_default().to_owned();
    let outcome = sign_in(call, &accepted, &username, &password);
    note(call, &workspace, &accepted, &username, outcome.as_ref().err().copied());
    match outcome {
        Ok((user, binding)) => {
            let code = grant(call, &workspace, &accepted, &user, &binding);
            Ok(Reply::Redirect(answer(call, &workspace, &accepted, &code)))
        }
        Err(reason) => Ok(form(&accepted, 401, Some(reason), &username)),
    }
}

/// `GET /error`: why signing in cannot begin.
pub(crate) fn error(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let error = call.query("error").unwrap_or("invalid_request").to_owned();
    let reason = call.query("error_description").unwrap_or("The request cannot be answered.").to_owned();
    Ok(error_page(&error, &reason))
}

/// Finds the user and checks the password: user key and binding, or what to tell the person.
fn sign_in(
    call: &Call<'_>,
    accepted: &Accepted,
    username: &str,
    password: &str,
) -> Result<(String, String), &'static str> {
    const WRONG: &str = "Username or password is wrong.";
    let (user, binding) = person(call, accepted, username).ok_or(WRONG)?;
    if passwords::check(user, password) != passwords::Check::Correct {
        return Err(WRONG);
    }
    if user.text("status") != "active" {
        return Err("This account is not active.");
    }
    if passwords::state(user) == "must_be_reset" || passwords::has_expired(user, call.now()) {
        return Err("The password must be reset before signing in.");
    }
    let key = users::user_key(user.text("user_pool_id"), user.text("id"));
    Ok((key, binding.text("id").to_owned()))
}

/// The user of that name, with the binding that leads to its pool.
fn person<'a>(call: &'a Call<'_>, accepted: &'a Accepted, username: &str) -> Option<(&'a Doc, &'a Doc)> {
    accepted.bindings.iter().find_map(|binding| {
        let pool = call.store.get(Table::Pools, binding.text("identity_pool_id"))?;
        Some((users::by_identifier(call.store, pool, username)?, binding))
    })
}

/// Records how the password did and how the sign-in ended; both events carry the same session.
fn note(call: &mut Call<'_>, workspace: &str, accepted: &Accepted, username: &str, problem: Option<&str>) {
    let mut metadata = Map::from_iter([
        ("client_id".to_owned(), json!(accepted.client.text("client_id"))),
        ("ip".to_owned(), json!("127.0.0.1")),
        ("session_id".to_owned(), json!(call.engine.random_hex(16))),
        ("result".to_owned(), json!(if problem.is_some() { "failure" } else { "success" })),
    ]);
    if let Some(agent) = call.incoming.headers.get("user-agent").and_then(|value| value.to_str().ok()) {
        metadata.insert("user_agent".to_owned(), json!(agent));
    }
    let mut idp = Map::new();
    if let Some((user, binding)) = person(call, accepted, username) {
        for (name, value) in [
            ("user_id", user.text("id")),
            ("user_pool_id", user.text("user_pool_id")),
            ("subject", user.text("id")),
            ("idp_id", binding.text("id")),
            ("idp_method", "identity_pool"),
        ] {
            metadata.insert(name.to_owned(), json!(value));
        }
        for (name, value) in
            [("id", binding.text("id")), ("name", binding.text("name")), ("method", "identity_pool")]
        {
            idp.insert(name.to_owned(), json!(value));
        }
    }
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
    let ended = ended.as_object().cloned();
    for (subject, action, payload) in [("user", "authenticated", Some(checked)), ("login", action, ended)] {
        let metadata = metadata.clone();
        let event = Event { server: workspace.to_owned(), subject, action, metadata, payload };
        audit::record(call.engine, call.store, event);
    }
}

/// Issues an authorization code for what was asked.
fn grant(call: &mut Call<'_>, workspace: &str, accepted: &Accepted, user: &str, binding: &str) -> String {
    let code = call.engine.random_secret();
    let now = call.now();
    let ttl = duration::parse(accepted.workspace.text("authorization_code_ttl")).unwrap_or(CODE_TTL);
    let mut doc = Doc::from_iter([
        ("workspace".to_owned(), json!(workspace)),
        ("client".to_owned(), json!(accepted.client.text("client_id"))),
        ("user".to_owned(), json!(user)),
        ("idp".to_owned(), json!(binding)),
        ("redirect_uri".to_owned(), json!(accepted.redirect_uri)),
        ("auth_time".to_owned(), json!(now.seconds())),
        ("expires_at".to_owned(), json!(now.plus(ttl).micros())),
    ]);
    for name in ["scope", "nonce", "code_challenge"] {
        if let Some(value) = call.query(name) {
            doc.insert(name.to_owned(), json!(value));
        }
    }
    call.store.put(Table::Codes, &fingerprint(&code), doc);
    code
}

/// The redirect URI with code, state and issuer (RFC 9207).
fn answer(call: &Call<'_>, workspace: &str, accepted: &Accepted, code: &str) -> String {
    let issuer = call.engine.issuer(workspace);
    let state = call.query("state").map(|state| ("state", state));
    let pairs = [("code", code)].into_iter().chain(state).chain([("iss", issuer.as_str())]);
    with_query(&accepted.redirect_uri, pairs)
}

fn denial(denied: Denied) -> Reply {
    match denied {
        authorize::Denied::Client { url } => Reply::Redirect(url),
        authorize::Denied::Page { error, reason } => error_page(error, &reason),
    }
}

fn error_page(error: &str, reason: &str) -> Reply {
    let body = format!(
        "<main class=\"card\"><h1>Sign-in is not possible</h1><p>{}</p>\
         <p class=\"quiet\">Error code: <code>{}</code></p></main>",
        html::escape(reason),
        html::escape(error),
    );
    Reply::Html { status: 400, page: html::document("Sign-in is not possible", &body) }
}

fn form(accepted: &Accepted, status: u16, problem: Option<&str>, username: &str) -> Reply {
    let organization = html::escape(accepted.workspace.text("name"));
    let application = match accepted.client.text("client_name") {
        "" => accepted.client.text("client_id"),
        name => name,
    };
    let problem = problem
        .map(|problem| format!("<p class=\"problem\" role=\"alert\">{}</p>", html::escape(problem)))
        .unwrap_or_default();
    let body = format!(
        "<main class=\"card\"><h1>Sign in to {organization}</h1>\
         <p class=\"quiet\">to continue to {}</p>{problem}\
         <form method=\"post\">\
         <label for=\"username\">Username</label>\
         <input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\" required autofocus>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>\
         <button type=\"submit\">Sign in</button></form>\
         <p class=\"quiet\">A sandbox stands in for SecureAuth here.</p></main>",
        html::escape(application),
        html::escape(username),
    );
    let title = format!("Sign in to {}", accepted.workspace.text("name"));
    Reply::Html { status, page: html::document(&title, &body) }
}
