//! The use cases against real parts: both databases, the sandbox, a local receiver of events.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod access;
mod account_sign_ins;
mod accounts;
mod activity;
mod announce;
#[path = "../../../domain/tests/it/settings/any.rs"]
mod any;
mod apply_defaults;
mod biller_settings;
mod canary;
mod company_sign_in;
mod copy_in_waves;
mod crash;
mod database;
mod deliveries;
mod drift;
mod drift_property;
mod emergencies;
mod fuse;
mod handover;
mod import;
mod launch;
mod launch_tokens;
mod login;
mod migration;
mod pages;
mod performance;
mod portfolios;
mod probes_asked;
mod runs;
mod scenes;
mod schedules;
mod secret;
mod sessions;
mod setting_effects;
mod setting_requests;
mod test_sign_in;
mod use_case_news;
mod use_cases;
mod vanity;
mod vanity_hosts;
mod vanity_switch;
mod vendor_numbers;
mod vendor_report;
mod vendor_review;
mod wave_crash;
mod waves;
mod world;
