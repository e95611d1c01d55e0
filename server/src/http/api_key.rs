//! Keys of IC's systems.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::actor::Actor;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::problem::Problem;
use crate::config::ApiKey;

/// Lets a request pass whose bearer token is a configured key, and notes who it is.
pub(crate) async fn require_key(
    State(keys): State<Arc<Vec<ApiKey>>>,
    mut request: Request,
    next: Next,
) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    match known(&keys, given) {
        Some(name) => {
            request.extensions_mut().insert(Actor::Integration { name });
            next.run(request).await
        }
        None => {
            let detail =
                "Send a key from the section api_keys of the configuration as \"Authorization: Bearer …\".";
            let mut response = Problem::new(StatusCode::UNAUTHORIZED, "No valid key", detail).into_response();
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            response
        }
    }
}

/// Every key is compared, each in constant time, so that the answer's timing tells nothing.
fn known(keys: &[ApiKey], given: &str) -> Option<String> {
    keys.iter()
        .filter(|key| bool::from(key.key.expose_secret().as_bytes().ct_eq(given.as_bytes())))
        .map(|key| key.name.clone())
        .next_back()
}
