//! All waves.

use domain::{Topic, wave::Wave};
use leptos::prelude::*;
use services::bulk_enable;

use crate::{
    paths,
    ui::{Column, Empty, Face, Heading, Icon, Page, Place, Table, Time, count, page},
};

/// All waves.
#[component]
pub(crate) fn WavesPage() -> impl IntoView {
    page(Place::Waves, |visit| async move {
        let followed = visit.follow(Topic::Billers).await?;
        let waves = bulk_enable::list(&visit.console, &visit.actor).await?;
        Ok(Page::new("Waves", show(waves)).live(followed, ""))
    })
}

fn show(waves: Vec<Wave>) -> impl IntoView {
    let body = if waves.is_empty() {
        view! {
            <Empty icon=Icon::Layers title="No wave yet" text="A wave enables many billers, some at a time, and stops itself when too much fails.">
                <a class="btn btn-sm btn-primary" href=paths::BILLERS>"Select billers"</a>
            </Empty>
        }
        .into_any()
    } else {
        let rows = waves.into_iter().map(row).collect_view();
        view! {
            <Table name="Waves" caption="Waves, newest first" columns=[
                Column::text("Wave"), Column::text("State"), Column::text("Progress"),
                Column::number("Failed"), Column::text("Asked for by"), Column::text("Begun"),
            ]>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Heading title="Waves" lead="Bulk enablements, newest first." />
        <div id="waves" data-live="" class="panel panel-flush">{body}</div>
    }
}

fn row(wave: Wave) -> impl IntoView {
    let total = wave.counts.total();
    let done = total - wave.counts.waiting - wave.counts.running;
    view! {
        <tr>
            <td><a class="row-link" href=paths::wave(wave.id)>{count(total, "biller", "billers")}</a></td>
            <td>{wave.state.badge()}</td>
            <td>
                <progress class="progress tone-moving" value=done max=total aria-label="Billers done"></progress>
                <span class="num">{done} " of " {total}</span>
            </td>
            <td class="col-num num">{wave.counts.failed}</td>
            <td>{wave.requested_by.name().to_owned()}</td>
            <td><Time at=wave.created_at /></td>
        </tr>
    }
}
