//! What a handler answers, before it becomes HTTP.

use serde_json::{Map, Value};

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// JSON; `tagged` answers carry an ETag.
    Json {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Value,
        /// Whether the answer is one resource and so carries an ETag.
        tagged: bool,
    },
    /// 204.
    Empty,
    /// A page for people.
    Html {
        /// The HTTP status.
        status: u16,
        /// The document.
        page: String,
    },
    /// 302 to the given URL.
    Redirect(String),
    /// 302 to the given URL, with a cookie to keep.
    SignedIn {
        /// Where to.
        url: String,
        /// The cookie.
        cookie: String,
    },
}

impl Reply {
    /// 200 with one resource.
    pub(crate) fn one(body: Map<String, Value>) -> Self {
        Self::Json { status: 200, body: Value::Object(body), tagged: true }
    }

    /// 201 with the resource just made.
    pub(crate) fn created(body: Map<String, Value>) -> Self {
        Self::Json { status: 201, body: Value::Object(body), tagged: true }
    }

    /// 200 with a list under its name.
    pub(crate) fn list(name: &str, items: Vec<Map<String, Value>>) -> Self {
        let items = items.into_iter().map(Value::Object).collect();
        Self::data(Map::from_iter([(name.to_owned(), Value::Array(items))]))
    }

    /// 200 with data that is not one stored resource.
    pub(crate) fn data(body: Map<String, Value>) -> Self {
        Self::Json { status: 200, body: Value::Object(body), tagged: false }
    }
}
