//! The rules of the console, as behaviour.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod access;
mod accounts;
mod actors;
mod audit;
mod columns;
mod cursors;
mod events;
mod handover;
mod ids;
mod launch;
mod licence;
mod login;
mod migration;
mod names;
mod objectives;
mod performance;
mod plan;
mod policy;
mod reports;
mod retries;
mod runs;
mod samples;
mod search;
mod sessions;
mod settings;
mod status;
mod time;
mod topics;
mod use_cases;
mod waves;
mod words;
