//! The authorization endpoint: who may begin to sign in, and where they are sent.
//!
//! As the contract declares, it answers 302 only: to the sign-in page, to the client with an OAuth
//! error, or to an error page where the client cannot be trusted with an answer.

use super::{session, sign_in};
use crate::{
    admin::{bindings, clients, organizations, workspaces},
    call::{Call, Pairs},
    config::DeactivatedEffect,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// An authorization request that may go on.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    /// The workspace or organization asked.
    pub(crate) workspace: Doc,
    /// The client that asks.
    pub(crate) client: Doc,
    /// The bindings people may sign in through.
    pub(crate) bindings: Vec<Doc>,
    /// Where the answer goes.
    pub(crate) redirect_uri: String,
}

/// Why an authorization request cannot go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Denied {
    /// Told to the person: nothing may be sent to the redirect URI.
    Page {
        /// The OAuth error code.
        error: &'static str,
        /// The reason.
        reason: String,
    },
    /// Told to the client.
    Client {
        /// The URL with the error in it.
        url: String,
    },
}

/// `GET /oauth2/authorize`.
pub(crate) fn authorize(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    let issuer = call.issuer(&workspace);
    let query = &call.incoming.query;
    Ok(Reply::Redirect(match examine(call, &workspace, query) {
        Ok(accepted) => match session::resume(call, &accepted, query) {
            Some(who) => sign_in::resumed(call, &workspace, &accepted, &who),
            None if query.get("prompt") == Some("none") => {
                let reason = "Nobody is signed in here.";
                with_query(&accepted.redirect_uri, error_pairs("login_required", reason, query.get("state")))
            }
            None => with_query(&format!("{issuer}/login"), query.iter()),
        },
        Err(Denied::Client { url }) => url,
        Err(Denied::Page { error, reason }) => {
            let pairs = [("error", error), ("error_description", reason.as_str())];
            with_query(&format!("{issuer}/error"), pairs)
        }
    }))
}

/// Decides whether an authorization request may go on.
pub(crate) fn examine(call: &Call<'_>, workspace_id: &str, query: &Pairs) -> Result<Accepted, Denied> {
    let gone = || page("invalid_request", format!("There is no workspace {workspace_id}."));
    let workspace = call.store.get(Table::Workspaces, workspace_id).ok_or_else(gone)?.clone();
    let client = client(call, workspace_id, query)?;
    let redirect_uri = redirect_uri(&client, query)?;
    let blocks = call.engine.deactivated_effect() == DeactivatedEffect::BlocksLogin;
    if blocks && organizations::is_deactivated(&workspace) {
        return Err(page("access_denied", "This organization is deactivated.".to_owned()));
    }
    let tell = |error: &str, reason: &str| Denied::Client {
        url: with_query(&redirect_uri, error_pairs(error, reason, query.get("state"))),
    };
    if query.get("response_type") != Some("code") {
        return Err(tell("unsupported_response_type", "Only response_type=code is supported."));
    }
    if !client.texts("grant_types").contains(&"authorization_code")
        || !client.texts("response_types").contains(&"code")
    {
        return Err(tell("unauthorized_client", "The client may not use authorization codes."));
    }
    let public = client.text("token_endpoint_auth_method") == "none";
    let wants_pkce =
        workspace.flag("enforce_pkce") || (public && workspace.flag("enforce_pkce_for_public_clients"));
    match (query.get("code_challenge"), query.get("code_challenge_method")) {
        (None, _) if wants_pkce => return Err(tell("invalid_request", "code_challenge is required.")),
        (Some(_), Some("S256")) | (None, _) => {}
        (Some(_), _) => return Err(tell("invalid_request", "code_challenge_method must be S256.")),
    }
    let hint = query.get("idp_hint");
    let bindings: Vec<Doc> = bindings::usable(call.store, workspace_id)
        .filter(|binding| hint.map_or(!binding.flag("hidden"), |hint| binding.text("id") == hint))
        .cloned()
        .collect();
    if bindings.is_empty() {
        return Err(page("access_denied", "No sign-in provider is enabled here.".to_owned()));
    }
    Ok(Accepted { workspace, client, bindings, redirect_uri })
}

fn client(call: &Call<'_>, workspace: &str, query: &Pairs) -> Result<Doc, Denied> {
    let id =
        query.get("client_id").ok_or_else(|| page("invalid_request", "client_id is required.".to_owned()))?;
    let client = call
        .store
        .get(Table::Clients, id)
        .filter(|client| client.text("authorization_server_id") == workspace)
        .ok_or_else(|| page("invalid_client", format!("There is no client {id} here.")))?;
    if !clients::is_active(client) {
        return Err(page("unauthorized_client", format!("The client {id} is inactive.")));
    }
    Ok(client.clone())
}

/// The redirect URI asked for, if it is registered; the only registered one if none is asked for.
fn redirect_uri(client: &Doc, query: &Pairs) -> Result<String, Denied> {
    let registered = client.texts("redirect_uris");
    match query.get("redirect_uri") {
        Some(uri) if registered.contains(&uri) => Ok(uri.to_owned()),
        None if registered.len() == 1 => Ok(registered[0].to_owned()),
        _ => Err(page("invalid_request", "The redirect_uri is not registered for this client.".to_owned())),
    }
}

fn page(error: &'static str, reason: String) -> Denied {
    Denied::Page { error, reason }
}

fn error_pairs<'a>(
    error: &'a str,
    reason: &'a str,
    state: Option<&'a str>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let state = state.map(|state| ("state", state));
    [("error", error), ("error_description", reason)].into_iter().chain(state)
}

/// A URL with more query parameters.
pub(crate) fn with_query<'a>(url: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    match url::Url::parse(url) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(pairs);
            url.to_string()
        }
        Err(_) => url.to_owned(),
    }
}
