//! Vanity domains: asked for, put into effect, taken away; what follows the issuer.

use domain::{
    Bid,
    access::Refusal,
    actor::Role,
    audit::AuditAction,
    event::EventKind,
    run::RunState,
    settings::{Agreement, Layer, vanity::IssuerChoice},
};
use services::{
    ServiceError, biller_oidc,
    biller_settings::{
        as_code, confirm, issuer,
        issuer::SwitchForm,
        preview::{self, ProposalView},
        propose, show, vanity,
    },
    drift::scan,
    redeem_login,
    start_login::{self, LoginStart},
};
use url::Url;

use crate::{
    biller_settings::{form, row, set, shown},
    world::World,
};

pub(crate) const HOST: &str = "login.ames.localhost";
pub(crate) const KEY: &str = "vanity_domain.host";

/// The issuer under a vanity domain of the stand-in.
pub(crate) fn issuer_at(world: &World, host: &str) -> String {
    let base = Url::parse(world.sandbox.base_url()).unwrap();
    format!("http://{host}:{}", base.port().unwrap())
}

pub(crate) async fn request(world: &World, bid: &Bid, host: &str) {
    let done = set(world, Layer::Biller(bid.clone()), &[(KEY, host)]).await;
    world.work().await;
    let mut conn = world.console.store.read().await.unwrap();
    let run = storage::runs::find(&mut conn, done.runs[0]).await.unwrap().unwrap();
    let steps = storage::runs::steps(&mut conn, run.id).await.unwrap();
    assert_eq!(run.state, RunState::Succeeded, "{steps:#?}");
}

/// Asks for a switch to the other issuer, as somebody of the product team; the answer is its preview.
pub(crate) async fn propose_switch(
    world: &World,
    bid: &Bid,
    to: IssuerChoice,
) -> Result<ProposalView, ServiceError> {
    let seen = world.find(bid).await.issuer.unwrap();
    let product = world.person(Role::Product);
    let id = issuer::propose(&world.console, &product, bid, SwitchForm { to, seen }).await?;
    preview::preview(&world.console, &product, id).await
}

/// Switches, where nobody else has to decide; the answer is the issuer in effect.
async fn switch(world: &World, bid: &Bid, to: IssuerChoice) -> Result<String, ServiceError> {
    let view = propose_switch(world, bid, to).await?;
    let why = Some("IC trusts it".to_owned());
    let product = world.person(Role::Product);
    let done = confirm::confirm(&world.console, &product, view.id, &view.token, why).await?;
    assert_eq!(done.runs.len(), 1);
    world.work().await;
    assert_eq!(world.find(bid).await.issuer, done.issuer);
    Ok(done.issuer.unwrap())
}

async fn login_leads_to(world: &World, bid: &Bid) -> String {
    let slug = world.find(bid).await.slug.unwrap();
    match start_login::start(&world.console, slug.as_str()).await.unwrap() {
        LoginStart::Redirect(url) => url.origin().ascii_serialization(),
        other => panic!("{other:?}"),
    }
}

