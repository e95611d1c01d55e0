//! A PUT replaces the whole object, so our fields are laid over the raw JSON just read and everything else
//! is sent back as it came (vendor contract, conventions: treat PUT as a full replacement).

use serde_json::{Map, Value};

/// What the body of an object's PUT may not or must hold, beyond what was read. From the vendor contract:
/// the fields of the answer that the body's schema lacks.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Fields of the answer that the body does not have.
    pub(crate) read_only: &'static [&'static str],
    /// Fields left out when empty, because an empty value would be refused or would mean something.
    pub(crate) omit_empty: &'static [&'static str],
    /// Whether the body requires `tenant_id`.
    pub(crate) needs_tenant: bool,
}

/// Organization: body `Org`, answer `OrganizationResponse`.
pub(crate) static ORGANIZATION: Shape = Shape {
    read_only: &[
        "issuer_url",
        "number_of_child_organizations",
        "subject_format",
        "subject_identifier_algorithm_salt",
        "theme_id",
    ],
    omit_empty: &[],
    needs_tenant: false,
};

/// Workspace: body `Server`, answer `ServerResponse`. An organization is one. Its hashing secret is sent back as read.
pub(crate) static WORKSPACE: Shape = Shape {
    read_only: &["issuer_url", "mtls_issuer_url", "supported_application_purposes", "theme_id"],
    // A secret has at least 32 characters, an enumerated word at least one.
    omit_empty: &[
        "access_token_strategy",
        "key_type",
        "profile",
        "rotated_secrets",
        "secret",
        "subject_format",
        "subject_identifier_algorithm_salt",
        "type",
    ],
    needs_tenant: true,
};

/// Pool: body `Pool`, answer `PoolResponse`.
pub(crate) static POOL: Shape = Shape {
    read_only: &["number_of_jit_users", "number_of_standard_users", "number_of_users"],
    omit_empty: &[
        "payload_schema_id",
        "metadata_schema_id",
        "business_metadata_schema_id",
        "preferred_authentication_mechanism",
        "second_factor_preferred_authentication_mechanism",
    ],
    needs_tenant: true,
};

/// Binding: the same schema both ways.
pub(crate) static BINDING: Shape = Shape { read_only: &[], omit_empty: &[], needs_tenant: false };

/// Application: body `UpdateClientAdminRequest`, answer `ClientAdminResponse`. Secrets that were read are
/// sent back, or the replacement might clear them; they never leave this crate.
pub(crate) static CLIENT: Shape = Shape {
    read_only: &[
        "application_types",
        "dynamically_registered",
        "obbr",
        "server_issuer_url",
        "server_mtls_issuer_url",
        "software_id",
        "software_version",
    ],
    // A secret has at least 32 characters, an enumerated word at least one.
    omit_empty: &[
        "client_secret",
        "hashed_secret",
        "rotated_secrets",
        "hashed_rotated_secrets",
        "id_token_signed_response_alg",
        "id_token_encrypted_response_alg",
        "id_token_encrypted_response_enc",
        "authorization_encrypted_response_alg",
        "authorization_encrypted_response_enc",
        "request_object_encryption_alg",
        "request_object_encryption_enc",
        "saml_subject_name_id_format",
    ],
    needs_tenant: true,
};

/// The body to send: `read` with `wanted` laid over it and without what the body does not have.
pub(crate) fn body(read: &Value, wanted: &Value, shape: &Shape, tenant_id: &str) -> Value {
    let mut body = read.clone();
    lay_over(&mut body, wanted);
    if let Value::Object(fields) = &mut body {
        fields.retain(|name, field| {
            let name = name.as_str();
            !(shape.read_only.contains(&name) || (shape.omit_empty.contains(&name) && means_nothing(field)))
        });
        if shape.needs_tenant && fields.get("tenant_id").is_none_or(means_nothing) {
            fields.insert("tenant_id".to_owned(), Value::String(tenant_id.to_owned()));
        }
    }
    body
}

/// Lays `wanted` over `target`: objects are merged, null removes, what already satisfies stays untouched.
fn lay_over(target: &mut Value, wanted: &Value) {
    let Value::Object(wanted) = wanted else {
        if !satisfies(wanted, Some(target)) {
            *target = wanted.clone();
        }
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, value) in wanted {
        if value.is_null() {
            fields.remove(name);
        } else if let Some(found) = fields.get_mut(name) {
            lay_over(found, value);
        } else if !means_nothing(value) {
            let mut fresh = Value::Null;
            lay_over(&mut fresh, value);
            fields.insert(name.clone(), fresh);
        }
    }
}

/// The fields of `wanted` that `found` does not show, as dotted paths.
pub(crate) fn differences(wanted: &Value, found: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect(wanted, Some(found), "", &mut paths);
    paths
}

