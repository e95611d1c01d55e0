//! Sign-ins go to the biller's other issuer: it is asked once more, then they go there.

use domain::{
    biller::Biller,
    run::{FailureKind, RunDetail},
    settings::vanity::IssuerSwitch,
};

use super::step::{StepContext, StepFailure, StepReport};
use crate::{
    ServiceError,
    biller_settings::{Standing, issuer},
};

const CURE: &str =
    "Nothing was switched. See what stands in the way, then retry; or go back and ask for the switch anew.";

/// The issuer answers as it did when the switch was asked for.
pub(super) async fn prove(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let switch = asked(context)?;
    if stands(context.biller(), switch)? == There::Already {
        return Ok(StepReport::skipped(format!("Sign-ins go to {} already.", switch.after)));
    }
    let mut conn = context.console.store.read().await.map_err(ServiceError::from)?;
    let standing = Standing::load(context.console, &mut conn, context.biller().clone()).await?;
    drop(conn);
    match issuer::still(context.console, &standing, switch).await {
        Ok(()) => Ok(StepReport::done(format!("{} answers as the biller's issuer.", switch.after))),
        Err(ServiceError::Vendor(error)) => Err(error.into()),
        Err(ServiceError::Field { problem, .. }) => {
            Err(StepFailure::new(FailureKind::Unproven, problem, CURE))
        }
        Err(other) => Err(other.into()),
    }
}

/// Sign-ins go there from now on, and IC is told: one commit of its own, so that a repeated step finds it done.
pub(super) async fn switch(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let switch = asked(context)?;
    let mut tx = context.console.store.begin().await.map_err(ServiceError::from)?;
    let biller = super::find_biller(&mut tx, &context.run().bid).await?;
    if stands(&biller, switch)? == There::Already {
        return Ok(StepReport::done(format!("Sign-ins go to {}.", switch.after)));
    }
    let entry =
        issuer::put(context.console, &mut tx, &context.run().requested_by, &biller, &switch.after).await?;
    let entry = entry.because(context.run().reason.clone());
    tx.commit_audited(entry).await.map_err(ServiceError::from)?;
    context.console.wake_workers();
    Ok(StepReport::done(format!("Sign-ins go to {} from now on, and IC is told.", switch.after)))
}

#[derive(PartialEq, Eq)]
enum There {
    Already,
    NotYet,
}

/// Where sign-ins go; an issuer that is neither the one from before nor the one wanted is somebody else's decision.
fn stands(biller: &Biller, switch: &IssuerSwitch) -> Result<There, StepFailure> {
    if biller.issuer.as_ref() == Some(&switch.after) {
        return Ok(There::Already);
    }
    match switch.moved(biller.issuer.as_deref()) {
        None => Ok(There::NotYet),
        Some(told) => Err(StepFailure::new(FailureKind::Mismatch, told, CURE)),
    }
}

fn asked<'a>(context: &'a StepContext<'_>) -> Result<&'a IssuerSwitch, StepFailure> {
    match &context.run().detail {
        Some(RunDetail::Issuer(switch)) => Ok(switch),
        _ => Err(StepFailure::new(
            FailureKind::Internal,
            "The run does not say to which issuer sign-ins are to go.",
            "Ask for the switch anew.",
        )),
    }
}
