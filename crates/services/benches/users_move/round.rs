//! One round: the console and the bare loops, one after the other, the one that begins changing with the round.

use std::time::{Duration, Instant};

use domain::{MigrationId, migration::MigrationState};
use services::{migration, worker};

use crate::{Outcome, bare, world::World};

/// What one round took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    pub(crate) staging: Duration,
    pub(crate) bare_inserts: Duration,
    pub(crate) check: Duration,
    pub(crate) run: Duration,
    pub(crate) bare_posts: Duration,
    pub(crate) reconcile: Duration,
}

const BCRYPT: &str = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/// A file of made-up users.
pub(crate) fn file(users: usize) -> String {
    use std::fmt::Write as _;
    let mut text = "id,username,email,status,given_name,family_name,password\n".to_owned();
    for n in 0..users {
        let _written = writeln!(text, "{n},user{n},user{n}@mail.example,active,Ann,Number {n},{BCRYPT}");
    }
    text
}

pub(crate) async fn take_turns(world: &World, name: &str, users: usize) -> Outcome<Round> {
    let mut round = Round::default();
    let text = file(users);
    let (bare_bid, bare_pool) = world.biller(&format!("{name}b")).await?;
    let bodies = bare::bodies(world, &bare_pool, users);
    let (bid, _) = world.biller(name).await?;
    if name.ends_with(['1', '3', '5', '7', '9']) {
        bare_turn(world, &mut round, &bare_bid.to_string(), users, &bodies).await?;
        own_turn(world, &mut round, &bid, &text).await?;
    } else {
        own_turn(world, &mut round, &bid, &text).await?;
        bare_turn(world, &mut round, &bare_bid.to_string(), users, &bodies).await?;
    }
    Ok(round)
}

async fn bare_turn(
    world: &World,
    round: &mut Round,
    name: &str,
    users: usize,
    bodies: &[String],
) -> Outcome<()> {
    round.bare_inserts = bare::inserts(world, name, users).await?;
    round.bare_posts = bare::posts(world, bodies).await?;
    Ok(())
}

async fn own_turn(world: &World, round: &mut Round, bid: &domain::Bid, text: &str) -> Outcome<()> {
    let begun = Instant::now();
    let id =
        migration::stage(&world.console, &crate::world::ops(), bid, "users.csv", text.as_bytes()).await?;
    round.staging = begun.elapsed();
    let begun = Instant::now();
    worker::run_until_idle(&world.console).await?;
    round.check = begun.elapsed();
    world.start(id).await?;
    let (worked, seen) = tokio::join!(worker::run_until_idle(&world.console), watch(world, id));
    worked?;
    (round.run, round.reconcile) = seen?;
    Ok(())
}

/// How long it was moving users, and comparing them.
async fn watch(world: &World, id: MigrationId) -> Outcome<(Duration, Duration)> {
    let (mut running, mut comparing) = (None, None);
    loop {
        match world.state(id).await? {
            MigrationState::Running => {
                running.get_or_insert_with(Instant::now);
            }
            MigrationState::Reconciling => {
                comparing.get_or_insert_with(Instant::now);
            }
            MigrationState::Finished => {
                let (running, comparing) = (running.ok_or("too quick")?, comparing.ok_or("too quick")?);
                return Ok((comparing - running, comparing.elapsed()));
            }
            MigrationState::Held => return Err("the move stopped".into()),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
