//! A user is made or changed by a person.

use domain::{
    Bid,
    account::{AccountStatus, Origin, Said, Side, check, check_reference, may_edit},
    actor::{Actor, Capability},
    audit::AuditAction,
    legacy::LegacyPassword,
};
use serde_json::json;
use storage::accounts::{self, Account};

use super::{Ground, ask, entry, held, mint};
use crate::{Console, ServiceError, reach};

/// Makes a user that is new: an activation can be sent as soon as SecureAuth has it. The answer is its id there.
///
/// # Errors
/// [`ServiceError::Fields`] with every wrong field; [`ServiceError::Field`] when IC's id is taken;
/// [`ServiceError::Refused`] when the rules forbid it.
pub async fn create(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    reference: &str,
    said: &Said,
    reason: Option<String>,
) -> Result<String, ServiceError> {
    actor.may(Capability::EditUsers)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let ground = Ground::of(&mut tx, biller).await?;
    may_edit(actor, &ground.of_account(None, None), false)?;
    let side =
        check(&Said { status: Some("new".to_owned()), ..said.clone() }).map_err(ServiceError::Fields)?;
    if side.profile.email.is_none() {
        let problem = "Give an e-mail address: the activation is sent there.".to_owned();
        return Err(ServiceError::Field { field: "email", problem });
    }
    let (ids, now) = (mint(console), console.now());
    let reference = if reference.trim().is_empty() {
        format!("made-{}", ids.user.simple())
    } else {
        reference.to_owned()
    };
    let reference = check_reference(&reference).map_err(|wrong| ServiceError::Fields(vec![wrong]))?;
    if accounts::hold(&mut tx, bid, &reference).await?.is_some() {
        let problem = "There is a user with this id of IC. Search for it.".to_owned();
        return Err(ServiceError::Field { field: "reference", problem });
    }
    let unknown = Account::unknown(bid.clone(), reference, ids, Origin::Made, now);
    let account = Account { version: 1, ..unknown };
    accounts::put(&mut tx, &account).await?;
    storage::users::put(&mut tx, bid, &account.reference, LegacyPassword::Missing).await?;
    ask(console, &mut tx, actor, &account, side, None).await?;
    let user = account.ids.user.to_string();
    let said = json!({"user": user, "act": "create"});
    tx.commit_audited(entry(now, actor, AuditAction::UserAsked, bid, said).because(reason)).await?;
    console.wake_workers();
    Ok(user)
}

/// Changes a user at SecureAuth. IC is not told: what it says next of the user takes this one's place.
///
/// # Errors
/// As [`create`].
pub async fn edit(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    user: &str,
    said: &Said,
    reason: Option<String>,
) -> Result<(), ServiceError> {
    actor.may(Capability::EditUsers)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    let ground = Ground::of(&mut tx, biller).await?;
    let account = super::act::held_account(&mut tx, bid, user).await?;
    let change = accounts::find_change(&mut tx, bid, &account.reference).await?;
    may_edit(actor, &ground.of_account(Some(&account), change.as_ref()), true)?;
    let checked = check(said).map_err(ServiceError::Fields)?;
    let now_is = change.as_ref().map(|it| &it.wanted).or(account.side());
    let status = now_is.map_or(AccountStatus::Active, |side| side.status);
    let wanted = held(&Side { status, profile: checked.profile }, account.hold);
    let changed = domain::account::differences(Some(&wanted), now_is);
    let account = Account { changed_at: console.now(), version: account.version + 1, ..account };
    accounts::put(&mut tx, &account).await?;
    ask(console, &mut tx, actor, &account, wanted, None).await?;
    let said = json!({"user": user, "act": "edit", "changed": changed});
    tx.commit_audited(entry(console.now(), actor, AuditAction::UserAsked, bid, said).because(reason)).await?;
    console.wake_workers();
    Ok(())
}