/// The state of a sign-in that somebody begins at the login URL.
async fn sign_in_begun(world: &World, bid: &Bid) -> String {
    let slug = world.find(bid).await.slug.unwrap();
    let LoginStart::Redirect(url) = start_login::start(&world.console, slug.as_str()).await.unwrap() else {
        panic!("it does not lead to SecureAuth")
    };
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

pub(crate) async fn told_of(world: &World, bid: &Bid) -> usize {
    let mut conn = world.console.store.read().await.unwrap();
    let query = storage::events::DeliveryQuery { bid: Some(bid.clone()), limit: 50, ..Default::default() };
    let all = storage::events::deliveries(&mut conn, &query).await.unwrap();
    all.iter().filter(|it| it.kind == EventKind::IssuerChanged).count()
}

#[tokio::test]
async fn the_preview_says_what_a_vanity_domain_brings_before_anything_is_written() {
    let world = World::new().await;
    let bid = world.enabled_biller("v1", "Town of Ames").await;
    let actor = world.person(Role::Product);
    let typed = form(Layer::Biller(bid.clone()), &[(KEY, "Login.Ames.Localhost")]);
    let id = propose::propose(&world.console, &actor, &typed).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    let told = view.parts[0].consequences.join(" ");
    assert!(told.contains("sign-ins stay at the issuer in effect until somebody switches them"), "{told}");
    assert!(told.contains(&format!("another issuer, https://{HOST}")), "{told}");
    assert_eq!(view.needs_reason, ["Vanity domain"]);
    let before = world.sandbox.last_requests(5_000);
    assert!(!before.iter().any(|it| it.operation.contains("createVanityDomain")), "nothing was written");
    for wrong in ["https://login.ames.example", "ames", "login ames.example"] {
        let typed = form(Layer::Biller(bid.clone()), &[(KEY, wrong)]);
        let error = propose::propose(&world.console, &actor, &typed).await;
        assert!(matches!(error, Err(ServiceError::Settings(_))), "{wrong}: {error:?}");
    }
}

#[tokio::test]
async fn everything_follows_the_issuer_that_is_in_effect_there_and_back() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("v1", "Town of Ames").await;
        let own = world.find(&bid).await.issuer.unwrap();
        request(&world, &bid, HOST).await;
        let view = shown(&world, &Layer::Biller(bid.clone())).await;
        assert_eq!(row(&view, KEY).agreement, Agreement::InSync);
        assert_eq!(view.vanity_host.as_deref(), Some(HOST));
        assert_eq!(world.find(&bid).await.issuer.as_ref(), Some(&own), "asked for is not in effect");
        let actor = world.person(Role::Product);
        vanity::check(&world.console, &actor, &bid).await.unwrap();
        let vanity_issuer = issuer_at(&world, HOST);
        let check = shown(&world, &Layer::Biller(bid.clone())).await.vanity.unwrap();
        assert_eq!((check.issuer.as_ref(), check.problem), (Some(&vanity_issuer), None));

        let begun = sign_in_begun(&world, &bid).await;
        assert_eq!(switch(&world, &bid, IssuerChoice::Vanity).await.unwrap(), vanity_issuer);
        let redeemed =
            redeem_login::redeem(&world.console, &world.integration(), &bid, &begun).await.unwrap();
        assert_eq!(
            redeemed.issuer, own,
            "a sign-in that was under way brings tokens of the issuer it began at"
        );
        let begun = sign_in_begun(&world, &bid).await;
        let redeemed =
            redeem_login::redeem(&world.console, &world.integration(), &bid, &begun).await.unwrap();
        assert_eq!(redeemed.issuer, vanity_issuer);
        assert_eq!(login_leads_to(&world, &bid).await, vanity_issuer);
        let oidc = biller_oidc::get(&world.console, &world.integration(), &bid).await.unwrap();
        assert_eq!(oidc.issuer, vanity_issuer);
        assert_eq!(told_of(&world, &bid).await, 1);
        let entries = world.audit().await;
        let entry = entries.iter().find(|it| it.entry.action == AuditAction::IssuerSwitched).unwrap();
        assert_eq!(entry.entry.after.as_ref().unwrap()["issuer"], vanity_issuer);
        assert_eq!(scan::one(&world.console, &actor, &bid).await.unwrap(), 0, "no drift");

        // Taken away while in effect: sign-ins leave it first.
        request(&world, &bid, "none").await;
        assert_eq!(world.find(&bid).await.issuer.as_ref(), Some(&own));
        assert_eq!(told_of(&world, &bid).await, 2);
        assert!(own.starts_with(&login_leads_to(&world, &bid).await));
        assert_eq!(shown(&world, &Layer::Biller(bid.clone())).await.vanity_host, None);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_switched_to_a_host_that_does_not_answer_as_the_biller() {
    let world = World::new().await;
    let bid = world.enabled_biller("v1", "Town of Ames").await;
    let own = world.find(&bid).await.issuer;
    let none = switch(&world, &bid, IssuerChoice::Vanity).await;
    assert!(matches!(none, Err(ServiceError::Field { field: "issuer", .. })), "{none:?}");
    request(&world, &bid, "login.nowhere.invalid").await;
    let dead = switch(&world, &bid, IssuerChoice::Vanity).await;
    assert!(matches!(dead, Err(ServiceError::Field { field: "issuer", .. })), "{dead:?}");
    vanity::check(&world.console, &world.person(Role::Product), &bid).await.unwrap();
    let check = shown(&world, &Layer::Biller(bid.clone())).await.vanity.unwrap();
    assert!(check.problem.unwrap().starts_with("It does not answer"));
    assert_eq!(world.find(&bid).await.issuer, own);
    let same = switch(&world, &bid, IssuerChoice::Own).await;
    assert!(matches!(same, Err(ServiceError::Field { field: "issuer", .. })), "{same:?}");
    let form = || SwitchForm { to: IssuerChoice::Own, seen: "x".to_owned() };
    let product = world.person(Role::Product);
    let stale = issuer::propose(&world.console, &product, &bid, form()).await;
    assert!(matches!(stale, Err(ServiceError::Changed { .. })), "{stale:?}");
    let support = world.person(Role::Support);
    let refused = issuer::propose(&world.console, &support, &bid, form()).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Role { .. }))), "{refused:?}");
}

#[tokio::test]
async fn a_vanity_domain_is_one_billers_own() {
    let world = World::new().await;
    let bid = world.enabled_biller("v1", "Town of Ames").await;
    let other = world.enabled_biller("v2", "Town of Boone").await;
    let actor = world.person(Role::PlatformOwner);
    let shared = form(Layer::Everywhere, &[(KEY, HOST)]);
    let shared = propose::propose(&world.console, &actor, &shared).await;
    assert!(matches!(shared, Err(ServiceError::Settings(_))), "{shared:?}");
    request(&world, &bid, HOST).await;
    set(&world, Layer::Biller(bid.clone()), &[("organization.color", "#00FF00")]).await;
    world.work().await;
    let id = as_code::copy(&world.console, &actor, &bid, &[other]).await.unwrap();
    let view = preview::preview(&world.console, &actor, id).await.unwrap();
    let keys: Vec<&str> = view.parts[0].lines.iter().map(|line| line.setting.key).collect();
    assert_eq!(keys, ["organization.color"]);
    // Whoever looks at the list sees it, except who is limited to other billers.
    vanity::check(&world.console, &actor, &bid).await.unwrap();
    assert_eq!(vanity::list(&world.console, &actor).await.unwrap().len(), 1);
    let limited = world.limited(Role::AccountManager, "elsewhere");
    assert_eq!(vanity::list(&world.console, &limited).await.unwrap(), []);
    // A scan asks the host, too, and counts the call that tells of it.
    scan::start(&world.console, &actor).await.unwrap();
    world.work().await;
    let newest = scan::show(&world.console, &actor).await.unwrap().newest.unwrap();
    assert_eq!((newest.calls, newest.drifted), (9, 0));
    assert!(show::tiers(&world.console, &actor).await.unwrap().is_empty());
}
