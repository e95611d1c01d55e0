//! The use cases: one file each. Every function authorises first, asks the domain rule, and commits state,
//! audit entry and job in one transaction.
//!
//! Reading starts at [`console::Console`], which every use case takes.

pub mod accounts;
pub mod activity;
pub mod announce_biller;
pub mod apply_defaults;
pub mod apply_import;
pub mod biller_oidc;
pub mod biller_settings;
pub mod billers_csv;
pub mod bulk_enable;
pub mod change_use_cases;
mod clean_up;
pub mod company_sign_in;
pub mod console;
mod copy_in_waves;
pub mod deliver_events;
pub mod deliveries;
pub mod discard_import;
pub mod doctor;
pub mod drift;
pub mod edit_handover;
pub mod emergency_off;
pub mod enable_biller;
mod engine;
pub mod error;
pub mod follow_topic;
pub mod hand_over_secret;
pub mod launch;
pub mod list_billers;
pub mod list_use_cases;
pub mod migration;
pub mod overview;
pub mod performance;
mod reach;
pub mod redeem_login;
pub mod resume_biller;
pub mod retry_run;
mod run_wave;
pub mod sample_billers;
pub mod schedule_use_cases;
pub mod schedule_wave;
pub mod sessions;
pub mod settings;
pub mod show_biller;
mod spreadsheet;
pub mod stage_import;
pub mod start_login;
pub mod suspend_biller;
pub mod take_back_run;
pub mod test_sign_in;
mod use_case_news;
pub mod vendor_numbers;
pub mod vendor_watch;
pub mod worker;

pub use console::Console;
pub use error::ServiceError;
pub use settings::Settings;
// What pages ask with and are answered with, so that they need not know the database crate.
pub use storage::{
    audit::AuditQuery,
    events::DeliveryQuery,
    imports::{ImportState, ImportSummary, RowEffect},
    settings::LastChange,
};
