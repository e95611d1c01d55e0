//! The sandbox's own endpoints: faults, state, reset, and the forms of the page.

use axum::{
    Form, Json, Router,
    body::Body,
    extract::{State, rejection::FormRejection},
    http::Response,
    response::{IntoResponse, Redirect},
    routing::{get, post, put},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    answer,
    config::DeactivatedEffect,
    drift,
    engine::{Engine, SandboxState},
    faults::{Fault, FaultRule, FaultStatus, Phase},
    page,
    store::{ObjectKind, count},
};

/// Everything that is not the vendor's.
pub(crate) fn router() -> Router<SandboxState> {
    Router::new()
        .route("/", get(home))
        .route("/alive", get(|| async { "ok" }))
        .route("/sandbox/faults", get(list_faults).put(put_faults).delete(clear_faults))
        .route("/sandbox/state", get(show_state))
        .route("/sandbox/messages", get(show_messages))
        .route("/sandbox/reset", post(reset))
        .route("/sandbox/settings", put(put_settings))
        .route("/sandbox/drift", post(drift_object))
        .route("/sandbox/page/drift", post(drift_from_page))
        .route("/sandbox/page/faults", post(add_fault))
        .route("/sandbox/page/faults/remove", post(remove_fault))
        .route("/sandbox/page/settings", post(change_settings))
        .route("/sandbox/page/reset", post(reset_from_page))
}

#[derive(Serialize)]
struct FaultList {
    rules: Vec<FaultStatus>,
}

#[derive(Deserialize)]
struct NewFaults {
    rules: Vec<FaultRule>,
}

#[derive(Deserialize)]
struct Settings {
    deactivated_effect: DeactivatedEffect,
}

#[derive(Deserialize)]
struct Drift {
    kind: ObjectKind,
    id: String,
    fields: Map<String, Value>,
    by: Option<String>,
}

#[derive(Deserialize)]
struct DriftForm {
    kind: ObjectKind,
    id: String,
    fields: String,
    by: String,
}

#[derive(Deserialize)]
struct FaultForm {
    operation: String,
    kind: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    count: String,
    #[serde(default)]
    percent: String,
}

#[derive(Deserialize)]
struct RemoveForm {
    index: usize,
}

async fn home(State(state): State<SandboxState>) -> Response<Body> {
    answer::html(200, page::render(&state.0, None))
}

async fn list_faults(State(state): State<SandboxState>) -> Json<FaultList> {
    Json(FaultList { rules: state.0.faults.status() })
}

async fn put_faults(State(state): State<SandboxState>, Json(new): Json<NewFaults>) -> Response<Body> {
    match state.0.faults.replace(new.rules) {
        Ok(()) => list_faults(State(state)).await.into_response(),
        Err(error) => answer::json(422, &json!({"error": error.to_string()})),
    }
}

async fn clear_faults(State(state): State<SandboxState>) -> Json<FaultList> {
    state.0.faults.clear();
    list_faults(State(state)).await
}

async fn show_state(State(state): State<SandboxState>) -> Json<Value> {
    Json(state_of(&state.0))
}

async fn show_messages(State(state): State<SandboxState>) -> Json<Value> {
    let all = state.0.messages(usize::MAX).into_iter().map(Value::Object).collect::<Vec<_>>();
    Json(json!({ "messages": all }))
}

async fn put_settings(State(state): State<SandboxState>, Json(settings): Json<Settings>) -> Json<Value> {
    state.0.set_deactivated_effect(settings.deactivated_effect);
    Json(state_of(&state.0))
}

async fn drift_object(State(state): State<SandboxState>, Json(change): Json<Drift>) -> Response<Body> {
    let by = change.by.as_deref().unwrap_or(drift::SOMEBODY);
    match drift::drift(&state.0, change.kind, &change.id, &change.fields, by) {
        Ok(()) => Json(json!({"changed": change.id})).into_response(),
        Err(refusal) => answer::json(404, &json!({"error": refusal.message()})),
    }
}

