//! Alerts, and the messages that tell of them: an outbox.

use domain::{
    AlertId, JobId, MessageId, Timestamp,
    event::DeliveryState,
    job::JobKind,
    performance::{Alert, AlertState},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable},
    error::{exactly, fresh},
    jobs,
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct Row {
    id: String,
    subject: String,
    state: String,
    note: String,
    began: i64,
    ended: Option<i64>,
}

const COLUMNS: &str = "SELECT id, subject, state, note, began, ended FROM alerts WHERE ";

impl Row {
    fn read(self) -> Result<Alert, StorageError> {
        let at = Place { table: "alerts", row: &self.id };
        Ok(Alert {
            id: at.word("id", &self.id)?,
            state: at.word("state", &self.state)?,
            key: self.subject.clone(),
            text: self.note.clone(),
            began: Timestamp::from_micros(self.began),
            ended: instant(self.ended),
        })
    }
}

/// One message to one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id, the same for every attempt.
    pub id: MessageId,
    /// The alert.
    pub alert: AlertId,
    /// What it tells: that the alert fires, or that it is over.
    pub tells: AlertState,
    /// The receiver's name in the configuration.
    pub receiver: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: i64,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
    /// Why the last one failed.
    pub last_error: Option<String>,
}

#[derive(FromRow)]
struct MessageRow {
    id: String,
    alert: String,
    tells: String,
    receiver: String,
    state: String,
    attempts: i64,
    next_at: Option<i64>,
    last_error: Option<String>,
}

const MESSAGES: &str =
    "SELECT id, alert, tells, receiver, state, attempts, next_at, last_error FROM alert_messages WHERE ";

impl MessageRow {
    fn read(self) -> Result<Message, StorageError> {
        let at = Place { table: "alert_messages", row: &self.id };
        Ok(Message {
            id: at.word("id", &self.id)?,
            alert: at.word("alert", &self.alert)?,
            tells: at.word("tells", &self.tells)?,
            state: at.word("state", &self.state)?,
            receiver: self.receiver.clone(),
            attempts: self.attempts,
            next_at: instant(self.next_at),
            last_error: self.last_error.clone(),
        })
    }
}

/// The alerts, the latest first; those that fire before all others.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn, limit: usize) -> Result<Vec<Alert>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("TRUE ORDER BY CASE WHEN state = 'firing' THEN 0 ELSE 1 END, began DESC, id DESC LIMIT ");
    sql.bind(decode::limit(limit));
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// The alerts that fire.
///
/// # Errors
/// As [`list`].
pub async fn firing(conn: &mut Conn) -> Result<Vec<Alert>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("state = 'firing' ORDER BY began, id");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// One alert.
///
/// # Errors
/// As [`list`].
pub async fn find(conn: &mut Conn, id: AlertId) -> Result<Option<Alert>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<Row>(conn).await?.map(Row::read).transpose()
}

/// Takes the lock under which alerts begin and end: two servers do not tell of the same one.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn lock(tx: &mut Tx) -> Result<(), StorageError> {
    let rows = affected!(tx, sqlx::query("UPDATE locks SET taken = taken + 1 WHERE name = 'watch'"))?;
    exactly(1, rows, "Waiting for another look at the measurements")
}

/// An alert begins.
///
/// # Errors
/// [`StorageError::Driver`], also when one of this subject fires already.
pub async fn begin(tx: &mut Tx, alert: &Alert) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("INSERT INTO alerts (id, subject, state, note, began) VALUES ($1, $2, $3, $4, $5)")
            .bind(alert.id.to_string())
            .bind(&*alert.key)
            .bind(alert.state.as_str())
            .bind(storable(&alert.text))
            .bind(alert.began.micros())
    )?;
    exactly(1, rows, "Noting an alert")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

/// An alert is over.
///
/// # Errors
/// [`StorageError::Stale`] when it was already.
pub async fn end(tx: &mut Tx, id: AlertId, now: Timestamp) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE alerts SET state = 'resolved', ended = $2 WHERE id = $1 AND state = 'firing'")
            .bind(id.to_string())
            .bind(now.micros())
    )?;
    fresh(rows, "alert")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

/// Puts a message to a receiver into the outbox, with the job that sends it.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn tell(
    tx: &mut Tx,
    (message, job): (MessageId, JobId),
    alert: AlertId,
    tells: AlertState,
    receiver: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO alert_messages (id, alert, tells, receiver, state, attempts, next_at) \
             VALUES ($1, $2, $3, $4, $5, 0, $6)",
        )
        .bind(message.to_string())
        .bind(alert.to_string())
        .bind(tells.as_str())
        .bind(receiver)
        .bind(DeliveryState::Pending.as_str())
        .bind(now.micros())
    )?;
    exactly(1, rows, "Telling of an alert")?;
    jobs::enqueue(tx, job, JobKind::AlertMessage, &message.to_string(), now).await
}

/// One message.
///
/// # Errors
/// As [`list`].
pub async fn message(conn: &mut Conn, id: MessageId) -> Result<Option<Message>, StorageError> {
    let mut sql = Sql::new(MESSAGES);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<MessageRow>(conn).await?.map(MessageRow::read).transpose()
}

/// The messages of an alert, in the order in which they were written.
///
/// # Errors
/// As [`list`].
pub async fn messages(conn: &mut Conn, alert: AlertId) -> Result<Vec<Message>, StorageError> {
    let mut sql = Sql::new(MESSAGES);
    sql.push("alert = ").bind(alert.to_string()).push(" ORDER BY id");
    sql.all::<MessageRow>(conn).await?.into_iter().map(MessageRow::read).collect()
}

/// What came of an attempt: accepted where `failed` is none; given up where there is no next time.
///
/// # Errors
/// [`StorageError::Stale`] when it does not wait any more.
pub async fn attempted(
    tx: &mut Tx,
    id: MessageId,
    failed: Option<(&str, Option<Timestamp>)>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let (state, error, next) = match failed {
        None => (DeliveryState::Delivered, None, None),
        Some((why, Some(at))) => (DeliveryState::Pending, Some(storable(why)), Some(at)),
        Some((why, None)) => (DeliveryState::GaveUp, Some(storable(why)), None),
    };
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE alert_messages SET state = $2, attempts = attempts + 1, last_error = $3, next_at = $4, \
             delivered_at = $5 WHERE id = $1 AND state = 'pending'",
        )
        .bind(id.to_string())
        .bind(state.as_str())
        .bind(error)
        .bind(next.map(Timestamp::micros))
        .bind((state == DeliveryState::Delivered).then_some(now.micros()))
    )?;
    fresh(rows, "alert message")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}
