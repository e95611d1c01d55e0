//! A run that is stopped at any effect and reopened loses nothing and doubles nothing.

use std::time::Duration;

use domain::{
    Bid, Clock, RunId,
    actor::Role,
    biller::CiamStatus,
    emergency::Decision,
    login::LoginRoute,
    run::{RunKind, RunState},
    settings::{Agreement, Layer, vanity::IssuerChoice},
    use_case::{Choices, OldUrlBehaviour, ScheduleState, UseCase, UseCases},
};
use sandbox::ObjectKind;
use services::{
    biller_settings::confirm, change_use_cases, emergency_off, enable_biller, resume_biller,
    schedule_use_cases, schedule_use_cases::ScheduleRequest, suspend_biller, take_back_run, worker,
};

use crate::{biller_settings, fuse::Fuse, vanity, world::World};

/// Longer than a lease, so that a reopened console takes the dead one's job over.
const LEASE_OVER: Duration = Duration::from_secs(120);

/// Works until the fuse blows; tells whether it did.
pub(crate) async fn work_until_blown(world: &World, n: i64) -> bool {
    let fuse = Fuse::at(n);
    let console = fuse.fitted(&world.console);
    tokio::select! {
        done = worker::run_until_idle(&console) => {
            done.unwrap();
            false
        }
        () = fuse.blown() => true,
    }
}

/// Finishes what the dead console left, on a reopened one.
pub(crate) async fn reopen_and_finish(world: &World) {
    world.clock.advance(LEASE_OVER);
    let console = world.reopen().await;
    worker::run_until_idle(&console).await.unwrap();
}

async fn assert_succeeded(world: &World, bid: &Bid, run: RunId, status: CiamStatus, context: &str) {
    let mut conn = world.console.store.read().await.unwrap();
    let run = storage::runs::find(&mut conn, run).await.unwrap().unwrap();
    let steps = storage::runs::steps(&mut conn, run.id).await.unwrap();
    assert_eq!(run.state, RunState::Succeeded, "{context}: {steps:#?}");
    let biller = storage::billers::find(&mut conn, bid).await.unwrap().unwrap();
    assert_eq!(biller.status, status, "{context}");
    assert_eq!(biller.open_run, None, "{context}");
}

/// Tells IC of each finished run exactly once: one event in the outbox.
async fn assert_events(world: &World, bid: &Bid, expected: usize, context: &str) {
    let mut conn = world.console.store.read().await.unwrap();
    let query = storage::events::DeliveryQuery { bid: Some(bid.clone()), limit: 50, ..Default::default() };
    let deliveries = storage::events::deliveries(&mut conn, &query).await.unwrap();
    assert_eq!(deliveries.len(), expected, "{context}: {deliveries:#?}");
}

pub(crate) async fn assert_whole_audit(world: &World) {
    let mut conn = world.console.store.read().await.unwrap();
    storage::audit::verify(&mut conn).await.unwrap();
}

fn objects_of(world: &World, bid: &Bid) -> usize {
    let state = world.sandbox.state();
    [ObjectKind::Organization, ObjectKind::Pool, ObjectKind::Binding, ObjectKind::Application]
        .into_iter()
        .flat_map(|kind| state.all(kind).map(|(id, _)| id.clone()).collect::<Vec<_>>())
        .filter(|id| id.contains(&format!("ic-{bid}")))
        .count()
}

#[tokio::test]
async fn an_enablement_stopped_at_any_effect_is_finished_without_loss_or_double() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        for n in 1.. {
            let bid = world.biller(&format!("e{n}"), "City of Abbeville").await;
            let run = enable_biller::enable(&world.console, &actor, &bid, None).await.unwrap();
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("enable, fuse at {n}");
            assert_succeeded(&world, &bid, run, CiamStatus::Enabled, &context).await;
            assert_eq!(objects_of(&world, &bid), 4, "{context}");
            assert_events(&world, &bid, 1, &context).await;
            let mut conn = world.console.store.read().await.unwrap();
            let objects = storage::objects::of_biller(&mut conn, &bid).await.unwrap();
            let created = objects.iter().filter(|o| o.origin == domain::object::Origin::Created).count();
            assert_eq!(created, 4, "{context}: what this run made is known as made by it: {objects:#?}");
            if !blown {
                assert!(n > 40, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_whole_audit(&world).await;
    })
    .await;
}

