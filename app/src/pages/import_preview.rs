//! An uploaded file: what it would do, what is wrong with which row, and the decision.

use domain::{ImportId, Timestamp, biller::BillerDraft, import::RowError};
use leptos::prelude::*;
use services::{
    ImportState, ImportSummary, RowEffect,
    stage_import::{self, ImportView},
};

use super::in_path;
use crate::{
    paths,
    ui::{
        Act, Column, Crumb, Fact, Facts, Heading, Hidden, Icon, Notice, Page, Panel, Place, Submit,
        SubmitKind, Table, Time, Tone, badge, count, grouped, page,
    },
};

/// An uploaded file.
#[component]
pub(crate) fn ImportPreviewPage() -> impl IntoView {
    let id = in_path("id").parse::<ImportId>();
    page(Place::Billers, |visit| async move {
        let view = stage_import::show(&visit.console, &visit.actor, id?).await?;
        let title = format!("Import of {}", view.summary.file_name);
        Ok(Page::new(title, show(view)))
    })
}

fn show(view: ImportView) -> impl IntoView {
    let ImportView { summary, errors, sample, kept_until } = view;
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers"), Crumb::new(paths::IMPORT, "Import")];
    let by = summary.created_by.name().to_owned();
    let bad = summary.bad;
    view! {
        <Heading title=summary.file_name.clone() crumbs>{state(summary.state)}</Heading>
        <p class="lead lead-below">"Uploaded by " {by} ", " <Time at=summary.created_at /></p>
        {verdict(&summary)}
        <div class="columns">
            <div class="column-wide">
                {(!errors.is_empty()).then(|| problems(errors, bad))}
                {(!sample.is_empty()).then(|| samples(sample))}
            </div>
            <div class="column-narrow">
                {(summary.state == ImportState::Ready).then(|| decision(&summary, kept_until))}
                {figures(&summary)}
            </div>
        </div>
    }
}

fn state(state: ImportState) -> impl IntoView {
    let (tone, icon) = match state {
        ImportState::Staging => (Tone::Moving, Icon::Spinner),
        ImportState::Ready => (Tone::Moving, Icon::Clock),
        ImportState::Applied => (Tone::Good, Icon::CheckCircle),
        ImportState::Discarded => (Tone::Quiet, Icon::Trash),
        ImportState::Unreadable => (Tone::Bad, Icon::Cross),
    };
    badge(tone, icon, state.label())
}

/// The upload in one sentence, and what follows from it.
fn verdict(summary: &ImportSummary) -> impl IntoView + use<> {
    let (tone, text) = match summary.state {
        ImportState::Staging => {
            (Tone::Moving, "The file is still being read. Reload the page in a moment.".to_owned())
        }
        ImportState::Unreadable => (
            Tone::Bad,
            summary.file_error.clone().unwrap_or_else(|| "The file could not be read.".to_owned()),
        ),
        ImportState::Ready if summary.good == 0 => {
            (Tone::Bad, "No row can be applied. Correct the file and upload it again.".to_owned())
        }
        ImportState::Ready if summary.bad > 0 => (
            Tone::Caution,
            format!(
                "{} can be applied; {} cannot and will be left out.",
                rows(summary.good),
                rows(summary.bad)
            ),
        ),
        ImportState::Ready => (
            Tone::Good,
            format!("All {} can be applied. Nothing has been changed so far.", rows(summary.good)),
        ),
        ImportState::Applied => (Tone::Good, format!("{} applied.", rows(summary.good))),
        ImportState::Discarded => {
            (Tone::Quiet, "The file was thrown away; no biller was changed.".to_owned())
        }
    };
    let ignored = (!summary.ignored_columns.is_empty())
        .then(|| view! { <p>"Columns left alone: " {summary.ignored_columns.join(", ")} "."</p> });
    let again = (summary.state == ImportState::Unreadable)
        .then(|| view! { <p><a class="link" href=paths::IMPORT>"Upload another file"</a></p> });
    let applied = (summary.state == ImportState::Applied)
        .then(|| view! { <p><a class="link" href=paths::BILLERS>"To the billers"</a></p> });
    view! { <div class="mb-4"><Notice tone text>{ignored} {again} {applied}</Notice></div> }
}

fn rows(n: u64) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), "row", "rows")
}

fn decision(summary: &ImportSummary, kept_until: Timestamp) -> impl IntoView + use<> {
    let id = summary.id.to_string();
    let apply = (summary.good > 0).then(|| {
        let (id, label) = (id.clone(), format!("Apply {}", rows(summary.good)));
        view! {
            <Act to=paths::act::APPLY_IMPORT>
                <Hidden name="id" value=id />
                <Submit id="apply" label icon=Icon::Check />
            </Act>
        }
    });
    view! {
        <Panel id="decision" title="Decision" class="panel-accent">
            <div class="buttons">
                {apply}
                <Act to=paths::act::DISCARD_IMPORT>
                    <Hidden name="id" value=id />
                    <Submit id="discard" label="Discard" icon=Icon::Trash kind=SubmitKind::Plain />
                </Act>
            </div>
            <p class="hint">"Without a decision it is removed by itself: " <Time at=kept_until /></p>
        </Panel>
    }
}

fn figures(summary: &ImportSummary) -> impl IntoView + use<> {
    let counts = [
        ("Rows in the file", summary.rows),
        ("New billers", summary.new),
        ("Changed billers", summary.changed),
        ("As they are already", summary.unchanged),
        ("Rows with errors", summary.bad),
    ];
    let counts = counts
        .map(|(label, n)| view! { <Fact label><span class="num">{grouped(n)}</span></Fact> })
        .collect_view();
    let applied = summary.applied_at.map(|at| view! { <Fact label="Applied"><Time at /></Fact> });
    view! {
        <Panel id="figures" title="What it does">
            <Facts class="facts-counts">
                {counts}
                {applied}
            </Facts>
        </Panel>
    }
}

fn problems(errors: Vec<RowError>, bad: u64) -> impl IntoView {
    let lead = format!("{} with errors; the first {} errors are listed.", rows(bad), errors.len());
    let lines = errors
        .into_iter()
        .map(|error| {
            view! {
                <tr>
                    <td class="num col-num">{error.line}</td>
                    <td class="mono">{error.field.unwrap_or_else(|| "whole row".to_owned())}</td>
                    <td>{error.problem}</td>
                    <td>{error.cure}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel id="errors" title="Errors" lead>
            <Table name="Table of errors" caption="Errors by line of the file" columns=[
                Column::number("Line"), Column::text("Field"), Column::text("Problem"), Column::text("What to do"),
            ]>
                {lines}
            </Table>
        </Panel>
    }
}

fn samples(sample: Vec<(BillerDraft, RowEffect)>) -> impl IntoView {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let lines = sample
        .into_iter()
        .map(|(draft, effect)| {
            view! {
                <tr>
                    <td>{effect.label()}</td>
                    <td class="mono">{draft.bid.to_string()}</td>
                    <td>{draft.name}</td>
                    <td>{or_dash(draft.state)}</td>
                    <td>{or_dash(draft.ownership)}</td>
                    <td class="col-num num">{or_dash(draft.customers.map(grouped))}</td>
                    <td>{or_dash(draft.tier)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel id="sample" title="First rows" lead="As they were understood.">
            <Table name="Table of the first rows" caption="First rows of the file" columns=[
                Column::text("Biller is"), Column::text("bid"), Column::text("Name"), Column::text("State"),
                Column::text("Ownership"), Column::number("Customers"), Column::text("Tier"),
            ]>
                {lines}
            </Table>
        </Panel>
    }
}
