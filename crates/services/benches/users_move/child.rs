//! The stand-in for SecureAuth as a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use sandbox::{Fault, FaultRule, Sandbox, SandboxConfig};
use serde::{Deserialize, Serialize};

use crate::{
    Outcome,
    world::{Now, Random},
};

/// Where the stand-in answers, and who may ask it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Its process, whose processor time is looked at.
    pub(crate) process: u32,
    pub(crate) base: String,
    pub(crate) tenant: String,
    pub(crate) admin_issuer: String,
    pub(crate) system_issuer: String,
    pub(crate) admin: (String, String),
    pub(crate) system: (String, String),
}

/// A running stand-in; ends with its owner.
pub(crate) struct StandIn {
    child: Child,
    pub(crate) address: Address,
}

impl StandIn {
    /// One that takes so much longer for every import, in milliseconds, as a network and the vendor's own work do.
    pub(crate) fn start(distance: u64) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["stand-in", &distance.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the stand-in has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, address: serde_json::from_str(&line)? })
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Answers until its owner is gone.
pub(crate) async fn stand_in(args: &[String]) -> Outcome<()> {
    let running = Sandbox::start(SandboxConfig::default(), Arc::new(Now), Arc::new(Random::new(9))).await?;
    let millis = args.get(1).map_or(Ok(0), |text| text.parse())?;
    if millis > 0 {
        let every = FaultRule::new("*importTenantConfiguration", Fault::Latency { millis });
        running.faults().add(every)?;
    }
    let address = Address {
        process: std::process::id(),
        base: running.base_url().to_owned(),
        tenant: running.config().tenant_id.clone(),
        admin_issuer: running.admin_issuer(),
        system_issuer: running.system_issuer(),
        admin: running.admin_credentials(),
        system: running.system_credentials(),
    };
    println!("{}", serde_json::to_string(&address)?);
    tokio::task::spawn_blocking(|| std::io::stdin().lines().count()).await?;
    running.shutdown().await;
    Ok(())
}
