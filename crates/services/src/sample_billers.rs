//! Made-up billers for the sandbox, so that a new console is not empty.

use domain::legacy::LegacyPassword;
use storage::{Bookkeeping, billers, users};

use crate::{
    Console, ServiceError,
    billers_csv::{BillersCsv, FileError},
};

/// Invented names of all shapes: long ones, accents, ampersands, quotes, two of a kind.
const SAMPLE: &str = include_str!("sample_billers.csv");

/// A portfolio that some of them are in; others are in another, or in none.
pub const PORTFOLIO: &str = "Coast";

/// Users of each sample biller whose password at IC is known.
const USERS: usize = 12;

/// Puts the sample billers into an empty console; does nothing in any other.
///
/// # Errors
/// [`ServiceError::Storage`]; nothing is kept then.
pub async fn seed(console: &Console) -> Result<(), ServiceError> {
    let mut tx = console.store.begin().await?;
    if billers::counts(&mut tx, None).await?.total > 0 {
        return Ok(());
    }
    let drafts = drafts()
        .await
        .map_err(|error| ServiceError::Field { field: "sample", problem: error.to_string() })?;
    billers::upsert_many(&mut tx, &drafts, console.now()).await?;
    for (place, draft) in drafts.iter().enumerate() {
        for user in 0..USERS {
            users::put(&mut tx, &draft.bid, &format!("user-{user}"), password(place, user)).await?;
        }
    }
    tx.commit_bookkeeping(Bookkeeping::SampleData).await?;
    Ok(())
}

async fn drafts() -> Result<Vec<domain::biller::BillerDraft>, FileError> {
    let mut file = BillersCsv::open(SAMPLE.as_bytes()).await?;
    let mut drafts = Vec::new();
    while let Some(row) = file.next().await? {
        drafts.extend(row.result);
    }
    Ok(drafts)
}

/// Another mix for each biller: the impact sheet has something to tell.
const fn password(place: usize, user: usize) -> LegacyPassword {
    match (place + user * 3) % 8 {
        0 => LegacyPassword::Missing,
        1 | 2 => LegacyPassword::Stale,
        _ => LegacyPassword::Current,
    }
}
