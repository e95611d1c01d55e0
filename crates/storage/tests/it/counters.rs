//! Kept numbers equal a recount, whatever happened before.

use std::cell::Cell;

use domain::{
    biller::{BillerDraft, CiamStatus, PortfolioSaid},
    legacy::LegacyPassword,
    run::{RunState, StepState},
};
use proptest::{
    collection::vec,
    option, prop_oneof,
    sample::select,
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use storage::{Bookkeeping, StorageError, billers, runs, users};

use crate::fixture::{Database, T0, bid, both, draft, run};

/// Something that changes numbers; refusals are part of it.
#[derive(Clone, Debug)]
enum Act {
    Upsert {
        biller: usize,
        state: Option<&'static str>,
        tier: Option<&'static str>,
        portfolio: PortfolioSaid,
    },
    Status {
        biller: usize,
        to: CiamStatus,
    },
    Run {
        biller: usize,
    },
    RunState {
        biller: usize,
        to: RunState,
    },
    User {
        biller: usize,
        user: usize,
        password: LegacyPassword,
    },
    RollBack {
        biller: usize,
    },
}

fn portfolios() -> impl Strategy<Value = PortfolioSaid> {
    let own = |name: &str| PortfolioSaid::In(name.parse().unwrap());
    select(vec![PortfolioSaid::Nothing, PortfolioSaid::InNone, own("Coast"), own("Plains")])
}

fn acts() -> impl Strategy<Value = Act> {
    let some = option::of(select(vec!["TX", "NY", "AK"]));
    prop_oneof![
        3 => (0_usize..5, some, option::of(select(vec!["gold", "silver"])), portfolios())
            .prop_map(|(biller, state, tier, portfolio)| Act::Upsert { biller, state, tier, portfolio }),
        2 => (0_usize..5, select(CiamStatus::ALL)).prop_map(|(biller, to)| Act::Status { biller, to }),
        2 => (0_usize..5).prop_map(|biller| Act::Run { biller }),
        3 => (0_usize..5, select(RunState::ALL)).prop_map(|(biller, to)| Act::RunState { biller, to }),
        2 => (0_usize..5, 0_usize..3, select(LegacyPassword::ALL))
            .prop_map(|(biller, user, password)| Act::User { biller, user, password }),
        1 => (0_usize..5).prop_map(|biller| Act::RollBack { biller }),
    ]
}

fn biller(n: usize) -> BillerDraft {
    draft(&format!("b{n}"), &format!("Biller {n}"))
}

async fn perform(db: &Database, act: &Act, next_run: u128) -> Result<(), StorageError> {
    let mut tx = db.store.begin().await?;
    match act {
        Act::Upsert { biller: n, state, tier, portfolio } => {
            let draft = BillerDraft {
                state: state.map(str::to_owned),
                tier: tier.map(str::to_owned),
                portfolio: portfolio.clone(),
                ..biller(*n)
            };
            billers::upsert(&mut tx, &draft, T0).await?;
        }
        Act::Status { biller: n, to } => {
            let Some(found) = billers::find(&mut tx, &biller(*n).bid).await? else { return Ok(()) };
            billers::set_status(&mut tx, found.bid(), found.status, *to, T0).await?;
        }
        Act::Run { biller: n } => {
            if billers::find(&mut tx, &biller(*n).bid).await?.is_none() {
                return Ok(());
            }
            runs::create(&mut tx, &run(next_run, biller(*n).bid.as_str())).await?;
        }
        Act::RunState { biller: n, to } => {
            let Some(open) = runs::open_of(&mut tx, &biller(*n).bid).await? else { return Ok(()) };
            runs::finish_step(&mut tx, open.id, 0, StepState::Done, None, T0).await.ok();
            runs::set_state(&mut tx, open.id, open.state, *to, T0).await?;
        }
        Act::User { biller: n, user, password } => {
            if billers::find(&mut tx, &biller(*n).bid).await?.is_some() {
                users::put(&mut tx, &biller(*n).bid, &format!("user {user}"), *password).await?;
            }
        }
        Act::RollBack { biller: n } => {
            billers::upsert(&mut tx, &BillerDraft { tier: Some("lost".to_owned()), ..biller(*n) }, T0)
                .await?;
            return Ok(());
        }
    }
    tx.commit_bookkeeping(Bookkeeping::SampleData).await
}

async fn check(db: &Database) {
    let mut conn = db.store.read().await.unwrap();
    let counts = billers::counts(&mut conn, None).await.unwrap();
    let counted =
        async |what: String| u64::try_from(db.number(&format!("SELECT COUNT(*) FROM {what}")).await).unwrap();
    assert_eq!(counts.total, counted("billers".to_owned()).await);
    assert_eq!(counts.attention, counted("runs WHERE state = 'failed'".to_owned()).await);
    assert_eq!(counts.attention, counted("billers WHERE attention".to_owned()).await);
    for (status, n) in counts.by_status {
        assert_eq!(n, counted(format!("billers WHERE status = '{status}'")).await, "{status}");
    }
    let facets = billers::facets(&mut conn, None).await.unwrap();
    for (column, facet) in
        [("state", facets.states), ("tier", facets.tiers), ("portfolio", facets.portfolios)]
    {
        let sum: u64 = facet.iter().map(|(_, n)| n).sum();
        assert_eq!(sum, counted(format!("billers WHERE {column} IS NOT NULL")).await, "{column}");
        for (value, n) in facet {
            assert_eq!(n, counted(format!("billers WHERE {column} = '{value}'")).await, "{column} {value}");
        }
    }
    for own in ["Coast", "Plains", "Nowhere"] {
        let within = own.parse().unwrap();
        let of = |what: &str| counted(format!("billers WHERE portfolio = '{own}'{what}"));
        let counts = billers::counts(&mut conn, Some(&within)).await.unwrap();
        assert_eq!(counts.total, of("").await, "{own}");
        assert_eq!(counts.attention, of(" AND attention").await, "{own}");
        for (status, n) in counts.by_status {
            assert_eq!(n, of(&format!(" AND status = '{status}'")).await, "{own} {status}");
        }
        let facets = billers::facets(&mut conn, Some(&within)).await.unwrap();
        for (column, facet) in [("state", facets.states), ("tier", facets.tiers)] {
            let sum: u64 = facet.iter().map(|(_, n)| n).sum();
            assert_eq!(sum, of(&format!(" AND {column} IS NOT NULL")).await, "{own} {column}");
            for (value, n) in facet {
                assert_eq!(n, of(&format!(" AND {column} = '{value}'")).await, "{own} {column} {value}");
            }
        }
    }
    for n in 0..5 {
        let bid = biller(n).bid;
        let kept = users::legacy_password_counts(&mut conn, &bid).await.unwrap();
        for (word, n) in [("current", kept.current), ("stale", kept.stale), ("missing", kept.missing)] {
            let what = format!("biller_users WHERE bid = '{bid}' AND legacy_password = '{word}'");
            assert_eq!(n, counted(what).await, "{bid} {word}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_numbers_equal_a_recount_after_any_history() {
    both(async |db| {
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config { cases: 8, failure_persistence: None, ..Config::default() };
            let next_run = Cell::new(0);
            TestRunner::new(config)
                .run(&vec(acts(), 1..40), |acts| {
                    runtime.block_on(async {
                        for act in &acts {
                            next_run.set(next_run.get() + 1);
                            match perform(db, act, next_run.get()).await {
                                Ok(()) | Err(StorageError::RunOpen) => {}
                                Err(error) => panic!("{act:?}: {error}"),
                            }
                        }
                        check(db).await;
                    });
                    Ok(())
                })
                .unwrap();
        });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_hold_when_many_write_at_once() {
    both(async |db| {
        let writers = (0..8).map(|writer| {
            let store = db.store.clone();
            tokio::spawn(async move {
                for n in 0..10 {
                    let mut tx = store.begin().await.unwrap();
                    // Each biller is announced by several writers at the same time.
                    let known =
                        BillerDraft { tier: Some(format!("t{}", writer % 3)), ..biller((writer + n) % 5) };
                    billers::upsert(&mut tx, &known, T0).await.unwrap();
                    users::put(
                        &mut tx,
                        &bid(known.bid.as_str()),
                        "same user",
                        LegacyPassword::ALL[writer % 3],
                    )
                    .await
                    .unwrap();
                    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        check(db).await;
    })
    .await;
}
