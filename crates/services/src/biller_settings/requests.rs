//! Changes of high risk that a second person decides: asked for instead of made, looked at as the same exact
//! difference, and made only if nothing moved since.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ChangeRequestId, ProposalId,
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    emergency::Review,
    settings::{
        ChangeRequest, Contradiction, Layer, Moved, Observed, Proposal, RequestBody, RequestDecision,
        RequestState, Scope, SettingKey,
        vanity::{self, IssuerSwitch},
    },
    wave::WaveRules,
};
use serde_json::json;
use storage::{Conn, Tx, settings};

use super::{
    Standing, confirm, hosts, issuer,
    preview::{self, Part, ProposalView},
    read, set_on,
};
use crate::{Console, ServiceError, reach};

/// Requests on a page.
const LISTED: usize = 100;
/// How long SecureAuth is waited for before a change is decided with what was read earlier.
const PATIENCE: Duration = Duration::from_secs(8);

/// A request in one line.
#[derive(Clone, Debug)]
pub struct RequestLine {
    /// The request.
    pub request: ChangeRequest,
    /// For whom, in words.
    pub whom: String,
    /// The settings it changes, by their labels.
    pub settings: Vec<&'static str>,
    /// Whether the actor may approve it, and if not, why.
    pub allowed: Result<(), Refusal>,
}

/// A request as it is decided on.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// The request.
    pub request: ChangeRequest,
    /// What it would do now; its token goes back with an approval.
    pub view: ProposalView,
    /// What is another than when it was asked for.
    pub moved: Vec<Moved>,
    /// Whether the actor may approve and decline it, and if not, why.
    pub allowed: Result<(), Refusal>,
    /// Whether the actor asked for it and may withdraw it.
    pub own: bool,
}

/// The requests that wait, oldest first: of one level, or all that the actor sees.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn waiting(
    console: &Console,
    actor: &Actor,
    level: Option<&Layer>,
) -> Result<Vec<RequestLine>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    lines(&mut conn, actor, level).await
}

pub(crate) async fn lines(
    conn: &mut Conn,
    actor: &Actor,
    level: Option<&Layer>,
) -> Result<Vec<RequestLine>, ServiceError> {
    let mut lines = Vec::new();
    for request in settings::waiting_requests(conn, level, LISTED).await? {
        if let Some(whom) = whom(conn, actor, &request).await? {
            let keys = request.body.proposal.layers.iter().flat_map(|layer| layer.values.keys());
            let mut labels: Vec<&'static str> = keys.map(|key| key.setting().label).collect();
            let issuer = request.body.proposal.layers.iter().any(|layer| layer.issuer.is_some());
            labels.extend(issuer.then_some(IssuerSwitch::LABEL));
            labels.sort_unstable();
            labels.dedup();
            let allowed = request.may_decide(actor, RequestDecision::Approve);
            lines.push(RequestLine { whom, settings: labels, allowed, request });
        }
    }
    Ok(lines)
}

/// For whom it is, in words; `None` where a biller of it is out of the actor's reach.
async fn whom(
    conn: &mut Conn,
    actor: &Actor,
    request: &ChangeRequest,
) -> Result<Option<String>, ServiceError> {
    let mut first: Option<Biller> = None;
    let layers = &request.body.proposal.layers;
    for layer in layers {
        if let Layer::Biller(bid) = &layer.layer {
            let Some(biller) = reach::find(conn, actor, bid).await? else { return Ok(None) };
            first.get_or_insert(biller);
        }
    }
    let more = layers.len().saturating_sub(1);
    let name = match (layers.first().map(|layer| &layer.layer), first) {
        (Some(Layer::Biller(_)), Some(biller)) => biller.name().to_owned(),
        (Some(Layer::Tier(tier)), _) => format!("Tier {tier}"),
        _ => "All billers".to_owned(),
    };
    Ok(Some(if more == 0 { name } else { format!("{name} and {more} more") }))
}

/// Shows a request with what it would do now.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there for the actor; [`ServiceError::Refused`].
pub async fn show(
    console: &Console,
    actor: &Actor,
    id: ChangeRequestId,
) -> Result<RequestView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let request = find(&mut conn, actor, id).await?;
    let view = view_of(console, &mut conn, actor, &request).await?;
    let mut moved = moved(console, &mut conn, &request).await?;
    if request.state == RequestState::Waiting {
        for part in &view.parts {
            let told = |it: &Contradiction| format!("{}: {}", it.key.setting().label, it.problem);
            let taken = part.taken.iter();
            moved.extend(taken.map(|it| Moved { layer: part.layer.clone(), key: it.key, told: told(it) }));
        }
    }
    Ok(RequestView {
        moved,
        allowed: request.may_decide(actor, RequestDecision::Approve),
        own: request.may_decide(actor, RequestDecision::Withdraw).is_ok(),
        request,
        view,
    })
}

