//! Read, lay our fields over, write, read back: the only way this client changes an object.

use serde_json::Value;
use url::Url;

use crate::{
    answer::Answer,
    client::SecureAuth,
    error::{CallError, ErrorKind},
    model::UpdateOutcome,
    operation::Operation,
    overlay::{self, Shape},
    redact::redact,
    transport::Call,
};

/// How often a change is tried when others change the same object at the same time.
const MOST_WRITES: u32 = 3;
/// How often a write is read back before a difference is believed: some reads may come from a cache.
const MOST_READ_BACKS: u32 = 3;

/// What is written and where.
pub(crate) enum Target {
    /// The object itself, as a whole.
    Whole { write: Operation, shape: &'static Shape },
    /// One part with an address and an operation of its own; the part is taken from the merged object.
    Part { write: Operation, url: Url, part: &'static str, field: &'static str },
}

/// A wanted change of one object.
pub(crate) struct Update {
    pub(crate) read: Operation,
    pub(crate) url: Url,
    pub(crate) target: Target,
    /// Our fields, as a merge patch.
    pub(crate) wanted: Value,
    /// Who looks at what was read before anything is sent.
    pub(crate) guard: Option<Guard>,
}

/// Names what stands against writing over an object as it was read; nothing: write.
pub(crate) struct Guard(pub(crate) Box<Unfit>);

/// What stands against writing over an object as it was read.
type Unfit = dyn Fn(&Value) -> Vec<String> + Send + Sync;

struct Snapshot {
    json: Value,
    etag: Option<String>,
}

impl SecureAuth {
    /// Makes the object show `wanted`. Sends nothing when it does already.
    pub(crate) async fn update(&self, update: &Update) -> Result<UpdateOutcome, CallError> {
        let mut current = self.snapshot(update, None).await?;
        let before = current.json.clone();
        let mut trace_ids = Vec::new();
        let mut written: Option<Answer> = None;
        for write in 1..=MOST_WRITES {
            if overlay::differences(&update.wanted, &current.json).is_empty() {
                break;
            }
            update.still_fits(&current)?;
            match self.send(&self.write_call(update, &current)).await {
                Ok(answer) => {
                    trace_ids.extend(answer.trace_id.clone());
                    written = Some(answer);
                    break;
                }
                Err(error) => {
                    current = self.after_failed_write(update, &error, write).await?.ok_or(error)?;
                }
            }
        }
        let after = match &written {
            Some(answer) => self.read_back(update, answer).await?,
            None => current.json,
        };
        let changed = !overlay::differences(&update.wanted, &before).is_empty();
        Ok(UpdateOutcome { before: redacted(before), after: redacted(after), changed, trace_ids })
    }

    /// A write lost against someone else's is tried on what they wrote; a write whose outcome is unknown may
    /// have been carried out, and the object itself is the only witness. None: the failure stands.
    async fn after_failed_write(
        &self,
        update: &Update,
        error: &CallError,
        write: u32,
    ) -> Result<Option<Snapshot>, CallError> {
        let lost = error.kind == ErrorKind::PreconditionFailed;
        if !lost && !error.outcome_unknown() {
            return Ok(None);
        }
        let Ok(current) = self.snapshot(update, None).await else {
            return Ok(None);
        };
        let done = overlay::differences(&update.wanted, &current.json).is_empty();
        Ok((done || (lost && write < MOST_WRITES)).then_some(current))
    }

    /// Reads until our fields show, a few times at most.
    async fn read_back(&self, update: &Update, written: &Answer) -> Result<Value, CallError> {
        let mut fields = Vec::new();
        for attempt in 1..=MOST_READ_BACKS {
            if attempt > 1 {
                self.shared.transport.breathe().await;
            }
            let read = self.snapshot(update, written.etag.clone()).await?;
            fields = overlay::differences(&update.wanted, &read.json);
            if fields.is_empty() {
                return Ok(read.json);
            }
        }
        let operation = update.write();
        let message = "the vendor answered that the change was made";
        Err(CallError::new(ErrorKind::ReadBackMismatch { fields }, operation, message).with(|it| {
            it.status = Some(written.status);
            it.trace_id.clone_from(&written.trace_id);
            it.correlation_id.clone_from(&written.correlation_id);
            it.unknown = true;
        }))
    }

    /// Reads the object. With the ETag of a write, so that no cache answers (vendor contract, conventions); an
    /// ETag that no longer fits only means that someone wrote after us.
    async fn snapshot(&self, update: &Update, etag: Option<String>) -> Result<Snapshot, CallError> {
        let fenced = etag.is_some();
        let mut result = self.send(&Call::new(update.read, update.url.clone()).if_match(etag)).await;
        if fenced && result.as_ref().is_err_and(|error| error.kind == ErrorKind::PreconditionFailed) {
            result = self.send(&Call::new(update.read, update.url.clone())).await;
        }
        let answer = result?;
        Ok(Snapshot { json: answer.json(update.read)?, etag: answer.etag })
    }

    fn write_call(&self, update: &Update, current: &Snapshot) -> Call {
        let tenant_id = self.tenant_id();
        match &update.target {
            Target::Whole { write, shape } => Call::new(*write, update.url.clone())
                .json(overlay::body(&current.json, &update.wanted, shape, tenant_id))
                .if_match(current.etag.clone()),
            // The ETag belongs to the whole object's address, so it is not sent to the part's.
            Target::Part { write, url, part, field } => {
                let merged = overlay::body(&current.json, &update.wanted, &overlay::BINDING, tenant_id);
                let value = merged.get(part).and_then(|it| it.get(field)).cloned().unwrap_or_default();
                let mut body = serde_json::Map::new();
                body.insert((*field).to_owned(), value);
                Call::new(*write, url.clone()).json(Value::Object(body))
            }
        }
    }
}

impl Update {
    /// Asks the guard, with secrets redacted, as everybody outside this crate sees objects.
    fn still_fits(&self, current: &Snapshot) -> Result<(), CallError> {
        let Some(Guard(unfit)) = &self.guard else { return Ok(()) };
        let fields = unfit(&redacted(current.json.clone()));
        if fields.is_empty() {
            return Ok(());
        }
        Err(CallError::new(ErrorKind::ChangedMeanwhile { fields }, self.write(), "nothing was written"))
    }

    const fn write(&self) -> Operation {
        match self.target {
            Target::Whole { write, .. } | Target::Part { write, .. } => write,
        }
    }
}

fn redacted(mut value: Value) -> Value {
    redact(&mut value);
    value
}
