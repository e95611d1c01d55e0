//! The vanity domain of an organization: requested, changed, taken away.

use domain::{
    run::FailureKind,
    settings::{Observed, Scope, SettingValue, SettingsChange, WriteMode, change, vanity as host},
};
use secureauth::WorkspaceId;
use storage::settings::ObservedScope;

use super::{
    objects::{organization, updated},
    step::{StepContext, StepFailure, StepReport},
};
use crate::{
    ServiceError,
    biller_settings::{issuer, read},
};

/// Writes what the change says about it.
pub(super) async fn apply(
    context: &StepContext<'_>,
    change: &SettingsChange,
) -> Result<StepReport, StepFailure> {
    let Some(write) = change.of_scope(Scope::VanityDomain).next() else {
        return Ok(StepReport::skipped("The vanity domain is not to change."));
    };
    let setting = write.key.setting();
    let organization = organization::id(context)?;
    let found = context.vendor().get_vanity_domain(&organization).await?;
    let now = found.map(|it| it.domain.to_ascii_lowercase()).unwrap_or_default();
    let shown_now = Observed::Value(SettingValue::Text(now.clone()));
    let surprise = write.expected.as_ref().is_some_and(|expected| *expected != shown_now);
    // On its way from one to another there is none for a moment: a crash there goes on.
    if now != write.to.to_text() && surprise && !(now.is_empty() && context.was_creating()) {
        return match change.mode {
            WriteMode::OwnOnly => Ok(StepReport::done("Another one is there by now: left as it is.")),
            WriteMode::Strict => Err(StepFailure::new(
                FailureKind::Mismatch,
                format!(
                    "The vanity domain is {} at SecureAuth now; it was {} when the change to {} was decided.",
                    setting.show(&SettingValue::Text(now)),
                    change::was(setting, write),
                    setting.show(&write.to),
                ),
                "Look at both values, decide which one is right, and ask for the change anew.",
            )),
        };
    }
    set(context, &write.to.to_text()).await
}

/// Makes it so and reads it back. Sign-ins stay where they are, except that they leave a host name that goes.
pub(super) async fn set(context: &StepContext<'_>, wanted: &str) -> Result<StepReport, StepFailure> {
    let organization = organization::id(context)?;
    let host = Some(wanted).filter(|host| !host.is_empty());
    leave(context, &organization, host).await?;
    context.note(super::step::CREATING).await?;
    let key = context.idempotency_key();
    let outcome = context.vendor().set_vanity_domain(&organization, host, &key).await?;
    let shown = host.unwrap_or("none");
    let values = read::observe(Scope::VanityDomain, &outcome.after);
    let report = updated(
        context,
        outcome,
        format!("Vanity domain: {shown} from now on."),
        format!("Vanity domain: {shown} already."),
    )
    .observing(Scope::VanityDomain, ObservedScope { values, read_at: context.console.now() });
    // SecureAuth may name another issuer for the organization now; where it does, the old one may be gone.
    leave(context, &organization, host).await?;
    Ok(report)
}

/// Sign-ins go to the organization's own issuer unless they go to the host that stays. One commit of its own, so that
/// nobody is sent to a host that has gone, wherever a crash comes.
async fn leave(
    context: &StepContext<'_>,
    organization: &WorkspaceId,
    stays: Option<&str>,
) -> Result<(), StepFailure> {
    let mut conn = context.console.store.read().await.map_err(ServiceError::from)?;
    let biller = storage::billers::find(&mut conn, &context.run().bid).await.map_err(ServiceError::from)?;
    drop(conn);
    let Some(biller) = biller else { return Ok(()) };
    let host = biller.issuer.as_deref().and_then(host::of_issuer);
    if stays.is_some() && host == stays {
        return Ok(());
    }
    let Some(own) = context.vendor().get_organization(organization).await?.issuer_url else { return Ok(()) };
    let own = own.to_string();
    if biller.issuer.as_deref().is_none_or(|issuer| issuer == own) {
        return Ok(());
    }
    let mut tx = context.console.store.begin().await.map_err(ServiceError::from)?;
    let actor = &context.run().requested_by;
    let entry = issuer::put(context.console, &mut tx, actor, &biller, &own).await?;
    let entry = entry.because(context.run().reason.clone());
    tx.commit_audited(entry).await.map_err(ServiceError::from)?;
    context.console.wake_workers();
    Ok(())
}
