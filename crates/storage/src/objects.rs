//! What billers have at SecureAuth.

use domain::{
    Bid, Timestamp,
    object::{ObjectKind, VendorObject},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, instant, to_json},
    error::exactly,
    live::{self, Topic},
};

#[derive(FromRow)]
struct ObjectRow {
    kind: String,
    vendor_id: String,
    name: String,
    origin: String,
    run_id: String,
    made_at: i64,
    oidc: Option<String>,
    secret_made_at: Option<i64>,
}

impl ObjectRow {
    fn into_object(self, bid: &Bid) -> Result<VendorObject, StorageError> {
        let at = Place { table: "vendor_objects", row: bid.as_str() };
        Ok(VendorObject {
            kind: at.word("kind", &self.kind)?,
            vendor_id: self.vendor_id,
            name: self.name,
            origin: at.word("origin", &self.origin)?,
            run: at.word("run_id", &self.run_id)?,
            at: Timestamp::from_micros(self.made_at),
            oidc: at.json_opt("oidc", self.oidc.as_deref())?,
            secret_made_at: instant(self.secret_made_at),
        })
    }
}

/// Everything a biller has, in the order in which it is made.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn of_biller(conn: &mut Conn, bid: &Bid) -> Result<Vec<VendorObject>, StorageError> {
    let rows: Vec<ObjectRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT kind, vendor_id, name, origin, run_id, made_at, oidc, secret_made_at \
             FROM vendor_objects WHERE bid = $1",
        )
        .bind(bid.as_str())
        .fetch_all(c)
    })?;
    let mut objects = rows.into_iter().map(|row| row.into_object(bid)).collect::<Result<Vec<_>, _>>()?;
    objects.sort_unstable_by_key(|object| object.kind);
    Ok(objects)
}

/// One object of a biller.
///
/// # Errors
/// As [`of_biller`].
pub async fn find(
    conn: &mut Conn,
    bid: &Bid,
    kind: ObjectKind,
) -> Result<Option<VendorObject>, StorageError> {
    let row: Option<ObjectRow> = on!(conn, c => {
        sqlx::query_as(
            "SELECT kind, vendor_id, name, origin, run_id, made_at, oidc, secret_made_at \
             FROM vendor_objects WHERE bid = $1 AND kind = $2",
        )
        .bind(bid.as_str())
        .bind(kind.as_str())
        .fetch_optional(c)
    })?;
    row.map(|row| row.into_object(bid)).transpose()
}

/// Notes an object, but not when its secret was made. One that a run has made stays "created" when the same run comes by again after a crash and
/// finds it there.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`]; a foreign-key error for an unknown biller or run.
pub async fn put(tx: &mut Tx, bid: &Bid, object: &VendorObject) -> Result<(), StorageError> {
    let oidc = object.oidc.as_ref().map(to_json).transpose()?;
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO vendor_objects (bid, kind, vendor_id, name, origin, run_id, made_at, oidc) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (bid, kind) DO UPDATE SET \
             origin = CASE WHEN vendor_objects.run_id = excluded.run_id AND vendor_objects.origin = 'created' \
             THEN 'created' ELSE excluded.origin END, \
             vendor_id = excluded.vendor_id, name = excluded.name, run_id = excluded.run_id, made_at = excluded.made_at, \
             oidc = excluded.oidc",
        )
        .bind(bid.as_str())
        .bind(object.kind.as_str())
        .bind(&object.vendor_id)
        .bind(&object.name)
        .bind(object.origin.as_str())
        .bind(object.run.to_string())
        .bind(object.at.micros())
        .bind(oidc)
    )?;
    exactly(1, rows, "Noting an object")?;
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}

/// Notes when a secret of the biller's application was made, in place of what was noted before: so of two people
/// who look at the same page only one gets a secret.
///
/// # Errors
/// [`StorageError::Stale`] when something else was noted, or the biller has no application.
pub async fn set_secret_made_at(
    tx: &mut Tx,
    bid: &Bid,
    before: Option<Timestamp>,
    at: Option<Timestamp>,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE vendor_objects SET secret_made_at = $3 WHERE bid = $1 AND kind = $2 \
             AND COALESCE(secret_made_at, 0) = $4",
        )
        .bind(bid.as_str())
        .bind(ObjectKind::Application.as_str())
        .bind(at.map(Timestamp::micros))
        .bind(before.map_or(0, Timestamp::micros))
    )?;
    if rows != 1 {
        return Err(StorageError::Stale { what: "The secret" });
    }
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}

/// Forgets an object.
///
/// # Errors
/// [`StorageError::RowsAffected`] when the biller has none of this kind.
pub async fn remove(tx: &mut Tx, bid: &Bid, kind: ObjectKind) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("DELETE FROM vendor_objects WHERE bid = $1 AND kind = $2")
            .bind(bid.as_str())
            .bind(kind.as_str())
    )?;
    exactly(1, rows, "Forgetting an object")?;
    live::touch(tx, Topic::Biller(bid.clone()));
    Ok(())
}
