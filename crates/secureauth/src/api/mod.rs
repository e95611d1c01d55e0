//! The operations, one file per kind of object.

mod audit;
mod bindings;
mod clients;
mod environment;
mod numbers;
mod organizations;
mod pools;
mod probes;
mod settings;
mod themes;
mod tokens;
mod user_parts;
mod users;
mod vanity;

pub use settings::SettingsObject;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    answer::Answer,
    client::SecureAuth,
    error::{CallError, ErrorKind},
    model::{Created, Deleted},
    operation::Operation,
    paging::PageRequest,
    redact::redact,
    transport::Call,
};

impl SecureAuth {
    async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, CallError> {
        self.send(call).await?.decode(call.operation)
    }

    /// The array `field` of an answer; absent and null mean empty.
    async fn read_list<T: DeserializeOwned>(&self, call: &Call, field: &str) -> Result<Vec<T>, CallError> {
        let answer = self.send(call).await?;
        let mut body = answer.json(call.operation)?;
        match body.get_mut(field).map(Value::take) {
            None | Some(Value::Null) if body.is_object() => Ok(Vec::new()),
            list => serde_json::from_value(list.unwrap_or_default())
                .map_err(|error| answer.unreadable(call.operation, &error)),
        }
    }

    async fn create<T: DeserializeOwned>(&self, call: &Call) -> Result<Created<T>, CallError> {
        let answer = self.send(call).await?;
        created(call.operation, &answer)
    }

    /// Deletes; what is gone already is as good as deleted.
    async fn remove(&self, call: &Call) -> Result<Deleted, CallError> {
        match self.send(call).await {
            Ok(answer) => Ok(Deleted::Now { trace_id: answer.trace_id }),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Deleted::Already),
            Err(error) => Err(error),
        }
    }
}

fn created<T: DeserializeOwned>(operation: Operation, answer: &Answer) -> Result<Created<T>, CallError> {
    let object = answer.decode(operation)?;
    let mut shown = answer.json(operation)?;
    redact(&mut shown);
    Ok(Created { object, answer: shown, trace_id: answer.trace_id.clone(), replayed: answer.replayed })
}

/// A body of ours as JSON, with `tenant_id` where the contract requires it.
fn body<T: Serialize>(operation: Operation, value: &T, tenant_id: Option<&str>) -> Result<Value, CallError> {
    let mut body = serde_json::to_value(value).map_err(|error| {
        CallError::new(ErrorKind::Config, operation, format!("the request cannot be written: {error}"))
    })?;
    if let (Some(tenant_id), Value::Object(fields)) = (tenant_id, &mut body) {
        fields.insert("tenant_id".to_owned(), Value::String(tenant_id.to_owned()));
    }
    Ok(body)
}

/// Adds `limit` and the vendor's name for "after this id".
fn paged(mut call: Call, page: &PageRequest, after: &str) -> Call {
    let mut query = call.url.query_pairs_mut();
    query.append_pair("limit", &page.size.get().to_string());
    if let Some(id) = &page.after {
        query.append_pair(after, id);
    }
    drop(query);
    call
}
