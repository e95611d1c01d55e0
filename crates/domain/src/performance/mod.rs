//! How well the vendor keeps its promise: what is counted of every call, how latencies are kept so that percentiles of
//! any window are right, and what availability means.

mod alert;
mod budget;
mod call;
mod canary;
mod credit;
mod exclusion;
mod incident;
mod known;
mod latencies;
mod ledger;
mod licence;
mod minutes;
mod month;
mod objective;
mod sign_ins;
mod vendor_figures;
mod window;

pub use alert::{Alert, AlertBody, AlertData, AlertKey, AlertState};
pub use budget::{Alarm, Burn, FEWEST_BAD, FEWEST_CALLS, Pace, Standing, Verdict, burn_down};
pub use call::{CallKey, CallOutcome, CallSource, FailedCall, Tally};
pub use canary::{CanaryFailure, CanaryRound, CanaryStep};
pub use credit::{Credit, CreditTier, CreditTiers, InvalidTiers};
pub use exclusion::{Excluded, InvalidWindow, Maintenance, MaintenanceState, Whose};
pub use incident::{Health, Incident, IncidentFacts, IncidentNote, IncidentRule, IncidentState};
pub use known::KnownMinutes;
pub use latencies::{Latencies, WORST_ERROR};
pub use ledger::{Ledger, Minutes};
pub use licence::{Forecast, LicenceReading, Metered, forecast, used_between};
pub use minutes::{BrokenCells, Cell, Hour};
pub use month::{InvalidMonth, Month};
pub use objective::{
    Count, Indicator, InvalidLimit, InvalidTarget, Objective, OperationGroup, Target, Window,
};
pub use sign_ins::{SignInDay, SignIns};
pub use vendor_figures::VendorFigures;
pub use window::{Bucket, Comparison, MINUTES_PER_DAY, MINUTES_PER_HOUR, Minute, Range, Series, Span};
