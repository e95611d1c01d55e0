//! Outbound events and their deliveries: the outbox.

use domain::{
    Bid, DeliveryId, EventId, JobId, Portfolio, Timestamp,
    event::{Delivery, DeliveryState, EventBody, EventKind},
    job::JobKind,
};
use serde_json::Value;
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    counters::{self, Counter},
    decode::{self, Place, instant, storable, to_json},
    error::fresh,
    jobs,
    live::{self, Topic},
    sql::Sql,
};

/// Which deliveries are asked for, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only of this biller.
    pub bid: Option<Bid>,
    /// Only of billers in this portfolio.
    pub within: Option<Portfolio>,
    /// Only before this one: the last row of the page before.
    pub before: Option<(Timestamp, DeliveryId)>,
    /// Rows at most.
    pub limit: usize,
}

const COLUMNS: &str = "d.id, d.event_id, d.kind, d.bid, d.endpoint, d.state, d.attempts, d.next_at, d.last_status, \
    d.last_error, d.created_at, d.delivered_at";

#[derive(FromRow)]
struct DeliveryRow {
    id: String,
    event_id: String,
    kind: String,
    bid: String,
    endpoint: String,
    state: String,
    attempts: i64,
    next_at: Option<i64>,
    last_status: Option<i64>,
    last_error: Option<String>,
    created_at: i64,
    delivered_at: Option<i64>,
}

impl DeliveryRow {
    fn into_delivery(self) -> Result<Delivery, StorageError> {
        let at = Place { table: "deliveries", row: &self.id };
        Ok(Delivery {
            id: at.word("id", &self.id)?,
            event: at.word("event_id", &self.event_id)?,
            kind: at.word("kind", &self.kind)?,
            bid: at.word("bid", &self.bid)?,
            state: at.word("state", &self.state)?,
            attempts: self.attempts,
            next_at: instant(self.next_at),
            last_status: self.last_status,
            created_at: Timestamp::from_micros(self.created_at),
            delivered_at: instant(self.delivered_at),
            endpoint: self.endpoint,
            last_error: self.last_error,
        })
    }
}

#[derive(FromRow)]
struct DeliveryWithBody {
    #[sqlx(flatten)]
    delivery: DeliveryRow,
    body: String,
}

/// Records an event, one delivery for each receiver, and the job of each delivery.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn record(
    tx: &mut Tx,
    id: EventId,
    kind: EventKind,
    bid: &Bid,
    body: &EventBody,
    endpoints: &[(DeliveryId, JobId, String)],
    now: Timestamp,
) -> Result<(), StorageError> {
    affected!(
        tx,
        sqlx::query("INSERT INTO events (id, kind, bid, body, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.to_string())
            .bind(kind.as_str())
            .bind(bid.as_str())
            .bind(to_json(body)?)
            .bind(now.micros())
    )?;
    for (delivery, job, endpoint) in endpoints {
        affected!(
            tx,
            sqlx::query(
                "INSERT INTO deliveries (id, event_id, kind, bid, endpoint, state, attempts, next_at, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)",
            )
            .bind(delivery.to_string())
            .bind(id.to_string())
            .bind(kind.as_str())
            .bind(bid.as_str())
            .bind(endpoint)
            .bind(DeliveryState::Pending.as_str())
            .bind(now.micros())
        )?;
        jobs::enqueue(tx, *job, JobKind::Delivery, &delivery.to_string(), now).await?;
    }
    live::touch(tx, Topic::Deliveries);
    Ok(())
}

/// A delivery and the body to send, which is the same at every attempt.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn delivery(conn: &mut Conn, id: DeliveryId) -> Result<Option<(Delivery, Value)>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(", e.body FROM deliveries d JOIN events e ON e.id = d.event_id WHERE d.id = ");
    sql.bind(id.to_string());
    let Some(row) = sql.optional::<DeliveryWithBody>(conn).await? else { return Ok(None) };
    let body = Place { table: "events", row: &row.delivery.event_id }.json("body", &row.body)?;
    Ok(Some((row.delivery.into_delivery()?, body)))
}

