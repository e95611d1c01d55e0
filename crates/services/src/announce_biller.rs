//! IC announces a biller, or changes what it said of it. New ones fall under the policy.

use domain::{
    RunId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{Biller, BillerDraft, PortfolioSaid},
    import,
};
use serde_json::{Value, json};
use storage::billers::{self, Upsert};

use crate::{Console, ServiceError, enable_biller};

/// What an announcement did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Whether the biller is new, changed, or as it was.
    pub upsert: Upsert,
    /// The enablement that the policy for new billers asked for.
    pub run: Option<RunId>,
}

/// Takes what IC says of a biller. Saying the same twice changes nothing.
///
/// # Errors
/// [`ServiceError::Fields`] with every field that is wrong, [`ServiceError::Refused`] without the right.
pub async fn put(console: &Console, actor: &Actor, draft: BillerDraft) -> Result<Announced, ServiceError> {
    actor.may(Capability::AnnounceBillers)?;
    let draft = import::check(draft).map_err(ServiceError::Fields)?;
    let mut tx = console.store.begin().await?;
    let before = billers::find(&mut tx, &draft.bid).await?;
    let upsert = billers::upsert(&mut tx, &draft, console.now()).await?;
    if upsert == Upsert::Unchanged {
        return Ok(Announced { upsert, run: None });
    }
    let mut entries = vec![announced(console, actor, before.as_ref(), &draft)];
    let mut run = None;
    if upsert == Upsert::Created && console.settings.new_billers.applies_to(&draft) {
        let biller = billers::find(&mut tx, &draft.bid)
            .await?
            .ok_or_else(|| ServiceError::not_found("biller", &draft.bid))?;
        let why = Some("Policy for new billers".to_owned());
        let (id, entry) =
            enable_biller::enable_in(console, &mut tx, &Actor::Policy, &biller, why, None).await?;
        entries.push(entry);
        run = Some(id);
    }
    tx.commit_audited_all(entries).await?;
    if run.is_some() {
        console.wake_workers();
    }
    Ok(Announced { upsert, run })
}

fn announced(console: &Console, actor: &Actor, before: Option<&Biller>, draft: &BillerDraft) -> AuditEntry {
    let state = |draft: &BillerDraft| -> Value { json!(draft) };
    // Of a portfolio that is not mentioned nothing changes.
    let mut after = draft.clone();
    if let (PortfolioSaid::Nothing, Some(biller)) = (&draft.portfolio, before) {
        after.portfolio = biller.draft.portfolio.clone();
    }
    AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::BillerAnnounced,
        Subject::new(SubjectKind::Biller, draft.bid.as_str()),
    )
    .change(before.map(|biller| state(&biller.draft)), Some(state(&after)))
}
