//! Changing objects: overlay, ETags, races, read-back.

use std::sync::Mutex;

use secureauth::{
    BindingId, ClientId, ClientStatus, ErrorKind, IdempotencyKey, Mapping, SecureAuth, ThemeId,
    UpdateOutcome, WorkspaceId,
};
use serde_json::{Value, json};

use crate::vendor::{Reply, Seen, Vendor};

fn org() -> WorkspaceId {
    WorkspaceId::parse("o").expect("an id")
}

fn stored() -> Value {
    json!({
        "id": "o", "name": "Biller", "parent_id": "billers", "from_the_future": {"keep": [1, 2]},
        "metadata": {"payload": {"bid": "7", "crm": "x"}, "schema": {"type": "object"}},
        "issuer_url": "http://x/o", "theme_id": "t1",
    })
}

/// An object that is really kept: PUT replaces, ETags count up and are checked, as `quirk` lets them.
fn keeper(
    first: Value,
    quirk: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static,
) -> impl Fn(&Seen, usize) -> Reply + Send + Sync {
    let kept = Mutex::new((first, 1_u32));
    move |seen, before| {
        if let Some(reply) = quirk(seen, before) {
            return reply;
        }
        let mut kept = kept.lock().expect("the object");
        if seen.method == "PUT" {
            if seen.header("if-match").is_some_and(|it| it != format!("\"{}\"", kept.1)) {
                return Reply::error(412, "");
            }
            if seen.path.ends_with("/metadata") {
                kept.0["metadata"]["payload"] = seen.body["payload"].clone();
            } else {
                kept.0 = seen.body.clone();
            }
            kept.1 += 1;
        }
        Reply::json(200, kept.0.clone()).header("etag", format!("\"{}\"", kept.1))
    }
}

async fn rename(client: &SecureAuth) -> Result<UpdateOutcome, secureauth::CallError> {
    client.update_organization(&org(), |patch| patch.name = Some("New".into())).await
}

