//! The list of a biller's users: personal data masked.

use domain::{
    Bid, Timestamp,
    access::Refusal,
    account::{AccountStanding, AccountStatus, Hold, masked_email, masked_text, may_edit},
    actor::{Actor, Capability},
    biller::Biller,
};
use storage::accounts::{self, Account, AccountCounts, AccountQuery, MirrorLag, Place};

use super::Ground;
use crate::{Console, ServiceError, reach};

/// Users on a page at most.
const PAGE_MAX: usize = 200;

/// A user in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// The id at SecureAuth.
    pub user: String,
    /// The masked name; username or address where there is none.
    pub name: String,
    /// The masked e-mail address.
    pub email: Option<String>,
    /// The status at IC; nothing where IC does not know the user.
    pub ic: Option<AccountStatus>,
    /// Where the user stands at SecureAuth.
    pub standing: AccountStanding,
    /// What was decided here.
    pub hold: Option<Hold>,
    /// In what both sides differ, in words; empty where they do not.
    pub differing: String,
    /// When it last changed here.
    pub changed_at: Timestamp,
}

/// A page of users.
#[derive(Clone, Debug)]
pub struct UsersView {
    /// The biller.
    pub biller: Biller,
    /// How many there are.
    pub counts: AccountCounts,
    /// The page.
    pub users: Vec<UserRow>,
    /// Where the next page begins.
    pub next: Option<Place>,
    /// How far the biller's accounts lag behind.
    pub lag: Option<MirrorLag>,
    /// Whether user hosting is in effect.
    pub hosted: bool,
    /// Whether a user may be made, and if not, why.
    pub create: Result<(), Refusal>,
}

/// Shows a page of a biller's users.
///
/// # Errors
/// [`ServiceError::Refused`] without the right; [`ServiceError::NotFound`] for a biller that is not there.
pub async fn list(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    query: &AccountQuery,
) -> Result<UsersView, ServiceError> {
    actor.may(Capability::ViewUsers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let query = AccountQuery { limit: query.limit.clamp(1, PAGE_MAX), ..query.clone() };
    let page = accounts::list(&mut conn, bid, &query).await?;
    let counts = accounts::counts(&mut conn, bid).await?;
    let lag = accounts::lag(&mut conn, None, Some(bid)).await?.pop();
    let ground = Ground::of(&mut conn, biller).await?;
    Ok(UsersView {
        counts,
        users: page.accounts.iter().map(row).collect(),
        next: page.next,
        lag,
        hosted: ground.hosted,
        create: may_edit(actor, &ground.of_account(None, None), false),
        biller: ground.biller,
    })
}

fn row(account: &Account) -> UserRow {
    let profile = account.side().map(|side| side.profile.clone()).unwrap_or_default();
    let name = match (profile.name(), &profile.username, &profile.email) {
        (name, ..) if !name.is_empty() => masked_text(&name),
        (_, Some(username), _) => masked_text(username),
        (_, None, Some(email)) => masked_email(email),
        (_, None, None) => masked_text(&account.reference),
    };
    let differing: Vec<_> = account.differences().iter().map(|it| it.label()).collect();
    UserRow {
        user: account.ids.user.to_string(),
        name,
        email: profile.email.as_deref().map(masked_email),
        ic: account.ic.as_ref().map(|side| side.status),
        standing: account.standing(),
        hold: account.hold,
        differing: differing.join(", "),
        changed_at: account.changed_at,
    }
}
