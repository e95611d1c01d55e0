//! What the storage promises, on SQLite and, where `CIAM_TEST_POSTGRES_URL` names a server, on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test tells by a panic that something is wrong"
)]

mod accounts;
mod adoption;
mod audit;
mod billers;
mod calls;
mod commits;
mod counters;
mod events;
mod fixture;
mod imports;
mod jobs;
mod launches;
mod lists;
mod opening;
mod parity;
mod portfolios;
mod runs;
mod sessions;
mod settings;
mod sign_ins;
mod use_cases;
mod user_moves;
mod waves;
