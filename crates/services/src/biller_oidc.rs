//! What IC's applications need to sign a biller's users in: issuer, client id, redirect URIs. No secret.

use domain::{
    Bid,
    access::Refusal,
    actor::{Actor, Capability},
    biller::{Biller, CiamStatus},
    object::{ObjectKind, VendorObject},
    oidc::OidcClient,
    plan,
};
use storage::objects;

use crate::{Console, ServiceError, reach};

/// OIDC settings of a biller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSettings {
    /// The biller.
    pub bid: Bid,
    /// Where it stands; sign-ins succeed only while it is enabled.
    pub status: CiamStatus,
    /// The issuer at SecureAuth; its discovery document names every endpoint.
    pub issuer: String,
    /// The application's client id.
    pub client_id: String,
    /// Where sign-ins are taken back.
    pub redirect_uris: Vec<String>,
    /// Where people land after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes the application may ask for.
    pub scopes: Vec<String>,
    /// How IC proves itself at the token endpoint (OpenID Connect Discovery's words).
    pub token_endpoint_auth_method: &'static str,
    /// The address that people bookmark.
    pub login_url: String,
}

/// Reads the settings of a biller that has been enabled, be it suspended now.
///
/// # Errors
/// [`ServiceError::NotFound`] for a bid nobody announced, [`ServiceError::Refused`] while there are no
/// settings yet and without the right.
pub async fn get(console: &Console, actor: &Actor, bid: &Bid) -> Result<OidcSettings, ServiceError> {
    actor.may(Capability::ReadOidc)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let application = objects::find(&mut conn, bid, ObjectKind::Application).await?;
    drop(conn);
    let not_yet = Refusal::NoSettings { status: biller.status };
    if matches!(biller.status, CiamStatus::NotEnabled | CiamStatus::Enabling) {
        return Err(not_yet.into());
    }
    let Some(application) = application else { return Err(not_yet.into()) };
    let given = given(console, &biller, &application);
    let (Some(issuer), Some(slug)) = (biller.issuer, biller.slug) else { return Err(not_yet.into()) };
    Ok(OidcSettings {
        bid: bid.clone(),
        status: biller.status,
        issuer,
        client_id: application.vendor_id,
        redirect_uris: given.redirect_uris,
        post_logout_redirect_uris: given.post_logout_redirect_uris,
        scopes: given.scopes,
        token_endpoint_auth_method: given.client_auth.method(),
        login_url: console.settings.login_url(&slug),
    })
}

/// What the application was given at SecureAuth, whatever the configuration says today. Only where that was not
/// kept yet, at billers enabled by an older version, the configuration has to do.
pub(crate) fn given(console: &Console, biller: &Biller, application: &VendorObject) -> OidcClient {
    application.oidc.clone().unwrap_or_else(|| plan::enable(biller, &console.settings.plan).application.oidc)
}
