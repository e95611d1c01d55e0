//! Who did what, when and why.

use domain::{
    Bid, Topic,
    access::Refusal,
    audit::{AuditAction, ChainedEntry},
};
use leptos::prelude::*;
use services::{AuditQuery, activity};

use super::entries;
use crate::{
    activity_query::{ActivityQuery, name},
    paths,
    ui::{Act, Empty, Heading, Icon, Page, Place, Submit, SubmitKind, page},
};

/// Who did what, when and why.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    page(Place::Activity, |visit| async move {
        let query = ActivityQuery::parse(&visit.query);
        let followed = visit.follow(Topic::Activity).await?;
        let found = activity::list(&visit.console, &visit.actor, &query.to_audit()).await?;
        let body = show(&query, found.entries, found.next, found.may_export);
        let page = Page::new("Activity", body);
        // An older page does not change.
        Ok(if query.before.is_none() { page.live(followed, "") } else { page })
    })
}

/// The entries about one biller, from the place that the query string names.
pub(super) fn history_query(bid: &Bid, query: &str) -> AuditQuery {
    let place = ActivityQuery::parse(query).before;
    ActivityQuery { biller: Some(bid.clone()), before: place, ..ActivityQuery::default() }.to_audit()
}

fn show(
    query: &ActivityQuery,
    list: Vec<ChainedEntry>,
    next: Option<i64>,
    may_export: Result<(), Refusal>,
) -> impl IntoView + use<> {
    let exported = query.unpaged().to_query();
    let json = may_export.is_ok().then(|| paths::with_query(paths::ACTIVITY_JSONL, &exported));
    let older = next.map(|seq| paths::with_query(paths::ACTIVITY, &query.before(seq).to_query()));
    let body = if list.is_empty() {
        let filtered = *query != ActivityQuery::default();
        let text = if filtered {
            "No entry matches all of these filters at once."
        } else {
            "Every change is written down here."
        };
        view! { <Empty icon=Icon::List title="No entries" text /> }.into_any()
    } else {
        entries::entries(list, true).into_any()
    };
    view! {
        <Heading title="Activity" lead="Who did what, when and why. Each entry carries the hash of the one before, so that none can be taken out.">
            // Posted, not followed: taking the log away is an act, and written down.
            <Act to=paths::with_query(paths::ACTIVITY_CSV, &exported)>
                <Submit id="export-csv" label="CSV" icon=Icon::Download kind=SubmitKind::Plain allowed=may_export />
            </Act>
            {json.map(|to| view! {
                <Act to>
                    <Submit id="export-jsonl" label="JSON lines" icon=Icon::Download kind=SubmitKind::Plain />
                </Act>
            })}
        </Heading>
        {filters(query)}
        <section class="panel" id="entries" data-live="" aria-label="Entries">
            {body}
            {older.map(|href| view! { <nav class="pager" aria-label="Pages"><a class="btn btn-sm" href=href>"Older entries"</a></nav> })}
        </section>
    }
}

fn filters(query: &ActivityQuery) -> impl IntoView + use<> {
    let actions = AuditAction::ALL
        .iter()
        .map(|action| {
            let selected = query.action == Some(*action);
            view! { <option value=action.as_str() selected=selected>{action.label()}</option> }
        })
        .collect_view();
    let bid = query.biller.as_ref().map(ToString::to_string).unwrap_or_default();
    let clear = (*query != ActivityQuery::default())
        .then(|| view! { <a class="btn btn-ghost btn-sm" href=paths::ACTIVITY>"Clear filters"</a> });
    view! {
        <form method="get" action=paths::ACTIVITY class="filter-row" role="search" aria-label="Activity">
            <div class="field">
                <label for="action">"Action"</label>
                <select class="select select-sm" id="action" name=name::ACTION><option value="">"All"</option>{actions}</select>
            </div>
            {input("actor", "Who", name::ACTOR, "text", query.actor.clone())}
            {input("biller", "bid", name::BILLER, "text", bid)}
            {input("from", "From (UTC)", name::FROM, "date", query.from.clone())}
            {input("to", "To (UTC)", name::TO, "date", query.to.clone())}
            <button type="submit" class="btn btn-sm">"Filter"</button>
            {clear}
        </form>
    }
}

fn input(
    id: &'static str,
    label: &'static str,
    name: &'static str,
    kind: &'static str,
    value: String,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input class="input input-sm" type=kind id=id name=name value=value maxlength="100" autocomplete="off" />
        </div>
    }
}
