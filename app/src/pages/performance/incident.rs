//! One incident: what we measured, what people know, what to send to the vendor.

use domain::{
    IncidentId, Timestamp, Topic,
    actor::Capability,
    performance::{FailedCall, Incident, Minute, OperationGroup},
};
use leptos::prelude::*;
use services::performance::incidents::{self, IncidentView};

use super::{Tab, course, tabs, words};
use crate::{
    pages::in_path,
    paths,
    performance_query::written,
    ui::{
        Act, Crumb, Empty, Face, Fact, Facts, Field, Heading, Hidden, Icon, Page, Panel, Place, Submit, Time,
        Visit, chart, facts::CopyButton, page, time::duration,
    },
};

/// One incident.
#[component]
pub(crate) fn IncidentPage() -> impl IntoView {
    let id = in_path("id");
    page(Place::Performance, |visit| async move {
        let id: IncidentId = id.parse()?;
        let followed = visit.follow(Topic::Calls).await?;
        let view = incidents::show(&visit.console, &visit.actor, id).await?;
        let title = view.incident.title.clone();
        Ok(Page::new(title, body(&visit, view)).live(followed, ""))
    })
}

fn body(visit: &Visit, view: IncidentView) -> impl IntoView + use<> {
    let IncidentView { incident, notes, samples } = view;
    let crumbs = vec![Crumb::new(paths::INCIDENTS, "Incidents")];
    let (measured, course) = (measured(&incident), course::course(&incident, notes));
    let state = incident.state.badge();
    view! {
        <Heading title=incident.title.clone() crumbs>{state}</Heading>
        {tabs(Tab::Incidents)}
        <div class="columns">
            <div class="column-wide">
                <Panel id="measured" title="Measured" live=true>{measured}</Panel>
                <Panel id="samples" title="Failed calls to send to SecureAuth" live=true
                    lead="The trace id is what SecureAuth's support asks for.">{sample_list(samples)}</Panel>
                <Panel id="course" title="Timeline" live=true>{course}</Panel>
                {note_form(visit, incident.id)}
            </div>
            <div class="column-narrow">{edit(visit, &incident)}</div>
        </div>
    }
}

fn measured(incident: &Incident) -> impl IntoView + use<> {
    let group = incident.group.map_or("No group in particular", OperationGroup::label);
    let by = incident.opened_by.as_ref().map_or("the rule", |actor| actor.name()).to_owned();
    let began = incident.began;
    let vendor =
        vendor_length(incident).map(|text| view! { <Fact label="By SecureAuth's own word">{text}</Fact> });
    let answered = incident.known.told_at.zip(incident.known.answered_at).map(|(told, answered)| {
        let text = format!("after {}", duration(answered.since(told)));
        view! { <Fact label="SecureAuth answered">{text}</Fact> }
    });
    let ended = match incident.ended {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { "goes on" }.into_any(),
    };
    let length = incident.length().map(|it| view! { <Fact label="Length">{duration(it)}</Fact> });
    let range = {
        let from = Minute(Minute::of(incident.began).0 - 60);
        let to = incident.ended.map_or(Minute(from.0 + 180), |at| Minute(Minute::of(at).0 + 60));
        format!("{}?from={}&to={}", paths::PERFORMANCE, written(from), written(to))
    };
    view! {
        <Facts>
            <Fact label="Operations">{group}</Fact>
            <Fact label="Began"><Time at=began /></Fact>
            <Fact label="Ended">{ended}</Fact>
            {length}
            <Fact label="Opened by">{by}</Fact>
            {vendor}
            {answered}
        </Facts>
        <p><a class="link" href=range>"See the measurements around it"</a></p>
    }
}

