//! All moves, those that stall first; and the past moves of one biller.

use domain::{
    Topic,
    migration::{MigrationAct, MigrationState, RowState},
};
use leptos::prelude::*;
use services::migration::{self, MigrationView, UserMigration};

use crate::{
    paths, query,
    ui::{
        Column, Empty, Face, Heading, Hidden, Icon, Page, Panel, Place, SubmitKind, Table, Time, Tone, badge,
        count, grouped, page,
    },
};

/// All moves.
#[component]
pub(crate) fn MigrationsPage() -> impl IntoView {
    page(Place::Migrations, |visit| async move {
        let followed = visit.follow(Topic::Migrations).await?;
        let moves = migration::all(&visit.console, &visit.actor).await?;
        let adoption = migration::show_adoption(&visit.console, &visit.actor, None).await?;
        let adoption = super::adoption::panel(&adoption).into_any();
        Ok(Page::new("Migrations", show(moves, adoption)).live(followed, ""))
    })
}

fn show(moves: Vec<MigrationView>, adoption: AnyView) -> impl IntoView {
    let together = together(&moves);
    let body = if moves.is_empty() {
        let text = "Open a biller and upload a file of its users under Migration.";
        view! {
            <Empty icon=Icon::User title="No users are on the move" text>
                <a class="btn btn-sm btn-primary" href=paths::BILLERS>"Billers"</a>
            </Empty>
        }
        .into_any()
    } else {
        let rows = moves.iter().map(row).collect_view();
        view! {
            <Table name="Moves of users" caption="Moves of users, those that stall first" columns=[
                Column::text("Biller"), Column::text("State"), Column::text("Progress"),
                Column::number("Failed"), Column::text("Slowed by"), Column::text("Got on"),
            ]>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Heading title="Migrations" lead="Moves of billers' users: those that stall first, then those under way, then those that ended.">
            <a class="btn btn-sm" href=paths::MIRROR>"Mirror"</a>
        </Heading>
        <div class="stack">
            <div id="moves" data-live="" class="panel panel-flush">{body}</div>
            <div id="together" data-live="">{together}</div>
            {adoption}
        </div>
    }
}

/// Whether its rows are checked and the actor may start it now.
fn can_start(view: &MigrationView) -> bool {
    view.acts.iter().any(|(act, allowed)| *act == MigrationAct::Start && allowed.is_ok())
}

/// Several moves that wait for their start can be started as a wave. It stands beside the table, so that the table goes
/// on being renewed while somebody ticks.
fn together(moves: &[MigrationView]) -> Option<impl IntoView + use<>> {
    let startable: Vec<&MigrationView> = moves.iter().filter(|view| can_start(view)).collect();
    if startable.len() < 2 {
        return None;
    }
    let lines = startable
        .iter()
        .map(|view| {
            let (bid, name) = (view.it.bid.to_string(), view.biller.clone());
            let users = count(view.in_state(RowState::Ready), "user", "users");
            let file = view.it.file_name.clone();
            view! {
                <li class="line">
                    <label class="tick line-main">
                        <input type="checkbox" class="checkbox checkbox-sm" name=query::name::SELECTED value=bid />
                        <span>{name} <span class="line-note break">" · " {users} " in " {file}</span></span>
                    </label>
                </li>
            }
        })
        .collect_view();
    let title = format!("Ready to start: {}", startable.len());
    Some(view! {
        <Panel id="start-together" title lead="Ticked ones can be started as a wave: a pilot first, then the others in stages, stopped by itself when too much fails.">
            <form method="get" action=paths::WAVE_NEW class="form-stack" aria-label="Start several moves">
                <Hidden name=query::DO value=query::DO_MIGRATE />
                <ul class="lines">{lines}</ul>
                <div class="buttons">
                    <button type="submit" id="start-several" class=SubmitKind::Plain.class()>"Start those ticked…"</button>
                </div>
            </form>
        </Panel>
    })
}

fn row(view: &MigrationView) -> impl IntoView + use<> {
    let stalled = view.stalled.then(|| badge(Tone::Bad, Icon::Alert, "Stalled"));
    let failed = view.in_state(RowState::Failed) + view.in_state(RowState::Rejected);
    let slowed = view.it.throttle.clone().unwrap_or_else(|| "–".to_owned());
    view! {
        <tr>
            <td><a class="row-link" href=paths::biller_migration(&view.it.bid)>{view.biller.clone()}</a></td>
            <td>{view.it.state.badge()} {stalled}</td>
            <td>{super::numbers::progress(view)}</td>
            <td class="col-num num">{grouped(failed)}</td>
            <td>{slowed}</td>
            <td><Time at=view.it.moved_on_at /></td>
        </tr>
    }
}

/// The past moves of a biller.
pub(super) fn history(past: Vec<UserMigration>) -> impl IntoView {
    let rows = past
        .iter()
        .map(|it| {
            let name = it.file_name.clone();
            let reported = matches!(it.state, MigrationState::Finished | MigrationState::Undone);
            let report = reported.then(|| {
                let to = paths::migration_report_of(&it.bid, it.id);
                view! { ", " <a class="link" href=to>"report"</a> }
            });
            view! {
                <li>{it.state.badge()} " " <span class="break">{name}</span> ", " <Time at=it.created_at />{report}</li>
            }
        })
        .collect_view();
    (!past.is_empty()).then(|| {
        view! { <Panel id="past" title="Before"><ul class="bullets">{rows}</ul></Panel> }
    })
}
