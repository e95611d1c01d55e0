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
    pub(crate) run_processor: Processor,
    pub(crate) bare_processor: Processor,
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
    let before = Processor::used(world);
    round.bare_posts = bare::posts(world, bodies).await?;
    round.bare_processor = Processor::used(world).since(before);
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
    (round.run, round.reconcile, round.run_processor) = seen?;
    Ok(())
}

/// Processor time that processes have used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Processor {
    pub(crate) own: Duration,
    pub(crate) stand_in: Duration,
}

impl Processor {
    fn used(world: &World) -> Self {
        Self { own: of_process(std::process::id()), stand_in: of_process(world.address.process) }
    }

    fn since(self, before: Self) -> Self {
        Self {
            own: self.own.saturating_sub(before.own),
            stand_in: self.stand_in.saturating_sub(before.stand_in),
        }
    }
}

fn of_process(process: u32) -> Duration {
    // After the name in brackets: state is field 3; user and system time are fields 14 and 15, in 1/100 s.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Looking costs processor time that is not the console's: the run takes hundreds of these.
const LOOK: Duration = Duration::from_millis(20);

/// How long it was moving users and comparing them, and the processor time of moving them.
async fn watch(world: &World, id: MigrationId) -> Outcome<(Duration, Duration, Processor)> {
    let now = || (Instant::now(), Processor::used(world));
    let (mut running, mut comparing) = (None, None);
    loop {
        match world.state(id).await? {
            MigrationState::Running => {
                running.get_or_insert_with(now);
            }
            MigrationState::Reconciling => {
                comparing.get_or_insert_with(now);
            }
            MigrationState::Finished => {
                let (running, comparing) = (running.ok_or("too quick")?, comparing.ok_or("too quick")?);
                return Ok((comparing.0 - running.0, comparing.0.elapsed(), comparing.1.since(running.1)));
            }
            MigrationState::Held => return Err("the move stopped".into()),
            _ => {}
        }
        tokio::time::sleep(LOOK).await;
    }
}
