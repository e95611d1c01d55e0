//! The way of every request: faults, limit, token, replay, the operation itself, and the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, RawPathParams, Request, State},
    http::{Method, header::HOST, request::Parts},
    response::Response,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    answer, audit,
    auth::authenticate,
    call::{Call, Incoming, Pairs, Payload},
    engine::{Engine, SandboxState},
    faults::{Cut, KillAction, Phase, Plan},
    http_error::Refusal,
    idempotency::Slot,
    listener::ResetSwitch,
    oidc::client_keys,
    operation::{Api, Operation},
    reply::Reply,
    request_log::RequestRecord,
};

/// The largest body read; the vendor's largest request, 100 users, stays far below.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// How a request ended.
struct Ended {
    outcome: Outcome,
    replayed: bool,
    dropped: Vec<String>,
}

enum Outcome {
    Answered(Result<Reply, Refusal>),
    Reset,
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self { outcome: Outcome::Answered(Err(refusal)), replayed: false, dropped: Vec::new() }
    }
}

impl Ended {
    fn reset() -> Self {
        Self { outcome: Outcome::Reset, replayed: false, dropped: Vec::new() }
    }
}

/// Plays `operation` for one request.
pub(crate) async fn dispatch(
    engine: Arc<Engine>,
    operation: &'static Operation,
    params: RawPathParams,
    request: Request,
) -> Response {
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    answer_to(engine, operation, Place { params, issuer: None }, request).await
}

/// Plays an operation of an issuer that was asked under the host name of a vanity domain.
pub(crate) async fn under_vanity_domain(
    engine: Arc<Engine>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Some((server, issuer)) = engine.under_vanity_domain(host) else {
        return unknown(State(SandboxState(engine)), request).await;
    };
    let params = [("tid".to_owned(), engine.config.tenant_id.clone()), ("wid".to_owned(), server)];
    let place = Place { params: params.into_iter().collect(), issuer: Some(issuer) };
    answer_to(engine, operation, place, request).await
}

/// What a request is about, by its path or its host.
struct Place {
    params: Pairs,
    issuer: Option<String>,
}

async fn answer_to(
    engine: Arc<Engine>,
    operation: &'static Operation,
    place: Place,
    request: Request,
) -> Response {
    let started = Instant::now();
    let at = engine.clock.now();
    let trace_id = engine.random_hex(16);
    let (parts, body) = request.into_parts();
    let mut plan = engine.faults.plan(&operation.name());
    let slow = plan.slow;
    let mut faults = std::mem::take(&mut plan.names);
    if plan.kill.is_some() {
        faults.push("kill");
    }
    let marker = faults.join(",");
    let ended = play(&engine, operation, place, &parts, body, plan).await;
    let status = match &ended.outcome {
        Outcome::Answered(Ok(reply)) => Some(answer::status(reply)),
        Outcome::Answered(Err(refusal)) => Some(refusal.status()),
        Outcome::Reset => None,
    };
    engine.log.push(RequestRecord {
        at,
        request: format!("{} {}", parts.method, parts.uri.path()),
        operation: operation.name(),
        status,
        millis: millis(started.elapsed()),
        trace_id: trace_id.clone(),
        correlation_id: header(&parts, "x-correlation-id"),
        replayed: ended.replayed,
        faults,
        dropped: ended.dropped,
    });
    let response = match ended.outcome {
        Outcome::Reset => reset(&parts),
        Outcome::Answered(result) => {
            let response = match result {
                Ok(reply) => answer::reply(&reply, ended.replayed),
                Err(refusal) => answer::refusal(&refusal, operation.api),
            };
            answer::finish(response, &trace_id, slow)
        }
    };
    answer::mark(response, &marker)
}

/// Answers a request whose path and method no operation has.
pub(crate) async fn unknown(State(state): State<SandboxState>, request: Request) -> Response {
    let engine = state.0;
    let trace_id = engine.random_hex(16);
    engine.log.push(RequestRecord {
        at: engine.clock.now(),
        request: format!("{} {}", request.method(), request.uri().path()),
        operation: "unknown".to_owned(),
        status: Some(404),
        millis: 0,
        trace_id: trace_id.clone(),
        correlation_id: None,
        replayed: false,
        faults: Vec::new(),
        dropped: Vec::new(),
    });
    answer::finish(answer::unknown_path(), &trace_id, None)
}

