//! Sessions: how long they live, who sees them, and that what was ended stays ended.

use std::time::Duration;

use domain::session::{Means, SessionKey, SessionLimits, SignIn};
use storage::{
    Tx,
    sessions::{self, SignedIn},
};

use crate::fixture::{after, both};

const LIMITS: SessionLimits = SessionLimits { idle: minutes(60), absolute: minutes(150) };

const fn minutes(number: u64) -> Duration {
    Duration::from_secs(number * 60)
}

/// So many minutes after the beginning.
fn at(number: u64) -> domain::Timestamp {
    after(0).plus(minutes(number))
}

fn key(id: &str) -> SessionKey {
    SessionKey::of(id)
}

async fn open(tx: &mut Tx, id: &str, person: Option<&str>, minute: u64) {
    let who = person.map(|person| SignedIn {
        person_id: format!("person:{person}"),
        person: person.to_owned(),
        sign_in: SignIn::new(Means::RoleChooser, Some("Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")),
    });
    assert!(sessions::create(tx, &key(id), "first", who.as_ref(), at(minute), LIMITS).await.unwrap());
}

async fn data(tx: &mut Tx, key: &SessionKey, now: domain::Timestamp) -> Option<String> {
    let found = sessions::load(tx, key, now).await.unwrap()?;
    assert!(found.ends_at > now, "what is over is not found");
    Some(found.data)
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used_and_no_longer_than_the_absolute_limit() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        open(&mut tx, "a", Some("ann"), 0).await;
        let a = key("a");
        assert_eq!(data(&mut tx, &a, at(59)).await.as_deref(), Some("first"));
        assert_eq!(data(&mut tx, &a, at(60)).await, None, "an hour without use");
        assert!(!sessions::is_use_due(&mut tx, &a, after(59)).await.unwrap(), "not within the first minute");
        assert!(sessions::is_use_due(&mut tx, &a, at(50)).await.unwrap());
        sessions::note_use(&mut tx, &a, at(50), LIMITS).await.unwrap();
        assert!(data(&mut tx, &a, at(109)).await.is_some(), "used at 50");
        sessions::note_use(&mut tx, &a, at(109), LIMITS).await.unwrap();
        assert!(data(&mut tx, &a, at(149)).await.is_some());
        assert_eq!(data(&mut tx, &a, at(150)).await, None, "the absolute limit");
        sessions::note_use(&mut tx, &a, at(150), LIMITS).await.unwrap();
        assert_eq!(data(&mut tx, &a, at(151)).await, None, "use does not wake the dead");
        assert!(!sessions::is_use_due(&mut tx, &key("garbage"), at(50)).await.unwrap());
        assert_eq!(sessions::delete_expired(&mut tx, at(150)).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn saving_neither_prolongs_a_session_nor_brings_back_one_that_was_ended() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        open(&mut tx, "a", Some("ann"), 0).await;
        let taken = sessions::create(&mut tx, &key("a"), "thief", None, at(0), LIMITS).await.unwrap();
        assert!(!taken, "a key is given once");
        sessions::save(&mut tx, &key("a"), "second").await.unwrap();
        assert_eq!(data(&mut tx, &key("a"), at(59)).await.as_deref(), Some("second"));
        assert_eq!(data(&mut tx, &key("a"), at(60)).await, None);
        sessions::delete(&mut tx, &key("a")).await.unwrap();
        sessions::save(&mut tx, &key("a"), "third").await.unwrap();
        assert_eq!(data(&mut tx, &key("a"), at(1)).await, None);
    })
    .await;
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions() {
    both(async |db| {
        let mut tx = db.store.begin().await.unwrap();
        for (id, person, minute) in
            [("a1", Some("ann"), 0), ("a2", Some("ann"), 5), ("b1", Some("bob"), 7), ("x", None, 9)]
        {
            open(&mut tx, id, person, minute).await;
        }
        let of_ann = sessions::of_person(&mut tx, "person:ann", at(10)).await.unwrap();
        assert_eq!(of_ann.iter().map(|s| s.key.clone()).collect::<Vec<_>>(), [key("a2"), key("a1")]);
        assert_eq!(of_ann[0].sign_in.browser, "Firefox on Linux");
        assert_eq!((of_ann[0].opened_at, of_ann[0].expires_at), (at(5), at(65)));
        assert_eq!(sessions::of_person(&mut tx, "person:ann", at(62)).await.unwrap().len(), 1, "one expired");
        assert_eq!(sessions::all_open(&mut tx, at(10), 10).await.unwrap().len(), 3, "strangers are nobody");
        assert_eq!(sessions::all_open(&mut tx, at(10), 1).await.unwrap()[0].person, "bob");

        assert!(!sessions::delete_of_person(&mut tx, "person:ann", &key("b1")).await.unwrap(), "bob's");
        assert!(sessions::delete_of_person(&mut tx, "person:ann", &key("a1")).await.unwrap());
        open(&mut tx, "a3", Some("ann"), 9).await;
        let but = key("a3");
        assert_eq!(sessions::delete_all_of_person(&mut tx, "person:ann", Some(&but)).await.unwrap(), 1);
        assert_eq!(sessions::of_person(&mut tx, "person:ann", at(10)).await.unwrap()[0].key, but);
        assert_eq!(sessions::delete_all_of_person(&mut tx, "person:bob", None).await.unwrap(), 1);
        assert_eq!(sessions::all_open(&mut tx, at(10), 10).await.unwrap().len(), 1);
    })
    .await;
}
