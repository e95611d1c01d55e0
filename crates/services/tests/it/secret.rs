//! A client secret is made when somebody asks for it, shown once, and kept nowhere.

use std::time::Duration;

use domain::{
    Bid, Timestamp,
    access::Refusal,
    actor::Role,
    audit::AuditAction::{SecretAsked, SecretMade, SecretNotMade},
    oidc::{ClientAuth, OldSecret},
};
use sandbox::{Fault, FaultRule, Phase};
use secrecy::ExposeSecret;
use services::{
    Console, ServiceError, enable_biller,
    hand_over_secret::{self, HandedOver, Wanted},
    show_biller, suspend_biller,
};

use crate::{fuse::Fuse, world::World};

const NAME: &str = "City of Abbeville";
const ROTATE: &str = "admin.rotateClientSecret";

/// A world in which applications prove themselves by secret, with one enabled biller.
async fn with_secrets(world: World) -> (World, Bid) {
    let world = world.restarted_with(|settings| settings.plan.client_auth = ClientAuth::ClientSecret).await;
    let bid = world.enabled_biller("34", NAME).await;
    (world, bid)
}

fn wanted(seen: Option<Timestamp>, old: OldSecret) -> Wanted {
    Wanted { typed_name: NAME.to_owned(), seen, old, reason: Some("REQ-7".to_owned()) }
}

async fn make(
    world: &World,
    bid: &Bid,
    seen: Option<Timestamp>,
    old: OldSecret,
) -> Result<HandedOver, ServiceError> {
    let actor = world.person(Role::AccountManager);
    hand_over_secret::make(&world.console, &actor, bid, wanted(seen, old)).await
}

async fn made_at(console: &Console, world: &World, bid: &Bid) -> Option<Timestamp> {
    hand_over_secret::view(console, &world.person(Role::Support), bid).await.unwrap().made_at
}

/// Whether the application would be let in at its token endpoint with this secret.
async fn lets_in(world: &World, secret: &str) -> bool {
    let url = format!("{}/oauth2/token", world.sandbox.issuer("ic-34"));
    let form =
        [("grant_type", "authorization_code"), ("code", "none"), ("redirect_uri", "https://x.example")];
    let request = reqwest::Client::new().post(url).basic_auth("ic-34-portal", Some(secret)).form(&form);
    request.send().await.unwrap().status() != 401
}

fn rotations(world: &World) -> u64 {
    world.sandbox.requests_per_operation().get(ROTATE).copied().unwrap_or(0)
}

#[tokio::test]
async fn a_new_secret_lets_the_application_in_and_the_one_before_ends_as_chosen() {
    World::each(async |world: World| {
        let (world, bid) = with_secrets(world).await;
        let first = make(&world, &bid, None, OldSecret::Ends).await.unwrap();
        assert_eq!((first.client_id.as_str(), first.replaces), ("ic-34-portal", false));
        let first_secret = first.secret.expose_secret();
        assert!(lets_in(&world, first_secret).await);
        assert!(!lets_in(&world, "some-other-secret-of-forty-characters-00").await);

        world.clock.advance(Duration::from_secs(60));
        let seen = made_at(&world.console, &world, &bid).await;
        let second = make(&world, &bid, seen, OldSecret::Hour).await.unwrap();
        assert!(second.replaces);
        assert!(lets_in(&world, first_secret).await, "for another hour");
        world.clock.advance(Duration::from_secs(3_601));
        assert!(!lets_in(&world, first_secret).await);
        assert!(lets_in(&world, second.secret.expose_secret()).await);

        let seen = made_at(&world.console, &world, &bid).await;
        make(&world, &bid, seen, OldSecret::Ends).await.unwrap();
        world.clock.advance(Duration::from_secs(2));
        assert!(!lets_in(&world, second.secret.expose_secret()).await, "at once");
    })
    .await;
}

