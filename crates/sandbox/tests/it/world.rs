//! A sandbox to test against: fixed time, repeatable randomness, and a small HTTP client.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use domain::{Clock, Entropy, Timestamp};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};

/// The instant every world begins at: 2026-01-01T00:00:00Z.
pub(crate) const BEGINNING: i64 = 1_767_225_600_000_000;

/// A clock that stands until it is moved.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and repeat from run to run.
#[derive(Default)]
pub(crate) struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut word = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            word = (word ^ (word >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word ^= word >> 32;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// A header, or the empty string.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Panics unless the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// A running sandbox with a client for it.
pub(crate) struct World {
    pub(crate) sandbox: RunningSandbox,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) http: reqwest::Client,
    /// Tokens of both special workspaces, by workspace.
    tokens: BTreeMap<&'static str, String>,
}

impl World {
    /// A sandbox as it comes.
    pub(crate) async fn new() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    /// A sandbox with this configuration.
    pub(crate) async fn with(config: SandboxConfig) -> Self {
        Self::layered(config, |router| router).await
    }

    /// A sandbox whose router is wrapped.
    pub(crate) async fn layered(config: SandboxConfig, layer: impl FnOnce(Router) -> Router) -> Self {
        // Without a provider reqwest cannot be built; a second installation is refused and does no harm.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(HandClock(AtomicI64::new(BEGINNING)));
        let entropy = Arc::new(CountingEntropy::default());
        let sandbox = Sandbox::start_layered(config, clock.clone(), entropy, layer).await.unwrap();
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let mut world = Self { sandbox, clock, http, tokens: BTreeMap::new() };
        world.renew_tokens().await;
        world
    }

    /// Fetches new tokens of both special workspaces.
    pub(crate) async fn renew_tokens(&mut self) {
        let scopes = self.sandbox.config().system_scopes.join(" ");
        let admin = self.token("admin", "").await;
        let system = self.token("system", &scopes).await;
        self.tokens = BTreeMap::from([("admin", admin), ("system", system)]);
    }

    /// A fresh token of a special workspace with these scopes.
    pub(crate) async fn token(&self, workspace: &str, scope: &str) -> String {
        let answer = self.ask_token(workspace, scope).await.expect(200);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// The token endpoint of a special workspace, asked with its own client.
    pub(crate) async fn ask_token(&self, workspace: &str, scope: &str) -> Answer {
        let (id, secret) = match workspace {
            "admin" => self.sandbox.admin_credentials(),
            _ => self.sandbox.system_credentials(),
        };
        let url = format!("{}/oauth2/token", self.sandbox.issuer(workspace));
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        send(self.http.post(url).basic_auth(id, Some(secret)).form(&form)).await
    }

    /// A request with the token of a special workspace; `path` begins with `/api/`, without the tenant.
    pub(crate) fn request(&self, workspace: &'static str, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{}", self.sandbox.base_url(), with_tenant(path));
        self.http.request(method, url).bearer_auth(&self.tokens[workspace])
    }

    /// A call of the admin API with the admin token, e.g. `POST`, `/organizations`.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call("admin", method, &format!("/api/admin{path}"), body).await
    }

    /// A call of the identity API's admin part.
    pub(crate) async fn identity(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call("admin", method, &format!("/api/identity/admin{path}"), body).await
    }

    /// A call of the identity API's system part.
    pub(crate) async fn identity_system(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call("system", method, &format!("/api/identity/system{path}"), body).await
    }

    /// A call of the system API.
    pub(crate) async fn system(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call("system", method, &format!("/api/system{path}"), body).await
    }

    async fn call(&self, workspace: &'static str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(workspace, method, path);
        send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// An organization with pool, binding, application and one user; ids derive from `id`.
    pub(crate) async fn biller(&self, id: &str) -> Biller {
        let organization = json!({"id": id, "name": format!("Utility {id}"), "parent_id": "billers"});
        self.admin(Method::POST, "/organizations", Some(organization)).await.expect(201);
        let pool = format!("{id}-pool");
        let body = json!({"tenant_id": "sandbox", "id": pool, "name": format!("{id} Pool"), "identifier_case_insensitive": true});
        let path = format!("/workspace/{id}/pools?with_idp=true");
        self.identity(Method::POST, &path, Some(body)).await.expect(201);
        let bindings = self.admin(Method::GET, &format!("/servers/{id}/idps"), None).await.json();
        let binding = bindings["idps"][0]["id"].as_str().unwrap().to_owned();
        let client = format!("{id}-portal");
        let body = json!({
            "tenant_id": "sandbox", "authorization_server_id": id, "client_id": client,
            "client_name": "Portal", "redirect_uris": [Biller::REDIRECT], "scopes": ["openid"],
        });
        let made = self.admin(Method::POST, "/clients", Some(body)).await.expect(201).json();
        let secret = made["client_secret"].as_str().unwrap().to_owned();
        let user = json!({
            "id": "11111111-1111-4111-8111-111111111111",
            "status": "active",
            "payload": {"name": "Ada Byron", "given_name": "Ada", "family_name": "Byron"},
            "identifiers": [{"identifier": "Ada", "type": "uid"}],
            "verifiable_addresses":
                [{"address": "ada@example.com", "type": "email", "status": "active", "verified": true}],
            "credentials": [{"type": "password", "password": Biller::PASSWORD}],
        });
        self.identity(Method::POST, &format!("/pools/{pool}/users"), Some(user)).await.expect(201);
        Biller { id: id.to_owned(), pool, binding, client, secret }
    }
}

/// What [`World::biller`] made.
pub(crate) struct Biller {
    pub(crate) id: String,
    pub(crate) pool: String,
    pub(crate) binding: String,
    pub(crate) client: String,
    pub(crate) secret: String,
}

impl Biller {
    pub(crate) const REDIRECT: &'static str = "https://portal.example/callback";
    pub(crate) const PASSWORD: &'static str = "correct horse battery";
    pub(crate) const USER: &'static str = "11111111-1111-4111-8111-111111111111";
}

/// Sends a request and reads the answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

/// `/api/admin/x` with the tenant: `/api/admin/sandbox/x`.
fn with_tenant(path: &str) -> String {
    let mut parts = path.splitn(4, '/');
    let base: Vec<&str> = parts.by_ref().take(3).collect();
    let rest = parts.next().unwrap_or_default();
    format!("{}/sandbox/{rest}", base.join("/"))
}
