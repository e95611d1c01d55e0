//! Settings: proposed, previewed, confirmed, written once for each object, read back; conflicts and taking back.

use std::collections::BTreeMap;

use domain::{
    ProposalId, RunId,
    access::Refusal,
    actor::Role,
    audit::AuditAction,
    biller::CiamStatus,
    run::{RunState, StepState},
    settings::{Agreement, Layer, SettingValue, ValueOrigin},
};
use sandbox::{Fault, FaultRule, ObjectKind};
use serde_json::Value;
use services::{
    ServiceError,
    biller_settings::{
        as_code::{self, FileForm},
        confirm::{self, Confirmed},
        preview, propose,
        propose::SettingsForm,
        show::{self, SettingRow, SettingsView},
    },
    enable_biller, take_back_run,
};

use crate::world::World;

pub(crate) fn form(layer: Layer, typed: &[(&str, &str)]) -> SettingsForm {
    let typed = typed.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    SettingsForm { layer, typed, seen: BTreeMap::new() }
}

/// Proposes and confirms in one go.
pub(crate) async fn set(world: &World, layer: Layer, typed: &[(&str, &str)]) -> Confirmed {
    let actor = world.person(Role::Product);
    let id = propose::propose(&world.console, &actor, &form(layer, typed)).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    let why = Some("because".to_owned());
    confirm::confirm(&world.console, &actor, id, &view.token, why).await.unwrap()
}

pub(crate) async fn shown(world: &World, layer: &Layer) -> SettingsView {
    show::show(&world.console, &world.person(Role::Support), layer).await.unwrap()
}

pub(crate) fn row<'a>(view: &'a SettingsView, key: &str) -> &'a SettingRow {
    view.rows.iter().find(|row| row.setting.key == key).unwrap()
}

async fn state_of(world: &World, run: RunId) -> RunState {
    let mut conn = world.console.store.read().await.unwrap();
    storage::runs::find(&mut conn, run).await.unwrap().unwrap().state
}

/// A biller's object as the sandbox has it.
fn object(world: &World, kind: ObjectKind, id: &str) -> Value {
    world.sandbox.state().get(kind, id).cloned().unwrap_or_default()
}

fn calls(world: &World, operation: &str) -> usize {
    world.sandbox.last_requests(5_000).iter().filter(|it| it.operation == operation).count()
}

#[tokio::test]
async fn a_change_is_previewed_written_once_an_object_and_read_back() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("s1", "Town of Ames").await;
        let layer = Layer::Biller(bid.clone());
        let actor = world.person(Role::Product);
        let typed = [
            ("pool.password.min_length", "12"),
            ("pool.password.digits", "2"),
            ("pool.code.reset_password.ttl", "15m"),
            ("organization.access_token_ttl", "30m"),
            ("organization.logo", "https://ames.example/logo.png"),
        ];
        let id = propose::propose(&world.console, &actor, &form(layer.clone(), &typed)).await.unwrap();
        let view = preview::preview(&world.console, &actor, id).await.unwrap();
        let part = &view.parts[0];
        assert_eq!((part.lines.len(), part.objects().len()), (5, 2));
        assert!(part.lines.iter().all(|line| line.writes && line.observed.is_some()));
        assert!(view.needs_reason.is_empty(), "{:?}", view.needs_reason);
        let puts = (calls(&world, "identity.updatePool"), calls(&world, "admin.updateAuthorizationServer"));
        let done = confirm::confirm(&world.console, &actor, id, &view.token, None).await.unwrap();
        world.work().await;
        assert_eq!(state_of(&world, done.runs[0]).await, RunState::Succeeded);
        let after = (calls(&world, "identity.updatePool"), calls(&world, "admin.updateAuthorizationServer"));
        assert_eq!(after, (puts.0 + 1, puts.1 + 1), "one write an object");
        let pool = object(&world, ObjectKind::Pool, "ic-s1-pool");
        assert_eq!(
            (&pool["password_policy"]["min_length"], &pool["password_policy"]["digits"]),
            (&12.into(), &2.into())
        );
        assert_eq!(pool["otp_settings"]["reset_password"]["ttl"], "15m0s");
        let found = shown(&world, &layer).await;
        for (key, _) in typed {
            let row = row(&found, key);
            assert_eq!(
                (row.agreement, row.effective.origin),
                (Agreement::InSync, ValueOrigin::Biller),
                "{key}"
            );
            assert_eq!(row.last.as_ref().unwrap().by, actor);
        }
        let entries = world.audit().await;
        assert_eq!(entries.iter().filter(|it| it.entry.action == AuditAction::SettingsChanged).count(), 1);
        assert_eq!(world.find(&bid).await.status, CiamStatus::Enabled);
        let again = confirm::confirm(&world.console, &actor, id, &view.token, None).await;
        assert!(matches!(again, Err(ServiceError::NotFound { .. })), "once only: {again:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_and_nothing_is_kept() {
    let world = World::new().await;
    let bid = world.enabled_biller("s1", "Town of Ames").await;
    let actor = world.person(Role::Product);
    let typed =
        [("pool.password.min_length", "many"), ("organization.color", "blue"), ("pool.password.digits", "1")];
    let error = propose::propose(&world.console, &actor, &form(Layer::Biller(bid.clone()), &typed)).await;
    let Err(ServiceError::Settings(problems)) = error else { panic!("{error:?}") };
    let keys: Vec<&str> = problems.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["pool.password.min_length", "organization.color"]);
    let typed = [("pool.preferred_mechanism", "webauthn")];
    let error = propose::propose(&world.console, &actor, &form(Layer::Biller(bid.clone()), &typed)).await;
    let Err(ServiceError::Settings(problems)) = error else { panic!("{error:?}") };
    assert_eq!(problems[0].key.as_str(), "pool.preferred_mechanism");
    let same =
        propose::propose(&world.console, &actor, &form(Layer::Biller(bid), &[("organization.color", "")]))
            .await;
    assert!(matches!(same, Err(ServiceError::Field { field: "settings", .. })), "{same:?}");
}

