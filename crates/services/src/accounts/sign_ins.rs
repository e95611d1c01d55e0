//! The sign-ins of one user, asked of SecureAuth when somebody wants to see them: one call for each look.

use domain::{
    Bid, Timestamp,
    actor::{Actor, Capability},
};
use secureauth::{AuditEvent, AuditFilter, PageRequest, PageSize};
use storage::accounts;

use super::{home, user_id};
use crate::{Console, ServiceError, reach};

/// Events that are shown.
const SHOWN: usize = 50;

/// What happened when a user signed in, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// What happened, in the vendor's words.
    pub what: String,
    /// Whether it succeeded, as far as the vendor says.
    pub succeeded: Option<bool>,
    /// Network address and place; nothing unless personal data is revealed.
    pub from: Option<String>,
    /// Browser or program; nothing unless personal data is revealed.
    pub agent: Option<String>,
}

/// The newest sign-ins of a user.
///
/// # Errors
/// [`ServiceError::Refused`] without the right; [`ServiceError::NotFound`]; [`ServiceError::Vendor`] when SecureAuth
/// does not answer.
pub async fn sign_ins(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    user: &str,
) -> Result<Vec<SignIn>, ServiceError> {
    actor.may(Capability::ViewUsers)?;
    let mut conn = console.store.read().await?;
    reach::biller(&mut conn, actor, bid).await?;
    let account = accounts::find_by_user(&mut conn, bid, user)
        .await?
        .ok_or_else(|| ServiceError::not_found("user", user))?;
    let open = actor.may(Capability::RevealUsers).is_ok()
        && accounts::revealed(&mut conn, &actor.id(), bid, user, console.now()).await?.is_some();
    let (pool, organization) = home(&mut conn, bid).await?;
    drop(conn);
    let filter = AuditFilter {
        subjects: vec!["login", "user"],
        actions: vec!["accepted", "failed", "authenticated", "attempted", "rejected"],
        acting_user: Some((pool, user_id(&account)?)),
        page: PageRequest { after: None, size: PageSize::clamped(SHOWN) },
        ..AuditFilter::default()
    };
    let events = console.vendor.list_audit_events(&organization, &filter).await?;
    Ok(events.items.iter().map(|event| sign_in(event, open)).collect())
}

fn sign_in(event: &AuditEvent, open: bool) -> SignIn {
    let it = &event.metadata;
    let succeeded = match (it.result.as_str(), event.action.as_str()) {
        ("success", _) | ("", "accepted" | "authenticated") => Some(true),
        ("failure", _) | ("", "failed" | "rejected") => Some(false),
        _ => None,
    };
    let from = [it.ip.as_str(), it.city.as_str(), it.country_code.as_str()];
    let from: Vec<&str> = from.into_iter().filter(|text| !text.is_empty()).collect();
    SignIn {
        at: event.timestamp,
        what: format!("{} {}", event.subject, event.action),
        succeeded,
        from: open.then(|| from.join(", ")),
        agent: open.then(|| it.user_agent.clone()),
    }
}
