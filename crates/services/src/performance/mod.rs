//! The vendor's performance: recording calls, probing on a schedule, and what the pages show of it.

pub mod probe;
pub mod record;
pub mod show;
