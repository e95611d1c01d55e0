//! Reset e-mails of a move: the mailing as a whole, and one row a person.

use domain::{
    Bid, MigrationId, Timestamp,
    actor::Actor,
    migration::{MailState, MailingState},
};
use sqlx::FromRow;

use super::counts::Tally;
use crate::{
    Conn, StorageError, Tx,
    decode::{self, Place, instant, storable, to_json},
    error::exactly,
    live::{self, Topic},
    sql::Sql,
};

/// The e-mails of a move as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Mailing {
    /// Whose.
    pub migration: MigrationId,
    /// The biller.
    pub bid: Bid,
    /// Where it stands.
    pub state: MailingState,
    /// The day of the wave under way, in the biller's zone, and how many went out in it.
    pub wave: Option<(String, u64)>,
    /// Waves begun so far.
    pub waves: u64,
    /// Why it waits.
    pub why: Option<String>,
    /// Who started it.
    pub started_by: Actor,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// One person's e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The row.
    pub line: i64,
    /// The user's id at SecureAuth.
    pub user: String,
    /// When it was sent last.
    pub sent_at: Option<Timestamp>,
    /// How often it was looked whether the person has set a password.
    pub looks: i64,
}

/// What became of an e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailEnd {
    /// The row.
    pub line: i64,
    /// Where it stands now.
    pub state: MailState,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When to look whether the person has set a password; never again where there is none.
    pub look_at: Option<Timestamp>,
    /// How often that was looked at.
    pub looks: i64,
    /// Why it failed.
    pub problem: Option<String>,
}

#[derive(FromRow)]
struct MailingRow {
    migration_id: String,
    bid: String,
    state: String,
    wave_day: Option<String>,
    wave_sent: i64,
    waves: i64,
    why: Option<String>,
    started_by: String,
    started_at: i64,
    finished_at: Option<i64>,
}

/// The e-mails of a move; nothing where none were asked for.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn mailing(conn: &mut Conn, id: MigrationId) -> Result<Option<Mailing>, StorageError> {
    let mut sql = Sql::new(
        "SELECT migration_id, bid, state, wave_day, wave_sent, waves, why, started_by, started_at, finished_at \
         FROM reset_mailings WHERE migration_id = ",
    );
    sql.bind(id.to_string());
    let Some(row) = sql.optional::<MailingRow>(conn).await? else { return Ok(None) };
    let at = Place { table: "reset_mailings", row: &row.migration_id };
    let sent = at.number("wave_sent", row.wave_sent)?;
    Ok(Some(Mailing {
        migration: at.word("migration_id", &row.migration_id)?,
        bid: at.word("bid", &row.bid)?,
        state: at.word("state", &row.state)?,
        wave: row.wave_day.map(|day| (day, sent)),
        waves: at.number("waves", row.waves)?,
        why: row.why,
        started_by: at.json("started_by", &row.started_by)?,
        started_at: Timestamp::from_micros(row.started_at),
        finished_at: instant(row.finished_at),
    }))
}

/// Writes how the e-mails of a move stand.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn put_mailing(tx: &mut Tx, it: &Mailing) -> Result<(), StorageError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut sql = Sql::new(
        "INSERT INTO reset_mailings (migration_id, bid, state, wave_day, wave_sent, waves, why, started_by, \
         started_at, finished_at) VALUES ",
    );
    sql.tuple([
        it.migration.to_string().into(),
        it.bid.as_str().into(),
        it.state.as_str().into(),
        it.wave.as_ref().map(|(day, _)| day.clone()).into(),
        number(it.wave.as_ref().map_or(0, |(_, sent)| *sent)).into(),
        number(it.waves).into(),
        it.why.as_deref().map(storable).into(),
        to_json(&it.started_by)?.into(),
        it.started_at.micros().into(),
        it.finished_at.map(Timestamp::micros).into(),
    ]);
    sql.push(
        " ON CONFLICT (migration_id) DO UPDATE SET state = excluded.state, wave_day = excluded.wave_day, \
         wave_sent = excluded.wave_sent, waves = excluded.waves, why = excluded.why, \
         started_by = excluded.started_by, started_at = excluded.started_at, finished_at = excluded.finished_at",
    );
    sql.run(tx).await?;
    live::touch(tx, Topic::Biller(it.bid.clone()));
    live::touch(tx, Topic::Migrations);
    Ok(())
}

/// The state now, locked until the end of the transaction where the database can lock rows.
///
/// # Errors
/// As [`mailing`].
pub async fn mailing_now(tx: &mut Tx, id: MigrationId) -> Result<Option<MailingState>, StorageError> {
    let mut sql = Sql::new("UPDATE reset_mailings SET state = state WHERE migration_id = ");
    sql.bind(id.to_string()).push(" RETURNING state");
    let key = id.to_string();
    let at = Place { table: "reset_mailings", row: &key };
    sql.optional::<(String,)>(tx).await?.map(|(state,)| at.word("state", &state)).transpose()
}

