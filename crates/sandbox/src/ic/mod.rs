//! IC beside the vendor, as far as a newcomer needs it: its own login page, the portal that takes sign-ins back
//! and finishes them, the keys with which the portal proves itself, the receiver of the console's events, and the CRM
//! from which the console is opened.
//!
//! IC shares nothing with the vendor here but the address: it asks console and vendor over HTTP, as the real one does.

mod crm;
mod events;
mod portal;
mod signature;
mod visit;

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::Response,
    routing::{get, post},
};
use serde_json::{Value, json};

pub(crate) use self::events::EventLog;
use crate::{
    answer,
    engine::{Engine, SandboxState},
    html::document,
    oidc::SigningKeyPair,
};

/// How long console or vendor may take to answer IC.
const PATIENCE: Duration = Duration::from_secs(5);

/// What IC knows. It forgets everything when the sandbox ends.
#[derive(Default)]
pub(crate) struct Ic {
    /// Events that came in.
    pub(crate) events: EventLog,
    key: OnceLock<SigningKeyPair>,
    crm_key: OnceLock<SigningKeyPair>,
    http: OnceLock<reqwest::Client>,
    /// Client secrets that somebody gave to the portal, by biller.
    secrets: Mutex<BTreeMap<String, String>>,
}

impl Ic {
    /// Forgets what came in.
    pub(crate) fn clear(&self) {
        self.events.clear();
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn secret(&self, bid: &str) -> Option<String> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).get(bid).cloned()
    }

    fn keep_secret(&self, bid: String, secret: String) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(bid, secret);
    }
}

impl Engine {
    /// The key with which IC's portal proves itself at the vendor.
    fn portal_key(&self) -> Option<&SigningKeyPair> {
        if self.ic.key.get().is_none() {
            let _first_one_stays = self.ic.key.set(SigningKeyPair::draw(self)?);
        }
        self.ic.key.get()
    }

    /// The HTTP client of whatever asks others: IC's portal, and the vendor for the keys of an application.
    ///
    /// # Errors
    /// When no TLS provider was installed, which the client needs even where it is not used.
    pub(crate) fn http(&self) -> Result<&reqwest::Client, String> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err("the program has installed no TLS provider".to_owned());
        }
        if self.ic.http.get().is_none() {
            let client = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(PATIENCE)
                .no_proxy()
                .build()
                .map_err(|error| error.to_string())?;
            let _first_one_stays = self.ic.http.set(client);
        }
        self.ic.http.get().ok_or_else(|| "there is no HTTP client".to_owned())
    }
}

/// IC's pages and endpoints.
pub(crate) fn router() -> Router<SandboxState> {
    Router::new()
        .route("/legacy/login", get(legacy_login))
        .route("/portal/jwks.json", get(keys))
        .route("/portal/{bid}", get(portal::home))
        .route("/portal/{bid}/secret", post(portal::take_secret))
        .route("/portal/{bid}/callback", get(portal::callback))
        .route("/crm", get(crm::page::products))
        .route("/crm/console", get(crm::page::launch))
        .route("/crm/launches", post(crm::page::launch_again))
        .route("/crm/jwks.json", get(crm::keys))
        .route("/ic/events", get(events::page).post(events::receive))
}

/// IC's own login page, where sign-ins of billers without CIAM go.
async fn legacy_login() -> Response<Body> {
    let body = "<main><h1>Sign in</h1><p>This is IC's own login page, as the sandbox plays it. Billers that are not \
         enabled, and suspended ones, are sent here.</p></main>";
    answer::html(200, document("Sign in", body))
}

/// The public half of the portal's key.
async fn keys(State(state): State<SandboxState>) -> Json<Value> {
    let keys: Vec<Value> = state.0.portal_key().map(SigningKeyPair::jwk).into_iter().collect();
    Json(json!({ "keys": keys }))
}
