//! What is set for one biller is copied to many by a wave: pilot first, in stages, each looked at again when its turn comes.

use std::time::Duration;

use domain::{
    Bid, WaveId,
    actor::{Actor, Role},
    audit::{AuditAction, ChainedEntry},
    settings::{Agreement, Layer, RequestDecision, SettingValue, ValueOrigin},
    wave::{WaveAction, WaveItemState, WaveRules, WaveState},
};
use sandbox::{Fault, FaultRule};
use services::{
    ServiceError,
    biller_settings::{
        as_code,
        confirm::{self, Confirmed},
        preview, requests,
    },
    bulk_enable,
};

use crate::{
    apply_defaults::{COLOUR, LENGTH, billers, to_the_end},
    biller_settings::{row, set, shown},
    world::World,
};

/// A biller with values of its own, which SecureAuth shows.
async fn source(world: &World, typed: &[(&str, &str)]) -> Bid {
    let bid = world.enabled_biller("s1", "Town of Source").await;
    set(world, Layer::Biller(bid.clone()), typed).await;
    world.work().await;
    bid
}

/// Copies as this person, by these rules.
pub(crate) async fn copy(
    world: &World,
    actor: &Actor,
    from: &Bid,
    to: &[Bid],
    rules: WaveRules,
) -> Result<Confirmed, ServiceError> {
    let id = as_code::copy(&world.console, actor, from, to).await?;
    let view = preview::preview(&world.console, actor, id).await?;
    let why = Some("one look for all".to_owned());
    confirm::confirm_by(&world.console, actor, id, &view.token, why, rules).await
}

async fn colour_of(world: &World, bid: &Bid) -> (Agreement, ValueOrigin, String) {
    let view = shown(world, &Layer::Biller(bid.clone())).await;
    let found = row(&view, COLOUR);
    let value = found.effective.value.as_ref().map(SettingValue::to_text);
    (found.agreement, found.effective.origin, value.unwrap_or_default())
}

async fn item(world: &World, wave: WaveId, bid: &Bid) -> (WaveItemState, String) {
    let page = bulk_enable::show(&world.console, &world.person(Role::Product), wave, None).await.unwrap();
    let item = page.items.into_iter().find(|item| item.bid == *bid).unwrap();
    (item.state, item.note.unwrap_or_default())
}

#[tokio::test]
async fn a_copy_to_many_goes_pilot_first_and_leaves_what_others_decided_meanwhile() {
    World::each(async |world: World| {
        let from = source(&world, &[(COLOUR, "#123456"), (LENGTH, "13")]).await;
        let mut bids = billers(&world, 4).await;
        bids.push(world.biller("d9", "Not Enabled").await);
        let product = world.person(Role::Product);
        let rules = WaveRules { pilot: 1, stage: 2, ..WaveRules::default() };
        let done = copy(&world, &product, &from, &bids, rules).await.unwrap();
        let wave = done.wave.unwrap();
        assert!(done.runs.is_empty(), "no run of its own beside the wave");
        let page = to_the_end(&world, wave).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Held, 1), "the pilot");
        assert!(matches!(&page.wave.action, WaveAction::Copy { from: of, values } if *of == from && values.len() == 2));
        assert_eq!(colour_of(&world, &bids[1]).await.1, ValueOrigin::Default, "nothing is set for the others yet");
        // While the pilot is looked at: one gets a colour by hand, one is as wanted already.
        set(&world, Layer::Biller(bids[2].clone()), &[(COLOUR, "#999999")]).await;
        set(&world, Layer::Biller(bids[3].clone()), &[(COLOUR, "#123456"), (LENGTH, "13")]).await;
        world.work().await;
        bulk_enable::go_on(&world.console, &product, wave, None).await.unwrap();
        world.clock.advance(Duration::from_secs(1));
        let page = to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Finished);
        assert_eq!((page.wave.counts.succeeded, page.wave.counts.skipped), (3, 2));
        let (state, note) = item(&world, wave, &bids[2]).await;
        assert_eq!(state, WaveItemState::Skipped);
        assert!(note.starts_with("Somebody set Colour otherwise"), "{note}");
        assert_eq!(item(&world, wave, &bids[3]).await.1, "It is set like this already.");
        let own = |colour: &str| (Agreement::InSync, ValueOrigin::Biller, colour.to_owned());
        for (bid, colour) in bids.iter().zip(["#123456", "#123456", "#999999", "#123456"]) {
            assert_eq!(colour_of(&world, bid).await, own(colour), "{bid}");
        }
        // Where nothing is at SecureAuth yet it is set, and written when the biller is enabled.
        let (_, origin, colour) = colour_of(&world, &bids[4]).await;
        assert_eq!((origin, colour.as_str()), (ValueOrigin::Biller, "#123456"));
        assert_eq!(item(&world, wave, &bids[4]).await.0, WaveItemState::Succeeded);
        let entries = world.audit().await;
        let of_wave = |it: &&ChainedEntry| {
            let after = it.entry.after.as_ref();
            it.entry.action == AuditAction::SettingsChanged && after.is_some_and(|it| it["wave"] == wave.to_string())
        };
        assert_eq!(entries.iter().filter(of_wave).count(), 3, "one entry for each biller that was changed");
    })
    .await;
}

