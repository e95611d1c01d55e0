//! Which billers somebody reaches. What is out of reach looks exactly like what does not exist, wherever it is asked
//! for: whoever is told "forbidden" has learnt that it is there. Who sees which biller is decided in [`domain::access`].

use domain::{Bid, actor::Actor, biller::Biller};
use storage::{Conn, billers};

use crate::ServiceError;

/// The biller, if it is there for the actor.
pub(crate) async fn biller(conn: &mut Conn, actor: &Actor, bid: &Bid) -> Result<Biller, ServiceError> {
    find(conn, actor, bid).await?.ok_or_else(|| ServiceError::not_found("biller", bid))
}

/// The biller to which something belongs that was asked for by an id of its own; out of reach, it is that thing which
/// is not found.
pub(crate) async fn biller_of(
    conn: &mut Conn,
    actor: &Actor,
    bid: &Bid,
    (what, id): (&'static str, impl ToString + Send),
) -> Result<Biller, ServiceError> {
    find(conn, actor, bid).await?.ok_or_else(|| ServiceError::not_found(what, id))
}

/// The biller, if it is known and there for the actor.
pub(crate) async fn find(conn: &mut Conn, actor: &Actor, bid: &Bid) -> Result<Option<Biller>, ServiceError> {
    Ok(billers::find(conn, bid).await?.filter(|biller| actor.sees(biller)))
}
