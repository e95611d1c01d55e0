//! Where a move and each of its rows stand.

use crate::words;

words! {
    /// Where a move stands.
    MigrationState, "migration state" {
        /// The file is coming in.
        Staging = "staging", "Uploading";
        /// The file cannot be read, or never came in whole.
        Unreadable = "unreadable", "Not readable";
        /// Waits for a person to say which column is which.
        Mapping = "mapping", "Waits for columns";
        /// Every row is being checked.
        Checking = "checking", "Checking";
        /// The verdict of every row is known; waits for a person to start it.
        Checked = "checked", "Ready to start";
        /// A known password of each kind is tried at SecureAuth.
        Canary = "canary", "Canary";
        /// Users are being moved.
        Running = "running", "Moving users";
        /// A person paused it.
        Paused = "paused", "Paused";
        /// It stopped on a fault and waits for a person.
        Held = "held", "Stopped";
        /// Both sides are being compared.
        Reconciling = "reconciling", "Comparing";
        /// Done.
        Finished = "finished", "Finished";
        /// A person cancelled it; what was moved stays.
        Cancelled = "cancelled", "Cancelled";
        /// Moved users are being removed again.
        Undoing = "undoing", "Undoing";
        /// Every moved user that nobody changed was removed again.
        Undone = "undone", "Undone";
    }
}

impl MigrationState {
    /// Whether a worker has something to do.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::Checking | Self::Canary | Self::Running | Self::Reconciling | Self::Undoing)
    }

    /// Whether it is over: another one may begin for the biller.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Unreadable | Self::Finished | Self::Cancelled | Self::Undone)
    }

    /// Whether users may be on their way: use cases that need every user moved must wait.
    #[must_use]
    pub const fn moves_users(self) -> bool {
        matches!(
            self,
            Self::Canary | Self::Running | Self::Paused | Self::Held | Self::Reconciling | Self::Undoing
        )
    }

    /// Whether a person may start it.
    #[must_use]
    pub const fn may_start(self) -> bool {
        matches!(self, Self::Checked)
    }

    /// Whether the columns may still be chosen.
    #[must_use]
    pub const fn may_map(self) -> bool {
        matches!(self, Self::Mapping | Self::Checked)
    }

    /// Whether a person may pause it.
    #[must_use]
    pub const fn may_pause(self) -> bool {
        matches!(self, Self::Canary | Self::Running)
    }

    /// Whether a person may let it go on.
    #[must_use]
    pub const fn may_resume(self) -> bool {
        matches!(self, Self::Paused | Self::Held)
    }

    /// Whether a person may cancel it.
    #[must_use]
    pub const fn may_cancel(self) -> bool {
        matches!(
            self,
            Self::Staging
                | Self::Mapping
                | Self::Checking
                | Self::Checked
                | Self::Canary
                | Self::Running
                | Self::Paused
                | Self::Held
        )
    }

    /// Whether rows that failed may be tried again.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Finished | Self::Paused | Self::Held)
    }

    /// Whether moved users may be removed again.
    #[must_use]
    pub const fn may_undo(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Paused | Self::Held)
    }
}

words! {
    /// Where a row stands.
    RowState, "row state" {
        /// Came in, not checked yet.
        Staged = "staged", "Not checked";
        /// Will be moved.
        Ready = "ready", "Waiting";
        /// Will not be moved: see its problems.
        Rejected = "rejected", "Rejected";
        /// The same as what was moved before: nothing to do.
        Unchanged = "unchanged", "Unchanged";
        /// SecureAuth took it; not compared yet.
        Imported = "imported", "Moved";
        /// Compared, and the same on both sides.
        Verified = "verified", "Verified";
        /// SecureAuth refused it.
        Failed = "failed", "Failed";
        /// Left alone: newer at SecureAuth.
        Skipped = "skipped", "Left alone";
        /// Removed again.
        Undone = "undone", "Undone";
    }
}
