//! What is chosen, in effect and possible of the three use cases.

use domain::{
    Bid, ChangeId,
    actor::Actor,
    biller::{BillerDraft, CiamStatus, PortfolioSaid},
    filter::{BillerFilter, ListQuery, Stage},
    run::{Run, RunKind, RunState},
    use_case::{
        Cause, Change, Choice, Choices, Effect, Layers, OldUrlBehaviour, Readiness, UseCase, UseCases,
    },
    user_move::{UserMove, UserMoveState},
};
use storage::{Bookkeeping, Tx, billers, runs, use_cases, user_moves};
use uuid::Uuid;

use crate::fixture::{Database, T0, after, bid, both, draft, run, run_id};

use Readiness::{Busy, InEffect, NotEnabled, Ready, Suspended, UsersNotMoved};

async fn write(db: &Database, act: impl AsyncFnOnce(&mut Tx)) {
    let mut tx = db.store.begin().await.unwrap();
    act(&mut tx).await;
    tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
}

async fn enable(db: &Database, biller: &Bid) {
    write(db, async |tx| {
        billers::set_status(tx, biller, CiamStatus::NotEnabled, CiamStatus::Enabled, T0).await.unwrap();
    })
    .await;
}

async fn users_are(db: &Database, biller: &Bid, state: UserMoveState) {
    let known = UserMove { state, users: 3, moved: 0, changed_at: T0 };
    write(db, async |tx| user_moves::put(tx, biller, &known).await.unwrap()).await;
}

async fn assert_stages(db: &Database, biller: &Bid, expected: [Readiness; 3]) {
    let mut conn = db.store.read().await.unwrap();
    let found = use_cases::stages(&mut conn, std::slice::from_ref(biller)).await.unwrap();
    assert_eq!(found[biller], expected);
}

#[tokio::test]
async fn readiness_follows_status_runs_users_and_what_is_in_effect() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let one = bid("1");
        assert_stages(db, &one, [NotEnabled; 3]).await;
        enable(db, &one).await;
        assert_stages(db, &one, [Ready, UsersNotMoved, UsersNotMoved]).await;
        users_are(db, &one, UserMoveState::Staged).await;
        assert_stages(db, &one, [Ready, UsersNotMoved, UsersNotMoved]).await;
        users_are(db, &one, UserMoveState::Moved).await;
        assert_stages(db, &one, [Ready; 3]).await;
        let change = Run { kind: RunKind::ChangeUseCases, ..run(1, "1") };
        db.with_run(&change).await;
        assert_stages(db, &one, [Busy; 3]).await;
        let effect = Effect::default().proven_by(UseCases::of([UseCase::UserHosting]), run_id(1), after(5));
        write(db, async |tx| {
            use_cases::effects::put(tx, &one, &effect).await.unwrap();
            runs::set_state(tx, run_id(1), RunState::Queued, RunState::Succeeded, T0).await.unwrap();
        })
        .await;
        assert_stages(db, &one, [InEffect, Ready, Ready]).await;
        write(db, async |tx| {
            billers::set_status(tx, &one, CiamStatus::Enabled, CiamStatus::Suspended, T0).await.unwrap();
        })
        .await;
        assert_stages(db, &one, [Suspended; 3]).await;
    })
    .await;
}

#[tokio::test]
async fn lists_are_narrowed_by_readiness_and_its_numbers_are_kept() {
    both(async |db| {
        let coast = || PortfolioSaid::In("Coast".parse().unwrap());
        let within = |n: &str, name: &str| BillerDraft { portfolio: coast(), ..draft(n, name) };
        db.with(&[within("1", "One"), within("2", "Two"), draft("3", "Three"), draft("4", "Four")]).await;
        for n in ["1", "2", "3"] {
            enable(db, &bid(n)).await;
        }
        users_are(db, &bid("2"), UserMoveState::NothingToMove).await;
        users_are(db, &bid("3"), UserMoveState::Moved).await;
        let mut conn = db.store.read().await.unwrap();
        let stage = Some(Stage { use_case: UseCase::HostedLogin, readiness: Ready });
        let portfolio = Some("Coast".parse().unwrap());
        for (filter, expected) in [
            (BillerFilter { stage, ..BillerFilter::default() }, vec!["3", "2"]),
            (BillerFilter { stage, search: "tw".to_owned(), ..BillerFilter::default() }, vec!["2"]),
            (BillerFilter { stage, portfolio, ..BillerFilter::default() }, vec!["2"]),
        ] {
            let query = ListQuery { filter, ..ListQuery::default() };
            let page = billers::list(&mut conn, &query).await.unwrap();
            let found: Vec<_> = page.rows.iter().map(|biller| biller.bid().to_string()).collect();
            assert_eq!(found, expected, "{query:?}");
        }
        let number = |all: &[(Readiness, u64)], one| all.iter().find(|(r, _)| *r == one).unwrap().1;
        let all = use_cases::counts(&mut conn, UseCase::HostedLogin, None).await.unwrap();
        assert_eq!((number(&all, Ready), number(&all, UsersNotMoved)), (2, 1));
        let coast = "Coast".parse().unwrap();
        let coast = use_cases::counts(&mut conn, UseCase::HostedLogin, Some(&coast)).await.unwrap();
        assert_eq!((number(&coast, Ready), number(&coast, UsersNotMoved)), (1, 1));
        assert!(coast.iter().all(|(readiness, _)| *readiness != NotEnabled));
    })
    .await;
}