/// Deliveries, newest first.
///
/// # Errors
/// As [`delivery`].
pub async fn deliveries(conn: &mut Conn, query: &DeliveryQuery) -> Result<Vec<Delivery>, StorageError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM deliveries d WHERE TRUE");
    if let Some(state) = query.state {
        sql.push(" AND d.state = ").bind(state.as_str());
    }
    if let Some(bid) = &query.bid {
        sql.push(" AND d.bid = ").bind(bid.as_str());
    }
    if let Some(portfolio) = &query.within {
        sql.push(" AND d.bid IN (SELECT bid FROM billers WHERE portfolio = ")
            .bind(portfolio.as_str())
            .push(")");
    }
    if let Some((at, id)) = query.before {
        sql.push(" AND (d.created_at, d.id) < (").bind(at.micros()).push(", ").bind(id.to_string()).push(")");
    }
    sql.push(" ORDER BY d.created_at DESC, d.id DESC LIMIT ").bind(decode::limit(query.limit));
    sql.all::<DeliveryRow>(conn).await?.into_iter().map(DeliveryRow::into_delivery).collect()
}

/// The receiver has accepted it.
///
/// # Errors
/// [`StorageError::Stale`] when it does not wait for an attempt.
pub async fn delivered(tx: &mut Tx, id: DeliveryId, status: i64, now: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, next_at = NULL, last_status = $2, \
             last_error = NULL, delivered_at = $3 WHERE id = $1 AND state = 'pending'",
        )
        .bind(id.to_string())
        .bind(status)
        .bind(now.micros())
    )?;
    fresh(rows, "delivery")?;
    live::touch(tx, Topic::Deliveries);
    Ok(())
}

/// An attempt failed. Without a next time it is given up.
///
/// # Errors
/// [`StorageError::Stale`] when it does not wait for an attempt.
pub async fn attempt_failed(
    tx: &mut Tx,
    id: DeliveryId,
    status: Option<i64>,
    error: &str,
    next_at: Option<Timestamp>,
) -> Result<(), StorageError> {
    let state = if next_at.is_some() { DeliveryState::Pending } else { DeliveryState::GaveUp };
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE deliveries SET state = $2, attempts = attempts + 1, next_at = $3, last_status = $4, \
             last_error = $5 WHERE id = $1 AND state = 'pending'",
        )
        .bind(id.to_string())
        .bind(state.as_str())
        .bind(next_at.map(Timestamp::micros))
        .bind(status)
        .bind(storable(error))
    )?;
    fresh(rows, "delivery")?;
    if state == DeliveryState::GaveUp {
        tx.count(Counter::GaveUp, 1);
    }
    live::touch(tx, Topic::Deliveries);
    Ok(())
}

/// The delivery, held until the transaction ends: nobody else decides on it, and no worker settles it meanwhile.
///
/// # Errors
/// As [`delivery`].
pub async fn hold(tx: &mut Tx, id: DeliveryId) -> Result<Option<Delivery>, StorageError> {
    let for_update = tx.engine().for_update();
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM deliveries d WHERE d.id = ").bind(id.to_string()).push(for_update);
    sql.optional::<DeliveryRow>(tx).await?.map(DeliveryRow::into_delivery).transpose()
}

/// Sends a delivery that waits or was given up at once, with all its attempts before it again. There is one job for
/// it, however often this is asked for.
///
/// # Errors
/// [`StorageError::Stale`] when it is not as given any more, or was delivered.
pub async fn requeue(
    tx: &mut Tx,
    delivery: &Delivery,
    job: JobId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE deliveries SET state = 'pending', attempts = 0, next_at = $2 \
             WHERE id = $1 AND state = $3 AND state <> 'delivered' AND attempts = $4",
        )
        .bind(delivery.id.to_string())
        .bind(now.micros())
        .bind(delivery.state.as_str())
        .bind(delivery.attempts)
    )?;
    fresh(rows, "delivery")?;
    if delivery.state == DeliveryState::GaveUp {
        tx.count(Counter::GaveUp, -1);
    }
    jobs::enqueue(tx, job, JobKind::Delivery, &delivery.id.to_string(), now).await?;
    live::touch(tx, Topic::Deliveries);
    Ok(())
}

/// How many deliveries were given up and wait for a person: of all billers, which is kept, or of those of one
/// portfolio, which is counted.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn stuck(conn: &mut Conn, within: Option<&Portfolio>) -> Result<u64, StorageError> {
    let Some(portfolio) = within else { return counters::get(conn, &Counter::GaveUp).await };
    let mut sql =
        Sql::new("SELECT COUNT(*) FROM deliveries d JOIN billers b ON b.bid = d.bid WHERE d.state = ");
    sql.bind(DeliveryState::GaveUp.as_str()).push(" AND b.portfolio = ").bind(portfolio.as_str());
    let (n,): (i64,) = sql.optional(conn).await?.unwrap_or_default();
    Place { table: "deliveries", row: portfolio.as_str() }.number("state", n)
}
