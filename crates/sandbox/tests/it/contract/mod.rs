//! Every exchange of the sandbox, and every request of our client, against the vendor's own Swagger files.
//!
//! The files are not part of the project. Where they are absent these tests say so and pass; see
//! [`spec::folder`].

mod check;
mod client;
mod deviations;
mod exercise;
mod recorder;
mod schema;
mod spec;
mod table;
mod violations;

use check::Strictness;
use recorder::{Exchange, Recorder};
use sandbox::SandboxConfig;
use spec::Contract;

use crate::world::World;

/// A sandbox whose exchanges are recorded.
async fn recorded() -> (World, Recorder) {
    let recorder = Recorder::default();
    let layered = recorder.clone();
    let world = World::layered(SandboxConfig::default(), |router| layered.wrap(router)).await;
    (world, recorder)
}

/// Panics with every violation of the contract in these exchanges.
#[track_caller]
fn assert_keeps(contract: &mut Contract, exchanges: &[Exchange], strictness: Strictness) {
    let found: Vec<String> = exchanges
        .iter()
        .flat_map(|exchange| {
            let violations = check::check(contract, exchange, strictness);
            violations.into_iter().map(move |violation| format!("{exchange}: {violation}"))
        })
        .collect();
    assert!(found.is_empty(), "{} violations of the contract:\n{}", found.len(), found.join("\n"));
}
