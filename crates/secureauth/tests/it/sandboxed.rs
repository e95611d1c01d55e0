//! The client against the sandbox: a biller's whole life, and the faults that a network and a vendor have.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use sandbox::{ClientCredentials, Fault, FaultRule, Phase, RunningSandbox, Sandbox, SandboxConfig};
use secureauth::{
    AuthMethod, AuthorizeProbe, Binding, BindingId, BreakerPolicy, CallObserver, CallRecord, ClientId,
    ClientStatus, Credentials, Deleted, ErrorKind, GrantType, IdempotencyKey, Limits, Mapping, NewBinding,
    NewClient, NewOrganization, NewPool, Operation, OrganizationFilter, OutcomeClass, PageRequest, PageSize,
    PoolId, Power, ResponseType, RetryPolicy, SecureAuth, SecureAuthConfig, ThemeId, TokenEndpointAuthMethod,
    UserId, WithBinding, Workspace, WorkspaceId,
};
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use url::Url;

use crate::vendor::{CountingEntropy, SteadyClock, install_tls};

const REDIRECT: &str = "https://portal.example/callback";

#[derive(Default)]
struct Records(Mutex<Vec<CallRecord>>);

impl CallObserver for Records {
    fn observe(&self, record: &CallRecord) {
        self.0.lock().expect("records").push(record.clone());
    }
}

/// A sandbox of its own for one test, and a client of it.
pub(crate) struct World {
    vendor: RunningSandbox,
    pub(crate) client: SecureAuth,
    records: Arc<Records>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut SecureAuthConfig)) -> Self {
        install_tls();
        let vendor = Sandbox::start(
            SandboxConfig::default(),
            Arc::new(SteadyClock::new()),
            Arc::new(CountingEntropy::default()),
        )
        .await
        .expect("a sandbox");
        let credentials = |client: &ClientCredentials| Credentials {
            client_id: client.id.clone(),
            client_secret: client.secret.clone().into(),
            auth_method: AuthMethod::Basic,
        };
        let url = |text: &str| Url::parse(text).expect("an address");
        let mut config = SecureAuthConfig::new(
            url(vendor.base_url()),
            SandboxConfig::default().tenant_id,
            url(&vendor.admin_issuer()),
            url(&vendor.system_issuer()),
            credentials(&vendor.config().admin_client),
            credentials(&vendor.config().system_client),
        );
        config.limits = Limits { requests_per_second: 10_000, burst: 10_000, max_in_flight: 20 };
        config.request_timeout = Duration::from_millis(1_500);
        let (base_delay, max_delay) = (Duration::from_millis(10), Duration::from_secs(2));
        config.retry = RetryPolicy { max_attempts: 3, base_delay, max_delay };
        config.breaker = BreakerPolicy { failures: 50, open_for: Duration::from_millis(300) };
        change(&mut config);
        let records = Arc::<Records>::default();
        let observer: Arc<dyn CallObserver> = Arc::<Records>::clone(&records);
        let client =
            SecureAuth::new(config, Arc::new(CountingEntropy::default()), observer).expect("a client");
        Self { vendor, client, records }
    }

    fn fault(&self, operation: &str, fault: Fault, times: u32) {
        self.vendor.faults().add(FaultRule::new(operation, fault).times(times)).expect("a fault");
    }

    fn outcomes(&self, operation: Operation) -> Vec<OutcomeClass> {
        let records = self.records.0.lock().expect("records");
        records.iter().filter(|it| it.operation == operation).map(|it| it.outcome).collect()
    }

    /// The sandbox knows the contract from its own reading: it drops fields that a body should not have.
    pub(crate) fn sent_only_what_the_contract_knows(&self) -> bool {
        let requests = self.vendor.last_requests(500);
        !requests.is_empty() && requests.iter().all(|it| it.dropped.is_empty())
    }

    async fn organization(&self, id: &str) -> WorkspaceId {
        let made =
            self.client.create_organization(&organization(id), &key(id)).await.expect("an organization");
        made.object.id
    }
}

