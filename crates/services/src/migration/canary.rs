//! Canary: before any user is sent, a made-up user with a known password of each detected kind is imported, signed in
//! with, and removed again. What the vendor's documents leave open is so proven on the very tenant.

use domain::{
    MigrationId,
    migration::{
        MigrationState, PasswordKind, PasswordSource, SaltEncoding, SaltOrder, StatedDigest, detect,
    },
};
use secureauth::{
    IdentifierImport, IdentifierKind, PasswordImport, PasswordResult, PasswordState, PoolId, UserId,
    UserImport, UserStatus,
};
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};
use storage::{
    Bookkeeping,
    user_migrations::{self, Canary, Count, UserMigration},
};

use super::{again, hashing, hold, pool, wait, waits};
use crate::{Console, ServiceError, worker::After};

pub(super) async fn tick(console: &Console, it: UserMigration) -> Result<After, ServiceError> {
    if let Some(why) = waits(console, &it).await? {
        return wait(console, &it, why).await;
    }
    let pool = pool(&it)?;
    let counts = user_migrations::counts(&mut *console.store.read().await?, it.id).await?;
    let mut canaries = it.canaries.clone();
    for kind in PasswordKind::ALL.iter().filter(|kind| kind.is_kept()) {
        if !counts.contains_key(&Count::Kind(*kind)) {
            continue;
        }
        if canaries.iter().any(|done| done.kind == *kind && done.problem.is_none()) {
            continue;
        }
        let problem = match prove(console, &it, &pool, *kind).await {
            Ok(problem) => problem,
            Err(error) if error.is_retryable() || error.outcome_unknown() => {
                return wait(console, &it, &format!("SecureAuth does not answer the canary: {error}")).await;
            }
            Err(error) => Some(error.to_string()),
        };
        canaries.retain(|done| done.kind != *kind);
        canaries.push(Canary { kind: *kind, problem });
    }
    finish(console, &it, canaries).await
}

/// Tries one kind; the answer is what is wrong with it.
async fn prove(
    console: &Console,
    it: &UserMigration,
    pool: &PoolId,
    kind: PasswordKind,
) -> Result<Option<String>, secureauth::CallError> {
    let Some(user) = canary_id(it.id, kind) else { return Ok(Some("our id is not taken".to_owned())) };
    let name = format!("canary-{user}");
    let password = console.random_text::<18>();
    let Some(hash) = hash(console, kind, &password) else {
        return Ok(Some("our own hash of this kind is not recognised".to_owned()));
    };
    let state = PasswordState::Valid;
    // Pools may ask for names.
    let names = ["given_name", "family_name"].map(|field| (field.to_owned(), json!("Canary")));
    let payload = Map::from_iter(names);
    let import = UserImport {
        id: user.clone(),
        status: UserStatus::Active,
        payload,
        metadata: Map::new(),
        identifiers: vec![IdentifierImport {
            id: format!("{user}-i"),
            identifier: name.clone(),
            kind: IdentifierKind::Uid,
        }],
        addresses: Vec::new(),
        password: Some(PasswordImport { id: format!("{user}-c"), hash, state }),
        stamp: it.stamp,
    };
    let vendor = &console.vendor;
    vendor.import_users(pool, &[import]).await?;
    let right = vendor.verify_password(pool, &name, &password).await;
    let wrong = vendor.verify_password(pool, &name, "certainly not this one").await;
    vendor.delete_user(pool, &user).await?;
    let (right, wrong) = (right?.result, wrong?.result);
    Ok(match (right, wrong) {
        (PasswordResult::Correct, PasswordResult::Incorrect) => None,
        (PasswordResult::Correct, _) => Some("SecureAuth also accepts a wrong password".to_owned()),
        (result, _) => Some(format!("SecureAuth does not accept the right password ({result})")),
    })
}

fn hash(console: &Console, kind: PasswordKind, password: &str) -> Option<domain::migration::PasswordHash> {
    let known = hashing::known(console, kind, password)?;
    let stated = StatedDigest { order: SaltOrder::PasswordFirst, encoding: SaltEncoding::Text };
    let stated = (!known.salt.is_empty()).then_some(stated);
    match detect(&known.text, &known.salt, stated) {
        // An encrypted password is sent as bcrypt.
        (found, PasswordSource::Hash(hash)) if found == kind || kind == PasswordKind::Encrypted => Some(hash),
        _ => None,
    }
}

/// The same at every attempt, so that a canary left over by a crash is replaced and removed by the next.
fn canary_id(id: MigrationId, kind: PasswordKind) -> Option<UserId> {
    let digest = Sha256::digest(format!("canary {id} {kind}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    UserId::parse(&uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()).ok()
}

async fn finish(console: &Console, it: &UserMigration, canaries: Vec<Canary>) -> Result<After, ServiceError> {
    let failed: Vec<String> = canaries
        .iter()
        .filter_map(|canary| Some(format!("{}: {}.", canary.kind.label(), canary.problem.as_ref()?)))
        .collect();
    let mut tx = console.store.begin().await?;
    if user_migrations::state_now(&mut tx, it.id).await? != Some(MigrationState::Canary) {
        return Ok(After::Finished);
    }
    let Some(fresh) = user_migrations::find(&mut tx, it.id).await? else { return Ok(After::Finished) };
    let now = console.now();
    let state = if failed.is_empty() { MigrationState::Running } else { MigrationState::Canary };
    let session = failed.is_empty().then_some((now, 0));
    let next = UserMigration { state, canaries, session, throttle: None, moved_on_at: now, ..fresh };
    user_migrations::save(&mut tx, MigrationState::Canary, &next).await?;
    tx.commit_bookkeeping(Bookkeeping::UsersMove).await?;
    if failed.is_empty() {
        return Ok(again(console));
    }
    let message = format!("A known password was not accepted. {}", failed.join(" "));
    let cure = "No user was sent. Ask SecureAuth how a hash of this kind is to be written, or leave the password \
        column out of the mapping so that every user gets a reset.";
    hold(console, &next, message, cure).await
}
