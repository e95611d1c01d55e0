//! What is done to the use cases of billers.

use domain::{Bid, use_case::Choices};
use leptos::prelude::*;
use services::change_use_cases::{self, ChangeRequest};

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
