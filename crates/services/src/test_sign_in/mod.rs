//! Test sign-in: the way from a biller's login URL to its sign-in page is gone by the console, and then by a person, whose
//! sign-in comes back to the console instead of IC.
//!
//! Only IC can prove itself as the biller's application, so a code for it would be of no use here, and taking one would be
//! noticed at IC. The console's own steps therefore go through the biller's application as far as the sign-in page; the
//! person's sign-in goes through an application of the same organization that is made for it: public, with PKCE, with our
//! address only, and deleted when the test is over, by a job that was committed before it was made.

mod finish;
mod hops;

use domain::{
    Bid, Slug, TestSignInId, Timestamp,
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{Biller, CiamStatus},
    job::JobKind,
    object::ObjectKind,
    test_sign_in::{Hop, TEST_LIFE, TestReport, TestSignIn, TestState},
};
use secureauth::{
    ClientId, GrantType, IdempotencyKey, NewClient, ResponseType, SubjectType, TokenEndpointAuthMethod,
    WorkspaceId,
};
use serde_json::json;
use storage::{
    Bookkeeping, Conn, billers, logins, objects,
    test_sign_ins::{self, TestSecrets},
};
use url::Url;

pub use self::finish::Returned;
use self::hops::shown;
use crate::{
    Console, ServiceError, reach,
    start_login::{self, AuthorizationRequest, LoginStart},
    worker::After,
};

/// Where a test comes back to, at the public listener.
pub const CALLBACK: &str = "/test-sign-in";

/// The parameter of the login URL that names a test.
pub const PARAMETER: &str = "test";

/// What is asked for.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// A test sign-in as it is shown.
#[derive(Clone, Debug)]
pub struct TestView {
    /// The biller.
    pub biller: Biller,
    /// The newest test; `None` where there was none.
    pub newest: Option<TestSignIn>,
    /// Where somebody signs in now; `None` where nobody can.
    pub sign_in_at: Option<String>,
    /// Whether the claims are the actor's own, so that they may be shown.
    pub own: bool,
    /// Whether the actor may begin one, and if not, why.
    pub allowed: Result<(), String>,
}

/// Shows the newest test sign-in of a biller.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers, [`ServiceError::NotFound`].
pub async fn show(console: &Console, actor: &Actor, bid: &Bid) -> Result<TestView, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let biller = reach::biller(&mut conn, actor, bid).await?;
    let newest = test_sign_ins::newest(&mut conn, bid).await?;
    let open = newest.as_ref().filter(|test| test.is_open(console.now()));
    let sign_in_at = match (open, &biller.slug) {
        (Some(test), Some(slug)) if test_sign_ins::secrets(&mut conn, test.id).await?.is_some() => {
            Some(format!("{}?{PARAMETER}={}", console.settings.login_url(slug), test.id))
        }
        _ => None,
    };
    Ok(TestView {
        own: newest.as_ref().is_some_and(|test| test.by.id() == actor.id()),
        allowed: may_start(actor, &biller).map_err(|error| error.to_string()),
        biller,
        newest,
        sign_in_at,
    })
}

fn may_start(actor: &Actor, biller: &Biller) -> Result<(), ServiceError> {
    actor.may(Capability::ChangeUseCases)?;
    if biller.status != CiamStatus::Enabled {
        return Err(Refusal::NoSettings { status: biller.status }.into());
    }
    Ok(())
}

/// What a test needs of the biller.
struct Ground {
    slug: Slug,
    issuer: Url,
    organization: WorkspaceId,
    application: String,
}

async fn ground(conn: &mut Conn, biller: &Biller) -> Result<Ground, ServiceError> {
    let bid = biller.bid();
    let missing = || ServiceError::from(Refusal::NoSettings { status: biller.status });
    let application = objects::find(conn, bid, ObjectKind::Application).await?.ok_or_else(missing)?;
    let organization = objects::find(conn, bid, ObjectKind::Organization).await?.ok_or_else(missing)?;
    let issuer = biller.issuer.as_deref().and_then(|issuer| Url::parse(issuer).ok());
    Ok(Ground {
        slug: biller.slug.clone().ok_or_else(missing)?,
        issuer: issuer.ok_or_else(missing)?,
        organization: WorkspaceId::parse(&organization.vendor_id).map_err(|_| missing())?,
        application: application.vendor_id,
    })
}

