//! What the forms about the vendor's promises are filled in with.

use domain::{
    Clock as _, Timestamp,
    actor::Actor,
    performance::{
        Incident, IncidentFacts, IncidentState, Indicator, Maintenance, MaintenanceState, Objective, Whose,
        Window,
    },
};
use server::runtime::SystemClock;
use storage::{
    Bookkeeping, Store,
    vendor_review::{incidents, maintenance, objectives},
};

/// An incident that the rule did not open.
pub(super) const INCIDENT: &str = "01990000-0000-7000-8000-00000000000b";
/// An objective that can be taken back.
const OBJECTIVE: &str = "01990000-0000-7000-8000-00000000000c";
/// A maintenance window that somebody else proposed.
const WINDOW: &str = "01990000-0000-7000-8000-00000000000d";

/// Puts one of each into the house.
pub(super) async fn furnish(store: &Store) {
    let now = SystemClock.now();
    let objective = Objective {
        id: OBJECTIVE.parse().unwrap(),
        name: "Everything".to_owned(),
        group: None,
        indicator: Indicator::Available,
        target: "99.9".parse().unwrap(),
        window: Window::Month,
        clause: None,
    };
    let window = Maintenance {
        id: WINDOW.parse().unwrap(),
        whose: Whose::Vendor,
        from: Timestamp::from_micros(0),
        to: Timestamp::from_micros(60_000_000),
        note: "Announced".to_owned(),
        state: MaintenanceState::Proposed,
        proposed_by: Actor::Operator,
        proposed_at: now,
        review: None,
    };
    let incident = Incident {
        id: INCIDENT.parse().unwrap(),
        title: "Slow".to_owned(),
        group: None,
        state: IncidentState::Open,
        began: Timestamp::from_micros(0),
        ended: None,
        opened_by: Some(Actor::Operator),
        known: IncidentFacts::default(),
        version: 1,
    };
    let mut tx = store.begin().await.unwrap();
    objectives::put(&mut tx, &objective, now).await.unwrap();
    maintenance::propose(&mut tx, &window).await.unwrap();
    incidents::open(&mut tx, &incident).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

/// What the form behind this door is filled in with; none where it is about something else.
pub(super) fn fields(path: &str) -> Option<Vec<(&'static str, String)>> {
    let fields: &[(&'static str, &str)] = match path {
        "/do/set_objective" => &[("name", "Pools"), ("target", "99.5"), ("window", "month")],
        "/do/retire_objective" => &[("id", OBJECTIVE)],
        "/do/propose_maintenance" => &[
            ("whose", "vendor"),
            ("from", "2026-11-01T10:00"),
            ("to", "2026-11-01T11:00"),
            ("note", "Announced"),
        ],
        "/do/decide_maintenance" => &[("id", WINDOW), ("decision", "approved")],
        "/do/open_incident" => &[("title", "Slow"), ("began", "2026-11-01T10:00")],
        "/do/edit_incident" => &[("id", INCIDENT), ("seen", "1"), ("title", "Slower")],
        "/do/note_incident" => &[("id", INCIDENT), ("note", "Told SecureAuth")],
        "/do/ask_probes" => &[],
        "/do/take_report" => &[("month", "2026-09")],
        _ => return None,
    };
    Some(fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
}