#[tokio::test]
async fn the_log_says_who_had_it_made_and_nothing_holds_the_secret() {
    World::each(async |world: World| {
        let (world, bid) = with_secrets(world).await;
        let made = make(&world, &bid, None, OldSecret::Day).await.unwrap();
        let secret = made.secret.expose_secret();
        assert!(!format!("{made:?}").contains(secret));
        let entries = world.audit().await;
        let [done, asked] = [&entries[0].entry, &entries[1].entry];
        assert_eq!((done.action, asked.action), (SecretMade, SecretAsked));
        assert_eq!(asked.reason.as_deref(), Some("REQ-7"));
        assert_eq!(done.actor, world.person(Role::AccountManager));
        assert!(done.trace_id.is_some());
        assert_eq!(done.before.as_ref().unwrap()["secret_made_at"], serde_json::Value::Null);
        assert_eq!(done.after.as_ref().unwrap()["old_secret"], "day");
        assert!(!format!("{entries:?}").contains(secret));
        let view = show_biller::show(&world.console, &world.person(Role::Support), &bid).await.unwrap();
        assert!(!format!("{view:?}").contains(secret));
    })
    .await;
}

#[tokio::test]
async fn what_was_stored_holds_no_secret() {
    let (world, bid) = with_secrets(World::new().await).await;
    let made = make(&world, &bid, None, OldSecret::Day).await.unwrap();
    let secret = made.secret.expose_secret().as_bytes();
    let files: Vec<Vec<u8>> =
        world.database_files().iter().map(|file| std::fs::read(file).unwrap()).collect();
    let holds = |text: &[u8]| files.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text));
    assert!(holds(b"secret.made"), "the files are the right ones");
    assert!(!holds(secret));
}

#[tokio::test]
async fn a_form_sent_twice_or_opened_twice_makes_one_secret() {
    World::each(async |world: World| {
        let (world, bid) = with_secrets(world).await;
        let (one, other) =
            tokio::join!(make(&world, &bid, None, OldSecret::Day), make(&world, &bid, None, OldSecret::Day));
        let refused = one.and(other).expect_err("one of them comes too late");
        let expected =
            matches!(refused, ServiceError::Refused(Refusal::SecretSince) | ServiceError::Changed { .. });
        assert!(expected, "{refused:?}");
        let again = make(&world, &bid, None, OldSecret::Day).await;
        assert!(matches!(again, Err(ServiceError::Refused(Refusal::SecretSince))), "{again:?}");
        assert_eq!(rotations(&world), 1);
    })
    .await;
}