fn vendor_length(incident: &Incident) -> Option<String> {
    let (began, ended) = incident.known.vendor_began.zip(incident.known.vendor_ended)?;
    let ours = incident.length()?;
    let theirs = ended.since(began);
    let beside = if theirs == ours {
        "as long as measured".to_owned()
    } else if theirs < ours {
        format!("{} less than measured", duration(ours.saturating_sub(theirs)))
    } else {
        format!("{} more than measured", duration(theirs.saturating_sub(ours)))
    };
    Some(format!("{}, {beside}", duration(theirs)))
}

fn sample_list(samples: Vec<FailedCall>) -> impl IntoView {
    if samples.is_empty() {
        return view! { <Empty icon=Icon::CheckCircle title="No failed call is kept from this time" text="" /> }.into_any();
    }
    let rows = samples
        .into_iter()
        .map(|call| {
            let status = call.status.map(|status| format!("HTTP {status}, ")).unwrap_or_default();
            let trace = call.trace_id.map(|id| {
                view! { <code>{id.clone()}</code> <CopyButton text=id what="the trace id".to_owned() /> }
            });
            view! {
                <li class="line">
                    <div class="line-main">
                        <p>{words(&call.key.operation)} " " <span class="line-what">{status} {call.outcome.label()} ", " {chart::latency(call.latency)}</span></p>
                        <p class="line-note"><Time at=call.at /></p>
                        <p class="copyable">{trace}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="lines">{rows}</ul> }.into_any()
}

fn note_form(visit: &Visit, id: IncidentId) -> impl IntoView + use<> {
    let allowed = visit.actor.may(Capability::ReviewVendor);
    let field = view! { <Field visit name="note" label="What you know" required=true /> }.into_any();
    view! {
        <Panel id="add-note" title="Add a note">
            <Act to=paths::act::NOTE_INCIDENT class="form-stack">
                <Hidden name="id" value=id.to_string() />
                {field}
                <Submit id="note-incident" label="Add" kind=crate::ui::SubmitKind::Plain allowed />
            </Act>
        </Panel>
    }
}

fn edit(visit: &Visit, incident: &Incident) -> impl IntoView + use<> {
    let allowed = visit.actor.may(Capability::ReviewVendor);
    let when = |at: Option<Timestamp>| at.map(|at| written(Minute::of(at))).unwrap_or_default();
    let known = incident.known.clone();
    let users = known.users.map(|users| users.to_string()).unwrap_or_default();
    let version = incident.version.to_string();
    let (title, ended) = (incident.title.clone(), when(incident.ended));
    let (told, answered) = (when(known.told_at), when(known.answered_at));
    let (began, over) = (when(known.vendor_began), when(known.vendor_ended));
    let id = incident.id.to_string();
    let fields = view! {
                <Field visit name="title" label="Title" required=true value=title />
                <Field visit name="ended" label="Ended (UTC)" kind="datetime-local" value=ended hint="Empty: it goes on." />
                <Field visit name="billers" label="Billers affected" value=known.billers.unwrap_or_default() />
                <Field visit name="users" label="Users affected" kind="number" min="0" value=users />
                <Field visit name="ticket" label="SecureAuth's ticket" value=known.ticket.unwrap_or_default() />
                <Field visit name="told_at" label="SecureAuth was told (UTC)" kind="datetime-local" value=told />
                <Field visit name="answered_at" label="SecureAuth answered (UTC)" kind="datetime-local" value=answered />
                <Field visit name="vendor_began" label="Began, by SecureAuth's word (UTC)" kind="datetime-local" value=began />
                <Field visit name="vendor_ended" label="Ended, by SecureAuth's word (UTC)" kind="datetime-local" value=over />
                <Field visit name="cause" label="Cause" value=known.cause.unwrap_or_default() />
    }
    .into_any();
    view! {
        <Panel id="edit" title="What is known">
            <Act to=paths::act::EDIT_INCIDENT class="form-stack">
                <Hidden name="id" value=id />
                <Hidden name="seen" value=version />
                {fields}
                <Submit id="edit-incident" label="Save" allowed />
            </Act>
        </Panel>
    }
}
