//! Where a biller's login URL leads.

use crate::words;

words! {
    /// Where sign-ins of a biller go.
    LoginRoute, "login route" {
        /// IC's own login page.
        Legacy = "legacy", "Legacy login page";
        /// SecureAuth, by authorization code with PKCE.
        SecureAuth = "secureauth", "SecureAuth";
    }
}

/// How long a started sign-in may take until IC redeems it: the vendor's code lives ten minutes, the
/// person may take as long before that on the sign-in page.
pub const LOGIN_ATTEMPT_LIFE: std::time::Duration = std::time::Duration::from_secs(30 * 60);

/// What the login URL of a known biller does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginEntry {
    /// Start authorization code with PKCE at the biller's issuer.
    Authorize,
    /// Send the person to IC's own login page.
    Legacy,
}
