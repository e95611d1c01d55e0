//! Who acts: roles, portfolios and how they are written down.

use domain::{
    Portfolio,
    actor::{Actor, Capability, NoRole, Role, Roles},
};
use proptest::{collection, option, prelude::*, sample::select};
use serde_json::json;

use crate::samples::{person, person_of};

fn any_roles() -> impl Strategy<Value = Vec<Role>> {
    collection::vec(select(Role::ALL), 1..6)
}

fn portfolio(text: &str) -> Portfolio {
    Portfolio::parse(text).unwrap()
}

#[test]
fn an_actor_keeps_name_and_id_in_the_log() {
    let integration = Actor::Integration { name: "crm".to_owned() };
    for (actor, name, id, words, label) in [
        (person(Role::AccountManager), "Ada Byron", "person:u-7", "account_manager", "Account manager"),
        (integration, "crm", "integration:crm", "integration", "Integration"),
        (Actor::Operator, "Server operator", "operator", "operator", "Operator"),
        (Actor::Policy, "Policy", "policy", "policy", "Policy"),
    ] {
        assert_eq!((actor.name(), &*actor.id()), (name, id));
        assert_eq!((&*actor.role_words(), &*actor.role_label()), (words, label));
        assert_eq!(actor.portfolio(), None);
        let json = serde_json::to_string(&actor).unwrap();
        assert_eq!(serde_json::from_str::<Actor>(&json).unwrap(), actor);
    }
}

/// Entries of the audit log are hashed over this: it may never change.
#[test]
fn an_actor_is_written_the_same_for_ever() {
    let one = json!({ "kind": "person", "id": "u-7", "name": "Ada Byron", "role": "ops" });
    assert_eq!(serde_json::to_value(person(Role::Ops)).unwrap(), one);
    let several = Roles::new([Role::Support, Role::AccountManager, Role::Support]).unwrap();
    let limited = person_of(several, Some(portfolio("Gulf & \"South\"")));
    let many = json!({
        "kind": "person",
        "id": "u-7",
        "name": "Ada Byron",
        "role": ["account_manager", "support"],
        "portfolio": "Gulf & \"South\"",
    });
    assert_eq!(serde_json::to_value(&limited).unwrap(), many);
    assert_eq!(serde_json::from_value::<Actor>(many).unwrap(), limited);
}

#[test]
fn nobody_acts_without_a_role() {
    assert_eq!(Roles::new([]), Err(NoRole));
    assert!(serde_json::from_str::<Roles>("[]").is_err());
    assert!(serde_json::from_str::<Roles>(r#"["ops","nobody"]"#).is_err());
    for role in [json!([]), json!(null), json!("nobody"), json!(["ops", "nobody"])] {
        let actor = json!({ "kind": "person", "id": "u", "name": "U", "role": role });
        assert!(serde_json::from_value::<Actor>(actor.clone()).is_err(), "{actor}");
    }
}

#[test]
fn several_roles_are_read_in_their_order() {
    let roles = Roles::new([Role::Auditor, Role::Ops, Role::Auditor]).unwrap();
    assert_eq!(roles.label(), "Ops, Auditor");
    assert_eq!(roles.to_string(), "ops auditor");
    assert_eq!(serde_json::to_string(&roles).unwrap(), r#"["ops","auditor"]"#);
    assert_eq!(serde_json::from_str::<Roles>(r#"["auditor","ops","ops"]"#).unwrap(), roles);
}

proptest! {
    #[test]
    fn a_person_may_do_what_any_of_the_roles_may_and_nothing_else(
        roles in any_roles(),
        capability in select(Capability::ALL),
    ) {
        let expected = roles.iter().any(|role| person(*role).has(capability));
        let actor = person_of(Roles::new(roles).unwrap(), None);
        prop_assert_eq!(actor.has(capability), expected);
        prop_assert_eq!(actor.may(capability).is_ok(), expected);
    }

    #[test]
    fn order_and_repetition_of_roles_do_not_matter(roles in any_roles(), limit in option::of("[a-zA-Z]{1,9}")) {
        let limit = limit.map(|text| portfolio(&text));
        let actor = person_of(Roles::new(roles.clone()).unwrap(), limit.clone());
        let mut turned = roles.repeat(2);
        turned.reverse();
        prop_assert_eq!(&person_of(Roles::new(turned).unwrap(), limit), &actor);
        let json = serde_json::to_string(&actor).unwrap();
        prop_assert_eq!(serde_json::from_str::<Actor>(&json).unwrap(), actor);
    }
}
