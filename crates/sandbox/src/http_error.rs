//! Why a request is refused, and the two shapes the vendor declares for saying so.

use serde_json::{Map, Value, json};

use crate::operation::Api;

/// A refusal: status, machine-readable code, words for people, and details.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    status: u16,
    code: String,
    message: String,
    details: Map<String, Value>,
    retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal of the given status.
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), details: Map::new(), retry_after: None }
    }

    /// 400: the request cannot be read.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(400, "bad_request", message)
    }

    /// 401: the token is missing or unusable here.
    pub(crate) fn unauthorized(code: &str, message: impl Into<String>) -> Self {
        Self::new(401, code, message)
    }

    /// 403: the token lacks a scope.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "forbidden", message)
    }

    /// 404: the thing is not there.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(404, "not_found", format!("{what} {id} not found"))
    }

    /// 409: something with that id or name is there already.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "conflict", message)
    }

    /// 412: somebody changed the thing since it was read.
    pub(crate) fn stale() -> Self {
        Self::new(412, "precondition_failed", "The resource has changed: its etag differs from if-match")
    }

    /// 422: understood, but not valid.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(422, "unprocessable_entity", message)
    }

    /// 429: too fast; `seconds` until the next try.
    pub(crate) fn too_many(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(429, "too_many_requests", "Too many requests") }
    }

    /// 500: the sandbox itself failed.
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self::new(500, "internal_error", message)
    }

    /// An OAuth error with its registered code.
    pub(crate) fn oauth(status: u16, error: &str, hint: impl Into<String>) -> Self {
        Self::new(status, error, hint)
    }

    /// Names the field or thing at fault.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.details.insert("field".to_owned(), Value::from(place));
        self
    }

    /// The same refusal under another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// The words for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The machine-readable code.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Seconds to wait, where the refusal says so.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The body in the shape the API group declares: `error_code` is a string in the JSON APIs and a
    /// number at the OAuth endpoints.
    pub(crate) fn body(&self, api: Api) -> Value {
        match api {
            Api::OAuth2 => json!({
                "error": self.code,
                "error_code": self.status,
                "error_hint": self.message,
            }),
            _ => json!({
                "status_code": self.status,
                "error": self.message,
                "error_code": self.code,
                "details": self.details,
            }),
        }
    }
}

/// The generic body for a tenant, workspace or path nobody knows.
pub(crate) fn unknown_resource(hint: &str) -> Value {
    json!({
        "error": "The requested resource could not be found",
        "error_code": 404,
        "error_hint": hint,
    })
}
