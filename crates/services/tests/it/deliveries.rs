//! Outbound events against a real receiver: signed, repeated, given up, sent again by hand.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header::LOCATION},
    routing::post,
};
use domain::{
    DeliveryId, EventId, JobId, Timestamp,
    access::Refusal,
    actor::Role,
    audit::AuditAction,
    event::{Delivery, DeliveryState, EventBody, EventData, EventKind, RETRY_AFTER},
};
use services::{Console, ServiceError, deliveries, overview, worker};
use standardwebhooks::Webhook;
use storage::{Bookkeeping, events::DeliveryQuery};
use tokio::{net::TcpListener, sync::Notify};

use crate::world::{SECRET, World, receiver};

/// A receiver that answers as told, and 204 once it has been told nothing more.
#[derive(Clone, Default)]
struct Endpoint {
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Endpoint {
    /// Listens; the answer is its address.
    async fn start(answers: impl IntoIterator<Item = u16>) -> (Self, String) {
        let endpoint = Self::default();
        endpoint
            .answers
            .lock()
            .unwrap()
            .extend(answers.into_iter().map(|code| StatusCode::from_u16(code).unwrap()));
        let taking = endpoint.clone();
        let take = move |headers: HeaderMap, body: Bytes| async move {
            taking.received.lock().unwrap().push((headers, body));
            let status = taking.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::NO_CONTENT);
            (status, [(LOCATION, "/elsewhere")])
        };
        let router = Router::new().route("/events", post(take.clone())).route("/elsewhere", post(take));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (endpoint, url)
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    fn last(&self) -> (HeaderMap, Bytes) {
        self.received.lock().unwrap().last().unwrap().clone()
    }
}

/// Writes an event down as a finished run does, for one receiver.
async fn record(world: &World, endpoint: &str) -> DeliveryId {
    let bid = world.biller("34", "City of Abbeville").await;
    let (clock, entropy) = (world.clock.as_ref(), world.console.entropy.as_ref());
    let (delivery, job) = (DeliveryId::new(clock, entropy), JobId::new(clock, entropy));
    let login_url = Some("https://login.example/b/city-of-abbeville".to_owned());
    let body = EventBody {
        kind: EventKind::Enabled,
        timestamp: world.console.now().rfc3339(),
        data: EventData { bid: bid.clone(), login_url, use_cases: None, issuer: None, failure: None },
    };
    let mut tx = world.console.store.begin().await.unwrap();
    let to = [(delivery, job, endpoint.to_owned())];
    storage::events::record(
        &mut tx,
        EventId::new(clock, entropy),
        EventKind::Enabled,
        &bid,
        &body,
        &to,
        world.console.now(),
    )
    .await
    .unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
    delivery
}

async fn find(world: &World, id: DeliveryId) -> Delivery {
    deliveries::show(&world.console, &world.person(Role::Ops), id).await.unwrap().delivery
}

/// How often the audit log says that somebody sent a delivery again.
async fn retried(world: &World) -> usize {
    world.audit().await.iter().filter(|it| it.entry.action == AuditAction::DeliveryRetried).count()
}

async fn work(console: &Console) {
    worker::run_until_idle(console).await.unwrap();
}

#[tokio::test]
async fn an_event_arrives_signed_after_the_receiver_has_failed_once() {
    World::each(async |world: World| {
        let (endpoint, url) = Endpoint::start([500]).await;
        let console = world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)]);
        // The crate that checks signatures compares with the computer's own clock.
        let real = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap();
        world.clock.set(Timestamp::from_micros(real));
        let id = record(&world, "crm").await;
        work(&console).await;
        let failed = find(&world, id).await;
        assert_eq!(
            (failed.state, failed.attempts, failed.last_status),
            (DeliveryState::Pending, 1, Some(500))
        );
        assert_eq!(failed.next_at, Some(world.console.now().plus(Duration::from_secs(RETRY_AFTER[0]))));
        assert!(failed.last_error.unwrap().contains("receiver failed"));
        work(&console).await;
        assert_eq!(endpoint.count(), 1, "not before its time");