/// Begins a test sign-in: goes the way to the sign-in page, and makes the application by which somebody then signs in.
///
/// # Errors
/// [`ServiceError::Refused`] without the right or while the biller is not enabled, [`ServiceError::NotFound`].
pub async fn start(console: &Console, actor: &Actor, bid: &Bid) -> Result<TestSignInId, ServiceError> {
    actor.may(Capability::ChangeUseCases)?;
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    may_start(actor, &biller)?;
    let ground = ground(&mut tx, &biller).await?;
    let id = TestSignInId::new(console.clock.as_ref(), console.entropy.as_ref());
    let client_id = format!("{}-test-{}", ground.application, id.uuid().simple());
    let test = TestSignIn {
        id,
        bid: bid.clone(),
        state: TestState::Waiting,
        by: actor.clone(),
        started_at: console.now(),
        finished_at: None,
        client_id: Some(client_id.clone()),
        report: TestReport::default(),
    };
    let secrets = TestSecrets {
        state: console.random_text::<32>(),
        code_verifier: console.random_text::<32>(),
        nonce: console.random_text::<16>(),
    };
    test_sign_ins::add(&mut tx, &test, &secrets).await?;
    // Before the application is made: whatever happens, it is deleted.
    console.enqueue_at(&mut tx, JobKind::TestSignIn, &id.to_string(), ends(&test)).await?;
    let entry = entry(console, &test, AuditAction::TestSignInStarted)
        .change(None, Some(json!({ "test": id, "application": client_id })));
    tx.commit_audited(entry).await?;
    let (report, failure) = prepare(console, &biller, &ground, &client_id).await?;
    let test = TestSignIn { report, ..test };
    let test = if failure.is_some() { test.ended(failure, console.now()) } else { test };
    let mut tx = console.store.begin().await?;
    test_sign_ins::save(&mut tx, &test).await?;
    if test.state != TestState::Waiting {
        console.enqueue(&mut tx, JobKind::TestSignIn, &id.to_string()).await?;
    }
    tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await?;
    console.wake_workers();
    Ok(id)
}

fn ends(test: &TestSignIn) -> Timestamp {
    test.started_at.plus(TEST_LIFE)
}

/// The console's own steps; the second part of the answer is what went wrong.
async fn prepare(
    console: &Console,
    biller: &Biller,
    ground: &Ground,
    client_id: &str,
) -> Result<(TestReport, Option<String>), ServiceError> {
    let login_url = console.settings.login_url(&ground.slug);
    let Ok(login_url) = Url::parse(&login_url) else {
        return Ok((TestReport::default(), Some("The login URL is no URL: look at public.url.".to_owned())));
    };
    let walk = hops::walk(console, &login_url, &ground.issuer).await;
    if let Some(state) = &walk.state {
        // Nobody will come back with it, and it is no sign-in of a biller's user.
        let mut tx = console.store.begin().await?;
        logins::forget(&mut tx, biller.bid(), state).await?;
        tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await?;
    }
    let report = TestReport { hops: walk.hops, ..TestReport::default() };
    if walk.failure.is_some() {
        return Ok((report, walk.failure));
    }
    let failure = match ClientId::parse(client_id) {
        Ok(id) => make_application(console, ground, id).await.err(),
        Err(error) => Some(error.to_string()),
    };
    let failure = failure.map(|why| format!("The application for the test could not be made: {why}"));
    Ok((report, failure))
}

async fn make_application(console: &Console, ground: &Ground, id: ClientId) -> Result<(), String> {
    let key = IdempotencyKey::derive(&["test sign-in", id.as_str()]);
    let wanted = NewClient {
        client_id: Some(id),
        workspace_id: ground.organization.clone(),
        client_name: "Test sign-in of the CIAM Console".to_owned(),
        description: None,
        redirect_uris: vec![redirect_url(console).to_string()],
        post_logout_redirect_uris: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode],
        response_types: vec![ResponseType::Code],
        scopes: SCOPES.map(str::to_owned).to_vec(),
        token_endpoint_auth_method: TokenEndpointAuthMethod::None,
        jwks_uri: None,
        jwks: None,
        subject_type: Some(SubjectType::Public),
        trusted: true,
        metadata: serde_json::Map::new(),
    };
    console.vendor.create_client(&wanted, &key).await.map(|_| ()).map_err(|error| error.to_string())
}

/// Where a test comes back to.
pub(crate) fn redirect_url(console: &Console) -> Url {
    let mut url = console.settings.public_url.clone();
    url.set_path(&format!("{}{CALLBACK}", url.path().trim_end_matches('/')));
    url
}

