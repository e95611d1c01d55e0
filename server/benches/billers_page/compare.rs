//! Rounds that take turns.

use crate::{
    Outcome, Plan,
    http::Encoding,
    load::{self, Round, Target},
    report,
    world::{Kind, World},
};

/// Kept connections under load, as of as many browsers.
pub(crate) const CONNECTIONS: usize = 8;

/// The console's rounds beside those of the hand-written page.
pub(crate) struct Pairs {
    /// How many billers there are.
    pub(crate) billers: usize,
    /// Each round of the console with the peer's round next to it.
    pub(crate) rounds: Vec<(Round, Round)>,
}

/// One kind of page with different numbers of billers.
pub(crate) struct Growth {
    /// Which page.
    pub(crate) kind: Kind,
    /// For each number of billers, the rounds.
    pub(crate) rounds: Vec<Vec<Round>>,
}

/// Prepares, measures, and prints the tables.
pub(crate) async fn run(plan: &Plan) -> Outcome<()> {
    if plan.billers.is_empty() || plan.rounds == 0 {
        return Err("there must be at least one number of billers and one round".into());
    }
    let mut worlds = Vec::new();
    for billers in &plan.billers {
        eprintln!("billers page: preparing {billers} billers");
        worlds.push(World::prepare(*billers).await?);
    }
    let before = report::load_average();
    eprintln!("billers page: {} rounds against the hand-written page", plan.rounds);
    let plain = against_peer(plan, &worlds, Encoding::Plain).await?;
    eprintln!("billers page: the same with brotli");
    let brotli = against_peer(plan, &worlds, Encoding::Brotli).await?;
    eprintln!("billers page: other pages of the list");
    let growth = with_size(plan, &worlds).await?;
    report::conditions(plan, &before);
    report::against_peer(&plain, &brotli);
    report::growth(&worlds, &plain, &growth);
    report::preparation(&worlds);
    Ok(())
}

async fn against_peer(plan: &Plan, worlds: &[World], encoding: Encoding) -> Outcome<Vec<Pairs>> {
    let targets: Vec<(Target, Target)> =
        worlds.iter().map(|world| (world.console(Kind::First, encoding), world.peer(encoding))).collect();
    for (console, peer) in &targets {
        warm_up(plan, console, CONNECTIONS).await?;
        warm_up(plan, peer, CONNECTIONS).await?;
    }
    let mut pairs: Vec<Pairs> =
        worlds.iter().map(|world| Pairs { billers: world.billers, rounds: Vec::new() }).collect();
    for number in 0..plan.rounds {
        for ((console, peer), pairs) in targets.iter().zip(&mut pairs) {
            let measure = |target| load::round(target, CONNECTIONS, plan.length());
            // Every other round the peer begins, so that neither always follows the other.
            let (ours, theirs);
            if number % 2 == 0 {
                ours = measure(console).await?;
                theirs = measure(peer).await?;
            } else {
                theirs = measure(peer).await?;
                ours = measure(console).await?;
            }
            pairs.rounds.push((ours, theirs));
        }
    }
    Ok(pairs)
}

/// One request at a time: what a person waits for.
async fn with_size(plan: &Plan, worlds: &[World]) -> Outcome<Vec<Growth>> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let targets: Vec<Target> = worlds.iter().map(|world| world.console(kind, Encoding::Plain)).collect();
        for target in &targets {
            warm_up(plan, target, 1).await?;
        }
        let mut rounds = vec![Vec::new(); worlds.len()];
        for _ in 0..plan.rounds {
            for (target, rounds) in targets.iter().zip(&mut rounds) {
                rounds.push(load::round(target, 1, plan.length() / 4).await?);
            }
        }
        all.push(Growth { kind, rounds });
    }
    Ok(all)
}

async fn warm_up(plan: &Plan, target: &Target, connections: usize) -> Outcome<()> {
    load::round(target, connections, plan.length() / 4).await.map(drop)
}
