//! Notes that a session is in use, so that it lives on: at most once a minute, and only when a person does something.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::context::LIVE_HEADER;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::{
    Clock, Timestamp,
    session::{NOTED_EVERY, SessionKey, SessionLimits},
};
use storage::{Bookkeeping, StorageError, Store, sessions};
use tower_sessions::{Session, session::Id};

/// Sessions remembered before those that were looked at longest ago are forgotten.
const MANY: usize = 10_000;

/// What has to be known to note uses.
pub(crate) struct SessionUses {
    store: Store,
    clock: Arc<dyn Clock>,
    limits: SessionLimits,
    /// When this process last looked at a session: it does not ask the database at every request.
    looked: Mutex<HashMap<Id, Timestamp>>,
}

impl SessionUses {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, limits: SessionLimits) -> Arc<Self> {
        Arc::new(Self { store, clock, limits, looked: Mutex::default() })
    }

    /// Whether it is time to look at the session again. Garbage in a cookie costs one look a minute, too.
    fn is_due(&self, id: Id, now: Timestamp) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if looked.get(&id).is_some_and(|at| now.since(*at) < NOTED_EVERY) {
            return false;
        }
        if looked.len() >= MANY {
            looked.retain(|_, at| now.since(*at) < NOTED_EVERY);
        }
        if looked.len() >= MANY {
            looked.clear();
        }
        looked.insert(id, now);
        true
    }

    async fn note(&self, id: Id) -> Result<(), StorageError> {
        let (now, key) = (self.clock.now(), SessionKey::of(&id.to_string()));
        if !self.is_due(id, now) {
            return Ok(());
        }
        let due = sessions::is_use_due(&mut *self.store.read().await?, &key, now).await?;
        if due {
            let mut tx = self.store.begin().await?;
            sessions::note_use(&mut tx, &key, now, self.limits).await?;
            tx.commit_bookkeeping(Bookkeeping::Session).await?;
        }
        Ok(())
    }
}

/// Notes the use of the request's session. Stands inside of the session layer.
pub(crate) async fn note(
    State(uses): State<Arc<SessionUses>>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    if let Some(id) = session.id()
        && is_by_a_person(&request)
        && let Err(error) = uses.note(id).await
    {
        tracing::warn!(%error, "the use of a session could not be noted");
    }
    next.run(request).await
}

/// A page that lies open asks for events and renews itself; nobody needs to be sitting before it.
fn is_by_a_person(request: &Request) -> bool {
    let path = request.uri().path();
    path != "/events" && !path.starts_with("/pkg/") && !request.headers().contains_key(LIVE_HEADER)
}

/// How often an open event stream looks whether its session is still there.
pub(super) const STILL_THERE_EVERY: Duration = Duration::from_secs(10);

/// Whether the session was ended or has expired.
pub(super) async fn is_over(store: &Store, clock: &dyn Clock, key: &SessionKey) -> bool {
    let Ok(mut conn) = store.read().await else { return false };
    matches!(sessions::load(&mut conn, key, clock.now()).await, Ok(None))
}