#[tokio::test]
async fn where_none_was_made_nothing_has_changed_and_it_can_be_tried_again() {
    World::each(async |world: World| {
        let (world, bid) = with_secrets(world).await;
        let refuse = Fault::Error { status: 403, error_code: None };
        world.sandbox.faults().add(FaultRule::new(ROTATE, refuse)).unwrap();
        let refused = make(&world, &bid, None, OldSecret::Day).await.expect_err("refused");
        assert!(matches!(refused, ServiceError::SecretNotMade(_)), "{refused:?}");
        assert_eq!(made_at(&world.console, &world, &bid).await, None);
        let entry = world.audit().await.remove(0).entry;
        assert_eq!((entry.action, &entry.after.unwrap()["failure"]), (SecretNotMade, &"forbidden".into()));
        world.sandbox.faults().clear();
        make(&world, &bid, None, OldSecret::Day).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn where_one_may_have_been_made_unseen_the_person_is_told_to_make_another() {
    World::each(async |world: World| {
        let (world, bid) = with_secrets(world).await;
        let cut = Fault::Reset { phase: Phase::AfterApplying };
        world.sandbox.faults().add(FaultRule::new(ROTATE, cut)).unwrap();
        let lost = make(&world, &bid, None, OldSecret::Day).await.expect_err("no answer");
        assert!(lost.to_string().contains("One may have been made that nobody has seen"), "{lost}");
        world.sandbox.faults().clear();
        let seen = made_at(&world.console, &world, &bid).await;
        assert!(seen.is_some(), "it may have been made");
        let made = make(&world, &bid, seen, OldSecret::Ends).await.unwrap();
        assert!(lets_in(&world, made.secret.expose_secret()).await);
    })
    .await;
}

#[tokio::test]
async fn only_where_a_secret_is_used_and_the_name_was_typed() {
    World::each(async |world: World| {
        let manager = world.person(Role::AccountManager);
        let keyed = world.enabled_biller("55", "City of Aberdeen").await;
        let refused = make(&world, &keyed, None, OldSecret::Day).await;
        assert!(matches!(refused, Err(ServiceError::Refused(Refusal::NoSecret))), "{refused:?}");

        let (world, bid) = with_secrets(world).await;
        let fresh = world.biller("77", NAME).await;
        let early = make(&world, &fresh, None, OldSecret::Day).await;
        assert!(matches!(early, Err(ServiceError::Refused(Refusal::SecretStatus { .. }))), "{early:?}");
        // What the biller was enabled with counts, not what the configuration says today.
        let still = make(&world, &keyed, None, OldSecret::Day).await;
        assert!(matches!(still, Err(ServiceError::Refused(Refusal::NoSecret))), "{still:?}");

        let wrong = Wanted { typed_name: "Abbeville".to_owned(), ..wanted(None, OldSecret::Day) };
        let refused = hand_over_secret::make(&world.console, &manager, &bid, wrong).await;
        assert!(matches!(refused, Err(ServiceError::Field { field: "name", .. })), "{refused:?}");
        let support = world.person(Role::Support);
        let refused =
            hand_over_secret::make(&world.console, &support, &bid, wanted(None, OldSecret::Day)).await;
        assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Role { .. }))), "{refused:?}");
        assert_eq!(rotations(&world), 0);

        suspend_biller::suspend(&world.console, &manager, &bid, NAME, None).await.unwrap();
        world.work().await;
        make(&world, &bid, None, OldSecret::Day).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_page_of_the_biller_asks_for_it_until_it_was_made() {
    let (world, bid) = with_secrets(World::new().await).await;
    let manager = world.person(Role::AccountManager);
    let asks = async || {
        let view = show_biller::show(&world.console, &manager, &bid).await.unwrap();
        (view.next_steps[0].title == "Hand over the client secret", view.actions.hand_over_secret)
    };
    assert_eq!(asks().await, (true, Ok(())));
    make(&world, &bid, None, OldSecret::Day).await.unwrap();
    assert_eq!(asks().await, (false, Ok(())));
    let enabled = enable_biller::preview(&world.console, &manager, &bid).await.unwrap();
    let told = format!("{:?}", enabled.plan.objects());
    assert!(told.contains("made and shown once"), "{told}");
}

#[tokio::test]
async fn stopped_at_any_effect_no_secret_was_made_without_an_entry_and_another_can_be_made() {
    World::each(async |world: World| {
        let (world, bid) = with_secrets(world).await;
        let actor = world.person(Role::AccountManager);
        for n in 1.. {
            let seen = made_at(&world.console, &world, &bid).await;
            let fuse = Fuse::at(n);
            let console = fuse.fitted(&world.console);
            let whole = tokio::select! {
                made = hand_over_secret::make(&console, &actor, &bid, wanted(seen, OldSecret::Day)) => {
                    made.unwrap();
                    true
                }
                () = fuse.blown() => false,
            };
            let asked = world.audit().await.iter().filter(|entry| entry.entry.action == SecretAsked).count();
            assert!(rotations(&world) <= u64::try_from(asked).unwrap(), "stopped at {n}");
            world.clock.advance(Duration::from_secs(1));
            if whole {
                assert!(n > 4, "claim, call and entry are at least five effects: {n}");
                return;
            }
        }
    })
    .await;
}
