//! What went wrong, by kind: how often, whose fault it was, and where.

use domain::performance::{CallOutcome, Tally};
use leptos::prelude::*;
use services::performance::show::{OperationFigures, Performance};

use super::words;
use crate::ui::{Column, Empty, Icon, Panel, Table, chart, grouped};

/// Operations named beside a kind of error.
const NAMED: usize = 3;

/// The panel.
pub(super) fn errors(seen: &Performance) -> impl IntoView + use<> {
    let total = seen.total.tally;
    let rows: Vec<_> = CallOutcome::ALL
        .iter()
        .filter(|outcome| !outcome.is_good() && total.of(**outcome) > 0)
        .map(|outcome| row(*outcome, &total, &seen.operations))
        .collect();
    let list = if rows.is_empty() {
        view! { <Empty icon=Icon::CheckCircle title="Every call went well in this range" text="" /> }
            .into_any()
    } else {
        view! {
            <Table name="Table of errors" caption="Errors by kind" columns=[
                Column::text("Kind"), Column::text("Counts against"), Column::number("Calls"),
                Column::number("Of all calls"), Column::text("Most often"),
            ]>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! { <Panel id="errors" title="Errors by kind" live=true>{list}</Panel> }
}

fn row(outcome: CallOutcome, total: &Tally, operations: &[OperationFigures]) -> impl IntoView + use<> {
    let calls = total.of(outcome);
    let share = calls as f64 / total.sent().max(1) as f64;
    let share = if share < 0.001 { "below 0.1 %".to_owned() } else { chart::share(share) };
    let whose = match outcome {
        CallOutcome::ServerError | CallOutcome::Network => "SecureAuth",
        _ => "ourselves",
    };
    let mut most: Vec<(u64, &str)> = operations
        .iter()
        .map(|one| (one.now.tally.of(outcome), one.key.operation.as_str()))
        .filter(|(calls, _)| *calls > 0)
        .collect();
    most.sort_unstable_by(|a, b| b.cmp(a));
    let named: Vec<String> =
        most.iter().take(NAMED).map(|(calls, name)| format!("{} ({calls})", words(name))).collect();
    let more = if most.len() > NAMED { format!(" and {} more", most.len() - NAMED) } else { String::new() };
    view! {
        <tr>
            <th scope="row">{outcome.label()}</th>
            <td>{whose}</td>
            <td class="col-num num">{grouped(calls)}</td>
            <td class="col-num num">{share}</td>
            <td>{format!("{}{more}", named.join(", "))}</td>
        </tr>
    }
}
