//! What the server gives to pages beside the console itself.

/// Which sites may show the console in a frame: the value of `frame-ancestors`. Without it, none may.
#[derive(Clone, Debug)]
pub struct FrameAncestors(pub String);

/// The header with which islands fetch the page they are on. Such a request takes no one-time notice away.
pub const LIVE_HEADER: &str = "x-live";
