//! The API's own description.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::{api, api_users};

#[derive(OpenApi)]
#[openapi(
    info(title = "CIAM Console", description = "For IC's systems: announce billers, mirror users, read OIDC settings, redeem sign-ins."),
    paths(api::put_biller, api::get_oidc, api::redeem, api_users::put_user, api_users::delete_user),
    modifiers(&Key)
)]
struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// `GET /api/v1/openapi.json`.
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
