//! What a step gets and what it reports.

use std::time::Duration;

use domain::{
    RunId,
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    login::LoginRoute,
    object::{ObjectKind, Origin, VendorObject},
    oidc::OidcClient,
    plan::EnablePlan,
    run::{Failure, FailureKind, Run, Step},
    settings::{Layers, Scope},
    use_case::UseCases,
};
use secureauth::{CallError, IdempotencyKey, SecureAuth};
use serde_json::{Map, Value, json};
use storage::settings::ObservedScope;

use super::{Situation, failure};
use crate::{Console, ServiceError};

/// Noted in a step's cursor before something is created, so that after a crash we know it was us.
pub(super) const CREATING: &str = "creating";

/// What a step works with.
pub(super) struct StepContext<'a> {
    pub(super) console: &'a Console,
    pub(super) situation: &'a Situation,
    pub(super) step: &'a Step,
}

impl StepContext<'_> {
    pub(super) const fn run(&self) -> &Run {
        &self.situation.run
    }

    pub(super) const fn biller(&self) -> &Biller {
        &self.situation.biller
    }

    pub(super) const fn plan(&self) -> &EnablePlan {
        &self.situation.plan
    }

    /// What is set for the biller, on every level.
    pub(super) const fn layers(&self) -> &Layers {
        &self.situation.layers
    }

    pub(super) const fn vendor(&self) -> &SecureAuth {
        &self.console.vendor
    }

    /// The object as recorded, if it was made or adopted before.
    pub(super) fn recorded(&self, kind: ObjectKind) -> Option<&VendorObject> {
        self.situation.objects.iter().find(|object| object.kind == kind)
    }

    /// The object's id: as recorded, else as planned.
    pub(super) fn id_of(&self, kind: ObjectKind) -> String {
        self.recorded(kind)
            .map_or_else(|| self.planned_id(kind).to_owned(), |object| object.vendor_id.clone())
    }

    /// What the application was given; the plan while there is none yet.
    pub(super) fn oidc(&self) -> &OidcClient {
        self.recorded(ObjectKind::Application)
            .and_then(|application| application.oidc.as_ref())
            .unwrap_or(&self.plan().application.oidc)
    }

    fn planned_id(&self, kind: ObjectKind) -> &str {
        let plan = self.plan();
        match kind {
            ObjectKind::Organization => &plan.organization.id,
            ObjectKind::Pool => &plan.pool.id,
            ObjectKind::Binding => &plan.binding.id,
            ObjectKind::Application => &plan.application.id,
            ObjectKind::Theme => plan.theme.as_deref().unwrap_or_default(),
        }
    }

    /// Our mark, as the vendor's free fields take it.
    pub(super) fn mark(&self) -> Map<String, Value> {
        match self.plan().organization.mark.to_value() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// The same key for every attempt of this step, so that a repeated POST is a replay.
    pub(super) fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey::derive(&[&self.run().id.to_string(), self.step.kind.as_str()])
    }

    /// Whether this step noted before a crash that it was about to create its object.
    pub(super) fn was_creating(&self) -> bool {
        self.step.cursor.as_deref() == Some(CREATING)
    }

    /// Keeps a note with the step, committed at once.
    pub(super) async fn note(&self, cursor: &str) -> Result<(), StepFailure> {
        let mut tx = self.console.store.begin().await.map_err(ServiceError::from)?;
        storage::runs::set_cursor(&mut tx, self.run().id, self.step.position, Some(cursor))
            .await
            .map_err(ServiceError::from)?;
        tx.commit_bookkeeping(storage::Bookkeeping::RunProgress).await.map_err(ServiceError::from)?;
        Ok(())
    }

    /// An object as this run records it.
    pub(super) fn object(&self, kind: ObjectKind, id: &str, name: &str, origin: Origin) -> VendorObject {
        let before = self.recorded(kind);
        VendorObject {
            kind,
            vendor_id: id.to_owned(),
            name: name.to_owned(),
            // What was created once stays created by that run, however often it is ensured again.
            origin: before.map_or(origin, |object| object.origin),
            run: before.map_or(self.run().id, |object| object.run),
            at: before.map_or_else(|| self.console.now(), |object| object.at),
            oidc: None,
            secret_made_at: before.and_then(|object| object.secret_made_at),
        }
    }

    /// The origin of an object that was found: ours if this step noted that it was creating it.
    pub(super) fn origin_of_found(&self) -> Origin {
        if self.was_creating() { Origin::Created } else { Origin::Adopted }
    }

    /// An audit entry for a change at the vendor.
    pub(super) fn changed(
        &self,
        before: Option<Value>,
        after: Option<Value>,
        trace: Option<String>,
    ) -> AuditEntry {
        AuditEntry::new(
            self.console.now(),
            self.run().requested_by.clone(),
            AuditAction::VendorChanged,
            Subject::new(SubjectKind::Biller, self.run().bid.as_str()),
        )
        .change(before, after)
        .traced(trace)
    }

    /// An audit entry for an object that was made.
    pub(super) fn made(&self, kind: ObjectKind, id: &str, trace: Option<String>) -> AuditEntry {
        self.changed(None, Some(json!({ "object": kind, "id": id })), trace)
    }

    /// An audit entry for an object that was deleted.
    pub(super) fn deleted(&self, kind: ObjectKind, id: &str, trace: Option<String>) -> AuditEntry {
        self.changed(Some(json!({ "object": kind, "id": id })), None, trace)
    }

    /// The enablement that this run takes back.
    pub(super) async fn abandoned_run(&self) -> Result<Option<RunId>, StepFailure> {
        let mut conn = self.console.store.read().await.map_err(ServiceError::from)?;
        let runs =
            storage::runs::of_biller(&mut conn, &self.run().bid, 20).await.map_err(ServiceError::from)?;
        Ok(runs.iter().find(|run| run.kind == domain::run::RunKind::Enable).map(|run| run.id))
    }
}

