//! How long the first page of a biller's users and a search in them take, on SQLite and on PostgreSQL (where
//! `CIAM_TEST_POSTGRES_URL` names a server; a database is made there and dropped again).
//!
//! The accounts are made up and loaded in bulk: what is measured is reading. The last of them are written as the
//! console writes them, so that whatever is loaded differently is read differently. Slowness is a figure, never an
//! error.
//!
//! `cargo bench --bench accounts_page -- --accounts 10000` takes a quick look.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its answer is a table on standard output")]

mod bulk;
mod made_up;

use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::{
    Bid, Timestamp,
    account::AccountStanding,
    biller::{BillerDraft, PortfolioSaid},
};
use storage::{
    Bookkeeping, OpenOptions, Store,
    accounts::{self, Account, AccountQuery},
    billers,
};

/// What every part answers with: a benchmark's errors are read by people, not handled.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Accounts that are written as the console does it.
const WRITTEN: u64 = 2_000;

/// Looks at each page.
const LOOKS: usize = 21;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    // Other benchmarks' options are passed over: `make bench` gives all of them the same.
    let after = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let wanted = after("--accounts").and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let only = after("--only").map(String::as_str);
    match measure(wanted.max(WRITTEN), only).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("accounts_page: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(wanted: u64, only: Option<&str>) -> Outcome<()> {
    println!("\n## A biller with {wanted} users\n");
    if only.is_none_or(|engine| engine == "sqlite") {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("accounts.db");
        of(&format!("sqlite:{}", file.display()), "SQLite", wanted).await?;
    }
    if only.is_none_or(|engine| engine == "postgres") {
        match std::env::var("CIAM_TEST_POSTGRES_URL") {
            Ok(server) => {
                let database = bulk::make_database(&server).await?;
                let done = of(&database.url, "PostgreSQL", wanted).await;
                database.drop(&server).await?;
                done?;
            }
            Err(_) => println!("PostgreSQL was not measured: CIAM_TEST_POSTGRES_URL is not set.\n"),
        }
    }
    Ok(())
}

async fn of(url: &str, engine: &str, wanted: u64) -> Outcome<()> {
    let bid = Bid::parse("1")?;
    let begun = Instant::now();
    drop(store(url, true).await?);
    begin(url, &bid).await?;
    bulk::load(url, (0..wanted - WRITTEN).map(|n| made_up::account(&bid, n))).await?;
    let store = store(url, false).await?;
    let those: Vec<Account> = (wanted - WRITTEN..wanted).map(|n| made_up::account(&bid, n)).collect();
    let mut tx = store.begin().await?;
    accounts::put_many(&mut tx, &bid, &those).await?;
    tx.commit_bookkeeping(Bookkeeping::SampleData).await?;
    println!("{engine}, loaded in {:.0?}:\n", begun.elapsed());
    println!("| | rows | median (ms) | slowest of {LOOKS} (ms) |\n|---|---|---|---|");
    let mut slowest = Duration::ZERO;
    for (what, query) in questions(&bid, wanted) {
        slowest = slowest.max(look(&store, &bid, what, &query).await?);
    }
    println!("\nThe slowest of all: {:.1} ms (aim: 50 ms).\n", millis(slowest));
    Ok(())
}

async fn store(url: &str, migrate: bool) -> Outcome<Store> {
    Ok(Store::open(url, OpenOptions { migrate, max_connections: 2 }).await?)
}

async fn begin(url: &str, bid: &Bid) -> Outcome<()> {
    let store = store(url, false).await?;
    let mut tx = store.begin().await?;
    let draft = BillerDraft {
        bid: bid.clone(),
        name: "Town of Ames".to_owned(),
        state: None,
        ownership: None,
        customers: None,
        tier: None,
        time_zone: None,
        portfolio: PortfolioSaid::Nothing,
    };
    billers::upsert(&mut tx, &draft, Timestamp::from_micros(1)).await?;
    tx.commit_bookkeeping(Bookkeeping::SampleData).await?;
    Ok(())
}

fn questions(bid: &Bid, wanted: u64) -> Vec<(&'static str, AccountQuery)> {
    let plain = AccountQuery { limit: 50, ..AccountQuery::default() };
    let find = |text: &str| AccountQuery { search: Some(text.to_owned()), ..plain.clone() };
    let somebody =
        made_up::account(bid, wanted / 2).side().map(|side| side.profile.clone()).unwrap_or_default();
    vec![
        ("first page", plain.clone()),
        (
            "first page of the locked",
            AccountQuery { standing: Some(AccountStanding::Inactive), ..plain.clone() },
        ),
        ("first page of the differing", AccountQuery { differing: true, ..plain.clone() }),
        ("an address, exactly", find(&somebody.email.unwrap_or_default())),
        ("IC's id, exactly", find(&format!("{:010}", wanted / 2))),
        ("one letter", find("b")),
        ("a common given name", find("ann")),
        ("a name in full", find(&format!("ann {}", somebody.family_name.unwrap_or_default()))),
        ("nobody", find("zzzz")),
    ]
}

/// Looks several times at a page; the answer is the slowest.
async fn look(store: &Store, bid: &Bid, what: &str, query: &AccountQuery) -> Outcome<Duration> {
    let mut took = Vec::new();
    let mut rows = 0;
    for _ in 0..LOOKS {
        let begun = Instant::now();
        let mut conn = store.read().await?;
        rows = accounts::list(&mut conn, bid, query).await?.accounts.len();
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    let middle = took.get(LOOKS / 2).copied().unwrap_or_default();
    let slowest = took.last().copied().unwrap_or_default();
    println!("| {what} | {rows} | {:.2} | {:.2} |", millis(middle), millis(slowest));
    Ok(slowest)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
