//! Which value holds for a biller, and why.

use domain::{
    biller::CiamStatus,
    plan::{self, ClientAuth, EnablePlan, PlanSettings},
    settings::{
        Effective, Layer, Layers, Own, SettingValue, ValueOrigin, Values, catalogue, effective::fit, find,
    },
};

use crate::samples::{bid, biller};

fn plan() -> EnablePlan {
    let settings = PlanSettings {
        id_prefix: "ic-".to_owned(),
        parent_workspace: "billers".to_owned(),
        template: None,
        theme: Some("shared".to_owned()),
        redirect_uris: vec!["https://ic.example/{bid}/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        client_auth: ClientAuth::ClientSecret,
    };
    plan::enable(&biller("42", "Bright Water"), &settings)
}

fn of(key: &str, layers: &Layers, status: CiamStatus) -> Effective {
    Effective::of(find(key).unwrap(), layers, Own { status, plan: &plan() })
}

fn set(key: &str, value: SettingValue) -> Values {
    Values::from([(find(key).unwrap().key(), value)])
}

#[test]
fn the_nearest_level_wins() {
    let key = "organization.access_token_ttl";
    let mut layers = Layers::default();
    let told = |layers: &Layers| {
        let found = of(key, layers, CiamStatus::Enabled);
        (found.value.unwrap(), found.origin)
    };
    assert_eq!(told(&layers), (SettingValue::Seconds(3_600), ValueOrigin::Default));
    layers.everywhere = set(key, SettingValue::Seconds(600));
    assert_eq!(told(&layers), (SettingValue::Seconds(600), ValueOrigin::Everywhere));
    layers.tier = set(key, SettingValue::Seconds(700));
    assert_eq!(told(&layers), (SettingValue::Seconds(700), ValueOrigin::Tier));
    layers.biller = set(key, SettingValue::Seconds(800));
    assert_eq!(told(&layers), (SettingValue::Seconds(800), ValueOrigin::Biller));
    let plan = plan();
    let own = Own { status: CiamStatus::Enabled, plan: &plan };
    let inherited = Effective::inherited(find(key).unwrap(), &layers, own);
    assert_eq!(inherited.origin, ValueOrigin::Tier);
}

#[test]
fn the_status_decides_the_switches_and_nobody_else() {
    let layers = Layers {
        biller: set("application.status", SettingValue::Text("inactive".to_owned())),
        ..Layers::default()
    };
    for (status, word) in [
        (CiamStatus::Enabled, Some("active")),
        (CiamStatus::Suspended, Some("inactive")),
        (CiamStatus::Resuming, None),
    ] {
        let found = of("application.status", &layers, status);
        assert_eq!(found.value, word.map(|word| SettingValue::Text(word.to_owned())), "{status:?}");
    }
    let off = of("binding.disabled", &layers, CiamStatus::Suspended);
    assert_eq!((off.value, off.origin), (Some(SettingValue::Flag(true)), ValueOrigin::Status));
}

#[test]
fn the_plan_gives_names_addresses_and_theme() {
    let layers = Layers::default();
    let name = of("organization.name", &layers, CiamStatus::Enabled);
    assert_eq!(
        (name.value.unwrap().to_text(), name.origin),
        ("Bright Water".to_owned(), ValueOrigin::Record)
    );
    let uris = of("application.redirect_uris", &layers, CiamStatus::Enabled);
    assert_eq!(uris.value.unwrap().to_text(), "https://ic.example/42/callback");
    assert_eq!(uris.origin, ValueOrigin::Default);
    assert_eq!(of("theme.bound", &layers, CiamStatus::Enabled).value.unwrap().to_text(), "shared");
}

#[test]
fn what_nobody_set_is_left_to_the_vendor_and_mfa_stays_off() {
    let layers = Layers {
        everywhere: set("pool.mfa.mechanisms", SettingValue::List(vec!["totp".to_owned()])),
        ..Layers::default()
    };
    assert_eq!(of("pool.code.activation.length", &layers, CiamStatus::Enabled).origin, ValueOrigin::Vendor);
    let mfa = of("pool.mfa.mechanisms", &layers, CiamStatus::Enabled);
    assert_eq!((mfa.value, mfa.origin), (Some(SettingValue::List(Vec::new())), ValueOrigin::Fixed));
}

#[test]
fn every_status_value_of_the_catalogue_has_a_rule() {
    let plan = plan();
    for setting in catalogue::watched() {
        let own = Own { status: CiamStatus::Enabled, plan: &plan };
        let found = Effective::of(setting, &Layers::default(), own);
        let ruled =
            !matches!(setting.control, domain::settings::Control::Status | domain::settings::Control::Record);
        assert!(ruled || found.value.is_some(), "{} has no rule", setting.key);
    }
}

#[test]
fn levels_read_back_as_written() {
    for layer in [Layer::Everywhere, Layer::Tier("gold".to_owned()), Layer::Biller(bid("7"))] {
        assert_eq!(layer.to_string().parse(), Ok(layer));
    }
    for nonsense in ["", "tier:", "tier", "biller:", "all:x", "x"] {
        assert!(nonsense.parse::<Layer>().is_err(), "{nonsense}");
    }
    // IC's tiers are kept in lower case, so that a level written otherwise would match no biller.
    assert_eq!("tier: Gold".parse(), Ok(Layer::Tier("gold".to_owned())));
}

#[test]
fn what_is_set_takes_the_place_of_the_configuration_in_the_plan() {
    let mut plan = plan();
    let list = SettingValue::List(vec!["https://own.example/cb".to_owned()]);
    let layers = Layers {
        tier: set("theme.bound", SettingValue::Text(String::new())),
        biller: set("application.redirect_uris", list),
        ..Layers::default()
    };
    fit(&mut plan, &layers);
    assert_eq!(plan.application.oidc.redirect_uris, ["https://own.example/cb"]);
    assert_eq!(plan.theme, None);
}
