//! Incidents and what people write beside them.

use domain::{
    IncidentId, Timestamp,
    performance::{Incident, IncidentNote, IncidentState, OperationGroup, Range},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable, to_json},
    error::{exactly, fresh},
    live::{self, Topic},
    sql::Sql,
};

#[derive(FromRow)]
struct Row {
    id: String,
    title: String,
    operations: Option<String>,
    state: String,
    began: i64,
    ended: Option<i64>,
    opened_by: Option<String>,
    facts: String,
    version: i64,
}

const COLUMNS: &str =
    "SELECT id, title, operations, state, began, ended, opened_by, facts, version FROM incidents WHERE ";

impl Row {
    fn read(self) -> Result<Incident, StorageError> {
        let at = Place { table: "incidents", row: &self.id };
        Ok(Incident {
            id: at.word("id", &self.id)?,
            title: self.title.clone(),
            group: at.word_opt("operations", self.operations.as_deref())?,
            state: at.word("state", &self.state)?,
            began: Timestamp::from_micros(self.began),
            ended: instant(self.ended),
            opened_by: at.json_opt("opened_by", self.opened_by.as_deref())?,
            known: at.json("facts", &self.facts)?,
            version: self.version,
        })
    }
}

/// The incidents, the latest first.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn list(conn: &mut Conn, limit: usize) -> Result<Vec<Incident>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("TRUE ORDER BY began DESC, id DESC LIMIT ").bind(decode::limit(limit));
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// The incidents that touch a range, in order.
///
/// # Errors
/// As [`list`].
pub async fn within(conn: &mut Conn, range: Range) -> Result<Vec<Incident>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("began < ").bind(range.to.begins().micros());
    sql.push(" AND (ended IS NULL OR ended > ").bind(range.from.begins().micros());
    sql.push(") ORDER BY began, id");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// The incidents that are open, in order.
///
/// # Errors
/// As [`list`].
pub async fn open_now(conn: &mut Conn) -> Result<Vec<Incident>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("state = ").bind(IncidentState::Open.as_str()).push(" ORDER BY began, id");
    sql.all::<Row>(conn).await?.into_iter().map(Row::read).collect()
}

/// One incident.
///
/// # Errors
/// As [`list`].
pub async fn find(conn: &mut Conn, id: IncidentId) -> Result<Option<Incident>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("id = ").bind(id.to_string());
    sql.optional::<Row>(conn).await?.map(Row::read).transpose()
}

/// The open incident that the rule opened for a group.
///
/// # Errors
/// As [`list`].
pub async fn open_by_rule(conn: &mut Conn, group: OperationGroup) -> Result<Option<Incident>, StorageError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("opened_by IS NULL AND state = ").bind(IncidentState::Open.as_str());
    sql.push(" AND operations = ").bind(group.as_str());
    sql.optional::<Row>(conn).await?.map(Row::read).transpose()
}

/// Opens an incident.
///
/// # Errors
/// [`StorageError::Driver`], also when the rule has opened one of this group already.
pub async fn open(tx: &mut Tx, incident: &Incident) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO incidents (id, title, operations, state, began, ended, opened_by, facts, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(incident.id.to_string())
        .bind(storable(&incident.title))
        .bind(incident.group.map(OperationGroup::as_str))
        .bind(incident.state.as_str())
        .bind(incident.began.micros())
        .bind(incident.ended.map(Timestamp::micros))
        .bind(incident.opened_by.as_ref().map(to_json).transpose()?)
        .bind(to_json(&incident.known)?)
        .bind(incident.version)
    )?;
    exactly(1, rows, "Opening an incident")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

/// Writes an incident as it is now; `incident.version` is the one that was seen.
///
/// # Errors
/// [`StorageError::Stale`] when somebody else changed it meanwhile.
pub async fn put(tx: &mut Tx, incident: &Incident) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "UPDATE incidents SET title = $3, operations = $4, state = $5, began = $6, ended = $7, facts = $8, \
             version = version + 1 WHERE id = $1 AND version = $2",
        )
        .bind(incident.id.to_string())
        .bind(incident.version)
        .bind(storable(&incident.title))
        .bind(incident.group.map(OperationGroup::as_str))
        .bind(incident.state.as_str())
        .bind(incident.began.micros())
        .bind(incident.ended.map(Timestamp::micros))
        .bind(to_json(&incident.known)?)
    )?;
    fresh(rows, "incident")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

/// Writes a note beside an incident.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn note(tx: &mut Tx, incident: IncidentId, note: &IncidentNote) -> Result<(), StorageError> {
    let rows = affected!(
        tx,
        sqlx::query(
            "INSERT INTO incident_notes (incident, place, at, noted_by, note) \
             SELECT $1, COALESCE(MAX(place), 0) + 1, $2, $3, $4 FROM incident_notes WHERE incident = $1",
        )
        .bind(incident.to_string())
        .bind(note.at.micros())
        .bind(note.by.as_ref().map(to_json).transpose()?)
        .bind(storable(&note.text))
    )?;
    exactly(1, rows, "Writing a note beside an incident")?;
    live::touch(tx, Topic::Calls);
    Ok(())
}

#[derive(FromRow)]
struct NoteRow {
    at: i64,
    noted_by: Option<String>,
    note: String,
}

/// The notes beside an incident, in order.
///
/// # Errors
/// As [`list`].
pub async fn notes(conn: &mut Conn, incident: IncidentId) -> Result<Vec<IncidentNote>, StorageError> {
    let mut sql = Sql::new("SELECT at, noted_by, note FROM incident_notes WHERE incident = ");
    sql.bind(incident.to_string()).push(" ORDER BY place");
    let read = |row: NoteRow| {
        let place = Place { table: "incident_notes", row: &incident.to_string() };
        Ok(IncidentNote {
            at: Timestamp::from_micros(row.at),
            by: place.json_opt("noted_by", row.noted_by.as_deref())?,
            text: row.note,
        })
    };
    sql.all::<NoteRow>(conn).await?.into_iter().map(read).collect()
}
