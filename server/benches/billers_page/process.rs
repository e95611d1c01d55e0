//! Child processes that serve, and end with the benchmark.

use std::{
    net::SocketAddr,
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

/// The address in what a server wrote when it was ready.
pub(crate) fn address(url: &Value) -> Outcome<SocketAddr> {
    let url = url.as_str().unwrap_or_default();
    Ok(url.strip_prefix("http://").ok_or_else(|| format!("{url:?} is no address"))?.parse()?)
}

/// Processor time that a process has used, in user and kernel mode.
pub(crate) fn processor_time(process: u32) -> Duration {
    // After the name in brackets: state is field 3; user and system time are fields 14 and 15, in 1/100 s.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
