//! Incidents of the vendor, and the alerts that told of them.

use domain::{
    Topic,
    actor::Capability,
    performance::{AlertState, Incident, IncidentState, OperationGroup},
};
use leptos::prelude::*;
use services::performance::{
    alerts::{self, AlertView},
    incidents,
};

use super::{Tab, tabs, timeline};
use crate::{
    paths,
    ui::{
        Act, Choice, Empty, Face, Field, Heading, Icon, Page, Panel, Place, Submit, Time, Tone, Visit, page,
        time::duration,
    },
};

/// The incidents.
#[component]
pub(crate) fn IncidentsPage() -> impl IntoView {
    page(Place::Performance, |visit| async move {
        let followed = visit.follow(Topic::Calls).await?;
        let found = incidents::list(&visit.console, &visit.actor).await?;
        let alerts = alerts::list(&visit.console, &visit.actor).await?;
        let span = timeline::span(&visit.query);
        let seen = services::performance::timeline::show(&visit.console, &visit.actor, span).await?;
        let drawing = timeline::timeline(span, &seen).into_any();
        Ok(Page::new("Incidents", body(&visit, found, alerts, drawing)).live(followed, ""))
    })
}

fn body(
    visit: &Visit,
    found: Vec<Incident>,
    alerts: Vec<AlertView>,
    timeline: AnyView,
) -> impl IntoView + use<> {
    let rule = visit.console.settings.watch.rule;
    let lead = format!(
        "Opened when at least half of the calls of a group fail in {}, closed after {}; or by people.",
        rule.opens_after(),
        rule.closes_after(),
    );
    let list = if found.is_empty() {
        view! { <Empty icon=Icon::CheckCircle title="No incident" text="None was ever opened." /> }.into_any()
    } else {
        let rows = found.into_iter().map(row).collect_view();
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    let told = if alerts.is_empty() {
        view! { <Empty icon=Icon::CheckCircle title="No alert" text="Nobody had to be told of anything." /> }
            .into_any()
    } else {
        let rows = alerts.into_iter().map(alert_row).collect_view();
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    view! {
        <Heading title="Incidents" lead=lead />
        {tabs(Tab::Incidents)}
        <div class="charts spaced">{timeline}</div>
        <div class="columns">
            <div class="column-wide">
                <Panel id="incidents" title="Incidents" live=true>{list}</Panel>
                <Panel id="alerts" title="Alerts" live=true lead="Each is told once when it begins and once when it is over.">{told}</Panel>
            </div>
            <div class="column-narrow">{open(visit)}</div>
        </div>
    }
}

fn row(incident: Incident) -> impl IntoView {
    let href = paths::incident(incident.id);
    let group = incident.group.map_or("Any operation", OperationGroup::label);
    let length = incident.length().map(duration);
    let ticket = incident.known.ticket.clone().map(|ticket| format!(" · {ticket}"));
    let lasted = match length {
        Some(length) => view! { {format!(", {length}")} }.into_any(),
        None => view! { ", goes on" }.into_any(),
    };
    view! {
        <li class="line">
            {incident.state.badge()}
            <div class="line-main">
                <p><a class="link" href=href>{incident.title}</a></p>
                <p class="line-note">{group} " · " <Time at=incident.began /> {lasted} {ticket}</p>
            </div>
        </li>
    }
}

fn alert_row(view: AlertView) -> impl IntoView {
    let AlertView { alert, messages } = view;
    let ended = alert.ended.map(|at| view! { " · over " <Time at=at /> });
    let told = messages
        .into_iter()
        .map(|message| {
            let what = match message.tells {
                AlertState::Firing => "that it began",
                AlertState::Resolved => "that it is over",
            };
            let error = message.last_error.map(|why| view! { <p class="hint">{why}</p> });
            view! {
                <li>{message.state.badge()} " " {message.receiver} " was told " {what} {error}</li>
            }
        })
        .collect_view();
    view! {
        <li class="line">
            {alert.state.badge()}
            <div class="line-main">
                <p>{alert.text}</p>
                <p class="line-note"><Time at=alert.began /> {ended}</p>
                <ul class="told">{told}</ul>
            </div>
        </li>
    }
}

fn open(visit: &Visit) -> impl IntoView + use<> {
    let groups = OperationGroup::ALL.iter().map(|group| (group.as_str(), group.label()));
    let groups = [("", "No group in particular")].into_iter().chain(groups).collect();
    let allowed = visit.actor.may(Capability::ReviewVendor);
    let fields = view! {
        <Field visit name="title" label="Title" required=true />
        <Choice visit name="group" label="Operations" options=groups chosen="" />
        <Field visit name="began" label="Began (UTC)" kind="datetime-local" required=true />
    }
    .into_any();
    view! {
        <Panel id="open" title="Open an incident" lead="For what the rule does not see.">
            <Act to=paths::act::OPEN_INCIDENT class="form-stack">
                {fields}
                <Submit id="open-incident" label="Open it" allowed />
            </Act>
        </Panel>
    }
}

impl Face for IncidentState {
    fn tone(self) -> Tone {
        match self {
            Self::Open => Tone::Bad,
            Self::Closed => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Open => Icon::Alert,
            Self::Closed => Icon::Check,
        }
    }

    fn word(self) -> &'static str {
        self.label()
    }
}

impl Face for AlertState {
    fn tone(self) -> Tone {
        match self {
            Self::Firing => Tone::Bad,
            Self::Resolved => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Firing => Icon::Alert,
            Self::Resolved => Icon::Check,
        }
    }

    fn word(self) -> &'static str {
        self.label()
    }
}
