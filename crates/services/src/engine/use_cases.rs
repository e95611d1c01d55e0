//! The steps of a change of use cases.
//!
//! What goes off goes off first, in one commit with where sign-ins go, and without asking SecureAuth: it works while
//! the vendor is down. What goes on is proven first and goes on last, again in one commit with where sign-ins go.

use domain::{
    login::LoginRoute,
    object::ObjectKind,
    run::{FailureKind, RunDetail, StepKind},
    use_case::{UseCases, asks_vendor, checks_password, route},
};
use secrecy::ExposeSecret as _;
use secureauth::{IdempotencyKey, NewUser, PasswordResult, UserId};
use serde_json::json;

use super::{
    objects::{application, binding, pool, vendor_id},
    proof, read_back,
    step::{StepContext, StepFailure, StepReport},
};

const NOT_ASKED: &str = "Nothing goes on, so SecureAuth is not asked.";

/// Does one step. What is in effect is read afresh, so a step that is done again after a crash finds what it did.
pub(super) async fn perform(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let (now, after) = (&context.situation.effect.in_effect, wanted(context)?);
    match context.step.kind {
        StepKind::TurnOff => Ok(turn_off(context, now, after)),
        StepKind::TurnOn => Ok(turn_on(context, now, after)),
        _ if !asks_vendor(now, after) => Ok(StepReport::skipped(NOT_ASKED)),
        StepKind::Binding => binding::switch(context, true).await,
        StepKind::Application => application::switch(context, true).await,
        StepKind::PasswordCheck if checks_password(now, after) => check_password(context).await,
        StepKind::PasswordCheck => Ok(StepReport::skipped("Delegated login does not go on.")),
        StepKind::ReadBack => read_back::switches(context).await,
        StepKind::Proof => proof::answers(context).await,
        StepKind::LoginRoute
        | StepKind::Organization
        | StepKind::Pool
        | StepKind::Theme
        | StepKind::VanityDomain
        | StepKind::Settings
        | StepKind::Tokens => Ok(StepReport::skipped("This is no matter of use cases.")),
    }
}

/// What the run is to bring about.
fn wanted<'a>(context: &'a StepContext<'_>) -> Result<&'a UseCases, StepFailure> {
    match &context.run().detail {
        Some(RunDetail::UseCases { after, .. }) => Ok(after),
        _ => Err(StepFailure::new(
            FailureKind::Internal,
            "The run does not say which use cases it is to change.",
            "Change them anew on the biller's page, and tell the operators.",
        )),
    }
}

fn turn_off(context: &StepContext<'_>, now: &UseCases, after: &UseCases) -> StepReport {
    let left = now.without_what_goes_off(after);
    let off: Vec<_> = now.iter().rev().filter(|use_case| !left.has(*use_case)).collect();
    if off.is_empty() {
        return StepReport::skipped("Nothing goes off.");
    }
    let names: Vec<_> = off.iter().map(|use_case| use_case.label()).collect();
    let report = StepReport::done(format!("Off: {}.{}", names.join(", then "), told(route(now, &left))));
    let changed =
        context.changed(Some(json!({ "in_effect": now })), Some(json!({ "in_effect": left })), None);
    routed(report.taking_effect(left.clone()), route(now, &left)).audited(Some(changed))
}

fn turn_on(context: &StepContext<'_>, now: &UseCases, after: &UseCases) -> StepReport {
    if now == after {
        return StepReport::skipped("Nothing goes on.");
    }
    let names: Vec<_> =
        after.iter().filter(|use_case| !now.has(*use_case)).map(|use_case| use_case.label()).collect();
    let what = if names.is_empty() {
        after.old_url.label().to_owned()
    } else {
        format!("On: {}", names.join(", then "))
    };
    let report = StepReport::done(format!("{what}.{}", told(route(now, after))));
    let changed =
        context.changed(Some(json!({ "in_effect": now })), Some(json!({ "in_effect": after })), None);
    routed(report.taking_effect(after.clone()), route(now, after)).audited(Some(changed))
}

fn told(route: Option<LoginRoute>) -> String {
    route.map_or_else(String::new, |route| format!(" Sign-ins at the login URL go to: {}.", route.label()))
}

fn routed(report: StepReport, route: Option<LoginRoute>) -> StepReport {
    match route {
        Some(route) => report.routing(route),
        None => report,
    }
}

/// Makes a test user, checks its password as delegated login would, and deletes it again. The user bears the run's
/// id, so whatever a crash left is deleted first; the password is never kept, so it is another one each time.
async fn check_password(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let pool = pool::id(context)?;
    let run = context.run().id.to_string();
    let id: UserId = vendor_id(&run)?;
    context.vendor().delete_user(&pool, &id).await?;
    // One of each kind, whatever the pool's policy asks for.
    let password = format!("{}Aa1!Zz9?", context.console.random_text::<24>());
    let user = NewUser {
        id: id.clone(),
        username: format!("canary-{run}"),
        password: password.into(),
        metadata: context.mark(),
    };
    // Another key each time: a replayed answer would tell of a user that has been deleted since.
    let key =
        IdempotencyKey::derive(&[&run, context.step.kind.as_str(), &context.console.random_text::<16>()]);
    let made = context.vendor().create_user(&pool, &user, &key).await?;
    let password = user.password.expose_secret();
    let checked = context.vendor().verify_password(&pool, &user.username, password).await;
    context.vendor().delete_user(&pool, &id).await?;
    match checked?.result {
        PasswordResult::Correct => {
            let what = json!({ "object": ObjectKind::Pool, "checked": "the password of a test user" });
            let report = StepReport::done(
                "A test user was made in the pool, SecureAuth found its password right, and it was deleted again.",
            );
            Ok(report.audited(Some(context.changed(None, Some(what), made.trace_id))))
        }
        other => Err(StepFailure::new(
            FailureKind::Unproven,
            format!("SecureAuth does not take the right password of a test user: it says {other}."),
            "Look at the pool's sign-in methods and password policy at SecureAuth; then retry.",
        )),
    }
}
