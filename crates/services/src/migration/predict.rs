//! Predict: before rows are judged, the pool is read once: who is there already, and what it demands of its users'
//! fields. What SecureAuth would refuse is then known by the dry run, and the run does the same.
//!
//! The pool is listed, a hundred users a request. Looking every row up would take a request for each of its usernames
//! and addresses, and would not find addresses that are not verified (API.md §11): it costs more as soon as the pool
//! has fewer than a hundred users for each of them, which before a move it has.

use domain::{
    migration::{Case, Cause, MigrationState, Person, Problem, schema},
    object::ObjectKind,
};
use secureauth::{CallError, ErrorKind, PageRequest, PageSize, PoolId, SchemaId, UserView};
use serde_json::{Map, Value};
use storage::{
    Bookkeeping, objects,
    user_migrations::{self, FieldSchema, Prediction, UserMigration},
};

use super::{SLICE, again, hold, judge, send, vault::Vault, wait};
use crate::{Console, ServiceError, worker::After};

/// The namespace of users' ids at SecureAuth.
pub(super) const USERS: &str = "user";

/// The line under which users of the pool claim what is theirs.
pub(super) const POOL_LINE: i64 = 0;

/// How far looking has come.
pub(super) enum Looked {
    /// Rows may be judged by this.
    Whole(Box<Prediction>),
    /// It goes on later.
    Later(After),
}

/// Looks on where it stopped.
pub(super) async fn look(console: &Console, it: &UserMigration) -> Result<Looked, ServiceError> {
    let mut it = it.clone();
    if let Some(whole) = it.prediction.as_ref().filter(|known| known.whole) {
        return Ok(Looked::Whole(Box::new(whole.clone())));
    }
    let until = tokio::time::Instant::now() + SLICE;
    loop {
        let next = match &it.prediction {
            None => begin(console, &it).await?,
            Some(known) => page(console, &it, known).await?,
        };
        let (known, cursor, users) = match next {
            Ok(step) => step,
            Err(error) => return failed(console, &it, &error).await.map(Looked::Later),
        };
        let whole = known.whole;
        if !write(console, &mut it, known, cursor, &users).await? {
            return Ok(Looked::Later(After::Finished));
        }
        match &it.prediction {
            Some(known) if whole => return Ok(Looked::Whole(Box::new(known.clone()))),
            _ if tokio::time::Instant::now() >= until => return Ok(Looked::Later(again(console))),
            _ => {}
        }
    }
}

/// What a step found: the prediction so far, where the next page begins, and the users of this one.
type Step = Result<(Prediction, Option<String>, Vec<UserView>), CallError>;

/// Reads the pool itself and its schemas.
async fn begin(console: &Console, it: &UserMigration) -> Result<Step, ServiceError> {
    let mut known = Prediction { at: console.now(), ..Prediction::default() };
    let mut conn = console.store.read().await?;
    let pool = objects::find(&mut conn, &it.bid, ObjectKind::Pool).await?;
    drop(conn);
    let Some(id) = pool.and_then(|pool| PoolId::parse(&pool.vendor_id).ok()) else {
        known.whole = true;
        return Ok(Ok((known, None, Vec::new())));
    };
    let pool = match console.vendor.get_pool(&id).await {
        Ok(pool) => pool,
        Err(error) => return Ok(Err(error)),
    };
    known.pool = Some(id.to_string());
    known.case = if pool.identifier_case_insensitive { Case::Ignored } else { Case::Counts };
    known.calls = 1;
    for (schema, kept) in
        [(pool.payload_schema_id, &mut known.payload), (pool.metadata_schema_id, &mut known.metadata)]
    {
        let Some(schema) = schema else { continue };
        known.calls += 1;
        match field_schema(console, schema).await {
            Ok(found) => *kept = Some(found),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok((known, None, Vec::new())))
}

/// What a pool demands of some fields. Rules that we may not see are SecureAuth's to judge.
async fn field_schema(console: &Console, id: SchemaId) -> Result<FieldSchema, CallError> {
    match console.vendor.get_schema(&id).await {
        Ok(found) => Ok(FieldSchema {
            id: id.to_string(),
            name: found.name,
            unjudged: schema::unjudged(&found.schema).into_iter().collect(),
            rules: found.schema,
            unread: None,
        }),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden { .. }) => {
            Ok(FieldSchema {
                id: id.to_string(),
                name: id.to_string(),
                rules: Value::Null,
                unjudged: Vec::new(),
                unread: Some(error.to_string()),
            })
        }
        Err(error) => Err(error),
    }
}

