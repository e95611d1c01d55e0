//! The switch of the issuer is a change of high risk: asked for by one person, decided by another, made by a run.

use domain::{
    Bid, ChangeRequestId,
    access::Refusal,
    actor::{Actor, Role},
    audit::AuditAction,
    run::{RunKind, RunState},
    settings::{
        Layer, RequestDecision, RequestState,
        vanity::{IssuerChoice, IssuerSwitch},
    },
};
use sandbox::{Fault, FaultRule};
use secureauth::{IdempotencyKey, WorkspaceId};
use services::{
    ServiceError,
    biller_settings::{confirm, requests},
    overview, retry_run, take_back_run,
};

use crate::{
    vanity::{HOST, issuer_at, propose_switch, request, told_of},
    world::World,
};

/// An enabled biller with a vanity domain, on a console that is as careful as one of production.
async fn careful(world: World) -> (World, Bid) {
    let bid = world.enabled_biller("v1", "Town of Ames").await;
    request(&world, &bid, HOST).await;
    (world.restarted_with(|settings| settings.second_person = true).await, bid)
}

async fn ask(world: &World, bid: &Bid, to: IssuerChoice) -> ChangeRequestId {
    let view = propose_switch(world, bid, to).await.unwrap();
    assert!(view.second_person);
    assert_eq!(view.needs_reason, [IssuerSwitch::LABEL]);
    let product = world.person(Role::Product);
    let unsaid = confirm::confirm(&world.console, &product, view.id, &view.token, None).await;
    assert!(matches!(unsaid, Err(ServiceError::Field { field: "reason", .. })), "{unsaid:?}");
    let why = Some("IC trusts it".to_owned());
    let done = confirm::confirm(&world.console, &product, view.id, &view.token, why).await.unwrap();
    assert!(done.runs.is_empty());
    done.request.unwrap()
}

async fn approve(
    world: &World,
    actor: &Actor,
    id: ChangeRequestId,
) -> Result<confirm::Confirmed, ServiceError> {
    let token = requests::show(&world.console, actor, id).await?.view.token;
    let approve = RequestDecision::Approve;
    requests::decide(&world.console, actor, id, approve, &token, None).await.map(|(_, done)| done)
}

/// Takes the vanity domain away at SecureAuth, where nobody asked us.
async fn gone_at_the_vendor(world: &World) {
    let organization = WorkspaceId::parse("ic-v1").unwrap();
    let key = IdempotencyKey::derive(&["gone"]);
    world.console.vendor.set_vanity_domain(&organization, None, &key).await.unwrap();
}

#[tokio::test]
async fn the_switch_waits_for_a_second_person_there_and_back() {
    World::each(async |world: World| {
        let (world, bid) = careful(world).await;
        let own = world.find(&bid).await.issuer.unwrap();
        let vanity = issuer_at(&world, HOST);
        let (author, owner) = (world.person(Role::Product), world.person(Role::PlatformOwner));
        for (turn, to, after) in [(1, IssuerChoice::Vanity, &vanity), (2, IssuerChoice::Own, &own)] {
            let before = world.find(&bid).await.issuer;
            let id = ask(&world, &bid, to).await;
            world.work().await;
            assert_eq!(
                world.find(&bid).await.issuer,
                before,
                "nothing is switched before somebody else agrees"
            );
            let layer = Layer::Biller(bid.clone());
            let waiting = requests::waiting(&world.console, &author, Some(&layer)).await.unwrap();
            assert_eq!(waiting[0].settings, [IssuerSwitch::LABEL]);
            assert_eq!(waiting[0].allowed, Err(Refusal::OwnRequest));
            assert_eq!(overview::show(&world.console, &owner).await.unwrap().requests.len(), 1);
            let themselves = approve(&world, &author, id).await;
            assert!(matches!(themselves, Err(ServiceError::Refused(Refusal::OwnRequest))), "{themselves:?}");
            let done = approve(&world, &owner, id).await.unwrap();
            world.work().await;
            let mut conn = world.console.store.read().await.unwrap();
            let run = storage::runs::find(&mut conn, done.runs[0]).await.unwrap().unwrap();
            assert_eq!((run.kind, run.state), (RunKind::SwitchIssuer, RunState::Succeeded));
            assert_eq!(run.requested_by, author);
            drop(conn);
            assert_eq!(world.find(&bid).await.issuer.as_ref(), Some(after));
            assert_eq!(told_of(&world, &bid).await, turn, "IC is told once of each");
        }
        let entries = world.audit().await;
        let of = |action| entries.iter().filter(move |it| it.entry.action == action).collect::<Vec<_>>();
        assert_eq!(of(AuditAction::IssuerSwitched).len(), 2);
        let made: Vec<_> =
            of(AuditAction::SettingsChanged).into_iter().filter(|it| it.entry.actor == owner).collect();
        assert_eq!(made.len(), 2);
        assert_eq!(made[1].entry.after.as_ref().unwrap()["issuer"], vanity, "the newest entry comes first");
    })
    .await;
}

