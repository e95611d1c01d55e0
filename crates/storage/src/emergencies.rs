//! Emergencies: sign-ins held off at once.

use domain::{
    Bid, EmergencyId, Timestamp,
    actor::Actor,
    emergency::{Emergency, EmergencyState, Review},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct EmergencyRow {
    id: String,
    bid: Option<String>,
    state: String,
    reason: String,
    started_by: String,
    started_at: i64,
    reviewed_by: Option<String>,
    reviewed_at: Option<i64>,
    review: Option<String>,
}

const COLUMNS: &str = "SELECT id, bid, state, reason, started_by, started_at, reviewed_by, reviewed_at, review FROM emergencies WHERE ";

impl EmergencyRow {
    fn read(self) -> Result<Emergency, StorageError> {
        let at = Place { table: "emergencies", row: &self.id };
        let by: Option<Actor> = at.json_opt("reviewed_by", self.reviewed_by.as_deref())?;
        let review = by.zip(self.reviewed_at).map(|(by, when)| Review {
            by,
            at: Timestamp::from_micros(when),
            note: self.review.clone(),
        });
        Ok(Emergency {
            id: at.word("id", &self.id)?,
            bid: at.word_opt("bid", self.bid.as_deref())?,
            state: at.word("state", &self.state)?,
            started_by: at.json("started_by", &self.started_by)?,
            started_at: Timestamp::from_micros(self.started_at),
            review,
            reason: self.reason.clone(),
        })
    }
}

/// One emergency.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, id: EmergencyId) -> Result<Option<Emergency>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<EmergencyRow>(conn).await?.map(EmergencyRow::read).transpose()
}

/// The emergencies that hold a biller's sign-ins off: its own, and everyone's.
///
/// # Errors
/// As [`find`].
pub async fn holding(conn: &mut Conn, bid: &Bid) -> Result<Vec<Emergency>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("state <> 'lifted' AND (bid IS NULL OR bid = ").bind(bid.as_str()).push(") ORDER BY started_at");
    sql.all::<EmergencyRow>(conn).await?.into_iter().map(EmergencyRow::read).collect()
}

/// The emergencies of all billers, newest first.
///
/// # Errors
/// As [`find`].
pub async fn list(conn: &mut Conn, limit: usize) -> Result<Vec<Emergency>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("TRUE ORDER BY started_at DESC, id DESC LIMIT ").bind(decode::limit(limit));
    sql.all::<EmergencyRow>(conn).await?.into_iter().map(EmergencyRow::read).collect()
}

/// Starts one.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller.
pub async fn start(tx: &mut Tx, emergency: &Emergency) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO emergencies (id, bid, state, reason, started_by, started_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(emergency.id.to_string())
        .bind(emergency.bid.as_ref().map(Bid::as_str))
        .bind(emergency.state.as_str())
        .bind(storable(&emergency.reason))
        .bind(to_json(&emergency.started_by)?)
        .bind(emergency.started_at.micros())
    )?;
    exactly(1, rows, "Starting an emergency")?;
    touch(tx, emergency.bid.as_ref());
    Ok(())
}

/// Notes what a second person found and decided.
///
/// # Errors
/// [`StorageError::Stale`] when it does not stand as `emergency` says.
pub async fn decide(
    tx: &mut Tx,
    emergency: &Emergency,
    to: EmergencyState,
    review: &Review,
) -> Result<(), StorageError> {
    let lifted = (to == EmergencyState::Lifted).then_some(&review.by).map(to_json).transpose()?;
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE emergencies SET state = $3, reviewed_by = COALESCE(reviewed_by, $4), \
             reviewed_at = COALESCE(reviewed_at, $5), review = COALESCE(review, $6), lifted_by = $7, lifted_at = $8 \
             WHERE id = $1 AND state = $2",
        )
        .bind(emergency.id.to_string())
        .bind(emergency.state.as_str())
        .bind(to.as_str())
        .bind(to_json(&review.by)?)
        .bind(review.at.micros())
        .bind(review.note.as_deref().map(storable))
        .bind(lifted)
        .bind((to == EmergencyState::Lifted).then_some(review.at.micros()))
    )?;
    fresh(rows, "emergency")?;
    touch(tx, emergency.bid.as_ref());
    Ok(())
}

/// How far IC was told of everyone's emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Of what: that sign-ins are held off, or that they go again.
    pub held: bool,
    /// The last biller of whom it was told, by bid.
    pub until: Option<Bid>,
}

const HELD: &str = "held";
const LIFTED: &str = "lifted";

/// How far IC was told of an emergency; `None` where it was not.
///
/// # Errors
/// As [`find`].
pub async fn told(conn: &mut Conn, id: EmergencyId) -> Result<Option<Told>, StorageError> {
    let id = id.to_string();
    let mut sql = Sql::new("SELECT telling, told_until FROM emergencies WHERE id = ");
    sql.bind(id.as_str());
    let row: Option<(Option<String>, Option<String>)> = sql.optional(conn).await?;
    let at = Place { table: "emergencies", row: &id };
    row.and_then(|(telling, until)| telling.map(|telling| (telling, until)))
        .map(|(telling, until)| {
            Ok(Told { held: telling == HELD, until: at.word_opt("told_until", until.as_deref())? })
        })
        .transpose()
}

/// Notes how far IC was told of an emergency.
///
/// # Errors
/// [`StorageError::RowsAffected`] when there is no such emergency.
pub async fn set_told(tx: &mut Tx, id: EmergencyId, held: bool, until: &Bid) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("UPDATE emergencies SET telling = $2, told_until = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(if held { HELD } else { LIFTED })
            .bind(until.as_str())
    )?;
    exactly(1, rows, "Noting of whom IC was told")
}

fn touch(tx: &mut Tx, bid: Option<&Bid>) {
    live::touch(tx, Topic::Billers);
    if let Some(bid) = bid {
        live::touch(tx, Topic::Biller(bid.clone()));
    }
}
