//! What stands beside the results: exclusions, incidents, the contract's credits.

use domain::{
    Timestamp,
    performance::{Incident, Maintenance, OperationGroup},
};
use leptos::prelude::*;
use services::performance::report::Report;

use crate::{
    paths,
    ui::{Column, Empty, Face as _, Icon, Panel, Table, Time, time::duration},
};

/// Exclusions, incidents, credits.
pub(super) fn beside(report: &Report) -> impl IntoView + use<> {
    let (exclusions, incidents) = (exclusions(&report.exclusions), incidents(&report.incidents));
    let credits = credits(report);
    view! {
        <Panel id="exclusions" title="Left out of the results"
            lead="Maintenance that was announced and that a second person approved. Raw numbers keep its minutes.">
            {exclusions}
        </Panel>
        <Panel id="incidents" title="Incidents" lead="Measured by us, and by SecureAuth's own word.">{incidents}</Panel>
        <Panel id="credits" title="Credits of the contract">{credits}</Panel>
    }
}

fn when(at: Option<Timestamp>) -> AnyView {
    match at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { "–" }.into_any(),
    }
}

fn exclusions(all: &[Maintenance]) -> AnyView {
    if all.is_empty() {
        return view! { <Empty icon=Icon::CheckCircle title="Nothing was left out" text="No maintenance of this month was approved." /> }
            .into_any();
    }
    let rows = all
        .iter()
        .map(|window| {
            let review = window.review.as_ref();
            let approved = review.map(|review| review.by.name().to_owned()).unwrap_or_default();
            let said = review.and_then(|review| review.note.clone()).map(|text| view! { <span class="row-sub">{text}</span> });
            view! {
                <tr>
                    <th scope="row">{window.note.clone()} <span class="row-sub">{window.whose.label()}</span></th>
                    <td><Time at=window.from /></td>
                    <td>{duration(window.to.since(window.from))}</td>
                    <td>{window.proposed_by.name().to_owned()}</td>
                    <td>{approved} " " {when(review.map(|review| review.at))} {said}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table name="Table of exclusions" caption="What was left out" columns=[
            Column::text("Maintenance"), Column::text("From"), Column::text("Length"),
            Column::text("Proposed by"), Column::text("Approved by"),
        ]>
            {rows}
        </Table>
    }
    .into_any()
}

fn incidents(all: &[Incident]) -> AnyView {
    if all.is_empty() {
        return view! { <Empty icon=Icon::CheckCircle title="No incident" text="None touched this month." /> }.into_any();
    }
    let rows = all.iter().map(incident).collect_view();
    view! {
        <Table name="Table of incidents" caption="Incidents of the month" columns=[
            Column::text("Incident"), Column::text("Measured"), Column::text("By SecureAuth's word"),
            Column::text("Ticket"), Column::text("Told"), Column::text("Answered"),
        ]>
            {rows}
        </Table>
    }
    .into_any()
}

fn incident(of: &Incident) -> impl IntoView + use<> {
    let known = &of.known;
    let group = of.group.map_or("No group in particular", OperationGroup::label);
    let lasted = of.length().map_or_else(|| "goes on".to_owned(), duration);
    let theirs = known
        .vendor_began
        .zip(known.vendor_ended)
        .map(|(began, ended)| view! { <span class="row-sub">{duration(ended.since(began))}</span> });
    let affected = [
        known.billers.clone().map(|text| format!("billers: {text}")),
        known.users.map(|users| format!("users: {users}")),
        known.cause.clone().map(|text| format!("cause: {text}")),
    ];
    let affected: Vec<String> = affected.into_iter().flatten().collect();
    view! {
        <tr>
            <th scope="row">
                <a class="row-link" href=paths::incident(of.id)>{of.title.clone()}</a> " " {of.state.badge()}
                <span class="row-sub">{group} " " {affected.join("; ")}</span>
            </th>
            <td><Time at=of.began /> <span class="row-sub">{lasted}</span></td>
            <td>{when(known.vendor_began)} {theirs}</td>
            <td>{known.ticket.clone().unwrap_or_else(|| "–".to_owned())}</td>
            <td>{when(known.told_at)}</td>
            <td>{when(known.answered_at)}</td>
        </tr>
    }
}

fn credits(report: &Report) -> AnyView {
    if report.tiers.all().is_empty() {
        return view! {
            <Empty icon=Icon::Info title="No credit tiers are configured" text="Give them as contract.credits, and contract.claim_days: then the report says what is due." />
        }
        .into_any();
    }
    let rows = report
        .tiers
        .all()
        .iter()
        .map(|tier| {
            view! {
                <tr>
                    <td class="num">{format!("below {} %", tier.below())}</td>
                    <td class="num">{format!("{} % of the month's fee", tier.percent())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table name="Table of credits" caption="Credit tiers" columns=[
            Column::text("Availability"), Column::text("Credit"),
        ]>
            {rows}
        </Table>
        <p class="hint">
            "Availability is the result of an objective that names a clause, after exclusions. Of several credits the \
             greatest is due; they are not added up."
        </p>
    }
    .into_any()
}