fn key(what: &str) -> IdempotencyKey {
    IdempotencyKey::derive(&["run", what])
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn organization(id: &str) -> NewOrganization {
    NewOrganization {
        id: WorkspaceId::parse(id).expect("an id"),
        name: format!("Biller {id}"),
        description: Some("made by a test".into()),
        parent_id: WorkspaceId::parse(&SandboxConfig::default().parent_workspace_id).expect("an id"),
        template_id: None,
        domains: Vec::new(),
        authentication_mechanisms: Vec::new(),
        metadata: fields(json!({"bid": id, "by": "test"})),
    }
}

fn pool(id: &str) -> NewPool {
    NewPool {
        id: Some(PoolId::parse(id).expect("an id")),
        name: format!("Pool {}", id.replace('-', " ")),
        description: None,
        authentication_mechanisms: vec![secureauth::AuthenticationMechanism::Password],
        public_registration_allowed: false,
        identifier_case_insensitive: true,
        metadata: fields(json!({"bid": id})),
    }
}

fn application(organization: &WorkspaceId, id: &str) -> NewClient {
    NewClient {
        client_id: Some(ClientId::parse(id).expect("an id")),
        workspace_id: organization.clone(),
        client_name: "Biller portal".into(),
        description: None,
        redirect_uris: vec![REDIRECT.into()],
        post_logout_redirect_uris: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec![ResponseType::Code],
        scopes: vec!["openid".into()],
        token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretBasic,
        jwks_uri: None,
        jwks: None,
        subject_type: None,
        trusted: true,
        metadata: Map::new(),
    }
}

pub(crate) struct Made {
    pub(crate) organization: WorkspaceId,
    pub(crate) pool: PoolId,
    pub(crate) binding: BindingId,
    pub(crate) application: ClientId,
    authorize: Url,
}

/// Everything an enablement makes, and the address a sign-in begins at.
pub(crate) async fn enable(client: &SecureAuth, id: &str) -> Made {
    let organization =
        client.create_organization(&organization(id), &key("o")).await.expect("created").object;
    let pool = client
        .create_pool(&organization.id, &pool(id), WithBinding::No, &key("p"))
        .await
        .expect("created")
        .object;
    let new = NewBinding {
        id: Some(BindingId::parse(&format!("{id}-binding")).expect("an id")),
        name: "Users".into(),
        identity_pool_id: pool.id.clone(),
        attributes: Vec::new(),
        mappings: Vec::new(),
    };
    let binding = client.create_binding(&organization.id, &new, &key("b")).await.expect("created").object;
    let application = application(&organization.id, &format!("{id}-portal"));
    let application = client.create_client(&application, &key("c")).await.expect("created");
    assert!(application.secret.is_some());
    let issuer = organization.issuer_url.expect("an issuer");
    let mut authorize = client.discover(&issuer).await.expect("a document").authorization_endpoint;
    authorize
        .query_pairs_mut()
        .append_pair("client_id", application.client.client_id.as_str())
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("state", "a-state-of-the-test")
        .append_pair("nonce", "a-nonce-of-the-test")
        .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .append_pair("code_challenge_method", "S256");
    Made {
        organization: organization.id,
        pool: pool.id,
        binding: binding.id,
        application: application.client.client_id,
        authorize,
    }
}

#[tokio::test]
async fn a_biller_is_enabled_suspended_resumed_and_removed() {
    let world = World::new().await;
    let client = &world.client;
    let made = enable(client, "b-1").await;
    let theme = ThemeId::parse(&SandboxConfig::default().shared_theme_id).expect("an id");
    assert!(client.bind_theme(&made.organization, &theme, &key("t")).await.expect("bound").changed);
    assert_eq!(client.get_organization(&made.organization).await.expect("there").theme_id, Some(theme));
    assert_eq!(client.probe_authorize(&made.authorize).await.expect("an answer"), AuthorizeProbe::Answers);

    let off = |patch: &mut secureauth::ClientPatch| patch.client_status = Some(ClientStatus::Inactive);
    assert!(client.update_client(&made.application, off).await.expect("changed").changed);
    let refused = client.probe_authorize(&made.authorize).await.expect("an answer");
    assert!(matches!(refused, AuthorizeProbe::Refused { .. }), "{refused:?}");
    let disabled =
        client.update_binding(&made.organization, &made.binding, |it| it.disabled = Some(true)).await;
    assert!(disabled.expect("changed").changed);
    let deactivated = client.update_organization(&made.organization, |it| it.deactivated = Some(true)).await;
    assert!(deactivated.expect("changed").changed);
    let users = [UserId::parse("9f6f3f5c-7f0a-4c53-9a5e-6f1f2f0f7a11").expect("an id")];
    assert_eq!(client.revoke_pool_user_tokens(&made.pool, &users).await.expect("revoked").users, 1);

    let on = |patch: &mut secureauth::ClientPatch| patch.client_status = Some(ClientStatus::Active);
    client.update_organization(&made.organization, |it| it.deactivated = Some(false)).await.expect("changed");
    client
        .update_binding(&made.organization, &made.binding, |it| it.disabled = Some(false))
        .await
        .expect("changed");
    client.update_client(&made.application, on).await.expect("changed");
    assert_eq!(client.probe_authorize(&made.authorize).await.expect("an answer"), AuthorizeProbe::Answers);

    assert!(matches!(client.delete_client(&made.application).await.expect("gone"), Deleted::Now { .. }));
    client.delete_binding(&made.organization, &made.binding).await.expect("gone");
    client.delete_pool(&made.pool, WithBinding::No).await.expect("gone");
    client.delete_organization(&made.organization).await.expect("gone");
    assert_eq!(client.delete_organization(&made.organization).await.expect("gone"), Deleted::Already);
    let gone = client.get_pool(&made.pool).await.expect_err("gone");
    assert_eq!(gone.kind, ErrorKind::NotFound);
    assert!(world.sent_only_what_the_contract_knows(), "{:?}", world.vendor.last_requests(500));
}

#[tokio::test]
async fn a_pool_may_bring_its_binding_and_mappings_are_set_afterwards() {
    let world = World::new().await;
    let client = &world.client;
    let organization = world.organization("b-2").await;
    let pool = client
        .create_pool(&organization, &pool("b-2"), WithBinding::Yes, &key("p"))
        .await
        .expect("made")
        .object;
    let bindings = client.list_bindings(&organization).await.expect("a list");
    let [Binding { id, identity_pool_id, .. }] = &bindings[..] else { panic!("one binding: {bindings:?}") };
    assert_eq!(identity_pool_id.as_ref(), Some(&pool.id));
    let mapping = Mapping {
        source: "email".into(),
        target: "email".into(),
        kind: "string".into(),
        ..Mapping::default()
    };
    let outcome =
        client.update_binding(&organization, id, |it| it.mappings = Some(vec![mapping.clone()])).await;
    assert!(outcome.expect("changed").changed);
    let read = client.get_binding(&organization, id).await.expect("there");
    assert!(read.mappings.contains(&mapping), "{read:?}");
    let again =
        client.update_binding(&organization, id, |it| it.mappings = Some(vec![mapping.clone()])).await;
    assert!(!again.expect("nothing to do").changed);
}

#[tokio::test]
async fn free_fields_and_settings_survive_each_others_changes() {
    let world = World::new().await;
    let client = &world.client;
    let organization = world.organization("b-3").await;
    let fresh = fields(json!({"crm": 7}));
    client.update_organization_metadata(&organization, fresh).await.expect("changed");
    client.update_organization(&organization, |it| it.name = Some("Other".into())).await.expect("changed");
    client
        .update_organization(&organization, |it| it.metadata = Some(fields(json!({"by": null}))))
        .await
        .expect("changed");
    let read = client.get_organization(&organization).await.expect("there");
    assert_eq!(Value::Object(read.metadata), json!({"bid": "b-3", "crm": 7}));
    assert_eq!((read.name.as_str(), read.description.as_str()), ("Other", "made by a test"));
    let taken =
        client.create_organization(&organization_like("b-3"), &key("another")).await.expect_err("taken");
    assert_eq!(taken.kind, ErrorKind::Conflict);
    assert!(!taken.outcome_unknown());
}

fn organization_like(id: &str) -> NewOrganization {
    NewOrganization { name: "Someone else".into(), ..organization(id) }
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps() {
    let world = World::new().await;
    for n in 0..7 {
        world.organization(&format!("page-{n}")).await;
    }
    let mut filter = OrganizationFilter {
        search: Some("page-".into()),
        page: PageRequest { after: None, size: PageSize::clamped(3) },
        ..OrganizationFilter::default()
    };
    let mut ids = Vec::new();
    loop {
        let page = world.client.list_organizations(&filter).await.expect("a page");
        ids.extend(page.items.iter().map(|it| it.id.to_string()));
        let Some(next) = filter.page.following(&page) else { break };
        filter.page = next;
    }
    ids.sort();
    assert_eq!(ids, (0..7).map(|n| format!("page-{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_doctor_gets_its_facts() {
    let world = World::new().await;
    let environment = world.client.get_environment().await.expect("an environment");
    assert!(environment.organizations && environment.admin_workspace_access);
    for power in Power::ALL {
        let grant = world.client.check_token(power).await.expect("granted");
        assert!(grant.scopes.iter().any(|it| it == power.scope()), "{grant:?}");
    }
    world.client.check_token(Workspace::Admin).await.expect("granted");
    assert!(
        world.client.list_themes().await.expect("themes").iter().any(|it| it.id.as_str() == "shared-theme")
    );
}

#[tokio::test]
async fn wrong_credentials_and_a_wrong_tenant_have_their_cures() {
    let world = World::with(|config| config.admin.client_secret = "not-the-secret-at-all".into()).await;
    let error = world.client.get_environment().await.expect_err("refused");
    assert_eq!((&error.kind, error.operation), (&ErrorKind::Unauthenticated, Operation::FetchToken));
    assert!(!format!("{error:?}").contains("not-the-secret"), "{error:?}");
    let world = World::with(|config| {
        let path = config.admin_issuer.path().replace("/sandbox/", "/default/");
        config.admin_issuer.set_path(&path);
    })
    .await;
    let error = world.client.get_environment().await.expect_err("no such tenant");
    assert_eq!(error.kind, ErrorKind::Discovery);
    assert!(error.cure().contains("\"default\""), "{}", error.cure());
}

#[tokio::test]
async fn a_creation_that_lost_its_answer_is_replayed_and_makes_one_object() {
    let world = World::new().await;
    world.fault("admin.createOrganization", Fault::Reset { phase: Phase::AfterApplying }, 1);
    let made = world.client.create_organization(&organization("b-4"), &key("o")).await.expect("created");
    assert!(made.replayed, "the vendor repeated its first answer");
    assert_eq!(world.outcomes(Operation::CreateOrganization), [OutcomeClass::Network, OutcomeClass::Ok]);
    let all = world.client.list_organizations(&OrganizationFilter::default()).await.expect("a list");
    assert_eq!(all.items.len(), 1);
}

#[tokio::test]
async fn resets_before_and_after_a_change_end_in_the_change() {
    let world = World::new().await;
    let organization = world.organization("b-5").await;
    for (n, phase) in [Phase::BeforeApplying, Phase::AfterApplying].into_iter().enumerate() {
        world.fault("admin.updateOrganization", Fault::Reset { phase }, 1);
        let name = format!("Name {n}");
        let outcome =
            world.client.update_organization(&organization, |it| it.name = Some(name.clone())).await;
        let outcome = outcome.expect("changed");
        assert!(outcome.changed, "{phase:?}");
        assert_eq!(outcome.after["name"], name, "{phase:?}");
    }
}

#[tokio::test]
async fn the_vendors_pause_is_kept() {
    let world = World::new().await;
    let organization = world.organization("b-6").await;
    world.fault("admin.getOrganization", Fault::TooManyRequests { retry_after_seconds: 1 }, 1);
    let start = Instant::now();
    world.client.get_organization(&organization).await.expect("in the end");
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(world.outcomes(Operation::GetOrganization), [OutcomeClass::RateLimited, OutcomeClass::Ok]);
}

#[tokio::test]
async fn a_pause_beyond_patience_comes_back_with_its_time() {
    let world = World::new().await;
    world.fault("admin.*", Fault::TooManyRequests { retry_after_seconds: 30 }, 1);
    let error = world.client.get_environment().await.expect_err("limited");
    assert_eq!((&error.kind, error.retry_after), (&ErrorKind::RateLimited, Some(Duration::from_secs(30))));
}

#[tokio::test]
async fn an_outage_opens_the_breaker_and_its_end_closes_it() {
    let world = World::with(|config| {
        config.breaker.failures = 3;
        config.retry.max_attempts = 1;
    })
    .await;
    let organization = world.organization("b-7").await;
    world.vendor.faults().add(FaultRule::new("admin.*", Fault::Outage)).expect("a fault");
    for _ in 0..3 {
        let error = world.client.get_organization(&organization).await.expect_err("down");
        assert_eq!((&error.kind, error.status), (&ErrorKind::Server, Some(503)));
        assert!(error.trace_id.is_some());
    }
    let error = world.client.get_organization(&organization).await.expect_err("resting");
    assert_eq!(error.kind, ErrorKind::CircuitOpen);
    world.vendor.faults().clear();
    tokio::time::sleep(Duration::from_millis(310)).await;
    world.client.get_organization(&organization).await.expect("the trial");
    let outcomes = world.outcomes(Operation::GetOrganization);
    assert_eq!(outcomes[3..], [OutcomeClass::CircuitOpen, OutcomeClass::Ok]);
}

#[tokio::test]
async fn an_answer_that_trickles_is_given_up() {
    let world = World::with(|config| config.retry.max_attempts = 2).await;
    let organization = world.organization("b-8").await;
    world.fault("admin.getOrganization", Fault::SlowBody { millis: 10_000 }, 1);
    world.client.get_organization(&organization).await.expect("the second attempt");
    assert_eq!(world.outcomes(Operation::GetOrganization), [OutcomeClass::Timeout, OutcomeClass::Ok]);
}

#[tokio::test]
async fn a_token_that_the_vendor_forgot_is_replaced_once_for_all_callers() {
    let world = World::new().await;
    let organization = world.organization("b-9").await;
    let code = Some("invalid_access_token".to_owned());
    world.fault("admin.getOrganization", Fault::Error { status: 401, error_code: code }, 5);
    let all = futures::future::join_all((0..5).map(|_| world.client.get_organization(&organization))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(world.outcomes(Operation::FetchToken).len(), 2, "the first, and one for all five");
}
