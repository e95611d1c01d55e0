//! The catalogue of settings: values, their texts, their JSON, and which value holds.

mod any;
mod catalogue;
mod changes;
mod docs;
mod files;
mod layers;
mod questions;
mod values;
mod vendor;

pub(crate) use any::any_value;
use domain::settings::{Setting, SettingValue, catalogue as settings};
use proptest::{prelude::*, sample::select};

/// Any setting that the console reads and compares.
pub(crate) fn any_watched() -> impl Strategy<Value = &'static Setting> {
    select(settings::watched().collect::<Vec<_>>())
}

/// Any watched setting with a value it takes.
pub(crate) fn any_pair() -> impl Strategy<Value = (&'static Setting, SettingValue)> {
    any_watched().prop_flat_map(|setting| (Just(setting), any_value(setting.kind)))
}
