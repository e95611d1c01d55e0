//! A user behind the doors of a biller's users.

use domain::{
    Bid, Clock as _, Timestamp,
    account::{AccountStatus, ChangeState, Origin, ParkCause, Profile, Side},
    actor::Actor,
    run::RunKind,
    use_case::{Effect, UseCase, UseCases},
};
use server::runtime::SystemClock;
use storage::{
    Bookkeeping, Tx,
    accounts::{self, Account, Change, ChangeKey},
    runs, use_cases,
    user_migrations::RowIds,
};

use super::House;

/// IC's id of the user.
const REFERENCE: &str = "4711";

/// Its id at SecureAuth, with every biller.
pub(crate) const USER: &str = "07070707-0707-4707-8707-070707070707";

/// User hosting of a biller comes into effect, if the biller was ever enabled.
pub(crate) async fn users_are_hosted(tx: &mut Tx, bid: &Bid) {
    let runs = runs::of_biller(tx, bid, 20).await.unwrap();
    let Some(run) = runs.iter().find(|run| run.kind == RunKind::Enable) else { return };
    let effect = Effect {
        in_effect: UseCases::of([UseCase::UserHosting]),
        governs_login: false,
        proven: Some((run.id, SystemClock.now())),
    };
    use_cases::effects::put(tx, bid, &effect).await.unwrap();
}

impl House {
    /// A user that is active on both sides, of a biller with user hosting; the answer is its id at SecureAuth.
    pub(crate) async fn an_account(&self, bid: &str) -> String {
        let bid: Bid = bid.parse().unwrap();
        let mut tx = self.store.begin().await.unwrap();
        let now = SystemClock.now();
        users_are_hosted(&mut tx, &bid).await;
        let ids = RowIds::mint(&[7; 96]);
        assert_eq!(ids.user.to_string(), USER);
        let side = side();
        let account = Account {
            bid: bid.clone(),
            reference: REFERENCE.to_owned(),
            ids,
            origin: Origin::Moved,
            ic: Some(side.clone()),
            ic_version: None,
            ic_digest: None,
            ic_at: Some(now),
            vendor: Some(side),
            vendor_at: Some(now),
            hold: None,
            password_at: Some(Timestamp::from_micros(1)),
            created_at: now,
            changed_at: now,
            version: 1,
        };
        accounts::put(&mut tx, &account).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
        USER.to_owned()
    }

    /// What the forms about users are filled in with.
    pub(super) async fn of_account(&self, path: &str, bid: &str) -> Option<Vec<(&'static str, String)>> {
        let user = self.an_account(bid).await;
        let text = |more: &[(&'static str, &str)]| {
            let all = [&[("bid", bid), ("user", user.as_str())], more].concat();
            Some(all.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
        };
        match path {
            "/do/create_user" => text(&[("username", "zoe"), ("email", "zoe@x.example")]),
            "/do/edit_user" => text(&[("username", "ann"), ("email", "new@x.example")]),
            "/do/help_user" => text(&[("act", "lock")]),
            "/do/remove_user" => text(&[("act", "delete"), ("why", "left")]),
            "/do/reveal_user" => text(&[("purpose", "a call")]),
            "/do/decide_mirror" => {
                self.park(bid).await;
                text(&[("revision", "9"), ("decision", "discard"), ("why", "a double")])
            }
            _ => None,
        }
    }

    /// A change of the user waits for a decision.
    async fn park(&self, bid: &str) {
        let bid: Bid = bid.parse().unwrap();
        let mut tx = self.store.begin().await.unwrap();
        if let Some(old) = accounts::find_change(&mut tx, &bid, REFERENCE).await.unwrap() {
            accounts::finish(&mut tx, &old).await.unwrap();
        }
        let key = ChangeKey { bid, reference: REFERENCE.to_owned(), revision: 9 };
        let change = Change {
            key: key.clone(),
            state: ChangeState::Waiting,
            wanted: side(),
            password: None,
            password_at: None,
            revoke: false,
            attempts: 0,
            since: SystemClock.now(),
            next_at: SystemClock.now(),
            cause: None,
            last_error: None,
            actor: Actor::Operator,
        };
        accounts::ask(&mut tx, &change).await.unwrap();
        assert!(accounts::park(&mut tx, &key, ParkCause::Taken, "taken").await.unwrap());
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
    }
}

fn side() -> Side {
    let profile = Profile {
        username: Some("ann".to_owned()),
        email: Some("ann@x.example".to_owned()),
        ..Profile::default()
    };
    Side { status: AccountStatus::Active, profile }
}
