//! Measurements of calls to the vendor: minutes in hours, days, and the calls that failed.

mod add;
mod read;

pub use add::{CellAt, add, delete_older_than, note_failures};
pub use read::{
    FailedQuery, count_failed, each_day, each_hour, each_minute, failed, last_minute, series, totals,
};
