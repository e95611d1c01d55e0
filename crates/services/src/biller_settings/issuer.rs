//! Under which issuer a biller's people sign in: its organization's own one, or that of its vanity domain. A vanity
//! domain is asked for long before it answers, and IC has to trust the new issuer first, so that the switch is an act of
//! its own. The login URL, the probes and what IC is told follow the issuer that is in effect.

use std::collections::BTreeMap;

use domain::{
    Bid, ProposalId,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{Biller, CiamStatus},
    event::{EventData, EventIssuer, EventKind},
    object::ObjectKind,
    settings::{
        Layer, Proposal, ProposalSource, ProposedLayer,
        vanity::{IssuerChoice, IssuerSwitch},
    },
};
use secureauth::{AuthorizeProbe, WorkspaceId};
use serde_json::json;
use storage::{Tx, billers};
use url::Url;

use super::{Standing, propose, vanity};
use crate::{Console, ServiceError, biller_oidc, deliver_events, start_login::AuthorizationRequest};

/// The field at which a problem stands.
const FIELD: &str = "issuer";

/// A switch as it was asked for.
#[derive(Clone, Debug)]
pub struct SwitchForm {
    /// To which issuer.
    pub to: IssuerChoice,
    /// The issuer in effect when the form was made.
    pub seen: String,
}

/// Proposes that a biller's people sign in under its other issuer, once that was proven to answer. The answer is the
/// preview to look at; the switch is made by a run, and where changes of high risk need it, after a second person
/// approved it.
///
/// # Errors
/// [`ServiceError::Field`] for an issuer that does not answer as it should; [`ServiceError::Changed`] when another one
/// is in effect by now; [`ServiceError::Vendor`], [`ServiceError::Refused`], [`ServiceError::NotFound`].
pub async fn propose(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    form: SwitchForm,
) -> Result<ProposalId, ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    let standing = Standing::of(console, &mut conn, actor, bid).await?;
    drop(conn);
    standing.may_switch_issuer(actor)?;
    if standing.biller.issuer.as_deref() != Some(form.seen.as_str()) {
        return Err(ServiceError::Changed { what: "The issuer" });
    }
    let after = wanted(console, &standing, form.to).await?;
    if after == form.seen {
        return Err(wrong(FIELD, "Sign-ins go there already.".to_owned()));
    }
    prove(console, &standing, &after).await?;
    let layer = ProposedLayer {
        layer: Layer::Biller(bid.clone()),
        values: BTreeMap::new(),
        seen: BTreeMap::new(),
        issuer: Some(IssuerSwitch { to: form.to, before: form.seen, after }),
    };
    propose::keep(
        console,
        actor,
        Proposal { source: ProposalSource::Issuer, layers: vec![layer], from: None },
    )
    .await
}

/// Whether a switch can be made as it was asked for: the issuer names itself as it did then, and answers.
pub(crate) async fn still(
    console: &Console,
    standing: &Standing,
    switch: &IssuerSwitch,
) -> Result<(), ServiceError> {
    let now = wanted(console, standing, switch.to).await?;
    if now != switch.after {
        let problem =
            format!("It names itself {now} now; it was {} when the switch was asked for.", switch.after);
        return Err(wrong(FIELD, problem));
    }
    prove(console, standing, &now).await
}

/// The issuer to switch to, asked of who names it.
async fn wanted(console: &Console, standing: &Standing, to: IssuerChoice) -> Result<String, ServiceError> {
    if to == IssuerChoice::Own {
        let organization = standing.objects.iter().find(|it| it.kind == ObjectKind::Organization);
        let organization = organization.and_then(|it| WorkspaceId::parse(&it.vendor_id).ok());
        let organization = organization.ok_or_else(nothing_there)?;
        let named = console.vendor.get_organization(&organization).await?.issuer_url;
        return named.map(|issuer| issuer.to_string()).ok_or_else(nothing_there);
    }
    let host = vanity::shown(standing);
    let host = host
        .ok_or_else(|| wrong(FIELD, "There is no vanity domain at SecureAuth: set one first.".to_owned()))?;
    let seen = vanity::seen(console, &host).await;
    match (seen.issuer, seen.problem) {
        (Some(issuer), None) => Ok(issuer),
        (_, problem) => Err(wrong(FIELD, format!("{host}: {}", problem.unwrap_or_default()))),
    }
}

/// Discovery answers under it, and so does the authorize page; that of a suspended biller refuses, as it should.
async fn prove(console: &Console, standing: &Standing, issuer: &str) -> Result<(), ServiceError> {
    let at = Url::parse(issuer).map_err(|_| wrong(FIELD, format!("{issuer} is no address.")))?;
    let discovery = console.vendor.probe_discovery(&at).await?.discovery;
    if standing.biller.status == CiamStatus::Suspended {
        return Ok(());
    }
    let application = standing.objects.iter().find(|it| it.kind == ObjectKind::Application);
    let application = application.ok_or_else(nothing_there)?;
    let given = biller_oidc::given(console, &standing.biller, application);
    let request = AuthorizationRequest {
        endpoint: &discovery.authorization_endpoint,
        client_id: &application.vendor_id,
        redirect_uri: given.redirect_uri(),
        scopes: &given.scopes,
        state: &console.random_text::<32>(),
        nonce: &console.random_text::<16>(),
        code_verifier: &console.random_text::<32>(),
    };
    match console.vendor.probe_authorize(&request.url()).await? {
        AuthorizeProbe::Answers => Ok(()),
        AuthorizeProbe::Refused { status, reason } => Err(wrong(
            FIELD,
            format!("Its authorize page refuses sign-ins (HTTP {status}): {reason} Nothing was switched."),
        )),
    }
}

/// Sets the issuer in effect and tells IC of it, in this transaction; the answer is the audit entry.
pub(crate) async fn put(
    console: &Console,
    tx: &mut Tx,
    actor: &Actor,
    biller: &Biller,
    to: &str,
) -> Result<AuditEntry, ServiceError> {
    let bid = biller.bid();
    billers::set_issuer(tx, bid, Some(to)).await?;
    let data = EventData {
        bid: bid.clone(),
        login_url: biller.slug.as_ref().map(|slug| console.settings.login_url(slug)),
        use_cases: None,
        issuer: Some(EventIssuer { before: biller.issuer.clone(), after: to.to_owned() }),
        failure: None,
    };
    deliver_events::record(console, tx, EventKind::IssuerChanged, bid, data).await?;
    let subject = Subject::new(SubjectKind::Biller, bid.as_str());
    Ok(AuditEntry::new(console.now(), actor.clone(), AuditAction::IssuerSwitched, subject)
        .change(Some(json!({ "issuer": biller.issuer })), Some(json!({ "issuer": to }))))
}

fn nothing_there() -> ServiceError {
    wrong(FIELD, "SecureAuth names no issuer for it: enable the biller first.".to_owned())
}

const fn wrong(field: &'static str, problem: String) -> ServiceError {
    ServiceError::Field { field, problem }
}