        let first = endpoint.last();
        world.clock.advance(Duration::from_secs(RETRY_AFTER[0]));
        work(&console).await;
        let done = find(&world, id).await;
        assert_eq!((done.state, done.attempts, done.last_status), (DeliveryState::Delivered, 2, Some(204)));
        assert_eq!(done.delivered_at, Some(world.console.now()));
        let (headers, body) = endpoint.last();
        assert_eq!(headers["webhook-id"], first.0["webhook-id"], "receivers drop repeats by it");
        assert_eq!(headers["webhook-id"].to_str().unwrap(), done.event.to_string());
        assert_eq!(headers["content-type"], "application/json");
        Webhook::new(SECRET).unwrap().verify(&body, &headers).expect("signature");
        let told: EventBody = serde_json::from_slice(&body).unwrap();
        assert_eq!((told.kind, told.data.bid.as_str()), (EventKind::Enabled, "34"));
        work(&console).await;
        assert_eq!(endpoint.count(), 2, "what was accepted is not sent again");
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_given_up_after_27_hours_and_can_be_sent_again_by_hand() {
    World::each(async |world: World| {
        let (endpoint, url) = Endpoint::start([503; 8]).await;
        let console = world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)]);
        let ops = world.person(Role::Ops);
        let id = record(&world, "crm").await;
        work(&console).await;
        for pause in RETRY_AFTER {
            world.clock.advance(Duration::from_secs(pause));
            work(&console).await;
        }
        let dead = find(&world, id).await;
        assert_eq!((dead.state, dead.attempts, dead.next_at), (DeliveryState::GaveUp, 8, None));
        world.clock.advance(Duration::from_secs(86_400));
        work(&console).await;
        assert_eq!(endpoint.count(), 8, "a person decides now");
        assert_eq!(overview::show(&console, &ops).await.unwrap().stuck_deliveries, 1);

        deliveries::retry(&console, &ops, id).await.unwrap();
        work(&console).await;
        assert_eq!(find(&world, id).await.state, DeliveryState::Delivered);
        assert_eq!(endpoint.count(), 9);
        let entry = world.audit().await.remove(0).entry;
        assert_eq!((entry.action, entry.subject.id), (AuditAction::DeliveryRetried, id.to_string()));
    })
    .await;
}

