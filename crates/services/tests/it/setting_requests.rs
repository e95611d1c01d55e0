//! Changes that a second person decides: asked for instead of made, approved as they stand, refused when something
//! moved meanwhile.

use domain::{
    ChangeRequestId,
    access::Refusal,
    actor::{Actor, Role},
    audit::AuditAction,
    run::RunState,
    settings::{Agreement, Layer, RequestDecision, RequestState, SettingValue},
};
use sandbox::ObjectKind;
use serde_json::json;
use services::{
    ServiceError,
    biller_settings::{confirm, preview, propose, requests},
    overview,
};

use crate::{
    biller_settings::{form, row, shown},
    fuse::Fuse,
    world::World,
};

const REGISTRATION: [(&str, &str); 1] = [("pool.self_registration", "true")];

async fn careful() -> World {
    World::new().await.restarted_with(|settings| settings.second_person = true).await
}

/// Asks for a change of high risk as somebody of the product team.
async fn ask(world: &World, layer: Layer, typed: &[(&str, &str)]) -> ChangeRequestId {
    let author = world.person(Role::Product);
    let id = propose::propose(&world.console, &author, &form(layer, typed)).await.unwrap();
    let view = preview::preview(&world.console, &author, id).await.unwrap();
    assert!(view.second_person);
    let done = confirm::confirm(&world.console, &author, id, &view.token, Some("CIAM-7".to_owned())).await;
    let done = done.unwrap();
    assert!(done.runs.is_empty() && done.layers.is_empty());
    done.request.unwrap()
}

async fn decide(
    world: &World,
    actor: &Actor,
    id: ChangeRequestId,
    decision: RequestDecision,
) -> Result<confirm::Confirmed, ServiceError> {
    let view = requests::show(&world.console, actor, id).await?;
    let note = Some("looked at".to_owned());
    let token = view.view.token;
    requests::decide(&world.console, actor, id, decision, &token, note).await.map(|(_, done)| done)
}

