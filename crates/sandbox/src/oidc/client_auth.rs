//! How a client shows at the token endpoint that it is itself.

use axum::http::header::AUTHORIZATION;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use serde_json::{Map, Value};

use crate::{
    admin::clients,
    call::Call,
    http_error::Refusal,
    store::{ADMIN_WORKSPACE, Doc, Fields, SYSTEM_WORKSPACE, Table},
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that has shown who it is.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    /// Its id.
    pub(crate) id: String,
    /// The grants it may use.
    pub(crate) grants: Vec<String>,
    /// The scopes it may ask for.
    pub(crate) scopes: Vec<String>,
}

/// What a request shows.
enum Proof<'a> {
    Secret { method: &'static str, secret: String },
    Assertion(&'a str),
    Nothing,
}

/// Checks who calls the token endpoint of a workspace.
///
/// # Errors
/// 401 `invalid_client`; the hint says what does not fit.
pub(crate) fn authenticate(call: &Call<'_>, workspace: &str) -> Result<Authenticated, Refusal> {
    let (id, proof) = read(call)?;
    if let Some(client) = configured(call, workspace, &id) {
        return match proof {
            Proof::Secret { secret, .. } if secret == client.1 => Ok(client.0),
            _ => Err(invalid("the client secret is wrong")),
        };
    }
    let doc = call
        .store
        .get(Table::Clients, &id)
        .filter(|doc| doc.text("authorization_server_id") == workspace)
        .ok_or_else(|| invalid("there is no such client in this workspace"))?;
    if !clients::is_active(doc) {
        return Err(invalid("the client is inactive"));
    }
    let wanted = doc.text("token_endpoint_auth_method");
    match proof {
        Proof::Secret { method, .. } if method != wanted => {
            return Err(invalid(&format!("the client authenticates by {wanted}, not {method}")));
        }
        Proof::Secret { secret, .. } if clients::knows_secret(doc, &secret, call.now()) => {}
        Proof::Secret { .. } => return Err(invalid("the client secret is wrong")),
        Proof::Assertion(jwt) if wanted == "private_key_jwt" => {
            check_assertion(call, doc, workspace, jwt)?;
        }
        Proof::Nothing if wanted == "none" => {}
        Proof::Assertion(_) | Proof::Nothing => {
            return Err(invalid(&format!("the client authenticates by {wanted}")));
        }
    }
    let list = |name| doc.texts(name).into_iter().map(str::to_owned).collect();
    Ok(Authenticated { id, grants: list("grant_types"), scopes: list("scopes") })
}

/// The clients of the special workspaces come from the configuration.
fn configured(call: &Call<'_>, workspace: &str, id: &str) -> Option<(Authenticated, String)> {
    let config = call.config();
    let (credentials, scopes) = match workspace {
        ADMIN_WORKSPACE => (&config.admin_client, Vec::new()),
        SYSTEM_WORKSPACE => (&config.system_client, config.system_scopes.clone()),
        _ => return None,
    };
    (credentials.id == id).then(|| {
        let grants = vec!["client_credentials".to_owned()];
        (Authenticated { id: id.to_owned(), grants, scopes }, credentials.secret.clone())
    })
}

fn read<'a>(call: &'a Call<'_>) -> Result<(String, Proof<'a>), Refusal> {
    if let Some(header) = call.incoming.headers.get(AUTHORIZATION) {
        let (id, secret) = header
            .to_str()
            .ok()
            .and_then(basic)
            .ok_or_else(|| invalid("the authorization header is not HTTP Basic with id and secret"))?;
        return Ok((id, Proof::Secret { method: "client_secret_basic", secret }));
    }
    if let Some(jwt) = call.form("client_assertion") {
        if call.form("client_assertion_type") != Some(JWT_BEARER) {
            return Err(invalid(&format!("client_assertion_type must be {JWT_BEARER}")));
        }
        return Ok((
            subject(jwt).ok_or_else(|| invalid("the assertion names no client"))?,
            Proof::Assertion(jwt),
        ));
    }
    let id = call.form("client_id").ok_or_else(|| invalid("no client_id and no authorization header"))?;
    let proof = match call.form("client_secret") {
        Some(secret) => Proof::Secret { method: "client_secret_post", secret: secret.to_owned() },
        None => Proof::Nothing,
    };
    Ok((id.to_owned(), proof))
}

/// Id and secret of HTTP Basic; each is form-encoded inside (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, text) = header.split_once(' ')?;
    let text = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(text.trim()).ok()).flatten()?;
    let text = String::from_utf8(text).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let pairs = format!("={text}");
    url::form_urlencoded::parse(pairs.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The client an assertion is about, before its signature is checked.
pub(super) fn subject(jwt: &str) -> Option<String> {
    let claims: Map<String, Value> = jsonwebtoken::dangerous::insecure_decode_claims(jwt).ok()?;
    claims.get("sub").and_then(Value::as_str).map(str::to_owned)
}

/// The public keys of an application: those it registered, and those it publishes.
fn keys_of(call: &Call<'_>, client: &Doc) -> Result<Vec<Jwk>, Refusal> {
    let registered = client.get("jwks").and_then(|jwks| jwks.get("keys")).and_then(Value::as_array);
    let mut keys: Vec<Jwk> =
        registered.into_iter().flatten().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
    match &call.incoming.client_keys {
        Some(Ok(published)) => keys.extend(published.iter().cloned()),
        Some(Err(why)) if keys.is_empty() => return Err(invalid(why)),
        Some(Err(_)) | None => {}
    }
    Ok(keys)
}

/// Checks a `private_key_jwt` assertion (RFC 7523): signature by a registered key, issuer, audience, time.
fn check_assertion(call: &Call<'_>, client: &Doc, workspace: &str, jwt: &str) -> Result<(), Refusal> {
    let header = decode_header(jwt).map_err(|_| invalid("the assertion is not a JWT"))?;
    if !matches!(header.alg, Algorithm::ES256 | Algorithm::RS256 | Algorithm::PS256) {
        return Err(invalid("the assertion must be signed with ES256, RS256 or PS256"));
    }
    let mut validation = Validation::new(header.alg);
    // Time is checked below, by the sandbox's own clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = keys_of(call, client)?
        .iter()
        .filter_map(|key| DecodingKey::from_jwk(key).ok())
        .find_map(|key| decode::<Map<String, Value>>(jwt, &key, &validation).ok())
        .ok_or_else(|| invalid("no key in the client's jwks or at its jwks_uri verifies the assertion"))?
        .claims;
    let id = client.text("client_id");
    if claims.text("iss") != id || claims.text("sub") != id {
        return Err(invalid("iss and sub of the assertion must be the client id"));
    }
    let issuer = call.issuer(workspace);
    let audiences = match claims.get("aud") {
        Some(Value::String(audience)) => vec![audience.as_str()],
        _ => claims.texts("aud"),
    };
    if !audiences.iter().any(|audience| *audience == issuer || *audience == format!("{issuer}/oauth2/token"))
    {
        return Err(invalid("aud of the assertion must be the issuer or its token endpoint"));
    }
    if claims.whole("exp") <= call.now().seconds() {
        return Err(invalid("the assertion has expired"));
    }
    Ok(())
}

fn invalid(hint: &str) -> Refusal {
    Refusal::oauth(401, "invalid_client", hint)
}
