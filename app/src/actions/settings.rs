//! What is done to settings.

use std::collections::BTreeMap;

use domain::{
    Bid, ProposalId,
    settings::{DriftDecision, Layer, RequestDecision, Section, SettingKey},
    wave::WaveRules,
};
use leptos::prelude::*;
use services::{
    biller_settings::{
        as_code,
        confirm::{self, Confirmed},
        issuer::{self, SwitchForm},
        propose::{self, SettingsForm},
        requests, show, vanity,
    },
    drift::{decide, scan},
};

use super::{
    post::{Done, Form, filled, post},
    work::rules,
};
use crate::{paths, ui::frame::PageError};

/// The page of a level, at the section that was on it.
fn page_of(layer: &str, section: &str) -> String {
    let section = section.parse().unwrap_or(Section::Appearance);
    layer
        .parse::<Layer>()
        .map_or_else(|_| paths::BILLERS.to_owned(), |layer| paths::settings_of(&layer, section))
}

/// The texts by key: what was typed, and of boxes those that were ticked.
fn texts(
    mut typed: BTreeMap<String, String>,
    ticked: &BTreeMap<String, String>,
    seen: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    for name in ticked.keys() {
        let Some((key, word)) = name.split_once('|') else { continue };
        let text = typed.entry(key.to_owned()).or_default();
        text.push_str(word);
        text.push('\n');
    }
    // Boxes of which none is ticked send nothing: that goes back to what is inherited.
    for key in seen.keys() {
        typed.entry(key.clone()).or_default();
    }
    typed
}

/// Reads and checks a form of settings; the difference is looked at before anything is changed.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "propose_settings")]
pub(super) async fn propose_settings(
    #[server(default)] layer: String,
    #[server(default)] section: String,
    #[server(default)] typed: BTreeMap<String, String>,
    #[server(default)] ticked: BTreeMap<String, String>,
    #[server(default)] seen: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let typed = texts(typed, &ticked, &seen);
    let form =
        typed.iter().fold(Form::on(page_of(&layer, &section)), |form, (key, text)| form.keep(key, text));
    post(form, |console, actor| async move {
        let form = SettingsForm { layer: layer.parse()?, typed, seen };
        let id = propose::propose(&console, &actor, &form).await?;
        Ok(Done::at(paths::proposal(id), "Nothing was changed yet: look at the difference, then confirm it."))
    })
    .await
}

/// Makes a proposed change as it was shown.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "confirm_settings")]
pub(super) async fn confirm_settings(
    #[server(default)] id: String,
    #[server(default)] token: String,
    #[server(default)] reason: String,
    #[server(default)] parallel: String,
    #[server(default)] stop_above_percent: String,
    #[server(default)] pilot: String,
    #[server(default)] stage: String,
) -> Result<(), ServerFnError> {
    let back = id.parse().map_or_else(|_| paths::SETTINGS.to_owned(), paths::proposal);
    let typed = [&parallel, &stop_above_percent, &pilot, &stage].map(String::as_str);
    post(rules_kept(Form::on(back).keep("reason", &reason), typed), |console, actor| async move {
        let rules = rules_typed([&parallel, &stop_above_percent, &pilot, &stage])?;
        let id: ProposalId = id.parse()?;
        let done = confirm::confirm_by(&console, &actor, id, &token, filled(reason), rules).await?;
        Ok(confirmed(&done))
    })
    .await
}

/// Only a copy to many has these fields.
fn rules_kept(form: Form, [parallel, stop_above_percent, pilot, stage]: [&str; 4]) -> Form {
    if parallel.is_empty() {
        return form;
    }
    form.keep("parallel", parallel)
        .keep("stop_above_percent", stop_above_percent)
        .keep("pilot", pilot)
        .keep("stage", stage)
}

fn rules_typed(typed: [&str; 4]) -> Result<WaveRules, PageError> {
    match typed {
        ["", ..] => Ok(WaveRules::default()),
        [parallel, stop_above_percent, pilot, stage] => rules(parallel, stop_above_percent, pilot, stage),
    }
}

