//! Finishing a sign-in as IC's portal does: redeem the state at the console, exchange the code at the vendor, check
//! the ID token.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{config::ConsoleAccess, engine::Engine, store::Fields};

/// Seconds for which an assertion of the portal is good.
const ASSERTION_LIFE: i64 = 60;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A sign-in that came back to the portal.
pub(super) struct Visit<'a> {
    pub(super) engine: &'a Engine,
    pub(super) console: &'a ConsoleAccess,
    pub(super) bid: &'a str,
    pub(super) code: &'a str,
    pub(super) state: &'a str,
}

impl Visit<'_> {
    /// The claims of whoever signed in. `done` gets a line for each step, for the page.
    ///
    /// # Errors
    /// Why it ended, in words for the page.
    pub(super) async fn finish(&self, done: &mut Vec<String>) -> Result<Map<String, Value>, String> {
        let http = self.engine.http()?;
        let redeem = http.post(self.api("logins/redeem")?).json(&json!({ "state": self.state }));
        let redeemed = self.ask_console(redeem).await?;
        done.push("The console redeemed the state: code verifier, nonce, issuer, client id.".to_owned());
        let settings = self.ask_console(http.get(self.api("oidc")?)).await?;
        let method = settings.text("token_endpoint_auth_method");
        let issuer = redeemed.text("issuer");
        let discovery = ask(
            "SecureAuth's discovery document",
            http.get(format!("{issuer}/.well-known/openid-configuration")),
        )
        .await?;
        let exchange =
            self.prove(http.post(discovery.text("token_endpoint")), &redeemed, &discovery, method)?;
        let tokens = ask("SecureAuth's token endpoint", exchange).await?;
        done.push(format!("SecureAuth exchanged the code; the portal proved itself by {method}."));
        let keys = ask("SecureAuth's keys", http.get(discovery.text("jwks_uri"))).await?;
        let claims = self.checked(tokens.text("id_token"), &redeemed, keys)?;
        done.push("The ID token is signed by the issuer and names issuer, client id and nonce.".to_owned());
        Ok(claims)
    }

    fn api(&self, what: &str) -> Result<Url, String> {
        let mut url =
            Url::parse(&self.console.url).map_err(|error| format!("The console's address: {error}"))?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1", "billers", self.bid]).extend(what.split('/'));
        }
        Ok(url)
    }

    async fn ask_console(&self, request: RequestBuilder) -> Result<Map<String, Value>, String> {
        ask("The console", request.bearer_auth(&self.console.api_key)).await
    }

    /// The exchange of the code, with what proves that it is the portal who asks.
    fn prove(
        &self,
        request: RequestBuilder,
        redeemed: &Map<String, Value>,
        discovery: &Map<String, Value>,
        method: &str,
    ) -> Result<RequestBuilder, String> {
        let client = redeemed.text("client_id");
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", self.code.to_owned()),
            ("redirect_uri", redeemed.text("redirect_uri").to_owned()),
            ("code_verifier", redeemed.text("code_verifier").to_owned()),
        ];
        if method == "private_key_jwt" {
            let key = self.engine.portal_key().ok_or("The portal could not make a key.")?;
            let claims = json!({
                "iss": client, "sub": client, "aud": discovery.text("token_endpoint"),
                "jti": self.engine.random_hex(16), "exp": self.engine.clock.now().seconds() + ASSERTION_LIFE,
            });
            let claims = claims.as_object().cloned().unwrap_or_default();
            form.push(("client_assertion_type", JWT_BEARER.to_owned()));
            form.push(("client_assertion", key.sign(&claims)));
            return Ok(request.form(&form));
        }
        let secret = self.engine.ic.secret(self.bid).ok_or(
            "The portal has no client secret of this biller. Hand one over on the biller's page in the console, \
             give it to the portal on the portal's own page, and sign in again.",
        )?;
        Ok(request.basic_auth(client, Some(secret)).form(&form))
    }

    fn checked(
        &self,
        token: &str,
        redeemed: &Map<String, Value>,
        keys: Map<String, Value>,
    ) -> Result<Map<String, Value>, String> {
        let wrong = |what: &str| format!("The ID token is not believed: {what}.");
        let id = decode_header(token).ok().and_then(|header| header.kid);
        let keys: JwkSet = serde_json::from_value(Value::Object(keys)).map_err(|_| wrong("no keys"))?;
        let key = id.and_then(|id| keys.find(&id)).ok_or_else(|| wrong("its key is unknown"))?;
        let key = DecodingKey::from_jwk(key).map_err(|_| wrong("its key is unusable"))?;
        let mut validation = Validation::new(Algorithm::ES256);
        // Time is checked below, by the sandbox's own clock.
        validation.validate_exp = false;
        validation.set_audience(&[redeemed.text("client_id")]);
        validation.set_issuer(&[redeemed.text("issuer")]);
        let claims = decode::<Map<String, Value>>(token, &key, &validation)
            .map_err(|error| wrong(&error.to_string()))?
            .claims;
        if claims.text("nonce") != redeemed.text("nonce") {
            return Err(wrong("it belongs to another sign-in (nonce)"));
        }
        if claims.whole("exp") <= self.engine.clock.now().seconds() {
            return Err(wrong("it has expired"));
        }
        Ok(claims)
    }
}

/// Asks somebody for a JSON object; what went wrong is told with who it was.
async fn ask(whom: &str, request: RequestBuilder) -> Result<Map<String, Value>, String> {
    let answer = request.send().await.map_err(|error| format!("{whom} does not answer: {error}."))?;
    let status = answer.status();
    let body: Map<String, Value> =
        answer.json().await.map_err(|_| format!("{whom} answers {status}, and not with a JSON object."))?;
    if status.is_success() {
        return Ok(body);
    }
    let why = ["detail", "error_hint", "error_description", "error"].iter().map(|name| body.text(name));
    let why = why.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    Err(format!("{whom} answers {status}: {why}"))
}