/// Somebody opened a login URL that names a test. What holds for everybody holds for a test, too: where the login URL
/// leads to the legacy page, so does this.
///
/// # Errors
/// [`ServiceError::Vendor`] when the issuer's discovery document cannot be had.
pub async fn open(console: &Console, slug: &str, id: &str) -> Result<LoginStart, ServiceError> {
    let Ok(id) = id.parse::<TestSignInId>() else { return Ok(LoginStart::Unknown) };
    let mut conn = console.store.read().await?;
    let test = test_sign_ins::find(&mut conn, id).await?.filter(|test| test.is_open(console.now()));
    let Some(test) = test else { return Ok(LoginStart::Unknown) };
    let Some(secrets) = test_sign_ins::secrets(&mut conn, id).await? else { return Ok(LoginStart::Unknown) };
    let biller = billers::find(&mut conn, &test.bid).await?;
    let Some(biller) = biller.filter(|biller| biller.slug.as_ref().is_some_and(|own| own.as_str() == slug))
    else {
        return Ok(LoginStart::Unknown);
    };
    let leads = start_login::leads(&mut conn, &biller).await?;
    drop(conn);
    let (true, Some(client_id), Some(issuer)) = (leads, &test.client_id, &biller.issuer) else {
        return Ok(LoginStart::Legacy(console.settings.legacy_login_url.clone()));
    };
    let endpoint = start_login::authorization_endpoint(console, issuer).await?;
    let (scopes, back) = (SCOPES.map(str::to_owned), redirect_url(console));
    let request = AuthorizationRequest {
        endpoint: &endpoint,
        client_id,
        redirect_uri: back.as_str(),
        scopes: &scopes,
        state: &secrets.state,
        nonce: &secrets.nonce,
        code_verifier: &secrets.code_verifier,
    };
    Ok(LoginStart::Redirect(request.url()))
}

/// Somebody came back from the sign-in page; the answer says whether a test waited for them.
///
/// # Errors
/// [`ServiceError::Storage`] when the database failed.
pub async fn finish(console: &Console, returned: Returned) -> Result<bool, ServiceError> {
    let Some(state) = returned.state.clone() else { return Ok(false) };
    let mut tx = console.store.begin().await?;
    let test = test_sign_ins::of_state(&mut tx, &state).await?.filter(|test| test.is_open(console.now()));
    let Some(test) = test else { return Ok(false) };
    let Some(secrets) = test_sign_ins::secrets(&mut tx, test.id).await? else { return Ok(false) };
    let biller = billers::find(&mut tx, &test.bid).await?;
    test_sign_ins::use_up(&mut tx, test.id).await?;
    tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await?;
    let Some(biller) = biller else { return Ok(false) };
    let mut report = test.report.clone();
    let login_url = biller.slug.as_ref().map(|slug| console.settings.login_url(slug)).unwrap_or_default();
    report.hops.push(by_browser("Login URL, in the person's browser", login_url));
    report.hops.push(by_browser("Back from the sign-in page", shown(&redirect_url(console))));
    let issuer = biller.issuer.unwrap_or_default();
    let failure = finish::check(console, &test, &issuer, secrets, returned, &mut report).await.err();
    let told = json!({ "test": test.id, "failure": failure });
    let test = TestSignIn { report, ..test }.ended(failure, console.now());
    let mut tx = console.store.begin().await?;
    test_sign_ins::save(&mut tx, &test).await?;
    console.enqueue(&mut tx, JobKind::TestSignIn, &test.id.to_string()).await?;
    let entry = entry(console, &test, AuditAction::TestSignInEnded).change(
        Some(json!({ "state": TestState::Waiting })),
        Some(json!({ "state": test.state, "result": told })),
    );
    tx.commit_audited(entry).await?;
    console.wake_workers();
    Ok(true)
}

fn by_browser(what: &str, url: String) -> Hop {
    Hop {
        what: what.to_owned(),
        url,
        status: None,
        millis: None,
        note: Some("Seen by the browser.".to_owned()),
    }
}

/// Ends a test that nobody finished, and deletes the application that was made for it.
///
/// # Errors
/// [`ServiceError::Vendor`] when SecureAuth does not answer; it is tried again then.
pub(crate) async fn clean_up(console: &Console, id: TestSignInId) -> Result<After, ServiceError> {
    let mut conn = console.store.read().await?;
    let Some(test) = test_sign_ins::find(&mut conn, id).await? else { return Ok(After::Finished) };
    drop(conn);
    if test.is_open(console.now()) {
        return Ok(After::Again { at: ends(&test), why: "somebody may still sign in".to_owned() });
    }
    if test.state == TestState::Waiting {
        let minutes = TEST_LIFE.as_secs() / 60;
        let late =
            test.clone().ended(Some(format!("Nobody signed in within {minutes} minutes.")), console.now());
        let mut tx = console.store.begin().await?;
        test_sign_ins::save(&mut tx, &late).await?;
        let entry = entry(console, &late, AuditAction::TestSignInEnded)
            .change(Some(json!({ "state": test.state })), Some(json!({ "state": late.state, "test": id })));
        tx.commit_audited(entry).await?;
    }
    if let Some(client) = test.client_id.as_deref().and_then(|client| ClientId::parse(client).ok()) {
        console.vendor.delete_client(&client).await?;
        let mut tx = console.store.begin().await?;
        test_sign_ins::client_is_gone(&mut tx, id).await?;
        tx.commit_bookkeeping(Bookkeeping::LoginAttempt).await?;
    }
    Ok(After::Finished)
}

fn entry(console: &Console, test: &TestSignIn, action: AuditAction) -> AuditEntry {
    let subject = Subject::new(SubjectKind::Biller, test.bid.as_str());
    AuditEntry::new(console.now(), test.by.clone(), action, subject)
}
