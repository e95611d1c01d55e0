//! All moves, those that stall first; and the past moves of one biller.

use domain::{Topic, migration::MigrationState};
use leptos::prelude::*;
use services::migration::{self, MigrationView, UserMigration};

use crate::{
    paths,
    ui::{Empty, Face, Heading, Icon, Page, Panel, Place, Time, Tone, badge, grouped, page},
};

/// All moves.
#[component]
pub(crate) fn MigrationsPage() -> impl IntoView {
    page(Place::Migrations, |visit| async move {
        let followed = visit.follow(Topic::Migrations).await?;
        let moves = migration::all(&visit.console, &visit.actor).await?;
        Ok(Page::new("Migrations", show(moves)).live(followed, ""))
    })
}

fn show(moves: Vec<MigrationView>) -> impl IntoView {
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
            <div class="table-wrap" role="region" aria-label="Moves of users" tabindex="0">
                <table class="data-table data-table-plain">
                    <caption class="sr-only">"Moves of users, those that stall first"</caption>
                    <thead><tr>
                        <th scope="col">"Biller"</th><th scope="col">"State"</th><th scope="col">"Progress"</th>
                        <th scope="col" class="col-num">"Failed"</th><th scope="col">"Slowed by"</th><th scope="col">"Got on"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <Heading title="Migrations" lead="Moves of billers' users: those that stall first, then those under way, then those that ended.">
            <a class="btn btn-sm" href=paths::MIRROR>"Mirror"</a>
        </Heading>
        <div id="moves" data-live="" class="panel panel-flush">{body}</div>
    }
}

fn row(view: &MigrationView) -> impl IntoView + use<> {
    use domain::migration::RowState;
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