/// What a step did.
pub(super) struct StepReport {
    pub(super) outcome: String,
    pub(super) skipped: bool,
    pub(super) object: Option<ObjectChange>,
    pub(super) issuer: Option<Option<String>>,
    pub(super) route: Option<LoginRoute>,
    pub(super) observed: Vec<(Scope, ObservedScope)>,
    pub(super) effect: Option<UseCases>,
    pub(super) audit: Vec<AuditEntry>,
}

/// What became of a biller's object.
pub(super) enum ObjectChange {
    /// Made, adopted or confirmed.
    Put(VendorObject),
    /// Deleted, or left to others.
    Removed(ObjectKind),
}

impl StepReport {
    pub(super) fn done(outcome: impl Into<String>) -> Self {
        Self {
            outcome: outcome.into(),
            skipped: false,
            object: None,
            issuer: None,
            route: None,
            observed: Vec::new(),
            effect: None,
            audit: Vec::new(),
        }
    }

    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Self { skipped: true, ..Self::done(why) }
    }

    pub(super) fn recording(self, object: VendorObject) -> Self {
        Self { object: Some(ObjectChange::Put(object)), ..self }
    }

    pub(super) fn removing(self, kind: ObjectKind) -> Self {
        Self { object: Some(ObjectChange::Removed(kind)), ..self }
    }

    pub(super) fn issuer(self, issuer: Option<String>) -> Self {
        Self { issuer: Some(issuer), ..self }
    }

    /// These use cases are in effect now.
    pub(super) fn taking_effect(self, in_effect: UseCases) -> Self {
        Self { effect: Some(in_effect), ..self }
    }

    pub(super) fn routing(self, route: LoginRoute) -> Self {
        Self { route: Some(route), ..self }
    }

    /// Notes what an object showed.
    pub(super) fn observing(mut self, scope: Scope, read: ObservedScope) -> Self {
        self.observed.push((scope, read));
        self
    }

    pub(super) fn audited(mut self, entry: Option<AuditEntry>) -> Self {
        self.audit.extend(entry);
        self
    }
}

/// Why a step did not get done.
pub(super) enum StepFailure {
    /// The vendor did not answer or asked to wait: trying again may help.
    Temporary {
        failure: Failure,
        /// When to come back, where the vendor or the circuit breaker said so.
        retry_after: Option<Duration>,
    },
    /// To be shown, and decided upon by a person.
    Failed(Failure),
    /// The console's own database failed: nothing is known to be wrong with the run.
    Storage(ServiceError),
}

impl From<CallError> for StepFailure {
    fn from(error: CallError) -> Self {
        let failure = failure::of_call(&error);
        if failure.kind == FailureKind::Temporary {
            Self::Temporary { failure, retry_after: error.retry_after }
        } else {
            Self::Failed(failure)
        }
    }
}

impl From<ServiceError> for StepFailure {
    fn from(error: ServiceError) -> Self {
        Self::Storage(error)
    }
}

impl StepFailure {
    /// A failure found by us, not by a call.
    pub(super) fn new(kind: FailureKind, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Failed(Failure { kind, message: message.into(), cure: cure.into(), trace_id: None })
    }

    /// Something under our id is not ours.
    pub(super) fn foreign(kind: ObjectKind, id: &str, why: &str) -> Self {
        Self::new(
            FailureKind::Foreign,
            format!(
                "{} {id:?} exists at SecureAuth and is not this biller's: {why}. It was left untouched.",
                kind.label()
            ),
            "Find out in SecureAuth who made it. Delete or rename it there, or choose another id prefix in the configuration; then retry.",
        )
    }

    /// Deleting would hurt someone.
    pub(super) fn in_use(kind: ObjectKind, id: &str, why: &str) -> Self {
        Self::new(
            FailureKind::InUse,
            format!("{} {id:?} was not deleted: {why}.", kind.label()),
            "Remove what uses it at SecureAuth, or finish the enablement instead; then retry.",
        )
    }
}
