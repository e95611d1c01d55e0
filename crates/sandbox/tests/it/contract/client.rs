//! Every operation of our real client, each request against the vendor's files.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    Timestamp,
    migration::{PasswordSource, detect},
};
use reqwest::{Method, Url};
use sandbox::{Fault, FaultRule, Phase};
use secureauth::{
    AddressImport, AddressKind, Attribute, AuditFilter, AuthMethod, AuthenticationMechanism, AuthorizeProbe,
    BindingId, CallObserver, CallRecord, ClientId, ClientStatus, Credentials, Deleted, ErrorKind, Figure,
    GrantType, IdempotencyKey, IdentifierImport, IdentifierKind, Limits, Mapping, NewBinding, NewClient,
    NewOrganization, NewPool, NewUser, Operation, OrganizationFilter, PageRequest, PageSize, PasswordImport,
    PasswordResult, PasswordState, PoolId, Power, ResponseType, RetryPolicy, SchemaId, SecureAuth,
    SecureAuthConfig, SettingsObject, SubjectType, ThemeId, TokenEndpointAuthMethod, UserId, UserImport,
    UserStatus, WithBinding, Workspace, WorkspaceId,
};
use serde_json::{Map, Value, json};

use super::{assert_keeps, check::Strictness, recorded, spec};
use crate::world::{Biller, CountingEntropy, World};

#[derive(Default)]
struct Seen(Mutex<BTreeSet<Operation>>);

impl CallObserver for Seen {
    fn observe(&self, record: &CallRecord) {
        self.0.lock().unwrap().insert(record.operation);
    }
}

fn client(world: &World, observer: Arc<dyn CallObserver>) -> SecureAuth {
    let credentials = |(id, secret): (String, String), auth_method| Credentials {
        client_id: id,
        client_secret: secret.into(),
        auth_method,
    };
    let url = |text: &str| Url::parse(text).unwrap();
    let mut config = SecureAuthConfig::new(
        url(world.sandbox.base_url()),
        world.sandbox.config().tenant_id.clone(),
        url(&world.sandbox.admin_issuer()),
        url(&world.sandbox.system_issuer()),
        credentials(world.sandbox.admin_credentials(), AuthMethod::Basic),
        credentials(world.sandbox.system_credentials(), AuthMethod::Post),
    );
    config.limits = Limits { requests_per_second: 10_000, burst: 10_000, max_in_flight: 8 };
    let (base_delay, max_delay) = (Duration::from_millis(1), Duration::from_millis(20));
    config.retry = RetryPolicy { max_attempts: 3, base_delay, max_delay };
    SecureAuth::new(config, Arc::new(CountingEntropy::default()), observer).unwrap()
}

fn key(what: &str) -> IdempotencyKey {
    IdempotencyKey::derive(&["contract", what])
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).unwrap()
}

fn first_page() -> PageRequest {
    PageRequest { after: None, size: PageSize::clamped(1) }
}

#[tokio::test]
async fn every_request_of_our_client_keeps_the_contract() {
    let Some(mut contract) = spec::load() else { return };
    let (world, recorder) = recorded().await;
    // One biller made otherwise gives lists more than one page, and one user.
    let other = world.biller("other").await;
    let schema = json!({"tenant_id": "sandbox", "id": "people", "name": "People",
        "schema": {"type": "object", "properties": {"given_name": {"type": "string"}}}});
    world.identity(Method::POST, "/schemas", Some(schema)).await.expect(201);
    let before = recorder.exchanges().len();
    let seen = Arc::<Seen>::default();
    let observer: Arc<dyn CallObserver> = Arc::<Seen>::clone(&seen);
    let client = client(&world, observer);
    organizations(&client).await;
    pools(&client, &other).await;
    users(&client, &other).await;
    bindings(&world, &client).await;
    applications(&world, &client).await;
    rest(&client, &other).await;
    repeats(&world, &client).await;
    removals(&client).await;
    let exchanges = recorder.exchanges();
    assert_keeps(&mut contract, &exchanges[before..], Strictness::Both);
    let seen = seen.0.lock().unwrap();
    let missing: Vec<&Operation> =
        Operation::ALL.iter().filter(|operation| !seen.contains(operation)).collect();
    assert!(missing.is_empty(), "never called: {missing:?}");
}

