//! Turns an HTTP answer, or the lack of one, into the kinds of error that callers act on.

use serde_json::Value;

use crate::{
    answer::Answer,
    error::{CallError, ErrorKind, missing_right},
    observe::OutcomeClass,
    operation::{ApiGroup, Operation},
    redact::scrub,
    retry,
};

/// The error that an answer outside 2xx means.
pub(crate) fn refusal(operation: Operation, answer: &Answer, secrets: &[&str]) -> CallError {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = error_code(operation, &body);
    let kind = kind_of(operation, answer.status, code.as_deref());
    let message = scrub(&message_of(answer, &body), secrets);
    CallError::new(kind, operation, message).with(|it| {
        it.status = Some(answer.status);
        it.error_code = code.map(|code| scrub(&code, secrets));
        it.trace_id.clone_from(&answer.trace_id);
        it.correlation_id.clone_from(&answer.correlation_id);
        it.retry_after = answer.retry_after.as_deref().and_then(|it| retry::retry_after(it, answer.date));
    })
}

fn kind_of(operation: Operation, status: u16, code: Option<&str>) -> ErrorKind {
    match (status, code) {
        (400, Some("invalid_scope")) if operation == Operation::FetchToken => {
            ErrorKind::Forbidden { missing: "the scope asked for" }
        }
        (400, Some("unauthorized_client" | "unsupported_grant_type"))
            if operation == Operation::FetchToken =>
        {
            ErrorKind::Forbidden { missing: "the client-credentials grant" }
        }
        (400, Some("invalid_client")) if operation == Operation::FetchToken => ErrorKind::Unauthenticated,
        (401, _) => ErrorKind::Unauthenticated,
        (403, _) => ErrorKind::Forbidden { missing: missing_right(operation) },
        (404, _) if operation.api() == ApiGroup::Discovery => ErrorKind::Discovery,
        (404, _) => ErrorKind::NotFound,
        (408, _) => ErrorKind::Timeout,
        (409, _) => ErrorKind::Conflict,
        (412, _) => ErrorKind::PreconditionFailed,
        (429, _) => ErrorKind::RateLimited,
        (500.., _) => ErrorKind::Server,
        // A JSON API that redirects or answers with something else lives elsewhere.
        (..=399, _) => ErrorKind::Config,
        _ => ErrorKind::Invalid,
    }
}

/// JSON APIs carry `error_code` as text; the OAuth endpoints carry the OAuth word in `error`, and a number
/// in `error_code` that only repeats the status.
fn error_code(operation: Operation, body: &Value) -> Option<String> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|it| !it.is_empty());
    match operation {
        Operation::FetchToken => text("error").filter(|it| !it.contains(' ')),
        _ => text("error_code"),
    }
    .map(str::to_owned)
}

fn message_of(answer: &Answer, body: &Value) -> String {
    let said: Vec<&str> = ["error", "error_description", "error_hint", "cause"]
        .iter()
        .filter_map(|name| body.get(name).and_then(Value::as_str))
        .filter(|it| !it.is_empty())
        .collect();
    let mut message = said.join("; ");
    if let Some(details) = body.get("details").filter(|it| it.as_object().is_some_and(|it| !it.is_empty())) {
        let mut details = details.clone();
        crate::redact::redact(&mut details);
        message.push_str(&format!(" {details}"));
    }
    if let Some(own_code) = &answer.external_error {
        message.push_str(&format!(" (caused by our own extension code at SecureAuth: {own_code})"));
    }
    if let (300..=399, Some(location)) = (answer.status, &answer.location) {
        let place = location.split(['?', '#']).next().unwrap_or_default();
        message.push_str(&format!("it redirects to {place}: the configured address is probably wrong"));
    }
    message
}

/// The error that a request without a complete answer means, and whether it may have been carried out.
pub(crate) fn no_answer(operation: Operation, error: &reqwest::Error) -> (CallError, bool) {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Network };
    let sent = !error.is_connect() && !error.is_builder();
    let message = match (error.is_timeout(), sent) {
        (true, false) => "no connection in time",
        (true, true) => "no complete answer in time",
        (false, false) => "no connection",
        (false, true) => "the connection broke",
    };
    let cause = innermost(error);
    let message =
        if error.is_timeout() { message.to_owned() } else { format!("{message}: {}", scrub(&cause, &[])) };
    (CallError::new(kind, operation, message), sent)
}

/// The last cause says most ("connection refused"), and never the address with its query.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if std::ptr::addr_eq(cause, error) { "unknown cause".to_owned() } else { cause.to_string() }
}

/// How an attempt is counted.
pub(crate) fn outcome(result: Result<&Answer, &CallError>) -> OutcomeClass {
    let error = match result {
        Ok(_) => return OutcomeClass::Ok,
        Err(error) => error,
    };
    match &error.kind {
        ErrorKind::RateLimited => OutcomeClass::RateLimited,
        ErrorKind::Conflict | ErrorKind::PreconditionFailed | ErrorKind::NotFound => OutcomeClass::Conflict,
        ErrorKind::Server => OutcomeClass::ServerError,
        ErrorKind::Timeout => OutcomeClass::Timeout,
        ErrorKind::Network => OutcomeClass::Network,
        ErrorKind::CircuitOpen => OutcomeClass::CircuitOpen,
        _ => OutcomeClass::ClientError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }
    }

    #[test]
    fn both_error_bodies_of_the_contract_are_understood() {
        let json =
            answer(401, r#"{"status_code":401,"error":"expired","error_code":"invalid_access_token"}"#);
        let error = refusal(Operation::GetPool, &json, &[]);
        assert!(error.is_stale_token());
        let generic =
            answer(404, r#"{"error":"The requested resource could not be found","error_code":404}"#);
        let error = refusal(Operation::FetchToken, &generic, &[]);
        assert_eq!((&error.kind, error.error_code.as_deref()), (&ErrorKind::NotFound, None));
        assert!(error.cure().contains("four reasons"), "{}", error.cure());
    }

    #[test]
    fn a_missing_scope_is_named_as_such() {
        let body = r#"{"error":"invalid_scope","error_description":"scope revoke_tokens is not allowed"}"#;
        let error = refusal(Operation::FetchToken, &answer(400, body), &[]);
        assert_eq!(error.kind, ErrorKind::Forbidden { missing: "the scope asked for" });
        let error = refusal(Operation::RevokePoolUserTokens, &answer(403, "{}"), &[]);
        assert!(error.cure().contains("revoke_tokens"), "{}", error.cure());
    }

    #[test]
    fn a_secret_in_the_vendors_words_is_taken_out() {
        let body =
            r#"{"error":"bad secret hunter2222","details":{"client_secret":"hunter2222","field":"name"}}"#;
        let error = refusal(Operation::CreateClient, &answer(422, body), &["hunter2222"]);
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert!(!format!("{error} {error:?}").contains("hunter2222"), "{error:?}");
        assert!(error.message.contains("name"), "{}", error.message);
    }

    #[test]
    fn a_redirect_points_to_the_configuration() {
        let redirect = Answer { location: Some("https://elsewhere/x?token=1".into()), ..answer(301, "") };
        let error = refusal(Operation::GetEnvironment, &redirect, &[]);
        assert_eq!(error.kind, ErrorKind::Config);
        assert!(error.message.contains("https://elsewhere/x") && !error.message.contains("token"), "{error}");
    }
}
