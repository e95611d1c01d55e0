//! Numbers of a move, kept in the commits that change them.

use std::collections::BTreeMap;

use domain::{
    MigrationId,
    migration::{Cause, MailState, PasswordKind, RowState, Verdict},
};

use crate::{
    Conn, StorageError, Tx,
    sql::{Sql, Value},
};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// Rows in a state.
    State(RowState),
    /// Rows with a verdict.
    Verdict(Verdict),
    /// Passwords of a kind, of rows that are moved.
    Kind(PasswordKind),
    /// Rows with a problem of a cause.
    Cause(Cause),
    /// Reset e-mails in a state.
    Mail(MailState),
}

impl Count {
    const fn key(self) -> (&'static str, &'static str) {
        match self {
            Self::State(state) => ("state", state.as_str()),
            Self::Verdict(verdict) => ("verdict", verdict.as_str()),
            Self::Kind(kind) => ("kind", kind.as_str()),
            Self::Cause(cause) => ("cause", cause.as_str()),
            Self::Mail(state) => ("mail", state.as_str()),
        }
    }

    fn read(scope: &str, name: &str) -> Option<Self> {
        match scope {
            "state" => name.parse().ok().map(Self::State),
            "verdict" => name.parse().ok().map(Self::Verdict),
            "kind" => name.parse().ok().map(Self::Kind),
            "cause" => name.parse().ok().map(Self::Cause),
            "mail" => name.parse().ok().map(Self::Mail),
            _ => None,
        }
    }
}

/// Changes of the numbers, to be written with what causes them.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<Count, (i64, Vec<i64>)>);

/// Lines remembered of each cause.
const SAMPLE: usize = 5;

impl Tally {
    /// Counts one more, seen on this line.
    pub fn add(&mut self, count: Count, line: i64) {
        let (n, lines) = self.0.entry(count).or_default();
        *n += 1;
        if matches!(count, Count::Cause(_)) && lines.len() < SAMPLE {
            lines.push(line);
        }
    }

    /// Counts several more, or fewer.
    pub fn by(&mut self, count: Count, n: i64) {
        self.0.entry(count).or_default().0 += n;
    }

    /// Rows that went from one state to another.
    pub fn moved(&mut self, from: RowState, to: RowState, rows: usize) {
        let rows = crate::decode::limit(rows);
        self.by(Count::State(from), -rows);
        self.by(Count::State(to), rows);
    }

    pub(super) async fn write(self, tx: &mut Tx, id: MigrationId) -> Result<(), StorageError> {
        let rows: Vec<_> = self.0.into_iter().filter(|(_, (n, _))| *n != 0).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let key = id.to_string();
        let mut sql =
            Sql::new("INSERT INTO user_migration_counts (migration_id, scope, name, n, sample) VALUES ");
        sql.tuples(rows.into_iter().map(|(count, (n, lines))| -> [Value; 5] {
            let (scope, name) = count.key();
            let sample = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            [key.as_str().into(), scope.into(), name.into(), n.into(), sample.into()]
        }));
        sql.push(
            " ON CONFLICT (migration_id, scope, name) DO UPDATE SET n = user_migration_counts.n + excluded.n, \
             sample = CASE WHEN user_migration_counts.sample = '' THEN excluded.sample \
             ELSE user_migration_counts.sample END",
        );
        sql.run(tx).await?;
        Ok(())
    }
}

/// Every number of a move that is not zero, with the first lines it is about.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn counts(
    conn: &mut Conn,
    id: MigrationId,
) -> Result<BTreeMap<Count, (u64, Vec<u64>)>, StorageError> {
    let mut sql =
        Sql::new("SELECT scope, name, n, sample FROM user_migration_counts WHERE n > 0 AND migration_id = ");
    sql.bind(id.to_string());
    let rows: Vec<(String, String, i64, String)> = sql.all(conn).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(scope, name, n, sample)| {
            let lines = sample.split(',').filter_map(|line| line.parse().ok()).collect();
            Some((Count::read(&scope, &name)?, (u64::try_from(n).unwrap_or(0), lines)))
        })
        .collect())
}