#[tokio::test]
async fn what_waits_can_be_sent_now_and_what_arrived_is_left_alone() {
    World::each(async |world: World| {
        let (endpoint, url) = Endpoint::start([500]).await;
        let console = world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)]);
        let ops = world.person(Role::Ops);
        let id = record(&world, "crm").await;
        work(&console).await;
        assert_eq!(find(&world, id).await.state, DeliveryState::Pending);
        deliveries::retry(&console, &ops, id).await.unwrap();
        work(&console).await;
        assert_eq!((find(&world, id).await.state, endpoint.count()), (DeliveryState::Delivered, 2));
        let needless = deliveries::retry(&console, &ops, id).await;
        assert!(matches!(needless, Err(ServiceError::Refused(Refusal::Delivered { .. }))), "{needless:?}");
        assert_eq!(retried(&world).await, 1, "what was refused leaves no entry");
        world.clock.advance(Duration::from_secs(86_400));
        work(&console).await;
        assert_eq!(endpoint.count(), 2, "the attempt that was planned before is not made any more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_send_it_again_at_once_send_it_once() {
    World::each(async |world: World| {
        let (endpoint, url) = Endpoint::start([410]).await;
        let console = world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)]);
        let id = record(&world, "crm").await;
        work(&console).await;
        assert_eq!(find(&world, id).await.state, DeliveryState::GaveUp);
        let press = |role: Role| {
            let (console, person) = (console.clone(), world.person(role));
            tokio::spawn(async move { deliveries::retry(&console, &person, id).await })
        };
        let both = [press(Role::Ops), press(Role::PlatformOwner), press(Role::Ops)];
        let mut done = 0;
        for pressed in both {
            match pressed.await.unwrap() {
                Ok(()) => done += 1,
                Err(ServiceError::Refused(Refusal::BeingSent)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((done, retried(&world).await), (1, 1));
        let lag = storage::jobs::lag(&mut console.store.read().await.unwrap(), console.now()).await.unwrap();
        assert_eq!(lag.due + lag.leased + lag.later, 1, "one job: {lag:?}");
        work(&console).await;
        assert_eq!((find(&world, id).await.state, endpoint.count()), (DeliveryState::Delivered, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_sent_is_not_sent_beside_it() {
    World::each(async |world: World| {
        let (held, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (arrived, go_on) = (held.clone(), release.clone());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let router = Router::new().route(
            "/events",
            post(move || async move {
                counted.fetch_add(1, Ordering::SeqCst);
                arrived.notify_one();
                go_on.notified().await;
                StatusCode::NO_CONTENT
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let console = world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)]);
        let ops = world.person(Role::Ops);
        let id = record(&world, "crm").await;
        let waits = deliveries::show(&console, &ops, id).await.unwrap();
        assert_eq!(waits.send_again, Err(Refusal::BeingSent), "a worker takes it at once");

        let working = console.clone();
        let worker = tokio::spawn(async move { work(&working).await });
        held.notified().await;
        let beside = deliveries::retry(&console, &ops, id).await;
        assert!(matches!(beside, Err(ServiceError::Refused(Refusal::BeingSent))), "{beside:?}");
        release.notify_one();
        worker.await.unwrap();
        work(&console).await;
        assert_eq!(
            (find(&world, id).await.state, count.load(Ordering::SeqCst)),
            (DeliveryState::Delivered, 1)
        );
        assert_eq!(retried(&world).await, 0);
        let done = deliveries::show(&console, &ops, id).await.unwrap();
        assert_eq!(done.send_again, Err(Refusal::Delivered { at: console.now() }));
    })
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let (endpoint, url) = Endpoint::start([307]).await;
    let console = world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)]);
    let id = record(&world, "crm").await;
    work(&console).await;
    let failed = find(&world, id).await;
    assert_eq!((endpoint.count(), failed.last_status), (1, Some(307)));
    assert!(failed.last_error.unwrap().contains("Configure the final address"));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_given_up_with_the_reason() {
    World::each(async |world: World| {
        let removed = record(&world, "crm").await;
        work(&world.console_with(|settings| settings.receivers.clear())).await;
        let delivery = find(&world, removed).await;
        assert_eq!((delivery.state, delivery.last_status), (DeliveryState::GaveUp, None));
        assert!(delivery.last_error.unwrap().contains("no longer configured"));

        let (_, url) = Endpoint::start([410]).await;
        let unwanted = record(&world, "crm").await;
        work(&world.console_with(|settings| settings.receivers = vec![receiver("crm", &url)])).await;
        let delivery = find(&world, unwanted).await;
        assert_eq!((delivery.state, delivery.last_status), (DeliveryState::GaveUp, Some(410)));
    })
    .await;
}

#[tokio::test]
async fn no_connection_and_an_unusable_secret_say_what_to_do() {
    let world = World::new().await;
    let unreachable = record(&world, "portal").await;
    work(&world.console).await;
    let why = find(&world, unreachable).await.last_error.unwrap();
    assert!(why.starts_with("The receiver could not be reached") && !why.contains("127.0.0.1"), "{why}");

    let (endpoint, url) = Endpoint::start([]).await;
    let unsigned = record(&world, "crm").await;
    let console = world.console_with(|settings| {
        let mut crm = receiver("crm", &url);
        crm.secret = "whsec_not base64!".to_owned().into();
        settings.receivers.push(crm);
    });
    work(&console).await;
    let delivery = find(&world, unsigned).await;
    assert!(delivery.last_error.unwrap().contains("whsec_"));
    assert_eq!((endpoint.count(), delivery.state), (0, DeliveryState::Pending), "nothing goes out unsigned");
}

#[tokio::test]
async fn the_page_of_deliveries_is_paged_filtered_and_names_the_receivers() {
    World::each(async |world: World| {
        for _ in 0..5 {
            record(&world, "portal").await;
            world.clock.advance(Duration::from_secs(1));
        }
        let auditor = world.person(Role::Auditor);
        let mut query = DeliveryQuery { limit: 2, ..DeliveryQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = deliveries::list(&world.console, &auditor, &query).await.unwrap();
            assert_eq!(page.receivers, ["portal"]);
            seen.extend(page.deliveries.iter().map(|delivery| delivery.id));
            match page.next {
                Some(before) => query.before = Some(before),
                None => break,
            }
        }
        assert_eq!(seen.len(), 5);
        assert!(seen.is_sorted_by(|newer, older| newer > older), "newest first");
        let none =
            DeliveryQuery { state: Some(DeliveryState::GaveUp), limit: 10, ..DeliveryQuery::default() };
        assert!(deliveries::list(&world.console, &auditor, &none).await.unwrap().deliveries.is_empty());
    })
    .await;
}
