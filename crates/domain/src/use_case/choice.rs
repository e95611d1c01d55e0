//! What is chosen for a biller, its tier and everyone, and what follows from it.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{OldUrlBehaviour, UseCase};
use crate::{text::UnknownWord, words};

words! {
    /// How a switch stands.
    Choice, "choice" {
        /// As the next wider level says.
        Inherit = "inherit", "Inherit";
        /// On.
        On = "on", "On";
        /// Off.
        Off = "off", "Off";
    }
}

words! {
    /// Where a value comes from, the narrowest level first.
    Level, "level" {
        /// Chosen for the biller itself.
        Biller = "biller", "this biller";
        /// The default of its tier.
        Tier = "tier", "its tier";
        /// The default for everyone.
        Everyone = "everyone", "the default for everyone";
        /// Nobody chose anything: everything is off, and the old login page stays.
        BuiltIn = "built_in", "nothing is chosen anywhere";
    }
}

/// What is chosen on one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// User hosting.
    pub user_hosting: Choice,
    /// Delegated login.
    pub delegated_login: Choice,
    /// Hosted login.
    pub hosted_login: Choice,
    /// What the old login page does; `None` inherits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_url: Option<OldUrlBehaviour>,
}

impl Default for Choices {
    fn default() -> Self {
        let inherit = Choice::Inherit;
        Self { user_hosting: inherit, delegated_login: inherit, hosted_login: inherit, old_url: None }
    }
}

impl Choices {
    /// What is chosen for this one.
    #[must_use]
    pub const fn of(&self, use_case: UseCase) -> Choice {
        match use_case {
            UseCase::UserHosting => self.user_hosting,
            UseCase::DelegatedLogin => self.delegated_login,
            UseCase::HostedLogin => self.hosted_login,
        }
    }

    /// The same with this one chosen so.
    #[must_use]
    pub const fn with(mut self, use_case: UseCase, choice: Choice) -> Self {
        match use_case {
            UseCase::UserHosting => self.user_hosting = choice,
            UseCase::DelegatedLogin => self.delegated_login = choice,
            UseCase::HostedLogin => self.hosted_login = choice,
        }
        self
    }

    /// Whether nothing is chosen here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The switches that stand otherwise in `other`.
    pub fn changed(&self, other: &Self) -> impl Iterator<Item = UseCase> {
        let (this, other) = (*self, *other);
        UseCase::ALL.iter().copied().filter(move |use_case| this.of(*use_case) != other.of(*use_case))
    }
}

/// The three choices and the behaviour of the old login page, as forms carry them: `on inherit off stay`.
impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old_url = self.old_url.map_or(Choice::Inherit.as_str(), OldUrlBehaviour::as_str);
        write!(f, "{} {} {} {old_url}", self.user_hosting, self.delegated_login, self.hosted_login)
    }
}

impl FromStr for Choices {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut words = text.split(' ');
        let mut next = || words.next().unwrap_or_default();
        Ok(Self {
            user_hosting: next().parse()?,
            delegated_login: next().parse()?,
            hosted_login: next().parse()?,
            old_url: match next() {
                "inherit" => None,
                word => Some(word.parse()?),
            },
        })
    }
}

/// What a bulk change chooses; what it does not name stays as it is. An empty one brings about what is chosen already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoicePatch {
    /// What the old login page is to do; `None` leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_url: Option<OldUrlChoice>,
    /// The switches that are named.
    #[serde(flatten)]
    pub switches: BTreeMap<UseCase, Choice>,
}

words! {
    /// What is chosen for the old login page.
    OldUrlChoice, "choice for the old login page" {
        /// As the next wider level says.
        Inherit = "inherit", "inherit";
        /// It keeps working.
        Stay = "stay", "the old page keeps working";
        /// It sends people on.
        Redirect = "redirect", "the old page sends people on";
    }
}

impl OldUrlChoice {
    /// The behaviour that is chosen; `None` inherits.
    #[must_use]
    pub const fn behaviour(self) -> Option<OldUrlBehaviour> {
        match self {
            Self::Inherit => None,
            Self::Stay => Some(OldUrlBehaviour::Stay),
            Self::Redirect => Some(OldUrlBehaviour::Redirect),
        }
    }
}

