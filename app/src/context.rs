//! What the server gives to pages beside the console itself.

use services::hand_over_secret::HandedOver;

/// A client secret that was just made, for the one page that shows it.
#[derive(Clone, Debug)]
pub struct JustMade(pub HandedOver);

/// Which sites may show the console in a frame: the value of `frame-ancestors`. Without it, none may.
#[derive(Clone, Debug)]
pub struct FrameAncestors(pub String);

/// The header with which islands fetch the page they are on. Such a request takes no one-time notice away.
pub const LIVE_HEADER: &str = "x-live";
