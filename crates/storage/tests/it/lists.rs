//! The list of billers: compared with a plain sort and filter in memory, on names that break naive code.

use domain::{
    Bid,
    biller::{Biller, BillerDraft, CiamStatus, PortfolioSaid},
    filter::{BillerFilter, Cursor, Direction, ListQuery, SortBy},
    run::RunState,
    search,
};
use proptest::{
    collection::vec,
    option, prop_oneof,
    sample::select,
    strategy::{Just, Strategy},
    test_runner::{Config, TestRunner},
};
use storage::{Bookkeeping, billers, runs};

use crate::fixture::{Database, T0, after, bid, both, draft, run};

const HOSTILE: &[&str] = &[
    "City of Abbeville - (SC)",
    "city of abbeville",
    "Ångström Gas",
    "angstrom gas",
    "Straße AG",
    "STRASSE AG",
    "O'Brien Water",
    "Obrien Water",
    "O Brien Water",
    "İstanbul Su",
    "中文 Utility",
    "🙂",
    "!!!",
    "...",
    "100% Power",
    "100_Power",
    "Zürich",
    "zurich",
    "Zebra",
    "a",
    "A",
    "é",
    "ﬁre co",
    "\u{200b}Zero",
    "Co-op",
    "Coop",
    "Co op",
    "~tilde",
    "{brace}",
];

fn names() -> impl Strategy<Value = String> {
    prop_oneof![select(HOSTILE).prop_map(str::to_owned), "[a-cA-C éß%_'.0-2-]{1,9}"]
}

fn some(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    option::of(select(values).prop_map(str::to_owned))
}

const STATES: &[&str] = &["TX", "tx", "NY", "Å"];
const OWNERS: &[&str] = &["Municipal", "Cooperative"];
const TIERS: &[&str] = &["gold", "silver"];
const PORTFOLIOS: &[&str] = &["Coast", "coast"];

/// A biller to be: what IC says, its status, when it got there, whether its run failed.
type Plan = (BillerDraft, CiamStatus, u64, bool);

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let one = (
        "[abAB19][a-bA-B0-9._-]{0,3}",
        names(),
        (some(STATES), some(OWNERS), some(TIERS), some(PORTFOLIOS)),
        option::of(prop_oneof![0_i64..4, Just(i64::MAX), 0_i64..100_000]),
        select(CiamStatus::ALL),
        0_u64..5,
        proptest::bool::weighted(0.2),
    );
    vec(one, 0..50).prop_map(|rows| {
        rows.into_iter()
            .map(|(id, name, (state, ownership, tier, own), customers, status, since, failed)| {
                let portfolio =
                    own.map_or(PortfolioSaid::Nothing, |own| PortfolioSaid::In(own.parse().unwrap()));
                let draft = BillerDraft { state, ownership, tier, customers, portfolio, ..draft(&id, &name) };
                (draft, status, since, failed)
            })
            .collect()
    })
}

fn searches() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => "[a-cA-C0-2é. -]{0,4}",
        1 => select(HOSTILE).prop_map(|name| name.chars().take(5).collect()),
        1 => select(vec!["city abb", "'%", "co", "o'b", "a a", "str", "-"]).prop_map(str::to_owned),
    ]
}

fn queries() -> impl Strategy<Value = ListQuery> {
    let filter = (
        searches(),
        prop_oneof![3 => Just(Vec::new()), 2 => vec(select(CiamStatus::ALL), 1..4)],
        proptest::bool::weighted(0.2),
        prop_oneof![3 => Just(None), 1 => some(STATES)],
        prop_oneof![4 => Just(None), 1 => some(OWNERS)],
        prop_oneof![4 => Just(None), 1 => some(TIERS)],
        prop_oneof![2 => Just(None), 1 => some(PORTFOLIOS)],
    )
        .prop_map(|(search, statuses, needs_attention, state, ownership, tier, own)| BillerFilter {
            search,
            statuses,
            needs_attention,
            state,
            ownership,
            tier,
            portfolio: own.map(|own| own.parse().unwrap()),
            stage: None,
        });
    (filter, select(SortBy::ALL), select(Direction::ALL), 1_usize..9).prop_map(
        |(filter, sort, direction, limit)| ListQuery { filter, sort, direction, cursor: None, limit },
    )
}

/// A biller and whether its run failed.
type Row = (Biller, bool);

