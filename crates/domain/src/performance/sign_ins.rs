//! How people's sign-ins at a biller ended.

/// Sign-ins that the vendor counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignIns {
    /// Those that came in.
    pub succeeded: u64,
    /// Those that did not, for whatever reason.
    pub failed: u64,
}

impl SignIns {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u64 {
        self.succeeded.saturating_add(self.failed)
    }

    /// The share that came in; `None` where nobody tried.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.all() > 0).then(|| self.succeeded as f64 / self.all() as f64)
    }

    /// Takes others in.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            succeeded: self.succeeded.saturating_add(other.succeeded),
            failed: self.failed.saturating_add(other.failed),
        }
    }
}

/// The sign-ins of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInDay {
    /// Days since 1970, UTC.
    pub day: i64,
    /// How they ended.
    pub counted: SignIns,
}
