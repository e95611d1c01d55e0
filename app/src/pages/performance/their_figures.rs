//! SecureAuth's own measurements beside ours, day by day.

use std::time::Duration;

use domain::performance::{MINUTES_PER_DAY, Minute, OperationGroup};
use leptos::prelude::*;
use services::vendor_numbers::figures::{Beside, FiguresView};

use crate::ui::{Column, Empty, Icon, Notice, Panel, Table, Time, Tone, chart, grouped};

/// The panel; nothing where they are neither read nor known.
pub(super) fn their_figures(view: FiguresView) -> impl IntoView {
    let failed = view.read.and_then(|read| read.why.map(|why| (read.at, why))).map(|(at, why)| {
        view! {
            <Notice tone=Tone::Bad text="SecureAuth did not answer when its figures were read.">
                <p>{why} " " <Time at=at /></p>
            </Notice>
        }
    });
    let list = if view.days.is_empty() {
        view! { <Empty icon=Icon::Clock title="No figures of these days" text="SecureAuth keeps 90 days; they are read once an hour." /> }
            .into_any()
    } else {
        table(view.days).into_any()
    };
    view! {
        <Panel id="theirs" title="As SecureAuth measures itself" live=true
            lead="Of all requests that it served, whoever made them; ours are those of the console, with the way there and back. Days are UTC.">
            {failed}
            {list}
        </Panel>
    }
}

fn table(days: Vec<Beside>) -> impl IntoView {
    let rows = days.into_iter().map(row).collect_view();
    let numbers =
        ["Requests", "Half: theirs", "ours", "95 of 100: theirs", "ours", "99 of 100: theirs", "ours"];
    let columns = [Column::text("Day"), Column::text("API")].into_iter();
    let columns: Vec<Column> = columns.chain(numbers.map(Column::number)).collect();
    view! {
        <Table name="Table of SecureAuth's own figures" caption="SecureAuth's own figures beside ours, newest day first" columns>
            {rows}
        </Table>
    }
}

fn row(beside: Beside) -> impl IntoView {
    let Beside { theirs, ours } = beside;
    let day = Minute(theirs.day * MINUTES_PER_DAY).begins();
    let api = theirs
        .api
        .parse()
        .map_or_else(|_| theirs.api.clone(), |group: OperationGroup| group.label().to_owned());
    let latency = |it: Option<Duration>| it.map_or_else(|| "–".to_owned(), chart::latency);
    let requests = theirs.requests.map_or_else(|| "–".to_owned(), grouped);
    let own = |of: fn(&services::performance::show::Figures) -> Option<Duration>| {
        latency(ours.as_ref().and_then(of))
    };
    let cells = [
        requests,
        latency(theirs.p50),
        own(|it| it.p50),
        latency(theirs.p95),
        own(|it| it.p95),
        latency(theirs.p99),
        own(|it| it.p99),
    ]
    .map(|text| view! { <td class="col-num num">{text}</td> })
    .collect_view();
    view! { <tr><td><Time at=day /></td><td>{api}</td>{cells}</tr> }
}
