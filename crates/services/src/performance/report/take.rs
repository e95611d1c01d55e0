//! Taking a report down for good. The same report again is no new edition; one that differs says in what.

use domain::{
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    performance::Month,
};
use serde_json::{Value, json};
use storage::vendor_review::reports;

use super::{Edition, Report, assemble, digest, document};
use crate::{Console, ServiceError};

/// Differences named at most; the documents tell them all.
const NAMED: usize = 20;

/// Why a report cannot be taken down yet.
pub(super) fn too_early(report: &Report) -> Option<&'static str> {
    (!report.is_over()).then_some("The month is not over: its report would change.")
}

/// Takes the report of a month down for good; the answer is the number of the edition.
///
/// # Errors
/// [`ServiceError::Field`] while the month is not over, or when nothing changed since the last edition;
/// [`ServiceError::Refused`] without the right; [`ServiceError::Storage`] with a stale row when somebody else took it
/// down meanwhile.
pub async fn take(console: &Console, actor: &Actor, month: Month) -> Result<i64, ServiceError> {
    actor.may(Capability::ReviewVendor)?;
    // Measurements do not change any more once a month is over: they are read before the writing begins, so that
    // nobody waits for it.
    let mut conn = console.store.read().await?;
    let editions = reports::of(&mut conn, month).await?;
    let assembled = assemble::assemble(console, &mut conn, month).await?;
    let refused = |problem: String| ServiceError::Field { field: "month", problem };
    if let Some(why) = too_early(&assembled.report) {
        return Err(refused(why.to_owned()));
    }
    let (text, said) = document::written(&assembled)?;
    let digest = digest(&text);
    let (number, changes) = match editions.last() {
        None => (1, Vec::new()),
        Some(last) if last.digest == digest => {
            let problem = format!("Nothing changed since edition {}: it is the report.", last.edition);
            return Err(refused(problem));
        }
        Some(last) => {
            let before = reports::report(&mut conn, month, last.edition).await?;
            (last.edition + 1, changes(before.as_deref(), &said))
        }
    };
    drop(conn);
    let edition = Edition { month, edition: number, digest, changes, by: actor.clone(), at: console.now() };
    let mut tx = console.store.begin().await?;
    reports::take(&mut tx, &edition, &text, &said.to_string()).await?;
    let subject = Subject::new(SubjectKind::Vendor, month.to_string());
    let after = json!({ "month": month.to_string(), "edition": number, "digest": edition.digest });
    let entry = AuditEntry::new(console.now(), actor.clone(), AuditAction::ReportTaken, subject);
    tx.commit_audited(entry.change(None, Some(after))).await?;
    Ok(number)
}

/// In what a report differs from the one before, in words.
pub(super) fn changes(before: Option<&str>, now: &Value) -> Vec<String> {
    let before = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let mut found = Vec::new();
    compare("", &before, now, &mut found);
    if found.is_empty() {
        let text = "The report reads the same; measurements or failed calls behind it changed.";
        found.push(text.to_owned());
    }
    if found.len() > NAMED {
        let more = found.len() - NAMED;
        found.truncate(NAMED);
        found.push(format!("and {more} more"));
    }
    found
}

fn compare(place: &str, before: &Value, now: &Value, found: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(old), Value::Object(new)) => {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let (old, new) = (old.get(name), new.get(name));
                let place = if place.is_empty() { name.clone() } else { format!("{place}, {name}") };
                compare(&place, old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for row in 0..old.len().max(new.len()) {
                let (old, new) = (old.get(row), new.get(row));
                let title = [new, old].into_iter().flatten().find_map(title);
                let place = format!("{place} {}", title.unwrap_or_else(|| (row + 1).to_string()));
                compare(&place, old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null), found);
            }
        }
        (old, new) if old != new => found.push(format!("{place}: {} → {}", word(old), word(new))),
        _ => {}
    }
}

fn title(row: &Value) -> Option<String> {
    let name = row.get("name").or_else(|| row.get("title")).or_else(|| row.get("note"))?;
    Some(format!("“{}”", name.as_str()?))
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(_) => title(value).unwrap_or_else(|| "something".to_owned()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_named_by_what_they_are_about() {
        let before = json!({ "objectives": [{ "name": "Pools", "counted": { "good": 98, "valid": 100 } }], "incidents": [] });
        let now = json!({ "objectives": [{ "name": "Pools", "counted": { "good": 99, "valid": 100 } }],
            "incidents": [{ "title": "Slow" }] });
        let said = changes(Some(&before.to_string()), &now);
        assert_eq!(said, ["incidents “Slow”: none → “Slow”", "objectives “Pools”, counted, good: 98 → 99"]);
        assert_eq!(changes(Some(&now.to_string()), &now).len(), 1, "the rows behind it");
    }
}
