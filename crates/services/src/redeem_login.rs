//! Redeem: IC exchanges the state that came back with a sign-in for the PKCE verifier and the nonce, once.

use domain::{
    Bid,
    actor::{Actor, Capability},
    login::LOGIN_ATTEMPT_LIFE,
    object::ObjectKind,
};
use storage::{Bookkeeping, billers, logins, objects};

use crate::{Console, ServiceError, biller_oidc};

/// What IC needs to finish a sign-in at the token endpoint. Holds secrets, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// The PKCE verifier that belongs to the challenge sent.
    pub code_verifier: String,
    /// The nonce that the ID token must carry.
    pub nonce: String,
    /// The issuer that the ID token must name: the one at which the sign-in was started.
    pub issuer: String,
    /// The application's client id.
    pub client_id: String,
    /// The redirect URI to repeat at the token endpoint: the one with which the sign-in was started.
    pub redirect_uri: String,
}

/// Redeems a sign-in that was started at a biller's login URL. A state works once, for its own biller, and
/// not after [`LOGIN_ATTEMPT_LIFE`].
///
/// # Errors
/// [`ServiceError::NotFound`] for a state that is unknown, used up, too old, or of another biller: which of
/// these is not told apart. [`ServiceError::Refused`] without the right.
pub async fn redeem(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    state: &str,
) -> Result<Redeemed, ServiceError> {
    actor.may(Capability::RedeemLogin)?;
    // The state is a secret until it is used, so messages and the audit log do not repeat it.
    let unknown = || ServiceError::not_found("open sign-in of biller", bid);
    let now = console.now();
    let mut tx = console.store.begin().await?;
    let biller = billers::find(&mut tx, bid).await?.ok_or_else(unknown)?;
    let application = objects::find(&mut tx, bid, ObjectKind::Application).await?.ok_or_else(unknown)?;
    // A state that is presented for the wrong biller is not used up: the transaction is dropped.
    let attempt = logins::redeem(&mut tx, state, now, LOGIN_ATTEMPT_LIFE)
        .await?
        .filter(|attempt| attempt.bid == *bid)
        .ok_or_else(unknown)?;
    let redirect_uri = match attempt.redirect_uri {
        Some(uri) => uri,
        None => biller_oidc::given(console, &biller, &application).redirect_uri().to_owned(),
    };
    let redeemed = Redeemed {
        code_verifier: attempt.code_verifier,
        nonce: attempt.nonce,
        issuer: attempt.issuer.or(biller.issuer).ok_or_else(unknown)?,
        client_id: application.vendor_id,
        redirect_uri,
    };
    // A person's sign-in is no act on the console: millions of them do not belong into the audit chain. The
    // vendor's audit events keep each.
    tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await?;
    Ok(redeemed)
}