#[tokio::test]
async fn a_wave_of_copies_stops_itself_and_a_copy_to_one_is_a_plain_run() {
    World::each(async |world: World| {
        let from = source(&world, &[(COLOUR, "#123456")]).await;
        let bids = billers(&world, 4).await;
        let product = world.person(Role::Product);
        let one = copy(&world, &product, &from, &bids[..1], WaveRules::default()).await.unwrap();
        assert_eq!((one.wave, one.runs.len()), (None, 1));
        world.work().await;
        for operation in ["admin.updateAuthorizationServer", "admin.updateOrganization"] {
            let refused = Fault::Error { status: 422, error_code: None };
            world.sandbox.faults().add(FaultRule::new(operation, refused)).unwrap();
        }
        let out_of_range = WaveRules { parallel: 9, ..WaveRules::default() };
        let refused = copy(&world, &product, &from, &bids, out_of_range).await;
        assert!(matches!(refused, Err(ServiceError::Field { field: "rules", .. })), "{refused:?}");
        let rules = WaveRules { parallel: 1, stop_above_percent: 0, ..WaveRules::default() };
        let wave = copy(&world, &product, &from, &bids, rules).await.unwrap().wave.unwrap();
        let page = to_the_end(&world, wave).await;
        assert_eq!(page.wave.state, WaveState::Stopped);
        assert_eq!(
            (page.wave.counts.failed, page.wave.counts.waiting),
            (1, 2),
            "the first one was copied to before"
        );
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_high_risk_waits_for_a_second_person_and_then_goes_as_it_was_asked_for() {
    World::each(async |world: World| {
        let from = source(&world, &[("pool.self_registration", "true")]).await;
        let bids = billers(&world, 3).await;
        let world = world.restarted_with(|settings| settings.second_person = true).await;
        let (author, owner) = (world.person(Role::Product), world.person(Role::PlatformOwner));
        let rules = WaveRules { pilot: 1, parallel: 2, ..WaveRules::default() };
        let asked = copy(&world, &author, &from, &bids, rules).await.unwrap();
        assert_eq!(asked.wave, None);
        let id = asked.request.unwrap();
        let view = requests::show(&world.console, &owner, id).await.unwrap();
        assert_eq!(view.request.body.rules, Some(rules));
        let approve = RequestDecision::Approve;
        let token = view.view.token;
        let own = requests::decide(&world.console, &author, id, approve, &token, None).await;
        assert!(own.is_err());
        let (_, done) = requests::decide(&world.console, &owner, id, approve, &token, None).await.unwrap();
        let page = to_the_end(&world, done.wave.unwrap()).await;
        assert_eq!((page.wave.state, page.wave.counts.succeeded), (WaveState::Held, 1));
        assert_eq!((page.wave.rules, &page.wave.requested_by), (rules, &author));
        let entries = world.audit().await;
        let started = entries.iter().find(|it| it.entry.action == AuditAction::WaveStarted).unwrap();
        assert_eq!(started.entry.actor, owner);
        assert_eq!(started.entry.after.as_ref().unwrap()["requested_by"], author.name());
    })
    .await;
}
