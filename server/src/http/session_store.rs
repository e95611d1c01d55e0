//! Sessions in our own database, for tower-sessions.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Clock, Timestamp};
use storage::{Bookkeeping, Store, sessions};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

/// Keeps sessions as JSON text beside everything else, so that every server sees them.
#[derive(Clone)]
pub(crate) struct DatabaseSessions {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for DatabaseSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseSessions")
    }
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn encode(record: &Record) -> Result<(String, Timestamp), session_store::Error> {
    let data =
        serde_json::to_string(record).map_err(|error| session_store::Error::Encode(error.to_string()))?;
    let micros = record.expiry_date.unix_timestamp_nanos() / 1_000;
    Ok((data, Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))))
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            let (data, expires) = encode(record)?;
            let mut tx = self.store.begin().await.map_err(backend)?;
            let free =
                sessions::create(&mut tx, &record.id.to_string(), &data, expires).await.map_err(backend)?;
            if free {
                tx.commit_bookkeeping(Bookkeeping::Session).await.map_err(backend)?;
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let (data, expires) = encode(record)?;
        let mut tx = self.store.begin().await.map_err(backend)?;
        sessions::save(&mut tx, &record.id.to_string(), &data, expires).await.map_err(backend)?;
        tx.commit_bookkeeping(Bookkeeping::Session).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut conn = self.store.read().await.map_err(backend)?;
        let data = sessions::load(&mut conn, &id.to_string(), self.clock.now()).await.map_err(backend)?;
        data.map(|data| serde_json::from_str(&data))
            .transpose()
            .map_err(|error| session_store::Error::Decode(error.to_string()))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.store.begin().await.map_err(backend)?;
        sessions::delete(&mut tx, &id.to_string()).await.map_err(backend)?;
        tx.commit_bookkeeping(Bookkeeping::Session).await.map_err(backend)
    }
}
