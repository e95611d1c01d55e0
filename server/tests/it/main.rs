//! The composed console, and the rules of the workspace as a whole.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod api;
mod audit_verify;
mod command_line;
mod console_process;
mod dependency_rule;
mod doors;
mod kill;
mod launch;
mod migrate;
mod monitoring;
mod oidc;
mod otlp;
mod security_document;
