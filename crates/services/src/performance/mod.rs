//! The vendor's performance: recording calls, probing on a schedule, what was promised, what went wrong, and what the
//! pages show of it.

pub mod alerts;
pub mod canary;
pub mod exposed;
pub mod incidents;
pub mod maintenance;
pub mod measure;
pub mod objectives;
pub mod probe;
pub mod probe_use;
pub mod record;
pub mod report;
pub mod show;
pub mod timeline;
pub mod watch;
