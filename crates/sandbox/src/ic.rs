//! A believable piece of IC beside the vendor: its own login page and the portal that takes sign-ins back,
//! so that a login URL can be followed to its end.

use axum::{
    Json, Router,
    extract::{Path, Query},
    response::Html,
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    engine::SandboxState,
    html::{document, escape},
};

/// IC's pages.
pub(crate) fn router() -> Router<SandboxState> {
    Router::new()
        .route("/legacy/login", get(legacy_login))
        .route("/portal/jwks.json", get(keys))
        .route("/portal/{slug}", get(portal))
        .route("/portal/{slug}/callback", get(callback))
}

/// IC's own login page, where sign-ins of billers without CIAM go.
async fn legacy_login() -> Html<String> {
    Html(document(
        "Sign in",
        "<main><h1>Sign in</h1><p>This is IC's own login page, as the sandbox plays it. Billers that are not enabled, \
         and suspended ones, are sent here.</p></main>",
    ))
}

/// The portal publishes no key here: the sandbox checks the signatures of applications by their own `jwks`.
async fn keys() -> Json<Value> {
    Json(json!({ "keys": [] }))
}

async fn portal(Path(slug): Path<String>) -> Html<String> {
    let body = format!(
        "<main><h1>Biller portal</h1><p>The portal of <strong>{}</strong>, as the sandbox plays it.</p></main>",
        escape(&slug)
    );
    Html(document("Biller portal", &body))
}

/// What came back from the sign-in page.
#[derive(Deserialize)]
struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Where the real portal would redeem the state at the console and exchange the code at the vendor.
async fn callback(Path(slug): Path<String>, Query(returned): Query<Returned>) -> Html<String> {
    let row = |name: &str, value: Option<&String>| {
        value.map_or_else(String::new, |value| {
            format!("<dt>{name}</dt><dd><code>{}</code></dd>", escape(value))
        })
    };
    let (title, text) = match returned.error {
        None => (
            "Signed in",
            "The portal would now redeem the state at the console and exchange the code for tokens.",
        ),
        Some(_) => ("Not signed in", "The sign-in page sent an error back."),
    };
    let body = format!(
        "<main><h1>{title}</h1><p>Biller portal of <strong>{}</strong>, as the sandbox plays it. {text}</p><dl>{}{}{}{}</dl></main>",
        escape(&slug),
        row("code", returned.code.as_ref()),
        row("state", returned.state.as_ref()),
        row("error", returned.error.as_ref()),
        row("description", returned.error_description.as_ref()),
    );
    Html(document(title, &body))
}
