//! Proof that no door is open: every route and server function, tried by everybody.

mod foreign;
mod house;
mod manners;
mod opening;
mod secret;
mod writing;
