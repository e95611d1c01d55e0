//! Signing in directly, at the company's own identity provider (OpenID Connect).

use std::time::Duration;

use crate::{refused::RefusalReason, words};

/// How long somebody may take from our sign-in page to the provider's and back.
pub const SIGN_IN_LIFE: Duration = Duration::from_secs(30 * 60);

words! {
    /// Why somebody does not get in. The browser is told the same of all of them.
    Reason, "reason" {
        /// No provider is configured.
        NotConfigured = "not_configured", "no identity provider is configured";
        /// The provider does not answer, or not as it should.
        NoAnswer = "no_answer", "the identity provider does not answer as it should";
        /// The provider sent an error back.
        Denied = "denied", "the identity provider let nobody in";
        /// What came back is no answer.
        Malformed = "malformed", "what came back cannot be read";
        /// Nothing was begun in this session, or too long ago.
        NotBegun = "not_begun", "no sign-in was begun in this session, or too long ago";
        /// What came back belongs to another sign-in.
        State = "state", "what came back belongs to another sign-in";
        /// Somebody else answered.
        Issuer = "issuer", "another issuer answered";
        /// The provider takes the code for no good.
        Code = "code", "the identity provider does not take the code";
        /// The ID token is missing or not to be believed.
        Token = "token", "the ID token is missing or not to be believed";
        /// A claim is missing or cannot be used.
        Claim = "claim", "a claim is missing or cannot be used";
        /// The person has no role here.
        NoRole = "no_role", "the person has no role in the console";
        /// Not the provider's fault but ours.
        Fault = "fault", "the console could not do it";
    }
}

impl RefusalReason for Reason {
    const CLAIM: Self = Self::Claim;
    const NO_ROLE: Self = Self::NoRole;

    fn words(self) -> &'static str {
        self.label()
    }
}

/// A sign-in that is refused.
pub type Refused = crate::refused::Refused<Reason>;
