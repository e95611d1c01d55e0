//! What is done with runs, waves and deliveries.

#![expect(clippy::too_many_arguments, reason = "a form has as many arguments as it has fields")]

use domain::{Bid, DeliveryId, RunId, WaveId, wave::WaveRules};
use leptos::prelude::*;
use services::{
    ServiceError, bulk_enable, deliveries, retry_run as retry,
    schedule_wave::{self, WaveTime},
    take_back_run as back,
};

use super::post::{Done, Form, filled, post};
use crate::{
    paths,
    query::{BillersQuery, action_of, of_action},
    ui::frame::PageError,
};

fn page_of(bid: &str) -> String {
    Bid::parse(bid).map_or_else(|_| paths::BILLERS.to_owned(), |bid| paths::biller(&bid))
}

/// Lets a failed run go on with the step that failed.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "retry_run")]
pub(super) async fn retry_run(
    #[server(default)] bid: String,
    #[server(default)] run: String,
) -> Result<(), ServerFnError> {
    post(Form::on(page_of(&bid)), |console, actor| async move {
        let bid = retry::retry(&console, &actor, run.parse::<RunId>()?).await?;
        Ok(Done::at(paths::biller(&bid), "The run goes on with the step that failed."))
    })
    .await
}

/// Gives a failed run up and takes the biller back to where it was.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "take_back")]
pub(super) async fn take_back(
    #[server(default)] bid: String,
    #[server(default)] run: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let page = page_of(&bid);
    post(Form::on(page.clone()).keep("reason", &reason), |console, actor| async move {
        back::take_back(&console, &actor, run.parse::<RunId>()?, filled(reason)).await?;
        Ok(Done::at(page, "The failed run is given up; the way back has begun."))
    })
    .await
}

/// Starts a wave over the billers named, one bid per line. `selection` is the query of the preview, to go back to.
///
/// # Errors
/// Never: what is wrong is told on the form.
#[server(prefix = "/do", endpoint = "start_wave")]
pub(super) async fn start_wave(
    #[server(default)] bids: String,
    #[server(default)] selection: String,
    #[server(default)] parallel: String,
    #[server(default)] stop_above_percent: String,
    #[server(default)] pilot: String,
    #[server(default)] stage: String,
    #[server(default)] day: String,
    #[server(default)] time: String,
    #[server(default)] zone: String,
    #[server(default)] each: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let selected: Vec<Bid> = bids.split_whitespace().filter_map(|bid| Bid::parse(bid).ok()).collect();
    let action = action_of(&selection);
    let form = Form::on(preview_of(&selection))
        .keep("parallel", &parallel)
        .keep("stop_above_percent", &stop_above_percent)
        .keep("pilot", &pilot)
        .keep("stage", &stage)
        .keep("reason", &reason);
    // An empty day opens nothing: the wave begins at once.
    let form =
        if day.is_empty() { form } else { form.keep("day", &day).keep("time", &time).keep("zone", &zone) };
    let form = if each.is_empty() { form } else { form.keep("each", &each) };
    post(form, |console, actor| async move {
        let rules = rules(&parallel, &stop_above_percent, &pilot, &stage)?;
        let said = if day.is_empty() { "The wave has begun." } else { "The wave waits for its time." };
        let (reason, time) = (filled(reason), WaveTime { day, time, zone, each: !each.is_empty() });
        let wave = bulk_enable::start_at(&console, &actor, &selected, action, rules, reason, &time).await?;
        Ok(Done::at(paths::wave(wave), said))
    })
    .await
}

/// The preview of a wave over this selection, which says what the wave does, too.
fn preview_of(selection: &str) -> String {
    let parts = [BillersQuery::parse(selection).to_query(), of_action(&action_of(selection))];
    let query: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    paths::with_query(paths::WAVE_NEW, &query.join("&"))
}

/// Lets a wave go on whose pilot somebody has looked at.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "go_on_wave")]
pub(super) async fn go_on_wave(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let back = id.parse::<WaveId>().map_or_else(|_| paths::WAVES.to_owned(), paths::wave);
    post(Form::on(back.clone()), |console, actor| async move {
        bulk_enable::go_on(&console, &actor, id.parse()?, None).await?;
        Ok(Done::at(back, "The others follow."))
    })
    .await
}

/// Withdraws a wave that waits for its time.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "withdraw_wave")]
pub(super) async fn withdraw_wave(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let back = id.parse::<WaveId>().map_or_else(|_| paths::WAVES.to_owned(), paths::wave);
    post(Form::on(back.clone()), |console, actor| async move {
        schedule_wave::withdraw(&console, &actor, id.parse()?).await?;
        Ok(Done::at(back, "Withdrawn: the wave will not begin."))
    })
    .await
}

/// The rules of a wave as they were typed.
pub(super) fn rules(
    parallel: &str,
    stop_above_percent: &str,
    pilot: &str,
    stage: &str,
) -> Result<WaveRules, PageError> {
    fn number<T: std::str::FromStr>(field: &'static str, text: &str, range: &str) -> Result<T, ServiceError> {
        text.trim()
            .parse()
            .map_err(|_| ServiceError::Field { field, problem: format!("Give a whole number, {range}.") })
    }
    let or_none = |text: &str| if text.trim().is_empty() { "0".to_owned() } else { text.to_owned() };
    Ok(WaveRules {
        parallel: number("parallel", parallel, "1 to 8")?,
        stop_above_percent: number("stop_above_percent", stop_above_percent, "0 to 100")?,
        pilot: number("pilot", &or_none(pilot), "0 to 5000")?,
        stage: number("stage", &or_none(stage), "0 to 5000")?,
    })
}

/// Sends a delivery again that waits or was given up.
///
/// # Errors
/// Never: what is wrong is told on the next page.
#[server(prefix = "/do", endpoint = "retry_delivery")]
pub(super) async fn retry_delivery(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let back = id.parse::<DeliveryId>().map_or_else(|_| paths::DELIVERIES.to_owned(), paths::delivery);
    post(Form::on(back.clone()), |console, actor| async move {
        deliveries::retry(&console, &actor, id.parse()?).await?;
        Ok(Done::at(back, "The delivery is sent again."))
    })
    .await
}
