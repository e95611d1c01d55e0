//! Bearer tokens: who calls, and whether that is enough.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use domain::Timestamp;

use crate::{
    digest::fingerprint,
    http_error::Refusal,
    operation::Access,
    store::{ADMIN_WORKSPACE, Fields, SYSTEM_WORKSPACE, Store, Table},
};

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The client the token was issued to.
    pub(crate) client: String,
    /// The user it was issued for, as `pool/user`.
    pub(crate) user: Option<String>,
}

/// The code of a 401 after which a client should fetch a new token and repeat (vendor contract, access
/// tokens).
const INVALID_TOKEN: &str = "invalid_access_token";

/// Checks the bearer token of a request against what the operation asks for; `workspace` is the one in
/// the path, where there is one.
///
/// # Errors
/// 401 without a usable token of the right workspace, 403 without the scope.
pub(crate) fn authenticate(
    store: &Store,
    headers: &HeaderMap,
    access: Access,
    workspace: Option<&str>,
    now: Timestamp,
) -> Result<Option<Principal>, Refusal> {
    let wanted = match access {
        Access::Open => return Ok(None),
        Access::Admin => ADMIN_WORKSPACE,
        Access::System(_) => SYSTEM_WORKSPACE,
        Access::Workspace => workspace.unwrap_or_default(),
    };
    let token =
        bearer(headers).ok_or_else(|| Refusal::unauthorized("unauthorized", "a bearer token is required"))?;
    let doc = store
        .get(Table::Tokens, &fingerprint(token))
        .filter(|doc| doc.whole("expires_at") > now.micros())
        .ok_or_else(|| Refusal::unauthorized(INVALID_TOKEN, "the access token is unknown or has expired"))?;
    if doc.text("workspace") != wanted {
        let message = format!("the token is of workspace {}, not {wanted}", doc.text("workspace"));
        return Err(Refusal::unauthorized("unauthorized", message));
    }
    let user = Some(doc.text("user").to_owned()).filter(|user| !user.is_empty());
    match access {
        Access::System(scope) if !doc.text("scope").split(' ').any(|granted| granted == scope) => {
            return Err(Refusal::forbidden(format!("the token lacks the scope {scope}")));
        }
        Access::Workspace if user.is_none() => {
            return Err(Refusal::unauthorized("unauthorized", "the token was not issued to a user"));
        }
        _ => {}
    }
    Ok(Some(Principal { client: doc.text("client").to_owned(), user }))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
