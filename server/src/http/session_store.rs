//! Sessions in our own database, for tower-sessions.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use app::session::ENDS_AT;
use async_trait::async_trait;
use domain::{
    Clock,
    session::{SessionKey, SessionLimits},
};
use serde_json::Value;
use storage::{
    Bookkeeping, Store,
    sessions::{self, SignedIn},
};
use tower_sessions::{
    SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store,
};

/// Keeps sessions as JSON text beside everything else, so that every server sees them. They end as our own limits
/// say, by the rows' own columns; the expiry in tower-sessions' records is an outer bound that is never reached.
#[derive(Clone)]
pub(crate) struct DatabaseSessions {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: SessionLimits,
}

impl std::fmt::Debug for DatabaseSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseSessions")
    }
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// What is in the session, without its id: who reads the database gets nothing to sign in with. When it ends is a
/// column, which is told along with the data and never written with it.
fn encode(record: &Record) -> Result<String, session_store::Error> {
    let kept: BTreeMap<_, _> = record.data.iter().filter(|(name, _)| *name != ENDS_AT).collect();
    serde_json::to_string(&kept).map_err(|error| session_store::Error::Encode(error.to_string()))
}

fn key(id: &Id) -> SessionKey {
    SessionKey::of(&id.to_string())
}

/// Who is signed in, for the list of sessions.
fn signed_in(record: &Record) -> Option<SignedIn> {
    let (actor, sign_in) = app::session::begun(&record.data)?;
    Some(SignedIn { person_id: actor.id(), person: actor.name().to_owned(), sign_in })
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            let data = encode(record)?;
            let (key, who, now) = (key(&record.id), signed_in(record), self.clock.now());
            let mut tx = self.store.begin().await.map_err(backend)?;
            let free = sessions::create(&mut tx, &key, &data, who.as_ref(), now, self.limits)
                .await
                .map_err(backend)?;
            if free {
                tx.commit_bookkeeping(Bookkeeping::Session).await.map_err(backend)?;
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data = encode(record)?;
        let mut tx = self.store.begin().await.map_err(backend)?;
        sessions::save(&mut tx, &key(&record.id), &data).await.map_err(backend)?;
        tx.commit_bookkeeping(Bookkeeping::Session).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut conn = self.store.read().await.map_err(backend)?;
        let stored = sessions::load(&mut conn, &key(id), self.clock.now()).await.map_err(backend)?;
        let Some(stored) = stored else { return Ok(None) };
        let mut data: HashMap<String, Value> = serde_json::from_str(&stored.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        data.insert(ENDS_AT.to_owned(), stored.ends_at.micros().into());
        let end = self.clock.now().plus(self.limits.absolute);
        let expiry_date = OffsetDateTime::from_unix_timestamp(end.seconds())
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.store.begin().await.map_err(backend)?;
        sessions::delete(&mut tx, &key(id)).await.map_err(backend)?;
        tx.commit_bookkeeping(Bookkeeping::Session).await.map_err(backend)
    }
}
