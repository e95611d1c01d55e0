//! Faults on demand: latency, errors, 429, connection reset, slow body, outage, and killing a process at
//! a chosen request. Each is limited by operation, count and probability.

mod dice;
mod kill;
mod rule;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

pub use kill::{KillAction, KillSpec};
pub use rule::{Fault, FaultRule, InvalidRule, Phase};

use crate::http_error::Refusal;
use dice::Dice;

/// The faults of a running sandbox; changed at any time, from code, by `/sandbox/faults` or on the page.
#[derive(Debug)]
pub struct Faults {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    rules: Vec<Armed>,
    kill: Option<kill::Armed>,
    dice: Dice,
}

#[derive(Clone, Debug)]
struct Armed {
    rule: FaultRule,
    seen: u32,
    hits: u32,
}

/// A rule with what it has done so far.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct FaultStatus {
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// How many requests it has hit.
    pub hits: u32,
}

/// What happens to one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// How long it waits first.
    pub(crate) delay: Duration,
    /// What cuts it short.
    pub(crate) cut: Option<Cut>,
    /// Over how long its answer is stretched.
    pub(crate) slow: Option<Duration>,
    /// Who is killed, and when.
    pub(crate) kill: Option<(Phase, KillAction)>,
    /// The faults that hit it, for the log.
    pub(crate) names: Vec<&'static str>,
}

/// What cuts a request short.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cut {
    /// It is refused without being applied.
    Answer(Refusal),
    /// Its connection is reset.
    Reset(Phase),
}

impl Faults {
    /// No faults; `seed` throws the dice of rules with a probability.
    pub(crate) fn new(seed: u64) -> Self {
        Self { inner: Mutex::new(Inner { rules: Vec::new(), kill: None, dice: Dice::new(seed) }) }
    }

    /// Adds a rule; rules are tried in the order they were added.
    ///
    /// # Errors
    /// When the rule cannot be meant, with the reason.
    pub fn add(&self, rule: FaultRule) -> Result<(), InvalidRule> {
        rule.check()?;
        self.lock().rules.push(Armed { rule, seen: 0, hits: 0 });
        Ok(())
    }

    /// Puts these rules in place of all others.
    ///
    /// # Errors
    /// When one of them cannot be meant; nothing changes then.
    pub fn replace(&self, rules: Vec<FaultRule>) -> Result<(), InvalidRule> {
        rules.iter().try_for_each(FaultRule::check)?;
        self.lock().rules = rules.into_iter().map(|rule| Armed { rule, seen: 0, hits: 0 }).collect();
        Ok(())
    }

    /// Removes every rule and disarms the kill hook.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.rules.clear();
        inner.kill = None;
    }

    /// Removes the rule at that place of [`Faults::status`]; `false` if there is none.
    pub fn remove(&self, index: usize) -> bool {
        let mut inner = self.lock();
        let there = index < inner.rules.len();
        if there {
            inner.rules.remove(index);
        }
        there
    }

    /// Arms the kill hook; requests are counted from now. It fires once.
    pub fn kill_at(&self, spec: KillSpec, action: KillAction) {
        self.lock().kill = Some(kill::Armed::new(spec, action));
    }

    /// Every rule with what it has done.
    #[must_use]
    pub fn status(&self) -> Vec<FaultStatus> {
        let inner = self.lock();
        inner.rules.iter().map(|armed| FaultStatus { rule: armed.rule.clone(), hits: armed.hits }).collect()
    }

    /// Decides what happens to a request of `operation`, and counts it.
    pub(crate) fn plan(&self, operation: &str) -> Plan {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let mut plan = Plan::default();
        for armed in &mut inner.rules {
            if armed.strikes(operation, &mut inner.dice) {
                plan.names.push(armed.rule.fault.name());
                armed.rule.fault.enter(&mut plan);
            }
        }
        if let Some(fired) = inner.kill.as_mut().and_then(|kill| kill.count(operation)) {
            plan.kill = Some(fired);
            inner.kill = None;
        }
        plan
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    fn strikes(&mut self, operation: &str, dice: &mut Dice) -> bool {
        let rule = &self.rule;
        if !rule.covers(operation) || rule.count.is_some_and(|count| self.hits >= count) {
            return false;
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen <= rule.skip || !dice.shows(rule.probability) {
            return false;
        }
        self.hits = self.hits.saturating_add(1);
        true
    }
}
