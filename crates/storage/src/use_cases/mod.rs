//! What is chosen and in effect of the three use cases, how far billers are for each, and who changed what.

pub mod changes;
pub mod choices;
pub mod effects;
pub(crate) mod readiness;
pub mod scheduled;

pub use readiness::{Stages, counts, stages};
