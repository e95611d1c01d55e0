//! A scripted vendor: answers exactly what a test says and remembers everything it was asked.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Request, Response, StatusCode, Uri},
};
use domain::{Clock, Entropy, Timestamp};
use secureauth::{
    AuthMethod, BreakerPolicy, CallObserver, CallRecord, Credentials, Limits, RetryPolicy, SecureAuth,
    SecureAuthConfig,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

/// The secret of every client in these tests; must never be seen anywhere.
pub(crate) const CLIENT_SECRET: &str = "the-client-secret-of-the-tests";
/// The beginning of every token given out.
pub(crate) const TOKEN: &str = "token-number-";

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    delay: Duration,
    broken: bool,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        let headers =
            vec![("content-type", "application/json".to_owned()), ("x-trace-id", format!("trace-{status}"))];
        Self { status, headers, body: body.to_string(), delay: Duration::ZERO, broken: false }
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::json(
            status,
            json!({"status_code": status, "error": "said the vendor", "error_code": code, "details": {}}),
        )
    }

    pub(crate) fn page(status: u16) -> Self {
        Self { headers: Vec::new(), body: "<html></html>".into(), ..Self::json(status, Value::Null) }
            .header("content-type", "text/html; charset=utf-8")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The connection breaks after the headers.
    pub(crate) fn broken(mut self) -> Self {
        self.broken = true;
        self
    }

    pub(crate) fn slow(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

struct Inner {
    seen: Mutex<Vec<Seen>>,
    script: Box<Script>,
    base: Url,
}

/// A running scripted vendor.
pub(crate) struct Vendor {
    inner: Arc<Inner>,
    records: Arc<Records>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Default)]
struct Records(Mutex<Vec<CallRecord>>);

impl CallObserver for Records {
    fn observe(&self, record: &CallRecord) {
        self.0.lock().expect("records").push(record.clone());
    }
}

/// Hashes a counter: every draw differs, every test run is alike.
#[derive(Default)]
pub(crate) struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// Begins at a fixed instant and runs with the machine's monotonic clock.
pub(crate) struct SteadyClock(tokio::time::Instant);

impl SteadyClock {
    pub(crate) fn new() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000).plus(self.0.elapsed())
    }
}

impl Vendor {
    /// Starts a vendor that issues tokens and answers API calls by `script`, which gets the request and how
    /// often the same method and path were asked before.
    pub(crate) async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let base = Url::parse(&format!("http://{address}")).expect("a base address");
        let inner = Arc::new(Inner { seen: Mutex::default(), script: Box::new(script), base });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("the scripted vendor serves");
        });
        Self { inner, records: Arc::default(), server }
    }

    pub(crate) fn config(&self) -> SecureAuthConfig {
        let base = &self.inner.base;
        let issuer = |workspace: &str| base.join(&format!("acme/{workspace}")).expect("an issuer");
        let credentials = |id: &str| Credentials {
            client_id: id.to_owned(),
            client_secret: CLIENT_SECRET.into(),
            auth_method: AuthMethod::Basic,
        };
        let (admin, system) = (credentials("admin-client"), credentials("system-client"));
        let mut config =
            SecureAuthConfig::new(base.clone(), "acme", issuer("admin"), issuer("system"), admin, system);
        config.limits = Limits { requests_per_second: 10_000, burst: 10_000, max_in_flight: 50 };
        config.request_timeout = Duration::from_millis(1_500);
        config.retry = RetryPolicy {
            max_attempts: 3,
            base_delay: Duration::from_millis(10),
            max_delay: Duration::from_secs(2),
        };
        config.breaker = BreakerPolicy { failures: 100, open_for: Duration::from_millis(300) };
        config
    }

    pub(crate) fn client(&self) -> SecureAuth {
        self.client_with(|_| {})
    }

    pub(crate) fn client_with(&self, change: impl FnOnce(&mut SecureAuthConfig)) -> SecureAuth {
        install_tls();
        let mut config = self.config();
        change(&mut config);
        let observer: Arc<dyn CallObserver> = Arc::<Records>::clone(&self.records);
        SecureAuth::new(config, Arc::new(CountingEntropy::default()), observer).expect("a client")
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.inner.base.join(path).expect("an address")
    }

    /// Every request to the APIs so far; token requests and discovery are left out.
    pub(crate) fn api_calls(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|it| it.path.starts_with("/api/")).collect()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().expect("requests").clone()
    }

    pub(crate) fn token_requests(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|it| it.path.ends_with("/oauth2/token")).collect()
    }

    pub(crate) fn records(&self) -> Vec<CallRecord> {
        self.records.0.lock().expect("records").clone()
    }
}

pub(crate) fn install_tls() {
    // A second installation fails, which is fine: it is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    request: Request<Body>,
) -> Response<Body> {
    let bytes: Bytes = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
    };
    let seen = Seen {
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: headers.iter().map(header).collect(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    let before = {
        let mut all = inner.seen.lock().expect("requests");
        let before = all.iter().filter(|it| it.method == seen.method && it.path == seen.path).count();
        all.push(seen.clone());
        before
    };
    let reply = standard(&inner, &seen, before).unwrap_or_else(|| (inner.script)(&seen, before));
    tokio::time::sleep(reply.delay).await;
    let mut response = Response::builder().status(StatusCode::from_u16(reply.status).expect("a status"));
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let cut = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    let body = if reply.broken { Body::from_stream(cut) } else { Body::from(reply.body) };
    response.body(body).expect("a response")
}

/// Discovery and tokens of the two special workspaces, unless the script wants them.
fn standard(inner: &Inner, seen: &Seen, before: usize) -> Option<Reply> {
    let (workspace, rest) = seen.path.strip_prefix("/acme/")?.split_once('/')?;
    if !matches!(workspace, "admin" | "system") {
        return None;
    }
    let issuer = inner.base.join(&format!("acme/{workspace}")).ok()?;
    match rest {
        ".well-known/openid-configuration" => Some(Reply::json(200, document(&issuer))),
        "oauth2/token" => {
            let token = format!("{TOKEN}{workspace}-{before}");
            Some(Reply::json(200, json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600})))
        }
        _ => None,
    }
}

/// A discovery document for `issuer`.
pub(crate) fn document(issuer: &Url) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth2/authorize"),
        "token_endpoint": format!("{issuer}/oauth2/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}
