//! What is wrong with rows: grouped by cause, with sample and cure, as a file to correct and feed back.

use domain::{
    Bid,
    migration::{MigrationState, RowState},
};
use leptos::prelude::*;
use services::migration::MigrationView;

use crate::{
    paths,
    ui::{Act, Column, Icon, Panel, Submit, SubmitKind, Table, grouped},
};

/// The causes, and the way to correct rows; nothing where nothing is wrong.
pub(super) fn panel(bid: &Bid, view: &MigrationView, may: bool) -> impl IntoView + use<> {
    let open = view.in_state(RowState::Rejected) + view.in_state(RowState::Failed);
    let takes =
        matches!(view.it.state, MigrationState::Checked | MigrationState::Finished | MigrationState::Paused);
    let rows = view
        .problems
        .iter()
        .map(|problem| {
            let sample = problem
                .sample
                .iter()
                .map(|(line, detail)| view! { <li>"Line " <span class="num">{*line}</span> ": " {detail.clone()}</li> })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{problem.cause.label()}</th>
                    <td class="num col-num">{grouped(problem.rows)}</td>
                    <td><ul class="bullets">{sample}</ul></td>
                    <td>{problem.cause.cure()}</td>
                </tr>
            }
        })
        .collect_view();
    let correct = (may && open > 0).then(|| correct(bid, takes));
    (!view.problems.is_empty()).then(|| {
        view! {
            <Panel id="causes" title="Problems" lead="Grouped by cause. A bad row harms no other.">
                <div class="stack">
                <Table name="Table of problems" caption="Problems by cause" columns=[
                    Column::text("Cause"), Column::number("Rows"),
                    Column::text("For example"), Column::text("What to do"),
                ]>
                    {rows}
                </Table>
                {correct}
                </div>
            </Panel>
        }
    })
}

fn correct(bid: &Bid, takes: bool) -> impl IntoView + use<> {
    let feed = takes.then(|| {
        view! {
            <form method="post" action=paths::migration_corrections(bid) enctype="multipart/form-data" class="form-stack">
                <div class="field">
                    <label for="corrected">"Corrected file"</label>
                    <input class="file-input" type="file" id="corrected" name="file" accept=".csv,text/csv" required=true
                        aria-describedby="corrected-hint" />
                    <p class="hint" id="corrected-hint">
                        "The file of failed rows with the cells corrected. Leave the first column as it is; passwords stay here and need not be given again."
                    </p>
                </div>
                <div class="buttons"><Submit id="feed-back" label="Feed back" icon=Icon::Upload kind=SubmitKind::Plain /></div>
            </form>
        }
    });
    view! {
        <Act to=paths::migration_failed(bid)>
            <div class="buttons"><Submit id="failed-rows" label="Failed rows as CSV" icon=Icon::Download kind=SubmitKind::Plain /></div>
        </Act>
        {feed}
    }
}
