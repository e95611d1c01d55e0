//! One user: both sides, what differs, what is on its way, what may be done.

use std::time::Duration;

use domain::{
    Bid, Timestamp,
    access::Refusal,
    account::{
        AccountAct, ChangeState, Difference, Hold, Origin, ParkCause, Profile, Side, masked_email,
        masked_phone, masked_text, may_act, may_edit,
    },
    actor::{Actor, Capability},
    biller::Biller,
};
use storage::{
    accounts::{self, Account, Change},
    adoption::{self, UserSignIns},
};

use super::Ground;
use crate::{Console, ServiceError, reach};

/// A change on its way, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnItsWay {
    /// Whether it waits or is parked.
    pub state: ChangeState,
    /// Since when SecureAuth is behind.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// Why it is parked.
    pub cause: Option<ParkCause>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl From<Change> for OnItsWay {
    fn from(change: Change) -> Self {
        Self {
            state: change.state,
            since: change.since,
            attempts: change.attempts,
            next_at: change.next_at,
            cause: change.cause,
            last_error: change.last_error,
        }
    }
}

/// One user. Personal data is masked unless the actor revealed it.
#[derive(Clone, Debug)]
pub struct UserView {
    /// The biller.
    pub biller: Biller,
    /// The id at SecureAuth.
    pub user: String,
    /// IC's id.
    pub reference: String,
    /// Where the account came from.
    pub origin: Origin,
    /// How the person is called on the page.
    pub title: String,
    /// What IC says.
    pub ic: Option<Side>,
    /// When IC said so, and the number of its change.
    pub ic_at: Option<Timestamp>,
    /// IC's number of its last change.
    pub ic_version: Option<i64>,
    /// What SecureAuth has.
    pub vendor: Option<Side>,
    /// When that was read.
    pub vendor_at: Option<Timestamp>,
    /// What was decided here.
    pub hold: Option<Hold>,
    /// In what both differ.
    pub differing: Vec<Difference>,
    /// What is on its way.
    pub change: Option<OnItsWay>,
    /// The first and the last sign-in that the background reading knows.
    pub signed_in: Option<UserSignIns>,
    /// Until when that reading knows of every sign-in; nothing where it never was whole.
    pub sign_ins_known_to: Option<Timestamp>,
    /// Until when personal data is shown; masked where nothing.
    pub revealed_until: Option<Timestamp>,
    /// Whether it may be revealed, and if not, why.
    pub reveal: Result<(), Refusal>,
    /// Whether the user may be changed, and if not, why.
    pub edit: Result<(), Refusal>,
    /// What may be done, and if not, why.
    pub acts: Vec<(AccountAct, Result<(), Refusal>)>,
}

/// Shows one user, by the id at SecureAuth.
///
/// # Errors
/// [`ServiceError::Refused`] without the right; [`ServiceError::NotFound`] for a user or biller that is not there.
pub async fn show(console: &Console, actor: &Actor, bid: &Bid, user: &str) -> Result<UserView, ServiceError> {
    actor.may(Capability::ViewUsers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let account = accounts::find_by_user(&mut conn, bid, user)
        .await?
        .ok_or_else(|| ServiceError::not_found("user", user))?;
    let change = accounts::find_change(&mut conn, bid, &account.reference).await?;
    let revealed_until = match actor.may(Capability::RevealUsers) {
        Ok(()) => accounts::revealed(&mut conn, &actor.id(), bid, user, console.now()).await?,
        Err(_) => None,
    };
    let signed_in = adoption::of_user(&mut conn, bid, user).await?;
    let sign_ins_known_to = adoption::feed_stand(&mut conn, None, Some(bid)).await?.read_to;
    let ground = Ground::of(&mut conn, biller).await?;
    let on = ground.of_account(Some(&account), change.as_ref());
    let open = revealed_until.is_some();
    let shown = |side: &Option<Side>| side.clone().map(|side| if open { side } else { masked(side) });
    Ok(UserView {
        user: account.ids.user.to_string(),
        title: title(&account, open),
        reference: if open { account.reference.clone() } else { masked_reference(&account) },
        origin: account.origin,
        ic: shown(&account.ic),
        ic_at: account.ic_at,
        ic_version: account.ic_version,
        vendor: shown(&account.vendor),
        vendor_at: account.vendor_at,
        hold: account.hold,
        differing: account.differences(),
        change: change.map(OnItsWay::from),
        signed_in,
        sign_ins_known_to,
        revealed_until,
        reveal: actor.may(Capability::RevealUsers),
        edit: may_edit(actor, &on, true),
        acts: AccountAct::ALL.iter().map(|act| (*act, may_act(actor, &on, *act))).collect(),
        biller: ground.biller,
    })
}

/// Waits until nothing of a user is on its way, or not any more: most changes take less time than a page.
pub async fn settled(console: &Console, bid: &Bid, user: &str, patience: Duration) {
    let until = tokio::time::Instant::now() + patience;
    while tokio::time::Instant::now() < until {
        let Ok(mut conn) = console.store.read().await else { return };
        let Ok(Some(account)) = accounts::find_by_user(&mut conn, bid, user).await else { return };
        match accounts::find_change(&mut conn, bid, &account.reference).await {
            Ok(Some(change)) if change.state == ChangeState::Waiting && change.attempts == 0 => {}
            _ => return,
        }
        drop(conn);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn title(account: &Account, open: bool) -> String {
    let profile = account.side().map(|side| side.profile.clone()).unwrap_or_default();
    let name = profile.name();
    let called = if name.is_empty() {
        profile.username.or(profile.email).unwrap_or_else(|| account.reference.clone())
    } else {
        name
    };
    if open { called } else { masked_text(&called) }
}

/// IC's id, masked where it is itself a username, an address or a number of the person.
fn masked_reference(account: &Account) -> String {
    let sides = [account.ic.as_ref(), account.vendor.as_ref()].into_iter().flatten();
    let mut personal =
        sides.flat_map(|side| [&side.profile.username, &side.profile.email, &side.profile.phone]);
    let is_personal = account.reference.contains('@')
        || personal.any(|it| it.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(&account.reference)));
    if is_personal { masked_text(&account.reference) } else { account.reference.clone() }
}

fn masked(side: Side) -> Side {
    let text = |it: Option<String>| it.map(|it| masked_text(&it));
    Side {
        status: side.status,
        profile: Profile {
            username: text(side.profile.username),
            email: side.profile.email.map(|it| masked_email(&it)),
            email_verified: side.profile.email_verified,
            phone: side.profile.phone.map(|it| masked_phone(&it)),
            given_name: text(side.profile.given_name),
            family_name: text(side.profile.family_name),
        },
    }
}
