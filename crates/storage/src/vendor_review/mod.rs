//! What the vendor promised and how it kept it: objectives, maintenance, incidents and alerts.

pub mod alerts;
pub mod canary;
pub mod incidents;
pub mod maintenance;
pub mod objectives;
pub mod reports;
