//! How well the vendor keeps its promise: what is counted of every call, how latencies are kept so that percentiles of
//! any window are right, and what availability means.

mod call;
mod latencies;
mod minutes;
mod window;

pub use call::{CallKey, CallOutcome, CallSource, FailedCall, Tally};
pub use latencies::{Latencies, WORST_ERROR};
pub use minutes::{BrokenCells, Cell, Hour};
pub use window::{Bucket, MINUTES_PER_DAY, MINUTES_PER_HOUR, Minute, Range, Series, Span};
