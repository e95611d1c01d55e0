//! What happens when IC announces a new biller.

use domain::{biller::BillerDraft, policy::NewBillerPolicy};

use crate::samples::draft;

fn tiers(names: &[&str]) -> NewBillerPolicy {
    NewBillerPolicy::Tiers { tiers: names.iter().map(|&name| name.to_owned()).collect() }
}

#[test]
fn a_new_biller_is_enabled_at_once_only_where_the_policy_says_so() {
    for (policy, tier, applies) in [
        (NewBillerPolicy::Off, Some("gold"), false),
        (NewBillerPolicy::On, None, true),
        (NewBillerPolicy::On, Some("gold"), true),
        (tiers(&["gold", "silver"]), Some("silver"), true),
        (tiers(&["gold", "silver"]), Some("bronze"), false),
        (tiers(&["gold"]), Some("golden"), false),
        (tiers(&["golden"]), Some("gold"), false),
        (tiers(&["gold"]), None, false),
        (tiers(&[""]), None, false),
        (tiers(&[]), Some("gold"), false),
        (tiers(&[" Gold "]), Some("gold"), true),
        (tiers(&["GRÖSSE XL"]), Some("grösse xl"), true),
    ] {
        let new = BillerDraft { tier: tier.map(str::to_owned), ..draft("34", "North") };
        assert_eq!(policy.applies_to(&new), applies, "{policy:?} {tier:?}");
    }
}

#[test]
fn without_a_setting_nothing_is_enabled() {
    assert_eq!(NewBillerPolicy::default(), NewBillerPolicy::Off);
}

#[test]
fn the_policy_is_written_as_a_mode() {
    for (json, policy) in [
        (r#"{"mode":"off"}"#, NewBillerPolicy::Off),
        (r#"{"mode":"on"}"#, NewBillerPolicy::On),
        (r#"{"mode":"tiers","tiers":["gold"]}"#, tiers(&["gold"])),
    ] {
        assert_eq!(serde_json::from_str::<NewBillerPolicy>(json).unwrap(), policy);
        assert_eq!(serde_json::to_string(&policy).unwrap(), json);
    }
}
