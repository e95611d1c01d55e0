//! Who changed what drifted: asked of the vendor's audit events, once for each biller with something new.

use domain::{
    Bid,
    object::{ObjectKind, VendorObject},
    settings::{Changed, Drift, Scope, Setting},
};
use secureauth::{AuditEvent, AuditFilter, WorkspaceId};
use storage::{Bookkeeping, Tx, drift};

use crate::{Console, ServiceError};

/// What was found, to be kept with the next commit.
pub(crate) struct Told {
    found: Vec<(Drift, Changed)>,
    /// Calls that it took.
    pub(crate) calls: u64,
}

impl Told {
    /// Keeps it.
    pub(crate) async fn keep(&self, tx: &mut Tx) -> Result<(), ServiceError> {
        for (drift, changed) in &self.found {
            drift::tell(tx, drift, changed).await?;
        }
        Ok(())
    }
}

/// Asks who changed what newly drifted for a biller. `None` where there is nothing to ask. A vendor that does not
/// answer leaves it open: the next read asks again.
pub(crate) async fn ask(
    console: &Console,
    bid: &Bid,
    objects: &[VendorObject],
) -> Result<Option<Told>, ServiceError> {
    let mut conn = console.store.read().await?;
    let mut open = drift::of_biller(&mut conn, bid).await?;
    drop(conn);
    open.retain(|drift| drift.changed.is_none());
    let organization = objects.iter().find(|it| it.kind == ObjectKind::Organization);
    let organization = organization.and_then(|it| WorkspaceId::parse(&it.vendor_id).ok());
    let (Some(organization), false) = (organization, open.is_empty()) else { return Ok(None) };
    let filter = AuditFilter {
        subjects: vec!["organization", "server", "pool", "client"],
        actions: vec!["updated"],
        organization: Some(organization),
        ..AuditFilter::default()
    };
    let events = match console.vendor.list_audit_events(&console.vendor.administration(), &filter).await {
        Ok(page) => page.items,
        Err(error) => {
            tracing::info!(%bid, "audit events could not be read, so who changed a setting stays open: {error}");
            return Ok(Some(Told { found: Vec::new(), calls: 1 }));
        }
    };
    let own = |event: &AuditEvent| {
        event.metadata.subject.is_empty() && console.vendor.is_own_client(&event.metadata.client_id)
    };
    let found = open.into_iter().map(|drift| {
        let changed = changed(&drift, objects, &events, own);
        (drift, changed)
    });
    Ok(Some(Told { found: found.collect(), calls: 1 }))
}

/// Asks, and keeps what was told.
pub(crate) async fn note(console: &Console, bid: &Bid, objects: &[VendorObject]) -> Result<(), ServiceError> {
    let Some(told) = ask(console, bid, objects).await? else { return Ok(()) };
    let mut tx = console.store.begin().await?;
    told.keep(&mut tx).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    Ok(())
}

/// What events, newest first, tell about a value that drifted.
fn changed(
    drift: &Drift,
    objects: &[VendorObject],
    events: &[AuditEvent],
    own: impl Fn(&AuditEvent) -> bool,
) -> Changed {
    let setting = drift.key.setting();
    let concerned: Vec<&AuditEvent> =
        events.iter().filter(|event| concerns(event, setting.scope, objects)).collect();
    let mut first: Option<&AuditEvent> = None;
    let mut shows = concerned.iter().filter(|event| carries(event, setting)).peekable();
    let shown_at_all = shows.peek().is_some();
    for event in shows {
        // From the newest back to the oldest event that shows the found value without a break.
        if event.details().is_some_and(|object| setting.observe(object) == drift.found) {
            first = Some(event);
        } else {
            break;
        }
    }
    match first {
        Some(event) => Changed::Value { by: who(event), at: event.timestamp },
        // The newest event shows another value: what changed it has no event.
        None if shown_at_all => Changed::Nothing,
        None => concerned
            .iter()
            .find(|event| !own(event))
            .map_or(Changed::Nothing, |event| Changed::Object { by: who(event), at: event.timestamp }),
    }
}

/// Whether an event is about the object that holds settings of a scope.
fn concerns(event: &AuditEvent, scope: Scope, objects: &[VendorObject]) -> bool {
    let (subjects, id, kind): (&[&str], _, _) = match scope {
        Scope::Organization => (&["organization", "server"], "id", ObjectKind::Organization),
        Scope::Pool => (&["pool"], "pool_id", ObjectKind::Pool),
        Scope::Application => (&["client"], "client_id", ObjectKind::Application),
        // The vendor has no events of providers, nor of which theme or vanity domain a workspace has.
        Scope::Binding | Scope::Theme | Scope::VanityDomain | Scope::Tenant => return false,
    };
    let named = event.details().and_then(|object| object.get(id)).and_then(serde_json::Value::as_str);
    let ours = objects.iter().find(|it| it.kind == kind).map(|it| it.vendor_id.as_str());
    subjects.contains(&event.subject.as_str()) && named.is_none_or(|named| ours == Some(named))
}

/// Whether the event shows the field of a setting. The vendor's events of a pool name three of its fields only.
fn carries(event: &AuditEvent, setting: &Setting) -> bool {
    let name = setting.path().and_then(|path| path.split('.').next());
    name.is_some_and(|name| event.details().is_some_and(|object| object.get(name).is_some()))
}

fn who(event: &AuditEvent) -> String {
    let metadata = &event.metadata;
    match [&metadata.subject, &metadata.user_id].into_iter().find(|text| !text.is_empty()) {
        Some(person) => person.clone(),
        None if metadata.client_id.is_empty() => "somebody unnamed".to_owned(),
        None => format!("machine client {}", metadata.client_id),
    }
}
