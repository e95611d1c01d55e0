//! The list of accounts and the search: the same order on both databases, each account once, numbers kept.

use domain::{
    Bid, Timestamp,
    account::{AccountStanding, AccountStatus, Origin, Profile, Side},
};
use storage::{
    Bookkeeping, Store,
    accounts::{self, Account, AccountQuery},
    user_migrations::RowIds,
};

use crate::fixture::{self, Database};

fn account(bid: &Bid, n: u32, given: &str, family: &str) -> Account {
    let mut random = [0; 96];
    random[..4].copy_from_slice(&n.to_be_bytes());
    let side = Side {
        status: if n.is_multiple_of(5) { AccountStatus::Inactive } else { AccountStatus::Active },
        profile: Profile {
            username: Some(format!("user{n}")),
            email: Some(format!("{}.{n}@x.example", given.to_lowercase())),
            given_name: Some(given.to_owned()),
            family_name: Some(family.to_owned()),
            ..Profile::default()
        },
    };
    let now = Timestamp::from_micros(i64::from(n));
    Account {
        bid: bid.clone(),
        reference: n.to_string(),
        ids: RowIds::mint(&random),
        origin: Origin::Moved,
        ic: Some(side.clone()),
        ic_version: None,
        ic_digest: None,
        ic_at: None,
        vendor: Some(side),
        vendor_at: None,
        hold: None,
        password_at: None,
        created_at: now,
        changed_at: now,
        version: 0,
    }
}

async fn put(store: &Store, accounts: &[Account]) {
    let mut tx = store.begin().await.unwrap();
    accounts::put_many(&mut tx, &accounts[0].bid, accounts).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

/// Every page of what is asked for, as references.
async fn all(store: &Store, bid: &Bid, query: AccountQuery) -> Vec<String> {
    let mut conn = store.read().await.unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let query = AccountQuery { after: after.clone(), limit: 7, ..query.clone() };
        let page = accounts::list(&mut conn, bid, &query).await.unwrap();
        found.extend(page.accounts.into_iter().map(|it| it.reference));
        if page.next.is_none() {
            return found;
        }
        after = page.next;
    }
}

fn search(text: &str) -> AccountQuery {
    AccountQuery { search: Some(text.to_owned()), ..AccountQuery::default() }
}

#[tokio::test]
async fn accounts_are_listed_and_found_once_each_and_counted() {
    fixture::both(async |database: &Database| {
        let store = &database.store;
        let bid: Bid = "1".parse().unwrap();
        database.with(&[fixture::draft("1", "Town of Ames")]).await;
        let names = [("Ann", "O'Brien"), ("Änne", "Brown"), ("ann", "Ánnan"), ("Bob", "Zoe")];
        let those: Vec<Account> = (1..=40)
            .map(|n| {
                let (given, family) = names[(n % 4) as usize];
                account(&bid, n, given, family)
            })
            .collect();
        put(store, &those).await;
        put(store, &those).await;
        let listed = all(store, &bid, AccountQuery::default()).await;
        assert_eq!(listed.len(), 40);
        for (text, n) in [
            ("ann", 30),
            ("annan", 10),
            ("anne b", 10),
            ("obrien", 10),
            ("user1", 11),
            ("user12", 1),
            ("ann.4@", 1),
            ("zo", 10),
            ("_", 0),
            ("ann_", 0),
        ] {
            let mut found = all(store, &bid, search(text)).await;
            assert_eq!(found.len(), n, "{text}: {found:?}");
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), n, "{text}: each once");
        }
        let mut conn = store.read().await.unwrap();
        let counts = accounts::counts(&mut conn, &bid).await.unwrap();
        assert_eq!((counts.total(), counts.of(AccountStanding::Inactive), counts.differing), (40, 8, 0));
        drop(conn);
        let locked = AccountQuery { standing: Some(AccountStanding::Inactive), ..AccountQuery::default() };
        assert_eq!(all(store, &bid, locked).await.len(), 8);

        // A new name takes the old one's place in the list, in the search and in the numbers.
        let mut renamed = account(&bid, 1, "Quentin", "Quill");
        renamed.ic = None;
        put(store, &[renamed]).await;
        assert_eq!(all(store, &bid, search("quentin q")).await, ["1"]);
        assert_eq!(all(store, &bid, search("ann")).await.len(), 29);
        let differing = AccountQuery { differing: true, ..AccountQuery::default() };
        assert_eq!(all(store, &bid, differing).await, ["1"]);
        let mut tx = store.begin().await.unwrap();
        accounts::forget(&mut tx, &bid, &[those[1].ids.user]).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
        let mut conn = store.read().await.unwrap();
        assert_eq!(accounts::counts(&mut conn, &bid).await.unwrap().total(), 39);
        assert!(accounts::find(&mut conn, &bid, "2").await.unwrap().is_none());
    })
    .await;
}