fn collect(wanted: &Value, found: Option<&Value>, path: &str, paths: &mut Vec<String>) {
    match wanted {
        Value::Object(fields) => {
            for (name, value) in fields {
                let deeper = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(value, found.and_then(|it| it.get(name)), &deeper, paths);
            }
        }
        _ if satisfies(wanted, found) => {}
        _ => paths.push(path.to_owned()),
    }
}

/// Whether `found` shows what is wanted. The vendor may leave empty fields out and add fields of its own
/// inside objects; lists of plain values are compared without regard to order.
fn satisfies(wanted: &Value, found: Option<&Value>) -> bool {
    let Some(found) = found.filter(|it| !it.is_null()) else {
        return means_nothing(wanted);
    };
    match (wanted, found) {
        (Value::Null, found) => means_nothing(found),
        (Value::Object(wanted), found) => {
            wanted.iter().all(|(name, value)| satisfies(value, found.get(name)))
        }
        (Value::Array(wanted), Value::Array(found)) => lists_agree(wanted, found),
        (Value::Number(wanted), Value::Number(found)) => wanted == found || wanted.as_f64() == found.as_f64(),
        (wanted, found) => wanted == found,
    }
}

fn lists_agree(wanted: &[Value], found: &[Value]) -> bool {
    if wanted.len() != found.len() {
        return false;
    }
    let plain = |list: &[Value]| list.iter().all(|it| !it.is_object() && !it.is_array());
    if !(plain(wanted) && plain(found)) {
        return wanted.iter().zip(found).all(|(wanted, found)| satisfies(wanted, Some(found)));
    }
    let sorted = |list: &[Value]| {
        let mut texts: Vec<String> = list.iter().map(Value::to_string).collect();
        texts.sort_unstable();
        texts
    };
    sorted(wanted) == sorted(found)
}

fn means_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(means_nothing),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn our_fields_change_and_all_others_are_sent_back_as_they_came() {
        let read = json!({
            "id": "o1", "name": "Old", "deactivated": false, "future_field": {"a": [1, {"b": null}]},
            "metadata": {"payload": {"crm": 7, "bid": "4"}, "schema": {"type": "object"}},
            "issuer_url": "https://x/o1", "theme_id": "t", "number_of_child_organizations": 0,
        });
        let wanted = json!({"name": "New", "metadata": {"payload": {"bid": "5", "crm": null}}});
        assert_eq!(
            body(&read, &wanted, &ORGANIZATION, "acme"),
            json!({
                "id": "o1", "name": "New", "deactivated": false, "future_field": {"a": [1, {"b": null}]},
                "metadata": {"payload": {"bid": "5"}, "schema": {"type": "object"}},
            })
        );
    }

    #[test]
    fn secrets_go_back_but_empty_ones_stay_out() {
        let read = json!({
            "client_id": "c", "client_secret": "", "hashed_secret": "h", "tenant_id": "", "application_types": ["dcr"],
        });
        let sent = body(&read, &json!({"client_status": "inactive"}), &CLIENT, "acme");
        let wanted =
            json!({"client_id": "c", "hashed_secret": "h", "tenant_id": "acme", "client_status": "inactive"});
        assert_eq!(sent, wanted);
    }

    #[test]
    fn what_already_satisfies_is_left_untouched() {
        let read = json!({"mappings": [{"source": "email", "target": "email", "type": "string", "mode": "dynamic"}]});
        let wanted = json!({"mappings": [{"source": "email", "target": "email", "type": "string"}], "disabled": false});
        assert_eq!(differences(&wanted, &read), Vec::<String>::new());
        assert_eq!(body(&read, &wanted, &BINDING, "acme"), read);
    }

    #[test]
    fn differences_are_named_by_their_paths() {
        let read = json!({"name": "a", "domains": ["x", "y"], "metadata": {"payload": {"bid": "1"}}});
        let wanted = json!({
            "name": "a", "domains": ["y", "x"], "deactivated": true, "color": null,
            "metadata": {"payload": {"bid": "2", "tier": "gold"}},
        });
        let paths = differences(&wanted, &read);
        assert_eq!(paths, ["deactivated", "metadata.payload.bid", "metadata.payload.tier"]);
        assert_eq!(differences(&json!({"domains": ["x"]}), &read), ["domains"]);
        assert_eq!(differences(&json!({"domains": ["x", "x"]}), &read), ["domains"]);
        assert_eq!(differences(&json!({"name": null}), &read), ["name"]);
    }

    #[test]
    fn emptiness_can_be_asked_for() {
        let read = json!({"description": "x", "domains": ["a"], "second": ["totp"]});
        let wanted = json!({"description": "", "domains": [], "public": false});
        let sent = body(&read, &wanted, &BINDING, "acme");
        assert_eq!(sent, json!({"description": "", "domains": [], "second": ["totp"]}));
        assert_eq!(differences(&wanted, &sent), Vec::<String>::new());
        assert_eq!(
            differences(&wanted, &json!({"second": []})),
            Vec::<String>::new(),
            "left out means empty"
        );
    }
}
