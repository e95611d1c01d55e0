//! What is done about the vendor's promises: objectives, maintenance windows, incidents.

use std::collections::BTreeMap;

use domain::{Timestamp, performance::IncidentFacts};
use leptos::prelude::*;
use services::performance::{
    incidents::{self, Edit},
    maintenance::{self, Proposal},
    objectives::{self, Promise},
    probe, report,
};

use super::post::{Done, Form, filled, post};
use crate::{paths, performance_query::minute, ui::frame::PageError};

/// A time that has to be given, from an input of type `datetime-local` (UTC).
fn instant(field: &'static str, text: &str) -> Result<Timestamp, PageError> {
    let problem = "Give day and time, e.g. 2026-11-25T14:10.".to_owned();
    minute(text).map(|it| it.begins()).ok_or_else(|| services::ServiceError::Field { field, problem }.into())
}

/// A time that may be left empty.
fn instant_or_none(field: &'static str, text: &str) -> Result<Option<Timestamp>, PageError> {
    if text.trim().is_empty() { Ok(None) } else { instant(field, text).map(Some) }
}

/// The page of an incident, or the list where the id is none.
fn page_of(id: &str) -> String {
    id.parse().map_or_else(|_| paths::INCIDENTS.to_owned(), paths::incident)
}

/// Sets an objective, a new one or an earlier one anew.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "set_objective")]
pub(super) async fn set_objective(
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] group: String,
    #[server(default)] limit: String,
    #[server(default)] target: String,
    #[server(default)] window: String,
    #[server(default)] clause: String,
) -> Result<(), ServerFnError> {
    let back = id.parse().map_or_else(|_| paths::OBJECTIVES.to_owned(), paths::objective);
    let form = Form::on(back).keep("name", &name).keep("group", &group).keep("limit", &limit);
    let form = form.keep("target", &target).keep("window", &window).keep("clause", &clause);
    post(form, |console, actor| async move {
        let promise = Promise { name, group, limit, target, window, clause: filled(clause) };
        let id = filled(id).map(|id| id.parse()).transpose()?;
        objectives::set(&console, &actor, id, promise).await?;
        Ok(Done::at(paths::OBJECTIVES, "The objective is set."))
    })
    .await
}

/// Takes an objective back.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "retire_objective")]
pub(super) async fn retire_objective(#[server(default)] id: String) -> Result<(), ServerFnError> {
    post(Form::on(paths::OBJECTIVES), |console, actor| async move {
        objectives::retire(&console, &actor, id.parse()?).await?;
        Ok(Done::at(paths::OBJECTIVES, "The objective is taken back."))
    })
    .await
}

/// Proposes a maintenance window.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "propose_maintenance")]
pub(super) async fn propose_maintenance(
    #[server(default)] whose: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] note: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(paths::OBJECTIVES).keep("whose", &whose).keep("from", &from).keep("to", &to);
    post(form.keep("note", &note), |console, actor| async move {
        let (from, to) = (instant("from", &from)?, instant("to", &to)?);
        let proposal = Proposal { whose: whose.parse()?, from, to, note };
        maintenance::propose(&console, &actor, proposal).await?;
        Ok(Done::at(paths::OBJECTIVES, "The window is proposed. A second person has to approve it."))
    })
    .await
}

/// Approves or declines a maintenance window, as a second person.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "decide_maintenance")]
pub(super) async fn decide_maintenance(
    #[server(default)] id: String,
    #[server(default)] decision: String,
    #[server(default)] note: String,
) -> Result<(), ServerFnError> {
    post(Form::on(paths::OBJECTIVES), |console, actor| async move {
        maintenance::decide(&console, &actor, id.parse()?, decision.parse()?, filled(note)).await?;
        Ok(Done::at(paths::OBJECTIVES, "The window is decided."))
    })
    .await
}

/// Opens an incident.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "open_incident")]
pub(super) async fn open_incident(
    #[server(default)] title: String,
    #[server(default)] group: String,
    #[server(default)] began: String,
) -> Result<(), ServerFnError> {
    let form = Form::on(paths::INCIDENTS).keep("title", &title).keep("group", &group).keep("began", &began);
    post(form, |console, actor| async move {
        let group = filled(group).map(|group| group.parse()).transpose()?;
        let id = incidents::open(&console, &actor, &title, group, instant("began", &began)?).await?;
        Ok(Done::at(paths::incident(id), "The incident is open."))
    })
    .await
}

/// Changes what people know of an incident.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "edit_incident")]
pub(super) async fn edit_incident(
    #[server(default)] id: String,
    #[server(default)] seen: String,
    #[server(flatten)] typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let form = typed.iter().fold(Form::on(page_of(&id)), |form, (name, text)| form.keep(name, text));
    post(form, |console, actor| async move {
        let id = id.parse()?;
        incidents::edit(&console, &actor, id, read_edit(&seen, &typed)?).await?;
        Ok(Done::at(paths::incident(id), "What is known is saved."))
    })
    .await
}

fn read_edit(seen: &str, typed: &BTreeMap<String, String>) -> Result<Edit, PageError> {
    let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let known = IncidentFacts {
        billers: filled(text("billers")),
        users: filled(text("users")).map(|text| number("users", &text)).transpose()?,
        ticket: filled(text("ticket")),
        told_at: instant_or_none("told_at", &text("told_at"))?,
        answered_at: instant_or_none("answered_at", &text("answered_at"))?,
        vendor_began: instant_or_none("vendor_began", &text("vendor_began"))?,
        vendor_ended: instant_or_none("vendor_ended", &text("vendor_ended"))?,
        cause: filled(text("cause")),
    };
    let ended = instant_or_none("ended", &text("ended"))?;
    Ok(Edit { seen: number("title", seen)?, title: text("title"), ended, known })
}

fn number<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, PageError> {
    let problem = "Give a whole number.".to_owned();
    text.trim().parse().map_err(|_| services::ServiceError::Field { field, problem }.into())
}

/// Writes a note beside an incident.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "note_incident")]
pub(super) async fn note_incident(
    #[server(default)] id: String,
    #[server(default)] note: String,
) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&id)).keep("note", &note), |console, actor| async move {
        let id = id.parse()?;
        incidents::note(&console, &actor, id, &note).await?;
        Ok(Done::at(paths::incident(id), "The note is kept."))
    })
    .await
}

/// Takes the report of a month down.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "take_report")]
pub(super) async fn take_report(#[server(default)] month: String) -> Result<(), ServerFnError> {
    let back = month.parse().map_or_else(|_| paths::REPORT.to_owned(), paths::report);
    post(Form::on(back), |console, actor| async move {
        let problem = |error: domain::performance::InvalidMonth| error.to_string();
        let month = month
            .parse()
            .map_err(|error| services::ServiceError::Field { field: "month", problem: problem(error) })?;
        let edition = report::take(&console, &actor, month).await?;
        Ok(Done::at(paths::report(month), format!("The report is taken down as edition {edition}.")))
    })
    .await
}

/// Asks for a round of probes at once.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "ask_probes")]
pub(super) async fn ask_probes() -> Result<(), ServerFnError> {
    post(Form::on(paths::PERFORMANCE), |console, actor| async move {
        probe::ask(&console, &actor).await?;
        Ok(Done::at(
            paths::PERFORMANCE,
            "A round of probes has begun. What it finds shows here within seconds.",
        ))
    })
    .await
}
