//! Moves of users behind the doors.

use std::time::Duration;

use domain::{
    Clock as _, MigrationId,
    actor::Actor,
    migration::{Cause, MailingState, Mapping, MigrationState, Problem, RowState},
};
use serde_json::json;
use server::runtime::{SystemClock, SystemEntropy};
use storage::{
    Bookkeeping,
    user_migrations::{self, KeptReport, Mailing, RowIds, SealedRow, Tally, UserMigration},
};

use super::{House, sha256};

impl House {
    /// No move of users of this biller is open.
    pub(super) async fn no_move(&self, bid: &str) {
        let mut tx = self.store.begin().await.unwrap();
        for it in user_migrations::of_biller(&mut tx, &bid.parse().unwrap(), 50).await.unwrap() {
            let over = UserMigration { state: MigrationState::Cancelled, ..it.clone() };
            user_migrations::save(&mut tx, it.state, &over).await.unwrap();
        }
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
    }

    /// A move of users that was checked, with one row that was rejected.
    pub(super) async fn a_move(&self, bid: &str) -> MigrationId {
        self.no_move(bid).await;
        let (id, now) = (MigrationId::new(&SystemClock, &SystemEntropy), SystemClock.now());
        let header = vec!["username".to_owned(), "email".to_owned()];
        let staging = UserMigration {
            id,
            bid: bid.parse().unwrap(),
            state: MigrationState::Staging,
            file_name: "users.csv".to_owned(),
            mapping: Mapping::guess(&header),
            header,
            rows: 0,
            stamp: now,
            pool: None,
            cursor: None,
            parallel: 1,
            throttle: None,
            stop: None,
            canaries: Vec::new(),
            differences: 0,
            created_by: Actor::Operator,
            reason: None,
            created_at: now,
            started_at: None,
            session: None,
            moved_on_at: now,
            finished_at: None,
            erased_at: None,
            comparison: None,
            prediction: None,
            missing: None,
        };
        let mut random = [0; 96];
        domain::Entropy::fill(&SystemEntropy, &mut random);
        let problem = Problem::new(Cause::WrongShape, "has 1 field instead of 2");
        let row = SealedRow { line: 2, sealed: None, problem: Some(problem), ids: RowIds::mint(&random) };
        let mut tx = self.store.begin().await.unwrap();
        user_migrations::begin(&mut tx, &staging).await.unwrap();
        user_migrations::add_rows(&mut tx, id, &[row], Tally::default(), now).await.unwrap();
        let checked = UserMigration { state: MigrationState::Checked, ..staging };
        user_migrations::save(&mut tx, MigrationState::Staging, &checked).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        id
    }

    /// A declared freeze of a biller's users.
    pub(super) async fn a_freeze(&self, bid: &str) {
        let now = SystemClock.now();
        let freeze = domain::migration::Freeze {
            bid: bid.parse().unwrap(),
            from: now,
            until: now.plus(Duration::from_secs(86_400)),
            zone: "UTC".to_owned(),
            by: Actor::Operator,
            at: now,
            reason: None,
            delta: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        storage::freezes::put(&mut tx, &freeze).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
    }

    /// A finished move of users whose reset e-mails go out.
    pub(super) async fn a_mailing(&self, bid: &str) -> MigrationId {
        let id = self.a_move(bid).await;
        let mut tx = self.store.begin().await.unwrap();
        let it = user_migrations::find(&mut tx, id).await.unwrap().unwrap();
        let done = UserMigration { state: MigrationState::Finished, ..it.clone() };
        user_migrations::save(&mut tx, it.state, &done).await.unwrap();
        let mailing = Mailing {
            migration: id,
            bid: it.bid,
            state: MailingState::Sending,
            wave: None,
            waves: 0,
            why: None,
            started_by: Actor::Operator,
            started_at: SystemClock.now(),
            finished_at: None,
        };
        user_migrations::put_mailing(&mut tx, &mailing).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        id
    }

    /// A finished move of users with its report.
    pub(super) async fn a_report(&self, bid: &str) -> MigrationId {
        let id = self.a_move(bid).await;
        let mut tx = self.store.begin().await.unwrap();
        let it = user_migrations::find(&mut tx, id).await.unwrap().unwrap();
        let now = SystemClock.now();
        let done = UserMigration { state: MigrationState::Finished, finished_at: Some(now), ..it.clone() };
        user_migrations::save(&mut tx, it.state, &done).await.unwrap();
        // What a list with the one row of such a move has as its hash.
        let row = user_migrations::by_state(&mut tx, id, RowState::Rejected, 0, 1).await.unwrap().remove(0);
        let list = format!(
            "line,state,user_id,problem,detail,what_to_do\r\n2,Rejected,{},Wrong number of fields,\
             has 1 field instead of 2,{}\r\n",
            row.ids.user,
            Cause::WrongShape.cure(),
        );
        let body = json!({
            "form": 1, "migration": id, "edition": 1, "made_at": now.rfc3339(), "bid": bid, "biller": "B",
            "outcome": "finished", "file": "users.csv", "rows": 1, "columns": it.mapping, "pool": null,
            "started_at": null, "by_state": {"rejected": 1}, "by_verdict": {}, "by_password": {}, "by_cause": {},
            "canaries": [], "comparison": null, "differences": {"rows": 1, "sha256": sha256(&list)}, "decisions": [],
        });
        let body = body.to_string();
        let digest = sha256(&body);
        let kept = KeptReport { migration: id, edition: 1, made_at: now, body, digest };
        user_migrations::put_report(&mut tx, &kept).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        id
    }
}
