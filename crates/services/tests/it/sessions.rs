//! Who is signed in, and how sessions are ended from elsewhere; each act leaves exactly one entry.

use std::time::Duration;

use domain::{
    actor::{Actor, Role},
    audit::AuditAction,
    session::{Means, SessionKey, SessionLimits, SignIn},
};
use services::{ServiceError, sessions};
use storage::{Bookkeeping, sessions::SignedIn};

use crate::world::World;

async fn opened(world: &World, id: &str, actor: &Actor) -> SessionKey {
    let limits = SessionLimits { idle: Duration::from_secs(3600), absolute: Duration::from_secs(36_000) };
    let sign_in = SignIn::new(Means::RoleChooser, None);
    sessions::signed_in(&world.console, actor, &sign_in).await.unwrap();
    let who = SignedIn { person_id: actor.id(), person: actor.name().to_owned(), sign_in };
    let (key, now) = (SessionKey::of(id), world.console.now());
    let mut tx = world.console.store.begin().await.unwrap();
    assert!(storage::sessions::create(&mut tx, &key, "{}", Some(&who), now, limits).await.unwrap());
    tx.commit_bookkeeping(Bookkeeping::Session).await.unwrap();
    key
}

async fn endings(world: &World) -> Vec<serde_json::Value> {
    let entries = world.audit().await;
    let ended = entries.into_iter().filter(|entry| entry.entry.action == AuditAction::SessionsEnded);
    ended.map(|entry| entry.entry.after.unwrap()).collect()
}

#[tokio::test]
async fn people_end_their_own_sessions_and_nobody_elses() {
    World::each(async |world| {
        let (ann, bob) = (world.person(Role::Support), world.person(Role::Ops));
        let (this, lost) = (opened(&world, "a1", &ann).await, opened(&world, "a2", &ann).await);
        let of_bob = opened(&world, "b1", &bob).await;
        assert_eq!(sessions::own(&world.console, &ann).await.unwrap().len(), 2);

        let refused = sessions::end_own(&world.console, &ann, &of_bob).await.unwrap_err();
        assert!(matches!(refused, ServiceError::NotFound { .. }), "{refused}");
        sessions::end_own(&world.console, &ann, &lost).await.unwrap();
        let again = sessions::end_own(&world.console, &ann, &lost).await.unwrap_err();
        assert!(matches!(again, ServiceError::NotFound { .. }), "{again}");
        assert_eq!(sessions::own(&world.console, &ann).await.unwrap()[0].key, this);
        assert_eq!(endings(&world).await, [serde_json::json!({ "ended": 1 })]);

        opened(&world, "a3", &ann).await;
        opened(&world, "a4", &ann).await;
        assert_eq!(sessions::end_others(&world.console, &ann, &this).await.unwrap(), 2);
        assert_eq!(sessions::end_others(&world.console, &ann, &this).await.unwrap(), 0);
        assert_eq!(endings(&world).await.len(), 2, "ending nothing leaves no entry");
        assert_eq!(sessions::own(&world.console, &bob).await.unwrap()[0].key, of_bob);
    })
    .await;
}

#[tokio::test]
async fn only_the_platform_owner_sees_everybody_and_signs_people_out() {
    World::each(async |world| {
        let (owner, leaver) = (world.person(Role::PlatformOwner), world.person(Role::Ops));
        opened(&world, "o", &owner).await;
        opened(&world, "l1", &leaver).await;
        opened(&world, "l2", &leaver).await;
        for role in Role::ALL.iter().filter(|role| **role != Role::PlatformOwner) {
            let actor = world.person(*role);
            for refused in [
                sessions::everybodys(&world.console, &actor).await.map(|_| ()).unwrap_err(),
                sessions::end_all_of(&world.console, &actor, &leaver.id()).await.map(|_| ()).unwrap_err(),
            ] {
                assert!(matches!(refused, ServiceError::Refused(_)), "{role}: {refused}");
            }
        }
        assert_eq!(sessions::everybodys(&world.console, &owner).await.unwrap().len(), 3);
        assert_eq!(sessions::end_all_of(&world.console, &owner, &leaver.id()).await.unwrap(), 2);
        assert!(sessions::own(&world.console, &leaver).await.unwrap().is_empty());
        let nowhere = sessions::end_all_of(&world.console, &owner, &leaver.id()).await.unwrap_err();
        assert!(matches!(nowhere, ServiceError::NotFound { .. }), "{nowhere}");
        assert_eq!(endings(&world).await, [serde_json::json!({ "ended": 2 })]);
    })
    .await;
}
