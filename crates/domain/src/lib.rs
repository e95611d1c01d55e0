//! The rules of the console: what a biller is, who may do what, which steps a run has.
//!
//! No I/O, no async, no clock and no randomness: time and random bytes come in through [`Clock`] and
//! [`Entropy`]. The crate builds for `wasm32`, so the browser applies the very same rules.

pub mod access;
pub mod account;
pub mod actor;
pub mod audit;
pub mod biller;
pub mod claims;
pub mod company_sign_in;
pub mod emergency;
pub mod event;
pub mod filter;
pub mod handover;
pub mod id;
pub mod import;
pub mod job;
pub mod launch;
pub mod legacy;
pub mod login;
pub mod migration;
pub mod naming;
pub mod object;
pub mod oidc;
pub mod performance;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod refused;
pub mod run;
pub mod search;
pub mod session;
pub mod settings;
pub mod test_sign_in;
pub mod text;
pub mod theme;
pub mod time;
pub mod topic;
pub mod use_case;
pub mod user_move;
pub mod wave;
pub mod zone;

pub use id::{
    AlertId, Bid, CallId, CanaryId, ChangeId, ChangeRequestId, DeliveryId, EmergencyId, EventId, ImportId,
    IncidentId, InvalidId, JobId, MaintenanceId, MessageId, MigrationId, ObjectiveId, Portfolio, ProposalId,
    RunId, ScanId, ScheduleId, Slug, TestSignInId, WaveId,
};
pub use ports::{Clock, Entropy};
pub use time::Timestamp;
pub use topic::Topic;
