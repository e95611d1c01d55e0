//! `/api/v1/billers/{bid}/users`: IC tells of single users, and they are mirrored at SecureAuth.

use axum::{
    Extension, Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::StatusCode,
};
use domain::{Timestamp, account::Said, actor::Actor};
use serde::{Deserialize, Serialize};
use services::{
    Console,
    accounts::{self, Announcement, PasswordSaid, PasswordTold, Told, ToldResult},
};
use utoipa::{IntoParams, ToSchema};

use super::{api::parse_bid, problem::Problem};

/// A user as IC has it now: what is left out is empty at IC.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserBody {
    /// Counts IC's changes of this user, from 1. A lower number than one told before is superseded.
    version: i64,
    /// What the person types to sign in, unless it is the e-mail address.
    username: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Whether IC verified it.
    #[serde(default)]
    email_verified: bool,
    /// Phone with its country code, e.g. `+15550100199`.
    phone: Option<String>,
    /// Given name.
    given_name: Option<String>,
    /// Family name.
    family_name: Option<String>,
    /// `active` (the default), `inactive` or `new`.
    status: Option<String>,
    /// The password, in the call that tells of its change only.
    password: Option<PasswordBody>,
}

/// A password's hash. Clear text is never taken.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// The hash, in any of the forms that the move of users takes.
    hash: String,
    /// Its salt, where the hash does not hold it.
    #[serde(default)]
    salt: String,
    /// When it was set at IC, RFC 3339.
    changed_at: String,
}

impl std::fmt::Debug for PasswordBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordBody(…)")
    }
}

/// What became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ToldBody {
    /// `accepted`: on its way to SecureAuth. `unchanged`: told before. `superseded`: something newer was told before.
    result: &'static str,
    /// The newest version that is known here.
    version: i64,
    /// The user's id at SecureAuth.
    user_id: String,
    /// `accepted`, `kept_at_secureauth` where people sign in there, or `none`.
    password: &'static str,
}

/// Which deletion it is.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeletedQuery {
    /// Counts IC's changes of this user, as in PUT.
    version: i64,
}

type Answer = Result<(StatusCode, Json<ToldBody>), Problem>;

/// Tells of a user. Repeating a call changes nothing; calls may come in any order.
#[utoipa::path(put, path = "/api/v1/billers/{bid}/users/{user}", request_body = UserBody,
    params(("bid" = String, Path, description = "IC's id of the biller"),
        ("user" = String, Path, description = "IC's id of the user, percent-encoded")),
    responses(
        (status = 200, description = "Nothing new", body = ToldBody),
        (status = 202, description = "On its way to SecureAuth", body = ToldBody),
        (status = 401, description = "No valid key", body = Problem),
        (status = 404, description = "No such biller", body = Problem),
        (status = 409, description = "User hosting is not in effect for the biller, or the version was told with another content", body = Problem),
        (status = 422, description = "Fields are wrong; each is named with its cure", body = Problem)),
    security(("key" = [])))]
pub(crate) async fn put_user(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Path((bid, user)): Path<(String, String)>,
    body: Result<Json<UserBody>, JsonRejection>,
) -> Answer {
    let Json(body) = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    let password = body.password.map(password).transpose()?;
    let said = Said {
        username: body.username,
        email: body.email,
        email_verified: body.email_verified,
        phone: body.phone,
        given_name: body.given_name,
        family_name: body.family_name,
        status: body.status,
    };
    let told = Announcement { version: body.version, said, password };
    Ok(answer(accounts::put(&console, &actor, &parse_bid(&bid)?, &user, told).await?))
}

/// Tells that IC deleted a user. It is softly deleted at SecureAuth; a later PUT brings it back.
#[utoipa::path(delete, path = "/api/v1/billers/{bid}/users/{user}",
    params(("bid" = String, Path, description = "IC's id of the biller"),
        ("user" = String, Path, description = "IC's id of the user, percent-encoded"), DeletedQuery),
    responses(
        (status = 200, description = "Nothing new", body = ToldBody),
        (status = 202, description = "On its way to SecureAuth", body = ToldBody),
        (status = 401, description = "No valid key", body = Problem),
        (status = 404, description = "No such biller", body = Problem),
        (status = 409, description = "User hosting is not in effect for the biller", body = Problem)),
    security(("key" = [])))]
pub(crate) async fn delete_user(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Path((bid, user)): Path<(String, String)>,
    query: Result<Query<DeletedQuery>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|error| Problem::bad_request(error.body_text()))?;
    Ok(answer(accounts::remove(&console, &actor, &parse_bid(&bid)?, &user, query.version).await?))
}

fn password(body: PasswordBody) -> Result<PasswordSaid, Problem> {
    let changed_at = Timestamp::from_rfc3339(&body.changed_at).ok_or_else(|| {
        Problem::bad_request("password.changed_at must be an instant such as 2026-11-25T18:00:00Z")
    })?;
    Ok(PasswordSaid { hash: body.hash, salt: body.salt, changed_at })
}

fn answer(told: Told) -> (StatusCode, Json<ToldBody>) {
    let (status, result) = match told.result {
        ToldResult::Accepted => (StatusCode::ACCEPTED, "accepted"),
        ToldResult::Unchanged => (StatusCode::OK, "unchanged"),
        ToldResult::Superseded => (StatusCode::OK, "superseded"),
    };
    let password = match told.password {
        PasswordTold::None => "none",
        PasswordTold::Accepted => "accepted",
        PasswordTold::KeptAtVendor => "kept_at_secureauth",
    };
    (status, Json(ToldBody { result, version: told.version, user_id: told.user, password }))
}