#[tokio::test]
async fn people_without_the_right_change_nothing_and_a_proposal_is_ones_own() {
    let world = World::new().await;
    let bid = world.enabled_biller("s1", "Town of Ames").await;
    let change = form(Layer::Biller(bid.clone()), &[("organization.color", "#111111")]);
    for role in [Role::Support, Role::AccountManager, Role::Auditor, Role::Ops] {
        let refused = propose::propose(&world.console, &world.person(role), &change).await;
        assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Role { .. }))), "{role}: {refused:?}");
    }
    let owner = world.person(Role::PlatformOwner);
    let id: ProposalId = propose::propose(&world.console, &owner, &change).await.unwrap();
    let other = preview::preview(&world.console, &world.person(Role::Product), id).await;
    assert!(matches!(other, Err(ServiceError::NotFound { .. })));
    let limited = world.limited(Role::Product, "north");
    let all = form(Layer::Everywhere, &[("organization.color", "#111111")]);
    let refused = propose::propose(&world.console, &limited, &all).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Portfolio { .. }))), "{refused:?}");
    let unseen = propose::propose(&world.console, &limited, &change).await;
    assert!(matches!(unseen, Err(ServiceError::NotFound { .. })), "{unseen:?}");
}

#[tokio::test]
async fn what_somebody_else_set_meanwhile_is_shown_and_not_written_over() {
    let world = World::new().await;
    let bid = world.enabled_biller("s1", "Town of Ames").await;
    let (actor, layer) = (world.person(Role::Product), Layer::Biller(bid.clone()));
    let change = form(layer.clone(), &[("organization.color", "#111111")]);
    let mine = propose::propose(&world.console, &actor, &change).await.unwrap();
    let view = preview::preview(&world.console, &actor, mine).await.unwrap();
    set(&world, layer.clone(), &[("organization.color", "#222222")]).await;
    world.work().await;
    let refused = confirm::confirm(&world.console, &actor, mine, &view.token, None).await;
    assert!(matches!(refused, Err(ServiceError::Changed { .. })), "{refused:?}");
    let view = preview::preview(&world.console, &actor, mine).await.unwrap();
    assert_eq!(view.parts[0].conflicts, ["Colour"]);
    // The form knows the other value only when it was shown.
    let mut again = change.clone();
    again.seen.insert("organization.color".to_owned(), String::new());
    let error = propose::propose(&world.console, &actor, &again).await;
    let Err(ServiceError::Settings(problems)) = error else { panic!("{error:?}") };
    assert!(problems[0].problem.contains("#222222"), "{problems:?}");
    again.seen.insert("organization.color".to_owned(), "#222222".to_owned());
    propose::propose(&world.console, &actor, &again).await.unwrap();
}

