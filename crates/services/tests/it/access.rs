//! Every use case against every actor: the role decides before anything is looked at.

use domain::{
    Bid, DeliveryId, ImportId, WaveId,
    access::Refusal,
    actor::{
        Actor,
        Capability::{self, *},
        Role,
    },
    filter::{BillerFilter, ListQuery},
    oidc::OldSecret,
    wave::WaveRules,
};
use futures::future::BoxFuture;
use services::{
    ServiceError,
    activity::{self, Format},
    announce_biller, apply_import, biller_oidc,
    bulk_enable::{self, Selection},
    deliveries, discard_import,
    edit_handover::{self, GoLiveForm},
    enable_biller,
    hand_over_secret::{self, Wanted},
    list_billers, overview, redeem_login, resume_biller, retry_run, show_biller, stage_import,
    suspend_biller, take_back_run,
};
use storage::{audit::AuditQuery, events::DeliveryQuery};
use uuid::Uuid;

use crate::world::{World, draft};

type Call = for<'a> fn(&'a World, &'a Actor, &'a Bid) -> BoxFuture<'a, Result<(), ServiceError>>;

macro_rules! cases {
    ($($name:literal needs $capability:ident: |$w:ident, $a:ident, $bid:ident| $call:expr;)+) => {
        vec![$(($name, $capability, (|$w, $a, $bid| Box::pin(async move {
            // Some calls are about no biller.
            let _ = $bid;
            let $w = &$w.console;
            $call.await.map(drop)
        })) as Call)),+]
    };
}

fn no_secret() -> Wanted {
    Wanted { typed_name: "Nobody".to_owned(), seen: None, old: OldSecret::Day, reason: None }
}

fn cases() -> Vec<(&'static str, Capability, Call)> {
    cases! {
        "overview" needs ViewBillers: |c, a, bid| overview::show(c, a);
        "list" needs ViewBillers: |c, a, bid| list_billers::list(c, a, &ListQuery::default());
        "show biller" needs ViewBillers: |c, a, bid| show_biller::show(c, a, bid);
        "enable preview" needs ViewBillers: |c, a, bid| enable_biller::preview(c, a, bid);
        "suspend impact" needs ViewBillers: |c, a, bid| suspend_biller::impact(c, a, bid);
        "enable" needs EnableBiller: |c, a, bid| enable_biller::enable(c, a, bid, None);
        "suspend" needs SuspendBiller: |c, a, bid| suspend_biller::suspend(c, a, bid, "Nobody", None);
        "resume" needs SuspendBiller: |c, a, bid| resume_biller::resume(c, a, bid, None);
        "bulk preview" needs ViewBillers: |c, a, bid| bulk_enable::preview(c, a, Selection::Filter(BillerFilter::default()));
        "bulk start" needs RunWaves: |c, a, bid| bulk_enable::start(c, a, &[], WaveRules::default(), None);
        "bulk show" needs ViewBillers: |c, a, bid| bulk_enable::show(c, a, WaveId::from_uuid(Uuid::nil()), None);
        "bulk list" needs ViewBillers: |c, a, bid| bulk_enable::list(c, a);
        "secret" needs ViewBillers: |c, a, bid| hand_over_secret::view(c, a, bid);
        "make secret" needs HandOverSecret: |c, a, bid| hand_over_secret::make(c, a, bid, no_secret());
        "handover" needs EditHandover: |c, a, bid| edit_handover::set_go_live(c, a, bid, GoLiveForm { seen: "", day: "" });
        "upload" needs ImportBillers: |c, a, bid| stage_import::stage(c, a, "f.csv", &b""[..]);
        "show upload" needs ImportBillers: |c, a, bid| stage_import::show(c, a, no_import());
        "apply upload" needs ImportBillers: |c, a, bid| apply_import::apply(c, a, no_import());
        "import file" needs ImportBillers: |c, a, bid| apply_import::import_file(c, a, "f.csv", &b""[..]);
        "discard upload" needs ImportBillers: |c, a, bid| discard_import::discard(c, a, no_import());
        "announce" needs AnnounceBillers: |c, a, bid| announce_biller::put(c, a, draft("n", "Newcomer"));
        "oidc" needs ReadOidc: |c, a, bid| biller_oidc::get(c, a, bid);
        "redeem" needs RedeemLogin: |c, a, bid| redeem_login::redeem(c, a, bid, "state");
        "deliveries" needs ViewDeliveries: |c, a, bid| deliveries::list(c, a, &DeliveryQuery::default());
        "show delivery" needs ViewDeliveries: |c, a, bid| deliveries::show(c, a, no_delivery());
        "retry delivery" needs RetryDeliveries: |c, a, bid| deliveries::retry(c, a, no_delivery());
        "activity" needs ViewActivity: |c, a, bid| activity::list(c, a, &AuditQuery::default());
        "export" needs ExportActivity: |c, a, bid| activity::export(c, a, AuditQuery::default(), Format::Csv);
    }
}

const fn no_import() -> ImportId {
    ImportId::from_uuid(Uuid::nil())
}

const fn no_delivery() -> DeliveryId {
    DeliveryId::from_uuid(Uuid::nil())
}

#[tokio::test]
async fn every_use_case_refuses_exactly_the_actors_without_its_capability() {
    let world = World::new().await;
    let nobody: Bid = "nobody".parse().expect("bid");
    let mut actors = vec![world.integration(), Actor::Operator, Actor::Policy];
    actors.extend(Role::ALL.iter().map(|role| world.person(*role)));
    for (name, capability, call) in cases() {
        for actor in &actors {
            let result = call(&world, actor, &nobody).await;
            let refused = matches!(result, Err(ServiceError::Refused(Refusal::Role { .. })));
            assert_eq!(refused, actor.may(capability).is_err(), "{name} as {}: {result:?}", actor.id());
            if refused {
                let text = result.expect_err("refused").to_string();
                assert!(
                    text.contains(capability.label()),
                    "{name}: the refusal says what is not allowed: {text}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_failed_run_is_decided_on_only_by_those_who_could_have_asked_for_it() {
    let world = World::new().await;
    let bid = world.biller("34", "City of Abbeville").await;
    let run = world.failed_enablement(&bid, "admin.createClient").await;
    let mut actors = vec![world.integration(), Actor::Operator];
    actors.extend(Role::ALL.iter().map(|role| world.person(*role)));
    actors.retain(|actor| actor.may(EnableBiller).is_err());
    assert!(actors.len() >= 5);
    for actor in &actors {
        let retried = retry_run::retry(&world.console, actor, run).await;
        assert!(matches!(retried, Err(ServiceError::Refused(Refusal::Role { .. }))), "{retried:?}");
        let taken_back = take_back_run::take_back(&world.console, actor, run, None).await;
        assert!(matches!(taken_back, Err(ServiceError::Refused(Refusal::Role { .. }))), "{taken_back:?}");
    }
    assert_eq!(world.find(&bid).await.open_run, Some(run), "it still waits");
}

#[tokio::test]
async fn what_was_refused_left_no_trace() {
    let world = World::new().await;
    let nobody: Bid = "nobody".parse().expect("bid");
    let support = world.person(Role::Support);
    for (_, capability, call) in cases() {
        if support.may(capability).is_err() {
            call(&world, &support, &nobody).await.expect_err("refused");
        }
    }
    assert!(world.audit().await.is_empty(), "nothing was done, so nothing is written down");
    let list = list_billers::list(&world.console, &support, &ListQuery::default()).await.expect("list");
    assert_eq!(list.counts.total, 0);
}
