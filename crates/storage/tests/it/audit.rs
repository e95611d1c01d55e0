//! The audit log: gapless under concurrency, and every later change shows.

use domain::{
    actor::{Actor, Role},
    audit::{AuditAction, AuditEntry, GENESIS, Subject, SubjectKind},
};
use serde_json::json;
use storage::{
    Bookkeeping, Engine,
    audit::{self, AuditQuery, BrokenChain},
};

use crate::fixture::{Database, T0, after, both, entry};

async fn write(db: &Database, entries: Vec<AuditEntry>) {
    db.store.begin().await.unwrap().commit_audited_all(entries).await.unwrap();
}

fn person(name: &str) -> Actor {
    Actor::Person {
        id: format!("id of {name}"),
        name: name.to_owned(),
        roles: Role::Ops.into(),
        portfolio: None,
    }
}

#[tokio::test]
async fn an_entry_is_read_back_as_it_was_written() {
    both(async |db| {
        let actor = person("Zoë");
        let subject = Subject::new(SubjectKind::Wave, "w");
        let told = AuditEntry::new(T0, actor, AuditAction::WaveStarted, subject)
            .because(Some("two\nlines, \"quoted\"".to_owned()))
            .change(Some(json!({ "b": [1, null], "a": 0.1 })), Some(json!("text\u{0}")))
            .traced(Some("trace".to_owned()));
        write(db, vec![told.clone(), entry("1")]).await;
        let mut conn = db.store.read().await.unwrap();
        let chain = audit::from_seq(&mut conn, 1, 10).await.unwrap();
        assert_eq!(chain[0].entry, told);
        assert_eq!((chain[0].seq, chain[0].prev_hash.as_str()), (1, GENESIS));
        assert_eq!(chain[1].prev_hash, chain[0].hash);
        assert_eq!(audit::head(&mut conn).await.unwrap(), (2, chain[1].hash.clone()));
        assert_eq!(audit::verify(&mut conn).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_character_or_number_that_a_database_cannot_hold_does_not_break_the_chain() {
    both(async |db| {
        let odd = entry("1").because(Some("a\0b".to_owned())).change(None, Some(json!(5.2e-17_f64 / 3.0)));
        write(db, vec![odd]).await;
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(audit::verify(&mut conn).await.unwrap(), 1);
        let chain = audit::from_seq(&mut conn, 1, 1).await.unwrap();
        assert_eq!(chain[0].entry.reason.as_deref(), Some("a\u{fffd}b"));
    })
    .await;
}

#[tokio::test]
async fn commits_without_an_act_leave_no_entry() {
    both(async |db| {
        db.store.begin().await.unwrap().commit_bookkeeping(Bookkeeping::JobLease).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(audit::head(&mut conn).await.unwrap(), (0, GENESIS.to_owned()));
        assert_eq!(audit::verify(&mut conn).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gaps_when_many_commit_at_once_and_some_roll_back() {
    both(async |db| {
        let writers = (0..12).map(|writer| {
            let store = db.store.clone();
            tokio::spawn(async move {
                for n in 0..5 {
                    let tx = store.begin().await.unwrap();
                    if (writer + n) % 4 == 0 {
                        drop(tx);
                    } else {
                        tx.commit_audited_all(vec![entry("1"), entry("2")]).await.unwrap();
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let mut conn = db.store.read().await.unwrap();
        let seqs: Vec<i64> =
            audit::from_seq(&mut conn, 1, 1_000).await.unwrap().iter().map(|e| e.seq).collect();
        assert_eq!(seqs, (1..=90).collect::<Vec<i64>>());
        assert_eq!(audit::verify(&mut conn).await.unwrap(), 90);
    })
    .await;
}

#[tokio::test]
async fn a_written_entry_cannot_be_changed_or_removed() {
    both(async |db| {
        write(db, vec![entry("1")]).await;
        for sql in ["UPDATE audit_entries SET reason = 'another'", "DELETE FROM audit_entries"] {
            let error = db.tamper(sql).await.unwrap_err();
            assert!(error.to_string().contains("audit entries are never"), "{error}");
        }
    })
    .await;
}

async fn break_guard(db: &Database) {
    let sql = match db.store.engine() {
        Engine::Sqlite => "DROP TRIGGER audit_entries_no_update; DROP TRIGGER audit_entries_no_delete",
        Engine::Postgres => "DROP TRIGGER audit_entries_guard ON audit_entries",
    };
    db.tamper(sql).await.unwrap();
}

#[tokio::test]
async fn whoever_takes_the_guard_away_is_found_out_by_the_chain() {
    const FORGE: &str = "INSERT INTO audit_entries (seq, at, actor, actor_id, actor_key, action, subject_kind, \
        subject_id, prev_hash, hash) SELECT $seq, at, actor, actor_id, actor_key, action, subject_kind, subject_id, \
        hash, hash FROM audit_entries WHERE seq = 2";
    let forged = FORGE.replace("$seq", "7");
    let before_the_first = FORGE.replace("$seq", "-3");
    let swapped = "UPDATE audit_entries SET seq = 99 WHERE seq = 3; UPDATE audit_entries SET seq = 3 WHERE seq = 4; \
        UPDATE audit_entries SET seq = 4 WHERE seq = 99";
    let acts = [
        ("UPDATE audit_entries SET reason = 'another' WHERE seq = 3", 3),
        ("UPDATE audit_entries SET at = at + 1 WHERE seq = 6", 6),
        ("UPDATE audit_entries SET hash = prev_hash WHERE seq = 2", 2),
        ("UPDATE audit_entries SET prev_hash = hash WHERE seq = 3", 3),
        ("UPDATE audit_entries SET action = 'unheard of' WHERE seq = 5", 5),
        ("DELETE FROM audit_entries WHERE seq = 1", 1),
        ("DELETE FROM audit_entries WHERE seq = 4", 4),
        ("DELETE FROM audit_entries WHERE seq = 6", 6),
        ("DELETE FROM audit_entries", 1),
        (forged.as_str(), 7),
        (before_the_first.as_str(), -3),
        ("UPDATE audit_entries SET actor_id = 'person:another' WHERE seq = 2", 2),
        ("UPDATE audit_entries SET actor_key = 'another' WHERE seq = 4", 4),
        (swapped, 3),
        ("UPDATE audit_head SET seq = 5", 6),
    ];
    for (sql, expected) in acts {
        both(async |db| {
            write(db, (1..=6).map(|n| entry(&n.to_string())).collect()).await;
            break_guard(db).await;
            db.tamper(sql).await.unwrap();
            let mut conn = db.store.read().await.unwrap();
            match audit::verify(&mut conn).await {
                Err(BrokenChain::At { seq, .. }) => assert_eq!(seq, expected, "{sql}"),
                other => panic!("{sql}: {other:?}"),
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_last_entry_that_was_forged_with_a_fitting_hash_is_not_the_one_the_log_ended_with() {
    both(async |db| {
        write(db, vec![entry("1"), entry("2")]).await;
        break_guard(db).await;
        let mut conn = db.store.read().await.unwrap();
        let last = audit::from_seq(&mut conn, 2, 1).await.unwrap().remove(0);
        let forged = last.entry.because(Some("another".to_owned()));
        let hash = domain::audit::chain_hash(&last.prev_hash, 2, &forged);
        db.tamper(&format!("UPDATE audit_entries SET reason = 'another', hash = '{hash}' WHERE seq = 2"))
            .await
            .unwrap();
        let found = audit::verify(&mut conn).await;
        assert!(matches!(found, Err(BrokenChain::At { seq: 2, .. })), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn entries_are_found_by_subject_actor_action_and_time_page_by_page() {
    both(async |db| {
        let by = |n: u64, actor: Actor, action, biller: &str| {
            AuditEntry::new(after(n), actor, action, Subject::new(SubjectKind::Biller, biller))
        };
        write(
            db,
            vec![
                by(1, person("Ann"), AuditAction::RunRequested, "1"),
                by(2, person("Bob"), AuditAction::RunRequested, "1"),
                by(3, Actor::Policy, AuditAction::RunRequested, "2"),
                by(4, person("Ann"), AuditAction::RunRetried, "2"),
            ],
        )
        .await;
        let base = AuditQuery { limit: 10, ..AuditQuery::default() };
        let subject = Some(Subject::new(SubjectKind::Biller, "1"));
        let action = Some(AuditAction::RunRetried);
        let actor = |text: &str| Some(text.to_owned());
        for (query, expected) in [
            (base.clone(), vec![4, 3, 2, 1]),
            (AuditQuery { limit: 2, ..base.clone() }, vec![4, 3]),
            (AuditQuery { before_seq: Some(3), ..base.clone() }, vec![2, 1]),
            (AuditQuery { subject, ..base.clone() }, vec![2, 1]),
            (AuditQuery { actor: actor("person:id of Ann"), ..base.clone() }, vec![4, 1]),
            (AuditQuery { actor: actor("ann"), ..base.clone() }, vec![4, 1]),
            (AuditQuery { actor: actor("policy"), ..base.clone() }, vec![3]),
            (AuditQuery { action, ..base.clone() }, vec![4]),
            (AuditQuery { from: Some(after(2)), to: Some(after(4)), ..base.clone() }, vec![3, 2]),
        ] {
            let mut conn = db.store.read().await.unwrap();
            let seqs: Vec<i64> =
                audit::list(&mut conn, &query).await.unwrap().iter().map(|e| e.seq).collect();
            assert_eq!(seqs, expected, "{query:?}");
        }
    })
    .await;
}
