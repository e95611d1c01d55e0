//! The users that differ, a page at a time, and the ways to take report and list away.

use domain::Bid;
use leptos::prelude::*;
use services::migration::{DifferingRow, Report, ReportView};

use super::report::Query;
use crate::{
    paths,
    ui::{Act, Column, Hidden, Icon, Panel, Submit, SubmitKind, Table, grouped},
};

/// The list of differences by user.
pub(super) fn panel(bid: &Bid, view: &ReportView) -> impl IntoView + use<> {
    let report = &view.report;
    let (rows, sha) = (report.differences.rows, report.differences.sha256.clone());
    let more = view.next.map(|after| {
        let href = Query::at(bid, report, after);
        view! { <nav class="pager not-printed" aria-label="Pages"><a class="btn btn-sm" href=href>"More users"</a></nav> }
    });
    let body = match (rows, view.current) {
        (0, _) => view! { <p>"Every user of the file is at SecureAuth as the file has it."</p> }.into_any(),
        (_, false) => {
            view! { <p>"The list belongs to the move as it was then, and the move went on since."</p> }
                .into_any()
        }
        (..) => table(&view.rows).into_any(),
    };
    let lead =
        format!("{} rows of the file whose user is not at SecureAuth as the file has it.", grouped(rows));
    view! {
        <Panel id="differences" title="Differences by user" lead>
            <div class="stack">
                {body}
                {more}
                <p class="hint">"SHA-256 of the whole list as CSV: "<code class="break">{sha}</code></p>
            </div>
        </Panel>
    }
}

fn table(rows: &[DifferingRow]) -> impl IntoView + use<> {
    let rows = rows
        .iter()
        .map(|row| {
            let problems = row
                .problems
                .iter()
                .map(|it| view! { <li>{it.cause.label()} ": " {it.detail.clone()} ". " {it.cause.cure()} "."</li> })
                .collect_view();
            view! {
                <tr>
                    <th scope="row" class="num">{row.line}</th>
                    <td>{row.state.label()}</td>
                    <td><code class="break">{row.user.clone()}</code></td>
                    <td><ul class="bullets">{problems}</ul></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table name="Table of differences" caption="Users that differ, in the order of the file" columns=[
            Column::text("Line"), Column::text("State"),
            Column::text("Id at SecureAuth"), Column::text("Why, and what to do"),
        ]>
            {rows}
        </Table>
    }
}

/// The ways to take a report away.
pub(super) fn take(bid: &Bid, report: &Report) -> impl IntoView + use<> {
    let form = |to: String, id: &'static str, label: &'static str| {
        let (of, edition) = (report.migration.to_string(), report.edition.to_string());
        view! {
            <Act to>
                <Hidden name="of" value=of />
                <Hidden name="edition" value=edition />
                <Submit id label icon=Icon::Download kind=SubmitKind::Plain />
            </Act>
        }
    };
    let list = (report.differences.rows > 0)
        .then(|| form(paths::migration_differences(bid), "differences-csv", "Differences as CSV"));
    let whole = form(paths::migration_report_json(bid), "report-json", "Report as JSON");
    view! {
        <div class="buttons not-printed">
            {whole}
            {list}
        </div>
    }
}