async fn organizations(client: &SecureAuth) {
    let new = NewOrganization {
        id: workspace("acme"),
        name: "Acme & Söhne".into(),
        description: Some("All fields".into()),
        parent_id: workspace("billers"),
        template_id: None,
        domains: vec!["acme.example".into()],
        authentication_mechanisms: vec![AuthenticationMechanism::Password],
        metadata: fields(json!({"bid": "4711", "tags": ["a", 1], "deep": {"x": true}})),
    };
    client.create_organization(&new, &key("organization")).await.unwrap();
    let filter = OrganizationFilter {
        parent_id: Some(workspace("billers")),
        search: Some("o".into()),
        page: first_page(),
    };
    let page = client.list_organizations(&filter).await.unwrap();
    let next = OrganizationFilter { page: filter.page.following(&page).unwrap(), ..filter };
    client.list_organizations(&next).await.unwrap();
    let change = |patch: &mut secureauth::OrganizationPatch| {
        patch.name = Some("Acme Energy".into());
        patch.description = Some("changed".into());
        patch.domains = Some(vec!["acme.example".into(), "acme.test".into()]);
        patch.deactivated = Some(true);
        patch.metadata = Some(fields(json!({"tier": 1})));
    };
    assert!(client.update_organization(&workspace("acme"), change).await.unwrap().changed);
    client.update_organization_metadata(&workspace("acme"), fields(json!({"tier": null}))).await.unwrap();
    client.get_organization(&workspace("acme")).await.unwrap();
    // The same organization as the workspace it is.
    let settings = SettingsObject::Organization(workspace("acme"));
    let wanted = json!({
        "access_token_ttl": "10m0s", "enforce_pkce": true, "logo_uri": "https://acme.example/logo.png",
        "organization": {"domains": ["acme.example"]}, "sso": {"enabled": true, "max_idle": "30m0s"},
    });
    assert!(client.write_settings(&settings, wanted, |_| Vec::new()).await.unwrap().changed);
    assert_eq!(client.read_settings(&settings).await.unwrap()["sso"]["max_idle"], "30m0s");
}

async fn pools(client: &SecureAuth, other: &Biller) {
    let new = NewPool {
        id: Some(PoolId::parse("acme-pool").unwrap()),
        name: "Acme Pool".into(),
        description: Some("Acme & Söhne".into()),
        authentication_mechanisms: vec![AuthenticationMechanism::Password],
        public_registration_allowed: false,
        identifier_case_insensitive: true,
        metadata: fields(json!({"bid": "4711"})),
    };
    client.create_pool(&workspace("acme"), &new, WithBinding::No, &key("pool")).await.unwrap();
    let second = NewPool { id: None, name: "Acme Second".into(), ..new };
    client.create_pool(&workspace("acme"), &second, WithBinding::Yes, &key("second pool")).await.unwrap();
    let page = client.list_pools(&workspace("acme"), &first_page()).await.unwrap();
    client.list_pools(&workspace("acme"), &first_page().following(&page).unwrap()).await.unwrap();
    let id = PoolId::parse("acme-pool").unwrap();
    client.get_pool(&id).await.unwrap();
    let change = |patch: &mut secureauth::PoolPatch| {
        patch.description = Some("changed".into());
        patch.second_factor_authentication_mechanisms = Some(vec![AuthenticationMechanism::Totp]);
        patch.metadata = Some(fields(json!({"checked": true})));
    };
    assert!(client.update_pool(&id, change).await.unwrap().changed);
    let schema = client.get_schema(&SchemaId::parse("people").unwrap()).await.unwrap();
    assert_eq!((schema.name.as_str(), &schema.schema["type"]), ("People", &json!("object")));
    let users = client.list_users(&PoolId::parse(&other.pool).unwrap(), &first_page()).await.unwrap();
    assert_eq!(users.items.len(), 1);
}

