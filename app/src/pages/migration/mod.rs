//! The move of a biller's users: upload, columns, what was found, the run, and what is wrong with which rows.

mod adoption;
mod columns;
mod freeze;
mod list;
mod mails;
mod missing;
mod numbers;
mod predicted;
mod problems;
mod report;
mod report_list;

use domain::{Bid, Topic, access::Refusal, actor::Capability, migration::MigrationAct};
use leptos::prelude::*;
use services::{
    migration::{self, FreezeView, MigrationView, UserMigration},
    show_biller::{self, BillerView},
};

pub(crate) use self::{list::MigrationsPage, report::MigrationReportPage};
use super::bid_in_path;
use crate::{
    islands::{ConfirmName, UploadProgress},
    pages::biller::head,
    paths,
    ui::{
        Act, Empty, Face, Field, Hidden, Icon, Notice, Page, Panel, Place, Reason, Submit, SubmitKind, Time,
        Tone, Visit, page,
    },
};

/// The move of a biller's users.
#[component]
pub(crate) fn MigrationPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let (newest, past) = migration::of_biller(&visit.console, &visit.actor, &bid).await?;
        let frozen = migration::show_freeze(&visit.console, &visit.actor, &bid).await?;
        let adoption = migration::show_adoption(&visit.console, &visit.actor, Some(&bid)).await?;
        let adoption = adoption::panel(&adoption).into_any();
        let title = format!("Users' move of {}", biller.biller.name());
        let announce = newest.as_ref().map(heard).unwrap_or_default();
        Ok(Page::new(title, show(&visit, &biller, newest, past, &frozen, adoption)).live(followed, announce))
    })
}

/// The state in one sentence, for people who listen.
fn heard(view: &MigrationView) -> String {
    let stop = view.it.stop.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("The move is: {}. {stop}", view.it.state.label().to_lowercase())
}

fn show(
    visit: &Visit,
    biller: &BillerView,
    newest: Option<MigrationView>,
    past: Vec<UserMigration>,
    frozen: &FreezeView,
    adoption: AnyView,
) -> impl IntoView + use<> {
    let bid = biller.biller.bid().clone();
    let allowed = visit.actor.may(Capability::RunMigrations);
    let may = allowed.is_ok();
    let over = newest.as_ref().is_none_or(|view| view.it.state.is_over());
    let first = newest.is_none();
    let upload = over.then(|| upload(&bid, allowed));
    let acts = newest.as_ref().map(|view| acts(visit, view, biller.biller.name()));
    let problems = newest.as_ref().map(|view| problems::panel(&bid, view, may));
    let columns = newest
        .as_ref()
        .filter(|view| may && view.it.state.may_map() && view.it.started_at.is_none())
        .map(|view| columns::panel(visit, view));
    let standing = newest.as_ref().map(standing);
    let numbers = newest.as_ref().map(numbers::panels);
    let mails = newest.as_ref().map(mails::panel);
    let missing = newest.as_ref().map(|view| missing::panel(visit, view, biller.biller.name()));
    let freeze = freeze::panel(visit, &bid, frozen);
    let none = first.then(|| {
        let text = "Upload a file of the biller's users. Nothing is sent to SecureAuth before the check is done and somebody starts the move.";
        view! { <Empty icon=Icon::User title="No users were moved yet" text /> }
    });
    view! {
        {head::head(visit, &biller.biller, &biller.actions, head::Tab::Migration)}
        <div class="columns">
            <div class="column-wide">
                <div id="standing" data-live="">{standing}{none}</div>
                <div id="reset-mails" data-live="">{mails}</div>
                {adoption}
                <div id="problems" data-live="">{problems}</div>
                <div id="missing-users" data-live="">{missing}</div>
                <div id="other" data-live="" class="stack">{columns} {upload}</div>
            </div>
            <div class="column-narrow">
                <div id="acts" data-live="">{acts}</div>
                {freeze}
                <div id="numbers" data-live="" class="stack">{numbers}</div>
                {list::history(past)}
            </div>
        </div>
        <UploadProgress />
        <ConfirmName />
    }
}