async fn drift_from_page(State(state): State<SandboxState>, Form(form): Form<DriftForm>) -> Response<Body> {
    let fields = serde_json::from_str::<Map<String, Value>>(&form.fields)
        .map_err(|error| format!("The fields must be a JSON object: {error}."));
    let outcome = fields.and_then(|fields| {
        drift::drift(&state.0, form.kind, form.id.trim(), &fields, form.by.trim())
            .map_err(|refusal| format!("Nothing was changed: {}.", refusal.message()))
    });
    back(&state, outcome)
}

async fn reset(State(state): State<SandboxState>) -> Response<Body> {
    match state.0.reset() {
        Ok(()) => show_state(State(state)).await.into_response(),
        Err(error) => answer::json(500, &json!({"error": format!("the state file: {error}")})),
    }
}

async fn add_fault(
    State(state): State<SandboxState>,
    form: Result<Form<FaultForm>, FormRejection>,
) -> Response<Body> {
    let outcome = form.map_err(|error| error.to_string()).and_then(|Form(form)| {
        let rule = rule(&form)?;
        state.0.faults.add(rule).map_err(|error| error.to_string())
    });
    back(&state, outcome)
}

async fn remove_fault(State(state): State<SandboxState>, Form(form): Form<RemoveForm>) -> Response<Body> {
    let removed = state.0.faults.remove(form.index);
    back(&state, if removed { Ok(()) } else { Err("That fault is no longer switched on.".to_owned()) })
}

async fn change_settings(State(state): State<SandboxState>, Form(form): Form<Settings>) -> Response<Body> {
    state.0.set_deactivated_effect(form.deactivated_effect);
    back(&state, Ok(()))
}

async fn reset_from_page(State(state): State<SandboxState>) -> Response<Body> {
    let outcome = state.0.reset().map_err(|error| format!("The state file cannot be written: {error}"));
    back(&state, outcome)
}

/// Back to the page; with the problem on it where there is one.
fn back(state: &SandboxState, outcome: Result<(), String>) -> Response<Body> {
    match outcome {
        Ok(()) => Redirect::to("/").into_response(),
        Err(problem) => answer::html(422, page::render(&state.0, Some(&problem))),
    }
}

fn state_of(engine: &Engine) -> Value {
    let objects = engine.read(|store| {
        let counts = ObjectKind::ALL.map(|kind| (kind.plural().replace(' ', "_"), json!(count(store, kind))));
        Value::Object(counts.into_iter().collect())
    });
    json!({
        "tenant_id": engine.config.tenant_id,
        "base_url": engine.base_url(),
        "objects": objects,
        "requests": engine.log.total(),
        "requests_per_operation": engine.log.per_operation(),
        "deactivated_effect": engine.deactivated_effect(),
    })
}

fn rule(form: &FaultForm) -> Result<FaultRule, String> {
    let value = || number(&form.value, "Value");
    let fault = match form.kind.as_str() {
        "latency" => Fault::Latency { millis: value()? },
        "error" => {
            let status = u16::try_from(value()?).map_err(|_| "Value must be an HTTP status.".to_owned())?;
            Fault::Error { status, error_code: None }
        }
        "too_many_requests" => Fault::TooManyRequests { retry_after_seconds: value()? },
        "reset_before" => Fault::Reset { phase: Phase::BeforeApplying },
        "reset_after" => Fault::Reset { phase: Phase::AfterApplying },
        "slow_body" => Fault::SlowBody { millis: value()? },
        "outage" => Fault::Outage,
        other => return Err(format!("There is no fault called {other}.")),
    };
    let mut rule = FaultRule::new(form.operation.trim(), fault);
    if !form.count.is_empty() {
        let count = number(&form.count, "At most")?;
        rule.count = Some(u32::try_from(count).unwrap_or(u32::MAX));
    }
    if !form.percent.is_empty() {
        let percent = u32::try_from(number(&form.percent, "Probability")?).unwrap_or(u32::MAX);
        rule.probability = f64::from(percent) / 100.0;
    }
    Ok(rule)
}

fn number(text: &str, what: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("{what} must be a whole number."))
}
