//! Settings as a file, and for other billers.

use domain::Bid;
use leptos::prelude::*;
use services::biller_settings::show::SettingsView;

use crate::{
    paths,
    ui::{Act, Hidden, Icon, Panel, Submit, SubmitKind, Visit, glyph},
};

/// Takes everything that is set as a file, and brings such a file in.
pub(super) fn file(visit: &Visit, view: &SettingsView) -> impl IntoView + use<> {
    let text = area(
        visit,
        "file",
        "Settings as JSON or TOML",
        "The levels in the file are set exactly so; others stay.",
    );
    let allowed = view.may_change.clone();
    view! {
        <Panel id="as-code" title="As a file" lead="Everything that is set, for all billers, tiers and single billers.">
            <div class="form-stack">
                {exports("")}
                <Act to=paths::act::IMPORT_SETTINGS class="form-stack">
                    {text}
                    <div class="buttons">
                        <Submit id="import-settings" label="Preview the import…" icon=Icon::Upload kind=SubmitKind::Plain allowed />
                    </div>
                </Act>
            </div>
        </Panel>
    }
}

/// Takes what is set for a biller to others.
pub(super) fn copy(visit: &Visit, view: &SettingsView, bid: &Bid) -> impl IntoView + use<> {
    let hint = "What is set for this biller itself is proposed for these; what else is set for them stays.";
    let text = area(visit, "to", "Bids, one a line", hint);
    let typed = visit.typed("to").is_some();
    let choose = paths::copy_settings(bid);
    let exports = exports(&format!("?bid={bid}"));
    let allowed = view.may_change.clone();
    let bid = bid.clone();
    view! {
        <Panel id="copy" title="For other billers">
            <div class="form-stack">
                {exports}
                <div class="buttons"><a class="btn" id="choose-billers" href=choose>{glyph(Icon::Search)} "Choose billers…"</a></div>
                <details class="more" id="by-bid" open=typed>
                    <summary>"By their bids…"</summary>
                    <Act to=paths::act::COPY_SETTINGS class="form-stack">
                        <Hidden name="bid" value=bid.to_string() />
                        {text}
                        <div class="buttons">
                            <Submit id="copy-settings" label="Preview the copies…" icon=Icon::Copy kind=SubmitKind::Plain allowed />
                        </div>
                    </Act>
                </details>
            </div>
        </Panel>
    }
}

fn exports(query: &str) -> impl IntoView + use<> {
    let json = format!("{}{query}", paths::SETTINGS_JSON);
    let toml = format!("{}{query}", paths::SETTINGS_TOML);
    view! {
        <div class="buttons">
            <a class="btn" href=json download="settings.json">{glyph(Icon::Download)} "Export JSON"</a>
            <a class="btn" href=toml download="settings.toml">{glyph(Icon::Download)} "Export TOML"</a>
        </div>
    }
}

fn area(visit: &Visit, name: &'static str, label: &'static str, hint: &'static str) -> AnyView {
    let error = visit.error(name);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described = if error.is_some() { format!("{hint_id} {error_id}") } else { hint_id.clone() };
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea class="textarea" id=name name=name rows="4" spellcheck="false" required=true
                aria-describedby=described aria-invalid=invalid>{visit.typed(name)}</textarea>
            {error.map(|text| view! { <p class="field-error" id=error_id>{glyph(Icon::Alert)} {text}</p> })}
            <p class="hint" id=hint_id>{hint}</p>
        </div>
    }
    .into_any()
}
