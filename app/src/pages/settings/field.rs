//! The field in which a setting is changed. Blank goes back to what is inherited.

use domain::settings::{Kind, SettingValue};
use leptos::prelude::*;
use services::biller_settings::{propose::NOTHING, show::SettingRow};

use crate::ui::{Icon, Visit, glyph};

/// The field, what it takes, and what is wrong with what was typed.
pub(super) fn field(visit: &Visit, row: &SettingRow) -> impl IntoView + use<> {
    let setting = row.setting;
    let key = setting.key;
    let own = row.own.as_ref().map(SettingValue::to_text).unwrap_or_default();
    let typed = visit.typed(key).map_or_else(|| shown(row), |text| text.trim().to_owned());
    let error = visit.error(key);
    let inherited = match &row.inherited.value {
        Some(value) => format!("{} ({})", setting.show(value), row.inherited.origin.label().to_lowercase()),
        None => "left to SecureAuth".to_owned(),
    };
    let field = Field { row, typed, inherited, invalid: error.is_some() };
    let right = error.is_none();
    view! {
        <input type="hidden" name=format!("seen[{key}]") value=own />
        {field.control()}
        <p class="field-error" id=format!("{key}-error") hidden=right>
            {glyph(Icon::Alert)} <span>{error}</span>
        </p>
    }
}

/// What stands in the field when nothing was typed: what is set, "none" where that is nothing.
fn shown(row: &SettingRow) -> String {
    match &row.own {
        Some(value) if value.is_empty() => NOTHING.to_owned(),
        Some(value) => value.to_text(),
        None => String::new(),
    }
}

struct Field<'a> {
    row: &'a SettingRow,
    typed: String,
    inherited: String,
    invalid: bool,
}

impl Field<'_> {
    fn control(self) -> AnyView {
        match self.row.setting.kind {
            Kind::Flag => self.select(&[("true", "On"), ("false", "Off")]),
            Kind::Choice(words) => {
                let options: Vec<_> = words.iter().map(|word| (word.word, word.label)).collect();
                self.select(&options)
            }
            Kind::Choices { .. } => self.boxes(),
            Kind::Links { .. } | Kind::Domains => self.area(),
            _ => self.line(),
        }
    }

    fn name(&self) -> String {
        format!("typed[{}]", self.row.setting.key)
    }

    fn described(&self) -> String {
        let key = self.row.setting.key;
        format!("{key}-error {key}-takes")
    }

    fn labelled(&self) -> String {
        format!("{}-label", self.row.setting.key)
    }

    fn invalid(&self) -> Option<&'static str> {
        self.invalid.then_some("true")
    }

    fn takes(&self) -> impl IntoView + use<> {
        let kind = self.row.setting.kind;
        let nothing = if kind.takes_nothing() { " Write “none” for nothing." } else { "" };
        let text = format!("Blank: {}. Takes {}.{nothing}", self.inherited, kind.describe());
        view! { <p class="hint" id=format!("{}-takes", self.row.setting.key)>{text}</p> }
    }

    fn select(self, options: &[(&'static str, &'static str)]) -> AnyView {
        let chosen = self.typed.clone();
        let options = options
            .iter()
            .map(|(value, label)| view! { <option value=*value selected=chosen == *value>{*label}</option> })
            .collect_view();
        let inherited = format!("Inherited: {}", self.inherited);
        let key = self.row.setting.key;
        view! {
            <select class="select" id=key name=self.name() aria-labelledby=self.labelled()
                aria-describedby=format!("{key}-error") aria-invalid=self.invalid()>
                <option value="" selected=chosen.is_empty()>{inherited}</option>
                {options}
            </select>
        }
        .into_any()
    }

    fn boxes(self) -> AnyView {
        let key = self.row.setting.key;
        let chosen: Vec<&str> = self.typed.lines().map(str::trim).collect();
        let boxes = self
            .row
            .setting
            .kind
            .words()
            .iter()
            .map(|word| {
                let name = format!("ticked[{key}|{}]", word.word);
                let checked = chosen.contains(&word.word);
                view! {
                    <label class="tick"><input type="checkbox" class="checkbox checkbox-sm" name=name checked=checked /> {word.label}</label>
                }
            })
            .collect_view();
        let note = format!("None ticked: {}.", self.inherited);
        view! {
            <div role="group" class="ticks" aria-labelledby=self.labelled() aria-describedby=self.described()>{boxes}</div>
            <p class="hint" id=format!("{key}-takes")>{note}</p>
        }
        .into_any()
    }

    fn area(self) -> AnyView {
        let key = self.row.setting.key;
        view! {
            <textarea class="textarea" id=key name=self.name() rows="3" spellcheck="false"
                aria-labelledby=self.labelled() aria-describedby=self.described() aria-invalid=self.invalid()
                data-takes=self.row.setting.kind.spec()>{self.typed.clone()}</textarea>
            {self.takes()}
        }
        .into_any()
    }

    fn line(self) -> AnyView {
        let key = self.row.setting.key;
        view! {
            <input class="input" id=key name=self.name() type="text" value=self.typed.clone() autocomplete="off"
                spellcheck="false" aria-labelledby=self.labelled() aria-describedby=self.described()
                aria-invalid=self.invalid() data-takes=self.row.setting.kind.spec() />
            {self.takes()}
        }
        .into_any()
    }
}
