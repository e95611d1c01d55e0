//! A client secret is shown once: SecureAuth makes a new one, a person takes it to IC, nobody keeps it.

use domain::{
    Bid, Timestamp,
    access::{self, Refusal},
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    object::{ObjectKind, VendorObject},
    oidc::OldSecret,
};
use secrecy::SecretString;
use secureauth::{CallError, ClientId, IdempotencyKey, RotatedSecret};
use serde_json::{Value, json};
use storage::{Conn, objects};

use crate::{Console, ServiceError, biller_oidc, reach};

/// What stands on the page before a secret is made.
#[derive(Clone, Debug)]
pub struct SecretView {
    /// The biller.
    pub biller: Biller,
    /// The application's client id, once there is an application.
    pub client_id: Option<String>,
    /// When a secret was last made and shown here.
    pub made_at: Option<Timestamp>,
    /// Whether one may be made now, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// What was filled in to have a secret made.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The biller's name, as typed: it is a dangerous act.
    pub typed_name: String,
    /// When the page said that a secret was last made.
    pub seen: Option<Timestamp>,
    /// What becomes of the secret before.
    pub old: OldSecret,
    /// Why.
    pub reason: Option<String>,
}

/// A secret on its way to the one person who sees it. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// The biller.
    pub biller: Biller,
    /// The application's client id.
    pub client_id: String,
    /// The secret.
    pub secret: SecretString,
    /// What becomes of the secret before.
    pub old: OldSecret,
    /// Whether there was one that somebody may use.
    pub replaces: bool,
}

/// Shows what handing over a secret means. Changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn view(console: &Console, actor: &Actor, bid: &Bid) -> Result<SecretView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let (biller, application) = find(&mut conn, actor, bid).await?;
    drop(conn);
    Ok(SecretView {
        allowed: may(console, actor, &biller, application.as_ref()),
        made_at: application.as_ref().and_then(|it| it.secret_made_at),
        client_id: application.map(|it| it.vendor_id),
        biller,
    })
}

/// Whether the actor may have a secret made for this biller's application now.
pub(crate) fn may(
    console: &Console,
    actor: &Actor,
    biller: &Biller,
    application: Option<&VendorObject>,
) -> Result<(), Refusal> {
    let given = application.map(|application| biller_oidc::given(console, biller, application));
    access::may_hand_over_secret(actor, biller.status, given.as_ref().map(|given| &given.client_auth))
}

async fn find(
    conn: &mut Conn,
    actor: &Actor,
    bid: &Bid,
) -> Result<(Biller, Option<VendorObject>), ServiceError> {
    let biller = reach::biller(conn, actor, bid).await?;
    Ok((biller, objects::find(conn, bid, ObjectKind::Application).await?))
}

/// Has a new secret made. That it was asked for is committed before SecureAuth is, and what came of it afterwards:
/// no secret is ever made without an entry. Two forms opened at the same time, or one sent twice, make one secret.
///
/// # Errors
/// [`ServiceError::Field`] when the name differs, [`ServiceError::Refused`] when the rules forbid it or a secret was
/// made since the form was opened, [`ServiceError::SecretNotMade`] when SecureAuth made none that could be shown.
pub async fn make(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    wanted: Wanted,
) -> Result<HandedOver, ServiceError> {
    Act::claim(console, actor, bid, &wanted).await?.carry_out(console).await
}

/// What the person is told who asked and gets none.
fn told(error: &CallError) -> String {
    let cure = if error.outcome_unknown() {
        "One may have been made that nobody has seen; then the one before ends as you chose. Ask for another as soon as SecureAuth answers.".into()
    } else {
        error.cure()
    };
    format!("SecureAuth: {error}. {cure}")
}

/// A secret that was asked for.
struct Act {
    actor: Actor,
    biller: Biller,
    client_id: ClientId,
    before: Option<Timestamp>,
    at: Timestamp,
    old: OldSecret,
    reason: Option<String>,
}

impl Act {
    /// Checks everything and commits that a secret is asked for.
    async fn claim(
        console: &Console,
        actor: &Actor,
        bid: &Bid,
        wanted: &Wanted,
    ) -> Result<Self, ServiceError> {
        actor.may(Capability::HandOverSecret)?;
        let mut tx = console.store.begin().await?;
        let (biller, application) = find(&mut tx, actor, bid).await?;
        may(console, actor, &biller, application.as_ref())?;
        let application = application.ok_or_else(|| ServiceError::not_found("application of biller", bid))?;
        if wanted.typed_name.trim() != biller.name().trim() {
            return Err(ServiceError::Field {
                field: "name",
                problem: format!("Type the biller's name exactly as shown: {}", biller.name()),
            });
        }
        if application.secret_made_at != wanted.seen {
            return Err(Refusal::SecretSince.into());
        }
        let act = Self {
            actor: actor.clone(),
            client_id: ClientId::parse(&application.vendor_id)
                .map_err(|_| ServiceError::not_found("application", &application.vendor_id))?,
            before: application.secret_made_at,
            at: console.now(),
            old: wanted.old,
            reason: wanted.reason.clone(),
            biller,
        };
        objects::set_secret_made_at(&mut tx, bid, act.before, Some(act.at)).await?;
        tx.commit_audited(act.entry(console, AuditAction::SecretAsked).because(act.reason.clone())).await?;
        Ok(act)
    }

    async fn carry_out(self, console: &Console) -> Result<HandedOver, ServiceError> {
        match self.rotate(console).await {
            Ok(made) => {
                let entry = self.entry(console, AuditAction::SecretMade).traced(made.trace_id);
                console.store.begin().await?.commit_audited(entry).await?;
                Ok(HandedOver {
                    biller: self.biller,
                    client_id: self.client_id.to_string(),
                    secret: made.secret,
                    old: self.old,
                    replaces: self.before.is_some(),
                })
            }
            Err(error) => {
                self.note_failure(console, &error).await?;
                Err(ServiceError::SecretNotMade(told(&error)))
            }
        }
    }

    async fn rotate(&self, console: &Console) -> Result<RotatedSecret, CallError> {
        let key = IdempotencyKey::derive(&["secret", self.client_id.as_str(), &console.random_text::<16>()]);
        console.vendor.rotate_client_secret(&self.client_id, self.old.works_for(), &key).await
    }

    /// Where it is certain that none was made, the time of the last one stands again.
    async fn note_failure(&self, console: &Console, error: &CallError) -> Result<(), ServiceError> {
        let bid = self.biller.bid();
        let mut tx = console.store.begin().await?;
        if !error.outcome_unknown() {
            objects::set_secret_made_at(&mut tx, bid, Some(self.at), self.before).await?;
        }
        let mut entry = self.entry(console, AuditAction::SecretNotMade).traced(error.trace_id.clone());
        entry.before = None;
        entry.after = Some(json!({
            "client_id": self.client_id.as_str(),
            "failure": error.kind.as_str(),
            "outcome_unknown": error.outcome_unknown(),
        }));
        tx.commit_audited(entry).await?;
        Ok(())
    }

    fn entry(&self, console: &Console, action: AuditAction) -> AuditEntry {
        let state = |at: Option<Timestamp>| -> Value {
            json!({ "client_id": self.client_id.as_str(), "secret_made_at": at.map(Timestamp::rfc3339) })
        };
        let mut after = state(Some(self.at));
        after["old_secret"] = json!(self.old);
        AuditEntry::new(
            console.now(),
            self.actor.clone(),
            action,
            Subject::new(SubjectKind::Biller, self.biller.bid().as_str()),
        )
        .change(Some(state(self.before)), Some(after))
    }
}