async fn find(conn: &mut Conn, actor: &Actor, id: ChangeRequestId) -> Result<ChangeRequest, ServiceError> {
    let unknown = || ServiceError::not_found("change request", id);
    let request = settings::find_request(conn, id).await?.ok_or_else(unknown)?;
    whom(conn, actor, &request).await?.ok_or_else(unknown)?;
    Ok(request)
}

async fn view_of(
    console: &Console,
    conn: &mut Conn,
    actor: &Actor,
    request: &ChangeRequest,
) -> Result<ProposalView, ServiceError> {
    // A preview is known by its proposal's id; a request shows the same under its own.
    let id = ProposalId::from_uuid(request.id.uuid());
    preview::of(console, conn, actor, id, request.body.proposal.clone()).await
}

/// What is another than when the change was asked for: in our records, and at SecureAuth as far as it was read.
async fn moved(
    console: &Console,
    conn: &mut Conn,
    request: &ChangeRequest,
) -> Result<Vec<Moved>, ServiceError> {
    let mut moved = Vec::new();
    if request.state != RequestState::Waiting {
        return Ok(moved);
    }
    for (level, layer) in request.body.proposal.layers.iter().enumerate() {
        let now = set_on(conn, &layer.layer).await?;
        moved.extend(request.body.reset(level, &now));
        if let Layer::Biller(bid) = &layer.layer
            && let Some(biller) = storage::billers::find(conn, bid).await?
        {
            let standing = Standing::load(console, conn, biller).await?;
            moved.extend(request.body.moved(level, &observed(&standing, layer.values.keys())));
            let issuer = layer.issuer.as_ref();
            let told = issuer.and_then(|switch| switch.moved(standing.biller.issuer.as_deref()));
            if let (Some(told), Ok(key)) = (told, vanity::HOST.parse()) {
                moved.push(Moved { layer: layer.layer.clone(), key, told });
            }
        }
    }
    Ok(moved)
}

fn observed<'a>(
    standing: &Standing,
    keys: impl Iterator<Item = &'a SettingKey>,
) -> BTreeMap<SettingKey, Observed> {
    if !standing.has_objects() {
        return BTreeMap::new();
    }
    keys.filter_map(|key| Some((*key, standing.observed(*key)?.clone()))).collect()
}

/// Keeps a proposal as a request: nothing holds and nothing is written yet.
pub(crate) async fn ask(
    console: &Console,
    mut tx: Tx,
    actor: &Actor,
    (proposal, rules): (Proposal, Option<WaveRules>),
    parts: &[Part],
    reason: String,
) -> Result<ChangeRequestId, ServiceError> {
    let seen = |part: &Part| {
        let lines = part.lines.iter();
        lines.filter_map(|line| Some((line.setting.key(), line.observed.clone()?))).collect()
    };
    let request = ChangeRequest {
        id: ChangeRequestId::new(console.clock.as_ref(), console.entropy.as_ref()),
        body: RequestBody { observed: parts.iter().map(seen).collect(), proposal, rules },
        reason: reason.clone(),
        requested_by: actor.clone(),
        requested_at: console.now(),
        state: RequestState::Waiting,
        review: None,
    };
    settings::put_request(&mut tx, &request).await?;
    let asked = entry(console, actor, AuditAction::SettingsRequested, &request)
        .because(Some(reason))
        .change(None, Some(json!({ "request": request.id, "change": request.body.proposal.layers })));
    tx.commit_audited(asked).await?;
    Ok(request.id)
}

/// A second person approves or declines a request, or who asked for it withdraws it. `token` is that of the page.
///
/// # Errors
/// [`ServiceError::Settings`] names both values of everything that moved since it was asked for;
/// [`ServiceError::Changed`] when it would do something else than the page showed; [`ServiceError::Field`] for
/// declining without a word, and for an issuer that does not answer any more; [`ServiceError::Refused`], [`ServiceError::NotFound`].
pub async fn decide(
    console: &Console,
    actor: &Actor,
    id: ChangeRequestId,
    decision: RequestDecision,
    token: &str,
    note: Option<String>,
) -> Result<(ChangeRequest, confirm::Confirmed), ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let note = note.filter(|text| !text.trim().is_empty());
    let mut conn = console.store.read().await?;
    let request = find(&mut conn, actor, id).await?;
    request.may_decide(actor, decision)?;
    drop(conn);
    let seen = match decision {
        RequestDecision::Approve => looked_at(console, actor, &request, token).await?,
        RequestDecision::Decline | RequestDecision::Withdraw => String::new(),
    };
    if decision == RequestDecision::Decline && note.is_none() {
        let problem = "Say why: who asked for it has nothing else to go by.".to_owned();
        return Err(ServiceError::Field { field: "note", problem });
    }
    let mut tx = console.store.begin().await?;
    let request = find(&mut tx, actor, id).await?;
    request.may_decide(actor, decision)?;
    let review = Review { by: actor.clone(), at: console.now(), note: note.clone() };
    settings::decide_request(&mut tx, &request, decision.leads_to(), &review).await?;
    if decision == RequestDecision::Approve {
        let (done, entries) = match make(console, &mut tx, actor, &request, &seen, note).await {
            Ok(made) => made,
            Err(error) => {
                drop(tx);
                return Err(hosts::second(console, actor, &request.body.proposal.layers, error).await);
            }
        };
        tx.commit_audited_all(entries).await?;
        console.wake_workers();
        return Ok((request, done));
    }
    let closed = entry(console, actor, AuditAction::SettingsRequestClosed, &request).because(note).change(
        Some(json!({ "state": request.state })),
        Some(json!({ "request": request.id, "state": decision.leads_to() })),
    );
    tx.commit_audited(closed).await?;
    Ok((request, confirm::Confirmed::default()))
}