async fn play(
    engine: &Engine,
    operation: &'static Operation,
    place: Place,
    parts: &Parts,
    body: Body,
    plan: Plan,
) -> Ended {
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    if let Some((Phase::BeforeApplying, action)) = &plan.kill {
        return kill(action);
    }
    match plan.cut {
        Some(Cut::Answer(refusal)) => return refusal.into(),
        Some(Cut::Reset(Phase::BeforeApplying)) => return Ended::reset(),
        Some(Cut::Reset(Phase::AfterApplying)) | None => {}
    }
    let ended = match read(operation, place, parts, body).await {
        Ok(mut incoming) => {
            incoming.client_keys = client_keys::fetch(engine, operation, &incoming).await;
            perform(engine, operation, parts, &incoming)
        }
        Err(refusal) => operation.declared(refusal).into(),
    };
    if let Some((Phase::AfterApplying, action)) = &plan.kill {
        return kill(action);
    }
    if plan.cut == Some(Cut::Reset(Phase::AfterApplying)) { Ended::reset() } else { ended }
}

fn kill(action: &KillAction) -> Ended {
    action.run();
    Ended::reset()
}

/// Reads the request; a JSON API takes JSON, the OAuth endpoints take forms.
async fn read(operation: &Operation, place: Place, parts: &Parts, body: Body) -> Result<Incoming, Refusal> {
    let bytes: Bytes = to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| Refusal::malformed(format!("the body is larger than {MAX_BODY} bytes or incomplete")))?;
    let payload = if bytes.is_empty() {
        Payload::Nothing
    } else if operation.api == Api::OAuth2 {
        Payload::Form(Pairs::parse(&bytes))
    } else {
        let value = serde_json::from_slice(&bytes)
            .map_err(|error| Refusal::malformed(format!("the body is not JSON: {error}")))?;
        Payload::Json(value)
    };
    Ok(Incoming {
        params: place.params,
        issuer: place.issuer,
        query: Pairs::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        headers: parts.headers.clone(),
        payload,
        client_keys: None,
    })
}

fn perform(engine: &Engine, operation: &'static Operation, parts: &Parts, incoming: &Incoming) -> Ended {
    let tenant = incoming.params.get("tid");
    if tenant.is_some_and(|tenant| tenant != engine.config.tenant_id) {
        return Refusal::not_found("tenant", tenant.unwrap_or_default()).into();
    }
    let now = engine.clock.now();
    if operation.declares(429)
        && let Some(limit) = engine.config.rate_limit
        && let Err(seconds) = engine.limiter.take(limit, operation.api, now)
    {
        return Refusal::too_many(seconds).into();
    }
    let mut dropped = Vec::new();
    let mut replayed = false;
    let result = engine.apply(|store| {
        let workspace = incoming.params.get("wid");
        let principal = authenticate(store, &incoming.headers, operation.access, workspace, now)?;
        let client = principal.as_ref().map(|principal| principal.client.clone()).unwrap_or_default();
        let slot = slot(operation, parts, incoming, &client)?;
        if let Some(slot) = &slot
            && let Some(reply) = slot.recall(store, now)?
        {
            replayed = true;
            return Ok(reply);
        }
        let mut call = Call { engine, store, operation, incoming, principal, dropped: Vec::new() };
        let before = audit::before(&call);
        let reply = (operation.run)(&mut call)?;
        audit::note_change(&mut call, &reply, before);
        dropped = call.dropped;
        if let Some(slot) = &slot {
            slot.remember(store, &reply, now);
        }
        Ok(reply)
    });
    let result = result.map_err(|refusal| operation.declared(refusal));
    Ended { outcome: Outcome::Answered(result), replayed, dropped }
}

/// The replay slot of a POST to a JSON API.
fn slot(
    operation: &Operation,
    parts: &Parts,
    incoming: &Incoming,
    client: &str,
) -> Result<Option<Slot>, Refusal> {
    if operation.method != Method::POST || operation.api == Api::OAuth2 {
        return Ok(None);
    }
    let body = match &incoming.payload {
        Payload::Json(value) => value,
        Payload::Nothing | Payload::Form(_) => &Value::Null,
    };
    let path = parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |path| path.as_str());
    Slot::of(&incoming.headers, client, path, body)
}

/// Drops the connection without a byte of an answer. Where the router runs without our listener there is
/// no connection to drop: the answer then breaks off instead.
fn reset(parts: &Parts) -> Response {
    match parts.extensions.get::<ConnectInfo<ResetSwitch>>() {
        Some(ConnectInfo(switch)) => {
            switch.throw();
            Response::new(Body::empty())
        }
        None => {
            let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Response::new(Body::from_stream(futures::stream::iter([Err::<Bytes, _>(broken)])))
        }
    }
}

fn header(parts: &Parts, name: &str) -> Option<String> {
    parts.headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
