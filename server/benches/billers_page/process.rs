//! Child processes that serve, and end with the benchmark.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::Outcome;

/// More than any load here.
const BOUNDLESS: &str = "{per_second=1000000,burst=1000000}";

/// A server gets ready within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running child.
pub(crate) struct Process(Child);

impl Process {
    /// Starts `command` and waits until it has written its addresses into `ready`.
    pub(crate) fn start(mut command: Command, ready: &Path) -> Outcome<(Self, Value)> {
        let mut process = Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?);
        let begun = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(ready) {
                return Ok((process, serde_json::from_str(&text)?));
            }
            if let Some(status) = process.0.try_wait()? {
                return Err(format!("{command:?} ended before it was ready: {status}").into());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{command:?} does not get ready").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The process' id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program itself, quiet and independent of the caller's configuration.
pub(crate) fn console(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ciam-console"));
    command
        .arg("--data-dir")
        .arg(data_dir)
        .env("LEPTOS_OUTPUT_NAME", "ciam-console")
        // One address and one session send all the load.
        .env("CIAM_LIMITS__ADDRESS", BOUNDLESS)
        .env("CIAM_LIMITS__SESSION", BOUNDLESS)
        .env("CIAM_LOG__FILTER", "error");
    command
}
