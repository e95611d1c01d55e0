//! One delivery: what was sent, what came back, sending it again.

use domain::{
    DeliveryId, Topic,
    event::{Delivery, DeliveryState},
};
use leptos::prelude::*;
use services::deliveries::{self, DeliveryView};

use super::{deliveries::answer, in_path};
use crate::{
    paths,
    ui::{
        Act, Copyable, Crumb, Face, Fact, Facts, Heading, Hidden, Icon, Page, Panel, Place, Submit,
        SubmitKind, Time, page,
    },
};

/// One delivery.
#[component]
pub(crate) fn DeliveryPage() -> impl IntoView {
    let id = in_path("id").parse::<DeliveryId>();
    page(Place::Deliveries, |visit| async move {
        let followed = visit.follow(Topic::Deliveries).await?;
        let view = deliveries::show(&visit.console, &visit.actor, id?).await?;
        let title = title(&view.delivery);
        let announce = format!("Delivery {}.", view.delivery.state.label().to_lowercase());
        Ok(Page::new(title, show(view)).live(followed, announce))
    })
}

fn title(delivery: &Delivery) -> String {
    format!("{} for {}", delivery.kind.label(), delivery.bid)
}

fn show(view: DeliveryView) -> impl IntoView + use<> {
    let DeliveryView { delivery, body, send_again } = view;
    let crumbs = vec![Crumb::new(paths::DELIVERIES, "Deliveries")];
    let body = format!("{body:#}");
    let facts = facts(&delivery);
    let title = title(&delivery);
    let kind = if delivery.state == DeliveryState::GaveUp { SubmitKind::Primary } else { SubmitKind::Plain };
    let retry = view! {
        <Act to=paths::act::RETRY_DELIVERY>
            <Hidden name="id" value=delivery.id.to_string() />
            <Submit id="retry-delivery" label="Send again now" icon=Icon::Send kind allowed=send_again />
        </Act>
    };
    view! {
        <Heading title crumbs><div id="action" data-live="">{retry}</div></Heading>
        <div class="columns">
            <div class="column-wide">
                <Panel id="body" title="What is sent" lead="With the headers webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks).">
                    <pre class="json" tabindex="0" aria-label="Body of the event">{body}</pre>
                </Panel>
            </div>
            <div class="column-narrow">
                <Panel id="delivery" title="Delivery" live=true>{facts}</Panel>
            </div>
        </div>
    }
}

fn facts(delivery: &Delivery) -> impl IntoView + use<> {
    let next = delivery.next_at.map(|at| view! { <Fact label="Next try"><Time at /></Fact> });
    let delivered = delivery.delivered_at.map(|at| view! { <Fact label="Delivered"><Time at /></Fact> });
    let answer = answer(delivery);
    let delivery = delivery.clone();
    view! {
        <Facts class="facts-tight">
            <Fact label="State">{delivery.state.badge()}</Fact>
            <Fact label="Biller"><a class="link mono" href=paths::biller(&delivery.bid)>{delivery.bid.to_string()}</a></Fact>
            <Fact label="Receiver">{delivery.endpoint.clone()}</Fact>
            <Fact label="Happened"><Time at=delivery.created_at /></Fact>
            <Fact label="Attempts"><span class="num">{delivery.attempts}</span></Fact>
            <Fact label="Last answer"><span class="break">{answer}</span></Fact>
            {next}
            {delivered}
            <Fact label="Event id"><Copyable text=delivery.event.to_string() what="event id" /></Fact>
        </Facts>
    }
}
