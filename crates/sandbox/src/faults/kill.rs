//! Killing a process at a chosen request: what crash tests stand on.

use std::{fmt, process::Command, sync::Arc};

use super::{Phase, rule::matches};

/// When the kill hook fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KillSpec {
    /// At which request, counted from 1 since the hook was armed; only requests of `operation` count.
    pub at_request: u64,
    /// Before the request takes effect, or after it but before the answer.
    pub phase: Phase,
    /// The operations that count; `*` stands for anything.
    pub operation: String,
}

impl KillSpec {
    /// At the given request of any operation.
    #[must_use]
    pub fn at(at_request: u64, phase: Phase) -> Self {
        Self { at_request, phase, operation: "*".to_owned() }
    }
}

/// What the kill hook does. The connection of the request is reset afterwards.
#[derive(Clone)]
pub enum KillAction {
    /// Sends SIGKILL to the process with this id.
    Process(u32),
    /// Calls this.
    Call(Arc<dyn Fn() + Send + Sync>),
}

impl KillAction {
    /// Does it, and waits until it is done.
    pub(crate) fn run(&self) {
        match self {
            Self::Call(action) => action(),
            Self::Process(id) => match Command::new("kill").args(["-KILL", &id.to_string()]).status() {
                Ok(status) if status.success() => {}
                outcome => tracing::warn!(process = id, ?outcome, "could not kill the process"),
            },
        }
    }
}

impl fmt::Debug for KillAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(id) => f.debug_tuple("Process").field(id).finish(),
            Self::Call(_) => f.write_str("Call"),
        }
    }
}

/// A hook that has not fired yet.
#[derive(Debug)]
pub(super) struct Armed {
    spec: KillSpec,
    action: KillAction,
    seen: u64,
}

impl Armed {
    pub(super) fn new(spec: KillSpec, action: KillAction) -> Self {
        Self { spec, action, seen: 0 }
    }

    /// Counts a request; at the chosen one, says what to do and when.
    pub(super) fn count(&mut self, operation: &str) -> Option<(Phase, KillAction)> {
        if !matches(&self.spec.operation, operation) {
            return None;
        }
        self.seen += 1;
        (self.seen == self.spec.at_request).then(|| (self.spec.phase, self.action.clone()))
    }
}
