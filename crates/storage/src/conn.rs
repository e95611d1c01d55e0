//! One connection or transaction, of either database.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::{Deref, DerefMut},
};

use domain::Bid;
use sqlx::{Database, Postgres, Sqlite, Transaction, pool::PoolConnection};

use crate::{Engine, Store, counters::Counter, live::Topic};

/// Runs one query on whichever database the connection belongs to. The query is compiled once for each.
macro_rules! on {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn.link() {
            $crate::conn::Link::Lite(held) => {
                let $c = &mut **held;
                $query.await
            }
            $crate::conn::Link::Pg(held) => {
                let $c = &mut **held;
                $query.await
            }
        }
    };
}

/// Runs one statement on whichever database the connection belongs to; the answer is the number of rows it touched.
macro_rules! affected {
    ($conn:expr, $query:expr) => {
        match $conn.link() {
            $crate::conn::Link::Lite(held) => {
                $query.execute(&mut **held).await.map(|done| done.rows_affected())
            }
            $crate::conn::Link::Pg(held) => {
                $query.execute(&mut **held).await.map(|done| done.rows_affected())
            }
        }
    };
}

/// A connection that is free, or inside a transaction.
pub(crate) enum Held<DB: Database> {
    /// Every query stands for itself.
    Free(PoolConnection<DB>),
    /// Rolled back when dropped.
    Open(Transaction<'static, DB>),
}

impl<DB: Database> Deref for Held<DB> {
    type Target = DB::Connection;
    fn deref(&self) -> &DB::Connection {
        match self {
            Self::Free(conn) => conn,
            Self::Open(tx) => tx,
        }
    }
}

impl<DB: Database> DerefMut for Held<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match self {
            Self::Free(conn) => conn,
            Self::Open(tx) => tx,
        }
    }
}

/// Which database, and the connection to it.
pub(crate) enum Link {
    /// SQLite.
    Lite(Held<Sqlite>),
    /// PostgreSQL.
    Pg(Held<Postgres>),
}

/// What every reading function takes: a [`Reader`] or a [`Tx`], of either database.
pub struct Conn(Link);

impl Conn {
    pub(crate) const fn new(link: Link) -> Self {
        Self(link)
    }

    pub(crate) const fn link(&mut self) -> &mut Link {
        &mut self.0
    }

    pub(crate) fn into_link(self) -> Link {
        self.0
    }

    /// Which database this is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.0 {
            Link::Lite(_) => Engine::Sqlite,
            Link::Pg(_) => Engine::Postgres,
        }
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Conn").field(&self.engine()).finish()
    }
}

/// A connection for reading; every query sees the latest commits.
#[derive(Debug)]
pub struct Reader(Conn);

impl Reader {
    pub(crate) const fn new(link: Link) -> Self {
        Self(Conn::new(link))
    }
}

impl Deref for Reader {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A write transaction. Dropping it rolls everything back; see [`crate::Bookkeeping`] and
/// [`Tx::commit_audited`] for the ways to commit.
pub struct Tx {
    conn: Conn,
    pub(crate) store: Store,
    pub(crate) pending: Pending,
}

/// What is written right before the commit, in one fixed order, so that hot rows are locked briefly and
/// transactions cannot lock them crosswise.
#[derive(Default)]
pub(crate) struct Pending {
    /// By how much each counter changes.
    pub(crate) counters: BTreeMap<Counter, i64>,
    /// Which topics were touched.
    pub(crate) topics: BTreeSet<Topic>,
    /// Billers of which something changed on which their readiness for use cases depends.
    pub(crate) unsettled: BTreeSet<Bid>,
}

impl Tx {
    pub(crate) fn new(link: Link, store: Store) -> Self {
        Self { conn: Conn::new(link), store, pending: Pending::default() }
    }

    pub(crate) fn into_parts(self) -> (Conn, Store, Pending) {
        (self.conn, self.store, self.pending)
    }

    /// Something changed on which the biller's readiness for use cases depends.
    pub(crate) fn unsettle(&mut self, bid: &Bid) {
        self.pending.unsettled.insert(bid.clone());
    }

    pub(crate) fn count(&mut self, counter: Counter, by: i64) {
        *self.pending.counters.entry(counter).or_default() += by;
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tx").field(&self.engine()).finish()
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
