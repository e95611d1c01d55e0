//! What is done to one biller.

use domain::Bid;
use leptos::prelude::*;
use services::{
    edit_handover::{self, GoLiveForm},
    enable_biller, resume_biller, suspend_biller,
};

use super::post::{Done, Form, filled, post};
use crate::paths;

/// A page of this biller; the list when the bid is none.
fn page_of(bid: &str, page: fn(&Bid) -> String) -> String {
    Bid::parse(bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| page(&bid))
}

/// Asks for the enablement of a biller.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "enable")]
pub(super) async fn enable(
    #[server(default)] bid: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, paths::enable)).keep("reason", &reason);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        enable_biller::enable(&console, &actor, &bid, filled(reason)).await?;
        Ok(Done::at(paths::biller(&bid), "Enablement has begun. Each step shows below as it is done."))
    })
    .await
}

/// Asks for the suspension of a biller; its name must be typed.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "suspend")]
pub(super) async fn suspend(
    #[server(default)] bid: String,
    #[server(default)] name: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, paths::suspend)).keep("name", &name).keep("reason", &reason);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        suspend_biller::suspend(&console, &actor, &bid, &name, filled(reason)).await?;
        Ok(Done::at(paths::biller(&bid), "Suspension has begun. Sign-ins go to the legacy page first."))
    })
    .await
}

/// Asks for the resumption of a suspended biller.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "resume")]
pub(super) async fn resume(
    #[server(default)] bid: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, paths::resume)).keep("reason", &reason);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        resume_biller::resume(&console, &actor, &bid, filled(reason)).await?;
        Ok(Done::at(
            paths::biller(&bid),
            "Resumption has begun. Sign-ins come back once the proof has succeeded.",
        ))
    })
    .await
}

/// Sets or removes the day on which a biller goes live.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "set_go_live")]
pub(super) async fn set_go_live(
    #[server(default)] bid: String,
    #[server(default)] seen: String,
    #[server(default)] go_live: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, paths::biller)).keep("go_live", &go_live);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        let form = GoLiveForm { seen: &seen, day: &go_live };
        edit_handover::set_go_live(&console, &actor, &bid, form).await?;
        let open = go_live.trim().is_empty();
        let said = if open { "The go-live day is open again." } else { "The go-live day is set." };
        Ok(Done::at(paths::biller(&bid), said))
    })
    .await
}
