//! Passwords: stored as salted hashes, checked in constant shape (vendor contract, passwords).

use domain::Timestamp;
use serde_json::{Map, Value, json};

use super::{hashes, pools, users};
use crate::{
    call::Call,
    digest::{fingerprint, hex},
    fields::VERIFY_PASSWORD,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// Where the hash is kept, with its salt.
const HASH: &str = "_password";

/// 1900-01-01T00:00:00Z in seconds.
const NEVER_EXPIRES: i64 = -2_208_988_800;

/// What a check of a password gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// It is right.
    Correct,
    /// It is wrong.
    Incorrect,
    /// The user has none.
    NoPassword,
}

/// `POST …/pools/{ipID}/user/password/v2/verify`.
pub(crate) fn verify(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let pool = pools::find(call.store, &call.param("ipID"))?.clone();
    let body = call.body(VERIFY_PASSWORD)?;
    let id = [body.text("userID"), body.text("id")].into_iter().find(|id| !id.is_empty());
    let user = match (id, body.text("identifier")) {
        (None, "") => return Err(Refusal::invalid("identifier or userID is required").at("identifier")),
        (None, identifier) => users::by_identifier(call.store, &pool, identifier),
        (Some(id), _) => call.store.get(Table::Users, &users::user_key(pool.text("id"), id)),
    };
    let (id, state, result) = match user {
        None => ("", "valid", "user_not_found"),
        Some(user) => {
            let result = match check(user, body.text("password")) {
                Check::Correct if has_expired(user, call.now()) => "password_expired",
                Check::Correct => "password_correct",
                Check::Incorrect => "password_incorrect",
                Check::NoPassword => "no_password",
            };
            (user.text("id"), state(user), result)
        }
    };
    Ok(Reply::data(Map::from_iter([
        ("id".to_owned(), json!(id)),
        ("state".to_owned(), json!(state)),
        ("result".to_owned(), json!(result)),
    ])))
}

/// Gives a new user the credentials of the creation's body; a clear password becomes a hash.
///
/// # Errors
/// 422 for a password credential without a password, or one against the pool's policy.
pub(crate) fn give(
    call: &Call<'_>,
    pool: &Doc,
    user: &mut Doc,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let mut credentials = Vec::new();
    for given in users::items(body, "credentials") {
        let mut state = "valid";
        if given.flag("must_be_changed") {
            state = "must_be_changed";
        }
        if given.flag("must_be_reset") {
            state = "must_be_reset";
        }
        if given.text("type") == "password" {
            let password = given.text("password");
            obeys(pool, password)?;
            let salt = hex(&call.engine.random::<16>());
            user.insert(HASH.to_owned(), json!({"salt": salt, "hash": hashed(&salt, password)}));
        }
        let mut credential = Doc::from_iter([
            ("id".to_owned(), json!(call.engine.random_hex(16))),
            ("user_id".to_owned(), json!(user.text("id"))),
            ("type".to_owned(), json!(given.text("type"))),
            ("state".to_owned(), json!(state)),
            // Payloads of credentials are answered masked.
            ("payload".to_owned(), json!({})),
        ]);
        for name in ["tenant_id", "user_pool_id", "created_at", "updated_at"] {
            credential.insert(name.to_owned(), json!(user.text(name)));
        }
        credentials.push(Value::Object(credential));
    }
    user.insert("credentials".to_owned(), Value::Array(credentials));
    Ok(())
}

/// Gives a user a new password in place of the one he had, however that came.
///
/// # Errors
/// 422 for a password against the pool's policy.
pub(super) fn replace(call: &Call<'_>, pool: &Doc, user: &mut Doc, given: Value) -> Result<(), Refusal> {
    let others: Vec<Value> = users::items(user, "credentials")
        .filter(|credential| credential.text("type") != "password")
        .map(|credential| Value::Object(credential.clone()))
        .collect();
    user.remove("_hash");
    give(call, pool, user, &Map::from_iter([("credentials".to_owned(), given)]))?;
    if let Some(all) = user.get_mut("credentials").and_then(Value::as_array_mut) {
        all.extend(others);
    }
    Ok(())
}

/// Checks a password of a user.
pub(crate) fn check(user: &Doc, password: &str) -> Check {
    // A hash that was imported stays as it came.
    if let Some(hash) = user.get("_hash") {
        return if hashes::verify(hash, password) { Check::Correct } else { Check::Incorrect };
    }
    match user.get(HASH).and_then(Value::as_object) {
        None => Check::NoPassword,
        Some(kept) if kept.text("hash") == hashed(kept.text("salt"), password) => Check::Correct,
        Some(_) => Check::Incorrect,
    }
}

/// The state of a user's password.
pub(crate) fn state(user: &Doc) -> &str {
    users::items(user, "credentials")
        .find(|credential| credential.text("type") == "password")
        .map_or("valid", |credential| credential.text("state"))
}

/// Whether the password has expired: 1900-01-01 means never (vendor contract, bulk import).
pub(crate) fn has_expired(user: &Doc, now: Timestamp) -> bool {
    let password = users::items(user, "credentials").find(|credential| credential.text("type") == "password");
    password
        .and_then(|credential| credential.text("expires_at").parse::<jiff::Timestamp>().ok())
        .is_some_and(|at| at.as_second() != NEVER_EXPIRES && at.as_microsecond() <= now.micros())
}

fn hashed(salt: &str, password: &str) -> String {
    fingerprint(&format!("{salt}:{password}"))
}

/// Checks a new password against the pool's policy; strength and history are not played.
fn obeys(pool: &Doc, password: &str) -> Result<(), Refusal> {
    if password.is_empty() {
        return Err(Refusal::invalid("a password credential needs a password").at("credentials.password"));
    }
    let Some(policy) = pool.get("password_policy").and_then(Value::as_object) else {
        return Ok(());
    };
    let count = |fits: fn(&char) -> bool| password.chars().filter(fits).count();
    for (rule, has) in [
        ("min_length", password.chars().count()),
        ("capital_letters", count(|c| c.is_uppercase())),
        ("lowercase_letters", count(|c| c.is_lowercase())),
        ("digits", count(char::is_ascii_digit)),
        ("special_characters", count(|c| !c.is_alphanumeric())),
    ] {
        let wanted = usize::try_from(policy.whole(rule)).unwrap_or(0);
        if has < wanted {
            let message = format!("the password policy asks for {rule} {wanted}");
            return Err(Refusal::invalid(message).at("credentials.password"));
        }
    }
    Ok(())
}
