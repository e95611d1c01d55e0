//! One biller: where it stands, what is under way, what to hand over, what was made, what happened.

pub(super) mod head;
mod history;
mod login;
mod objects;
mod progress;
mod schedule;
mod use_cases;

pub(crate) use self::use_cases::BillerUseCasesPage;
use domain::{Bid, Topic, audit::ChainedEntry};
use leptos::prelude::*;
use services::{
    activity,
    show_biller::{self, BillerView},
};

use super::{activity::history_query, bid_in_path, entries};
use crate::{
    paths,
    ui::{Act, Empty, Hidden, Icon, Page, Panel, Place, Visit, page, run},
};

/// One biller.
#[component]
pub(crate) fn BillerPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let view = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let title = view.biller.name().to_owned();
        let announce = heard(&view);
        Ok(Page::new(title, show(&visit, view)).live(followed, announce))
    })
}

/// The state in one sentence, for people who listen.
fn heard(view: &BillerView) -> String {
    let status = format!("CIAM status {}.", view.biller.status.label().to_lowercase());
    match &view.open_run {
        Some(open) => format!("{status} {}", run::sentence(&open.run, &open.steps)),
        None => status,
    }
}

fn show(visit: &Visit, view: BillerView) -> impl IntoView + use<> {
    let BillerView {
        biller,
        login_url,
        objects,
        open_run,
        last_run,
        runs,
        actions,
        handover,
        next_steps,
        activity,
    } = view;
    let bid = biller.bid().clone();
    let has_entries = !activity.is_empty();
    let shown = open_run.as_ref().or(last_run.as_ref());
    let shown_id = shown.map(|view| view.run.id);
    let settled = shown.is_some_and(|view| progress::is_settled(&view.run));
    let run = shown.cloned().map(|run| progress::panel(run, &actions));
    let (run, last_run) = if settled { (None, run) } else { (run, None) };
    let objects = objects::panel(&bid, objects, actions.hand_over_secret.clone());
    let login = login_url.map(|url| login::address(url, &biller));
    let pack = handover.map(|pack| login::pack(visit, &biller, pack, &actions.edit_handover));
    view! {
        {head::head(visit, &biller, &actions, head::Tab::Overview)}
        <div class="columns">
            <div class="column-wide">
                {head::standing(&biller)}
                <div id="run" data-live="">{run}</div>
                <div id="login" data-live="">{login}</div>
                <div id="handover" data-live="">{pack}</div>
                <div id="objects" data-live="">{objects}</div>
                <div id="last-run" data-live="">{last_run}</div>
            </div>
            <div class="column-narrow">
                <div id="next" data-live="">{history::next_steps(next_steps)}</div>
                {head::facts(&biller)}
                <div id="runs" data-live="">{history::runs(runs, shown_id)}</div>
                <div id="recent" data-live="">{has_entries.then(|| history::recent(&bid, activity))}</div>
            </div>
        </div>
    }
}

/// What happened with one biller, all of it.
#[component]
pub(crate) fn BillerActivityPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let view = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let query = history_query(&bid, &visit.query);
        let found = activity::list(&visit.console, &visit.actor, &query).await?;
        let title = format!("Activity of {}", view.biller.name());
        let body = history_page(&visit, &view, found.entries, found.next);
        Ok(Page::new(title, body).live(followed, heard(&view)))
    })
}

fn history_page(
    visit: &Visit,
    view: &BillerView,
    list: Vec<ChainedEntry>,
    next: Option<i64>,
) -> impl IntoView + use<> {
    let older = next.map(|seq| format!("{}?before={seq}", paths::biller_activity(view.biller.bid())));
    let body = if list.is_empty() {
        view! { <Empty icon=Icon::List title="Nothing happened yet" text="Every change to this biller is written down here." /> }.into_any()
    } else {
        entries::entries(list, false).into_any()
    };
    view! {
        {head::head(visit, &view.biller, &view.actions, head::Tab::Activity)}
        <Panel id="activity" title="Activity" live=true>
            {body}
            {older.map(|href| view! { <nav class="pager" aria-label="Pages"><a class="btn btn-sm" href=href>"Older entries"</a></nav> })}
        </Panel>
    }
}

/// A post of one button that names a run of this biller.
fn run_form(to: &'static str, bid: &Bid, run: domain::RunId, children: Children) -> impl IntoView + use<> {
    let bid = bid.to_string();
    view! {
        <Act to>
            <Hidden name="bid" value=bid />
            <Hidden name="run" value=run.to_string() />
            {children()}
        </Act>
    }
}
