//! Outbound events and whether they arrived.

use domain::{
    Bid, DeliveryId, Timestamp, Topic,
    event::{Delivery, DeliveryState},
};
use leptos::prelude::*;
use services::{DeliveryQuery, deliveries, deliveries::DeliveriesPage as Found};
use url::form_urlencoded::{self, Serializer};

use crate::{
    paths,
    ui::{Column, Empty, Face, Heading, Icon, Page, Place, Table, Time, page, time},
};

/// Deliveries on a page.
const PAGE: usize = 50;

/// What the URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Query {
    state: Option<DeliveryState>,
    bid: Option<Bid>,
    before: Option<(Timestamp, DeliveryId)>,
}

impl Query {
    fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "state" => parsed.state = value.parse().ok(),
                "bid" => parsed.bid = Bid::parse(&value).ok(),
                "before" => parsed.before = place(&value),
                _ => {}
            }
        }
        parsed
    }

    fn to_query(&self) -> String {
        let mut out = Serializer::new(String::new());
        if let Some(state) = self.state {
            out.append_pair("state", state.as_str());
        }
        if let Some(bid) = &self.bid {
            out.append_pair("bid", bid.as_str());
        }
        if let Some((at, id)) = self.before {
            out.append_pair("before", &format!("{}~{id}", at.micros()));
        }
        out.finish()
    }

    fn to_storage(&self) -> DeliveryQuery {
        DeliveryQuery {
            state: self.state,
            bid: self.bid.clone(),
            before: self.before,
            limit: PAGE,
            ..DeliveryQuery::default()
        }
    }
}

/// A place in the list, e.g. `1795435200000000~0199…`.
fn place(text: &str) -> Option<(Timestamp, DeliveryId)> {
    let (at, id) = text.split_once('~')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

/// Outbound events and whether they arrived.
#[component]
pub(crate) fn DeliveriesPage() -> impl IntoView {
    page(Place::Deliveries, |visit| async move {
        let query = Query::parse(&visit.query);
        let followed = visit.follow(Topic::Deliveries).await?;
        let found = deliveries::list(&visit.console, &visit.actor, &query.to_storage()).await?;
        Ok(Page::new("Deliveries", show(query, found)).live(followed, ""))
    })
}

fn show(query: Query, found: Found) -> impl IntoView {
    let lead = match found.receivers.as_slice() {
        [] => "No receiver is configured, so events are told to nobody.".to_owned(),
        names => format!("Signed events to {}, newest first.", names.join(", ")),
    };
    let older = found.next.map(|next| {
        paths::with_query(paths::DELIVERIES, &Query { before: Some(next), ..query.clone() }.to_query())
    });
    let body = if found.deliveries.is_empty() {
        nothing(&query).into_any()
    } else {
        table(found.deliveries).into_any()
    };
    view! {
        <Heading title="Deliveries" lead />
        {filters(&query)}
        <section id="deliveries" class="panel panel-flush" data-live="" aria-label="Deliveries">
            {body}
            {older.map(|href| view! { <nav class="pager" aria-label="Pages"><a class="btn btn-sm" href=href>"Older deliveries"</a></nav> })}
        </section>
    }
}

fn filters(query: &Query) -> impl IntoView + use<> {
    let bid = query.bid.as_ref().map(ToString::to_string).unwrap_or_default();
    let options = DeliveryState::ALL
        .iter()
        .map(|state| {
            let selected = query.state == Some(*state);
            view! { <option value=state.as_str() selected=selected>{state.label()}</option> }
        })
        .collect_view();
    view! {
        <form method="get" action=paths::DELIVERIES class="filter-row" role="search" aria-label="Deliveries">
            <div class="field">
                <label for="state">"State"</label>
                <select class="select select-sm" id="state" name="state"><option value="">"All"</option>{options}</select>
            </div>
            <div class="field">
                <label for="bid">"bid"</label>
                <input class="input input-sm" type="text" id="bid" name="bid" value=bid maxlength="64" autocomplete="off" />
            </div>
            <button type="submit" class="btn btn-sm">"Filter"</button>
        </form>
    }
}

fn nothing(query: &Query) -> impl IntoView + use<> {
    let filtered = *query != Query::default();
    let (title, text) = if filtered {
        ("No delivery matches", "Try another state, or clear the bid.")
    } else {
        (
            "No event was sent yet",
            "IC is told when a biller was enabled, suspended, resumed, or when a run failed.",
        )
    };
    view! { <Empty icon=Icon::Send title text /> }
}

fn table(deliveries: Vec<Delivery>) -> impl IntoView {
    let rows = deliveries.into_iter().map(row).collect_view();
    view! {
        <Table name="Table of deliveries" caption="Deliveries, newest first" columns=[
            Column::text("Event"), Column::text("Biller"), Column::text("To"), Column::text("State"),
            Column::number("Attempts"), Column::text("Last answer"), Column::text("Happened"),
        ]>
            {rows}
        </Table>
    }
}

fn row(delivery: Delivery) -> impl IntoView {
    let next = delivery.next_at.map(|at| view! { <p class="row-sub">"next try " {time::age_here(at)}</p> });
    view! {
        <tr>
            <td><a class="row-link" href=paths::delivery(delivery.id)>{delivery.kind.label()}</a></td>
            <td><a class="link mono" href=paths::biller(&delivery.bid)>{delivery.bid.to_string()}</a></td>
            <td>{delivery.endpoint.clone()}</td>
            <td>{delivery.state.badge()} {next}</td>
            <td class="col-num num">{delivery.attempts}</td>
            <td>{answer(&delivery)}</td>
            <td><Time at=delivery.created_at /></td>
        </tr>
    }
}

/// The last answer in words.
pub(super) fn answer(delivery: &Delivery) -> String {
    match (delivery.last_status, &delivery.last_error) {
        (Some(status), Some(error)) => format!("HTTP {status}: {error}"),
        (Some(status), None) => format!("HTTP {status}"),
        (None, Some(error)) => error.clone(),
        (None, None) => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_place_survive_the_url() {
        let query = Query {
            state: Some(DeliveryState::GaveUp),
            bid: Bid::parse("34").ok(),
            before: Some((
                Timestamp::from_micros(17),
                "01990000-0000-7000-8000-000000000001".parse().expect("an id"),
            )),
        };
        assert_eq!(Query::parse(&query.to_query()), query);
        assert_eq!(Query::parse("state=lost&before=x~y&bid=a%20b"), Query::default());
    }
}
