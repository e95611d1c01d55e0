//! Check: what becomes of every row. The same findings are the dry run, and what the run does.

use std::collections::HashSet;

use domain::{
    MigrationId,
    migration::{
        Bound, Case, Cause, MigrationState, PasswordKind, PasswordSource, Person, Problem, Read, RowState,
        read,
    },
};
use storage::{
    Bookkeeping,
    user_migrations::{self, Checked, Count, Prediction, StagedUser, Tally, UserMigration},
};

use super::{
    again, hashing, hold,
    judge::{self, Ground, Opened},
    missing,
    predict::{self, Looked},
    vault::{Row, Vault, open_password},
};
use crate::{Console, ServiceError, worker::After};

/// Rows that are checked in one transaction.
const BATCH: usize = 500;

pub(super) async fn tick(console: &Console, it: UserMigration) -> Result<After, ServiceError> {
    let columns = match it.mapping.bind(&it.header) {
        Ok(columns) => columns,
        Err(error) => return hold(console, &it, error.to_string(), "Choose the columns again.").await,
    };
    let known = match predict::look(console, &it).await? {
        Looked::Whole(known) => known,
        Looked::Later(after) => return Ok(after),
    };
    let until = console.now().plus(super::SLICE);
    loop {
        let rows = {
            let mut conn = console.store.read().await?;
            user_migrations::by_state(&mut conn, it.id, RowState::Staged, 0, BATCH).await?
        };
        if rows.is_empty() {
            return finish(console, &it).await;
        }
        let opened = open(console, (it.id, known.case), &columns, rows).await?;
        if !write(console, &it, &known, opened).await? {
            return Ok(After::Finished);
        }
        if console.now() >= until {
            return Ok(again(console));
        }
    }
}

/// Opens and reads the rows. Encrypted passwords are hashed here, at once, on all processors: that takes a while.
async fn open(
    console: &Console,
    (id, case): (MigrationId, Case),
    columns: &Bound,
    rows: Vec<StagedUser>,
) -> Result<Vec<Opened>, ServiceError> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut parts: Vec<Vec<StagedUser>> = (0..processors).map(|_| Vec::new()).collect();
    for (n, row) in rows.into_iter().enumerate() {
        parts[n % processors].push(row);
    }
    let mut tasks = Vec::new();
    for part in parts {
        let (console, columns) = (console.clone(), columns.clone());
        tasks.push(tokio::task::spawn_blocking(move || {
            let vault = Vault::new(&console.settings.migration.key);
            part.into_iter()
                .map(|staged| open_one(&console, &vault, (id, case), &columns, staged))
                .collect::<Vec<_>>()
        }));
    }
    let mut opened = Vec::new();
    for task in tasks {
        opened.extend(task.await.map_err(|error| ServiceError::Field {
            field: "rows",
            problem: format!("a row could not be checked: {error}"),
        })?);
    }
    opened.sort_unstable_by_key(|it: &Opened| it.staged.line);
    Ok(opened)
}

fn open_one(
    console: &Console,
    vault: &Vault,
    (id, case): (MigrationId, Case),
    columns: &Bound,
    staged: StagedUser,
) -> Opened {
    let Some(mut row) = staged.sealed.as_deref().and_then(|text| vault.open(id, staged.line, text)) else {
        let problem =
            Problem::new(Cause::NotDecrypted, "the staged row does not open with the configured key");
        let read = Read {
            reference: None,
            person: None,
            kind: PasswordKind::Unknown,
            password: PasswordSource::Reset(PasswordKind::Unknown),
            problems: vec![problem],
        };
        return Opened { staged, read, resealed: None, claims: Vec::new() };
    };
    let mut found = read(columns, &row.cells);
    let mut resealed = None;
    if let (PasswordSource::Encrypted(sealed), Some(_), None) = (&found.password, &found.person, &row.hashed)
    {
        let key = console.settings.migration.password_key.as_ref();
        match key.and_then(|key| open_password(key, sealed)).map(|clear| hashing::rehash(console, &clear)) {
            Some(Some(hash)) => {
                row.hashed = Some(hash);
                resealed = vault.seal(console.entropy.as_ref(), id, staged.line, &row);
            }
            // Too long for bcrypt: nothing but a reset is safe.
            Some(None) => found.password = PasswordSource::Reset(PasswordKind::OtherHash),
            None => {
                let why = if key.is_none() { "no key is configured" } else { "the key does not fit" };
                found.problems.push(Problem::new(Cause::NotDecrypted, why));
                found.person = None;
            }
        }
    }
    let claims =
        found.person.as_ref().map(|person| judge::claims(vault, id, case, person)).unwrap_or_default();
    Opened { staged, read: found, resealed, claims }
}

