//! What is done to the use cases of billers.

use domain::{Bid, emergency::Decision, use_case::Choices};
use leptos::prelude::*;
use services::{
    change_use_cases::{self, ChangeRequest},
    emergency_off as emergency, list_use_cases,
    schedule_use_cases::{self as schedule, ScheduleRequest},
    test_sign_in,
};

use super::post::{Done, Form, filled, post};
use crate::paths;

/// The use cases of this biller; the list when the bid is none.
fn page_of(bid: &str) -> String {
    Bid::parse(bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| paths::biller_use_cases(&bid))
}

/// The preview of this change, to go back to; without one the biller's use cases.
fn preview_of(bid: &str, choices: &str) -> String {
    match (Bid::parse(bid), choices.parse::<Choices>()) {
        (Ok(bid), Ok(choices)) => paths::use_cases_change(&bid, &choices),
        _ => page_of(bid),
    }
}

/// Chooses use cases for a biller, and asks for what brings them about.
///
/// # Errors
/// Never: what is wrong is told on the preview.
#[server(prefix = "/do", endpoint = "change_use_cases")]
pub(super) async fn change_use_cases(
    #[server(default)] bid: String,
    #[server(default)] choices: String,
    #[server(default)] seen: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(preview_of(&bid, &choices)).keep("reason", &reason);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        let request =
            ChangeRequest { choices: choices.parse()?, seen: seen.parse()?, reason: filled(reason) };
        let said = match change_use_cases::change(&console, &actor, &bid, request).await? {
            Some(_) => "The change has begun. Each step shows as it is done.",
            None => "What you chose is noted. Nothing had to be brought about.",
        };
        Ok(Done::at(paths::biller_use_cases(&bid), said))
    })
    .await
}

/// Schedules a change of use cases.
///
/// # Errors
/// Never: what is wrong is told on the preview.
#[server(prefix = "/do", endpoint = "schedule_use_cases")]
pub(super) async fn schedule_use_cases(
    #[server(default)] bid: String,
    #[server(default)] choices: String,
    #[server(default)] seen: String,
    #[server(default)] day: String,
    #[server(default)] time: String,
    #[server(default)] zone: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(preview_of(&bid, &choices)).keep("reason", &reason);
    post(form.keep("day", &day).keep("time", &time).keep("zone", &zone), |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        let (choices, seen, reason) = (choices.parse()?, seen.parse()?, filled(reason));
        let request = ScheduleRequest { choices, seen, day, time, zone, reason };
        let scheduled = schedule::schedule(&console, &actor, &bid, request).await?;
        Ok(Done::at(
            paths::biller_use_cases(&bid),
            format!("Scheduled for {}.", scheduled.told.trim_end_matches('.')),
        ))
    })
    .await
}

/// Withdraws a scheduled change of use cases.
///
/// # Errors
/// Never: what is wrong is told on the biller's use cases.
#[server(prefix = "/do", endpoint = "withdraw_use_cases")]
pub(super) async fn withdraw_use_cases(
    #[server(default)] bid: String,
    #[server(default)] id: String,
) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&bid)), |console, actor| async move {
        let bid = schedule::withdraw(&console, &actor, id.parse()?).await?;
        Ok(Done::at(paths::biller_use_cases(&bid), "Withdrawn: it will not be made."))
    })
    .await
}

/// Begins a test sign-in.
///
/// # Errors
/// Never: what is wrong is told on the page of the test.
#[server(prefix = "/do", endpoint = "start_test_sign_in")]
pub(super) async fn start_test_sign_in(#[server(default)] bid: String) -> Result<(), ServerFnError> {
    let page = Bid::parse(&bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| paths::test_sign_in(&bid));
    post(Form::on(page.clone()), |console, actor| async move {
        test_sign_in::start(&console, &actor, &Bid::parse(&bid)?).await?;
        Ok(Done::at(page, "The way to the sign-in page was gone: see below."))
    })
    .await
}

/// Notes that a biller has no users to move.
///
/// # Errors
/// Never: what is wrong is told on the biller's use cases.
#[server(prefix = "/do", endpoint = "declare_no_users")]
pub(super) async fn declare_no_users(
    #[server(default)] bid: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&bid)).keep("reason", &reason), |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        change_use_cases::declare_no_users(&console, &actor, &bid, filled(reason)).await?;
        Ok(Done::at(paths::biller_use_cases(&bid), "Noted: there are no users to move."))
    })
    .await
}

/// Sets the default of a tier, or of everyone where none is named.
///
/// # Errors
/// Never: what is wrong is told on the page of defaults.
#[server(prefix = "/do", endpoint = "set_use_case_default")]
pub(super) async fn set_use_case_default(
    #[server(default)] tier: String,
    #[server(default)] user_hosting: String,
    #[server(default)] delegated_login: String,
    #[server(default)] hosted_login: String,
    #[server(default)] old_url: String,
    #[server(default)] seen: String,
) -> Result<(), ServerFnError> {
    post(Form::on(paths::USE_CASE_DEFAULTS), |console, actor| async move {
        let choices = format!("{user_hosting} {delegated_login} {hosted_login} {old_url}").parse()?;
        let tier = filled(tier);
        list_use_cases::set_default(&console, &actor, tier.as_deref(), choices, seen.parse()?).await?;
        Ok(Done::at(
            paths::USE_CASE_DEFAULTS,
            "The default is set. Below stands how many billers differ from it, and how it is brought about.",
        ))
    })
    .await
}

/// Holds a biller's sign-ins off, at once; its name must be typed.
///
/// # Errors
/// Never: what is wrong is told on the biller's use cases.
#[server(prefix = "/do", endpoint = "emergency_off")]
pub(super) async fn emergency_off(
    #[server(default)] bid: String,
    #[server(default)] name: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid)).keep("name", &name).keep("reason", &reason);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        emergency::start(&console, &actor, Some(&bid), &name, filled(reason)).await?;
        Ok(Done::at(paths::biller_use_cases(&bid), "Its sign-ins go to the legacy page from now on."))
    })
    .await
}

/// Holds everyone's sign-ins off, at once; `everyone` must be typed.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "emergency_off_everyone")]
pub(super) async fn emergency_off_everyone(
    #[server(default)] name: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(paths::EMERGENCIES).keep("name", &name).keep("reason", &reason);
    post(form, |console, actor| async move {
        emergency::start(&console, &actor, None, &name, filled(reason)).await?;
        Ok(Done::at(paths::EMERGENCIES, "Everyone's sign-ins go to the legacy page from now on."))
    })
    .await
}

/// Keeps or lifts an emergency, as a second person.
///
/// # Errors
/// Never: what is wrong is told on the page of emergencies.
#[server(prefix = "/do", endpoint = "decide_emergency")]
pub(super) async fn decide_emergency(
    #[server(default)] id: String,
    #[server(default)] decision: String,
    #[server(default)] note: String,
) -> Result<(), ServerFnError> {
    post(Form::on(paths::EMERGENCIES), |console, actor| async move {
        let decision = decision.parse::<Decision>()?;
        emergency::decide(&console, &actor, id.parse()?, decision, filled(note)).await?;
        let said = match decision {
            Decision::Keep => "It is kept: sign-ins stay held off.",
            Decision::Lift => "It is lifted: sign-ins go again where the use cases say.",
        };
        Ok(Done::at(paths::EMERGENCIES, said))
    })
    .await
}