/// Reads what the request is about, once it is sure that the page showed it as it stood. The answer stands for what it
/// would do now: what nobody had read before may be known by then.
async fn looked_at(
    console: &Console,
    actor: &Actor,
    request: &ChangeRequest,
    token: &str,
) -> Result<String, ServiceError> {
    let mut conn = console.store.read().await?;
    let before = view_of(console, &mut conn, actor, request).await?;
    drop(conn);
    look(console, request).await?;
    let mut conn = console.store.read().await?;
    let after = view_of(console, &mut conn, actor, request).await?;
    let moved = moved(console, &mut conn, request).await?;
    // What moved since it was asked for is told with both values, in [`make`].
    let as_shown = before.token == token && after.shows_what(&before);
    if moved.is_empty() && !as_shown { Err(stale()) } else { Ok(after.token) }
}

const fn stale() -> ServiceError {
    ServiceError::Changed { what: "What this change touches" }
}

/// Makes what was asked for, in the name of who asked; the entries are of who approved.
async fn make(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    request: &ChangeRequest,
    token: &str,
    note: Option<String>,
) -> Result<(confirm::Confirmed, Vec<AuditEntry>), ServiceError> {
    let moved = moved(console, tx, request).await?;
    if !moved.is_empty() {
        let problems = moved.into_iter().map(|it| Contradiction { key: it.key, problem: it.told });
        return Err(ServiceError::Settings(problems.collect()));
    }
    let view = view_of(console, tx, actor, request).await?;
    view.is_free()?;
    if view.token != token {
        return Err(stale());
    }
    let approval = confirm::Approval { request: request.id, approved_by: actor, note };
    let reason = Some(request.reason.clone());
    let rules = request.body.rules.unwrap_or_default();
    confirm::make_all(console, tx, &request.requested_by, (view, rules), reason, Some(&approval)).await
}

/// Reads the objects concerned, so that what moved at SecureAuth is noticed. Without an answer nothing is decided
/// about it here: the run refuses what moved. An issuer has to answer now as it did when the switch to it was asked for.
async fn look(console: &Console, request: &ChangeRequest) -> Result<(), ServiceError> {
    let mut conn = console.store.read().await?;
    let mut standings = Vec::new();
    for layer in &request.body.proposal.layers {
        if let Layer::Biller(bid) = &layer.layer
            && let Some(biller) = storage::billers::find(&mut conn, bid).await?
        {
            let scopes: Vec<Scope> = layer.values.keys().map(|key| key.setting().scope).collect();
            standings.push((
                Standing::load(console, &mut conn, biller).await?,
                scopes,
                layer.issuer.as_ref(),
            ));
        }
    }
    drop(conn);
    for (standing, _, switch) in &standings {
        if let Some(switch) = switch {
            issuer::still(console, standing, switch).await?;
        }
    }
    for (standing, scopes, _) in standings.iter().filter(|(standing, ..)| standing.has_objects()) {
        let read = read::now(console, &standing.biller, &standing.objects, scopes);
        match tokio::time::timeout(PATIENCE, read).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("settings could not be read before an approval: {error}"),
            Err(_) => tracing::warn!("SecureAuth did not answer in time before an approval"),
        }
    }
    Ok(())
}

fn entry(console: &Console, actor: &Actor, action: AuditAction, request: &ChangeRequest) -> AuditEntry {
    let subject = match request.body.proposal.layers.as_slice() {
        [one] => confirm::subject_of(&one.layer),
        _ => Subject::new(SubjectKind::Settings, request.id.to_string()),
    };
    AuditEntry::new(console.now(), actor.clone(), action, subject)
}