#[tokio::test]
async fn a_change_of_high_risk_waits_and_is_made_when_a_second_person_approves() {
    World::each(async |world: World| {
        let world = world.restarted_with(|settings| settings.second_person = true).await;
        let bid = world.enabled_biller("r1", "Town of Ames").await;
        let layer = Layer::Biller(bid.clone());
        let id = ask(&world, layer.clone(), &REGISTRATION).await;
        let author = world.person(Role::Product);
        assert_eq!(
            row(&shown(&world, &layer).await, "pool.self_registration").own,
            None,
            "nothing holds yet"
        );
        let waiting = requests::waiting(&world.console, &author, Some(&layer)).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].settings.as_slice()), (1, ["Self-registration"].as_slice()));
        assert_eq!(waiting[0].allowed, Err(Refusal::OwnRequest));
        let seen = overview::show(&world.console, &world.person(Role::PlatformOwner)).await.unwrap();
        assert_eq!(seen.requests.len(), 1);
        let own = decide(&world, &author, id, RequestDecision::Approve).await;
        assert!(matches!(own, Err(ServiceError::Refused(Refusal::OwnRequest))), "{own:?}");
        let owner = world.person(Role::PlatformOwner);
        let done = decide(&world, &owner, id, RequestDecision::Approve).await.unwrap();
        world.work().await;
        let mut conn = world.console.store.read().await.unwrap();
        let run = storage::runs::find(&mut conn, done.runs[0]).await.unwrap().unwrap();
        drop(conn);
        assert_eq!((run.state, run.requested_by), (RunState::Succeeded, author.clone()));
        let found = shown(&world, &layer).await;
        let registration = row(&found, "pool.self_registration");
        assert_eq!(
            (registration.agreement, registration.own.clone()),
            (Agreement::InSync, Some(SettingValue::Flag(true)))
        );
        assert_eq!(registration.last.as_ref().unwrap().by, author);
        let pool = world.sandbox.state().get(ObjectKind::Pool, "ic-r1-pool").cloned().unwrap();
        assert_eq!(pool["public_registration_allowed"], true);
        let entries = world.audit().await;
        let of = |action| entries.iter().filter(move |it| it.entry.action == action).collect::<Vec<_>>();
        assert_eq!(of(AuditAction::SettingsRequested).len(), 1);
        let made = of(AuditAction::SettingsChanged);
        assert_eq!((made.len(), &made[0].entry.actor), (1, &owner));
        let again = decide(&world, &owner, id, RequestDecision::Approve).await;
        assert!(matches!(again, Err(ServiceError::Refused(Refusal::RequestDecided { .. }))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_of_low_risk_or_outside_production_is_made_at_once() {
    let world = careful().await;
    let author = world.person(Role::Product);
    let layer = Layer::Tier("gold".to_owned());
    let change = form(layer.clone(), &[("organization.color", "#123456")]);
    let id = propose::propose(&world.console, &author, &change).await.unwrap();
    assert!(!preview::preview(&world.console, &author, id).await.unwrap().second_person);
    let relaxed = world.restarted_with(|settings| settings.second_person = false).await;
    let id = propose::propose(&relaxed.console, &author, &form(layer, &REGISTRATION)).await.unwrap();
    assert!(!preview::preview(&relaxed.console, &author, id).await.unwrap().second_person);
}

#[tokio::test]
async fn an_approval_is_refused_with_both_values_when_something_moved() {
    World::each(async |world: World| {
        let world = world.restarted_with(|settings| settings.second_person = true).await;
        let bid = world.enabled_biller("r1", "Town of Ames").await;
        let layer = Layer::Biller(bid.clone());
        let owner = world.person(Role::PlatformOwner);
        let method = [("pool.password.hashing_method", "argon2")];
        let at_vendor = ask(&world, layer.clone(), &method).await;
        let changed = json!({"password_settings": {"hashing_method": "sha"}});
        world.sandbox.drift(ObjectKind::Pool, "ic-r1-pool", &changed).unwrap();
        let refused = decide(&world, &owner, at_vendor, RequestDecision::Approve).await;
        let Err(ServiceError::Settings(problems)) = refused else { panic!("{refused:?}") };
        assert!(problems[0].problem.contains("shows SHA now; it showed PBKDF2"), "{problems:?}");
        let view = requests::show(&world.console, &owner, at_vendor).await.unwrap();
        assert_eq!((view.moved.len(), view.request.state), (1, RequestState::Waiting));
        // The same where our own record moved.
        let level = Layer::Everywhere;
        let first = ask(&world, level.clone(), &REGISTRATION).await;
        let second = ask(&world, level.clone(), &REGISTRATION).await;
        decide(&world, &owner, first, RequestDecision::Approve).await.unwrap();
        let refused = decide(&world, &owner, second, RequestDecision::Approve).await;
        let Err(ServiceError::Settings(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(
            problems[0].problem,
            "Self-registration: it is set to On now; it was what is inherited when the change was asked for."
        );
        decide(&world, &owner, second, RequestDecision::Decline).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn declining_takes_words_and_withdrawing_is_for_who_asked() {
    let world = careful().await;
    let layer = Layer::Tier("gold".to_owned());
    let id = ask(&world, layer.clone(), &REGISTRATION).await;
    let (author, owner) = (world.person(Role::Product), world.person(Role::PlatformOwner));
    let silent = requests::decide(&world.console, &owner, id, RequestDecision::Decline, "", None).await;
    assert!(matches!(silent, Err(ServiceError::Field { field: "note", .. })), "{silent:?}");
    let stranger = decide(&world, &owner, id, RequestDecision::Withdraw).await;
    assert!(matches!(stranger, Err(ServiceError::Refused(Refusal::NotOwnRequest))), "{stranger:?}");
    let powerless = decide(&world, &world.person(Role::Support), id, RequestDecision::Decline).await;
    assert!(matches!(powerless, Err(ServiceError::Refused(Refusal::Role { .. }))), "{powerless:?}");
    decide(&world, &author, id, RequestDecision::Withdraw).await.unwrap();
    assert_eq!(row(&shown(&world, &layer).await, "pool.self_registration").own, None);
    assert!(requests::waiting(&world.console, &owner, None).await.unwrap().is_empty());
    let entries = world.audit().await;
    assert_eq!(entries.iter().filter(|it| it.entry.action == AuditAction::SettingsRequestClosed).count(), 1);
}

#[tokio::test]
async fn people_of_one_portfolio_see_the_requests_of_their_billers_only() {
    let world = careful().await;
    let bid = world.enabled_biller("r1", "Town of Ames").await;
    let id = ask(&world, Layer::Biller(bid), &REGISTRATION).await;
    let limited = world.limited(Role::Product, "north");
    assert!(requests::waiting(&world.console, &limited, None).await.unwrap().is_empty());
    let hidden = requests::show(&world.console, &limited, id).await;
    assert!(matches!(hidden, Err(ServiceError::NotFound { .. })));
}

#[tokio::test]
async fn an_approval_stopped_at_any_effect_is_whole_or_not_at_all() {
    World::each(async |world: World| {
        let world = world.restarted_with(|settings| settings.second_person = true).await;
        let bid = world.enabled_biller("r1", "Town of Ames").await;
        let layer = Layer::Biller(bid);
        let owner = world.person(Role::PlatformOwner);
        for n in 1.. {
            let on = n % 2 == 1;
            let text = if on { "true" } else { "false" };
            let id = ask(&world, layer.clone(), &[("pool.self_registration", text)]).await;
            let view = requests::show(&world.console, &owner, id).await.unwrap();
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let approve =
                requests::decide(&console, &owner, id, RequestDecision::Approve, &view.view.token, None);
            let blown = tokio::select! {
                done = approve => { done.unwrap(); false }
                () = fuse.blown() => true,
            };
            let waits = requests::show(&world.console, &owner, id).await.unwrap().request.state;
            if waits == RequestState::Waiting {
                let set = row(&shown(&world, &layer).await, "pool.self_registration").own.clone();
                assert_ne!(set, Some(SettingValue::Flag(on)), "fuse at {n}: half a change");
                decide(&world, &owner, id, RequestDecision::Approve).await.unwrap();
            }
            world.work().await;
            let found = shown(&world, &layer).await;
            let registration = row(&found, "pool.self_registration");
            assert_eq!(
                (registration.agreement, registration.own.clone()),
                (Agreement::InSync, Some(SettingValue::Flag(on))),
                "fuse at {n}"
            );
            if !blown {
                assert!(n > 2, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
    })
    .await;
}
