//! ES256 signing keys: one per issuer, made when it is first needed and kept with the state; and whoever else signs.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Map, Value, json};

use crate::{
    call::Call,
    digest::{base64url, fingerprint},
    engine::Engine,
    http_error::Refusal,
    store::{Doc, Fields, Table},
};

/// How often a random number is drawn until it is a key; the first one practically always is.
const DRAWS: usize = 8;

/// A key with its id.
pub(crate) struct SigningKeyPair {
    key: SigningKey,
    id: String,
}

impl SigningKeyPair {
    /// The key of a workspace; made and kept if there is none yet.
    ///
    /// # Errors
    /// 500 when the kept key is unusable.
    pub(crate) fn of(call: &mut Call<'_>, workspace: &str) -> Result<Self, Refusal> {
        if let Some(doc) = call.store.get(Table::Keys, workspace) {
            return read(doc).ok_or_else(|| Refusal::broken("the stored signing key is unusable"));
        }
        let pair = Self::draw(call.engine)
            .ok_or_else(|| Refusal::broken("the randomness given yields no signing key"))?;
        let doc = Doc::from_iter([("d".to_owned(), json!(base64url(&pair.key.to_bytes())))]);
        call.store.put(Table::Keys, workspace, doc);
        Ok(pair)
    }

    /// A new key.
    pub(crate) fn draw(engine: &Engine) -> Option<Self> {
        (0..DRAWS).find_map(|_| SigningKey::from_slice(&engine.random::<32>()).ok()).map(Self::new)
    }

    fn new(key: SigningKey) -> Self {
        let id = fingerprint(&base64url(&key.verifying_key().to_sec1_bytes()))[..16].to_owned();
        Self { key, id }
    }

    /// The public key as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        json!({
            "alg": "ES256",
            "crv": "P-256",
            "kid": self.id,
            "kty": "EC",
            "use": "sig",
            "x": base64url(x),
            "y": base64url(y),
        })
    }

    /// A signed JWT with these claims.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> String {
        let header = json!({"alg": "ES256", "kid": self.id, "typ": "JWT"});
        let claims = Value::Object(claims.clone()).to_string();
        let text = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.as_bytes()));
        let signature: Signature = self.key.sign(text.as_bytes());
        format!("{text}.{}", base64url(&signature.to_bytes()))
    }
}

fn read(doc: &Doc) -> Option<SigningKeyPair> {
    let bytes = URL_SAFE_NO_PAD.decode(doc.text("d")).ok()?;
    SigningKey::from_slice(&bytes).ok().map(SigningKeyPair::new)
}
