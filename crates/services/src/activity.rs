//! The audit log: read page by page, and taken away as a file.

use domain::{
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, ChainedEntry, Subject, SubjectKind},
    words,
};
use futures::stream::{self, Stream};
use serde_json::{Value, json};
use storage::audit::{self, AuditQuery};

use crate::{Console, ServiceError, spreadsheet::harmless};

/// Entries on a page at most.
const PAGE_MAX: usize = 200;

/// Entries read at a time for an export, so that its memory stays flat.
const EXPORT_BATCH: usize = 500;

/// One page of the audit log, newest first.
#[derive(Clone, Debug)]
pub struct ActivityPage {
    /// The entries.
    pub entries: Vec<ChainedEntry>,
    /// The `before_seq` of the next page; `None` on the last one.
    pub next: Option<i64>,
    /// Whether the actor may take the log away as a file.
    pub may_export: Result<(), Refusal>,
}

words! {
    /// How the audit log is written into a file.
    Format, "export format" {
        /// A table for a spreadsheet; cells that look like formulas are made harmless.
        Csv = "csv", "CSV";
        /// One JSON object a line, with everything that the hashes cover.
        Jsonl = "jsonl", "JSON lines";
    }
}

/// Shows a page of the audit log; to whoever works with one portfolio only, what is about its billers.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see it.
pub async fn list(
    console: &Console,
    actor: &Actor,
    query: &AuditQuery,
) -> Result<ActivityPage, ServiceError> {
    actor.may(Capability::ViewActivity)?;
    let limit = query.limit.clamp(1, PAGE_MAX);
    let mut conn = console.store.read().await?;
    let mut entries =
        audit::list(&mut conn, &AuditQuery { limit: limit + 1, ..reachable(actor, query) }).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().map(|entry| entry.seq).filter(|_| more);
    Ok(ActivityPage { entries, next, may_export: actor.may(Capability::ExportActivity) })
}

/// Takes the entries that match, of those that the actor sees, away as a file, newest first; that it was done is an entry too. Page and
/// limit of the query do not matter.
///
/// # Errors
/// [`ServiceError::Refused`] without the right, [`ServiceError::Storage`]; the stream ends with an error when
/// the database fails later.
pub async fn export(
    console: &Console,
    actor: &Actor,
    query: AuditQuery,
    format: Format,
) -> Result<impl Stream<Item = Result<String, ServiceError>> + Send + use<>, ServiceError> {
    actor.may(Capability::ExportActivity)?;
    let query = AuditQuery { before_seq: None, limit: EXPORT_BATCH, ..reachable(actor, &query) };
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::ActivityExported,
        Subject::new(SubjectKind::Activity, "all"),
    )
    .change(None, Some(described(&query, format)));
    console.store.begin().await?.commit_audited(entry).await?;
    let start = Batches { console: console.clone(), query: Some(query), format, heading: true };
    Ok(stream::try_unfold(start, Batches::next))
}

fn described(query: &AuditQuery, format: Format) -> Value {
    json!({
        "format": format,
        "subject": query.subject,
        "actor": query.actor,
        "action": query.action,
        "from": query.from,
        "to": query.to,
    })
}

/// The same question, of the entries that the actor sees.
fn reachable(actor: &Actor, query: &AuditQuery) -> AuditQuery {
    AuditQuery { within: actor.portfolio().cloned(), ..query.clone() }
}

/// An export under way.
struct Batches {
    console: Console,
    /// The next entries to read; `None` after the last ones.
    query: Option<AuditQuery>,
    format: Format,
    heading: bool,
}

impl Batches {
    async fn next(mut self) -> Result<Option<(String, Self)>, ServiceError> {
        let Some(query) = self.query.take() else { return Ok(None) };
        let mut conn = self.console.store.read().await?;
        let entries = audit::list(&mut conn, &query).await?;
        drop(conn);
        let text = match self.format {
            Format::Csv => csv_text(&entries, std::mem::take(&mut self.heading)),
            Format::Jsonl => jsonl_text(&entries),
        }?;
        self.query = entries
            .last()
            .filter(|_| entries.len() == EXPORT_BATCH)
            .map(|last| AuditQuery { before_seq: Some(last.seq), ..query });
        Ok(Some((text, self)))
    }
}

fn jsonl_text(entries: &[ChainedEntry]) -> Result<String, ServiceError> {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&serde_json::to_string(entry).map_err(unwritable)?);
        text.push('\n');
    }
    Ok(text)
}

fn csv_text(entries: &[ChainedEntry], heading: bool) -> Result<String, ServiceError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if heading {
        writer.write_record(COLUMNS).map_err(unwritable)?;
    }
    for entry in entries {
        writer.write_record(cells(entry).map(|cell| harmless(&cell))).map_err(unwritable)?;
    }
    String::from_utf8(writer.into_inner().map_err(unwritable)?).map_err(unwritable)
}

const COLUMNS: [&str; 14] = [
    "seq",
    "at",
    "actor_id",
    "actor",
    "role",
    "action",
    "subject_kind",
    "subject",
    "reason",
    "before",
    "after",
    "trace_id",
    "prev_hash",
    "hash",
];

fn cells(chained: &ChainedEntry) -> [String; 14] {
    let entry = &chained.entry;
    let state = |value: &Option<Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        chained.seq.to_string(),
        entry.at.rfc3339(),
        entry.actor.id(),
        entry.actor.name().to_owned(),
        entry.actor.role_words(),
        entry.action.to_string(),
        entry.subject.kind.to_string(),
        entry.subject.id.clone(),
        entry.reason.clone().unwrap_or_default(),
        state(&entry.before),
        state(&entry.after),
        entry.trace_id.clone().unwrap_or_default(),
        chained.prev_hash.clone(),
        chained.hash.clone(),
    ]
}

fn unwritable(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Field {
        field: "format",
        problem: format!("an entry cannot be written in this format: {error}"),
    }
}