/// Everybody of a move who arrived and has to set a password is to be written to; the answer is how many are new.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn add_mails(tx: &mut Tx, id: MigrationId) -> Result<u64, StorageError> {
    let mut sql = Sql::new(
        "INSERT INTO reset_mails (migration_id, line, user_id, state, looks) \
         SELECT migration_id, line, user_id, 'waiting', 0 FROM user_migration_rows \
         WHERE verdict = 'reset' AND state = 'verified' AND migration_id = ",
    );
    sql.bind(id.to_string()).push(" ON CONFLICT (migration_id, line) DO NOTHING");
    sql.run(tx).await
}

/// E-mails in a state, in the order of the file.
///
/// # Errors
/// As [`mailing`].
pub async fn mails(
    conn: &mut Conn,
    id: MigrationId,
    state: MailState,
    limit: usize,
) -> Result<Vec<Mail>, StorageError> {
    let mut sql = Sql::new("SELECT line, user_id, sent_at, looks FROM reset_mails WHERE migration_id = ");
    sql.bind(id.to_string()).push(" AND state = ").bind(state.as_str());
    sql.push(" ORDER BY line LIMIT ").bind(decode::limit(limit));
    read(sql, conn).await
}

/// E-mails of which it is time to look whether the person has set a password.
///
/// # Errors
/// As [`mailing`].
pub async fn mails_to_look_at(
    conn: &mut Conn,
    id: MigrationId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Mail>, StorageError> {
    let mut sql = Sql::new("SELECT line, user_id, sent_at, looks FROM reset_mails WHERE migration_id = ");
    sql.bind(id.to_string()).push(" AND state = 'sent' AND look_at <= ").bind(now.micros());
    sql.push(" ORDER BY look_at, line LIMIT ").bind(decode::limit(limit));
    read(sql, conn).await
}

async fn read(sql: Sql, conn: &mut Conn) -> Result<Vec<Mail>, StorageError> {
    let rows: Vec<(i64, String, Option<i64>, i64)> = sql.all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(line, user, sent_at, looks)| Mail { line, user, sent_at: instant(sent_at), looks })
        .collect())
}

/// When the next look is due.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn next_look(conn: &mut Conn, id: MigrationId) -> Result<Option<Timestamp>, StorageError> {
    let mut sql = Sql::new(
        "SELECT look_at FROM reset_mails WHERE state = 'sent' AND look_at IS NOT NULL AND migration_id = ",
    );
    sql.bind(id.to_string()).push(" ORDER BY look_at LIMIT 1");
    Ok(sql.optional::<(i64,)>(conn).await?.map(|(at,)| Timestamp::from_micros(at)))
}

/// Writes what became of e-mails, with the numbers.
///
/// # Errors
/// [`StorageError::RowsAffected`] when one is not there.
pub async fn set_mails(
    tx: &mut Tx,
    id: MigrationId,
    ends: &[MailEnd],
    tally: Tally,
) -> Result<(), StorageError> {
    for end in ends {
        let mut sql = Sql::new("UPDATE reset_mails SET state = ");
        sql.bind(end.state.as_str()).push(", sent_at = ").bind(end.sent_at.map(Timestamp::micros));
        sql.push(", look_at = ").bind(end.look_at.map(Timestamp::micros)).push(", looks = ").bind(end.looks);
        sql.push(", problem = ").bind(end.problem.as_deref().map(storable));
        sql.push(" WHERE migration_id = ").bind(id.to_string()).push(" AND line = ").bind(end.line);
        exactly(1, sql.run(tx).await?, "Writing what became of a reset e-mail")?;
    }
    tally.write(tx, id).await
}

/// Those whose e-mail failed, or lapsed unused, or of which nothing is known, are to be written to again; the answer is
/// how many were in each state.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn mail_again(tx: &mut Tx, id: MigrationId) -> Result<Vec<(MailState, u64)>, StorageError> {
    let mut found = Vec::new();
    for state in [MailState::Failed, MailState::Unsure, MailState::Sent] {
        let mut sql = Sql::new(
            "UPDATE reset_mails SET state = 'waiting', look_at = NULL, looks = 0, problem = NULL WHERE migration_id = ",
        );
        sql.bind(id.to_string()).push(" AND look_at IS NULL AND state = ").bind(state.as_str());
        found.push((state, sql.run(tx).await?));
    }
    Ok(found)
}

/// What went wrong, the most frequent first, with how often.
///
/// # Errors
/// [`StorageError::Driver`].
pub async fn mail_problems(conn: &mut Conn, id: MigrationId) -> Result<Vec<(String, u64)>, StorageError> {
    let mut sql =
        Sql::new("SELECT problem, COUNT(*) FROM reset_mails WHERE state = 'failed' AND migration_id = ");
    sql.bind(id.to_string()).push(" AND problem IS NOT NULL GROUP BY problem ORDER BY 2 DESC, 1 LIMIT 5");
    let rows: Vec<(String, i64)> = sql.all(conn).await?;
    Ok(rows.into_iter().map(|(problem, n)| (problem, u64::try_from(n).unwrap_or(0))).collect())
}
