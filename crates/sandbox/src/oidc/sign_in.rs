//! The pages of signing in: the form, what it does, and the error page. Not part of the contract: the
//! vendor's own pages are not described there.

use std::time::Duration;

use serde_json::json;

use super::{
    authorize::{self, Accepted, Denied, examine, with_query},
    note, own_account,
    session::{self, SignedIn},
};
use crate::{
    admin::workspaces,
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
        Ok(accepted) => form(call, &accepted, 200, None, ""),
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
    let whom = person(call, &accepted, &username).map(|(user, binding)| (user.clone(), binding.clone()));
    note::attempt(call, &accepted, whom.as_ref(), &username, outcome.as_ref().err().copied());
    match outcome {
        Ok((user, binding)) => {
            let who = SignedIn { user, binding, at: call.now() };
            let cookie = session::begin(call, &accepted, &who.user, &who.binding);
            let url = finish(call, &workspace, &accepted, &who);
            Ok(match cookie {
                Some(cookie) => Reply::SignedIn { url, cookie },
                None => Reply::Redirect(url),
            })
        }
        Err(reason) => Ok(form(call, &accepted, 401, Some(reason), &username)),
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

/// Lets somebody in who signed in before: the URL with the code.
pub(super) fn resumed(call: &mut Call<'_>, workspace: &str, accepted: &Accepted, who: &SignedIn) -> String {
    note::resumed(call, accepted, who);
    finish(call, workspace, accepted, who)
}

/// Issues an authorization code for what was asked: the URL that brings it to the client.
fn finish(call: &mut Call<'_>, workspace: &str, accepted: &Accepted, who: &SignedIn) -> String {
    let code = grant(call, workspace, accepted, who);
    answer(call, workspace, accepted, &code)
}

fn grant(call: &mut Call<'_>, workspace: &str, accepted: &Accepted, who: &SignedIn) -> String {
    let code = call.engine.random_secret();
    let now = call.now();
    let ttl = duration::parse(accepted.workspace.text("authorization_code_ttl")).unwrap_or(CODE_TTL);
    let mut doc = Doc::from_iter([
        ("workspace".to_owned(), json!(workspace)),
        ("client".to_owned(), json!(accepted.client.text("client_id"))),
        ("user".to_owned(), json!(who.user)),
        ("idp".to_owned(), json!(who.binding)),
        ("redirect_uri".to_owned(), json!(accepted.redirect_uri)),
        ("auth_time".to_owned(), json!(who.at.seconds())),
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
    let issuer = call.issuer(workspace);
    let state = call.query("state").map(|state| ("state", state));
    let pairs = [("code", code)].into_iter().chain(state).chain([("iss", issuer.as_str())]);
    with_query(&accepted.redirect_uri, pairs)
}

pub(super) fn denial(denied: Denied) -> Reply {
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

fn form(call: &Call<'_>, accepted: &Accepted, status: u16, problem: Option<&str>, username: &str) -> Reply {
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
         <button type=\"submit\">Sign in</button></form>{}\
         <p class=\"quiet\">A sandbox stands in for SecureAuth here.</p></main>",
        html::escape(application),
        html::escape(username),
        own_account::links(call, accepted),
    );
    let title = format!("Sign in to {}", accepted.workspace.text("name"));
    Reply::Html { status, page: html::document(&title, &body) }
}