/// Where a confirmed change is watched, and what is said of it.
fn confirmed(done: &Confirmed) -> Done {
    if let Some(request) = done.request {
        let text = "Nothing was changed yet: a second person decides it now.";
        return Done::at(paths::change_request(request), text);
    }
    if let Some(wave) = done.wave {
        return Done::at(paths::wave(wave), "The wave has begun: the values are set biller by biller.");
    }
    if let (Some(issuer), [Layer::Biller(bid)]) = (&done.issuer, done.layers.as_slice()) {
        let text = format!("The run below asks {issuer} once more, and then lets sign-ins go there.");
        return Done::at(paths::biller_run(bid), text);
    }
    let runs = done.runs.len();
    let text = match (runs, done.layers.len()) {
        (0, _) if done.layers.iter().any(|layer| !matches!(layer, Layer::Biller(_))) => {
            "The values are set. They reach billers that are enabled already by a wave: see below.".to_owned()
        }
        (0, _) => "The values are set.".to_owned(),
        (1, 1) => {
            "The values are set. The run below writes them to SecureAuth and reads them back.".to_owned()
        }
        _ => format!("The values are set. {runs} runs write them to SecureAuth and read them back."),
    };
    let to = match done.layers.as_slice() {
        [Layer::Biller(bid)] if runs == 1 => paths::biller_run(bid),
        [layer] => paths::settings_of(layer, Section::Appearance),
        _ => paths::BILLERS.to_owned(),
    };
    Done::at(to, text)
}

/// A second person approves or declines a change, or who asked for it withdraws it.
///
/// # Errors
/// Never: what is wrong is told on the request's page.
#[server(prefix = "/do", endpoint = "decide_request")]
pub(super) async fn decide_request(
    #[server(default)] id: String,
    #[server(default)] token: String,
    #[server(default)] decision: String,
    #[server(default)] note: String,
) -> Result<(), ServerFnError> {
    let page = id.parse().map_or_else(|_| paths::SETTINGS.to_owned(), paths::change_request);
    post(Form::on(page.clone()).keep("note", &note), |console, actor| async move {
        let decision: RequestDecision = decision.parse()?;
        let note = filled(note);
        let (_, done) = requests::decide(&console, &actor, id.parse()?, decision, &token, note).await?;
        Ok(match done.wave {
            Some(wave) => Done::at(paths::wave(wave), "It is approved: the wave has begun."),
            None => Done::at(page, decided(decision)),
        })
    })
    .await
}

const fn decided(decision: RequestDecision) -> &'static str {
    match decision {
        RequestDecision::Approve => {
            "It is approved: the values are set, and a run for each biller writes them."
        }
        RequestDecision::Decline => "It is declined: nothing was changed.",
        RequestDecision::Withdraw => "It is withdrawn: nothing was changed.",
    }
}

/// Reads a biller's objects at SecureAuth anew.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "read_settings")]
pub(super) async fn read_settings(
    #[server(default)] bid: String,
    #[server(default)] section: String,
) -> Result<(), ServerFnError> {
    let page = page_of(&format!("biller:{bid}"), &section);
    post(Form::on(page.clone()), |console, actor| async move {
        show::look_again(&console, &actor, &Bid::parse(&bid)?).await?;
        Ok(Done::at(page, "Read anew from SecureAuth."))
    })
    .await
}

/// Asks a biller's vanity domain whether it answers, and when its certificate ends.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "check_vanity")]
pub(super) async fn check_vanity(#[server(default)] bid: String) -> Result<(), ServerFnError> {
    let page = page_of(&format!("biller:{bid}"), "");
    post(Form::on(page.clone()), |console, actor| async move {
        vanity::check(&console, &actor, &Bid::parse(&bid)?).await?;
        Ok(Done::at(format!("{page}#issuer"), "The vanity domain was asked: see what it showed."))
    })
    .await
}

/// Proposes that a biller's sign-ins go to its other issuer, once that was asked.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "switch_issuer")]
pub(super) async fn switch_issuer(
    #[server(default)] bid: String,
    #[server(default)] to: String,
    #[server(default)] seen: String,
) -> Result<(), ServerFnError> {
    let page = page_of(&format!("biller:{bid}"), "");
    post(Form::on(page).keep("issuer", ""), |console, actor| async move {
        let form = SwitchForm { to: to.parse()?, seen };
        let id = issuer::propose(&console, &actor, &Bid::parse(&bid)?, form).await?;
        Ok(Done::at(paths::proposal(id), "Nothing was changed yet: look at what it brings, then confirm it."))
    })
    .await
}

