//! Runs, their steps and what they made.

use domain::{
    object::{ObjectKind, Origin, VendorObject},
    oidc::{ClientAuth, OidcClient},
    run::{Failure, FailureKind, Run, RunDetail, RunKind, RunState, StepState},
    use_case::{UseCase, UseCases},
};
use storage::{Bookkeeping, StorageError, billers, objects, runs};

use crate::fixture::{T0, after, bid, both, draft, run, run_id};

#[tokio::test]
async fn a_run_begins_with_all_its_steps_waiting() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let detail =
            RunDetail::UseCases { before: UseCases::default(), after: UseCases::of([UseCase::UserHosting]) };
        let planned = Run { detail: Some(detail), ..run(1, "1") };
        db.with_run(&planned).await;
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(runs::find(&mut conn, planned.id).await.unwrap(), Some(planned.clone()));
        assert_eq!(runs::open_of(&mut conn, &bid("1")).await.unwrap(), Some(planned.clone()));
        let steps = runs::steps(&mut conn, planned.id).await.unwrap();
        let kinds: Vec<_> = steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, RunKind::Enable.steps());
        assert!(steps.iter().all(|step| step.state == StepState::Pending && step.attempts == 0));
        let biller = billers::find(&mut conn, &bid("1")).await.unwrap().unwrap();
        assert_eq!(biller.open_run, Some(planned.id));
    })
    .await;
}

#[tokio::test]
async fn a_biller_has_one_open_run_at_a_time() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        db.with_run(&run(1, "1")).await;
        db.with_run(&run(2, "2")).await;
        let mut tx = db.store.begin().await.unwrap();
        let second = runs::create(&mut tx, &run(3, "1")).await;
        assert!(matches!(second, Err(StorageError::RunOpen)), "{second:?}");
        // The refusal leaves the transaction usable.
        runs::set_state(&mut tx, run_id(1), RunState::Queued, RunState::Succeeded, T0).await.unwrap();
        runs::create(&mut tx, &run(3, "1")).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let reopened = runs::set_state(&mut tx, run_id(1), RunState::Succeeded, RunState::Queued, T0).await;
        assert!(matches!(reopened, Err(StorageError::RunOpen)), "{reopened:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_at_once_one_gets_the_run() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let asking: Vec<_> = (1..=8)
            .map(|n| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    runs::create(&mut tx, &run(n, "1")).await?;
                    tx.commit_bookkeeping(Bookkeeping::RunProgress).await
                })
            })
            .collect();
        let mut got = 0;
        for asked in asking {
            match asked.await.unwrap() {
                Ok(()) => got += 1,
                Err(error) => assert!(matches!(error, StorageError::RunOpen), "{error}"),
            }
        }
        assert_eq!(got, 1);
    })
    .await;
}

