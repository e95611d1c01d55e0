//! What the vendor promised: incidents by rule, alerts told once, maintenance that a second person approves.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use domain::{
    Timestamp,
    access::Refusal,
    actor::{Actor, Role},
    audit::AuditAction,
    event::DeliveryState,
    performance::{
        Alarm, AlertBody, AlertState, CallKey, CallOutcome, CallSource, Cell, Count, IncidentFacts,
        IncidentState, MaintenanceState, Minute, OperationGroup, Verdict, Whose,
    },
};
use secureauth::Operation;
use services::{
    ServiceError,
    performance::{
        alerts,
        incidents::{self, Edit},
        maintenance::{self, Proposal},
        objectives::{self, Promise},
    },
    settings::{MailSettings, ProbeSettings},
    worker,
};
use standardwebhooks::Webhook;
use storage::{Bookkeeping, calls};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::world::{SECRET, World, receiver};

const MINUTE: Duration = Duration::from_secs(60);

fn cell(outcome: CallOutcome, calls: u64) -> Cell {
    let mut cell = Cell::default();
    cell.tally.add(outcome, calls);
    for _ in 0..calls {
        cell.latencies.add(Duration::from_millis(20));
    }
    cell
}

/// Writes down that an operation was called so often in a minute.
async fn measured(world: &World, minute: Minute, operation: Operation, outcome: CallOutcome, calls: u64) {
    let key = CallKey { operation: operation.as_str().to_owned(), source: CallSource::Probe };
    let mut tx = world.console.store.begin().await.unwrap();
    calls::add(&mut tx, vec![(key, minute, cell(outcome, calls))]).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::Measurements).await.unwrap();
}

/// A minute passes in which pools were read with this outcome; then the watch looks.
async fn minute(world: &World, outcome: CallOutcome) {
    world.clock.advance(MINUTE);
    measured(world, Minute::of(world.console.now()), Operation::GetPool, outcome, 10).await;
    world.work().await;
}

fn reviewer(world: &World) -> Actor {
    world.person(Role::VendorReview)
}

/// Another person of the same calling.
fn second(world: &World) -> Actor {
    world.person(Role::PlatformOwner)
}

fn promise(target: &str) -> Promise {
    Promise {
        name: "Pools".to_owned(),
        group: OperationGroup::Identity.as_str().to_owned(),
        target: target.to_owned(),
        window: "month".to_owned(),
        clause: Some("§ 4.2".to_owned()),
        ..Promise::default()
    }
}

