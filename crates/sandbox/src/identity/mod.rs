//! The identity API: pools, the users in them, and their passwords.

pub(crate) mod codes;
mod hashes;
pub(crate) mod import;
pub(crate) mod messages;
pub(crate) mod parts;
pub(crate) mod passwords;
pub(crate) mod pools;
pub(crate) mod schemas;
pub(crate) mod self_service;
pub(crate) mod users;
