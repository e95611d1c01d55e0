//! Changes of settings: what a person proposes, and what a run writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Layer, Observed, Scope, Setting, SettingKey, SettingValue, Values, vanity::IssuerSwitch, wire};
use crate::{Bid, words};

words! {
    /// How a proposal came about.
    ProposalSource, "source of a change" {
        /// Somebody filled the form in.
        Form = "form", "Settings page";
        /// A file was brought in.
        Import = "import", "Imported file";
        /// Settings of another biller were copied.
        Copy = "copy", "Copied from another biller";
        /// Drift is put right.
        Drift = "drift", "Drift";
        /// Sign-ins are to go to another issuer.
        Issuer = "issuer", "Switch of the issuer";
    }
}

words! {
    /// What a run does about a value at SecureAuth that is not the one it was decided on.
    WriteMode, "write mode" {
        /// It writes nothing to that object and says so.
        Strict = "strict", "Refuse";
        /// It leaves that value as it is: for taking back, where only our own writes are undone.
        OwnOnly = "own_only", "Leave";
    }
}

/// What is proposed for one level: each setting with its new value; `None` goes back to what is inherited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedLayer {
    /// For whom.
    pub layer: Layer,
    /// What is to be set.
    pub values: BTreeMap<SettingKey, Option<SettingValue>>,
    /// What was set when the proposal was made: somebody else's change since then is noticed by it.
    pub seen: BTreeMap<SettingKey, Option<SettingValue>>,
    /// The issuer that its sign-ins are to go to, where that is what is proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerSwitch>,
}

impl ProposedLayer {
    /// The settings that somebody else set to something else since.
    #[must_use]
    pub fn conflicts(&self, now: &BTreeMap<SettingKey, SettingValue>) -> Vec<SettingKey> {
        self.seen.iter().filter(|(key, seen)| now.get(key) != seen.as_ref()).map(|(key, _)| *key).collect()
    }
}

/// A change that somebody proposes, looked at before it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// How it came about.
    pub source: ProposalSource,
    /// What is proposed, level by level.
    pub layers: Vec<ProposedLayer>,
    /// The biller whose settings they are, where they are copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Bid>,
}

impl Proposal {
    /// What is copied from whom, where it is copied to so many that a wave brings it to them; `None` otherwise.
    #[must_use]
    pub fn copy_for_many(&self) -> Option<(Bid, Values)> {
        let from = self.from.clone().filter(|_| self.layers.len() > 1)?;
        let values = self.layers.iter().flat_map(|layer| &layer.values);
        Some((from, values.filter_map(|(key, value)| Some((*key, value.clone()?))).collect()))
    }
}

/// What was set on a level and what is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetValue {
    /// Which setting.
    pub key: SettingKey,
    /// What was set for the biller; `None` is what is inherited.
    pub before: Option<SettingValue>,
    /// What is to be set.
    pub after: Option<SettingValue>,
}

/// A value that a run writes to SecureAuth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingWrite {
    /// Which setting.
    pub key: SettingKey,
    /// What SecureAuth showed when it was decided; `None`: it was not read, so anything may stand there.
    pub expected: Option<Observed>,
    /// What is written.
    pub to: SettingValue,
}

/// What a run of kind "apply settings" is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChange {
    /// What was set for the biller itself, when the run was asked for.
    pub set: Vec<SetValue>,
    /// What is written.
    pub writes: Vec<SettingWrite>,
    /// What happens when SecureAuth shows something else.
    pub mode: WriteMode,
}

impl SettingsChange {
    /// What is written to one object.
    pub fn of_scope(&self, scope: Scope) -> impl Iterator<Item = &SettingWrite> {
        self.writes.iter().filter(move |write| write.key.setting().scope == scope)
    }

    /// What is still to be written, the object being as it is.
    ///
    /// # Errors
    /// Where the run refuses: each value that is neither the expected nor the wanted one, in words.
    pub fn due(&self, scope: Scope, object: &Value) -> Result<Vec<SettingWrite>, Vec<String>> {
        let mut due = Vec::new();
        let mut surprises = Vec::new();
        for write in self.of_scope(scope) {
            let setting = write.key.setting();
            let found = setting.observe(object);
            if write.expected.as_ref().is_none_or(|expected| found == *expected) {
                due.push(write.clone());
            } else if found.value() != Some(&write.to) && self.mode == WriteMode::Strict {
                surprises.push(surprise(setting, write, &found));
            }
        }
        if surprises.is_empty() { Ok(due) } else { Err(surprises) }
    }

    /// What the run that takes this one back is to do: the values as they were, and only where ours stand.
    #[must_use]
    pub fn reversed(self) -> Self {
        let set = self.set.into_iter().map(|it| SetValue { before: it.after, after: it.before, ..it });
        let writes = self.writes.into_iter().filter_map(|it| match it.expected {
            Some(Observed::Value(before)) => {
                Some(SettingWrite { expected: Some(Observed::Value(it.to)), to: before, ..it })
            }
            // What was left to SecureAuth, or never read, has no value that could be written.
            Some(Observed::Own | Observed::Foreign(_)) | None => None,
        });
        Self { set: set.collect(), writes: writes.collect(), mode: WriteMode::OwnOnly }
    }
}

fn surprise(setting: &Setting, write: &SettingWrite, found: &Observed) -> String {
    format!(
        "{} is {} at SecureAuth now; it was {} when the change to {} was decided",
        setting.label,
        found.show(setting),
        was(setting, write),
        setting.show(&write.to),
    )
}

/// What SecureAuth showed when the write was decided, for people.
#[must_use]
pub fn was(setting: &Setting, write: &SettingWrite) -> String {
    write.expected.as_ref().map_or_else(|| "not read yet".to_owned(), |expected| expected.show(setting))
}

/// The fields to lay over an object so that these writes are done.
#[must_use]
pub fn patch(writes: &[SettingWrite]) -> Value {
    wire::patch(writes.iter().map(|write| (write.key.setting(), &write.to)))
}