#[tokio::test]
async fn choices_are_kept_on_each_level_and_found_together() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let on = |use_case| Choices::default().with(use_case, Choice::On);
        let (biller, tier) = (on(UseCase::UserHosting), on(UseCase::HostedLogin));
        let everyone = Choices { old_url: Some(OldUrlBehaviour::Redirect), ..Choices::default() };
        let by = Actor::Operator;
        write(db, async |tx| {
            use_cases::choices::put_for_biller(tx, &bid("1"), &tier, &by, T0).await.unwrap();
            use_cases::choices::put_for_biller(tx, &bid("1"), &biller, &by, after(1)).await.unwrap();
            use_cases::choices::put_default(tx, Some("gold"), &tier, &by, T0).await.unwrap();
            use_cases::choices::put_default(tx, None, &everyone, &by, T0).await.unwrap();
        })
        .await;
        let mut conn = db.store.read().await.unwrap();
        let layers = use_cases::choices::layers(&mut conn, &bid("1"), Some("gold")).await.unwrap();
        assert_eq!(layers, Layers { biller, tier, everyone });
        let layers = use_cases::choices::layers(&mut conn, &bid("2"), None).await.unwrap();
        assert_eq!(layers, Layers { everyone, ..Layers::default() });
        let of = use_cases::choices::of_billers(&mut conn, &[bid("1"), bid("2")]).await.unwrap();
        assert_eq!(of.into_iter().collect::<Vec<_>>(), [(bid("1"), biller)]);
        let (for_everyone, tiers) = use_cases::choices::defaults(&mut conn).await.unwrap();
        assert_eq!(for_everyone.map(|chosen| chosen.choices), Some(everyone));
        assert_eq!(tiers.iter().map(|one| one.subject.as_str()).collect::<Vec<_>>(), ["gold"]);
    })
    .await;
}

#[tokio::test]
async fn effects_and_history_read_back_as_written() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        db.with_run(&run(1, "1")).await;
        let hosted = UseCases::of([UseCase::UserHosting, UseCase::HostedLogin]);
        let effect = Effect::default().proven_by(hosted.clone(), run_id(1), after(5));
        let off = effect.proven_by(UseCases::default(), run_id(1), after(6));
        assert!(off.governs_login, "hosted login was on once");
        let change = |n: u64| Change {
            id: ChangeId::from_uuid(Uuid::from_u128(n.into())),
            bid: bid("1"),
            cause: Cause::Chosen,
            by: Actor::Operator,
            reason: Some("pilot".to_owned()),
            run: (n == 2).then(|| run_id(1)),
            choices_before: Choices::default(),
            choices_after: Choices::default().with(UseCase::UserHosting, Choice::On),
            effect_before: UseCases::default(),
            effect_after: hosted.clone(),
            at: after(n),
        };
        write(db, async |tx| {
            use_cases::changes::add(tx, &change(1)).await.unwrap();
            use_cases::changes::add(tx, &change(2)).await.unwrap();
            use_cases::effects::put(tx, &bid("1"), &effect).await.unwrap();
            use_cases::effects::put(tx, &bid("1"), &off).await.unwrap();
        })
        .await;
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(use_cases::effects::of(&mut conn, &bid("1")).await.unwrap(), off);
        let many = use_cases::effects::of_billers(&mut conn, &[bid("1"), bid("2")]).await.unwrap();
        assert_eq!(many.into_iter().collect::<Vec<_>>(), [(bid("1"), off)]);
        assert_eq!(use_cases::effects::of(&mut conn, &bid("2")).await.unwrap(), Effect::default());
        let history = use_cases::changes::of_biller(&mut conn, &bid("1"), 5).await.unwrap();
        assert_eq!(history, [change(2), change(1)], "newest first");
        let of_run = use_cases::changes::of_run(&mut conn, &bid("1"), run_id(1)).await.unwrap();
        assert_eq!(of_run, Some(change(2)));
        let found = use_cases::changes::find(&mut conn, change(1).id).await.unwrap();
        assert_eq!(found, Some(change(1)));
    })
    .await;
}
