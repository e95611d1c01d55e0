//! What is set on each level, and who set it last.

use std::collections::BTreeMap;

use domain::{
    Bid, Portfolio, Timestamp,
    actor::Actor,
    biller::CiamStatus,
    settings::{Layer, Layers, SettingKey, SettingValue, Values},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, storable, to_json},
    error::exactly,
    live::{self, Topic},
    sql::Sql,
};

/// The last decision about a setting on a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    /// What was set; `None` went back to what is inherited.
    pub value: Option<SettingValue>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// The decisions on one level, by setting.
pub type LayerValues = BTreeMap<SettingKey, LastChange>;

#[derive(FromRow)]
struct ValueRow {
    layer: String,
    key: String,
    value: Option<String>,
    changed_at: i64,
    changed_by: String,
    reason: Option<String>,
}

impl ValueRow {
    /// `None` for a setting that the catalogue no longer has, or a value that it no longer takes: nobody wants it now.
    fn read(self) -> Result<Option<(SettingKey, LastChange)>, StorageError> {
        let at = Place { table: "setting_values", row: &self.layer };
        let Ok(key) = self.key.parse::<SettingKey>() else { return Ok(None) };
        let value = match self.value.as_deref().map(|text| key.setting().kind.parse(text)) {
            Some(Err(_)) => return Ok(None),
            Some(Ok(value)) => Some(value),
            None => None,
        };
        let change = LastChange {
            value,
            at: Timestamp::from_micros(self.changed_at),
            by: at.json("changed_by", &self.changed_by)?,
            reason: self.reason,
        };
        Ok(Some((key, change)))
    }
}

/// Every decision on one level.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn values_of(conn: &mut Conn, layer: &Layer) -> Result<LayerValues, StorageError> {
    let rows: Vec<ValueRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT layer, key, value, changed_at, changed_by, reason FROM setting_values WHERE layer = $1",
        )
        .bind(layer.to_string())
        .fetch_all(c)
    })?;
    rows.into_iter().filter_map(|row| row.read().transpose()).collect()
}

/// What is set on every level.
///
/// # Errors
/// As [`values_of`].
pub async fn all_values(conn: &mut Conn) -> Result<BTreeMap<Layer, Values>, StorageError> {
    let rows: Vec<ValueRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT layer, key, value, changed_at, changed_by, reason FROM setting_values \
             WHERE value IS NOT NULL ORDER BY layer, key",
        )
        .fetch_all(c)
    })?;
    let mut levels: BTreeMap<Layer, Values> = BTreeMap::new();
    for row in rows {
        let layer = Place { table: "setting_values", row: &row.layer }.word("layer", &row.layer)?;
        if let Some((key, LastChange { value: Some(value), .. })) = row.read()? {
            levels.entry(layer).or_default().insert(key, value);
        }
    }
    Ok(levels)
}

/// What is set for a biller of this tier, on every level.
///
/// # Errors
/// As [`values_of`].
pub async fn layers_of(conn: &mut Conn, bid: &Bid, tier: Option<&str>) -> Result<Layers, StorageError> {
    Ok(Layers {
        everywhere: set_of(values_of(conn, &Layer::Everywhere).await?),
        tier: match tier {
            Some(tier) => set_of(values_of(conn, &Layer::Tier(tier.to_owned())).await?),
            None => Values::new(),
        },
        biller: set_of(values_of(conn, &Layer::Biller(bid.clone())).await?),
    })
}

/// How many enabled and suspended billers take a setting from this level; only those of a portfolio if one is given.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn inheriting(
    conn: &mut Conn,
    layer: &Layer,
    key: SettingKey,
    within: Option<&Portfolio>,
) -> Result<u64, StorageError> {
    const NEARER: &str =
        " AND NOT EXISTS (SELECT 1 FROM setting_values v WHERE v.value IS NOT NULL AND v.key = ";
    let mut sql = Sql::new("SELECT COUNT(*) FROM billers b WHERE b.status IN (");
    let standing = [CiamStatus::Enabled, CiamStatus::Suspended];
    sql.bind(standing[0].as_str()).push(", ").bind(standing[1].as_str()).push(")");
    if let Some(portfolio) = within {
        sql.push(" AND b.portfolio = ").bind(portfolio.as_str());
    }
    sql.push(NEARER).bind(key.as_str()).push(" AND v.layer = 'biller:' || b.bid)");
    match layer {
        Layer::Everywhere => {
            sql.push(NEARER).bind(key.as_str()).push(" AND v.layer = 'tier:' || b.tier)");
        }
        Layer::Tier(tier) => {
            sql.push(" AND b.tier = ").bind(tier.as_str());
        }
        Layer::Biller(bid) => {
            sql.push(" AND b.bid = ").bind(bid.as_str());
        }
    }
    let (number,): (i64,) = sql.optional(conn).await?.unwrap_or_default();
    Ok(number.unsigned_abs())
}

fn set_of(decisions: LayerValues) -> Values {
    decisions.into_iter().filter_map(|(key, change)| Some((key, change.value?))).collect()
}

/// Notes a decision, in place of the one before.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn set(
    tx: &mut Tx,
    layer: &Layer,
    key: SettingKey,
    change: &LastChange,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO setting_values (layer, key, value, changed_at, changed_by, reason) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (layer, key) DO UPDATE SET value = excluded.value, \
             changed_at = excluded.changed_at, changed_by = excluded.changed_by, reason = excluded.reason",
        )
        .bind(layer.to_string())
        .bind(key.as_str())
        .bind(change.value.as_ref().map(|value| storable(&value.to_text())))
        .bind(change.at.micros())
        .bind(to_json(&change.by)?)
        .bind(change.reason.as_deref().map(storable))
    )?;
    exactly(1, rows, "Setting a value")?;
    let topic = match layer {
        Layer::Biller(bid) => Topic::Biller(bid.clone()),
        Layer::Everywhere | Layer::Tier(_) => Topic::Billers,
    };
    live::touch(tx, topic);
    Ok(())
}
