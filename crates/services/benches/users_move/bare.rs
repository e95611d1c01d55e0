//! What is compared with: rows inserted and batches posted, with nothing around them.

use std::{
    str::FromStr as _,
    time::{Duration, Instant},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use sqlx::{
    QueryBuilder, Sqlite, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    Outcome,
    world::{PARALLEL, World},
};

/// The same rows in the same table with the same keys, as long as an encrypted one, a thousand to a transaction.
pub(crate) async fn inserts(world: &World, name: &str, users: usize) -> Outcome<Duration> {
    let file = format!("sqlite:{}", world.folder.path().join(format!("bare-{name}.db")).display());
    let options = SqliteConnectOptions::from_str(&file)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePool::connect_with(options).await?;
    for statement in TABLE {
        sqlx::query(*statement).execute(&pool).await?;
    }
    let (sealed, records) = ("x".repeat(250), "f".repeat(160));
    let begun = Instant::now();
    let lines: Vec<i64> = (0..i64::try_from(users)?).collect();
    for batch in lines.chunks(1_000) {
        let mut tx = pool.begin().await?;
        for part in batch.chunks(500) {
            let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(
                "INSERT INTO user_migration_rows (migration_id, line, state, sealed, user_id, record_ids, without_phone) ",
            );
            sql.push_values(part, |mut row, line| {
                row.push_bind("0191f0a0-0000-7000-8000-000000000000")
                    .push_bind(*line)
                    .push_bind("staged")
                    .push_bind(sealed.as_str())
                    .push_bind(uuid(name, *line, 0))
                    .push_bind(records.as_str())
                    .push_bind(false);
            });
            sql.build().execute(&mut *tx).await?;
        }
        tx.commit().await?;
    }
    let took = begun.elapsed();
    pool.close().await;
    Ok(took)
}

const TABLE: &[&str] = &[
    "CREATE TABLE user_migration_rows (migration_id TEXT NOT NULL, line BIGINT NOT NULL, state TEXT NOT NULL, \
     verdict TEXT, kind TEXT, sealed TEXT, user_id TEXT NOT NULL, record_ids TEXT NOT NULL, reference TEXT, \
     digest TEXT, without_phone BOOLEAN NOT NULL, baseline BIGINT, problems TEXT, PRIMARY KEY (migration_id, line))",
    "CREATE UNIQUE INDEX of_user ON user_migration_rows (migration_id, user_id)",
    "CREATE INDEX by_state ON user_migration_rows (migration_id, state, line)",
];

/// An id in which random ones and these are alike: they land anywhere in an index.
fn uuid(name: &str, n: i64, of: u8) -> String {
    let mut bytes = [0; 16];
    let mut z = n.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(of);
    for (place, byte) in bytes.iter_mut().enumerate() {
        z = (z ^ (z >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(name.len() as u64);
        *byte = z.to_le_bytes()[7] ^ u8::try_from(place).unwrap_or(0);
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Requests of a hundred users each, ready to be sent.
pub(crate) fn bodies(world: &World, pool: &str, users: usize) -> Vec<String> {
    let all: Vec<i64> = (0..i64::try_from(users).unwrap_or(0)).collect();
    all.chunks(100).map(|batch| body(&world.address.tenant, pool, batch).to_string()).collect()
}

fn body(tenant: &str, pool: &str, batch: &[i64]) -> Value {
    let stamp = "2026-11-23T12:00:00Z";
    let mut lists: [Vec<Value>; 4] = Default::default();
    for n in batch {
        let user = uuid(pool, *n, 0);
        let record = |of: u8, mut fields: Value| {
            let own = json!({"id": uuid(pool, *n, of), "tenant_id": tenant, "user_pool_id": pool, "user_id": user,
                "created_at": stamp, "updated_at": stamp});
            if let (Value::Object(fields), Value::Object(own)) = (&mut fields, own) {
                fields.extend(own);
            }
            fields
        };
        let (name, mail) = (format!("user{n}"), format!("user{n}@mail.example"));
        lists[0].push(json!({"id": user, "tenant_id": tenant, "user_pool_id": pool, "status": "active",
            "payload": {"given_name": "Ann", "family_name": format!("Number {n}")},
            "metadata": {"ic_ref": n.to_string()}, "created_at": stamp, "updated_at": stamp,
            "status_updated_at": stamp}));
        lists[1].push(record(1, json!({"identifier": name, "identifier_lc": name, "type": "uid"})));
        lists[1].push(record(2, json!({"identifier": mail, "identifier_lc": mail, "type": "email"})));
        lists[2].push(record(
            3,
            json!({"address": mail, "address_lc": mail, "type": "email", "status": "active",
            "verified": false}),
        ));
        let hash = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        lists[3].push(record(4, json!({"type": "password", "state": "valid",
            "payload": {"hashed_password": {"value": hash, "config": {"method": "bcrypt", "bcrypt": {"cost": 10}}}}})));
    }
    let [users, identifiers, addresses, credentials] = lists;
    json!({"users": users, "user_identifiers": identifiers, "user_verifiable_addresses": addresses,
        "user_credentials": credentials})
}

/// Posts them, as many at a time as the console does.
pub(crate) async fn posts(world: &World, bodies: &[String]) -> Outcome<Duration> {
    let http = reqwest::Client::new();
    let address = &world.address;
    let token: Value = http
        .post(format!("{}/oauth2/token", address.system_issuer))
        .basic_auth(&address.system.0, Some(&address.system.1))
        .form(&[("grant_type", "client_credentials"), ("scope", "manage_configuration")])
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let token = token["access_token"].as_str().ok_or("no token")?.to_owned();
    let url = format!("{}/api/identity/{}/configuration", address.base, address.tenant);
    let begun = Instant::now();
    stream::iter(bodies.iter().cloned())
        .map(|body| {
            let sent =
                http.put(&url).bearer_auth(&token).header("content-type", "application/json").body(body);
            // On tasks of their own, as the console's batches are.
            async move { tokio::spawn(async move { sent.send().await?.error_for_status() }).await }
        })
        .buffer_unordered(PARALLEL)
        .map(|joined| -> Outcome<()> {
            joined??;
            Ok(())
        })
        .try_collect::<()>()
        .await?;
    Ok(begun.elapsed())
}
