//! One setting: what it is, what holds and why, whether SecureAuth agrees, and the field to change it.

use domain::settings::{Agreement, Control, DriftDecision, Effective, Setting, Support, ValueOrigin};
use leptos::prelude::*;
use services::biller_settings::show::{SettingRow, SettingsView};

use super::{drift, field};
use crate::{
    paths,
    ui::{Face, Icon, Time, Tone, Visit, badge},
};

/// One setting of the page.
pub(super) fn row(visit: &Visit, view: &SettingsView, row: &SettingRow) -> impl IntoView + use<> {
    let setting = row.setting;
    let id = setting.key;
    let part = if !setting.is_editable() {
        fixed(view, row).into_any()
    } else if view.may_change.is_ok() {
        view! { {field::field(visit, row)} {holds(row)} }.into_any()
    } else {
        holds(row).into_any()
    };
    view! {
        <li class="setting" id=format!("setting-{id}")>
            <div class="setting-what">
                <p class="setting-name">
                    <span id=format!("{id}-label")>{setting.label}</span>
                    {marks(setting)}
                </p>
                <p class="hint">{setting.help}</p>
                <p class="hint"><code class="break">{id}</code></p>
            </div>
            <div class="setting-value">
                {part}
                {agreement(view, row)}
                {decisions(view, row)}
                {last(row)}
            </div>
        </li>
    }
}

fn marks(setting: &Setting) -> impl IntoView + use<> {
    let support = match setting.support {
        Support::Supported => None,
        Support::Planned(_) => Some(badge(Tone::Quiet, Icon::Clock, "Planned")),
        Support::NotOffered(_) => Some(badge(Tone::Quiet, Icon::Minus, "Not offered")),
    };
    let risk = setting.needs_approval.then(|| badge(Tone::Caution, Icon::Alert, "High risk, second person"));
    view! { {support} {risk} }
}

/// What cannot be changed here, and why.
fn fixed(view: &SettingsView, row: &SettingRow) -> impl IntoView + use<> {
    let setting = row.setting;
    let why = match (setting.support.reason(), setting.control) {
        (Some(why), _) => why,
        (None, Control::Status) => "It follows the CIAM status: suspend or resume the biller to change it.",
        (None, _) => "It is kept as IC announced the biller; it cannot be changed here.",
    };
    let value = (setting.is_watched() && view.biller.is_some()).then(|| holds(row));
    view! { {value} <p class="hint">{why}</p> }
}

/// The value that holds, and where it comes from.
fn holds(row: &SettingRow) -> impl IntoView + use<> {
    view! { <p class="setting-holds">{told(row.setting, &row.effective)}</p> }
}

/// A value with its origin, in words.
pub(super) fn told(setting: &Setting, effective: &Effective) -> impl IntoView + use<> {
    let origin = effective.origin;
    let value = match (&effective.value, origin) {
        (Some(value), _) => setting.show(value),
        (None, ValueOrigin::Vendor) => "Left to SecureAuth".to_owned(),
        (None, _) => "–".to_owned(),
    };
    let from = match origin {
        ValueOrigin::Vendor => "nothing is set",
        other => other.label(),
    };
    view! { <strong class="break">{value}</strong> " " <span class="hint">"(" {from} ")"</span> }
}

/// Whether SecureAuth agrees, and what it shows where it does not.
fn agreement(view: &SettingsView, row: &SettingRow) -> impl IntoView + use<> {
    if !view.has_objects || !row.setting.is_watched() {
        return None;
    }
    let shown = row.observed.as_ref().map(|observed| observed.show(row.setting));
    let differs = matches!(row.agreement, Agreement::Drifted | Agreement::Unmanaged);
    let shown = shown.filter(|_| differs).map(|shown| {
        view! { <span>"SecureAuth shows " <strong class="break">{shown}</strong></span> }
    });
    let who = (row.agreement == Agreement::Drifted)
        .then(|| view! { <p class="hint">"Changed there: " {drift::changed(row.changed.as_ref())}</p> });
    Some(view! { <p class="setting-agrees">{row.agreement.badge()} {shown}</p> {who} })
}

/// What can be decided about a value that drifted.
fn decisions(view: &SettingsView, row: &SettingRow) -> impl IntoView + use<> {
    if row.agreement != Agreement::Drifted || view.may_change.is_err() {
        return None;
    }
    let key = row.setting.key;
    let button = |decision: DriftDecision| {
        let value = format!("{decision}|{key}");
        view! {
            <button type="submit" class="btn btn-sm" name="decision" value=value formaction=paths::act::DECIDE_DRIFT
                aria-describedby=format!("{key}-label")>{decision.label()}</button>
        }
    };
    let adopt = row.setting.is_editable().then(|| button(DriftDecision::Adopt));
    let ignored = row.ignored_until.map(|at| view! { <p class="hint">"Ignored until " <Time at /></p> });
    Some(view! {
        {ignored}
        <div class="inline-form">
            {adopt} {button(DriftDecision::Restore)} {button(DriftDecision::Ignore)}
            <label class="hint">"until " <input class="input input-sm" type="date" name=format!("until[{key}]") /></label>
        </div>
    })
}

/// Who decided last, when and why.
fn last(row: &SettingRow) -> impl IntoView + use<> {
    row.last.as_ref().map(|last| {
        let what = if last.value.is_some() { "Set" } else { "Set back" };
        let who = last.by.name().to_owned();
        let why = last.reason.clone().map(|why| format!(": {why}"));
        view! { <p class="hint">{what} " by " {who} " " <Time at=last.at /> {why}</p> }
    })
}
