//! The sandbox over real HTTP: behaviour, faults, restarts, and the vendor's contract.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod applications;
mod audit;
mod contract;
mod conventions;
mod faults;
mod ic;
mod organizations;
mod own_account;
mod page;
mod persistence;
mod pools;
mod sign_in;
mod sso;
mod tokens;
mod vanity;
mod world;