/// Decides about one value that drifted: `decision` is `adopt|KEY`, `restore|KEY` or `ignore|KEY`.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "decide_drift")]
pub(super) async fn decide_drift(
    #[server(default)] layer: String,
    #[server(default)] section: String,
    #[server(default)] decision: String,
    #[server(default)] until: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page = page_of(&layer, &section);
    post(Form::on(page.clone()), |console, actor| async move {
        let Layer::Biller(bid) = layer.parse()? else { return Err(PageError::Form(NO_DECISION)) };
        let (word, key) = decision.split_once('|').ok_or(PageError::Form(NO_DECISION))?;
        let key: SettingKey = key.parse().map_err(|_| PageError::Form(NO_DECISION))?;
        Ok(match word.parse()? {
            DriftDecision::Adopt => {
                let id = decide::adopt(&console, &actor, &bid, key).await?;
                Done::at(
                    paths::proposal(id),
                    "Nothing was changed yet: look at what holds then, and confirm it.",
                )
            }
            DriftDecision::Restore => {
                decide::restore(&console, &actor, &bid, &[key], None).await?;
                Done::at(paths::biller_run(&bid), "The run below writes our value again and reads it back.")
            }
            DriftDecision::Ignore => {
                let day = until.get(key.as_str()).map(String::as_str).unwrap_or_default();
                decide::ignore(&console, &actor, &bid, key, day).await?;
                Done::at(page, "It is ignored until that day has ended, or something else is found.")
            }
        })
    })
    .await
}

const NO_DECISION: &str = "The form does not say what to decide: press one of its buttons.";

/// Scans all billers for drift.
///
/// # Errors
/// Never: what is wrong is told on the page.
#[server(prefix = "/do", endpoint = "scan_drift")]
pub(super) async fn scan_drift() -> Result<(), ServerFnError> {
    post(Form::on(paths::DRIFT), |console, actor| async move {
        scan::start(&console, &actor).await?;
        Ok(Done::at(paths::DRIFT, "The scan has begun. It goes on by itself, also after a restart."))
    })
    .await
}

/// Reads a file of settings; the difference is looked at before anything is changed.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "import_settings")]
pub(super) async fn import_settings(#[server(default)] file: String) -> Result<(), ServerFnError> {
    // Longer than a session should hold: what was pasted is kept only while it is small.
    let kept = if file.len() <= KEPT { file.as_str() } else { "" };
    let form = Form::on(paths::SETTINGS).keep("file", kept);
    post(form, |console, actor| async move {
        let id = as_code::import(&console, &actor, &file).await?;
        Ok(Done::at(paths::proposal(id), "Nothing was changed yet: look at the difference, then confirm it."))
    })
    .await
}

/// The longest text that is kept for a form, in bytes.
const KEPT: usize = 16 * 1024;

/// Where the copies are asked for: bids are typed on the settings page, and ticked on a page of their own.
fn copy_form(bid: &str, to: &str, pick: &BTreeMap<String, String>) -> Form {
    match Bid::parse(bid) {
        Ok(bid) if to.is_empty() => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for picked in pick.keys() {
                query.append_pair(&format!("pick[{picked}]"), "on");
            }
            Form::on(paths::with_query(&paths::copy_settings(&bid), &query.finish()))
        }
        _ => Form::on(page_of(&format!("biller:{bid}"), "")).keep("to", to),
    }
}

/// Proposes the settings of a biller for others: bids one a line, or ticked.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "copy_settings")]
pub(super) async fn copy_settings(
    #[server(default)] bid: String,
    #[server(default)] to: String,
    #[server(default)] pick: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    post(copy_form(&bid, &to, &pick), |console, actor| async move {
        let typed = to.split([' ', ',', '\n', '\r']).filter(|bid| !bid.is_empty());
        let others = typed.chain(pick.keys().map(String::as_str));
        let others = others.map(Bid::parse).collect::<Result<Vec<_>, _>>()?;
        let id = as_code::copy(&console, &actor, &Bid::parse(&bid)?, &others).await?;
        Ok(Done::at(paths::proposal(id), "Nothing was changed yet: look at the difference, then confirm it."))
    })
    .await
}
