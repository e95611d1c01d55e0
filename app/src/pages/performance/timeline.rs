//! The incidents of a range as a drawing: a lane for each group of operations, SecureAuth's own word beside ours.

use domain::performance::{Incident, Maintenance, Minute, OperationGroup, Range, Span, Whose};
use leptos::prelude::*;
use services::performance::timeline::Timeline;

use crate::{
    paths,
    ui::{
        Panel,
        chart::{Lane, LaneBar, LaneLook, lanes},
        time::{absolute, duration},
    },
};

/// The ranges to choose from.
const SPANS: [Span; 3] = [Span::Week, Span::Month, Span::Year];

/// The range that the address asks for; a month where it says nothing.
pub(super) fn span(query: &str) -> Span {
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "range");
    asked.and_then(|(_, value)| value.parse().ok()).filter(|span| SPANS.contains(span)).unwrap_or(Span::Month)
}

/// The drawing with the way to other ranges.
pub(super) fn timeline(shown: Span, timeline: &Timeline) -> impl IntoView + use<> {
    let spans = SPANS
        .map(|span| {
            let href = paths::with_query(paths::INCIDENTS, &format!("range={}", span.as_str()));
            let current = (span == shown).then_some("true");
            view! { <li><a class="btn btn-sm join-item" href=href aria-current=current>{span.label()}</a></li> }
        })
        .collect_view();
    let drawing = lanes("Incidents and maintenance over time (UTC)", timeline.range, all_lanes(timeline));
    view! {
        <Panel id="timeline" title="Timeline" live=true>
            <nav aria-label="Range"><ul class="join spans">{spans}</ul></nav>
            {drawing}
        </Panel>
    }
}

/// A lane for each group that promises can be made for, whether something happened to it or not: no bar is news, too.
fn all_lanes(timeline: &Timeline) -> Vec<Lane> {
    let of = |group: Option<OperationGroup>| {
        let incidents = timeline.incidents.iter().filter(move |incident| incident.group == group);
        incidents.flat_map(|incident| bars(incident, timeline)).collect::<Vec<_>>()
    };
    let groups = OperationGroup::ALL
        .iter()
        .map(|group| Lane { name: group.label().to_owned(), bars: of(Some(*group)) })
        .collect::<Vec<_>>();
    let any = of(None);
    let any = (!any.is_empty()).then(|| Lane { name: "No group in particular".to_owned(), bars: any });
    let maintenance = timeline.maintenance.iter().map(left_out).collect();
    let maintenance = Lane { name: "Maintenance".to_owned(), bars: maintenance };
    groups.into_iter().chain(any).chain([maintenance]).collect()
}

fn bars(incident: &Incident, timeline: &Timeline) -> Vec<LaneBar> {
    let ended = incident.ended.unwrap_or(timeline.now);
    let lasted = match incident.ended {
        Some(_) => duration(ended.since(incident.began)),
        None => format!("goes on since {}", duration(ended.since(incident.began))),
    };
    let measured = LaneBar {
        range: Range { from: Minute::of(incident.began), to: Minute(Minute::of(ended).0 + 1) },
        look: LaneLook::Measured,
        words: format!("{}: {}, {lasted}", incident.title, absolute(incident.began)),
    };
    let known = &incident.known;
    let stated = known.vendor_began.map(|began| {
        let until = known.vendor_ended.unwrap_or(ended).max(began);
        LaneBar {
            range: Range { from: Minute::of(began), to: Minute::of(until) },
            look: LaneLook::Stated,
            words: format!(
                "{}, by SecureAuth's own word: {}, {}",
                incident.title,
                absolute(began),
                if known.vendor_ended.is_some() {
                    duration(until.since(began))
                } else {
                    "no end is known".to_owned()
                }
            ),
        }
    });
    [measured].into_iter().chain(stated).collect()
}

fn left_out(window: &Maintenance) -> LaneBar {
    let whose = match window.whose {
        Whose::Vendor => "SecureAuth's maintenance",
        Whose::Ours => "Our own maintenance",
    };
    let length = duration(window.to.since(window.from));
    LaneBar {
        range: window.range(),
        look: LaneLook::LeftOut,
        words: format!("{whose}: {}, {length}. {}", absolute(window.from), window.note),
    }
}
