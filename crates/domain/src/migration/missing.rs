//! Users of an earlier delivery that are missing in a later one. They are left alone, unless a person decides otherwise.

use crate::words;

words! {
    /// Whether something may be decided about them, and if not, why.
    MissingStand, "missing users" {
        /// Nobody is missing.
        Nobody = "nobody", "Nobody who was moved before is missing in this delivery.";
        /// Rows name nobody.
        Unnamed = "unnamed", "Rows of this delivery name no user: whoever is missing may stand there. Correct those rows and feed them back first.";
        /// A person may decide.
        Open = "open", "They are left alone until somebody decides otherwise.";
        /// It was decided.
        Decided = "decided", "It was decided already.";
        /// A newer delivery says more.
        Older = "older", "A newer delivery came in: decide there.";
    }
}

impl MissingStand {
    /// Of these numbers: users that are missing, and rows that name nobody.
    #[must_use]
    pub const fn of(users: u64, unnamed: u64, decided: bool, newest: bool) -> Self {
        match (users, unnamed, decided, newest) {
            (_, _, true, _) => Self::Decided,
            (0, ..) => Self::Nobody,
            (_, _, _, false) => Self::Older,
            (_, 0, ..) => Self::Open,
            _ => Self::Unnamed,
        }
    }
}
