//! Changes that were proposed and not made yet.

use domain::{ProposalId, Timestamp, settings::Proposal};

use crate::{
    Conn, StorageError, Tx,
    decode::{Place, to_json},
    error::exactly,
};

/// Keeps a proposal of this person.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn put_proposal(
    tx: &mut Tx,
    id: ProposalId,
    made_by: &str,
    made_at: Timestamp,
    proposal: &Proposal,
) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query("INSERT INTO setting_proposals (id, made_by, made_at, body) VALUES ($1, $2, $3, $4)")
            .bind(id.to_string())
            .bind(made_by)
            .bind(made_at.micros())
            .bind(to_json(proposal)?)
    )?;
    exactly(1, rows, "Keeping a proposed change")
}

/// The proposal of this person; that of somebody else is not there.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn find_proposal(
    conn: &mut Conn,
    id: ProposalId,
    made_by: &str,
) -> Result<Option<Proposal>, StorageError> {
    let key = id.to_string();
    let body: Option<String> = on!(conn, c => {
        sqlx::query_scalar("SELECT body FROM setting_proposals WHERE id = $1 AND made_by = $2")
            .bind(&key)
            .bind(made_by)
            .fetch_optional(c)
    })?;
    Place { table: "setting_proposals", row: &key }.json_opt("body", body.as_deref())
}

/// Removes a proposal, because it is being made: of two requests only one finds it.
///
/// # Errors
/// [`StorageError::Stale`] when it is gone.
pub async fn remove_proposal(tx: &mut Tx, id: ProposalId) -> Result<(), StorageError> {
    let rows =
        affected!(tx, sqlx::query("DELETE FROM setting_proposals WHERE id = $1").bind(id.to_string()))?;
    if rows == 1 { Ok(()) } else { Err(StorageError::Stale { what: "proposed change" }) }
}

/// Removes the proposals that nobody confirmed; the answer is how many.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn forget_proposals(tx: &mut Tx, made_before: Timestamp) -> Result<u64, StorageError> {
    Ok(affected!(
        tx,
        sqlx::query("DELETE FROM setting_proposals WHERE made_at < $1").bind(made_before.micros())
    )?)
}
