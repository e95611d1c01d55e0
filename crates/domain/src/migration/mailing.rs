//! Reset e-mails in waves: how many, when, and where each stands.

use std::time::Duration;

use crate::words;

words! {
    /// Where the e-mails of a move stand.
    MailingState, "mailing state" {
        /// They go out in working hours.
        Sending = "sending", "Sending";
        /// A person paused it.
        Paused = "paused", "Paused";
        /// Everybody was written to, and looked at afterwards.
        Done = "done", "Done";
    }
}

words! {
    /// Where the e-mail to one person stands.
    MailState, "mail state" {
        /// Not sent yet.
        Waiting = "waiting", "Waiting";
        /// Noted, and about to be sent.
        Noted = "noted", "Being sent";
        /// SecureAuth took it.
        Sent = "sent", "Sent";
        /// SecureAuth refused it.
        Failed = "failed", "Failed";
        /// It is not known whether it went out: nobody is written to twice by itself.
        Unsure = "unsure", "Not known";
        /// The person has set a password.
        Completed = "completed", "Password set";
    }
}

words! {
    /// What a person may ask of the e-mails.
    MailAct, "act" {
        /// Write to everybody who has to set a password.
        Start = "start", "Send reset e-mails";
        /// Send nothing more for now.
        Pause = "pause", "Pause e-mails";
        /// Go on.
        Resume = "resume", "Go on with e-mails";
        /// Write again to those whose e-mail failed or lapsed.
        Again = "again", "Send again";
    }
}

impl MailAct {
    /// Whether e-mails that stand so allow it.
    #[must_use]
    pub const fn fits(self, state: Option<MailingState>) -> bool {
        match self {
            Self::Start => matches!(state, None | Some(MailingState::Done)),
            Self::Pause => matches!(state, Some(MailingState::Sending)),
            Self::Resume => matches!(state, Some(MailingState::Paused)),
            Self::Again => matches!(state, Some(MailingState::Sending | MailingState::Done)),
        }
    }
}

/// How e-mails are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailRules {
    /// What the mail server takes in an hour.
    pub per_hour: u32,
    /// How long a code can be used.
    pub code_life: Duration,
    /// First working hour of the biller's day, 0 to 23.
    pub from_hour: u8,
    /// The hour at which the working day ends, 1 to 24.
    pub to_hour: u8,
}

/// Before the end of the working day the last e-mail leaves people this long for their code while somebody can help,
/// or the code's life where that is shorter.
const LAST_HELP: Duration = Duration::from_secs(2 * 3600);

impl MailRules {
    /// From which second to which second of a working day e-mails go out.
    #[must_use]
    pub fn window(&self) -> (u32, u32) {
        let (from, to) = (u32::from(self.from_hour) * 3_600, u32::from(self.to_hour) * 3_600);
        let help = u32::try_from(self.code_life.min(LAST_HELP).as_secs()).unwrap_or(0);
        // At least half an hour is left, however short the day is.
        (from, to.saturating_sub(help).max(from + 1_800))
    }

    /// E-mails of one wave: what one working day takes.
    #[must_use]
    pub fn wave(&self) -> u64 {
        let (from, until) = self.window();
        (u64::from(self.per_hour) * u64::from(until - from) / 3_600).max(1)
    }

    /// E-mails that go out together, and how long until the next: at least ten seconds.
    #[must_use]
    pub fn pace(&self) -> (usize, Duration) {
        let each = 3_600_000 / u64::from(self.per_hour.max(1));
        let together = (10_000 / each.max(1)).max(1);
        (usize::try_from(together).unwrap_or(1), Duration::from_millis(each * together))
    }
}
