//! The list of differences as CSV, a part at a time: it may be as long as the file.

use domain::MigrationId;
use sha2::{Digest as _, Sha256};
use storage::user_migrations::{self, StagedUser};

use super::{DIFFERING, DifferencePlace, Differences};
use crate::{Console, ServiceError, spreadsheet::harmless};

/// Rows read at a time.
const BATCH: usize = 1_000;

const COLUMNS: [&str; 6] = ["line", "state", "user_id", "problem", "detail", "what_to_do"];

/// A list on its way.
pub(super) struct Parts {
    console: Console,
    id: MigrationId,
    /// After which row to go on; nothing after the last one.
    place: Option<Option<DifferencePlace>>,
    heading: bool,
    rows: u64,
}

impl Parts {
    pub(super) const fn new(console: Console, id: MigrationId) -> Self {
        Self { console, id, place: Some(None), heading: true, rows: 0 }
    }

    /// The next part; nothing after the last one.
    pub(super) async fn next(&mut self) -> Result<Option<String>, ServiceError> {
        let Some(after) = self.place else { return Ok(None) };
        let mut conn = self.console.store.read().await?;
        let rows = user_migrations::differing(&mut conn, self.id, &DIFFERING, after, BATCH).await?;
        drop(conn);
        self.rows += rows.len() as u64;
        self.place = rows.last().filter(|_| rows.len() == BATCH).map(|last| Some((last.state, last.line)));
        text(&rows, std::mem::take(&mut self.heading)).map(Some)
    }
}

fn text(rows: &[StagedUser], heading: bool) -> Result<String, ServiceError> {
    let broken = |error: String| ServiceError::Field { field: "list", problem: error };
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if heading {
        out.write_record(COLUMNS).map_err(|error| broken(error.to_string()))?;
    }
    for row in rows {
        let all = |say: fn(&domain::migration::Problem) -> String| {
            row.problems.iter().map(say).collect::<Vec<_>>().join("; ")
        };
        let cells = [
            row.line.to_string(),
            row.state.label().to_owned(),
            row.ids.user.to_string(),
            all(|it| it.cause.label().to_owned()),
            all(|it| it.detail.clone()),
            all(|it| it.cause.cure().to_owned()),
        ];
        let cells = cells.iter().map(|cell| harmless(cell));
        out.write_record(cells).map_err(|error| broken(error.to_string()))?;
    }
    let bytes = out.into_inner().map_err(|error| broken(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| broken(error.to_string()))
}

/// Length and hash of the list as it stands.
pub(super) async fn digest(console: &Console, id: MigrationId) -> Result<Differences, ServiceError> {
    let mut parts = Parts::new(console.clone(), id);
    let mut hash = Sha256::new();
    while let Some(part) = parts.next().await? {
        hash.update(part.as_bytes());
    }
    Ok(Differences { rows: parts.rows, sha256: hex::encode(hash.finalize()) })
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