#[tokio::test]
async fn suspension_and_resumption_stopped_at_any_effect_are_finished() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        let bid = world.enabled_biller("s1", "Town of Ames").await;
        let (mut suspended_whole, mut resumed_whole) = (false, false);
        for n in 1.. {
            let run =
                suspend_biller::suspend(&world.console, &actor, &bid, "Town of Ames", None).await.unwrap();
            suspended_whole |= !work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            assert_succeeded(&world, &bid, run, CiamStatus::Suspended, &format!("suspend, fuse at {n}"))
                .await;
            let run = resume_biller::resume(&world.console, &actor, &bid, None).await.unwrap();
            resumed_whole |= !work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("resume, fuse at {n}");
            assert_succeeded(&world, &bid, run, CiamStatus::Enabled, &context).await;
            assert_eq!(objects_of(&world, &bid), 4, "{context}");
            if suspended_whole && resumed_whole {
                break;
            }
        }
        assert_whole_audit(&world).await;
    })
    .await;
}

#[tokio::test]
async fn an_undo_stopped_at_any_effect_leaves_nothing_behind() {
    World::each(async |world: World| {
        let actor = world.person(Role::AccountManager);
        for n in 1.. {
            let bid = world.biller(&format!("u{n}"), "Village of Minster").await;
            let failed = world.failed_enablement(&bid, "admin.bindServerTheme").await;
            assert_eq!(objects_of(&world, &bid), 4);
            let run = take_back_run::take_back(&world.console, &actor, failed, None).await.unwrap();
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("undo, fuse at {n}");
            assert_succeeded(&world, &bid, run, CiamStatus::NotEnabled, &context).await;
            assert_eq!(objects_of(&world, &bid), 0, "{context}");
            let mut conn = world.console.store.read().await.unwrap();
            let biller = storage::billers::find(&mut conn, &bid).await.unwrap().unwrap();
            assert_eq!((biller.login_route, biller.issuer), (LoginRoute::Legacy, None), "{context}");
            if !blown {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_of_use_cases_stopped_at_any_effect_is_finished_and_its_test_user_is_gone() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("c1", "Town of Ames").await;
        world.users_moved(&bid).await;
        let (mut on_whole, mut off_whole) = (false, false);
        let mut told = 0;
        for n in 1.. {
            let on = world.change(&bid, "on on on redirect").await.unwrap().unwrap();
            on_whole |= !work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("on, fuse at {n}");
            assert_succeeded(&world, &bid, on, CiamStatus::Enabled, &context).await;
            let all = UseCases::of(UseCase::ALL.iter().copied());
            assert_eq!(world.in_effect(&bid).await, all.with_old_url(OldUrlBehaviour::Redirect), "{context}");
            assert_eq!(world.find(&bid).await.login_route, LoginRoute::SecureAuth, "{context}");
            assert_eq!(world.sandbox.state().all(ObjectKind::User).count(), 0, "{context}");
            let off = world.change(&bid, "off off off inherit").await.unwrap().unwrap();
            off_whole |= !work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("off, fuse at {n}");
            assert_succeeded(&world, &bid, off, CiamStatus::Enabled, &context).await;
            assert_eq!(world.in_effect(&bid).await, UseCases::default(), "{context}");
            assert_eq!(world.find(&bid).await.login_route, LoginRoute::Legacy, "{context}");
            assert_eq!(objects_of(&world, &bid), 4, "{context}");
            told += 2;
            assert_eq!(world.news(&bid).await.len(), told, "{context}: IC is told once of each");
            if on_whole && off_whole {
                assert!(n > 25, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_whole_audit(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_scheduled_change_stopped_at_any_effect_is_made_once() {
    World::each(async |world: World| {
        let product = world.person(Role::Product);
        for n in 1.. {
            let bid = world.enabled_biller(&format!("d{n}"), "Town of Ames").await;
            let due = world.clock.now().plus(Duration::from_secs(3_600));
            let told = due.rfc3339();
            let (day, time) = told.trim_end_matches('Z').split_once('T').unwrap();
            let request = ScheduleRequest {
                choices: "on inherit inherit inherit".parse().unwrap(),
                seen: Choices::default(),
                day: day.to_owned(),
                time: time.to_owned(),
                zone: "UTC".to_owned(),
                reason: None,
            };
            schedule_use_cases::schedule(&world.console, &product, &bid, request).await.unwrap();
            world.clock.set(due);
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("scheduled, fuse at {n}");
            let view = change_use_cases::show(&world.console, &product, &bid).await.unwrap();
            assert_eq!(view.scheduled[0].change.state, ScheduleState::Applied, "{context}");
            assert_eq!(view.history.len(), 1, "{context}");
            assert_eq!(world.in_effect(&bid).await, UseCases::of([UseCase::UserHosting]), "{context}");
            assert_eq!(world.news(&bid).await.len(), 1, "{context}");
            if !blown {
                assert!(n > 25, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_whole_audit(&world).await;
    })
    .await;
}

#[tokio::test]
async fn the_news_of_an_emergency_stopped_at_any_effect_is_told_once_of_each_biller() {
    World::each(async |world: World| {
        let (ops, product) = (world.person(Role::Ops), world.person(Role::Product));
        let mut bids = Vec::new();
        for n in 0..3 {
            let bid = world.enabled_biller(&format!("n{n}"), &format!("Town {n}")).await;
            world.change(&bid, "on inherit inherit inherit").await.unwrap();
            bids.push(bid);
        }
        world.work().await;
        for n in 1.. {
            let why = || Some("attack".to_owned());
            let id = emergency_off::start(&world.console, &ops, None, "everyone", why()).await.unwrap();
            let mut whole = !work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            emergency_off::decide(&world.console, &product, id, Decision::Lift, None).await.unwrap();
            whole &= !work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            for bid in &bids {
                let told = world.news(bid).await;
                let expected = usize::try_from(1 + 2 * n).unwrap();
                assert_eq!(told.len(), expected, "{bid}, fuse at {n}: {told:#?}");
            }
            if whole {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn settings_stopped_at_any_effect_are_written_and_read_back() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("t1", "Town of Ames").await;
        for n in 1.. {
            let number = (n + 4).to_string();
            let minutes = format!("{}m", n + 10);
            let colour = format!("#{:06X}", n);
            // Every third run takes it away, and every one in effect has to be left first.
            let host = if n % 3 == 0 { "none".to_owned() } else { format!("login{n}.t1.localhost") };
            let typed = [
                ("pool.password.min_length", number.as_str()),
                ("organization.access_token_ttl", minutes.as_str()),
                ("organization.color", colour.as_str()),
                ("binding.hidden", if n % 2 == 0 { "false" } else { "true" }),
                ("application.trusted", if n % 2 == 0 { "true" } else { "false" }),
                ("theme.bound", if n % 2 == 0 { "shared-theme" } else { "none" }),
                ("vanity_domain.host", host.as_str()),
            ];
            let layer = Layer::Biller(bid.clone());
            let run = biller_settings::set(&world, layer.clone(), &typed).await.runs[0];
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("settings, fuse at {n}");
            assert_succeeded(&world, &bid, run, CiamStatus::Enabled, &context).await;
            let actor = world.person(Role::Product);
            services::biller_settings::show::look_again(&world.console, &actor, &bid).await.unwrap();
            let found = biller_settings::shown(&world, &layer).await;
            for (key, _) in typed {
                let row = biller_settings::row(&found, key);
                assert_eq!(row.agreement, Agreement::InSync, "{context}: {key}");
            }
            if !blown {
                assert!(n > 25, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_whole_audit(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_switch_of_the_issuer_stopped_at_any_effect_is_made_and_told_once() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("w1", "Town of Ames").await;
        vanity::request(&world, &bid, "login.w1.localhost").await;
        let product = world.person(Role::Product);
        for n in 1.. {
            let to = if n % 2 == 0 { IssuerChoice::Own } else { IssuerChoice::Vanity };
            let view = vanity::propose_switch(&world, &bid, to).await.unwrap();
            let why = Some("IC trusts it".to_owned());
            let done = confirm::confirm(&world.console, &product, view.id, &view.token, why).await.unwrap();
            let blown = work_until_blown(&world, n).await;
            reopen_and_finish(&world).await;
            let context = format!("switch, fuse at {n}");
            assert_succeeded(&world, &bid, done.runs[0], CiamStatus::Enabled, &context).await;
            assert_eq!(world.find(&bid).await.issuer, done.issuer, "{context}");
            assert_eq!(vanity::told_of(&world, &bid).await, usize::try_from(n).unwrap(), "{context}");
            if !blown {
                assert!(n > 10, "the fuse ran out of effects at {n}: are all effects on it?");
                break;
            }
        }
        assert_whole_audit(&world).await;
    })
    .await;
}

/// Which kinds of run the tests above stop; a new kind must be added there.
#[test]
fn every_kind_of_run_is_stopped_somewhere_above() {
    use RunKind::{Abandon, ApplySettings, ChangeUseCases, Enable, Resume, Suspend, SwitchIssuer};
    let stopped = [Enable, Abandon, Suspend, Resume, ChangeUseCases, ApplySettings, SwitchIssuer];
    assert_eq!(RunKind::ALL, stopped);
}