#[tokio::test]
async fn what_somebody_changed_at_the_vendor_meanwhile_stops_the_run_and_can_be_taken_back() {
    let world = World::new().await;
    let bid = world.enabled_biller("s1", "Town of Ames").await;
    let layer = Layer::Biller(bid.clone());
    let actor = world.person(Role::Product);
    let change = form(layer.clone(), &[("organization.color", "#111111"), ("pool.password.digits", "2")]);
    let id = propose::propose(&world.console, &actor, &change).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    world
        .sandbox
        .drift(ObjectKind::Pool, "ic-s1-pool", &serde_json::json!({"password_policy": {"digits": 7}}))
        .unwrap();
    let done = confirm::confirm(&world.console, &actor, id, &view.token, None).await.unwrap();
    world.work().await;
    let run = done.runs[0];
    assert_eq!(state_of(&world, run).await, RunState::Failed);
    let mut conn = world.console.store.read().await.unwrap();
    let steps = storage::runs::steps(&mut conn, run).await.unwrap();
    drop(conn);
    let failed = steps.iter().find(|step| step.state == StepState::Failed).unwrap();
    let message = &failed.failure.as_ref().unwrap().message;
    assert!(message.contains("Digits is 7 at SecureAuth now; it was 0"), "{message}");
    let back = take_back_run::take_back(&world.console, &actor, run, None).await.unwrap();
    world.work().await;
    assert_eq!(state_of(&world, back).await, RunState::Succeeded);
    assert_eq!(
        object(&world, ObjectKind::Pool, "ic-s1-pool")["password_policy"]["digits"],
        7,
        "theirs stays"
    );
    assert_eq!(object(&world, ObjectKind::Organization, "ic-s1")["color"], "#007FFF", "ours is undone");
    let found = shown(&world, &layer).await;
    assert_eq!(row(&found, "organization.color").own, None, "inherited again");
}

#[tokio::test]
async fn high_risk_asks_for_a_reason() {
    let world = World::new().await;
    let bid = world.enabled_biller("s1", "Town of Ames").await;
    let actor = world.person(Role::Product);
    let change = form(Layer::Biller(bid), &[("organization.pkce", "true")]);
    let id = propose::propose(&world.console, &actor, &change).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    assert_eq!(view.needs_reason, ["PKCE required"]);
    let refused = confirm::confirm(&world.console, &actor, id, &view.token, Some("  ".to_owned())).await;
    assert!(matches!(refused, Err(ServiceError::Field { field: "reason", .. })), "{refused:?}");
    confirm::confirm(&world.console, &actor, id, &view.token, Some("CIAM-7".to_owned())).await.unwrap();
}

#[tokio::test]
async fn what_is_set_before_is_written_when_the_biller_is_enabled() {
    World::each(async |world: World| {
        set(&world, Layer::Everywhere, &[("organization.access_token_ttl", "20m")]).await;
        let bid = world.biller("s2", "Village of Minster").await;
        let own = [
            ("pool.password.min_length", "14"),
            ("application.redirect_uris", "https://minster.example/cb\nhttps://minster.example/other"),
            ("theme.bound", "none"),
        ];
        let done = set(&world, Layer::Biller(bid.clone()), &own).await;
        assert_eq!(done.runs, [], "nothing to write to yet");
        let run =
            enable_biller::enable(&world.console, &world.person(Role::Product), &bid, None).await.unwrap();
        world.work().await;
        assert_eq!(state_of(&world, run).await, RunState::Succeeded);
        assert_eq!(object(&world, ObjectKind::Organization, "ic-s2")["access_token_ttl"], "20m0s");
        assert_eq!(object(&world, ObjectKind::Pool, "ic-s2-pool")["password_policy"]["min_length"], 14);
        let uris = &object(&world, ObjectKind::Application, "ic-s2-portal")["redirect_uris"];
        assert_eq!(uris.as_array().map(Vec::len), Some(2));
        show::look_again(&world.console, &world.person(Role::Product), &bid).await.unwrap();
        let found = shown(&world, &Layer::Biller(bid)).await;
        let drifted: Vec<&str> = found
            .rows
            .iter()
            .filter(|row| matches!(row.agreement, Agreement::Drifted))
            .map(|row| row.setting.key)
            .collect();
        assert_eq!(drifted, Vec::<&str>::new());
        let row = row(&found, "organization.access_token_ttl");
        assert_eq!(row.effective.value, Some(SettingValue::Seconds(1_200)));
        assert_eq!(row.effective.origin, ValueOrigin::Everywhere);
    })
    .await;
}

