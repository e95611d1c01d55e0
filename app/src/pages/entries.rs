//! Entries of the audit log, as they are shown.

use domain::audit::{ChainedEntry, Subject, SubjectKind};
use leptos::prelude::*;

use super::gist::gist;
use crate::{
    paths,
    ui::{Copyable, Time},
};

/// Entries of the audit log, newest first.
pub(crate) fn entries(entries: Vec<ChainedEntry>, with_subject: bool) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| line(entry, with_subject)).collect_view();
    view! { <ol class="entries">{rows}</ol> }
}

fn line(chained: ChainedEntry, with_subject: bool) -> impl IntoView {
    let ChainedEntry { seq, entry, hash, .. } = chained;
    let actor = entry.actor.name().to_owned();
    let role = entry.actor.role_label().to_lowercase();
    let gist = gist(entry.before.as_ref(), entry.after.as_ref());
    let details = Details { seq, hash, before: entry.before, after: entry.after, trace: entry.trace_id };
    view! {
        <li class="entry" id=format!("entry-{seq}")>
            <div class="entry-when"><Time at=entry.at /></div>
            <div class="entry-what">
                <p>
                    <strong>{entry.action.label()}</strong>
                    {with_subject.then(|| view! { " · " {subject(&entry.subject)} })}
                    " · " {actor} <span class="entry-role">{format!(" ({role})")}</span>
                </p>
                {gist.map(|text| view! { <p class="entry-gist">{text}</p> })}
                {entry.reason.map(|text| view! { <p class="quote">{text}</p> })}
            </div>
            {more(details)}
        </li>
    }
}

/// What an entry is about, as a link where there is a page for it.
fn subject(subject: &Subject) -> AnyView {
    let id = subject.id.clone();
    let href = match subject.kind {
        SubjectKind::Biller => id.parse().ok().map(|bid| paths::biller(&bid)),
        SubjectKind::Wave => id.parse().ok().map(paths::wave),
        SubjectKind::Import => id.parse().ok().map(paths::import),
        SubjectKind::Delivery => id.parse().ok().map(paths::delivery),
        SubjectKind::Session
        | SubjectKind::Settings
        | SubjectKind::UseCaseDefault
        | SubjectKind::Emergency
        | SubjectKind::Vendor
        | SubjectKind::Activity => None,
    };
    let short =
        id.split('-').next_back().filter(|_| id.len() == 36).map_or(id.clone(), |tail| format!("…{tail}"));
    let text = format!("{} {short}", subject.kind.label().to_lowercase());
    match href {
        Some(href) => view! { <a class="link" href=href>{text}</a> }.into_any(),
        None => view! { <span>{subject.kind.label().to_lowercase()}</span> }.into_any(),
    }
}

struct Details {
    seq: i64,
    hash: String,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    trace: Option<String>,
}

fn more(details: Details) -> impl IntoView {
    let Details { seq, hash, before, after, trace } = details;
    let state = |title: &'static str, value: Option<serde_json::Value>| {
        value.map(|value| view! { <div class="min-w-0"><p class="hint">{title}</p><pre class="json" tabindex="0">{format!("{value:#}")}</pre></div> })
    };
    view! {
        <details class="more" id=format!("more-{seq}")>
            <summary>"Entry " {seq}</summary>
            <div class="before-after">{state("Before", before)} {state("After", after)}</div>
            {trace.map(|id| view! { <p class="hint">"Trace id at SecureAuth " <Copyable text=id what="trace id" /></p> })}
            <p class="hint">"Hash " <code class="hash">{hash}</code></p>
        </details>
    }
}