/// Where the move stands, how fast it goes, and why it is slow or stopped.
fn standing(view: &MigrationView) -> impl IntoView + use<> {
    let it = &view.it;
    let stop = it.stop.clone().map(|stop| {
        view! { <Notice tone=Tone::Bad text=stop.message><p>{stop.cure}</p></Notice> }
    });
    let throttle = it.throttle.clone().map(|why| view! { <Notice tone=Tone::Caution text=why /> });
    let stalled = view.stalled.then(|| {
        view! { <Notice tone=Tone::Bad text="It has not got on for two minutes. Look at the worker's log, or pause and go on." /> }
    });
    let no_return = view.no_return.then(|| {
        view! { <Notice tone=Tone::Caution text="Point of no return: hosted login was turned on. Nobody who is at SecureAuth is touched any more, and the move cannot be undone." /> }
    });
    let (name, by, at) = (it.file_name.clone(), it.created_by.name().to_owned(), it.created_at);
    let (state, since) = (it.state, it.moved_on_at);
    let progress = numbers::progress(view);
    let report = view.has_report.then(|| {
        let to = paths::migration_report_of(&it.bid, it.id);
        view! { <p><a class="link" href=to>"Report, to print and keep"</a></p> }
    });
    view! {
        <Panel id="move" title="Users' move">
            <p class="standing-badges">
                {state.badge()}
                <span class="standing-since">"since " <Time at=since /></span>
            </p>
            <p>"File " <span class="break">{name}</span> ", uploaded by " {by} ", " <Time at /> "."</p>
            {progress}
            {report}
            <div class="stack">{stop} {throttle} {stalled} {no_return}</div>
        </Panel>
    }
}

fn upload(bid: &Bid, allowed: Result<(), Refusal>) -> impl IntoView + use<> {
    let to = paths::migration_upload(bid);
    view! {
        <Panel id="upload" title="File" lead="CSV or JSON Lines, UTF-8, any size. A later delivery of the same users moves only what changed.">
            <form method="post" action=to enctype="multipart/form-data" class="form-stack" data-upload="">
                <div class="field">
                    <label for="file">"File of users"</label>
                    <input class="file-input" type="file" id="file" name="file" required=true aria-describedby="file-hint" />
                    <p class="hint" id="file-hint">
                        "The first line names the columns. Rows are kept encrypted until their users are verified at SecureAuth."
                    </p>
                </div>
                <div class="upload-progress" hidden=true data-upload-progress="">
                    <progress class="progress tone-moving" max="100" value="0" aria-label="Upload"></progress>
                    <p class="hint" role="status" data-upload-text=""></p>
                </div>
                <div class="buttons"><Submit id="upload-file" label="Upload and check" icon=Icon::Upload allowed /></div>
            </form>
        </Panel>
    }
}

const fn look(act: MigrationAct) -> (&'static str, Icon, SubmitKind) {
    match act {
        MigrationAct::Start => ("act-start", Icon::Play, SubmitKind::Primary),
        MigrationAct::Pause => ("act-pause", Icon::Pause, SubmitKind::Plain),
        MigrationAct::Resume => ("act-resume", Icon::Play, SubmitKind::Primary),
        MigrationAct::Cancel => ("act-cancel", Icon::Cross, SubmitKind::Danger),
        MigrationAct::Retry => ("act-retry", Icon::Retry, SubmitKind::Plain),
        MigrationAct::Undo => ("act-undo", Icon::Undo, SubmitKind::Danger),
        MigrationAct::LockMissing => ("act-lock", Icon::Cross, SubmitKind::Danger),
    }
}

/// What the act does, for whoever is about to ask for it.
const fn meaning(act: MigrationAct) -> &'static str {
    match act {
        MigrationAct::Start => "A known password of each kind is tried first; then the users are moved.",
        MigrationAct::Pause => "What is on its way is finished; nothing more is sent.",
        MigrationAct::Resume => "It goes on where it stopped.",
        MigrationAct::Cancel => "Nothing more is sent. Whoever was moved stays.",
        MigrationAct::Retry => "Rows that failed are looked at and sent again.",
        MigrationAct::Undo => "Moved users that nobody changed since are removed from SecureAuth again.",
        MigrationAct::LockMissing => "Users of earlier deliveries that are missing in this one are locked.",
    }
}

/// What may be asked now.
fn acts(visit: &Visit, view: &MigrationView, name: &str) -> impl IntoView + use<> {
    // What is decided about missing users stands beside their number.
    let fitting =
        view.acts.iter().filter(|(act, _)| act.fits(view.it.state) && *act != MigrationAct::LockMissing);
    let forms = fitting
        .map(|(act, allowed)| {
            let (id, icon, kind) = look(*act);
            let (act, allowed, name) = (*act, allowed.clone(), name.to_owned());
            let confirm = (act == MigrationAct::Undo).then(|| {
                let label = "Type the biller's name to confirm";
                view! { <Field visit name="name" label required=true must_be=name /> }.into_any()
            });
            let reason = (act == MigrationAct::Start).then(|| view! { <Reason visit /> }.into_any());
            let (bid, of) = (view.it.bid.to_string(), view.it.id.to_string());
            view! {
                <Act to=paths::act::ASK_MIGRATION class="form-stack">
                    <Hidden name="bid" value=bid />
                    <Hidden name="id" value=of />
                    <Hidden name="act" value=act.as_str() />
                    <p class="hint">{meaning(act)}</p>
                    {confirm} {reason}
                    <div class="buttons"><Submit id label=act.label() icon kind allowed /></div>
                </Act>
            }
        })
        .collect_view();
    view! { <Panel id="decision" title="Decision" class="panel-accent"><div class="stack">{forms}</div></Panel> }
}
