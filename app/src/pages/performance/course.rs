//! The course of an incident: what we measured, what SecureAuth said and what people wrote, in one order of time.

use domain::{
    Timestamp,
    performance::{Incident, IncidentNote},
};
use leptos::prelude::*;

use crate::ui::{Icon, Time, Tone, badge::badge};

/// A moment of an incident.
struct Moment {
    at: Timestamp,
    /// Tone, icon and word of where it comes from.
    from: (Tone, Icon, &'static str),
    what: String,
    /// Who wrote it, where somebody did.
    by: Option<String>,
}

/// The moments of an incident, the first one first.
pub(super) fn course(incident: &Incident, notes: Vec<IncidentNote>) -> impl IntoView + use<> {
    let rows = moments(incident, notes)
        .into_iter()
        .map(|moment| {
            let (tone, icon, word) = moment.from;
            let said = moment.by.as_ref().map(|_| "quote");
            let by = moment.by.map(|by| format!("{by}, "));
            view! {
                <li class="line">
                    {badge(tone, icon, word)}
                    <div class="line-main">
                        <p class=said>{moment.what}</p>
                        <p class="line-note">{by} <Time at=moment.at /></p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="lines">{rows}</ol> }
}

fn moments(incident: &Incident, notes: Vec<IncidentNote>) -> Vec<Moment> {
    let known = &incident.known;
    let (began, over) = match &incident.opened_by {
        Some(_) => ((Tone::Bad, Icon::Alert, "Began"), (Tone::Good, Icon::Check, "Over")),
        None => ((Tone::Bad, Icon::Alert, "Measured"), (Tone::Good, Icon::Check, "Measured")),
    };
    let theirs = (Tone::Moving, Icon::Clock, "SecureAuth");
    let stated = [
        (Some(incident.began), began, "It began."),
        (known.vendor_began, theirs, "It began, by SecureAuth's own word."),
        (known.told_at, theirs, "SecureAuth was told."),
        (known.answered_at, theirs, "SecureAuth answered."),
        (known.vendor_ended, theirs, "It was over, by SecureAuth's own word."),
        (incident.ended, over, "It was over."),
    ];
    let stated = stated
        .into_iter()
        .filter_map(|(at, from, what)| Some(Moment { at: at?, from, what: what.to_owned(), by: None }));
    let written = notes.into_iter().map(|note| Moment {
        at: note.at,
        from: (Tone::Quiet, Icon::Info, "Note"),
        what: note.text,
        by: Some(note.by.as_ref().map_or("The rule", |actor| actor.name()).to_owned()),
    });
    let mut moments: Vec<Moment> = stated.chain(written).collect();
    // Stable: of one instant what is stated comes before what was written of it.
    moments.sort_by_key(|moment| moment.at);
    moments
}