#[tokio::test]
async fn a_run_fails_is_retried_and_succeeds() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.with_run(&run(1, "1")).await;
        let id = run_id(1);
        let failure = Failure {
            kind: FailureKind::Foreign,
            message: "not ours".to_owned(),
            cure: "look".to_owned(),
            trace_id: Some("t".to_owned()),
        };
        let mut tx = db.store.begin().await.unwrap();
        runs::set_state(&mut tx, id, RunState::Queued, RunState::Running, after(1)).await.unwrap();
        runs::start_step(&mut tx, id, 0, after(1)).await.unwrap();
        runs::set_cursor(&mut tx, id, 0, Some("user 100")).await.unwrap();
        runs::fail_step(&mut tx, id, 0, &failure, after(2)).await.unwrap();
        runs::set_state(&mut tx, id, RunState::Running, RunState::Failed, after(2)).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();

        let mut conn = db.store.read().await.unwrap();
        let step = runs::steps(&mut conn, id).await.unwrap().remove(0);
        assert_eq!((step.state, step.failure.as_ref()), (StepState::Failed, Some(&failure)));
        let failed = runs::find(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((failed.started_at, failed.finished_at), (Some(after(1)), Some(after(2))));
        assert_eq!(billers::counts(&mut conn, None).await.unwrap().attention, 1);
        assert_eq!(billers::find(&mut conn, &bid("1")).await.unwrap().unwrap().open_run, Some(id));
        drop(conn);

        let mut tx = db.store.begin().await.unwrap();
        runs::reopen_failed(&mut tx, id).await.unwrap();
        runs::set_state(&mut tx, id, RunState::Failed, RunState::Queued, after(3)).await.unwrap();
        runs::set_state(&mut tx, id, RunState::Queued, RunState::Running, after(4)).await.unwrap();
        runs::start_step(&mut tx, id, 0, after(4)).await.unwrap();
        runs::finish_step(&mut tx, id, 0, StepState::Done, Some("made"), after(5)).await.unwrap();
        runs::set_state(&mut tx, id, RunState::Running, RunState::Succeeded, after(5)).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        let step = runs::steps(&mut conn, id).await.unwrap().remove(0);
        assert_eq!((step.state, step.attempts, step.failure), (StepState::Done, 2, None));
        assert_eq!((step.outcome.as_deref(), step.cursor.as_deref()), (Some("made"), Some("user 100")));
        let done = runs::find(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((done.started_at, done.finished_at), (Some(after(1)), Some(after(5))));
        assert_eq!(billers::counts(&mut conn, None).await.unwrap().attention, 0);
        assert_eq!(billers::find(&mut conn, &bid("1")).await.unwrap().unwrap().open_run, None);
    })
    .await;
}

#[tokio::test]
async fn a_run_or_step_that_stands_elsewhere_is_not_moved() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.with_run(&run(1, "1")).await;
        let id = run_id(1);
        let mut tx = db.store.begin().await.unwrap();
        let stale = runs::set_state(&mut tx, id, RunState::Running, RunState::Failed, T0).await;
        assert!(matches!(stale, Err(StorageError::Stale { what: "run" })), "{stale:?}");
        let nothing_failed = runs::reopen_failed(&mut tx, id).await;
        assert!(matches!(nothing_failed, Err(StorageError::RowsAffected { .. })), "{nothing_failed:?}");
        let no_step = runs::set_cursor(&mut tx, id, 99, None).await;
        assert!(matches!(no_step, Err(StorageError::RowsAffected { .. })), "{no_step:?}");
        runs::finish_step(&mut tx, id, 0, StepState::Skipped, None, T0).await.unwrap();
        let ended = runs::start_step(&mut tx, id, 0, T0).await;
        assert!(matches!(ended, Err(StorageError::Stale { what: "step" })), "{ended:?}");
    })
    .await;
}

#[tokio::test]
async fn runs_are_listed_newest_first() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let done = Run { state: RunState::Succeeded, ..run(1, "1") };
        db.with_run(&done).await;
        db.with_run(&run(2, "1")).await;
        db.with_run(&Run { state: RunState::Failed, ..run(3, "2") }).await;
        let mut conn = db.store.read().await.unwrap();
        let ids = |runs: Vec<Run>| runs.into_iter().map(|run| run.id).collect::<Vec<_>>();
        assert_eq!(ids(runs::of_biller(&mut conn, &bid("1"), 9).await.unwrap()), [run_id(2), run_id(1)]);
        let mut recent = async |states: &[RunState], limit| {
            let found = runs::recent(&mut conn, states, None, limit).await.unwrap();
            found.into_iter().map(|(run, name)| (run.id, name)).collect::<Vec<_>>()
        };
        let named = |n, name: &str| (run_id(n), name.to_owned());
        assert_eq!(recent(&[], 2).await, [named(3, "Two"), named(2, "One")]);
        let open = [RunState::Queued, RunState::Failed];
        assert_eq!(recent(&open, 9).await, [named(3, "Two"), named(2, "One")]);
        assert_eq!(recent(&[RunState::Succeeded], 9).await, [named(1, "One")]);
    })
    .await;
}

