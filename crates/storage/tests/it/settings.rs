//! Settings: decisions on three levels, what was read, and proposals.

use std::collections::BTreeMap;

use domain::{
    ProposalId,
    actor::Actor,
    settings::{Layer, Observed, Proposal, ProposalSource, ProposedLayer, Scope, SettingKey, SettingValue},
};
use storage::{
    Bookkeeping, Store,
    settings::{self, LastChange, ObservedScope},
};
use uuid::Uuid;

use crate::fixture::{T0, after, bid, both, draft};

fn key(text: &str) -> SettingKey {
    text.parse().unwrap()
}

fn decided(value: Option<SettingValue>, seconds: u64) -> LastChange {
    LastChange { value, at: after(seconds), by: Actor::Operator, reason: Some("because".to_owned()) }
}

async fn set(store: &Store, layer: &Layer, name: &str, change: &LastChange) {
    let mut tx = store.begin().await.unwrap();
    settings::set(&mut tx, layer, key(name), change).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

#[tokio::test]
async fn decisions_are_kept_level_by_level_and_going_back_is_one_too() {
    both(async |db| {
        db.with(&[draft("1", "One"), draft("2", "Two")]).await;
        let colour = "organization.color";
        let value = |text: &str| Some(SettingValue::Text(text.to_owned()));
        let (all, gold, one) = (Layer::Everywhere, Layer::Tier("gold".to_owned()), Layer::Biller(bid("1")));
        set(&db.store, &all, colour, &decided(value("#111111"), 1)).await;
        set(&db.store, &gold, colour, &decided(value("#222222"), 2)).await;
        set(&db.store, &one, colour, &decided(value("#333333"), 3)).await;
        let mut conn = db.store.read().await.unwrap();
        let layers = settings::layers_of(&mut conn, &bid("1"), Some("gold")).await.unwrap();
        let text = |values: &domain::settings::Values| values.get(&key(colour)).map(SettingValue::to_text);
        assert_eq!(text(&layers.everywhere).as_deref(), Some("#111111"));
        assert_eq!(text(&layers.tier).as_deref(), Some("#222222"));
        assert_eq!(text(&layers.biller).as_deref(), Some("#333333"));
        let other = settings::layers_of(&mut conn, &bid("2"), None).await.unwrap();
        assert_eq!((text(&other.tier), text(&other.biller)), (None, None));
        drop(conn);
        set(&db.store, &one, colour, &decided(None, 4)).await;
        let mut conn = db.store.read().await.unwrap();
        let layers = settings::layers_of(&mut conn, &bid("1"), Some("gold")).await.unwrap();
        assert_eq!(text(&layers.biller), None, "inherited again");
        let last = settings::values_of(&mut conn, &one).await.unwrap();
        assert_eq!(last.get(&key(colour)), Some(&decided(None, 4)), "who decided so is known");
    })
    .await;
}

#[tokio::test]
async fn what_was_read_is_kept_object_by_object() {
    both(async |db| {
        db.with(&[draft("1", "One")]).await;
        let read = |colour: &str, seconds| ObservedScope {
            values: BTreeMap::from([
                (key("organization.color"), Observed::Value(SettingValue::Text(colour.to_owned()))),
                (key("organization.code_ttl"), Observed::Foreign("\"1.5s\"".to_owned())),
                (key("organization.cookie_max_age"), Observed::Own),
            ]),
            read_at: after(seconds),
        };
        for (colour, seconds) in [("#111111", 1), ("#222222", 2)] {
            let mut tx = db.store.begin().await.unwrap();
            let read = read(colour, seconds);
            settings::put_observed(&mut tx, &bid("1"), Scope::Organization, &read).await.unwrap();
            tx.commit_bookkeeping(Bookkeeping::RunProgress).await.unwrap();
        }
        let mut conn = db.store.read().await.unwrap();
        let found = settings::observed_of(&mut conn, &bid("1")).await.unwrap();
        assert_eq!(found, BTreeMap::from([(Scope::Organization, read("#222222", 2))]));
        let mut tx = db.store.begin().await.unwrap();
        let unknown = settings::put_observed(&mut tx, &bid("x"), Scope::Pool, &read("#000000", 1)).await;
        assert!(unknown.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_proposal_is_its_makers_and_is_made_once() {
    both(async |db| {
        let id = ProposalId::from_uuid(Uuid::from_u128(7));
        let proposal = Proposal {
            source: ProposalSource::Form,
            layers: vec![ProposedLayer {
                layer: Layer::Everywhere,
                values: BTreeMap::from([(key("organization.pkce"), Some(SettingValue::Flag(true)))]),
                seen: BTreeMap::from([(key("organization.pkce"), None)]),
                issuer: None,
            }],
            from: None,
        };
        let mut tx = db.store.begin().await.unwrap();
        settings::put_proposal(&mut tx, id, "person:a", T0, &proposal).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Staging).await.unwrap();
        let mut conn = db.store.read().await.unwrap();
        assert_eq!(settings::find_proposal(&mut conn, id, "person:b").await.unwrap(), None);
        assert_eq!(settings::find_proposal(&mut conn, id, "person:a").await.unwrap(), Some(proposal));
        drop(conn);
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(settings::forget_proposals(&mut tx, T0).await.unwrap(), 0);
        settings::remove_proposal(&mut tx, id).await.unwrap();
        assert!(settings::remove_proposal(&mut tx, id).await.is_err(), "once only");
    })
    .await;
}