/// Writes findings down; `false` when somebody cancelled meanwhile.
async fn write(
    console: &Console,
    it: &UserMigration,
    known: &Prediction,
    opened: Vec<Opened>,
) -> Result<bool, ServiceError> {
    let vault = Vault::new(&console.settings.migration.key);
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Checking) {
        return Ok(false);
    }
    let claims: Vec<(String, String, i64)> = opened
        .iter()
        .flat_map(|row| row.claims.iter().map(|it| (it.folded.clone(), it.exact.clone(), row.staged.line)))
        .collect();
    let holders = user_migrations::claim(&mut tx, it.id, &claims).await?;
    let references: Vec<&str> = opened.iter().filter_map(|row| row.read.reference.as_deref()).collect();
    let moved = user_migrations::find_moved(&mut tx, &it.bid, &references).await?;
    let seen: Vec<&str> = moved.keys().map(String::as_str).collect();
    user_migrations::note_seen(&mut tx, &it.bid, it.id, &seen).await?;
    let hosted_login = storage::use_cases::effects::of(&mut tx, &it.bid).await?.governs_login;
    let mut ground = Ground { it, vault: &vault, known, holders, moved, hosted_login };
    let there: Vec<String> = ground.moved.values().map(|before| ground.user_claim(before)).collect();
    ground.holders.extend(user_migrations::holders(&mut tx, it.id, &there).await?);
    let mut tally = Tally::default();
    let rows: Vec<Checked> = opened.iter().map(|row| ground.judge(row)).collect();
    rows.iter().for_each(|row| count(&mut tally, row));
    let resealed: Vec<(i64, String)> =
        opened.iter().filter_map(|row| Some((row.staged.line, row.resealed.clone()?))).collect();
    user_migrations::replace_sealed(&mut tx, it.id, &resealed).await?;
    user_migrations::put_checked(&mut tx, it.id, &rows, tally).await?;
    let parallel = usize::try_from(it.parallel).unwrap_or(1);
    user_migrations::got_on(&mut tx, it, 0, parallel, None, console.now()).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(true)
}

/// The keyed hash by which the same row is recognised in a later delivery.
pub(super) fn source(vault: &Vault, staged: &StagedUser, person: &Person, it: &UserMigration) -> String {
    let row: Option<Row> = staged.sealed.as_deref().and_then(|text| vault.open(it.id, staged.line, text));
    let columns = it.mapping.bind(&it.header).ok();
    let secret = |field| {
        let (columns, row) = (columns.as_ref()?, row.as_ref()?);
        columns.text(field, &row.cells).map(str::to_owned)
    };
    let password = secret(domain::migration::SourceField::Password).unwrap_or_default();
    let salt = secret(domain::migration::SourceField::Salt).unwrap_or_default();
    vault.fingerprint(&[&serde_json::to_string(person).unwrap_or_default(), &password, &salt])
}

fn count(tally: &mut Tally, row: &Checked) {
    tally.by(Count::State(RowState::Staged), -1);
    tally.add(Count::State(row.state), row.line);
    tally.add(Count::Verdict(row.verdict), row.line);
    tally.add(Count::Kind(row.kind), row.line);
    let causes: HashSet<Cause> = row.problems.iter().map(|problem| problem.cause).collect();
    for cause in causes {
        tally.add(Count::Cause(cause), row.line);
    }
}

async fn finish(console: &Console, it: &UserMigration) -> Result<After, ServiceError> {
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Checking) {
        return Ok(After::Finished);
    }
    let Some(fresh) = user_migrations::find(&mut tx, it.id).await? else { return Ok(After::Finished) };
    let missing = Some(missing::count(&mut tx, &fresh).await?);
    let checked =
        UserMigration { state: MigrationState::Checked, missing, moved_on_at: console.now(), ..fresh };
    user_migrations::save(&mut tx, MigrationState::Checking, &checked).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(After::Finished)
}