#[tokio::test]
async fn without_an_answer_the_preview_is_shown_and_says_so() {
    let world = World::new().await;
    let bid = world.enabled_biller("s1", "Town of Ames").await;
    let actor = world.person(Role::Product);
    let outage = || FaultRule::new("admin.*", Fault::Outage);
    world.sandbox.faults().add(outage()).unwrap();
    let change = form(Layer::Biller(bid), &[("organization.color", "#111111")]);
    let id = propose::propose(&world.console, &actor, &change).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    assert_eq!((view.parts[0].read_at, view.parts[0].lines[0].observed.is_none()), (None, true));
    world.sandbox.faults().clear();
    let done = confirm::confirm(&world.console, &actor, id, &view.token, None).await.unwrap();
    world.work().await;
    assert_eq!(state_of(&world, done.runs[0]).await, RunState::Succeeded);
}

#[tokio::test]
async fn a_file_goes_out_and_comes_back_byte_by_byte_and_is_previewed_first() {
    let world = World::new().await;
    let bid = world.enabled_biller("f1", "Town of Ames").await;
    let (actor, layer) = (world.person(Role::Product), Layer::Biller(bid.clone()));
    set(&world, Layer::Everywhere, &[("organization.pkce", "true")]).await;
    set(
        &world,
        layer.clone(),
        &[("pool.password.digits", "2"), ("organization.domains", "b.example, a.example")],
    )
    .await;
    world.work().await;
    let file = as_code::export(&world.console, &actor, None, FileForm::Json).await.unwrap();
    let same = as_code::import(&world.console, &actor, &file).await;
    assert!(matches!(same, Err(ServiceError::Field { field: "file", .. })), "nothing is different: {same:?}");
    let edited = file.replace("\"pool.password.digits\": 2", "\"pool.password.digits\": 3");
    let id = as_code::import(&world.console, &actor, &edited).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    assert_eq!((view.parts.len(), view.parts[0].lines.len()), (1, 1), "the exact difference");
    confirm::confirm(&world.console, &actor, id, &view.token, None).await.unwrap();
    world.work().await;
    assert_eq!(as_code::export(&world.console, &actor, None, FileForm::Json).await.unwrap(), edited);
    // What the file does not name on a level it has goes back to what is inherited.
    let one = as_code::export(&world.console, &actor, Some(&bid), FileForm::Json).await.unwrap();
    let emptied = one.replace("      \"pool.password.digits\": 3\n", "").replace("],\n    }", "]\n    }");
    let id = as_code::import(&world.console, &actor, &emptied).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    assert_eq!(view.parts[0].lines[0].set_after, None);
    let limited = world.limited(Role::Product, "north");
    let theirs = as_code::export(&world.console, &limited, None, FileForm::Json).await.unwrap();
    assert!(theirs.contains("\"all\"") && !theirs.contains("biller:f1"), "{theirs}");
    let refused = as_code::import(&world.console, &limited, &edited).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn what_is_set_for_one_biller_is_proposed_for_others() {
    let world = World::new().await;
    let from = world.enabled_biller("k1", "Town of Ames").await;
    let other = world.enabled_biller("k2", "Town of Boone").await;
    let actor = world.person(Role::Product);
    let none = as_code::copy(&world.console, &actor, &from, std::slice::from_ref(&other)).await;
    assert!(matches!(none, Err(ServiceError::Field { field: "to", .. })), "{none:?}");
    set(
        &world,
        Layer::Biller(from.clone()),
        &[("organization.color", "#111111"), ("pool.password.digits", "2")],
    )
    .await;
    set(
        &world,
        Layer::Biller(other.clone()),
        &[("pool.password.digits", "4"), ("pool.password.min_length", "9")],
    )
    .await;
    world.work().await;
    let id = as_code::copy(&world.console, &actor, &from, &[from.clone(), other.clone()]).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    assert_eq!(view.parts.len(), 1, "not for itself");
    let done = confirm::confirm(&world.console, &actor, id, &view.token, None).await.unwrap();
    world.work().await;
    assert_eq!(state_of(&world, done.runs[0]).await, RunState::Succeeded);
    let pool = object(&world, ObjectKind::Pool, "ic-k2-pool");
    assert_eq!(
        (&pool["password_policy"]["digits"], &pool["password_policy"]["min_length"]),
        (&2.into(), &9.into())
    );
    assert_eq!(object(&world, ObjectKind::Organization, "ic-k2")["color"], "#111111");
}

#[tokio::test]
async fn a_suspension_does_not_wait_for_settings_that_could_not_be_written() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("s1", "Town of Ames").await;
        let refuse = FaultRule::new("identity.updatePool", Fault::Error { status: 422, error_code: None });
        world.sandbox.faults().add(refuse).unwrap();
        let done = set(&world, Layer::Biller(bid.clone()), &[("pool.password.digits", "2")]).await;
        world.work().await;
        assert_eq!(state_of(&world, done.runs[0]).await, RunState::Failed);
        let ops = world.person(Role::Ops);
        let impact = services::suspend_biller::impact(&world.console, &ops, &bid).await.unwrap();
        assert_eq!(impact.allowed, Ok(()));
        let why = Some("contract ends".to_owned());
        let run =
            services::suspend_biller::suspend(&world.console, &ops, &bid, "Town of Ames", why).await.unwrap();
        assert_eq!(state_of(&world, done.runs[0]).await, RunState::Superseded, "given up");
        world.work().await;
        assert_eq!(state_of(&world, run).await, RunState::Succeeded);
        assert_eq!(world.find(&bid).await.status, CiamStatus::Suspended);
        let entries = world.audit().await;
        let gave_up = entries.iter().filter_map(|it| it.entry.after.as_ref()?.get("gave_up"));
        let gave_up: Vec<_> = gave_up.map(|it| it["run"].clone()).collect();
        assert_eq!(gave_up, [done.runs[0].to_string()]);
        // Any other run still waits for the decision, and a retry of what was given up is refused.
        let retried =
            services::retry_run::retry(&world.console, &world.person(Role::Product), done.runs[0]).await;
        assert!(matches!(retried, Err(ServiceError::Refused(Refusal::NotFailed { .. }))), "{retried:?}");
    })
    .await;
}

