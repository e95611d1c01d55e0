//! Proof that no door is open: every route and server function, tried by everybody.

mod foreign;
mod handover;
pub(crate) mod house;
mod manners;
mod opening;
mod portfolio;
mod secret;
mod uploads;
mod writing;