/// A hash of every method, made elsewhere, with its password.
const KNOWN: &[(&str, &str)] = &[
    ("$2y$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi", "rasmuslerdorf"),
    ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"),
    ("pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=", "correct horse"),
    ("ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==", "my password"),
    ("AQAAAAEAACcQAAAAEAECAwQFBgcICQoLDA0ODxCbIJnJm+N8Gtk+QWDtYJlv+Q/iGAle/IXkUarqzIXzHg==", "correct horse"),
    (
        "{SSHA512}ggObOJHDWCqgI5uFv/j9yDNYMvdTgt+Toj8d6cGrSG/e+E9GbH4DkQ8y5jY3NblhoGens+zNVX1mZaFy0qwRwwECAwQFBgcI",
        "correct horse",
    ),
    ("{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=", "correct horse"),
    ("{SMD5}vPjZQdkpEUFwnJ1WNg63FAECAwQFBgcI", "correct horse"),
];

fn moved(n: usize, stamp: Timestamp) -> UserImport {
    let PasswordSource::Hash(hash) = detect(KNOWN[n].0, "", None).1 else { panic!("{}", KNOWN[n].0) };
    UserImport {
        id: UserId::parse(&format!("moved-{n}")).unwrap(),
        status: UserStatus::Active,
        payload: fields(json!({"given_name": "Ann"})),
        metadata: fields(json!({"ref": n.to_string()})),
        identifiers: vec![IdentifierImport {
            id: format!("i-{n}"),
            identifier: format!("Ann-{n}"),
            kind: IdentifierKind::Uid,
        }],
        addresses: vec![AddressImport {
            id: format!("a-{n}"),
            address: format!("ann-{n}@x.example"),
            kind: AddressKind::Email,
            verified: n.is_multiple_of(2),
        }],
        password: Some(PasswordImport { id: format!("c-{n}"), hash, state: PasswordState::Valid }),
        stamp,
    }
}

/// A hash of a known password for every method of the vendor, moved, read back, checked and removed.
async fn users(client: &SecureAuth, other: &Biller) {
    let pool = PoolId::parse(&other.pool).unwrap();
    let stamp = Timestamp::from_micros(1_767_225_600_000_000);
    let users: Vec<UserImport> = (0..KNOWN.len()).map(|n| moved(n, stamp)).collect();
    client.import_users(&pool, &users).await.unwrap();
    for (n, (text, password)) in KNOWN.iter().enumerate() {
        let right = client.verify_password(&pool, &format!("ann-{n}@x.example"), password).await.unwrap();
        assert_eq!(right.result, PasswordResult::Correct, "{text}");
        let wrong = client.verify_password(&pool, &format!("Ann-{n}"), "wrong").await.unwrap();
        assert_eq!(wrong.result, PasswordResult::Incorrect, "{text}");
    }
    let first = client.find_user(&pool, &users[0].id).await.unwrap().unwrap();
    assert_eq!((first.updated_at, first.identifiers), (Some(stamp), vec!["Ann-0".to_owned()]));
    assert_eq!(client.view_users(&pool, &first_page()).await.unwrap().items.len(), 1);
    // Taken by somebody else in the pool: all of the batch is refused, also its good user.
    let mut again = vec![users[1].clone(), users[2].clone()];
    again[0].id = UserId::parse("another").unwrap();
    let refused = client.import_users(&pool, &again).await.unwrap_err();
    assert_eq!((refused.kind.clone(), refused.outcome_unknown()), (ErrorKind::Conflict, false));
    parts(client, &pool, &users[0].id).await;
    for user in &users {
        client.delete_user(&pool, &user.id).await.unwrap();
        assert_eq!(client.find_user(&pool, &user.id).await.unwrap(), None);
    }
    assert_eq!(client.delete_user(&pool, &users[0].id).await.unwrap(), Deleted::Already);
    assert!(client.import_users(&pool, &[]).await.is_err());
}

