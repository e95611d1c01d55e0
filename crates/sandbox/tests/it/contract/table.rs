//! The sandbox's table of operations against the files: nothing invented, no status left out.

use std::collections::BTreeSet;

use sandbox::Sandbox;
use serde_json::Value;

use super::{deviations::FREE_MAPS, schema::is_object_map, spec};

/// The pages of signing in are the sandbox's own: the files do not describe the vendor's.
pub(crate) const OWN_PAGES: &[&str] = &[
    "oauth2.signInPage",
    "oauth2.signIn",
    "oauth2.errorPage",
    "oauth2.registerPage",
    "oauth2.register",
    "oauth2.resetPage",
    "oauth2.reset",
];

#[test]
fn every_operation_is_the_contracts_with_its_path_scope_and_statuses() {
    let Some(contract) = spec::load() else { return };
    for operation in Sandbox::operations().filter(|operation| !OWN_PAGES.contains(&operation.name.as_str())) {
        let (file, id) = operation.name.split_once('.').unwrap();
        let file = contract.files.iter().find(|other| other.name == file).unwrap();
        let declared = &file.doc["paths"][operation.path][operation.method.to_lowercase()];
        assert_eq!(declared["operationId"], id, "{}", operation.name);
        let statuses: BTreeSet<u16> = declared["responses"]
            .as_object()
            .unwrap()
            .keys()
            .map(|status| status.parse().unwrap())
            .filter(|status| *status >= 300)
            .collect();
        assert_eq!(
            operation.statuses.iter().copied().collect::<BTreeSet<_>>(),
            statuses,
            "{}",
            operation.name
        );
        let scopes: Vec<&str> = declared["security"][0]["system"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(operation.scope.into_iter().collect::<Vec<_>>(), scopes, "{}", operation.name);
    }
}

#[test]
fn every_allowed_deviation_is_needed() {
    let Some(contract) = spec::load() else { return };
    let idle: Vec<&&str> = FREE_MAPS.iter().filter(|place| !is_object_map(&contract, place)).collect();
    assert!(idle.is_empty(), "the files do not type these as maps of objects: {idle:?}");
}
