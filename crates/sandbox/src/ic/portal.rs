//! IC's portal: a page per biller, and the callback that takes a sign-in back and finishes it.

use std::fmt::Write as _;

use axum::{
    Form,
    body::Body,
    extract::{Path, Query, State},
    http::Response,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::visit::Visit;
use crate::{
    answer,
    engine::{Engine, SandboxState},
    html::{document, escape},
};

/// A biller's page in the portal.
pub(super) async fn home(State(state): State<SandboxState>, Path(bid): Path<String>) -> Response<Body> {
    let known = if state.0.ic.secret(&bid).is_some() { "It has one." } else { "It has none." };
    let bid = escape(&bid);
    let body = format!(
        "<main><h1>Biller portal</h1><p>The portal of biller <strong>{bid}</strong>, as the sandbox plays it.</p>\
         <h2>Client secret</h2><p>Only for billers that were enabled with <code>client_secret</code>: the portal proves \
         itself with it when it exchanges a code. {known}</p><form method=\"post\" action=\"/portal/{bid}/secret\">\
         <label for=\"secret\">Client secret</label>\
         <input id=\"secret\" name=\"secret\" type=\"password\" autocomplete=\"off\" required>\
         <button type=\"submit\">Give it to the portal</button></form></main>"
    );
    answer::html(200, document("Biller portal", &body))
}

/// What is given to the portal.
#[derive(Deserialize)]
pub(super) struct Given {
    secret: String,
}

/// Takes a client secret that somebody brings from the console.
pub(super) async fn take_secret(
    State(state): State<SandboxState>,
    Path(bid): Path<String>,
    Form(given): Form<Given>,
) -> Response<Body> {
    let page = format!("/portal/{bid}");
    state.0.ic.keep_secret(bid, given.secret.trim().to_owned());
    Redirect::to(&page).into_response()
}

/// What came back from the sign-in page.
#[derive(Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Takes a sign-in back; finishes it where the console lets the portal in.
pub(super) async fn callback(
    State(state): State<SandboxState>,
    Path(bid): Path<String>,
    Query(returned): Query<Returned>,
) -> Response<Body> {
    let engine = &state.0;
    let (title, text) = match (&returned.error, &returned.code, &returned.state) {
        (None, Some(code), Some(state)) => finished(engine, &bid, code, state).await,
        (Some(_), ..) => ("Not signed in", "<p>The sign-in page sent an error back.</p>".to_owned()),
        _ => ("Not signed in", "<p>Code or state is missing: sign-ins begin at a login URL.</p>".to_owned()),
    };
    let row = |name: &str, value: Option<&String>| {
        value.map_or_else(String::new, |value| {
            format!("<dt>{name}</dt><dd><code>{}</code></dd>", escape(value))
        })
    };
    let body = format!(
        "<main><h1>{title}</h1><p>Biller portal of <strong>{}</strong>, as the sandbox plays it.</p>{text}\
         <h2>What came back</h2><dl>{}{}{}{}</dl></main>",
        escape(&bid),
        row("code", returned.code.as_ref()),
        row("state", returned.state.as_ref()),
        row("error", returned.error.as_ref()),
        row("description", returned.error_description.as_ref()),
    );
    answer::html(200, document(title, &body))
}

async fn finished(engine: &Engine, bid: &str, code: &str, state: &str) -> (&'static str, String) {
    let Some(console) = &engine.config.ic.console else {
        let text = "<p>The portal would now redeem the state at the console and exchange the code for tokens. It knows \
             no console: <code>sandbox.console_url</code> and <code>sandbox.api_key</code> are not set.</p>";
        return ("Came back", text.to_owned());
    };
    let mut done = Vec::new();
    let outcome = Visit { engine, console, bid, code, state }.finish(&mut done).await;
    let steps: String = done.iter().map(|step| format!("<li>{}</li>", escape(step))).collect();
    let steps = format!("<h2>What the portal did</h2><ol>{steps}</ol>");
    match outcome {
        Ok(claims) => ("Signed in", format!("{}{steps}", person(&claims))),
        Err(why) => {
            ("Not signed in", format!("<p class=\"problem\" role=\"alert\">{}</p>{steps}", escape(&why)))
        }
    }
}

fn person(claims: &Map<String, Value>) -> String {
    let mut list = String::new();
    for (label, claim) in
        [("Name", "name"), ("Username", "preferred_username"), ("E-mail", "email"), ("Subject", "sub")]
    {
        if let Some(value) = claims.get(claim).and_then(Value::as_str) {
            let _ = write!(list, "<dt>{label}</dt><dd>{}</dd>", escape(value));
        }
    }
    format!("<dl>{list}</dl>")
}
