//! Reset e-mails go out in waves, in working hours, once to each person.

use domain::migration::{MailAct, MailState, MailingState};

use super::*;

/// People without a password; the world's clock begins on Monday 2026-11-23 at 06:00 in Chicago.
fn people(n: usize) -> String {
    let mut text = format!("{HEADER}\n");
    for n in 0..n {
        text.push_str(&format!("{n},user{n},user{n}@x.example,,active,\n"));
    }
    text
}

async fn moved(world: &World, bid: &Bid, n: usize) -> MigrationId {
    let id = checked(world, bid, &people(n)).await;
    ask(world, id, MigrationAct::Start).await;
    world.work().await;
    assert_eq!(find(world, id).await.state, MigrationState::Finished);
    id
}

async fn mail(world: &World, id: MigrationId, act: MailAct) -> Result<(), ServiceError> {
    migration::mail_resets(&world.console, &world.person(Role::Ops), id, act).await
}

async fn standing(world: &World, id: MigrationId) -> (MailingState, BTreeMap<MailState, u64>) {
    let mut conn = world.console.store.read().await.unwrap();
    let mailing = user_migrations::mailing(&mut conn, id).await.unwrap().unwrap();
    drop(conn);
    let counts = counts(world, id).await;
    let mails = MailState::ALL.iter().filter_map(|it| Some((*it, *counts.get(&Count::Mail(*it))?)));
    (mailing.state, mails.collect())
}

/// Works now, and then so many times in the pace of the test's rules: one e-mail in six minutes.
async fn pass(world: &World, times: usize) {
    world.work().await;
    for _ in 0..times {
        world.clock.advance(Duration::from_secs(361));
        world.work().await;
    }
}

/// How many e-mails the vendor was asked to send so far.
fn letters(world: &World) -> u64 {
    let requests = world.sandbox.requests_per_operation();
    requests.iter().filter(|(name, _)| name.contains("requestResetPassword")).map(|(_, n)| n).sum()
}

#[tokio::test]
async fn everybody_is_written_to_once_in_working_hours_and_counted_to_the_end() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let id = moved(&world, &bid, 7).await;
        assert!(mail(&world, id, MailAct::Pause).await.is_err(), "nothing goes out yet");
        mail(&world, id, MailAct::Start).await.unwrap();
        world.work().await;
        assert_eq!(letters(&world), 0, "it is six in the morning in Chicago");
        world.clock.advance(Duration::from_secs(3 * 3600));
        pass(&world, 4).await;
        assert_eq!(letters(&world), 5, "a wave is what a day takes");
        mail(&world, id, MailAct::Pause).await.unwrap();
        // Tuesday, a little after nine.
        world.clock.advance(Duration::from_secs(24 * 3600 - 4 * 361 + 1));
        world.work().await;
        assert_eq!(letters(&world), 5, "paused");
        mail(&world, id, MailAct::Resume).await.unwrap();
        pass(&world, 2).await;
        assert_eq!(letters(&world), 7);
        // One sets a password, the others never do.
        let user = users_at_vendor(&world, &bid)[0].clone();
        let pool = PoolId::parse(user["user_pool_id"].as_str().unwrap()).unwrap();
        let one = secureauth::UserId::parse(user["id"].as_str().unwrap()).unwrap();
        let valid = secureauth::PasswordState::Valid;
        world.console.vendor.set_password_state(&pool, &one, &valid).await.unwrap();
        for _ in 0..12 {
            world.clock.advance(Duration::from_secs(24 * 3600));
            world.work().await;
        }
        let (state, mails) = standing(&world, id).await;
        assert_eq!(state, MailingState::Done);
        assert_eq!(mails, BTreeMap::from([(MailState::Sent, 6), (MailState::Completed, 1)]));
        assert_eq!(letters(&world), 7, "nobody is written to twice by itself");
        mail(&world, id, MailAct::Again).await.unwrap();
        // It is Sunday.
        world.clock.advance(Duration::from_secs(24 * 3600));
        pass(&world, 1).await;
        assert_eq!(letters(&world), 9, "two of the six");
        storage::audit::verify(&mut world.console.store.read().await.unwrap()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_refused_is_counted_and_a_busy_vendor_waited_for() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    let id = moved(&world, &bid, 3).await;
    mail(&world, id, MailAct::Start).await.unwrap();
    world.clock.advance(Duration::from_secs(3 * 3600));
    let refused = Fault::Error { status: 422, error_code: None };
    world.sandbox.faults().add(FaultRule::new("*ResetPassword*", refused).times(1)).unwrap();
    pass(&world, 3).await;
    let (_, mails) = standing(&world, id).await;
    assert_eq!(mails, BTreeMap::from([(MailState::Sent, 2), (MailState::Failed, 1)]));
    let view = migration::show(&world.console, &world.person(Role::Ops), id).await.unwrap();
    assert_eq!(view.mails.problems, [("SecureAuth refused to send to this address".to_owned(), 1)]);
}

#[tokio::test]
async fn e_mails_stopped_at_any_effect_reach_nobody_twice() {
    World::each(async |world: World| {
        world.clock.advance(Duration::from_secs(3 * 3600));
        for n in 1.. {
            let bid = world.enabled_biller(&format!("e{n}"), "City of Abbeville").await;
            let id = moved(&world, &bid, 1).await;
            mail(&world, id, MailAct::Start).await.unwrap();
            let before = letters(&world);
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let blown = tokio::select! {
                done = worker::run_until_idle(&console) => { done.unwrap(); false }
                () = fuse.blown() => true,
            };
            drop(console);
            world.clock.advance(Duration::from_secs(40));
            worker::run_until_idle(&world.reopen().await).await.unwrap();
            let (_, mails) = standing(&world, id).await;
            let sent_out = letters(&world) - before;
            assert!(sent_out <= 1, "fuse at {n}: {sent_out}");
            let unsure = mails.get(&MailState::Unsure).copied().unwrap_or(0);
            let sent = mails.get(&MailState::Sent).copied().unwrap_or(0);
            assert_eq!(sent + unsure, 1, "fuse at {n}: {mails:?}");
            if !blown {
                assert!(n > 6 && unsure == 0, "the fuse must blow somewhere: {n}");
                break;
            }
        }
    })
    .await;
}
