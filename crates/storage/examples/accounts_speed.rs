//! How long the first page of a biller's users and a search in them take: `cargo run --release --example
//! accounts_speed -- sqlite:/path/to/new.db 1000000`. Makes the accounts itself; the database can be thrown away.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program that prints what it measured")]

use std::time::{Duration, Instant};

use domain::{
    Bid, Timestamp,
    account::{AccountStanding, AccountStatus, Origin, Profile, Side},
    biller::{BillerDraft, PortfolioSaid},
};
use storage::{
    Bookkeeping, OpenOptions, Store,
    accounts::{self, Account, AccountQuery},
    billers,
    user_migrations::RowIds,
};

const GIVEN: [&str; 12] =
    ["Ann", "Bob", "Cid", "Dora", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kay", "Léa"];
const SYLLABLES: [&str; 20] = [
    "ba", "ber", "cho", "dal", "en", "fos", "gra", "hill", "in", "jor", "kin", "lo", "mar", "nor", "o",
    "per", "ros", "son", "tan", "wi",
];

/// A number that looks random, the same each time.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
    let n = (n ^ (n >> 27)).wrapping_mul(0x81da_def4_bc2d_d44d);
    n ^ (n >> 33)
}

fn pick<'a>(from: &[&'a str], n: u64) -> &'a str {
    let length = u64::try_from(from.len()).unwrap_or(1);
    usize::try_from(n % length).ok().and_then(|place| from.get(place)).copied().unwrap_or("a")
}

fn account(bid: &Bid, n: u64) -> Account {
    let dice = mixed(n);
    let mut random = [0; 96];
    for (place, byte) in random.iter_mut().enumerate() {
        *byte = mixed(n.wrapping_mul(97) + place as u64).to_be_bytes()[0];
    }
    let given = pick(&GIVEN, dice).to_owned();
    let family: String = (1..4_u32).map(|turn| pick(&SYLLABLES, dice >> (turn * 8))).collect();
    let status = match dice % 50 {
        0 => AccountStatus::Inactive,
        1 => AccountStatus::New,
        _ => AccountStatus::Active,
    };
    let profile = Profile {
        username: Some(format!("{family}{n}")),
        email: Some(format!("{family}.{n}@example.org")),
        given_name: Some(given),
        family_name: Some(family),
        ..Profile::default()
    };
    let side = Side { status, profile };
    let now = Timestamp::from_micros(1_795_000_000_000_000);
    Account {
        bid: bid.clone(),
        reference: format!("{n:010}"),
        ids: RowIds::mint(&random),
        origin: Origin::Moved,
        ic: (!dice.is_multiple_of(1_000)).then(|| side.clone()),
        ic_version: None,
        ic_digest: None,
        ic_at: Some(now),
        vendor: Some(side),
        vendor_at: Some(now),
        hold: None,
        password_at: Some(now),
        created_at: now,
        changed_at: now,
        version: 0,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut words = std::env::args().skip(1);
    let url = words.next().expect("the address of a database");
    let wanted: u64 = words.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let store =
        Store::open(&url, OpenOptions { migrate: true, max_connections: 2 }).await.expect("a database");
    let bid: Bid = "1".parse().expect("a bid");
    let began = Instant::now();
    fill(&store, &bid, wanted).await;
    println!("{wanted} accounts made in {:.0?}", began.elapsed());
    let plain = AccountQuery { limit: 50, ..AccountQuery::default() };
    let find = |text: &str| AccountQuery { search: Some(text.to_owned()), ..plain.clone() };
    let last = account(&bid, wanted / 2).side().cloned().expect("a side").profile;
    let exact = last.email.unwrap_or_default();
    for (what, query) in [
        ("first page", plain.clone()),
        (
            "first page of the locked",
            AccountQuery { standing: Some(AccountStanding::Inactive), ..plain.clone() },
        ),
        ("first page of the differing", AccountQuery { differing: true, ..plain.clone() }),
        ("an address, exactly", find(&exact)),
        ("IC's id, exactly", find(&format!("{:010}", wanted / 2))),
        ("one letter", find("b")),
        ("a common given name", find("ann")),
        ("a name in full", find(&format!("ann {}", last.family_name.unwrap_or_default()))),
        ("nobody", find("zzzz")),
    ] {
        measure(&store, &bid, what, &query).await;
    }
}

async fn fill(store: &Store, bid: &Bid, wanted: u64) {
    let mut tx = store.begin().await.expect("a transaction");
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
    billers::upsert(&mut tx, &draft, Timestamp::from_micros(1)).await.expect("a biller");
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.expect("a commit");
    let mut n = 0;
    while n < wanted {
        let until = wanted.min(n + 20_000);
        let those: Vec<Account> = (n..until).map(|n| account(bid, n)).collect();
        let mut tx = store.begin().await.expect("a transaction");
        accounts::put_many(&mut tx, bid, &those).await.expect("accounts");
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.expect("a commit");
        n = until;
    }
}

/// The middle and the slowest of twenty-one rounds, in milliseconds.
async fn measure(store: &Store, bid: &Bid, what: &str, query: &AccountQuery) {
    let mut took = Vec::new();
    let mut rows = 0;
    for _ in 0..21 {
        let began = Instant::now();
        let mut conn = store.read().await.expect("a connection");
        rows = accounts::list(&mut conn, bid, query).await.expect("a page").accounts.len();
        took.push(began.elapsed());
    }
    took.sort_unstable();
    let millis = |at: Duration| at.as_secs_f64() * 1_000.0;
    println!("{what}: {rows} rows, median {:.2} ms, slowest {:.2} ms", millis(took[10]), millis(took[20]));
}
