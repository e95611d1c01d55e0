//! What the program writes to the terminal.

use std::{io::Write, path::Path};

use domain::import::RowError;
use serde::Serialize;
use services::doctor::{Finding, FindingState};

use crate::error::StartError;

/// Where everything answers.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Addresses {
    /// The console.
    pub(crate) console: Option<String>,
    /// Login URLs.
    pub(crate) public: Option<String>,
    /// Measurements and health.
    pub(crate) ops: Option<String>,
    /// The stand-in for SecureAuth.
    pub(crate) sandbox: Option<String>,
    /// The stand-in's CRM, which shows the console in a frame.
    pub(crate) crm: Option<String>,
}

/// Tells where everything answers; into `ready_file` too, for scripts.
pub(crate) fn announce(addresses: &Addresses, ready_file: Option<&Path>) -> Result<(), StartError> {
    if let Some(file) = ready_file {
        let wrong = |error| StartError::File { file: file.display().to_string(), error };
        let text = serde_json::to_string(addresses).map_err(|error| wrong(error.into()))?;
        // Written aside and renamed, so that a waiting script never reads half of it.
        let aside = file.with_extension("tmp");
        std::fs::write(&aside, text).and_then(|()| std::fs::rename(&aside, file)).map_err(wrong)?;
    }
    let Addresses { console, public, ops, sandbox, crm } = addresses;
    // The one that people open stands last, where they look.
    for (what, address) in [
        ("SecureAuth stand-in", sandbox),
        ("… and IC's CRM", crm),
        ("Metrics and health", ops),
        ("Login URLs", public),
        ("CIAM Console", console),
    ] {
        if let Some(address) = address {
            line(&format!("{what:<22}{address}"));
        }
    }
    Ok(())
}

/// One line per check, with the cure where something is wrong.
pub(crate) fn findings(findings: &[Finding]) -> Result<(), StartError> {
    let mut bad = 0;
    for finding in findings {
        let mark = match finding.state {
            FindingState::Good => "ok     ",
            FindingState::Warning => "warning",
            FindingState::Bad => {
                bad += 1;
                "PROBLEM"
            }
        };
        line(&format!("{mark}  {}: {}", finding.check, finding.detail));
        if let Some(cure) = &finding.cure {
            line(&format!("         → {cure}"));
        }
    }
    if bad == 0 { Ok(()) } else { Err(StartError::Unhealthy(bad)) }
}

/// What an import did, and every row that was left out.
pub(crate) fn imported(
    created: u64,
    changed: u64,
    unchanged: u64,
    errors: &[RowError],
) -> Result<(), StartError> {
    for error in errors {
        line(&error.to_string());
    }
    line(&format!("{created} new, {changed} changed, {unchanged} unchanged, {} wrong", errors.len()));
    if errors.is_empty() { Ok(()) } else { Err(StartError::BadRows(errors.len())) }
}

/// A line on standard output. Whoever reads it may stop reading (`… | head`), which is no fault of ours.
pub(crate) fn line(text: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        tracing::debug!("standard output is closed: {error}");
    }
}

/// A word on what is going on, beside the output proper.
pub(crate) fn note(text: &str) {
    if let Err(error) = writeln!(std::io::stderr(), "{text}") {
        tracing::debug!("standard error is closed: {error}");
    }
}