fn matches(filter: &BillerFilter, (biller, attention): &Row) -> bool {
    let terms = search::biller_terms(biller.name(), biller.bid().as_str());
    let is = |wanted: &Option<String>, value: &Option<String>| wanted.is_none() || wanted == value;
    search::words(&filter.search).iter().all(|word| terms.iter().any(|term| term.starts_with(word.as_str())))
        && (filter.statuses.is_empty() || filter.statuses.contains(&biller.status))
        && (!filter.needs_attention || *attention)
        && is(&filter.state, &biller.draft.state)
        && is(&filter.ownership, &biller.draft.ownership)
        && is(&filter.tier, &biller.draft.tier)
        && (filter.portfolio.is_none() || filter.portfolio.as_ref() == biller.portfolio())
}

fn naive(rows: &[Row], query: &ListQuery) -> Vec<Bid> {
    let mut found: Vec<&Biller> =
        rows.iter().filter(|row| matches(&query.filter, row)).map(|row| &row.0).collect();
    found.sort_by(|a, b| {
        let ways = match query.sort {
            SortBy::Name => search::fold(a.name()).cmp(&search::fold(b.name())),
            SortBy::Bid => std::cmp::Ordering::Equal,
            SortBy::Customers => a.draft.customers.cmp(&b.draft.customers),
            SortBy::Changed => a.status_since.cmp(&b.status_since),
        };
        let ways = ways.then_with(|| a.bid().cmp(b.bid()));
        let ways = if query.direction == Direction::Descending { ways.reverse() } else { ways };
        let missing = |biller: &Biller| query.sort == SortBy::Customers && biller.draft.customers.is_none();
        missing(a).cmp(&missing(b)).then(ways)
    });
    found.into_iter().map(|biller| biller.bid().clone()).collect()
}

/// Follows the cursors from page to page; the answer is every bid and the last page's way back.
async fn walk(
    db: &Database,
    query: &ListQuery,
    from: Option<Cursor>,
    forward: bool,
) -> (Vec<Bid>, Option<Cursor>) {
    let mut conn = db.store.read().await.unwrap();
    let mut seen: Vec<Bid> = Vec::new();
    let mut cursor = from;
    loop {
        // Cursors travel in URLs.
        let sent = cursor.as_ref().map(|cursor| Cursor::parse(&cursor.to_string()).unwrap());
        let page = billers::list(&mut conn, &ListQuery { cursor: sent, ..query.clone() }).await.unwrap();
        assert!(page.rows.len() <= query.limit);
        let bids: Vec<Bid> = page.rows.iter().map(|row| row.bid().clone()).collect();
        let (on, back) = if forward { (page.next, page.previous) } else { (page.previous, page.next) };
        if forward {
            seen.extend(bids)
        } else {
            seen.splice(0..0, bids).for_each(drop)
        }
        match on {
            Some(next) => cursor = Some(next),
            None => return (seen, back),
        }
    }
}

async fn fill(db: &Database, plans: &[Plan]) -> Vec<Row> {
    db.tamper(
        "DELETE FROM run_steps; UPDATE billers SET open_run = NULL; DELETE FROM runs; DELETE FROM biller_terms; \
         DELETE FROM billers; DELETE FROM counters",
    )
    .await
    .unwrap();
    db.with(&plans.iter().map(|plan| plan.0.clone()).collect::<Vec<_>>()).await;
    let mut rows: Vec<Row> = Vec::new();
    let mut tx = db.store.begin().await.unwrap();
    for (n, (draft, status, since, failed)) in plans.iter().enumerate() {
        if rows.iter().any(|(row, _)| row.bid() == &draft.bid) {
            continue;
        }
        billers::set_status(&mut tx, &draft.bid, CiamStatus::NotEnabled, *status, after(*since))
            .await
            .unwrap();
        if *failed {
            let failed = run(n as u128 + 1, draft.bid.as_str());
            runs::create(&mut tx, &failed).await.unwrap();
            runs::set_state(&mut tx, failed.id, RunState::Queued, RunState::Failed, T0).await.unwrap();
        }
        rows.push((billers::find(&mut tx, &draft.bid).await.unwrap().unwrap(), *failed));
    }
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_what_a_plain_sort_and_filter_gives_and_visit_every_row_once_both_ways() {
    both(async |db| {
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config { cases: 25, failure_persistence: None, ..Config::default() };
            let mut runner = TestRunner::new(config);
            runner
                .run(&(plans(), vec(queries(), 12)), |(plans, queries)| {
                    runtime.block_on(async {
                        let rows = fill(db, &plans).await;
                        for query in queries {
                            let expected = naive(&rows, &query);
                            let (forward, back) = walk(db, &query, None, true).await;
                            assert_eq!(forward, expected, "forward: {query:?}");
                            if let Some(back) = back {
                                let last_page =
                                    forward.len() - (forward.len() - 1) / query.limit * query.limit;
                                let (backward, _) = walk(db, &query, Some(back), false).await;
                                let before = &expected[..expected.len() - last_page];
                                assert_eq!(backward, before, "backward: {query:?}");
                            }
                            let all =
                                ListQuery { sort: SortBy::Name, direction: Direction::Ascending, ..query };
                            let mut conn = db.store.read().await.unwrap();
                            let bids = billers::matching_bids(&mut conn, &all.filter, 7).await.unwrap();
                            assert_eq!(bids, naive(&rows, &all).into_iter().take(7).collect::<Vec<_>>());
                        }
                    });
                    Ok(())
                })
                .unwrap();
        });
    })
    .await;
}