#[tokio::test]
async fn a_file_of_toml_comes_back_byte_by_byte() {
    World::each(async |world: World| {
        let bid = world.biller("s1", "Town of Ames").await;
        let typed = [
            ("organization.color", "#123456"),
            ("pool.password.digits", "2"),
            ("organization.access_token_ttl", "30m"),
            ("organization.description", "a \"quoted\" line with \\ and é"),
            ("application.redirect_uris", "https://a.example/cb\nhttps://b.example/cb"),
        ];
        set(&world, Layer::Biller(bid.clone()), &typed).await;
        set(&world, Layer::Tier("gold \"1\"".to_owned()), &[("organization.pkce", "true")]).await;
        let actor = world.person(Role::Product);
        let export = async |world: &World| {
            as_code::export(&world.console, &world.person(Role::Product), None, FileForm::Toml).await.unwrap()
        };
        let file = export(&world).await;
        assert!(file.contains("[levels.\"biller:s1\"]\n"), "{file}");
        let same = as_code::import(&world.console, &actor, &file).await;
        assert!(matches!(same, Err(ServiceError::Field { field: "file", .. })), "nothing differs: {same:?}");
        let other = world.with_empty_database().await;
        other.biller("s1", "Town of Ames").await;
        let id = as_code::import(&other.console, &actor, &file).await.unwrap();
        let view = preview::preview(&other.console, &actor, id).await.unwrap();
        let why = Some("brought in".to_owned());
        confirm::confirm(&other.console, &actor, id, &view.token, why).await.unwrap();
        assert_eq!(export(&other).await, file);
        for wrong in ["format = ", "levels = 7", "[levels.all]\n\"organization.pkce\" = 2026-01-01"] {
            let refused = as_code::import(&other.console, &actor, wrong).await;
            assert!(
                matches!(refused, Err(ServiceError::Field { field: "file", .. })),
                "{wrong}: {refused:?}"
            );
        }
    })
    .await;
}
