//! The only place with SQL: SQLite and PostgreSQL behind one set of repositories.
//!
//! [`Store`] opens either database. Reading takes a [`Conn`], writing takes a [`Tx`], so a write outside a
//! transaction does not compile; and a transaction ends only by [`Tx::commit_audited`] or, for what is not
//! anyone's act, by [`Tx::commit_bookkeeping`]. One SQL text serves both databases; what only one of them
//! can say stands in `engine.rs` and `guards.rs`.

#[macro_use]
mod conn;

mod commit;
mod counters;
mod decode;
mod engine;
mod error;
mod guards;
mod migrate;
mod sql;
mod store;

pub mod accounts;
pub mod adoption;
pub mod audit;
pub mod billers;
pub mod calls;
pub mod drift;
pub mod emergencies;
pub mod events;
pub mod freezes;
pub mod health;
pub mod imports;
pub mod jobs;
pub mod launches;
pub mod live;
pub mod logins;
pub mod objects;
pub mod runs;
pub mod sessions;
pub mod settings;
pub mod test_sign_ins;
pub mod use_cases;
pub mod user_migrations;
pub mod user_moves;
pub mod users;
pub mod vanity;
pub mod vendor_numbers;
pub mod vendor_review;
pub mod waves;

pub use commit::{Bookkeeping, CommitGate};
pub use conn::{Conn, Reader, Tx};
pub use engine::Engine;
pub use error::StorageError;
pub use store::{OpenOptions, Store};
