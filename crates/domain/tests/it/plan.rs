//! What an enablement will make, and how it is previewed.

use domain::{
    Slug,
    biller::Biller,
    object::ObjectKind,
    plan::{ClientAuth, Mark, PlanSettings, enable},
    run::{RunKind, StepKind},
};
use proptest::prelude::*;
use serde_json::json;

use crate::samples::{any_bid, any_name, bid, biller, two_bids};

fn settings() -> PlanSettings {
    PlanSettings {
        id_prefix: "ic-".to_owned(),
        parent_workspace: "billers".to_owned(),
        template: Some("biller-template".to_owned()),
        theme: Some("ic-theme".to_owned()),
        redirect_uris: vec!["https://portal.example.com/{bid}/callback?from={slug}".to_owned()],
        post_logout_redirect_uris: vec!["https://portal.example.com/{slug}".to_owned()],
        client_auth: ClientAuth::PrivateKeyJwt { jwks_uri: "https://portal.example.com/jwks".to_owned() },
    }
}

fn with_slug(slug: &str) -> Biller {
    Biller { slug: Some(Slug::parse(slug).unwrap()), ..biller("34", "A & B (SC)") }
}

#[test]
fn the_plan_follows_from_bid_and_name() {
    let plan = enable(&with_slug("a-b"), &settings());
    assert_eq!(plan.organization.id, "ic-34");
    assert_eq!(plan.organization.name, "A & B (SC)");
    assert_eq!(plan.organization.parent_id, "billers");
    assert_eq!(plan.organization.template_id.as_deref(), Some("biller-template"));
    assert_eq!((&*plan.pool.id, &*plan.pool.name), ("ic-34-pool", "A and B SC 34"));
    assert!(plan.pool.description.contains("A & B (SC)"));
    assert_eq!((&*plan.binding.id, &*plan.application.id), ("ic-34-binding", "ic-34-portal"));
    assert_eq!(plan.application.oidc.redirect_uris, ["https://portal.example.com/34/callback?from=a-b"]);
    assert_eq!(plan.application.oidc.post_logout_redirect_uris, ["https://portal.example.com/a-b"]);
    assert_eq!(plan.theme.as_deref(), Some("ic-theme"));
}

fn made_by(step: StepKind) -> Option<ObjectKind> {
    match step {
        StepKind::Organization => Some(ObjectKind::Organization),
        StepKind::Pool => Some(ObjectKind::Pool),
        StepKind::Binding => Some(ObjectKind::Binding),
        StepKind::Application => Some(ObjectKind::Application),
        StepKind::Theme => Some(ObjectKind::Theme),
        StepKind::LoginRoute
        | StepKind::VanityDomain
        | StepKind::Settings
        | StepKind::ReadBack
        | StepKind::Tokens
        | StepKind::TurnOff
        | StepKind::PasswordCheck
        | StepKind::TurnOn
        | StepKind::Proof => None,
    }
}

#[test]
fn the_preview_shows_every_object_in_the_order_of_the_steps() {
    let shown: Vec<_> = enable(&with_slug("a-b"), &settings()).objects().iter().map(|o| o.kind).collect();
    let made: Vec<_> = RunKind::Enable.steps().iter().copied().filter_map(made_by).collect();
    assert_eq!(shown, made);
}

#[test]
fn without_theme_and_template_none_is_shown() {
    let bare = PlanSettings { theme: None, template: None, ..settings() };
    let objects = enable(&with_slug("a-b"), &bare).objects();
    assert!(objects.iter().all(|object| object.kind != ObjectKind::Theme));
    assert!(objects.iter().flat_map(|o| &o.fields).all(|(label, _)| label != "Template"));
}

#[test]
fn a_secret_is_announced_and_a_key_is_named() {
    let proof = |client_auth| {
        let plan = enable(&with_slug("a-b"), &PlanSettings { client_auth, ..settings() });
        let fields = plan.objects().swap_remove(3).fields;
        fields.into_iter().find(|(label, _)| label == "Client proof").unwrap().1
    };
    assert_eq!(proof(ClientAuth::ClientSecret), "a secret, made and shown once on the biller's page");
    assert_eq!(proof(settings().client_auth), "private_key_jwt, keys at https://portal.example.com/jwks");
}

#[test]
fn only_our_own_mark_for_this_very_biller_makes_an_object_ours() {
    let mark = Mark::of(&bid("34"));
    assert_eq!(mark.to_value(), json!({ "bid": "34", "managed_by": "ciam-console" }));
    assert!(mark.is_on(&json!({ "bid": "34", "managed_by": "ciam-console", "note": "kept" })));
    for foreign in [
        json!({}),
        json!(null),
        json!({ "bid": "34" }),
        json!({ "managed_by": "ciam-console" }),
        json!({ "bid": "35", "managed_by": "ciam-console" }),
        json!({ "bid": "34", "managed_by": "someone" }),
        json!({ "bid": 34, "managed_by": "ciam-console" }),
        json!(["34", "ciam-console"]),
    ] {
        assert!(!mark.is_on(&foreign), "{foreign}");
    }
}

proptest! {
    #[test]
    fn a_planned_organization_bears_its_billers_mark_and_no_others((a, b) in two_bids(), name in any_name()) {
        let plan = enable(&biller(a.as_str(), &name), &settings());
        let written = plan.organization.mark.to_value();
        prop_assert!(Mark::of(&a).is_on(&written));
        prop_assert!(!Mark::of(&b).is_on(&written));
    }

    #[test]
    fn two_billers_share_nothing_but_the_theme((a, b) in two_bids(), name in any_name()) {
        let ids = |bid: &str| {
            let objects = enable(&biller(bid, &name), &settings()).objects();
            objects.into_iter().filter(|o| o.kind != ObjectKind::Theme).map(|o| (o.kind, o.id)).collect::<Vec<_>>()
        };
        let theirs = ids(b.as_str());
        for object in ids(a.as_str()) {
            prop_assert!(!theirs.contains(&object), "{:?}", object);
        }
    }

    #[test]
    fn the_same_biller_is_always_planned_alike(bid in any_bid(), name in any_name()) {
        let biller = biller(bid.as_str(), &name);
        prop_assert_eq!(enable(&biller, &settings()), enable(&biller, &settings()));
    }
}