/// One user changed part by part, and read back.
async fn parts(client: &SecureAuth, pool: &PoolId, user: &UserId) {
    let kind = IdentifierKind::Email;
    client.add_identifier(pool, user, "new@x.example", &kind).await.unwrap();
    client.add_address(pool, user, "new@x.example", &AddressKind::Email, false).await.unwrap();
    client.verify_address(pool, user, "new@x.example", true).await.unwrap();
    client.remove_identifier(pool, user, "ann-0").await.unwrap();
    client.remove_identifier(pool, user, "ann-0").await.unwrap();
    client.remove_address(pool, user, "ann-0@x.example").await.unwrap();
    let payload = fields(json!({"given_name": "Bea"}));
    client.update_user(pool, user, Some(&UserStatus::New), Some(&payload)).await.unwrap();
    client.send_activation(pool, user, "new@x.example", &workspace("other")).await.unwrap();
    client.update_user(pool, user, Some(&UserStatus::Active), None).await.unwrap();
    let late = client.send_activation(pool, user, "new@x.example", &workspace("other")).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::Invalid);
    client.send_reset(pool, user, "new@x.example", &workspace("other")).await.unwrap();
    client.set_password_state(pool, user, &PasswordState::MustBeReset).await.unwrap();
    let found = client.read_user(pool, user).await.unwrap().unwrap();
    assert_eq!((found.status, found.payload), (UserStatus::Active, payload));
    assert_eq!(found.identifiers, [("new@x.example".to_owned(), IdentifierKind::Email)]);
    assert_eq!(found.addresses.len(), 1);
    assert!(found.addresses[0].verified);
    assert_eq!(found.password.unwrap().0, PasswordState::MustBeReset);
    let taken = client.add_identifier(pool, user, "Ann-1", &IdentifierKind::Uid).await.unwrap_err();
    assert_eq!(taken.kind, ErrorKind::Conflict);
    let nobody = UserId::parse("nobody").unwrap();
    assert_eq!(client.read_user(pool, &nobody).await.unwrap(), None);
}

/// Requested, changed and taken away again; each is read back.
async fn vanity_domain(client: &SecureAuth) {
    let acme = workspace("acme");
    assert_eq!(client.get_vanity_domain(&acme).await.unwrap(), None);
    for (n, wanted) in [Some("login.acme.example"), Some("people.acme.example"), None].into_iter().enumerate()
    {
        let set = async || {
            let key = key(&format!("vanity {n}"));
            client.set_vanity_domain(&acme, wanted, &key).await.unwrap()
        };
        let outcome = set().await;
        assert!(outcome.changed);
        assert_eq!(outcome.after, json!({ "domain": wanted }));
        assert!(!set().await.changed, "once is enough");
        let found = client.get_vanity_domain(&acme).await.unwrap().map(|it| it.domain);
        assert_eq!(found.as_deref(), wanted);
    }
}

async fn bindings(world: &World, client: &SecureAuth) {
    let mapping = Mapping {
        source: "email".into(),
        target: "email".into(),
        kind: "string".into(),
        mode: Some("copy".into()),
        ..Mapping::default()
    };
    let attribute = Attribute { name: "email".into(), description: "E-mail".into(), kind: "string".into() };
    let new = NewBinding {
        id: Some(BindingId::parse("acme-binding").unwrap()),
        name: "People".into(),
        identity_pool_id: PoolId::parse("acme-pool").unwrap(),
        attributes: vec![attribute],
        mappings: vec![mapping.clone()],
    };
    let id = new.id.clone().unwrap();
    client.create_binding(&workspace("acme"), &new, &key("binding")).await.unwrap();
    // Fields our client does not know have to come through its updates.
    let mut body =
        world.admin(Method::GET, "/servers/acme/idps/identity_pool/acme-binding", None).await.json();
    body["discovery_settings"] = json!({"domains": ["acme.example"], "instant_redirect": true});
    body["config"] = json!({"reload_claims_at_refresh_token": true});
    world.admin(Method::PUT, "/servers/acme/idps/identity_pool/acme-binding", Some(body)).await.expect(200);
    client.list_bindings(&workspace("acme")).await.unwrap();
    let change = |patch: &mut secureauth::BindingPatch| {
        patch.disabled = Some(true);
        patch.mappings = Some(vec![Mapping { allow_weak_decoding: true, ..mapping }]);
    };
    let outcome = client.update_binding(&workspace("acme"), &id, change).await.unwrap();
    assert_eq!(outcome.after["discovery_settings"]["instant_redirect"], true);
    client.update_binding(&workspace("acme"), &id, |patch| patch.disabled = Some(false)).await.unwrap();
    client.get_binding(&workspace("acme"), &id).await.unwrap();
}

