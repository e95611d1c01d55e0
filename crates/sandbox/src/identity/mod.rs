//! The identity API: pools, the users in them, and their passwords.

pub(crate) mod passwords;
pub(crate) mod pools;
pub(crate) mod users;