fn puts(vendor: &Vendor) -> Vec<Seen> {
    vendor.api_calls().into_iter().filter(|it| it.method == "PUT").collect()
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_know_and_is_read_back() {
    let vendor = Vendor::start(keeper(stored(), |_, _| None)).await;
    let outcome = rename(&vendor.client()).await.expect("changed");
    assert!(outcome.changed);
    assert_eq!((&outcome.before["name"], &outcome.after["name"]), (&json!("Biller"), &json!("New")));
    assert_eq!(outcome.trace_ids, ["trace-200"]);
    let puts = puts(&vendor);
    assert_eq!(puts[0].header("if-match"), Some("\"1\""));
    assert_eq!(puts[0].body["from_the_future"], json!({"keep": [1, 2]}));
    assert_eq!(puts[0].body["metadata"], stored()["metadata"]);
    assert_eq!(
        (puts[0].body.get("issuer_url"), puts[0].body.get("theme_id")),
        (None, None),
        "not in the body's schema"
    );
    let calls = vendor.api_calls();
    let last = calls.last().expect("a read-back");
    assert_eq!((last.method.as_str(), last.header("if-match")), ("GET", Some("\"2\"")), "past any cache");
}

#[tokio::test]
async fn what_is_as_wanted_is_not_written() {
    let vendor = Vendor::start(keeper(stored(), |_, _| None)).await;
    let client = vendor.client();
    let outcome = client
        .update_organization(&org(), |patch| {
            patch.name = Some("Biller".into());
            patch.deactivated = Some(false);
            patch.metadata = json!({"bid": "7"}).as_object().cloned();
        })
        .await
        .expect("nothing to do");
    assert!(!outcome.changed && outcome.trace_ids.is_empty());
    assert_eq!(vendor.api_calls().len(), 1);
}

#[tokio::test]
async fn a_race_is_run_again_on_what_the_other_wrote() {
    let vendor = Vendor::start(keeper(stored(), |seen, before| {
        (seen.method == "PUT" && before == 0).then(|| Reply::error(412, ""))
    }))
    .await;
    assert!(rename(&vendor.client()).await.expect("changed").changed);
    assert_eq!(puts(&vendor).len(), 2);
}

#[tokio::test]
async fn a_race_without_end_is_given_up() {
    let vendor =
        Vendor::start(keeper(stored(), |seen, _| (seen.method == "PUT").then(|| Reply::error(412, ""))))
            .await;
    let error = rename(&vendor.client()).await.expect_err("never free");
    assert_eq!(error.kind, ErrorKind::PreconditionFailed);
    assert!(error.is_retryable());
    assert_eq!(puts(&vendor).len(), 3);
}

#[tokio::test]
async fn a_change_that_does_not_show_is_an_error_naming_the_fields() {
    let vendor = Vendor::start(keeper(stored(), |seen, _| {
        (seen.method == "PUT").then(|| Reply::json(200, json!({})))
    }))
    .await;
    let error = rename(&vendor.client()).await.expect_err("not taken");
    assert_eq!(error.kind, ErrorKind::ReadBackMismatch { fields: vec!["name".into()] });
    assert!(error.outcome_unknown());
    assert!(error.to_string().contains("name"), "{error}");
}

#[tokio::test]
async fn a_read_back_from_a_stale_cache_is_repeated() {
    let vendor = Vendor::start(keeper(stored(), |seen, before| {
        (seen.method == "GET" && before == 1).then(|| Reply::json(200, stored()))
    }))
    .await;
    assert_eq!(rename(&vendor.client()).await.expect("changed").after["name"], "New");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_settled_by_reading() {
    let vendor = Vendor::start(keeper(stored(), |seen, before| match (seen.method.as_str(), before) {
        ("PUT", _) => Some(Reply::json(200, json!({})).broken()),
        ("GET", 1..) => {
            let mut done = stored();
            done["name"] = json!("New");
            Some(Reply::json(200, done))
        }
        _ => None,
    }))
    .await;
    let outcome = rename(&vendor.client()).await.expect("it was carried out");
    assert!(outcome.changed);
    assert_eq!(outcome.after["name"], "New");
}

#[tokio::test]
async fn a_lost_write_that_was_not_carried_out_stays_an_error() {
    let vendor = Vendor::start(keeper(stored(), |seen, _| {
        (seen.method == "PUT").then(|| Reply::json(200, json!({})).broken())
    }))
    .await;
    let error = rename(&vendor.client()).await.expect_err("unknown");
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn metadata_has_its_own_call_and_keeps_the_other_fields() {
    let vendor = Vendor::start(keeper(stored(), |_, _| None)).await;
    let fields = json!({"bid": "8", "crm": null}).as_object().cloned().expect("fields");
    let outcome = vendor.client().update_organization_metadata(&org(), fields).await.expect("changed");
    assert_eq!(outcome.after["metadata"]["payload"], json!({"bid": "8"}));
    let puts = puts(&vendor);
    assert!(puts[0].is("PUT", "/api/admin/acme/organizations/o/metadata"));
    assert_eq!(puts[0].body, json!({"payload": {"bid": "8"}}));
}

#[tokio::test]
async fn secrets_are_sent_back_to_the_vendor_and_shown_to_nobody() {
    let client = json!({
        "client_id": "c", "authorization_server_id": "o", "tenant_id": "acme", "client_status": "active",
        "client_secret": "a-secret-of-thirty-two-characters", "application_types": ["server_web"],
        "jwks": {"keys": [{"kty": "EC", "x": "1", "d": "private-part"}]}, "server_issuer_url": "http://x",
    });
    let vendor = Vendor::start(keeper(client, |_, _| None)).await;
    let id = ClientId::parse("c").expect("an id");
    let outcome = vendor
        .client()
        .update_client(&id, |patch| patch.client_status = Some(ClientStatus::Inactive))
        .await
        .expect("changed");
    let put = &puts(&vendor)[0];
    assert_eq!(put.body["client_secret"], "a-secret-of-thirty-two-characters");
    assert_eq!((put.body.get("application_types"), put.body.get("server_issuer_url")), (None, None));
    let shown = format!("{outcome:?}");
    assert!(!shown.contains("a-secret-of") && !shown.contains("private-part"), "{shown}");
    assert_eq!(outcome.after["client_status"], "inactive");
}

#[tokio::test]
async fn mappings_are_set_as_a_list_and_disabled_keeps_them() {
    let binding =
        json!({"id": "i", "name": "B", "identity_pool_id": "p", "method": "identity_pool", "version": 3});
    let vendor = Vendor::start(keeper(binding, |_, _| None)).await;
    let (client, id) = (vendor.client(), BindingId::parse("i").expect("an id"));
    let mapping = |source: &str| Mapping {
        source: source.into(),
        target: source.into(),
        kind: "string".into(),
        ..Mapping::default()
    };
    let mappings = vec![mapping("email"), mapping("name")];
    client
        .update_binding(&org(), &id, |patch| patch.mappings = Some(mappings.clone()))
        .await
        .expect("changed");
    let outcome =
        client.update_binding(&org(), &id, |patch| patch.disabled = Some(true)).await.expect("changed");
    assert_eq!(outcome.after["mappings"].as_array().map(Vec::len), Some(2));
    assert_eq!(outcome.after["version"], 3);
    let read = client.get_binding(&org(), &id).await.expect("a binding");
    assert!(read.disabled);
    assert_eq!(read.mappings, mappings);
}

#[tokio::test]
async fn a_theme_is_bound_once_and_read_back() {
    let bound = Mutex::new(None::<String>);
    let vendor = Vendor::start(move |seen, _| {
        let mut bound = bound.lock().expect("the theme");
        match (seen.method.as_str(), seen.path.rsplit('/').next()) {
            ("POST", Some("unbind-theme")) => *bound = None,
            ("POST", theme) => *bound = theme.map(str::to_owned),
            _ => {}
        }
        match &*bound {
            Some(theme) => {
                Reply::json(200, json!({"server_id": "o", "tenant_id": "acme", "theme_id": theme}))
            }
            None if seen.method == "GET" => Reply::error(404, ""),
            None => Reply::json(200, json!({"server_id": "o", "tenant_id": "acme", "theme_id": ""})),
        }
    })
    .await;
    let (client, theme) = (vendor.client(), ThemeId::parse("shared").expect("an id"));
    let key = |step: &str| IdempotencyKey::derive(&["run", step]);
    assert!(client.bind_theme(&org(), &theme, &key("bind")).await.expect("bound").changed);
    assert!(!client.bind_theme(&org(), &theme, &key("bind")).await.expect("bound").changed);
    assert_eq!(client.get_theme_binding(&org()).await.expect("a theme"), Some(theme));
    assert!(client.unbind_theme(&org(), &key("unbind")).await.expect("unbound").changed);
    assert_eq!(client.get_theme_binding(&org()).await.expect("none"), None);
    let posts: Vec<_> = vendor.api_calls().into_iter().filter(|it| it.method == "POST").collect();
    assert_eq!(posts.len(), 2);
    assert!(posts.iter().all(|it| it.header("x-idempotency-key").is_some()));
}
