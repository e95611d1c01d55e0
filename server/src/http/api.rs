//! `/api/v1`: IC's systems announce billers, read OIDC settings and redeem sign-ins.

use axum::{
    Extension, Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use domain::{
    Bid,
    actor::Actor,
    biller::{BillerDraft, CiamStatus, PortfolioSaid},
    import,
};
use serde::{Deserialize, Serialize};
use services::{Console, ServiceError, announce_biller, biller_oidc, redeem_login};
use utoipa::ToSchema;

use super::problem::Problem;

/// A biller as IC announces it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BillerBody {
    /// The true name, as on the biller's bills; at most 200 characters.
    name: String,
    /// Region, e.g. a US state code.
    state: Option<String>,
    /// Kind of owner.
    ownership: Option<String>,
    /// Number of customers, from 0.
    customers: Option<i64>,
    /// Contract tier; decides the policy for new billers.
    tier: Option<String>,
    /// IANA time zone, e.g. `America/Chicago`.
    time_zone: Option<String>,
    /// The portfolio it is in, as the CRM names it; `null` is none. Left out, it stays where it is.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    portfolio: Portfolio,
}

/// A field of which nothing may be said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Option<String>")]
enum Portfolio {
    #[default]
    Unsaid,
    Said(String),
}

impl From<Option<String>> for Portfolio {
    fn from(said: Option<String>) -> Self {
        Self::Said(said.unwrap_or_default())
    }
}

impl BillerBody {
    /// The biller as it is announced; every wrong field is told, not only the first.
    fn draft(self, bid: Bid) -> Result<BillerDraft, ServiceError> {
        let portfolio = match &self.portfolio {
            Portfolio::Unsaid => Ok(PortfolioSaid::Nothing),
            Portfolio::Said(text) => import::portfolio_said(text),
        };
        let mut draft = BillerDraft {
            bid,
            name: self.name,
            state: self.state,
            ownership: self.ownership,
            customers: self.customers,
            tier: self.tier,
            time_zone: self.time_zone,
            portfolio: PortfolioSaid::Nothing,
        };
        match portfolio {
            Ok(said) => draft.portfolio = said,
            Err(wrong) => {
                let others = import::check(draft).err().unwrap_or_default();
                return Err(ServiceError::Fields([others, vec![wrong]].concat()));
            }
        }
        Ok(draft)
    }
}

/// What an announcement did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AnnouncedBody {
    /// `created`, `changed` or `unchanged`.
    result: &'static str,
    /// The enablement that the policy started, if it did.
    run: Option<String>,
}

/// Announces or changes a biller. Sending the same again changes nothing.
#[utoipa::path(put, path = "/api/v1/billers/{bid}", request_body = BillerBody,
    params(("bid" = String, Path, description = "IC's id of the biller")),
    responses(
        (status = 200, description = "Known before", body = AnnouncedBody),
        (status = 201, description = "New; the policy for new billers was applied", body = AnnouncedBody),
        (status = 401, description = "No valid key", body = Problem),
        (status = 422, description = "Fields are wrong; each is named with its cure", body = Problem)),
    security(("key" = [])))]
pub(crate) async fn put_biller(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Path(bid): Path<String>,
    body: Result<Json<BillerBody>, JsonRejection>,
) -> Result<(StatusCode, Json<AnnouncedBody>), Problem> {
    let Json(body) = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    let draft = body.draft(parse_bid(&bid)?)?;
    let announced = announce_biller::put(&console, &actor, draft).await?;
    let (status, result) = match announced.upsert {
        storage::billers::Upsert::Created => (StatusCode::CREATED, "created"),
        storage::billers::Upsert::Changed => (StatusCode::OK, "changed"),
        storage::billers::Upsert::Unchanged => (StatusCode::OK, "unchanged"),
    };
    Ok((status, Json(AnnouncedBody { result, run: announced.run.map(|run| run.to_string()) })))
}

/// What IC's portal needs to sign a biller's users in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OidcBody {
    /// The biller.
    bid: String,
    /// Its CIAM status.
    #[schema(value_type = String)]
    status: CiamStatus,
    /// Its OIDC issuer.
    issuer: String,
    /// The client id of the portal there.
    client_id: String,
    /// Where sign-ins come back.
    redirect_uris: Vec<String>,
    /// Where people land after signing out.
    post_logout_redirect_uris: Vec<String>,
    /// Scopes to ask for.
    scopes: Vec<String>,
    /// How the portal proves itself at the token endpoint.
    token_endpoint_auth_method: String,
    /// The address that people bookmark.
    login_url: String,
}

/// A biller's OIDC settings. Secrets are never in it.
#[utoipa::path(get, path = "/api/v1/billers/{bid}/oidc",
    params(("bid" = String, Path, description = "IC's id of the biller")),
    responses(
        (status = 200, description = "The settings", body = OidcBody),
        (status = 401, description = "No valid key", body = Problem),
        (status = 404, description = "No such biller", body = Problem),
        (status = 409, description = "It was never enabled", body = Problem)),
    security(("key" = [])))]
pub(crate) async fn get_oidc(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Path(bid): Path<String>,
) -> Result<Json<OidcBody>, Problem> {
    let settings = biller_oidc::get(&console, &actor, &parse_bid(&bid)?).await?;
    Ok(Json(OidcBody {
        bid: settings.bid.to_string(),
        status: settings.status,
        issuer: settings.issuer,
        client_id: settings.client_id,
        redirect_uris: settings.redirect_uris,
        post_logout_redirect_uris: settings.post_logout_redirect_uris,
        scopes: settings.scopes,
        token_endpoint_auth_method: settings.token_endpoint_auth_method.to_owned(),
        login_url: settings.login_url,
    }))
}

/// The state that came back with the code.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemBody {
    /// `state` as it stands in the callback's address.
    state: String,
}

/// What the portal needs to exchange the code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RedeemedBody {
    /// Send it as `code_verifier` to the token endpoint.
    code_verifier: String,
    /// The ID token must hold it as `nonce`.
    nonce: String,
    /// The issuer the ID token must name.
    issuer: String,
    /// The client id to use.
    client_id: String,
    /// The redirect URI to repeat.
    redirect_uri: String,
}

/// Redeems a sign-in that a login URL started: once only, within thirty minutes.
#[utoipa::path(post, path = "/api/v1/billers/{bid}/logins/redeem", request_body = RedeemBody,
    params(("bid" = String, Path, description = "IC's id of the biller")),
    responses(
        (status = 200, description = "What the code exchange needs", body = RedeemedBody),
        (status = 401, description = "No valid key", body = Problem),
        (status = 404, description = "Unknown, redeemed before, or too old: start again at the login URL", body = Problem)),
    security(("key" = [])))]
pub(crate) async fn redeem(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Path(bid): Path<String>,
    body: Result<Json<RedeemBody>, JsonRejection>,
) -> Result<Json<RedeemedBody>, Problem> {
    let Json(body) = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    let redeemed = redeem_login::redeem(&console, &actor, &parse_bid(&bid)?, &body.state).await?;
    Ok(Json(RedeemedBody {
        code_verifier: redeemed.code_verifier,
        nonce: redeemed.nonce,
        issuer: redeemed.issuer,
        client_id: redeemed.client_id,
        redirect_uri: redeemed.redirect_uri,
    }))
}

pub(super) fn parse_bid(text: &str) -> Result<Bid, Problem> {
    Bid::parse(text).map_err(|error| Problem::bad_request(error.to_string()))
}
