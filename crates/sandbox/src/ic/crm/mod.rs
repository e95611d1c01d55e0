//! IC's CRM: the key with which it signs launches of the console, and the page that shows the console in a frame.

pub(super) mod page;

use axum::{Json, extract::State};
use serde_json::{Map, Value, json};

use crate::{
    engine::{Engine, SandboxState},
    oidc::SigningKeyPair,
};

impl Engine {
    /// The key with which the CRM signs launches.
    fn crm_key(&self) -> Option<&SigningKeyPair> {
        if self.ic.crm_key.get().is_none() {
            let _first_one_stays = self.ic.crm_key.set(SigningKeyPair::draw(self)?);
        }
        self.ic.crm_key.get()
    }

    /// A token with these claims, signed by the CRM.
    pub(crate) fn sign_as_crm(&self, claims: &Map<String, Value>) -> Option<String> {
        self.crm_key().map(|key| key.sign(claims))
    }

    /// How the CRM names itself in its tokens.
    pub(crate) fn crm_issuer(&self) -> String {
        format!("{}/crm", self.base_url())
    }

    /// The origin of the CRM's pages. On loopback it is another name than the console's address, so that browsers take
    /// the two for different sites, as they do with the real ones.
    pub(crate) fn crm_origin(&self) -> String {
        self.base_url().replacen("//127.0.0.1", "//localhost", 1)
    }
}

/// `GET /crm/jwks.json`: the public half of the CRM's key.
pub(super) async fn keys(State(state): State<SandboxState>) -> Json<Value> {
    let keys: Vec<Value> = state.0.crm_key().map(SigningKeyPair::jwk).into_iter().collect();
    Json(json!({ "keys": keys }))
}