async fn applications(world: &World, client: &SecureAuth) {
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "kid": "1", "alg": "ES256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]});
    let new = NewClient {
        client_id: Some(ClientId::parse("acme-portal").unwrap()),
        workspace_id: workspace("acme"),
        client_name: "Portal".into(),
        description: Some("All fields".into()),
        redirect_uris: vec![Biller::REDIRECT.into()],
        post_logout_redirect_uris: vec!["https://portal.example/bye".into()],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec![ResponseType::Code],
        scopes: vec!["openid".into(), "profile".into()],
        token_endpoint_auth_method: TokenEndpointAuthMethod::PrivateKeyJwt,
        jwks_uri: None,
        jwks: Some(keys),
        subject_type: Some(SubjectType::Public),
        trusted: true,
        metadata: fields(json!({"bid": "4711"})),
    };
    client.create_client(&new, &key("application")).await.unwrap();
    let secret = NewClient {
        client_id: None,
        token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretBasic,
        jwks: None,
        ..new
    };
    let made = client.create_client(&secret, &key("second application")).await.unwrap();
    assert!(made.secret.is_some());
    let day = Duration::from_secs(24 * 3_600);
    client.rotate_client_secret(&made.client.client_id, day, &key("rotate")).await.unwrap();
    let mut body = world.admin(Method::GET, "/clients/acme-portal", None).await.json();
    for answered_only in ["application_types", "server_issuer_url"] {
        body.as_object_mut().unwrap().remove(answered_only);
    }
    body["token_ttls"] = json!({"id_token_ttl": "10m0s"});
    body["privacy"] = json!({"scopes": {}});
    world.admin(Method::PUT, "/clients/acme-portal", Some(body)).await.expect(200);
    let id = ClientId::parse("acme-portal").unwrap();
    let change = |patch: &mut secureauth::ClientPatch| {
        patch.client_status = Some(ClientStatus::Inactive);
        patch.redirect_uris = Some(vec![Biller::REDIRECT.into(), "https://portal.example/second".into()]);
        patch.metadata = Some(fields(json!({"by": "contract"})));
    };
    let outcome = client.update_client(&id, change).await.unwrap();
    assert_eq!(outcome.after["token_ttls"]["id_token_ttl"], "10m0s");
    client.update_client(&id, |patch| patch.client_status = Some(ClientStatus::Active)).await.unwrap();
    client.get_client(&id).await.unwrap();
    let page = client.list_clients(&workspace("acme"), &first_page()).await.unwrap();
    client.list_clients(&workspace("acme"), &first_page().following(&page).unwrap()).await.unwrap();
}

async fn audit_events(client: &SecureAuth, other: &Biller) {
    let filter = AuditFilter {
        subjects: vec!["organization", "server"],
        actions: vec!["created", "updated"],
        organization: Some(workspace("acme")),
        page: first_page(),
        ..AuditFilter::default()
    };
    let events = client.list_audit_events(&client.administration(), &filter).await.unwrap();
    assert_eq!(events.items.len(), 1);
    client
        .list_audit_events(
            &workspace("acme"),
            &AuditFilter {
                acting_user: Some((
                    PoolId::parse(&other.pool).unwrap(),
                    UserId::parse(Biller::USER).unwrap(),
                )),
                affected_user: Some((
                    PoolId::parse(&other.pool).unwrap(),
                    UserId::parse(Biller::USER).unwrap(),
                )),
                from: Some(Timestamp::from_micros(0)),
                to: Some(Timestamp::from_micros(1_000_000)),
                ..AuditFilter::default()
            },
        )
        .await
        .unwrap();
}

