//! What is in effect, as the last run that proved it left it.

use std::collections::BTreeMap;

use domain::{Bid, Timestamp, use_case::Effect};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, to_json},
    error::exactly,
    live::{self, Topic},
    sql::{Sql, Value},
};

#[derive(FromRow)]
struct EffectRow {
    bid: String,
    in_effect: String,
    governs_login: bool,
    run_id: String,
    changed_at: i64,
}

const COLUMNS: &str =
    "SELECT bid, in_effect, governs_login, run_id, changed_at FROM use_case_effects WHERE bid ";

impl EffectRow {
    fn read(self) -> Result<(Bid, Effect), StorageError> {
        let at = Place { table: "use_case_effects", row: &self.bid };
        let proven = (at.word("run_id", &self.run_id)?, Timestamp::from_micros(self.changed_at));
        let effect = Effect {
            in_effect: at.json("in_effect", &self.in_effect)?,
            governs_login: self.governs_login,
            proven: Some(proven),
        };
        Ok((at.word("bid", &self.bid)?, effect))
    }
}

/// What is in effect for a biller.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of(conn: &mut Conn, bid: &Bid) -> Result<Effect, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("= ").bind(bid.as_str());
    let found = sql.optional::<EffectRow>(conn).await?.map(EffectRow::read).transpose()?;
    Ok(found.map(|(_, effect)| effect).unwrap_or_default())
}

/// What is in effect for these billers, where something ever was.
///
/// # Errors
/// As [`of`].
pub async fn of_billers(conn: &mut Conn, bids: &[Bid]) -> Result<BTreeMap<Bid, Effect>, StorageError> {
    let mut found = BTreeMap::new();
    for batch in bids.chunks(200) {
        let mut sql = Sql::new(COLUMNS);
        sql.push("IN ").tuple(batch.iter().map(|bid| Value::from(bid.as_str())));
        for row in sql.all::<EffectRow>(conn).await? {
            let (bid, effect) = row.read()?;
            found.insert(bid, effect);
        }
    }
    Ok(found)
}

/// What is in effect for the billers after this one, by bid, as many as asked for.
///
/// # Errors
/// As [`of`].
pub async fn after(
    conn: &mut Conn,
    after: Option<&Bid>,
    limit: usize,
) -> Result<Vec<(Bid, Effect)>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("> ")
        .bind(after.map_or("", Bid::as_str))
        .push(" ORDER BY bid LIMIT ")
        .bind(decode::limit(limit));
    sql.all::<EffectRow>(conn).await?.into_iter().map(EffectRow::read).collect()
}

/// Notes what a run has proven to be in effect; without such a run nothing is noted.
///
/// # Errors
/// [`StorageError::Driver`], also for an unknown biller or run.
pub async fn put(tx: &mut Tx, bid: &Bid, effect: &Effect) -> Result<(), StorageError> {
    let Some((run, at)) = effect.proven else { return Ok(()) };
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO use_case_effects (bid, in_effect, governs_login, run_id, changed_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bid) DO UPDATE SET in_effect = excluded.in_effect, \
             governs_login = excluded.governs_login, run_id = excluded.run_id, changed_at = excluded.changed_at",
        )
        .bind(bid.as_str())
        .bind(to_json(&effect.in_effect)?)
        .bind(effect.governs_login)
        .bind(run.to_string())
        .bind(at.micros())
    )?;
    exactly(1, rows, "Noting what is in effect")?;
    tx.unsettle(bid);
    live::touch(tx, Topic::Biller(bid.clone()));
    live::touch(tx, Topic::Billers);
    Ok(())
}