/// What a receiver of webhooks was told.
type Told = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn hook() -> (Told, String) {
    let told = Told::default();
    let taking = Arc::clone(&told);
    let take = move |headers: HeaderMap, body: Bytes| async move {
        taking.lock().unwrap().push((headers, body));
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (told, url)
}

/// A mail server that takes every message; what was sent to it, line by line.
async fn mail_server() -> (Arc<Mutex<Vec<String>>>, String) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Arc::clone(&lines);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut read = BufReader::new(read).lines();
            write.write_all(b"220 mail.test\r\n").await.unwrap();
            let mut writing = false;
            while let Ok(Some(line)) = read.next_line().await {
                let answer = match line.as_str() {
                    "." => "250 taken\r\n",
                    "DATA" => "354 go on\r\n",
                    "QUIT" => "221 bye\r\n",
                    _ if writing => "",
                    _ => "250 mail.test\r\n",
                };
                writing = line == "DATA" || (writing && line != ".");
                taken.lock().unwrap().push(line);
                write.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (lines, url)
}

#[tokio::test]
async fn an_incident_opens_and_closes_by_rule_and_is_told_once_each_time() {
    let (told, url) = hook().await;
    World::each(async |world: World| {
        told.lock().unwrap().clear();
        let world = world
            .restarted_with(|settings| {
                settings.alerts.webhooks = vec![receiver("on call", &url)];
                settings.alerts.console_url = Some("https://console.example/".parse().unwrap());
            })
            .await;
        worker::prepare(&world.console).await.unwrap();
        for _ in 0..2 {
            minute(&world, CallOutcome::ServerError).await;
        }
        assert!(incidents::list(&world.console, &reviewer(&world)).await.unwrap().is_empty());
        let began = Minute(Minute::of(world.console.now()).0 - 1).begins();
        for _ in 0..3 {
            minute(&world, CallOutcome::Network).await;
        }
        let list = incidents::list(&world.console, &reviewer(&world)).await.unwrap();
        assert_eq!(list.len(), 1, "{list:?}");
        let open = &list[0];
        assert_eq!((open.state, open.group), (IncidentState::Open, Some(OperationGroup::Identity)));
        assert_eq!((open.began, open.opened_by.clone()), (began, None), "it began with the first bad minute");

        for _ in 0..6 {
            minute(&world, CallOutcome::Ok).await;
        }
        let closed = incidents::show(&world.console, &reviewer(&world), open.id).await.unwrap();
        assert_eq!(closed.incident.state, IncidentState::Closed);
        assert_eq!(closed.incident.length(), Some(5 * MINUTE));
        assert_eq!(closed.notes.len(), 2, "{:?}", closed.notes);

        let alerts = alerts::list(&world.console, &reviewer(&world)).await.unwrap();
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert_eq!(alerts[0].alert.state, AlertState::Resolved);
        assert!(alerts[0].messages.iter().all(|message| message.state == DeliveryState::Delivered));
        let bodies: Vec<AlertBody> = told
            .lock()
            .unwrap()
            .iter()
            .map(|(headers, body)| {
                let text = |name: &str| headers[name].to_str().unwrap();
                let signature = Webhook::new(SECRET)
                    .unwrap()
                    .sign(text("webhook-id"), text("webhook-timestamp").parse().unwrap(), body)
                    .unwrap();
                assert_eq!(text("webhook-signature"), signature);
                serde_json::from_slice(body).unwrap()
            })
            .collect();
        let kinds: Vec<&str> = bodies.iter().map(|body| body.kind.as_str()).collect();
        assert_eq!(kinds, ["alert.firing", "alert.resolved"], "once each");
        assert_eq!(bodies[0].data.id, bodies[1].data.id, "so that the receiver can fold them");
        assert_eq!(bodies[0].data.url, "https://console.example/performance/incidents");
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_is_down_is_told_later_and_nothing_is_told_twice() {
    let world = World::with(|settings| {
        settings.alerts.webhooks = vec![receiver("on call", "http://127.0.0.1:9/hook")];
    })
    .await;
    worker::prepare(&world.console).await.unwrap();
    for _ in 0..4 {
        minute(&world, CallOutcome::ServerError).await;
    }
    let messages =
        || async { alerts::list(&world.console, &reviewer(&world)).await.unwrap()[0].messages.clone() };
    let waiting = messages().await;
    assert_eq!((waiting.len(), waiting[0].state), (1, DeliveryState::Pending));
    assert!(waiting[0].last_error.as_deref().is_some_and(|why| why.contains("could not be reached")));

    let (told, url) = hook().await;
    let world =
        world.restarted_with(|settings| settings.alerts.webhooks = vec![receiver("on call", &url)]).await;
    world.clock.advance(6 * MINUTE);
    world.work().await;
    world.work().await;
    let id =
        told.lock().unwrap().iter().map(|(headers, _)| headers["webhook-id"].clone()).collect::<Vec<_>>();
    assert_eq!(id, [waiting[0].id.to_string()]);
}

#[tokio::test]
async fn alerts_are_written_as_e_mail_too() {
    let (lines, url) = mail_server().await;
    let world = World::with(|settings| {
        settings.alerts.mail = Some(MailSettings {
            server: url.into(),
            from: "Console <console@example.test>".parse().unwrap(),
            to: vec!["on-call@example.test".parse().unwrap()],
        });
    })
    .await;
    worker::prepare(&world.console).await.unwrap();
    for _ in 0..3 {
        minute(&world, CallOutcome::ServerError).await;
    }
    let sent = lines.lock().unwrap().join("\n");
    assert!(sent.contains("RCPT TO:<on-call@example.test>"), "{sent}");
    assert!(sent.contains("Subject: [Sandbox] Alert: SecureAuth fails for"), "{sent}");
    let alerts = alerts::list(&world.console, &reviewer(&world)).await.unwrap();
    assert_eq!(alerts[0].messages[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_stopped_prober_raises_an_alarm_of_its_own() {
    let world = World::new().await;
    // The watch goes on; nobody carries probes.
    worker::prepare(&world.console).await.unwrap();
    let world = world
        .restarted_with(|settings| {
            settings.probes =
                ProbeSettings { every_minutes: Some(1), tokens_every_minutes: 15, ..ProbeSettings::OFF };
        })
        .await;
    minute(&world, CallOutcome::Ok).await;
    let seen = async || alerts::list(&world.console, &reviewer(&world)).await.unwrap();
    assert!(seen().await.is_empty());
    world.clock.advance(10 * MINUTE);
    world.work().await;
    let stopped = seen().await;
    assert_eq!(stopped.len(), 1);
    assert!(stopped[0].alert.text.starts_with("The probes have stopped"), "{}", stopped[0].alert.text);
    minute(&world, CallOutcome::Ok).await;
    assert_eq!(seen().await[0].alert.state, AlertState::Resolved);
}

fn at(text: &str) -> Timestamp {
    let at: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_micros(at.as_microsecond())
}

fn window(from: Timestamp, to: Timestamp) -> Proposal {
    Proposal { whose: Whose::Vendor, from, to, note: "Announced by e-mail on March 1".to_owned() }
}

#[tokio::test]
async fn approved_maintenance_is_left_out_and_the_raw_number_stands_beside_it() {
    World::each(async |world: World| {
        let (ours, other) = (reviewer(&world), second(&world));
        // The 20th of the month, so that whole days, cut ones and today are read.
        world.clock.set(at("2027-03-20T12:30:00Z"));
        let minute_at = |text: &str| Minute::of(at(text));
        for (when, outcome, calls) in [
            ("2027-02-28T23:59:00Z", CallOutcome::ServerError, 500),
            ("2027-03-01T00:00:00Z", CallOutcome::Ok, 1_000),
            ("2027-03-09T10:00:00Z", CallOutcome::Ok, 990),
            ("2027-03-09T10:10:00Z", CallOutcome::ServerError, 10),
            ("2027-03-09T11:00:00Z", CallOutcome::ServerError, 1),
            ("2027-03-20T12:29:00Z", CallOutcome::Timeout, 7),
        ] {
            measured(&world, minute_at(when), Operation::GetPool, outcome, calls).await;
        }
        for (when, calls) in [("2027-03-09T10:00:00Z", 99), ("2027-03-12T08:00:00Z", 1)] {
            measured(&world, minute_at(when), Operation::FetchToken, CallOutcome::Network, calls).await;
        }
        objectives::set(&world.console, &ours, None, promise("99.9")).await.unwrap();
        let standing = || async {
            let found = objectives::show(&world.console, &ours).await.unwrap();
            assert_eq!(found.len(), 1);
            found.into_iter().next().unwrap()
        };
        let before = standing().await;
        assert_eq!(before.standing.counted, Count { good: 1_990, valid: 2_001 });
        assert_eq!(before.standing.raw, Count { good: 1_990, valid: 2_008 }, "with our own time-outs");
        assert_eq!(before.standing.verdict(before.objective.target), Verdict::Missed);
        assert_eq!((before.standing.whole, before.standing.elapsed), (31 * 1_440, 19 * 1_440 + 750));
        assert_eq!(
            before.unknown,
            before.standing.elapsed - 5,
            "minutes of tokens say nothing of this group"
        );
        assert_eq!(before.burn_down.len(), 20);

        let window = window(at("2027-03-09T10:05:00Z"), at("2027-03-09T10:30:00Z"));
        let id = maintenance::propose(&world.console, &ours, window).await.unwrap();
        let decide = async |actor: &Actor| {
            maintenance::decide(&world.console, actor, id, MaintenanceState::Approved, None).await
        };
        assert!(matches!(decide(&ours).await, Err(ServiceError::Refused(Refusal::OwnMaintenance))));
        assert_eq!(standing().await.standing.counted.valid, 2_001, "not yet approved");
        decide(&other).await.unwrap();
        assert!(matches!(decide(&other).await, Err(ServiceError::Refused(Refusal::MaintenanceDecided))));
        let after = standing().await;
        assert_eq!(after.standing.counted, Count { good: 1_990, valid: 1_991 });
        assert_eq!(after.standing.raw, before.standing.raw, "the raw number does not change");
        assert_eq!(after.standing.verdict(after.objective.target), Verdict::Met);
        assert_eq!((after.left_out, after.unknown), (25, before.unknown - 24), "of 25 one was known");
        let actions: Vec<AuditAction> = world.audit().await.iter().map(|entry| entry.entry.action).collect();
        for action in
            [AuditAction::ObjectiveChanged, AuditAction::MaintenanceProposed, AuditAction::MaintenanceDecided]
        {
            assert_eq!(actions.iter().filter(|one| **one == action).count(), 1, "{action}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_budget_that_burns_raises_an_alarm_until_it_does_not() {
    let world = World::new().await;
    objectives::set(&world.console, &reviewer(&world), None, promise("99.9")).await.unwrap();
    worker::prepare(&world.console).await.unwrap();
    for _ in 0..6 {
        minute(&world, CallOutcome::Ok).await;
    }
    measured(&world, Minute::of(world.console.now()), Operation::GetPool, CallOutcome::ServerError, 4).await;
    minute(&world, CallOutcome::Ok).await;
    let seen = objectives::show(&world.console, &reviewer(&world)).await.unwrap();
    let fast = seen[0].burns[0];
    assert_eq!(fast.alarm(seen[0].objective.target), Alarm::Burning, "{fast:?}");
    let firing = |alerts: &[alerts::AlertView]| {
        alerts.iter().filter(|view| view.alert.state == AlertState::Firing).count()
    };
    let alerts = alerts::list(&world.console, &reviewer(&world)).await.unwrap();
    assert!(firing(&alerts) >= 1, "{alerts:?}");
    assert!(
        incidents::list(&world.console, &reviewer(&world)).await.unwrap().is_empty(),
        "most calls went well"
    );
    for _ in 0..6 {
        minute(&world, CallOutcome::Ok).await;
    }
    let after = alerts::list(&world.console, &reviewer(&world)).await.unwrap();
    let fast = after.iter().find(|view| view.alert.key.ends_with("fast")).unwrap();
    assert_eq!(fast.alert.state, AlertState::Resolved, "the short window is clean again");
}

#[tokio::test]
async fn what_a_form_says_wrong_is_named_at_its_field() {
    let world = World::new().await;
    let ours = reviewer(&world);
    let wrong = async |promise: Promise| match objectives::set(&world.console, &ours, None, promise).await {
        Err(ServiceError::Field { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(Promise { name: " ".to_owned(), ..promise("99") }).await, "name");
    assert_eq!(wrong(promise("100")).await, "target");
    assert_eq!(wrong(Promise { limit: "soon".to_owned(), ..promise("99") }).await, "limit");
    assert_eq!(wrong(Promise { group: "tea".to_owned(), ..promise("99") }).await, "group");
    let refused = objectives::set(&world.console, &world.person(Role::Auditor), None, promise("99")).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))));

    let id = objectives::set(&world.console, &ours, None, promise("99")).await.unwrap();
    assert_eq!(objectives::set(&world.console, &ours, Some(id), promise("98")).await.unwrap(), id);
    let found = objectives::show(&world.console, &ours).await.unwrap();
    assert_eq!((found.len(), found[0].objective.target.to_string()), (1, "98".to_owned()));
    assert_eq!(found[0].standing.verdict(found[0].objective.target), Verdict::Unknown);
    objectives::retire(&world.console, &ours, id).await.unwrap();
    assert!(objectives::show(&world.console, &ours).await.unwrap().is_empty());
    assert!(matches!(
        objectives::retire(&world.console, &ours, id).await,
        Err(ServiceError::NotFound { .. })
    ));
}

#[tokio::test]
async fn people_open_annotate_and_close_incidents_and_see_each_others_changes() {
    World::each(async |world: World| {
        let ours = reviewer(&world);
        let began = world.console.now().minus(30 * MINUTE);
        let id = incidents::open(&world.console, &ours, "Sign-in pages slow", None, began).await.unwrap();
        incidents::note(&world.console, &ours, id, "Told SecureAuth by phone").await.unwrap();
        let seen = incidents::show(&world.console, &ours, id).await.unwrap();
        assert_eq!((seen.incident.state, seen.notes.len()), (IncidentState::Open, 1));
        let known = IncidentFacts {
            ticket: Some("SA-4711".to_owned()),
            users: Some(1_200),
            ..IncidentFacts::default()
        };
        let edit = |ended| Edit {
            seen: seen.incident.version,
            title: "Sign-in pages slow".to_owned(),
            ended,
            known: known.clone(),
        };
        let early = incidents::edit(&world.console, &ours, id, edit(Some(began.minus(MINUTE)))).await;
        assert!(matches!(early, Err(ServiceError::Field { field: "ended", .. })), "{early:?}");
        incidents::edit(&world.console, &ours, id, edit(Some(world.console.now()))).await.unwrap();
        let late = incidents::edit(&world.console, &second(&world), id, edit(None)).await;
        assert!(late.is_err(), "the second person saw an older version");
        let after = incidents::show(&world.console, &ours, id).await.unwrap().incident;
        assert_eq!((after.state, after.length()), (IncidentState::Closed, Some(30 * MINUTE)));
        assert_eq!(after.known, known);
    })
    .await;
}
