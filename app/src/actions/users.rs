//! What is asked of single users, and of their changes on the way to SecureAuth.

use std::{collections::BTreeMap, time::Duration};

use domain::{Bid, account::Said};
use leptos::prelude::*;
use services::{Console, accounts};

use super::post::{Done, Form, filled, post};
use crate::paths;

/// How long a form waits for its change to be made: most take less, and what takes longer shows as on its way.
const PATIENCE: Duration = Duration::from_secs(3);

fn page_of(bid: &str, user: &str) -> String {
    let bid = Bid::parse(bid);
    bid.map_or_else(
        |_| paths::BILLERS.to_owned(),
        |bid| if user.is_empty() { paths::users(&bid) } else { paths::user(&bid, user) },
    )
}

fn form_of(page: String, typed: &BTreeMap<String, String>) -> Form {
    typed.iter().fold(Form::on(page), |form, (field, typed)| form.keep(field, typed))
}

fn text(typed: &BTreeMap<String, String>, field: &str) -> String {
    typed.get(field).cloned().unwrap_or_default()
}

fn said(typed: &BTreeMap<String, String>) -> Said {
    let field = |name: &str| filled(text(typed, name));
    Said {
        username: field("username"),
        email: field("email"),
        email_verified: text(typed, "email_verified") == "yes",
        phone: field("phone"),
        given_name: field("given_name"),
        family_name: field("family_name"),
        status: None,
    }
}

async fn settled(console: &Console, bid: &Bid, user: &str) {
    accounts::settled(console, bid, user, PATIENCE).await;
}

/// Makes a user.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "create_user")]
pub(super) async fn create_user(
    #[server(default)] bid: String,
    #[server(flatten)] typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page = Bid::parse(&bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| paths::user_new(&bid));
    post(form_of(page, &typed), |console, actor| async move {
        let (bid, reason) = (Bid::parse(&bid)?, filled(text(&typed, "reason")));
        let reference = text(&typed, "reference");
        let user = accounts::create(&console, &actor, &bid, &reference, &said(&typed), reason).await?;
        settled(&console, &bid, &user).await;
        Ok(Done::at(paths::user(&bid, &user), "The user is made. Send the activation next."))
    })
    .await
}

/// Changes a user.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "edit_user")]
pub(super) async fn edit_user(
    #[server(default)] bid: String,
    #[server(default)] user: String,
    #[server(flatten)] typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page =
        Bid::parse(&bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| paths::user_edit(&bid, &user));
    post(form_of(page, &typed), |console, actor| async move {
        let (bid, reason) = (Bid::parse(&bid)?, filled(text(&typed, "reason")));
        accounts::edit(&console, &actor, &bid, &user, &said(&typed), reason).await?;
        settled(&console, &bid, &user).await;
        Ok(Done::at(paths::user(&bid, &user), "The change was asked for; below stands where it is."))
    })
    .await
}

/// Locks, unlocks, sends a message, forces a reset.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "help_user")]
pub(super) async fn help_user(
    #[server(default)] bid: String,
    #[server(default)] user: String,
    #[server(default)] act: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, &user)).keep("reason", &reason);
    post(form, |console, actor| async move {
        let (bid, act) = (Bid::parse(&bid)?, act.parse()?);
        accounts::act(&console, &actor, &bid, &user, act, filled(reason)).await?;
        settled(&console, &bid, &user).await;
        Ok(Done::at(
            paths::user(&bid, &user),
            format!("{}: it is asked for, and below stands where it is.", act.label()),
        ))
    })
    .await
}

/// Deletes or re-creates.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "remove_user")]
pub(super) async fn remove_user(
    #[server(default)] bid: String,
    #[server(default)] user: String,
    #[server(default)] act: String,
    #[server(default)] why: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, &user)).keep("why", &why);
    post(form, |console, actor| async move {
        let (bid, act) = (Bid::parse(&bid)?, act.parse()?);
        accounts::act(&console, &actor, &bid, &user, act, filled(why)).await?;
        settled(&console, &bid, &user).await;
        Ok(Done::at(
            paths::user(&bid, &user),
            format!("{}: it is asked for, and below stands where it is.", act.label()),
        ))
    })
    .await
}

/// Shows personal data for a while.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "reveal_user")]
pub(super) async fn reveal_user(
    #[server(default)] bid: String,
    #[server(default)] user: String,
    #[server(default)] purpose: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(page_of(&bid, &user)).keep("purpose", &purpose);
    post(form, |console, actor| async move {
        let bid = Bid::parse(&bid)?;
        accounts::reveal(&console, &actor, &bid, &user, &purpose).await?;
        Ok(Done::at(paths::user(&bid, &user), "Personal data is shown for 15 minutes."))
    })
    .await
}

/// Retries or discards a parked change.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "decide_mirror")]
pub(super) async fn decide_mirror(
    #[server(default)] bid: String,
    #[server(default)] user: String,
    #[server(default)] revision: i64,
    #[server(default)] decision: String,
    #[server(default)] why: String,
) -> Result<(), ServerFnError> {
    post(Form::on(paths::MIRROR), |console, actor| async move {
        let (bid, decision) = (Bid::parse(&bid)?, decision.parse()?);
        accounts::decide(&console, &actor, &bid, &user, revision, decision, filled(why)).await?;
        settled(&console, &bid, &user).await;
        Ok(Done::at(paths::MIRROR, "It is decided."))
    })
    .await
}