async fn rest(client: &SecureAuth, other: &Biller) {
    let theme = ThemeId::parse("shared-theme").unwrap();
    client.list_themes().await.unwrap();
    assert!(client.bind_theme(&workspace("acme"), &theme, &key("bind")).await.unwrap().changed);
    assert_eq!(client.get_theme_binding(&workspace("acme")).await.unwrap(), Some(theme));
    vanity_domain(client).await;
    client.get_environment().await.unwrap();
    audit_events(client, other).await;
    numbers(client).await;
    for power in Power::ALL {
        client.check_token(power).await.unwrap();
    }
    client.check_token(Workspace::Admin).await.unwrap();
    assert_eq!(client.probe_system_organizations().await.unwrap(), 1);
    client.probe_system_pools(&workspace("other")).await.unwrap();
    let users = [UserId::parse(Biller::USER).unwrap()];
    client.revoke_pool_user_tokens(&PoolId::parse(&other.pool).unwrap(), &users).await.unwrap();
    let canary = NewUser {
        id: UserId::parse("canary").unwrap(),
        username: "canary".into(),
        password: "Right 1 password!".to_owned().into(),
        metadata: fields(json!({"managed_by": "contract"})),
    };
    let pool = PoolId::parse(&other.pool).unwrap();
    client.create_user(&pool, &canary, &key("canary")).await.unwrap();
    let right = client.verify_password(&pool, "canary", "Right 1 password!").await.unwrap();
    assert_eq!(right.result, PasswordResult::Correct);
    client.delete_user(&pool, &canary.id).await.unwrap();
    let issuer = client.get_organization(&workspace("other")).await.unwrap().issuer_url.unwrap();
    let document = client.discover(&issuer).await.unwrap();
    client.probe_discovery(&issuer).await.unwrap();
    assert!(client.probe_keys(&document.jwks_uri).await.unwrap() > 0);
    let mut authorize = document.authorization_endpoint;
    authorize.query_pairs_mut().extend_pairs([
        ("client_id", other.client.as_str()),
        ("response_type", "code"),
        ("redirect_uri", Biller::REDIRECT),
        ("scope", "openid"),
        ("state", "a-state"),
        ("nonce", "a-nonce"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]);
    assert_eq!(client.probe_authorize(&authorize).await.unwrap(), AuthorizeProbe::Answers);
}

async fn numbers(client: &SecureAuth) {
    let license = client.get_license().await.unwrap();
    assert!(license.starts < license.ends && license.enforced == Some(false), "{license:?}");
    let usage = client.get_usage().await.unwrap();
    assert!(usage.tokens.used > Some(0) && usage.tokens.used < usage.tokens.limit, "{usage:?}");
    assert!(client.count_users().await.unwrap() > Some(0));
    let (from, to) = (Timestamp::from_micros(0), Timestamp::from_micros(4_000_000_000_000_000));
    for figure in Figure::ALL {
        let days = client.request_figures(figure, from, to).await.unwrap();
        assert!(days[0].begins.is_some() && days[0].values.contains_key("admin"), "{days:?}");
    }
    assert_eq!(client.count_sign_ins(&workspace("other"), from, to).await.unwrap(), []);
}

/// What the client sends again after a lost answer, a forgotten token or a pause keeps the contract too.
async fn repeats(world: &World, client: &SecureAuth) {
    let once = |operation: &str, fault| {
        world.sandbox.faults().add(FaultRule::new(operation, fault).times(1)).unwrap()
    };
    once("admin.createOrganization", Fault::Reset { phase: Phase::AfterApplying });
    once(
        "admin.getEnvironment",
        Fault::Error { status: 401, error_code: Some("invalid_access_token".into()) },
    );
    once("admin.listThemes", Fault::TooManyRequests { retry_after_seconds: 0 });
    once("admin.updateOrganization", Fault::Error { status: 412, error_code: None });
    let again = NewOrganization {
        id: workspace("again"),
        name: "Again".into(),
        description: None,
        parent_id: workspace("billers"),
        template_id: None,
        domains: Vec::new(),
        authentication_mechanisms: Vec::new(),
        metadata: Map::new(),
    };
    assert!(client.create_organization(&again, &key("again")).await.unwrap().replayed);
    client.get_environment().await.unwrap();
    client.list_themes().await.unwrap();
    // Whether a stale write is tried again or reported is the client's business.
    let _ = client.update_organization(&workspace("again"), |patch| patch.deactivated = Some(true)).await;
}

async fn removals(client: &SecureAuth) {
    let acme = workspace("acme");
    client.unbind_theme(&acme, &key("unbind")).await.unwrap();
    client.delete_client(&ClientId::parse("acme-portal").unwrap()).await.unwrap();
    client.delete_binding(&acme, &BindingId::parse("acme-binding").unwrap()).await.unwrap();
    client.delete_pool(&PoolId::parse("acme-pool").unwrap(), WithBinding::No).await.unwrap();
    client.delete_organization(&acme).await.unwrap();
    client.delete_organization(&acme).await.unwrap();
}
