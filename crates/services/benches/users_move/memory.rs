//! The most memory of a process that stages and moves so many users.

use std::process::Command;

use services::{migration, worker};
use tokio::io::{AsyncRead, AsyncWriteExt as _};

use crate::{
    Outcome,
    child::{Address, StandIn},
    world::{self, World},
};

/// What was measured of one number of users.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Peak {
    /// MiB after staging.
    pub(crate) staged: f64,
    /// MiB at the end.
    pub(crate) moved: f64,
    /// Seconds from the first byte to the end of comparing.
    pub(crate) seconds: f64,
}

/// Measures in a process of its own, with a stand-in of its own.
pub(crate) fn of(users: usize) -> Outcome<Peak> {
    let vendor = StandIn::start(0)?;
    let output = Command::new(std::env::current_exe()?)
        .args(["mover", &users.to_string(), &serde_json::to_string(&vendor.address)?])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Moves so many users and tells how much memory that took.
pub(crate) async fn mover(args: &[String]) -> Outcome<()> {
    let users: usize = args.get(1).ok_or("how many users?")?.parse()?;
    let address: Address = serde_json::from_str(args.get(2).ok_or("which stand-in?")?)?;
    let world = World::open(&address).await?;
    let (bid, _) = world.biller("memory").await?;
    let begun = std::time::Instant::now();
    let id = migration::stage(&world.console, &world::ops(), &bid, "users.csv", made_up(users)).await?;
    let staged = world::peak()?;
    worker::run_until_idle(&world.console).await?;
    world.start(id).await?;
    worker::run_until_idle(&world.console).await?;
    let state = world.state(id).await?;
    if state != domain::migration::MigrationState::Finished {
        return Err(format!("the move is {state}").into());
    }
    let peak = Peak { staged, moved: world::peak()?, seconds: begun.elapsed().as_secs_f64() };
    println!("{}", serde_json::to_string(&peak)?);
    Ok(())
}

/// A file that is never in memory as a whole.
fn made_up(users: usize) -> impl AsyncRead + Send + Unpin {
    let (mut into, out) = tokio::io::duplex(64 * 1_024);
    tokio::spawn(async move {
        let text = crate::round::file(1);
        let (header, row) = text.split_once('\n').unwrap_or_default();
        into.write_all(format!("{header}\n").as_bytes()).await?;
        for n in 0..users {
            let own = row.replacen('0', &n.to_string(), 1).replace("user0", &format!("user{n}"));
            into.write_all(own.as_bytes()).await?;
        }
        into.shutdown().await
    });
    out
}