#[tokio::test]
async fn an_approval_is_refused_when_the_issuer_moved_or_does_not_answer_any_more() {
    World::each(async |world: World| {
        let (world, bid) = careful(world).await;
        let owner = world.person(Role::PlatformOwner);
        let first = ask(&world, &bid, IssuerChoice::Vanity).await;
        let second = ask(&world, &bid, IssuerChoice::Vanity).await;
        let third = ask(&world, &bid, IssuerChoice::Vanity).await;
        approve(&world, &owner, first).await.unwrap();
        world.work().await;
        let late = approve(&world, &owner, second).await;
        let Err(ServiceError::Settings(problems)) = late else { panic!("{late:?}") };
        assert!(problems[0].problem.contains("when the switch was asked for"), "{problems:?}");
        let view = requests::show(&world.console, &owner, second).await.unwrap();
        assert_eq!((view.moved.len(), view.request.state), (1, RequestState::Waiting));
        // Back again, so that the third one stands; but its host has gone meanwhile.
        let back = ask(&world, &bid, IssuerChoice::Own).await;
        approve(&world, &owner, back).await.unwrap();
        world.work().await;
        gone_at_the_vendor(&world).await;
        let own = world.find(&bid).await.issuer;
        let dead = approve(&world, &owner, third).await;
        assert!(matches!(dead, Err(ServiceError::Field { field: "issuer", .. })), "{dead:?}");
        world.work().await;
        assert_eq!(world.find(&bid).await.issuer, own);
    })
    .await;
}

#[tokio::test]
async fn a_switch_whose_issuer_stops_answering_fails_switches_nothing_and_can_be_given_up() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("v1", "Town of Ames").await;
        request(&world, &bid, HOST).await;
        let own = world.find(&bid).await.issuer;
        let view = propose_switch(&world, &bid, IssuerChoice::Vanity).await.unwrap();
        let product = world.person(Role::Product);
        let why = Some("IC trusts it".to_owned());
        let done = confirm::confirm(&world.console, &product, view.id, &view.token, why).await.unwrap();
        let fault = FaultRule::new("oauth2.authorize", Fault::Error { status: 400, error_code: None });
        let fault = world.sandbox.faults().add(fault);
        world.work().await;
        let state = async || {
            let mut conn = world.console.store.read().await.unwrap();
            storage::runs::find(&mut conn, done.runs[0]).await.unwrap().unwrap().state
        };
        assert_eq!(state().await, RunState::Failed);
        assert_eq!(world.find(&bid).await.issuer, own);
        retry_run::retry(&world.console, &product, done.runs[0]).await.unwrap();
        world.work().await;
        assert_eq!(state().await, RunState::Failed, "it is asked again");
        drop(fault);
        let back = take_back_run::take_back(&world.console, &product, done.runs[0], None).await.unwrap();
        world.work().await;
        let mut conn = world.console.store.read().await.unwrap();
        let back = storage::runs::find(&mut conn, back).await.unwrap().unwrap();
        assert_eq!((back.kind, back.state), (RunKind::SwitchIssuer, RunState::Succeeded));
        drop(conn);
        let biller = world.find(&bid).await;
        assert_eq!((biller.issuer, biller.open_run), (own, None));
        assert_eq!(told_of(&world, &bid).await, 0);
    })
    .await;
}
