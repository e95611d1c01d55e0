//! Vendor errors in words for people.

use domain::run::{Failure, FailureKind};
use secureauth::{CallError, ErrorKind};

/// A failed call as the failure of a step.
pub(super) fn of_call(error: &CallError) -> Failure {
    Failure {
        kind: kind_of(error),
        message: without_trace(error),
        cure: error.cure().to_string(),
        trace_id: error.trace_id.clone(),
    }
}

/// The trace id is shown on a line of its own, to be copied.
fn without_trace(error: &CallError) -> String {
    let text = error.to_string();
    match &error.trace_id {
        Some(id) => text.replace(&format!(" [trace {id}]"), ""),
        None => text,
    }
}

fn kind_of(error: &CallError) -> FailureKind {
    match error.kind {
        ErrorKind::ReadBackMismatch { .. } | ErrorKind::ChangedMeanwhile { .. } => FailureKind::Mismatch,
        _ if error.is_retryable() => FailureKind::Temporary,
        _ => FailureKind::Refused,
    }
}