/// Enough billers that their common words are not few any more. "Late" is frequent, too, but stands at the end of
/// the order by name.
async fn many(db: &Database) -> Vec<Row> {
    let drafts: Vec<BillerDraft> = (0..7_000)
        .map(|n| {
            let front = if n < 2_500 { "Zz Late" } else { "Common" };
            let rare = if n % 900 == 0 { " Rare" } else { "" };
            let half = if n % 2 == 0 { "Even" } else { "Odd" };
            BillerDraft {
                state: Some(if n % 100 == 0 { "AK" } else { "TX" }.to_owned()),
                customers: (n % 3 > 0).then_some(n % 50),
                ..draft(&format!("m{n}"), &format!("{front} {half}{rare} {:04}", n * 7 % 7_000))
            }
        })
        .collect();
    db.with(&drafts).await;
    let mut conn = db.store.read().await.unwrap();
    let all = ListQuery { limit: 10_000, ..ListQuery::default() };
    let rows = billers::list(&mut conn, &all).await.unwrap().rows;
    assert_eq!(rows.len(), 7_000);
    rows.into_iter().map(|biller| (biller, false)).collect()
}

#[tokio::test]
async fn frequent_and_rare_words_are_found_alone_and_together_in_every_order() {
    both(async |db| {
        let rows = many(db).await;
        let (up, down) = (Direction::Ascending, Direction::Descending);
        let orders = [(SortBy::Name, up), (SortBy::Name, down), (SortBy::Customers, down)];
        for (words, state, statuses, expected) in [
            ("common", None, vec![], 4_500),
            ("late", None, vec![], 2_500),
            ("comm eve", None, vec![CiamStatus::NotEnabled, CiamStatus::Enabled], 2_250),
            ("late odd", None, vec![CiamStatus::NotEnabled], 1_250),
            ("common late", None, vec![], 0),
            ("common rare", None, vec![], 5),
            ("common even", Some("AK"), vec![], 45),
            ("nobody", None, vec![], 0),
        ] {
            let search = words.to_owned();
            let filter =
                BillerFilter { search, statuses, state: state.map(str::to_owned), ..BillerFilter::default() };
            for (sort, direction) in orders {
                let query = ListQuery { filter: filter.clone(), sort, direction, cursor: None, limit: 1_500 };
                let plain = naive(&rows, &query);
                assert_eq!(plain.len(), expected, "{words:?} in {state:?}");
                let (forward, back) = walk(db, &query, None, true).await;
                assert!(forward == plain, "forward: {query:?}");
                if let Some(back) = back {
                    let (backward, _) = walk(db, &query, Some(back), false).await;
                    assert!(plain.starts_with(&backward), "backward: {query:?}");
                    assert!(plain.len() - backward.len() <= query.limit, "backward: {query:?}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_made_up_by_someone_is_the_beginning_of_the_list() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let mut conn = db.store.read().await.unwrap();
        let cursor = Cursor::parse("a~1~not a number");
        let query = ListQuery { sort: SortBy::Customers, cursor, ..ListQuery::default() };
        let page = billers::list(&mut conn, &query).await.unwrap();
        assert_eq!(page.rows.len(), 2);
        assert_eq!(page.previous, None);
    })
    .await;
}

#[tokio::test]
async fn names_that_look_alike_are_found_by_one_spelling() {
    both(async |db| {
        db.with(&[draft("1", "Ångström Gas"), draft("2", "O'Brien"), draft("ic-34.X", "Plain")]).await;
        for (words, found) in [
            ("angs", "1"),
            ("ÅNG gas", "1"),
            ("obr", "2"),
            ("o'brien", "2"),
            ("ic-34", "ic-34.X"),
            ("34", "ic-34.X"),
        ] {
            let filter = BillerFilter { search: words.to_owned(), ..BillerFilter::default() };
            let mut conn = db.store.read().await.unwrap();
            assert_eq!(
                billers::matching_bids(&mut conn, &filter, 9).await.unwrap(),
                [bid(found)],
                "{words:?}"
            );
        }
    })
    .await;
}
