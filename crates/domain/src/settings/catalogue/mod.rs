//! Every setting that SecureAuth lets its customers change by API (QUESTIONS.md, "Settings that can be updated by
//! API"), with what we do about it. A setting is added here and nowhere else.

mod application;
mod binding;
mod organization;
mod pool;
mod tenant;
mod theme;
mod vanity;
mod words;

use super::{Scope, Setting};

/// The settings of one kind of object, in the order of the page.
#[must_use]
pub const fn of_scope(scope: Scope) -> &'static [Setting] {
    match scope {
        Scope::Pool => pool::SETTINGS,
        Scope::Organization => organization::SETTINGS,
        Scope::Binding => binding::SETTINGS,
        Scope::Application => application::SETTINGS,
        Scope::Theme => theme::SETTINGS,
        Scope::VanityDomain => vanity::SETTINGS,
        Scope::Tenant => tenant::SETTINGS,
    }
}

/// Every setting, by scope.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    Scope::ALL.iter().flat_map(|scope| of_scope(*scope))
}

/// Every setting that the console reads and compares.
pub fn watched() -> impl Iterator<Item = &'static Setting> {
    all().filter(|setting| setting.is_watched())
}

/// Every setting that people may change.
pub fn editable() -> impl Iterator<Item = &'static Setting> {
    all().filter(|setting| setting.is_editable())
}

/// The setting with this key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.key == key)
}
