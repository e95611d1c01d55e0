//! What the vendor promised and how it kept it: objectives, maintenance, incidents, alerts and reports.

pub mod alerts;
pub mod incidents;
pub mod maintenance;
pub mod objectives;
pub mod reports;
