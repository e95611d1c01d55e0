//! OIDC settings, and redeeming sign-ins that were started at a login URL.

use std::time::Duration;

use domain::{
    Bid,
    access::Refusal,
    actor::Role,
    biller::CiamStatus,
    object::ObjectKind,
    oidc::{ClientAuth, OidcClient},
};
use services::{
    ServiceError, Settings, biller_oidc, redeem_login, resume_biller,
    start_login::{self, LoginStart},
    suspend_biller,
};
use storage::{Bookkeeping, logins::LoginAttempt, objects};
use url::Url;

use crate::world::World;

/// Opens the login URL; the answer is the address of the sign-in page.
async fn start(world: &World, bid: &Bid) -> Url {
    let slug = world.find(bid).await.slug.expect("slug");
    match start_login::start(&world.console, slug.as_str()).await.expect("start") {
        LoginStart::Redirect(url) => url,
        other => panic!("{other:?}"),
    }
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).expect("parameter").1.into_owned()
}

#[tokio::test]
async fn a_state_is_redeemed_once_by_its_own_biller() {
    World::each(async |world: World| {
        let ic = world.integration();
        let bid = world.enabled_biller("34", "City of Abbeville").await;
        let other = world.enabled_biller("55", "City of Aberdeen").await;
        let page = start(&world, &bid).await;
        let state = parameter(&page, "state");

        let foreign = redeem_login::redeem(&world.console, &ic, &other, &state).await.err().expect("foreign");
        assert!(matches!(foreign, ServiceError::NotFound { .. }), "{foreign:?}");
        assert!(!foreign.to_string().contains(&state), "a state that is still good is not repeated");

        let redeemed =
            redeem_login::redeem(&world.console, &ic, &bid, &state).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(redeemed.nonce, parameter(&page, "nonce"));
        assert_eq!(redeemed.client_id, parameter(&page, "client_id"));
        assert_eq!(redeemed.redirect_uri, parameter(&page, "redirect_uri"));
        assert_eq!(redeemed.issuer, world.sandbox.issuer("ic-34"));
        assert_ne!(redeemed.code_verifier, parameter(&page, "code_challenge"));

        let again = redeem_login::redeem(&world.console, &ic, &bid, &state).await;
        assert!(matches!(again, Err(ServiceError::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_state_grows_old() {
    World::each(async |world: World| {
        let ic = world.integration();
        let bid = world.enabled_biller("34", "City of Abbeville").await;
        let (early, late) = (start(&world, &bid).await, start(&world, &bid).await);
        assert_ne!(parameter(&early, "state"), parameter(&late, "state"), "fresh each time");
        assert_ne!(parameter(&early, "nonce"), parameter(&late, "nonce"), "fresh each time");
        world.clock.advance(Duration::from_secs(29 * 60));
        let in_time = redeem_login::redeem(&world.console, &ic, &bid, &parameter(&early, "state")).await;
        assert!(in_time.is_ok());
        world.clock.advance(Duration::from_secs(61));
        let too_late = redeem_login::redeem(&world.console, &ic, &bid, &parameter(&late, "state")).await;
        assert!(matches!(too_late, Err(ServiceError::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn oidc_settings_exist_from_the_first_enablement_on() {
    World::each(async |world: World| {
        let ic = world.integration();
        let bid = world.biller("34", "City of Abbeville").await;
        let early = biller_oidc::get(&world.console, &ic, &bid).await;
        assert!(matches!(early, Err(ServiceError::Refused(Refusal::NoSettings { .. }))), "{early:?}");
        let unknown = biller_oidc::get(&world.console, &ic, &"nobody".parse().expect("bid")).await;
        assert!(matches!(unknown, Err(ServiceError::NotFound { .. })), "{unknown:?}");

        let bid = world.enabled_biller("34", "City of Abbeville").await;
        let settings = biller_oidc::get(&world.console, &ic, &bid).await.expect("settings");
        let page = start(&world, &bid).await;
        assert_eq!(settings.client_id, parameter(&page, "client_id"));
        assert!(settings.redirect_uris.contains(&parameter(&page, "redirect_uri")));
        assert_eq!(settings.scopes.join(" "), parameter(&page, "scope"));
        assert_eq!(settings.issuer, world.sandbox.issuer("ic-34"));
        assert_eq!(settings.token_endpoint_auth_method, "private_key_jwt");
        assert_eq!(settings.login_url, "https://login.example/b/city-of-abbeville");

        let manager = world.person(Role::AccountManager);
        suspend_biller::suspend(&world.console, &manager, &bid, "City of Abbeville", None)
            .await
            .expect("suspend");
        world.work().await;
        let suspended = biller_oidc::get(&world.console, &ic, &bid).await.expect("still there");
        assert_eq!((suspended.status, suspended.client_id), (CiamStatus::Suspended, settings.client_id));
    })
    .await;
}

/// What somebody may well change in the configuration while billers are enabled.
fn other_portal(settings: &mut Settings) {
    settings.plan.redirect_uris = vec!["https://new-portal.example/{slug}/back".to_owned()];
    settings.plan.post_logout_redirect_uris = vec!["https://new-portal.example/bye".to_owned()];
    settings.plan.client_auth = ClientAuth::ClientSecret;
}

#[tokio::test]
async fn a_changed_configuration_changes_nothing_of_what_the_vendor_was_given() {
    World::each(async |world: World| {
        let (ic, manager) = (world.integration(), world.person(Role::AccountManager));
        let bid = world.enabled_biller("34", "City of Abbeville").await;
        let told = biller_oidc::get(&world.console, &ic, &bid).await.expect("settings");
        let under_way = start(&world, &bid).await;

        let later = world.restarted_with(other_portal).await;
        assert_eq!(biller_oidc::get(&later.console, &ic, &bid).await.expect("settings"), told);
        let page = start(&later, &bid).await;
        assert_eq!(parameter(&page, "redirect_uri"), "https://portal.example/city-of-abbeville/callback");
        let answer = reqwest::get(page.clone()).await.expect("authorize page");
        assert_eq!(answer.status(), 200, "the vendor knows this redirect URI");
        for begun in [under_way, page] {
            let state = parameter(&begun, "state");
            let redeemed = redeem_login::redeem(&later.console, &ic, &bid, &state)
                .await
                .unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(redeemed.redirect_uri, parameter(&begun, "redirect_uri"));
        }

        // The proofs of later runs ask with what the vendor knows, too: else a suspension would prove nothing,
        // since a wrong address is always refused, and a resumption could never succeed.
        suspend_biller::suspend(&later.console, &manager, &bid, "City of Abbeville", None)
            .await
            .expect("suspend");
        later.work().await;
        assert_eq!(later.find(&bid).await.status, CiamStatus::Suspended);
        resume_biller::resume(&later.console, &manager, &bid, None).await.expect("resume");
        later.work().await;
        assert_eq!(later.find(&bid).await.status, CiamStatus::Enabled);

        let fresh = later.enabled_biller("55", "City of Aberdeen").await;
        let told = biller_oidc::get(&later.console, &ic, &fresh).await.expect("settings");
        assert_eq!(told.redirect_uris, ["https://new-portal.example/city-of-aberdeen/back"]);
        assert_eq!(told.token_endpoint_auth_method, "client_secret_basic");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_is_redeemed_with_the_address_it_was_started_with() {
    World::each(async |world: World| {
        let ic = world.integration();
        let bid = world.enabled_biller("34", "City of Abbeville").await;
        let page = start(&world, &bid).await;

        let mut tx = world.console.store.begin().await.expect("begin");
        let mut application =
            objects::find(&mut tx, &bid, ObjectKind::Application).await.unwrap().expect("made");
        let written = application.oidc.take().expect("kept as written");
        let moved = vec!["https://moved.example/back".to_owned()];
        application.oidc = Some(OidcClient { redirect_uris: moved, ..written });
        objects::put(&mut tx, &bid, &application).await.expect("put");
        let from_before = LoginAttempt {
            state: "from-before".to_owned(),
            bid: bid.clone(),
            code_verifier: "v".repeat(43),
            nonce: "n".to_owned(),
            redirect_uri: None,
            issuer: None,
            created_at: world.console.now(),
        };
        storage::logins::start(&mut tx, &from_before).await.expect("start");
        tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await.expect("commit");

        let redeemed = async |state: &str| {
            let redeemed = redeem_login::redeem(&world.console, &ic, &bid, state).await;
            redeemed.unwrap_or_else(|error| panic!("{error}")).redirect_uri
        };
        assert_eq!(redeemed(&parameter(&page, "state")).await, parameter(&page, "redirect_uri"));
        assert_eq!(redeemed("from-before").await, "https://moved.example/back");
    })
    .await;
}
