//! Users that a move brought become accounts, in the commit that says that they arrived.

use std::collections::HashMap;

use domain::{
    Bid, Timestamp,
    account::{AccountStatus, Origin, Profile, Side},
    migration::{Person, PersonStatus},
};
use storage::{
    Tx,
    accounts::{self, Account},
    user_migrations::RowIds,
};

use crate::ServiceError;

/// The account of a user that is at SecureAuth as it was sent.
pub(crate) fn moved(bid: &Bid, ids: RowIds, person: &Person, sent: Timestamp, now: Timestamp) -> Account {
    let side = Side {
        status: match person.status {
            PersonStatus::Active => AccountStatus::Active,
            PersonStatus::Inactive => AccountStatus::Inactive,
            PersonStatus::New => AccountStatus::New,
        },
        profile: Profile {
            username: person.username.clone(),
            email: person.email.clone(),
            email_verified: person.email_verified && person.email.is_some(),
            phone: person.phone.clone(),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
        },
    };
    Account {
        ic: Some(side.clone()),
        ic_at: Some(now),
        vendor: Some(side),
        vendor_at: Some(now),
        password_at: Some(sent),
        ..Account::unknown(bid.clone(), person.reference.clone(), ids, Origin::Moved, now)
    }
}

/// Writes accounts of moved users. What IC told of a user itself is newer than the file it delivered before, and what
/// a person decided here stays.
pub(crate) async fn put_moved(tx: &mut Tx, bid: &Bid, moved: Vec<Account>) -> Result<(), ServiceError> {
    let references: Vec<&str> = moved.iter().map(|it| it.reference.as_str()).collect();
    let known = accounts::of_references(tx, bid, &references).await?;
    let mut known: HashMap<String, Account> =
        known.into_iter().map(|it| (it.reference.clone(), it)).collect();
    let accounts: Vec<Account> = moved
        .into_iter()
        .map(|account| match known.remove(&account.reference) {
            None => account,
            Some(before) if before.ic_version.is_some() => {
                Account { vendor: account.vendor, vendor_at: account.vendor_at, ..before }
            }
            Some(before) => Account {
                hold: before.hold,
                created_at: before.created_at,
                password_at: account.password_at.max(before.password_at),
                ..account
            },
        })
        .collect();
    accounts::put_many(tx, bid, &accounts).await?;
    Ok(())
}
