//! An answer of the vendor, read completely, with the headers that mean something.

use domain::Timestamp;
use reqwest::{Response, header::HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    error::{CallError, ErrorKind},
    operation::Operation,
    retry::http_date,
};

/// More than any single answer of the contract; guards memory against a server gone mad.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// Deliberately without `Debug`: the body may hold secrets.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) external_error: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) location: Option<String>,
    pub(crate) content_type: Option<String>,
    /// `name=value` of each cookie set, without attributes.
    pub(crate) cookies: Vec<String>,
    pub(crate) replayed: bool,
    pub(crate) correlation_id: String,
    pub(crate) body: Vec<u8>,
}

/// Why a body could not be read to its end.
pub(crate) enum BodyError {
    Broken(reqwest::Error),
    TooLarge,
}

impl Answer {
    /// The headers; the body is still to come.
    pub(crate) fn head(response: &Response, correlation_id: String) -> Self {
        let headers = response.headers();
        Self {
            status: response.status().as_u16(),
            etag: text(headers, "etag"),
            trace_id: text(headers, "x-trace-id"),
            external_error: text(headers, "x-external-error"),
            retry_after: text(headers, "retry-after"),
            date: text(headers, "date").as_deref().and_then(http_date),
            location: text(headers, "location"),
            content_type: text(headers, "content-type"),
            cookies: headers
                .get_all("set-cookie")
                .iter()
                .filter_map(|it| it.to_str().ok()?.split(';').next().map(|pair| pair.trim().to_owned()))
                .collect(),
            replayed: text(headers, "x-idempotent-replayed").is_some_and(|it| it == "true"),
            correlation_id,
            body: Vec::new(),
        }
    }

    pub(crate) async fn read_body(&mut self, mut response: Response) -> Result<(), BodyError> {
        while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
            if self.body.len() + chunk.len() > LARGEST_BODY {
                return Err(BodyError::TooLarge);
            }
            self.body.extend_from_slice(&chunk);
        }
        Ok(())
    }

    pub(crate) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The body as raw JSON.
    pub(crate) fn json(&self, operation: Operation) -> Result<Value, CallError> {
        serde_json::from_slice(&self.body).map_err(|error| self.unreadable(operation, &error))
    }

    /// The body as a typed object.
    pub(crate) fn decode<T: DeserializeOwned>(&self, operation: Operation) -> Result<T, CallError> {
        serde_json::from_slice(&self.body).map_err(|error| self.unreadable(operation, &error))
    }

    /// An answer that says "done" but cannot be understood: on a write, the outcome is unknown.
    pub(crate) fn unreadable(&self, operation: Operation, error: &serde_json::Error) -> CallError {
        // serde's words may quote a value of the body, so only the place and the category are told.
        let message = match error.classify() {
            serde_json::error::Category::Data => {
                format!("a field has an unexpected form (column {})", error.column())
            }
            category => format!("not the JSON expected ({category:?}, column {})", error.column()),
        };
        CallError::new(ErrorKind::Decode, operation, message).with(|it| {
            it.status = Some(self.status);
            it.trace_id.clone_from(&self.trace_id);
            it.correlation_id.clone_from(&self.correlation_id);
            it.unknown = operation.is_mutating();
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned)
}
