//! What is chosen for billers, tiers and everyone.

use std::collections::BTreeMap;

use domain::{
    Bid, Timestamp,
    actor::Actor,
    use_case::{Choices, Layers, Level},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, to_json},
    error::exactly,
    live::{self, Topic},
    sql::{Sql, Value},
};

/// The subject of what is chosen for everyone.
const EVERYONE: &str = "";

#[derive(FromRow)]
struct ChoicesRow {
    subject: String,
    choices: String,
    changed_by: String,
    changed_at: i64,
}

const COLUMNS: &str = "SELECT subject, choices, changed_by, changed_at FROM use_case_choices WHERE level = ";

/// What is chosen on a level, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The bid or the tier; empty for everyone.
    pub subject: String,
    /// What is chosen.
    pub choices: Choices,
    /// Who chose it last.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl ChoicesRow {
    fn read(self) -> Result<Chosen, StorageError> {
        let at = Place { table: "use_case_choices", row: &self.subject };
        Ok(Chosen {
            choices: at.json("choices", &self.choices)?,
            by: at.json("changed_by", &self.changed_by)?,
            at: Timestamp::from_micros(self.changed_at),
            subject: self.subject,
        })
    }
}

/// What is chosen on one level for one subject; `None` where nothing is.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find(conn: &mut Conn, level: Level, subject: &str) -> Result<Option<Chosen>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(level.as_str()).push(" AND subject = ").bind(subject);
    sql.optional::<ChoicesRow>(conn).await?.map(ChoicesRow::read).transpose()
}

/// What is chosen for a biller on every level.
///
/// # Errors
/// As [`find`].
pub async fn layers(conn: &mut Conn, bid: &Bid, tier: Option<&str>) -> Result<Layers, StorageError> {
    let biller = find(conn, Level::Biller, bid.as_str()).await?;
    let of_tier = match tier {
        Some(tier) => find(conn, Level::Tier, tier).await?,
        None => None,
    };
    let everyone = find(conn, Level::Everyone, EVERYONE).await?;
    let said = |chosen: Option<Chosen>| chosen.map(|chosen| chosen.choices).unwrap_or_default();
    Ok(Layers { biller: said(biller), tier: said(of_tier), everyone: said(everyone) })
}

/// What is chosen for these billers themselves, where something is.
///
/// # Errors
/// As [`find`].
pub async fn of_billers(conn: &mut Conn, bids: &[Bid]) -> Result<BTreeMap<Bid, Choices>, StorageError> {
    let mut found = BTreeMap::new();
    for batch in bids.chunks(200) {
        let mut sql = Sql::new(COLUMNS);
        sql.bind(Level::Biller.as_str()).push(" AND subject IN ");
        sql.tuple(batch.iter().map(|bid| Value::from(bid.as_str())));
        for row in sql.all::<ChoicesRow>(conn).await? {
            let chosen = row.read()?;
            let at = Place { table: "use_case_choices", row: &chosen.subject };
            found.insert(at.word("subject", &chosen.subject)?, chosen.choices);
        }
    }
    Ok(found)
}

/// What is chosen for everyone, and for every tier for which something is.
///
/// # Errors
/// As [`find`].
pub async fn defaults(conn: &mut Conn) -> Result<(Option<Chosen>, Vec<Chosen>), StorageError> {
    let everyone = find(conn, Level::Everyone, EVERYONE).await?;
    let mut sql = Sql::new(COLUMNS);
    sql.bind(Level::Tier.as_str()).push(" ORDER BY subject");
    let tiers =
        sql.all::<ChoicesRow>(conn).await?.into_iter().map(ChoicesRow::read).collect::<Result<_, _>>()?;
    Ok((everyone, tiers))
}

/// Keeps what is chosen for a biller.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn put_for_biller(
    tx: &mut Tx,
    bid: &Bid,
    choices: &Choices,
    by: &Actor,
    now: Timestamp,
) -> Result<(), StorageError> {
    put(tx, (Level::Biller, bid.as_str()), choices, by, now).await?;
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}

/// Keeps the default of a tier, or of everyone where none is named.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn put_default(
    tx: &mut Tx,
    tier: Option<&str>,
    choices: &Choices,
    by: &Actor,
    now: Timestamp,
) -> Result<(), StorageError> {
    let place = tier.map_or((Level::Everyone, EVERYONE), |tier| (Level::Tier, tier));
    put(tx, place, choices, by, now).await?;
    live::touch(tx, Topic::Billers);
    Ok(())
}

async fn put(
    tx: &mut Tx,
    (level, subject): (Level, &str),
    choices: &Choices,
    by: &Actor,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO use_case_choices (level, subject, choices, changed_by, changed_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (level, subject) DO UPDATE SET \
             choices = excluded.choices, changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        )
        .bind(level.as_str())
        .bind(subject)
        .bind(to_json(choices)?)
        .bind(to_json(by)?)
        .bind(now.micros())
    )?;
    exactly(1, rows, "Keeping what is chosen")
}
