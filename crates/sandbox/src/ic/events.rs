//! The receiver of the console's events: believes what is signed, keeps the last ones, shows them.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response},
};
use domain::Timestamp;
use serde_json::{Value, json};

use super::signature;
use crate::{
    answer,
    engine::SandboxState,
    html::{document, escape},
};

/// Events kept.
const KEPT: usize = 50;

/// An event as it came in.
#[derive(Clone, Debug)]
struct Received {
    at: Timestamp,
    id: String,
    kind: String,
    bid: String,
    verdict: Verdict,
    body: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    /// The same event was taken before: a receiver drops it and says thanks.
    SeenBefore,
    Refused(&'static str),
}

/// The last events, newest first.
#[derive(Default)]
pub(crate) struct EventLog(Mutex<VecDeque<Received>>);

impl EventLog {
    /// How many of the events kept were taken.
    pub(crate) fn taken(&self) -> usize {
        self.lock().iter().filter(|event| event.verdict == Verdict::Taken).count()
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn knows(&self, id: &str) -> bool {
        self.lock().iter().any(|event| event.id == id && event.verdict == Verdict::Taken)
    }

    fn keep(&self, event: Received) {
        let mut events = self.lock();
        events.push_front(event);
        events.truncate(KEPT);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST /ic/events`.
pub(super) async fn receive(
    State(state): State<SandboxState>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let engine = state.0;
    let now = engine.clock.now();
    let checked = signature::check(&engine.config.ic.event_secret, &headers, &body, now);
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let verdict = match checked {
        Err(why) => Verdict::Refused(why),
        Ok(_) if !event["type"].is_string() => Verdict::Refused("the body is no event"),
        Ok(id) if engine.ic.events.knows(id) => Verdict::SeenBefore,
        Ok(_) => Verdict::Taken,
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    engine.ic.events.keep(Received {
        at: now,
        id: headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned(),
        kind: text(&event["type"]),
        bid: text(&event["data"]["bid"]),
        verdict: verdict.clone(),
        body: format!("{event:#}"),
    });
    match verdict {
        Verdict::Taken | Verdict::SeenBefore => answer::json(200, &json!({ "received": true })),
        Verdict::Refused(why) => answer::json(401, &json!({ "error": why })),
    }
}

/// `GET /ic/events`.
pub(super) async fn page(State(state): State<SandboxState>) -> Response<Body> {
    let mut list = String::new();
    for event in state.0.ic.events.lock().iter() {
        let (class, verdict) = match event.verdict {
            Verdict::Taken => ("good", "signature fits: taken"),
            Verdict::SeenBefore => ("good", "signature fits: seen before, dropped"),
            Verdict::Refused(why) => ("bad", why),
        };
        let _ = write!(
            list,
            "<section class=\"panel\"><h2>{} <span class=\"mono\">{}</span></h2>\
             <p>{} · <span class=\"{class}\">{verdict}</span></p><p class=\"quiet\">webhook-id <code>{}</code></p>\
             <pre class=\"scroll\" role=\"region\" aria-label=\"Body\" tabindex=\"0\">{}</pre></section>",
            escape(if event.kind.is_empty() { "No event" } else { &event.kind }),
            escape(&event.bid),
            event.at,
            escape(&event.id),
            escape(&event.body),
        );
    }
    if list.is_empty() {
        list.push_str("<p class=\"quiet\">No event has come yet. Enable a biller: IC is told of it.</p>");
    }
    let body = format!(
        "<main class=\"wide\"><header><h1>IC's events</h1><p class=\"quiet\">What the console has told IC, as the \
         sandbox plays it: the last {KEPT}, newest first. <a href=\"/\">Sandbox</a></p></header>{list}</main>"
    );
    answer::html(200, document("IC's events", &body))
}
