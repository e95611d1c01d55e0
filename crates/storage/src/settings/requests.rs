//! Changes that a second person decides.

use domain::{
    ChangeRequestId, Timestamp,
    actor::Actor,
    emergency::Review,
    settings::{ChangeRequest, Layer, RequestState},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::{Sql, Value},
};

#[derive(FromRow)]
struct RequestRow {
    id: String,
    body: String,
    reason: String,
    requested_by: String,
    requested_at: i64,
    state: String,
    reviewed_by: Option<String>,
    reviewed_at: Option<i64>,
    review: Option<String>,
}

const COLUMNS: &str = "SELECT r.id, r.body, r.reason, r.requested_by, r.requested_at, r.state, r.reviewed_by, r.reviewed_at, \
     r.review FROM setting_requests r ";

impl RequestRow {
    fn read(self) -> Result<ChangeRequest, StorageError> {
        let at = Place { table: "setting_requests", row: &self.id };
        let by: Option<Actor> = at.json_opt("reviewed_by", self.reviewed_by.as_deref())?;
        let review = by.zip(self.reviewed_at).map(|(by, when)| Review {
            by,
            at: Timestamp::from_micros(when),
            note: self.review.clone(),
        });
        Ok(ChangeRequest {
            id: at.word("id", &self.id)?,
            body: at.json("body", &self.body)?,
            requested_by: at.json("requested_by", &self.requested_by)?,
            requested_at: Timestamp::from_micros(self.requested_at),
            state: at.word("state", &self.state)?,
            review,
            reason: self.reason.clone(),
        })
    }
}

/// Keeps a new request.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn put_request(tx: &mut Tx, request: &ChangeRequest) -> Result<(), StorageError> {
    let id = request.id.to_string();
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO setting_requests (id, body, reason, requested_by, requested_at, state) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&id)
        .bind(to_json(&request.body)?)
        .bind(storable(&request.reason))
        .bind(to_json(&request.requested_by)?)
        .bind(request.requested_at.micros())
        .bind(request.state.as_str())
    )?;
    exactly(1, rows, "Keeping a change request")?;
    let layers = &request.body.proposal.layers;
    let mut sql = Sql::new("INSERT INTO setting_request_levels (level, request_id) VALUES ");
    sql.tuples(layers.iter().map(|layer| [Value::from(layer.layer.to_string()), id.as_str().into()]));
    let rows = sql.run(tx).await?;
    exactly(layers.len() as u64, rows, "Keeping the levels of a change request")?;
    touch(tx, request);
    Ok(())
}

/// One request.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find_request(
    conn: &mut Conn,
    id: ChangeRequestId,
) -> Result<Option<ChangeRequest>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE r.id = ").bind(id.to_string());
    sql.optional::<RequestRow>(conn).await?.map(RequestRow::read).transpose()
}

/// The requests that wait, oldest first; those that touch one level if it is given.
///
/// # Errors
/// As [`find_request`].
pub async fn waiting_requests(
    conn: &mut Conn,
    level: Option<&Layer>,
    limit: usize,
) -> Result<Vec<ChangeRequest>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    if let Some(level) = level {
        sql.push("JOIN setting_request_levels l ON l.request_id = r.id AND l.level = ")
            .bind(level.to_string());
    }
    sql.push(" WHERE r.state = 'waiting' ORDER BY r.requested_at, r.id LIMIT ").bind(decode::limit(limit));
    sql.all::<RequestRow>(conn).await?.into_iter().map(RequestRow::read).collect()
}

/// Notes what was decided.
///
/// # Errors
/// [`StorageError::Stale`] when it does not wait any more.
pub async fn decide_request(
    tx: &mut Tx,
    request: &ChangeRequest,
    to: RequestState,
    review: &Review,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE setting_requests SET state = $2, reviewed_by = $3, reviewed_at = $4, review = $5 \
             WHERE id = $1 AND state = 'waiting'",
        )
        .bind(request.id.to_string())
        .bind(to.as_str())
        .bind(to_json(&review.by)?)
        .bind(review.at.micros())
        .bind(review.note.as_deref().map(storable))
    )?;
    fresh(rows, "change request")?;
    touch(tx, request);
    Ok(())
}

fn touch(tx: &mut Tx, request: &ChangeRequest) {
    live::touch(tx, Topic::Billers);
    for layer in &request.body.proposal.layers {
        if let Layer::Biller(bid) = &layer.layer {
            live::touch(tx, Topic::Biller(bid.clone()));
        }
    }
}
