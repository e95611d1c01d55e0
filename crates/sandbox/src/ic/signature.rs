//! Whether an event comes from the console: Standard Webhooks, checked by the specification's own words and not by
//! the library that signs, so that one mistake cannot hide on both sides.

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far the sender's clock may be off, in seconds.
const TOLERANCE: i64 = 300;

/// Checks the signature of `body`; the answer is the event's id.
///
/// # Errors
/// Why the event is not believed.
pub(super) fn check<'a>(
    secret: &str,
    headers: &'a HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<&'a str, &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = header("webhook-id").ok_or("there is no header webhook-id")?;
    let stamp = header("webhook-timestamp").ok_or("there is no header webhook-timestamp")?;
    let signatures = header("webhook-signature").ok_or("there is no header webhook-signature")?;
    let at: i64 = stamp.parse().map_err(|_| "webhook-timestamp is no number")?;
    if (now.seconds() - at).abs() > TOLERANCE {
        return Err("webhook-timestamp is more than five minutes away");
    }
    let key = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let key = key.ok_or("the secret of this receiver is not whsec_ and base64")?;
    let signed = |signature: &str| {
        let claimed = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        let (Some(claimed), Ok(mut mac)) = (claimed, Hmac::<Sha256>::new_from_slice(&key)) else {
            return false;
        };
        for part in [id.as_bytes(), b".", stamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.verify_slice(&claimed).is_ok()
    };
    if signatures.split(' ').any(signed) { Ok(id) } else { Err("no signature in webhook-signature fits") }
}
