//! Badges: an icon and a word, never colour alone.

use domain::{
    account::{AccountStanding, AccountStatus},
    biller::CiamStatus,
    event::DeliveryState,
    migration::MigrationState,
    object::Origin,
    run::{RunState, StepState},
    settings::Agreement,
    test_sign_in::TestState,
    use_case::ScheduleState,
    wave::{WaveItemState, WaveState},
};
use leptos::prelude::*;

use super::icon::{Icon, glyph};

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to say.
    Quiet,
    /// Under way.
    Moving,
    /// As it should be.
    Good,
    /// Deliberately off, or worth a look.
    Caution,
    /// Wrong.
    Bad,
}

impl Tone {
    /// The class of a badge of this tone.
    pub(crate) const fn badge(self) -> &'static str {
        match self {
            Self::Quiet => "tag tone-quiet",
            Self::Moving => "tag tone-moving",
            Self::Good => "tag tone-good",
            Self::Caution => "tag tone-caution",
            Self::Bad => "tag tone-bad",
        }
    }

    /// The class that only sets the tone's colours.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Quiet => "tone-quiet",
            Self::Moving => "tone-moving",
            Self::Good => "tone-good",
            Self::Caution => "tone-caution",
            Self::Bad => "tone-bad",
        }
    }
}

/// How a state looks.
pub(crate) trait Face: Copy {
    /// Its tone.
    fn tone(self) -> Tone;
    /// Its icon.
    fn icon(self) -> Icon;
    /// Its word.
    fn word(self) -> &'static str;

    /// Its badge.
    fn badge(self) -> impl IntoView {
        badge(self.tone(), self.icon(), self.word())
    }
}

/// A badge.
pub(crate) fn badge(tone: Tone, icon: Icon, word: &'static str) -> impl IntoView {
    view! { <span class=tone.badge()>{glyph(icon)} {word}</span> }
}

macro_rules! faces {
    ($($name:ident { $($variant:ident => $tone:ident, $icon:ident;)+ })+) => {$(
        impl Face for $name {
            fn tone(self) -> Tone {
                match self { $(Self::$variant => Tone::$tone),+ }
            }
            fn icon(self) -> Icon {
                match self { $(Self::$variant => Icon::$icon),+ }
            }
            fn word(self) -> &'static str {
                self.label()
            }
        }
    )+};
}

faces! {
    AccountStatus {
        New => Moving, Clock;
        Active => Good, CheckCircle;
        Inactive => Caution, Pause;
        Deleted => Quiet, Trash;
    }
    AccountStanding {
        Active => Good, CheckCircle;
        New => Moving, Clock;
        Inactive => Caution, Pause;
        Deleted => Quiet, Trash;
        Missing => Quiet, Minus;
    }
    MigrationState {
        Staging => Moving, Spinner;
        Unreadable => Bad, Cross;
        Mapping => Caution, Clock;
        Checking => Moving, Spinner;
        Checked => Moving, Clock;
        Canary => Moving, Spinner;
        Running => Moving, Spinner;
        Paused => Caution, Pause;
        Held => Bad, Cross;
        Reconciling => Moving, Spinner;
        Finished => Good, CheckCircle;
        Cancelled => Quiet, Minus;
        Undoing => Moving, Spinner;
        Undone => Quiet, Undo;
    }
    CiamStatus {
        NotEnabled => Quiet, Circle;
        Enabling => Moving, Spinner;
        Enabled => Good, CheckCircle;
        Suspending => Moving, Spinner;
        Suspended => Caution, Pause;
        Resuming => Moving, Spinner;
    }
    RunState {
        Queued => Quiet, Clock;
        Running => Moving, Spinner;
        Failed => Bad, Cross;
        Succeeded => Good, CheckCircle;
        Superseded => Quiet, Undo;
    }
    StepState {
        Pending => Quiet, Circle;
        Running => Moving, Spinner;
        Done => Good, CheckCircle;
        Skipped => Quiet, Minus;
        Failed => Bad, Cross;
    }
    Agreement {
        InSync => Good, CheckCircle;
        Drifted => Caution, Alert;
        Unknown => Quiet, Circle;
        Unmanaged => Quiet, Minus;
    }
    TestState {
        Waiting => Moving, Clock;
        Passed => Good, CheckCircle;
        Failed => Bad, Cross;
    }
    ScheduleState {
        Waiting => Moving, Clock;
        Applied => Good, CheckCircle;
        NotApplied => Caution, Alert;
        Withdrawn => Quiet, Minus;
    }
    WaveState {
        Scheduled => Moving, Clock;
        Withdrawn => Quiet, Minus;
        Running => Moving, Spinner;
        Held => Caution, Pause;
        Stopped => Bad, Alert;
        Finished => Good, CheckCircle;
    }
    WaveItemState {
        Waiting => Quiet, Clock;
        Running => Moving, Spinner;
        Succeeded => Good, CheckCircle;
        Failed => Bad, Cross;
        Skipped => Quiet, Minus;
    }
    DeliveryState {
        Pending => Moving, Clock;
        Delivered => Good, CheckCircle;
        GaveUp => Bad, Cross;
    }
    Origin {
        Created => Quiet, Check;
        Adopted => Quiet, Link;
    }
}