/// Reads the next hundred users.
async fn page(console: &Console, it: &UserMigration, known: &Prediction) -> Result<Step, ServiceError> {
    let text = known.pool.clone().unwrap_or_default();
    let pool = PoolId::parse(&text).map_err(|_| ServiceError::not_found("pool", text))?;
    let page = PageRequest { after: it.cursor.clone(), size: PageSize::MAX };
    Ok(console.vendor.view_users(&pool, &page).await.map(|users| {
        let next = page.following(&users);
        let known = Prediction {
            users: known.users + users.items.len() as u64,
            calls: known.calls + 1,
            whole: next.is_none(),
            ..known.clone()
        };
        (known, next.and_then(|page| page.after), users.items)
    }))
}

/// Keeps what a step found; `false` when somebody cancelled meanwhile.
async fn write(
    console: &Console,
    it: &mut UserMigration,
    known: Prediction,
    cursor: Option<String>,
    users: &[UserView],
) -> Result<bool, ServiceError> {
    let vault = Vault::new(&console.settings.migration.key);
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Checking) {
        return Ok(false);
    }
    if it.prediction.is_none() {
        user_migrations::release(&mut tx, it.id, &[POOL_LINE]).await?;
    }
    let mut claims = Vec::new();
    for user in users {
        let left =
            Left { user: user.id.to_string(), changed: user.updated_at.map(domain::Timestamp::micros) };
        let left = left.to_text();
        let mut claim = |space, text: &str| {
            claims.push((vault.claim(it.id, space, text), left.clone(), POOL_LINE));
        };
        claim(USERS, user.id.as_str());
        for text in user.identifiers.iter().chain(user.addresses.iter().map(|(address, _)| address)) {
            claim(judge::SPACE, &known.case.fold(text));
        }
    }
    claims.sort_unstable();
    claims.dedup();
    user_migrations::claim(&mut tx, it.id, &claims).await?;
    it.prediction = Some(known);
    it.cursor = cursor;
    it.moved_on_at = console.now();
    it.throttle = None;
    user_migrations::save(&mut tx, MigrationState::Checking, it).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    Ok(true)
}

async fn failed(console: &Console, it: &UserMigration, error: &CallError) -> Result<After, ServiceError> {
    if error.is_retryable() || error.outcome_unknown() {
        return wait(console, it, &format!("Reading the pool waits: {error}")).await;
    }
    hold(console, it, format!("The pool could not be read. {error}"), &error.cure()).await
}

/// A user of the pool, as its claims tell of it.
pub(super) struct Left {
    /// The id at SecureAuth.
    pub(super) user: String,
    /// When it was last changed there.
    pub(super) changed: Option<i64>,
}

impl Left {
    fn to_text(&self) -> String {
        format!("{} {}", self.user, self.changed.map(|at| at.to_string()).unwrap_or_default())
    }

    /// Reads what [`Left::to_text`] wrote.
    pub(super) fn read(text: &str) -> Self {
        let (user, changed) = text.split_once(' ').unwrap_or((text, ""));
        Self { user: user.to_owned(), changed: changed.parse().ok() }
    }
}

/// What the pool's schemas say against the user as it would be sent.
pub(super) fn misfits(known: &Prediction, person: &Person) -> Vec<Problem> {
    let (payload, metadata) = send::free_fields(person);
    let of = |schema: &Option<FieldSchema>, fields: Map<String, Value>| -> Vec<String> {
        let fields = Value::Object(fields);
        schema.as_ref().map(|schema| schema::breaches(&schema.rules, &fields)).unwrap_or_default()
    };
    let breaches = of(&known.payload, payload).into_iter().chain(of(&known.metadata, metadata));
    breaches.map(|breach| Problem::new(Cause::BreaksSchema, breach)).collect()
}
