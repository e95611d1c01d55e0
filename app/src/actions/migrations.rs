//! What is asked of moves of users.

use std::collections::BTreeMap;

use domain::{
    Bid,
    migration::{Mapping, SaltEncoding, SaltOrder, SourceField, StatedDigest},
};
use leptos::prelude::*;
use services::migration::{self, FreezeRequest};

use super::post::{Done, Form, filled, post};
use crate::paths;

fn page_of(bid: &str) -> String {
    Bid::parse(bid).map_or_else(|_| paths::MIGRATIONS.to_owned(), |bid| paths::biller_migration(&bid))
}

/// Starts, pauses, resumes, cancels, retries or undoes a move.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "ask_migration")]
pub(super) async fn ask_migration(
    #[server(default)] bid: String,
    #[server(default)] id: String,
    #[server(default)] act: String,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] typed: String,
    #[server(default)] why: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid)).keep("name", &name).keep("reason", &reason).keep("typed", &typed);
    post(form.keep("why", &why), |console, actor| async move {
        let (id, act, reason) = (id.parse()?, act.parse()?, filled(reason).or(filled(why)));
        // Two forms on one page ask for the biller's name, each in a field of its own.
        let name = if typed.is_empty() { name } else { typed };
        migration::ask(&console, &actor, id, act, reason, &name).await?;
        Ok(Done::at(page_of(&bid), "It is done as asked."))
    })
    .await
}

/// Declares a freeze; the times are the biller's own.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "declare_freeze")]
pub(super) async fn declare_freeze(
    #[server(default)] bid: String,
    #[server(default)] from_day: String,
    #[server(default)] from_time: String,
    #[server(default)] until_day: String,
    #[server(default)] until_time: String,
    #[server(default)] freeze_reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid)).keep("from_day", &from_day).keep("from_time", &from_time);
    let form = form.keep("until_day", &until_day).keep("until_time", &until_time);
    post(form.keep("freeze_reason", &freeze_reason), |console, actor| async move {
        let reason = filled(freeze_reason);
        let request = FreezeRequest { from_day, from_time, until_day, until_time, reason };
        migration::declare_freeze(&console, &actor, &Bid::parse(&bid)?, request).await?;
        Ok(Done::at(page_of(&bid), "Declared. Hosted login waits for a delivery of that time."))
    })
    .await
}

/// Withdraws a freeze.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "withdraw_freeze")]
pub(super) async fn withdraw_freeze(#[server(default)] bid: String) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&bid)), |console, actor| async move {
        migration::withdraw_freeze(&console, &actor, &Bid::parse(&bid)?).await?;
        Ok(Done::at(page_of(&bid), "Withdrawn: hosted login waits for no delivery."))
    })
    .await
}

/// Starts, pauses or resumes the reset e-mails of a move.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "mail_resets")]
pub(super) async fn mail_resets(
    #[server(default)] bid: String,
    #[server(default)] id: String,
    #[server(default)] act: String,
) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&bid)), |console, actor| async move {
        migration::mail_resets(&console, &actor, id.parse()?, act.parse()?).await?;
        Ok(Done::at(page_of(&bid), "It is done as asked."))
    })
    .await
}

/// Says which column is which.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "map_migration")]
pub(super) async fn map_migration(
    #[server(default)] bid: String,
    #[server(default)] id: String,
    #[server(flatten)] chosen: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let form = chosen.iter().fold(Form::on(page_of(&bid)), |form, (field, typed)| form.keep(field, typed));
    post(form, |console, actor| async move {
        migration::choose_columns(&console, &actor, id.parse()?, mapping(&chosen)).await?;
        Ok(Done::at(page_of(&bid), "Every row is checked with these columns."))
    })
    .await
}

/// The columns as they were chosen; the choices are the labels that people read.
fn mapping(chosen: &BTreeMap<String, String>) -> Mapping {
    let text = |name: &str| chosen.get(name).map(|it| it.trim()).filter(|it| !it.is_empty());
    let columns =
        SourceField::ALL.iter().filter_map(|field| Some((*field, text(field.as_str())?.to_owned())));
    let order = SaltOrder::ALL.iter().find(|it| text("salt_order") == Some(it.label()));
    let encoding = SaltEncoding::ALL.iter().find(|it| text("salt_encoding") == Some(it.label()));
    Mapping {
        columns: columns.collect(),
        digest: order.map(|order| StatedDigest {
            order: *order,
            encoding: encoding.copied().unwrap_or(SaltEncoding::Text),
        }),
        country_code: text("country_code").map(str::to_owned),
    }
}
