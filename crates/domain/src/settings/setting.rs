//! One entry of the catalogue.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Kind, SettingValue, catalogue};
use crate::words;

words! {
    /// The object at SecureAuth that holds a setting. All settings of one object are written with one call.
    Scope, "scope" {
        /// The identity pool.
        Pool = "pool", "Identity pool";
        /// The organization, which is a workspace of its own.
        Organization = "organization", "Organization";
        /// The binding of the pool to the organization.
        Binding = "binding", "Binding";
        /// The OIDC client.
        Application = "application", "Application";
        /// The theme, shared by billers.
        Theme = "theme", "Theme";
        /// The organization's host name of its own.
        VanityDomain = "vanity_domain", "Vanity domain";
        /// Our whole account at SecureAuth; no biller has it of its own.
        Tenant = "tenant", "Whole account";
    }
}

words! {
    /// What a setting is about: the groups of the page.
    Section, "section" {
        /// Names, colours, logos.
        Appearance = "appearance", "Name and appearance";
        /// How people sign in.
        SignIn = "sign_in", "Signing in";
        /// Passwords and their hashes.
        Passwords = "passwords", "Passwords";
        /// Codes that are sent to people.
        Codes = "codes", "Codes sent to people";
        /// A second factor.
        SecondFactor = "second_factor", "Second factor";
        /// Sessions and tokens.
        Sessions = "sessions", "Sessions and tokens";
        /// The application and its addresses.
        Application = "application", "Application";
        /// Who belongs where: domains, mappings, directories.
        Directory = "directory", "Directory";
        /// All else.
        Advanced = "advanced", "Advanced";
    }
}

words! {
    /// How much can go wrong.
    Risk, "risk" {
        /// Little: looks, texts.
        Low = "low", "Low";
        /// People notice: a code expires sooner, a password is refused.
        Medium = "medium", "Medium";
        /// People may be locked out, or let in.
        High = "high", "High";
    }
}

words! {
    /// Who decides about a setting in our company.
    Owner, "owner" {
        /// The product team.
        Product = "product", "Product team";
        /// Security.
        Security = "security", "Security";
        /// The platform owner.
        Platform = "platform", "Platform owner";
        /// The biller, through its account manager.
        Biller = "biller", "Biller";
    }
}

/// Whether the console manages a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Yes.
    Supported,
    /// Not yet; why.
    Planned(&'static str),
    /// No; why.
    NotOffered(&'static str),
}

impl Support {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Planned(_) => "planned",
            Self::NotOffered(_) => "not_offered",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Supported => "Supported",
            Self::Planned(_) => "Planned",
            Self::NotOffered(_) => "Not offered",
        }
    }

    /// Why not, where it is not supported.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Supported => None,
            Self::Planned(why) | Self::NotOffered(why) => Some(why),
        }
    }
}

/// Who decides the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// People, on the settings page.
    Form,
    /// The biller's CIAM status: suspending and resuming change it.
    Status,
    /// What the console knows of the biller, such as its name.
    Record,
    /// Nobody: it stays as the catalogue says.
    Fixed,
    /// Nobody here: the console does not look at it.
    Nobody,
}

