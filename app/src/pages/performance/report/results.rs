//! Targets and results, and how each number comes about.

use domain::performance::{CallOutcome, Count, Credit, OperationGroup, Verdict};
use leptos::prelude::*;
use services::performance::report::{Outcome, Report};

use crate::ui::{
    Column, Empty, Face as _, Fact, Facts, Icon, Panel, Table, Tone, badge, chart, number::grouped,
};

/// Targets and results.
pub(super) fn results(report: &Report) -> impl IntoView + use<> {
    if report.results.is_empty() {
        return view! {
            <Panel id="results" title="Targets and results">
                <Empty icon=Icon::CheckCircle title="No objective is set" text="Set what the contract promises under Objectives; the report is made anew from the measurements." />
            </Panel>
        }
        .into_any();
    }
    let over = report.is_over();
    let rows = report.results.iter().map(|of| row(of, over)).collect_view();
    let each = report.results.iter().map(how).collect_view();
    view! {
        <Panel id="results" title="Targets and results">
            <Table name="Table of results" caption="Targets and results" columns=[
                Column::text("Objective"), Column::number("Target"), Column::number("Result"),
                Column::number("Raw, nothing left out"), Column::text("Kept"), Column::text("Credit"),
            ]>
                {rows}
            </Table>
        </Panel>
        <Panel id="how" title="How each number comes about">{each}</Panel>
    }
    .into_any()
}

fn share(of: Count) -> String {
    of.share().map_or_else(|| "unknown".to_owned(), chart::share)
}

fn calls(number: u64) -> String {
    grouped(number)
}

fn row(of: &Outcome, over: bool) -> impl IntoView + use<> {
    let objective = &of.objective;
    let verdict = match of.verdict {
        Verdict::Met if over => badge(Tone::Good, Icon::CheckCircle, "Met").into_any(),
        verdict => verdict.badge().into_any(),
    };
    let credit = match of.credit {
        Credit::NoTiers => "no tiers configured".to_owned(),
        Credit::NotCovered => "not covered".to_owned(),
        Credit::Unknown => "unknown".to_owned(),
        Credit::NotDue => "none".to_owned(),
        Credit::Due(tier) => format!("{} % (below {} %)", tier.percent(), tier.below()),
    };
    let about = format!(
        "{}, {}",
        objective.indicator,
        objective.group.map_or("all operations", OperationGroup::label)
    );
    view! {
        <tr>
            <th scope="row">{objective.name.clone()} <span class="row-sub">{about}</span></th>
            <td class="col-num num">{format!("{} %", objective.target)}</td>
            <td class="col-num num"><strong>{share(of.counted)}</strong></td>
            <td class="col-num num">{share(of.raw)}</td>
            <td>{verdict}</td>
            <td>{credit}</td>
        </tr>
    }
}

fn how(of: &Outcome) -> impl IntoView + use<> {
    let objective = &of.objective;
    let clause = objective.clause.clone().unwrap_or_else(|| "none: an objective of our own".to_owned());
    let counted = |count: Count| format!("{} good of {}", calls(count.good), calls(count.valid));
    let faults = [CallOutcome::ClientError, CallOutcome::RateLimited, CallOutcome::Timeout]
        .map(|outcome| format!("{} {}", calls(of.tally.of(outcome)), fault(outcome)))
        .join(", ");
    let minutes = format!(
        "{} known, {} unknown, {} left out as maintenance",
        grouped(of.minutes.known),
        grouped(of.minutes.unknown),
        grouped(of.minutes.left_out)
    );
    let (formula, measured, raw) = (objective.indicator.formula(), counted(of.counted), counted(of.raw));
    let left_out = counted(of.left_out);
    view! {
        <section class="report-part">
            <h3>{objective.name.clone()}</h3>
            <Facts>
                <Fact label="Clause">{clause}</Fact>
                <Fact label="Formula">{formula}</Fact>
                <Fact label="Counted">{measured}</Fact>
                <Fact label="Raw">{raw}</Fact>
                <Fact label="In approved maintenance">{left_out}</Fact>
                <Fact label="Our own faults">{faults}</Fact>
                <Fact label="Minutes">{minutes}</Fact>
            </Facts>
        </section>
    }
}

const fn fault(of: CallOutcome) -> &'static str {
    match of {
        CallOutcome::ClientError => "requests refused",
        CallOutcome::RateLimited => "over a rate limit",
        _ => "without an answer in our time",
    }
}
