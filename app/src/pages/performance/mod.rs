//! How well SecureAuth performs: measurements, what was promised, what went wrong, the report of a month.

mod canary;
mod course;
mod errors;
mod filters;
mod glance;
mod incident;
mod incidents;
mod licence;
mod measurements;
mod objectives;
mod report;
mod sign_ins;
mod their_figures;
mod timeline;

pub(crate) use self::{
    incident::IncidentPage, incidents::IncidentsPage, licence::LicencePage, measurements::PerformancePage,
    objectives::ObjectivesPage, report::ReportPage, sign_ins::SignInsPage,
};

use leptos::prelude::*;

use crate::paths;

/// The parts of the vendor's performance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Measurements,
    Objectives,
    Incidents,
    SignIns,
    Licence,
    Report,
}

/// The way between the parts.
fn tabs(shown: Tab) -> impl IntoView {
    let tabs = [
        (Tab::Measurements, "Measurements", paths::PERFORMANCE),
        (Tab::Objectives, "Objectives", paths::OBJECTIVES),
        (Tab::Incidents, "Incidents", paths::INCIDENTS),
        (Tab::SignIns, "Sign-ins", paths::SIGN_INS),
        (Tab::Licence, "Licence", paths::LICENCE),
        (Tab::Report, "Report", paths::REPORT),
    ];
    let links = tabs
        .map(|(tab, label, href)| {
            let current = (tab == shown).then_some("page");
            view! { <li><a class="tab-link" href=href aria-current=current>{label}</a></li> }
        })
        .collect_view();
    view! { <nav class="tab-bar" aria-label="Vendor performance"><ul>{links}</ul></nav> }
}

/// An operation's name as people read it, e.g. `Get pool`.
fn words(operation: &str) -> String {
    let text = operation.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
