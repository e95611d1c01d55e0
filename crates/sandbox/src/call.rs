//! One call of an operation, as its handler sees it.

use axum::http::HeaderMap;
use domain::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    auth::Principal,
    config::SandboxConfig,
    engine::Engine,
    fields::{Field, check},
    http_error::Refusal,
    oidc::client_keys::Fetched,
    operation::Operation,
    store::Store,
};

/// The body of a request, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Payload {
    /// No body.
    #[default]
    Nothing,
    /// JSON.
    Json(Value),
    /// A form.
    Form(Pairs),
}

/// Names with values, from a query or a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads `a=b&c=d`.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value under `name`, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Every pair in its order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// A request, read: what an operation is called with.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// Names and values from the path.
    pub(crate) params: Pairs,
    /// The query.
    pub(crate) query: Pairs,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) payload: Payload,
    /// The issuer that was asked, where it was asked under a vanity domain.
    pub(crate) issuer: Option<String>,
    /// The keys of the application that proves itself, where they were fetched.
    pub(crate) client_keys: Fetched,
}

impl Incoming {
    /// A form value.
    pub(crate) fn form(&self, name: &str) -> Option<&str> {
        match &self.payload {
            Payload::Form(pairs) => pairs.get(name),
            Payload::Nothing | Payload::Json(_) => None,
        }
    }
}

/// A call: the request, who makes it, and the store it may change.
pub(crate) struct Call<'a> {
    /// The sandbox.
    pub(crate) engine: &'a Engine,
    /// What it knows.
    pub(crate) store: &'a mut Store,
    /// The operation called.
    pub(crate) operation: &'static Operation,
    /// The request.
    pub(crate) incoming: &'a Incoming,
    /// Who calls; `None` where no token is asked for.
    pub(crate) principal: Option<Principal>,
    /// Fields of the body the contract does not have.
    pub(crate) dropped: Vec<String>,
}

impl Call<'_> {
    /// The configuration.
    pub(crate) fn config(&self) -> &SandboxConfig {
        &self.engine.config
    }

    /// The tenant.
    pub(crate) fn tenant(&self) -> &str {
        &self.engine.config.tenant_id
    }

    /// The issuer of a workspace, under the host that was asked.
    pub(crate) fn issuer(&self, workspace: &str) -> String {
        self.incoming.issuer.clone().unwrap_or_else(|| self.engine.issuer(workspace))
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.engine.clock.now()
    }

    /// The present instant as the API writes it.
    pub(crate) fn stamp(&self) -> Value {
        json!(self.now().rfc3339())
    }

    /// A value of the path.
    pub(crate) fn param(&self, name: &str) -> String {
        self.incoming.params.get(name).unwrap_or_default().to_owned()
    }

    /// A value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.incoming.query.get(name)
    }

    /// A boolean of the query; absent is `None`.
    ///
    /// # Errors
    /// 400 for anything but `true` and `false`, where the operation declares a refusal.
    pub(crate) fn query_flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.query(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) if self.may_refuse_query() => {
                Err(Refusal::malformed(format!("{name} must be true or false")).at(name))
            }
            Some(_) => Ok(None),
        }
    }

    /// Whether the contract has a status for a query that makes no sense; else such a value is ignored.
    pub(crate) fn may_refuse_query(&self) -> bool {
        self.operation.declares(400) || self.operation.declares(422)
    }

    /// The body's known fields, checked.
    ///
    /// # Errors
    /// 400 without a JSON object or with wrong types, 422 where a field is missing or not allowed.
    pub(crate) fn body(&mut self, fields: &[Field]) -> Result<Map<String, Value>, Refusal> {
        let checked = match &self.incoming.payload {
            Payload::Json(value) => check(fields, value)?,
            Payload::Nothing | Payload::Form(_) => {
                return Err(Refusal::malformed("a JSON body is required"));
            }
        };
        self.dropped.extend(checked.dropped);
        Ok(checked.fields)
    }

    /// A form value.
    pub(crate) fn form(&self, name: &str) -> Option<&str> {
        self.incoming.form(name)
    }

    /// Refuses a body whose `tenant_id` names another tenant.
    ///
    /// # Errors
    /// 422.
    pub(crate) fn check_tenant(&self, body: &Map<String, Value>) -> Result<(), Refusal> {
        match body.get("tenant_id").and_then(Value::as_str) {
            Some(tenant) if tenant != self.tenant() => {
                Err(Refusal::invalid(format!("tenant_id must be {}", self.tenant())).at("tenant_id"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses an update whose body names another id than the path.
    ///
    /// # Errors
    /// 422.
    pub(crate) fn check_same(body: &Map<String, Value>, name: &str, id: &str) -> Result<(), Refusal> {
        match body.get(name).and_then(Value::as_str) {
            Some(other) if other != id => {
                Err(Refusal::invalid(format!("{name} cannot be changed: it is {id}")).at(name))
            }
            _ => Ok(()),
        }
    }

    /// The id a creation asks for, or a new one.
    ///
    /// # Errors
    /// 422 for an id that could not stand in a URL path.
    pub(crate) fn chosen_id(&self, body: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
        match body.get(name).and_then(Value::as_str) {
            None | Some("") => Ok(self.engine.random_hex(16)),
            Some(id) if is_id(id) => Ok(id.to_owned()),
            Some(_) => {
                Err(Refusal::invalid(format!("{name} must be 1 to 64 letters, digits, '-', '_' or '.'"))
                    .at(name))
            }
        }
    }
}

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