impl ChoicePatch {
    /// One that names these switches.
    pub fn of(switches: impl IntoIterator<Item = (UseCase, Choice)>) -> Self {
        Self { old_url: None, switches: switches.into_iter().collect() }
    }

    /// These choices with the named ones changed.
    #[must_use]
    pub fn applied_to(&self, choices: Choices) -> Choices {
        let old_url = self.old_url.map_or(choices.old_url, OldUrlChoice::behaviour);
        let switches = self.switches.iter();
        switches.fold(Choices { old_url, ..choices }, |choices, (use_case, choice)| {
            choices.with(*use_case, *choice)
        })
    }
}

/// As people read it: `Hosted login on, Delegated login off`.
impl fmt::Display for ChoicePatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old_url = self.old_url.map(|choice| match choice {
            OldUrlChoice::Inherit => "old page inherits".to_owned(),
            other => other.label().to_owned(),
        });
        let parts: Vec<_> = self
            .switches
            .iter()
            .map(|(use_case, choice)| format!("{} {}", use_case.label(), choice.label().to_lowercase()))
            .chain(old_url)
            .collect();
        if parts.is_empty() {
            f.write_str("Bring about what is chosen")
        } else {
            f.write_str(&parts.join(", "))
        }
    }
}

/// What is chosen for a biller on every level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// For the biller itself.
    pub biller: Choices,
    /// For its tier.
    pub tier: Choices,
    /// For everyone.
    pub everyone: Choices,
}

/// Whether a use case is wanted, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Whether it is to be in effect.
    pub on: bool,
    /// The level that decided.
    pub level: Level,
    /// It was chosen, but this one, on which it stands, is off.
    pub lacks: Option<UseCase>,
}

impl Layers {
    fn each(&self) -> [(Level, &Choices); 3] {
        [(Level::Biller, &self.biller), (Level::Tier, &self.tier), (Level::Everyone, &self.everyone)]
    }

    /// What the narrowest level that says something says.
    #[must_use]
    pub fn chosen(&self, use_case: UseCase) -> (bool, Level) {
        self.each()
            .into_iter()
            .find_map(|(level, choices)| match choices.of(use_case) {
                Choice::Inherit => None,
                Choice::On => Some((true, level)),
                Choice::Off => Some((false, level)),
            })
            .unwrap_or((false, Level::BuiltIn))
    }

    /// The effective value: what is chosen, unless what it stands on is off.
    #[must_use]
    pub fn wanted(&self, use_case: UseCase) -> Wanted {
        let (on, level) = self.chosen(use_case);
        let lacks = use_case.needs().iter().copied().find(|needed| on && !self.chosen(*needed).0);
        Wanted { on: on && lacks.is_none(), level, lacks }
    }

    /// What the old login page is to do.
    #[must_use]
    pub fn old_url(&self) -> (OldUrlBehaviour, Level) {
        self.each()
            .into_iter()
            .find_map(|(level, choices)| choices.old_url.map(|old_url| (old_url, level)))
            .unwrap_or((OldUrlBehaviour::Stay, Level::BuiltIn))
    }

    /// The same with these choices for the biller itself.
    #[must_use]
    pub const fn choosing(self, biller: Choices) -> Self {
        Self { biller, ..self }
    }
}

/// Why a use case is on or off, as people read it.
#[must_use]
pub fn told(wanted: Wanted) -> String {
    let word = if wanted.on || wanted.lacks.is_some() { "On" } else { "Off" };
    let by = match wanted.level {
        Level::Biller => "chosen for this biller".to_owned(),
        Level::Tier => "by the default of its tier".to_owned(),
        Level::Everyone => "by the default for everyone".to_owned(),
        Level::BuiltIn => "nothing is chosen anywhere".to_owned(),
    };
    match wanted.lacks {
        Some(lacks) => format!("{word}, {by}, but it needs {}, which is off", lacks.label().to_lowercase()),
        None => format!("{word}: {by}"),
    }
}