#[tokio::test]
async fn an_object_stays_created_when_its_own_run_finds_it_again() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.with_run(&Run { state: RunState::Superseded, ..run(1, "1") }).await;
        db.with_run(&run(2, "1")).await;
        let object = |n, kind, origin| VendorObject {
            kind,
            vendor_id: "ic-1".to_owned(),
            name: "Name".to_owned(),
            origin,
            run: run_id(n),
            at: after(1),
            oidc: None,
            secret_made_at: None,
        };
        let organization = ObjectKind::Organization;
        let mut tx = db.store.begin().await.unwrap();
        objects::put(&mut tx, &bid("1"), &object(1, ObjectKind::Theme, Origin::Adopted)).await.unwrap();
        objects::put(&mut tx, &bid("1"), &object(1, organization, Origin::Created)).await.unwrap();
        objects::put(&mut tx, &bid("1"), &object(1, organization, Origin::Adopted)).await.unwrap();
        let kept = objects::find(&mut tx, &bid("1"), organization).await.unwrap().unwrap();
        assert_eq!(kept, object(1, organization, Origin::Created));
        objects::put(&mut tx, &bid("1"), &object(2, organization, Origin::Adopted)).await.unwrap();
        let all = objects::of_biller(&mut tx, &bid("1")).await.unwrap();
        let theme = object(1, ObjectKind::Theme, Origin::Adopted);
        assert_eq!(all, [object(2, organization, Origin::Adopted), theme]);
        objects::remove(&mut tx, &bid("1"), organization).await.unwrap();
        let gone = objects::remove(&mut tx, &bid("1"), organization).await;
        assert!(matches!(gone, Err(StorageError::RowsAffected { .. })), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn what_an_application_was_given_is_kept_as_written_last() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.with_run(&run(1, "1")).await;
        let given = |uri: &str, client_auth| VendorObject {
            kind: ObjectKind::Application,
            vendor_id: "ic-1-portal".to_owned(),
            name: "Portal".to_owned(),
            origin: Origin::Created,
            run: run_id(1),
            at: after(1),
            oidc: Some(OidcClient {
                redirect_uris: vec![uri.to_owned()],
                post_logout_redirect_uris: Vec::new(),
                scopes: vec!["openid".to_owned()],
                client_auth,
            }),
            secret_made_at: None,
        };
        let key = ClientAuth::PrivateKeyJwt { jwks_uri: "https://portal.example/jwks.json".to_owned() };
        for object in
            [given("https://old.example/", ClientAuth::ClientSecret), given("https://new.example/", key)]
        {
            let mut tx = db.store.begin().await.unwrap();
            objects::put(&mut tx, &bid("1"), &object).await.unwrap();
            tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
            let mut conn = db.store.read().await.unwrap();
            let kept = objects::find(&mut conn, &bid("1"), ObjectKind::Application).await.unwrap();
            assert_eq!(kept, Some(object));
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_who_saw_the_same_only_one_notes_a_new_secret() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.with_run(&run(1, "1")).await;
        let application = VendorObject {
            kind: ObjectKind::Application,
            vendor_id: "ic-1-portal".to_owned(),
            name: "Portal".to_owned(),
            origin: Origin::Created,
            run: run_id(1),
            at: after(1),
            oidc: None,
            secret_made_at: None,
        };
        let mut tx = db.store.begin().await.unwrap();
        let none_there = objects::set_secret_made_at(&mut tx, &bid("1"), None, Some(after(2))).await;
        assert!(matches!(none_there, Err(StorageError::Stale { .. })), "{none_there:?}");
        objects::put(&mut tx, &bid("1"), &application).await.unwrap();
        objects::set_secret_made_at(&mut tx, &bid("1"), None, Some(after(2))).await.unwrap();
        let late = objects::set_secret_made_at(&mut tx, &bid("1"), None, Some(after(3))).await;
        assert!(matches!(late, Err(StorageError::Stale { .. })), "{late:?}");
        // A run that confirms the application changes nothing about its secret.
        objects::put(&mut tx, &bid("1"), &application).await.unwrap();
        let kept = objects::find(&mut tx, &bid("1"), ObjectKind::Application).await.unwrap().unwrap();
        assert_eq!(kept.secret_made_at, Some(after(2)));
        objects::set_secret_made_at(&mut tx, &bid("1"), Some(after(2)), None).await.unwrap();
    })
    .await;
}