/// Where the vendor keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorField {
    /// In the scope's object, as a dotted path.
    At(&'static str),
    /// In the scope's object, as a flag that says the opposite of the setting.
    Not(&'static str),
    /// Shown as a field of the organization's answer, and set by a call of its own.
    Bound {
        /// The field of the answer.
        read: &'static str,
        /// The path of the call, in the Admin API.
        call: &'static str,
    },
    /// Behind calls of its own; the path in the Admin API or, for pools, in the Identity API.
    Call(&'static str),
}

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The stable key, `scope.group.name`; stored, exported, in URLs.
    pub key: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The object that holds it.
    pub scope: Scope,
    /// The group on the page.
    pub section: Section,
    /// Type and bounds.
    pub kind: Kind,
    /// The vendor's field.
    pub field: VendorField,
    /// Whether we manage it.
    pub support: Support,
    /// Who decides the value.
    pub control: Control,
    /// The value unless something else is said, as text; `None` leaves it to SecureAuth.
    pub default: Option<&'static str>,
    /// What it means when the vendor's answer lacks the field, where that is documented.
    pub absent: Option<&'static str>,
    /// How much can go wrong.
    pub risk: Risk,
    /// Whether a second person has to agree in production.
    pub needs_approval: bool,
    /// Who decides about it.
    pub owner: Owner,
}

impl Setting {
    /// A setting that people decide, of low risk, owned by the product team, with SecureAuth's own default.
    pub(super) const fn new(
        key: &'static str,
        scope: Scope,
        section: Section,
        field: VendorField,
        kind: Kind,
        label: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            key,
            label,
            help,
            scope,
            section,
            kind,
            field,
            support: Support::Supported,
            control: Control::Form,
            default: None,
            absent: None,
            risk: Risk::Low,
            needs_approval: false,
            owner: Owner::Product,
        }
    }

    /// Our default; it is also what the vendor does when the field is absent.
    pub(super) const fn vendor_default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self.absent = Some(text);
        self
    }

    /// Our default.
    pub(super) const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    /// People notice.
    pub(super) const fn medium(mut self) -> Self {
        self.risk = Risk::Medium;
        self
    }

    /// People may be locked out or let in; a second person has to agree.
    pub(super) const fn high(mut self) -> Self {
        self.risk = Risk::High;
        self.needs_approval = true;
        self
    }

    /// Who decides about it.
    pub(super) const fn owner(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    /// Who decides the value.
    pub(super) const fn by(mut self, control: Control) -> Self {
        self.control = control;
        self
    }

    /// Not managed yet.
    pub(super) const fn planned(mut self, why: &'static str) -> Self {
        self.support = Support::Planned(why);
        self.control = Control::Nobody;
        self
    }

    /// Not managed.
    pub(super) const fn not_offered(mut self, why: &'static str) -> Self {
        self.support = Support::NotOffered(why);
        self.control = Control::Nobody;
        self
    }

    /// Not offered, but kept as the default says: a difference is drift.
    pub(super) const fn kept(mut self, default: &'static str, why: &'static str) -> Self {
        self.support = Support::NotOffered(why);
        self.control = Control::Fixed;
        self.default = Some(default);
        self
    }

    /// The key as a value.
    #[must_use]
    pub const fn key(&'static self) -> SettingKey {
        SettingKey(self)
    }

    /// Whether the console reads it and compares: everything that somebody or something decides.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        !matches!(self.control, Control::Nobody)
    }

    /// Whether it only makes sense for one biller: two cannot have the same value.
    #[must_use]
    pub const fn is_of_one_biller(&self) -> bool {
        matches!(self.scope, Scope::VanityDomain)
    }

    /// Whether people may change it on the page.
    #[must_use]
    pub const fn is_editable(&self) -> bool {
        matches!(self.control, Control::Form)
    }

    /// The catalogue's default as a value.
    #[must_use]
    pub fn default_value(&self) -> Option<SettingValue> {
        self.default.and_then(|text| self.kind.parse(text).ok())
    }

    /// A value for people.
    #[must_use]
    pub fn show(&self, value: &SettingValue) -> String {
        self.kind.show(value)
    }
}

/// The key of a setting that the catalogue has. Stands for the setting itself.
#[derive(Clone, Copy)]
pub struct SettingKey(&'static Setting);

impl SettingKey {
    /// The setting.
    #[must_use]
    pub const fn setting(self) -> &'static Setting {
        self.0
    }

    /// The key.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0.key
    }
}

/// A text that is no key of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no setting of the catalogue")]
pub struct UnknownSetting(pub String);

impl std::str::FromStr for SettingKey {
    type Err = UnknownSetting;

    fn from_str(text: &str) -> Result<Self, UnknownSetting> {
        catalogue::find(text).map(Setting::key).ok_or_else(|| UnknownSetting(text.to_owned()))
    }
}

impl fmt::Debug for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.key)
    }
}

impl fmt::Display for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.key)
    }
}

impl PartialEq for SettingKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for SettingKey {}

impl PartialOrd for SettingKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SettingKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.key.cmp(other.0.key)
    }
}

impl std::hash::Hash for SettingKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl Serialize for SettingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.key)
    }
}

impl<'de> Deserialize<'de> for SettingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
