//! The catalogue against the vendor's own Swagger files, where they are at hand.

use std::{env, fs, path::PathBuf};

use domain::settings::{Kind, Scope, Setting, VendorField, catalogue};
use serde_json::Value;

/// The folder of the files: `SECUREAUTH_SPEC_DIR`, or the place they have beside a checkout.
fn folder() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/secureauth");
    env::var_os("SECUREAUTH_SPEC_DIR").map_or_else(beside, PathBuf::from)
}

struct Files {
    admin: Value,
    identity: Value,
}

#[expect(clippy::print_stdout, reason = "the reader of a test run has to see that nothing was checked")]
fn load() -> Option<Files> {
    let folder = folder();
    if !folder.join("admin.yaml").is_file() {
        println!("SKIPPED: the vendor's Swagger files are not in {}", folder.display());
        return None;
    }
    let read = |name: &str| {
        serde_yaml_ng::from_str(&fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap()).unwrap()
    };
    Some(Files { admin: read("admin"), identity: read("identity") })
}

impl Files {
    /// The file and the definition that a scope's object has.
    fn object(&self, scope: Scope) -> (&Value, &str) {
        match scope {
            Scope::Pool => (&self.identity, "Pool"),
            Scope::Organization => (&self.admin, "Server"),
            Scope::Binding => (&self.admin, "IdentityPoolIDP"),
            Scope::Application => (&self.admin, "UpdateClientAdminRequest"),
            Scope::Theme => (&self.admin, "Theme"),
            Scope::VanityDomain => (&self.admin, "VanityDomain"),
            Scope::Tenant => (&self.admin, "Tenant"),
        }
    }
}

/// The schema behind references.
fn resolved<'a>(file: &'a Value, mut schema: &'a Value) -> &'a Value {
    while let Some(name) = schema["$ref"].as_str() {
        schema = &file["definitions"][name.rsplit('/').next().unwrap()];
    }
    schema
}

fn field<'a>(files: &'a Files, setting: &Setting, path: &str) -> (&'a Value, &'a Value) {
    let (file, name) = files.object(setting.scope);
    let mut schema = &file["definitions"][name];
    for part in path.split('.') {
        schema = resolved(file, &resolved(file, schema)["properties"][part]);
        assert!(!schema.is_null(), "{}: the vendor's {name} has no {path}", setting.key);
    }
    (file, schema)
}

fn words(schema: &Value) -> Vec<&str> {
    schema["enum"].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

#[test]
fn every_field_named_is_the_vendors_and_of_the_right_type() {
    let Some(files) = load() else { return };
    for setting in catalogue::all() {
        let (VendorField::At(path) | VendorField::Not(path)) = setting.field else { continue };
        let (file, schema) = field(&files, setting, path);
        if !setting.is_watched() {
            continue;
        }
        let kind = schema["type"].as_str().unwrap_or_default();
        let format = schema["format"].as_str().unwrap_or_default();
        let right = match setting.kind {
            Kind::Flag => kind == "boolean",
            Kind::Whole { .. } => kind == "integer",
            Kind::Duration { .. } => (kind, format) == ("string", "duration"),
            Kind::Instant => (kind, format) == ("string", "date-time"),
            Kind::Choice(of) => {
                let theirs = words(schema);
                kind == "string" && of.iter().all(|word| theirs.contains(&word.word))
            }
            Kind::Choices { of, .. } => {
                let theirs = words(resolved(file, &schema["items"]));
                kind == "array" && of.iter().all(|word| theirs.contains(&word.word))
            }
            Kind::Links { .. } | Kind::Domains => {
                kind == "array" && resolved(file, &schema["items"])["type"] == "string"
            }
            Kind::Text { .. } | Kind::Colour | Kind::Link | Kind::Host | Kind::Id => {
                kind == "string" && format != "duration"
            }
        };
        assert!(right, "{}: {path} is {schema}", setting.key);
        if let (Some(absent), Some(documented)) = (setting.absent, schema.get("default")) {
            let said = setting.observe(&nested(path, documented));
            assert_eq!(
                said.value().map(domain::settings::SettingValue::to_text).as_deref(),
                Some(absent),
                "{}",
                setting.key
            );
        }
    }
}

fn nested(path: &str, value: &Value) -> Value {
    path.rsplit('.').fold(value.clone(), |inner, name| serde_json::json!({ name: inner }))
}

#[test]
fn every_call_named_is_the_vendors() {
    let Some(files) = load() else { return };
    for setting in catalogue::all() {
        let (VendorField::Call(path) | VendorField::Bound { call: path, .. }) = setting.field else {
            continue;
        };
        let known = [&files.admin, &files.identity].iter().any(|file| !file["paths"][path].is_null());
        assert!(known, "{}: the vendor has no {path}", setting.key);
    }
}

/// What the vendor manages itself, or what only names the object.
const NOT_SETTINGS: &[&str] = &["id", "tenant_id", "workspace_id", "system", "deleted"];

#[test]
fn no_field_of_a_pool_is_left_out() {
    let Some(files) = load() else { return };
    let (file, name) = files.object(Scope::Pool);
    let mut missing = Vec::new();
    let mut named = Vec::new();
    leaves(file, &file["definitions"][name], "", &mut named);
    for path in named {
        let known =
            catalogue::of_scope(Scope::Pool).iter().any(|setting| setting.path() == Some(path.as_str()));
        if !known && !NOT_SETTINGS.contains(&path.as_str()) {
            missing.push(path);
        }
    }
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
}

fn leaves(file: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    let schema = resolved(file, schema);
    match schema["properties"].as_object() {
        Some(fields) => {
            for (name, inner) in fields {
                let here = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                leaves(file, inner, &here, found);
            }
        }
        None => found.push(place.to_owned()),
    }
}
