//! Which pages have news: a version per topic, bumped in the commit that changes what the page shows.

pub use domain::Topic;

use crate::{Conn, StorageError, Tx};

/// Notes that the commit of this transaction changes what pages about the topic show. The version is bumped
/// right before the commit, and subscribers of this process are told right after it.
pub fn touch(tx: &mut Tx, topic: Topic) {
    tx.pending.topics.insert(topic);
}

/// How often the topic was touched; 0 if never. Another server's commits show here too.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn version(conn: &mut Conn, topic: &Topic) -> Result<i64, StorageError> {
    let key = topic.to_string();
    let version = on!(conn, c => sqlx::query_scalar("SELECT version FROM topics WHERE key = $1").bind(key).fetch_optional(c))?;
    Ok(version.unwrap_or(0))
}
