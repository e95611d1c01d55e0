//! The hand-written page: axum, sqlx, and strings. It asks the database the same questions as the console,
//! checks the session, and writes every changing part of the page anew; what never changes it has as text.

mod frame;
mod markup;
mod query;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Clock, Entropy};
use server::runtime::{SystemClock, SystemEntropy};
use sqlx::SqlitePool;
use tower_http::compression::CompressionLayer;

use self::{frame::Frame, query::Failure};
use crate::{Outcome, PeerArgs, database};

#[derive(Clone)]
struct Peer {
    database: SqlitePool,
    frame: Arc<Frame>,
}

/// Serves until the process is killed.
pub(crate) async fn serve(args: &PeerArgs) -> Outcome<()> {
    let frame = Arc::new(Frame::cut(&std::fs::read_to_string(&args.page)?)?);
    let peer = Peer { database: database::readers(&args.database).await?, frame };
    let routes = Router::new().route("/billers", get(page)).with_state(peer).layer(CompressionLayer::new());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("{{\"peer\":\"http://{}\"}}", listener.local_addr()?);
    let aside = args.ready_file.with_extension("tmp");
    std::fs::write(&aside, address)?;
    std::fs::rename(&aside, &args.ready_file)?;
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn page(State(peer): State<Peer>, headers: HeaderMap) -> Response {
    let now = SystemClock.now();
    let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    match query::list(&peer.database, cookie, now.micros()).await {
        Ok(list) => {
            let nonce = nonce();
            let page = peer.frame.fill(&list, &nonce, now.micros());
            (security(&nonce), [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        Err(Failure::Stranger) => StatusCode::UNAUTHORIZED.into_response(),
        Err(Failure::Database(error)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}

/// 22 random characters, as long as the console's.
fn nonce() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0_u8; 22];
    SystemEntropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect()
}

/// The same headers as on the console's page.
fn security(nonce: &str) -> HeaderMap {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    let mut headers = HeaderMap::new();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}
