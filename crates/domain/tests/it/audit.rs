//! The chain of the audit log.

use domain::{
    Timestamp,
    actor::{Actor, Role},
    audit::{AuditAction, AuditEntry, ChainedEntry, GENESIS, Subject, SubjectKind, chain_hash},
};
use proptest::{collection, option, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::samples::{NOW, person};

fn entry() -> AuditEntry {
    let subject = Subject::new(SubjectKind::Biller, "34");
    AuditEntry::new(NOW, person(Role::Ops), AuditAction::VendorChanged, subject)
        .because(Some("go-live on Monday".to_owned()))
        .change(
            Some(json!({ "status": "not_enabled" })),
            Some(json!({ "b": 1, "a": { "d": true, "c": "ä" } })),
        )
        .traced(Some("trace-1".to_owned()))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::btree_map("[a-z]{0,3}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_entry() -> impl Strategy<Value = AuditEntry> {
    let actor = prop_oneof![
        select(Role::ALL).prop_map(person),
        any::<String>().prop_map(|name| Actor::Integration { name }),
        Just(Actor::Operator),
        Just(Actor::Policy),
    ];
    let state = || option::of(any_json().prop_filter("null is nothing", |value| !value.is_null()));
    (
        any::<i64>().prop_map(Timestamp::from_micros),
        actor,
        select(AuditAction::ALL),
        (select(SubjectKind::ALL), any::<String>()).prop_map(|(kind, id)| Subject::new(kind, id)),
        option::of(any::<String>()),
        state(),
        state(),
        option::of(any::<String>()),
    )
        .prop_map(|(at, actor, action, subject, reason, before, after, trace_id)| AuditEntry {
            at,
            actor,
            action,
            subject,
            reason,
            before,
            after,
            trace_id,
        })
}

/// Each way in which exactly one field of the entry is another.
fn changed_in_one_field(entry: &AuditEntry) -> Vec<(&'static str, AuditEntry)> {
    let other_actor = if entry.actor == Actor::Operator { Actor::Policy } else { Actor::Operator };
    let other_action =
        if entry.action == AuditAction::SignedIn { AuditAction::SignedOut } else { AuditAction::SignedIn };
    let more = |text: &Option<String>| Some(format!("{}!", text.clone().unwrap_or_default()));
    let wrapped = |value: &Option<Value>| Some(json!([value]));
    let with = |change: &dyn Fn(&mut AuditEntry)| {
        let mut entry = entry.clone();
        change(&mut entry);
        entry
    };
    vec![
        ("at", with(&|e| e.at = Timestamp::from_micros(e.at.micros() ^ 1))),
        ("actor", with(&|e| e.actor = other_actor.clone())),
        ("action", with(&|e| e.action = other_action)),
        ("subject", with(&|e| e.subject.id.push('0'))),
        ("reason", with(&|e| e.reason = more(&e.reason))),
        ("before", with(&|e| e.before = wrapped(&e.before))),
        ("after", with(&|e| e.after = wrapped(&e.after))),
        ("trace", with(&|e| e.trace_id = more(&e.trace_id))),
        ("before and after", with(&|e| std::mem::swap(&mut e.before, &mut e.after))),
    ]
}

/// Written to disk by every console there is: this may never change.
#[test]
fn the_hash_of_an_entry_is_the_same_for_ever() {
    let first = chain_hash(GENESIS, 1, &entry());
    assert_eq!(first, "7b94a725096a61b39214ee4682284675e3a6b23bfe673a1182d26620bc7333ca");
    let bare =
        AuditEntry::new(NOW, Actor::Policy, AuditAction::RunRequested, Subject::new(SubjectKind::Wave, "w"));
    let second = chain_hash(&first, 2, &bare);
    assert_eq!(second, "183eb784e120adaa58ca539cb445abfc2ff3e772112c26227e6ab55563ac2220");
}

#[test]
fn the_order_in_which_a_state_was_put_together_does_not_matter() {
    let hash =
        |text: &str| chain_hash(GENESIS, 1, &entry().change(None, Some(serde_json::from_str(text).unwrap())));
    assert_eq!(
        hash(r#"{"a":{"x":1,"y":[{"p":1,"q":2}]},"b":2}"#),
        hash(r#"{"b":2,"a":{"y":[{"q":2,"p":1}],"x":1}}"#)
    );
    assert_ne!(hash(r#"{"a":[1,2]}"#), hash(r#"{"a":[2,1]}"#));
}

#[test]
fn a_reason_of_spaces_is_none() {
    assert_eq!(entry().because(Some(" \n".to_owned())).reason, None);
    assert_eq!(entry().because(Some("why".to_owned())).reason.as_deref(), Some("why"));
}

#[test]
fn no_text_passes_for_the_absence_of_one() {
    let mut none = entry();
    none.reason = None;
    let mut word = entry();
    word.reason = Some("null".to_owned());
    assert_ne!(chain_hash(GENESIS, 1, &none), chain_hash(GENESIS, 1, &word));
}

proptest! {
    #[test]
    fn a_change_of_any_one_field_changes_the_hash(entry in any_entry(), seq in 1..i64::MAX) {
        let hash = chain_hash(GENESIS, seq, &entry);
        prop_assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        for (field, changed) in changed_in_one_field(&entry).into_iter().filter(|(_, changed)| *changed != entry) {
            prop_assert_ne!(&chain_hash(GENESIS, seq, &changed), &hash, "{}", field);
        }
        prop_assert_ne!(&chain_hash(GENESIS, seq - 1, &entry), &hash);
        prop_assert_ne!(&chain_hash(&hash, seq, &entry), &hash);
    }

    #[test]
    fn an_entry_read_back_has_the_same_hash(entry in any_entry()) {
        let hash = chain_hash(GENESIS, 7, &entry);
        let chained = ChainedEntry { seq: 7, entry, prev_hash: GENESIS.to_owned(), hash: hash.clone() };
        let read: ChainedEntry = serde_json::from_str(&serde_json::to_string(&chained).unwrap()).unwrap();
        prop_assert_eq!(chain_hash(&read.prev_hash, read.seq, &read.entry), hash);
        prop_assert_eq!(read, chained);
    }
}
