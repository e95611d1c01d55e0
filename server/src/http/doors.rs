//! Every door of the three listeners in one table. The routers are built from it and from nothing else, and
//! the tests open each of its doors as everybody.

use std::time::Duration;

use app::{App, paths, shell};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{Method, StatusCode},
    response::IntoResponse,
    routing::{MethodFilter, MethodRouter, delete, get, on, post, put},
};
use domain::actor::Capability;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{generate_route_list, handle_server_fns_with_context, render_app_async_with_context};
use services::{Console, test_sign_in};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use super::{
    activity_export, api, api_users, console::Served, events, health, import_upload, launch,
    migration_report, migration_upload, oidc, openapi, ops::Observed, public, report_files, secret,
    settings_export,
};

/// To whom a door opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// To anybody.
    Anyone,
    /// To whoever is signed in; everybody gets to see and change only what is their own.
    SignedIn,
    /// To whoever is signed in and may do this, with all billers or with those they see.
    May(Capability),
    /// The same, about the one biller that is named.
    MayFor(Capability),
    /// To a system of IC with a key, if it may do this.
    Key(Capability),
}

/// One door: what is asked for where, and to whom it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The method.
    pub method: Method,
    /// The address, with parameters in braces.
    pub path: &'static str,
    /// To whom it opens.
    pub opens: Opens,
}

/// What is behind a door.
enum Behind<S> {
    /// A page of the application.
    Page,
    /// A server function of the application: a form posts to it.
    Form,
    /// A handler of this crate.
    Handler(fn() -> MethodRouter<S>),
}

/// A row of the table.
struct Row<S> {
    door: Door,
    behind: Behind<S>,
    /// The longest body taken, in bytes.
    body: usize,
}

/// The longest form, in bytes: a wave names each of its billers.
const FORM: usize = 2 * 1024 * 1024;
/// The longest body of an API call, in bytes.
const CALL: usize = 64 * 1024;

fn page(path: &'static str, opens: Opens) -> Row<Served> {
    Row { door: Door { method: Method::GET, path, opens }, behind: Behind::Page, body: 0 }
}

fn form(path: &'static str, opens: Opens) -> Row<Served> {
    Row { door: Door { method: Method::POST, path, opens }, behind: Behind::Form, body: FORM }
}

fn handler<S>(
    method: Method,
    path: &'static str,
    opens: Opens,
    body: usize,
    make: fn() -> MethodRouter<S>,
) -> Row<S> {
    Row { door: Door { method, path, opens }, behind: Behind::Handler(make), body }
}

/// The console's listener.
fn console_rows() -> Vec<Row<Served>> {
    let mut rows = pages();
    rows.extend(settings_forms());
    rows.extend(forms());
    rows.extend(move_forms());
    rows.extend(review_forms());
    rows.extend(handlers());
    rows
}

fn pages() -> Vec<Row<Served>> {
    use Capability::{
        ChangeSettings, ImportBillers, ViewActivity, ViewBillers, ViewDeliveries, ViewPerformance, ViewUsers,
    };
    use Opens::{Anyone, May, MayFor, SignedIn};
    vec![
        page("/", May(ViewBillers)),
        page("/sign-in", Anyone),
        page("/billers", May(ViewBillers)),
        page("/billers/{bid}", MayFor(ViewBillers)),
        page("/billers/{bid}/enable", MayFor(ViewBillers)),
        page("/billers/{bid}/suspend", MayFor(ViewBillers)),
        page("/billers/{bid}/resume", MayFor(ViewBillers)),
        page("/billers/{bid}/secret", MayFor(ViewBillers)),
        page("/billers/{bid}/use-cases", MayFor(ViewBillers)),
        page("/billers/{bid}/use-cases/change", MayFor(ViewBillers)),
        page("/billers/{bid}/test-sign-in", MayFor(ViewBillers)),
        page("/billers/{bid}/activity", MayFor(ViewActivity)),
        page("/billers/{bid}/migration", MayFor(ViewBillers)),
        page("/billers/{bid}/migration/report", MayFor(ViewBillers)),
        page("/billers/{bid}/users", MayFor(ViewUsers)),
        page("/billers/{bid}/users/new", MayFor(ViewUsers)),
        page("/billers/{bid}/users/{user}", MayFor(ViewUsers)),
        page("/billers/{bid}/users/{user}/edit", MayFor(ViewUsers)),
        page("/mirror", May(ViewUsers)),
        page("/migrations", May(ViewBillers)),
        page("/billers/{bid}/settings", MayFor(ViewBillers)),
        page("/billers/{bid}/settings/copy", MayFor(ViewBillers)),
        page("/settings", May(ViewBillers)),
        page("/drift", May(ViewBillers)),
        page("/settings/changes/{id}", May(ChangeSettings)),
        page("/settings/requests/{id}", May(ViewBillers)),
        page("/import", May(ImportBillers)),
        page("/import/{id}", May(ImportBillers)),
        page("/emergencies", May(ViewBillers)),
        page("/use-cases", May(ViewBillers)),
        page("/use-cases/defaults", May(ViewBillers)),
        page("/waves", May(ViewBillers)),
        page("/waves/new", May(ViewBillers)),
        page("/waves/{id}", May(ViewBillers)),
        page("/deliveries", May(ViewDeliveries)),
        page("/deliveries/{id}", May(ViewDeliveries)),
        page("/performance", May(ViewPerformance)),
        page("/performance/objectives", May(ViewPerformance)),
        page("/performance/incidents", May(ViewPerformance)),
        page("/performance/incidents/{id}", May(ViewPerformance)),
        page("/performance/licence", May(ViewPerformance)),
        page("/performance/sign-ins", May(ViewPerformance)),
        page("/performance/report", May(ViewPerformance)),
        page("/sessions", SignedIn),
        page("/activity", May(ViewActivity)),
    ]
}

fn settings_forms() -> Vec<Row<Served>> {
    use Capability::ChangeSettings;
    use Opens::{May, MayFor};
    vec![
        form("/do/propose_settings", MayFor(ChangeSettings)),
        form("/do/confirm_settings", May(ChangeSettings)),
        form("/do/decide_request", May(ChangeSettings)),
        form("/do/import_settings", May(ChangeSettings)),
        form("/do/copy_settings", MayFor(ChangeSettings)),
        form("/do/decide_drift", MayFor(ChangeSettings)),
        form("/do/scan_drift", May(ChangeSettings)),
        form("/do/read_settings", MayFor(ChangeSettings)),
        form("/do/check_vanity", MayFor(ChangeSettings)),
        form("/do/switch_issuer", MayFor(ChangeSettings)),
    ]
}

fn forms() -> Vec<Row<Served>> {
    use Capability::{
        ChangeUseCases, DecideMirror, EditHandover, EditUsers, EnableBiller, EndSessions, HelpUsers,
        ImportBillers, RetryDeliveries, RevealUsers, RunWaves, SuspendBiller,
    };
    use Opens::{Anyone, May, MayFor, SignedIn};
    vec![
        form("/do/sign_in", Anyone),
        form("/do/sign_out", Anyone),
        form("/do/set_theme", Anyone),
        form("/do/end_session", SignedIn),
        form("/do/end_other_sessions", SignedIn),
        form("/do/end_sessions_of", May(EndSessions)),
        form("/do/enable", MayFor(EnableBiller)),
        form("/do/suspend", MayFor(SuspendBiller)),
        form("/do/resume", MayFor(SuspendBiller)),
        form("/do/set_go_live", MayFor(EditHandover)),
        // Whoever may ask for a run may decide on it when it fails.
        form("/do/retry_run", MayFor(EnableBiller)),
        form("/do/take_back", MayFor(EnableBiller)),
        form("/do/change_use_cases", MayFor(ChangeUseCases)),
        form("/do/start_test_sign_in", MayFor(ChangeUseCases)),
        form("/do/schedule_use_cases", MayFor(ChangeUseCases)),
        form("/do/withdraw_use_cases", MayFor(ChangeUseCases)),
        form("/do/declare_no_users", MayFor(ChangeUseCases)),
        form("/do/create_user", MayFor(EditUsers)),
        form("/do/edit_user", MayFor(EditUsers)),
        form("/do/help_user", MayFor(HelpUsers)),
        form("/do/remove_user", MayFor(EditUsers)),
        form("/do/reveal_user", MayFor(RevealUsers)),
        form("/do/decide_mirror", MayFor(DecideMirror)),
        form("/do/start_wave", May(RunWaves)),
        form("/do/emergency_off", MayFor(SuspendBiller)),
        form("/do/emergency_off_everyone", May(RunWaves)),
        form("/do/decide_emergency", May(SuspendBiller)),
        form("/do/go_on_wave", May(RunWaves)),
        form("/do/withdraw_wave", May(RunWaves)),
        form("/do/set_use_case_default", May(ChangeUseCases)),
        form("/do/apply_import", May(ImportBillers)),
        form("/do/discard_import", May(ImportBillers)),
        form("/do/retry_delivery", May(RetryDeliveries)),
    ]
}

/// What people post about moves of users.
fn move_forms() -> Vec<Row<Served>> {
    use Capability::RunMigrations;
    use Opens::MayFor;
    vec![
        form("/do/ask_migration", MayFor(RunMigrations)),
        form("/do/map_migration", MayFor(RunMigrations)),
        form("/do/declare_freeze", MayFor(RunMigrations)),
        form("/do/withdraw_freeze", MayFor(RunMigrations)),
        form("/do/mail_resets", MayFor(RunMigrations)),
    ]
}

/// What people post about the vendor's promises.
fn review_forms() -> Vec<Row<Served>> {
    use Capability::ReviewVendor;
    use Opens::May;
    vec![
        form("/do/set_objective", May(ReviewVendor)),
        form("/do/retire_objective", May(ReviewVendor)),
        form("/do/propose_maintenance", May(ReviewVendor)),
        form("/do/decide_maintenance", May(ReviewVendor)),
        form("/do/open_incident", May(ReviewVendor)),
        form("/do/edit_incident", May(ReviewVendor)),
        form("/do/note_incident", May(ReviewVendor)),
        form("/do/ask_probes", May(ReviewVendor)),
        form("/do/take_report", May(ReviewVendor)),
    ]
}

fn handlers() -> Vec<Row<Served>> {
    use Capability::{
        AnnounceBillers, ExportActivity, HandOverSecret, ImportBillers, MirrorUsers, ReadOidc, RedeemLogin,
        RunMigrations, ViewBillers, ViewPerformance,
    };
    use Opens::{Anyone, Key, May, MayFor};
    vec![
        handler(Method::POST, launch::PATH, Anyone, CALL, || post(launch::open)),
        handler(Method::GET, paths::OIDC_START, Anyone, 0, || get(oidc::start)),
        handler(Method::GET, paths::OIDC_CALLBACK, Anyone, 0, || get(oidc::callback)),
        handler(Method::GET, paths::OIDC_SIGNED_OUT, Anyone, 0, || get(oidc::signed_out)),
        handler(Method::GET, "/events", May(ViewBillers), 0, || get(events::stream)),
        handler(Method::POST, "/import/upload", May(ImportBillers), import_upload::MAX_BYTES, || {
            post(import_upload::upload)
        }),
        handler(
            Method::POST,
            "/billers/{bid}/migration/upload",
            MayFor(RunMigrations),
            migration_upload::MAX_BYTES,
            || post(migration_upload::upload),
        ),
        handler(
            Method::POST,
            "/billers/{bid}/migration/corrections",
            MayFor(RunMigrations),
            migration_upload::CORRECTIONS_MAX,
            || post(migration_upload::corrections),
        ),
        handler(Method::POST, "/billers/{bid}/migration/failed.csv", MayFor(RunMigrations), CALL, || {
            post(migration_upload::failed)
        }),
        handler(Method::POST, "/billers/{bid}/migration/report.json", MayFor(ViewBillers), CALL, || {
            post(migration_report::json)
        }),
        handler(Method::POST, "/billers/{bid}/migration/differences.csv", MayFor(ViewBillers), CALL, || {
            post(migration_report::differences)
        }),
        handler(Method::POST, "/billers/{bid}/secret", MayFor(HandOverSecret), CALL, || post(secret::make)),
        handler(Method::GET, paths::SETTINGS_JSON, May(ViewBillers), 0, || get(settings_export::json)),
        handler(Method::GET, paths::SETTINGS_TOML, May(ViewBillers), 0, || get(settings_export::toml)),
        handler(Method::GET, paths::REPORT_JSON, May(ViewPerformance), 0, || get(report_files::json)),
        handler(Method::GET, paths::REPORT_CSV, May(ViewPerformance), 0, || get(report_files::csv)),
        handler(Method::POST, "/activity.csv", May(ExportActivity), CALL, || post(activity_export::csv)),
        handler(Method::POST, "/activity.jsonl", May(ExportActivity), CALL, || post(activity_export::jsonl)),
        handler(Method::PUT, "/api/v1/billers/{bid}", Key(AnnounceBillers), CALL, || put(api::put_biller)),
        handler(Method::GET, "/api/v1/billers/{bid}/oidc", Key(ReadOidc), 0, || get(api::get_oidc)),
        handler(Method::POST, "/api/v1/billers/{bid}/logins/redeem", Key(RedeemLogin), CALL, || {
            post(api::redeem)
        }),
        handler(Method::PUT, "/api/v1/billers/{bid}/users/{user}", Key(MirrorUsers), CALL, || {
            put(api_users::put_user)
        }),
        handler(Method::DELETE, "/api/v1/billers/{bid}/users/{user}", Key(MirrorUsers), 0, || {
            delete(api_users::delete_user)
        }),
        handler(Method::GET, "/api/v1/openapi.json", Anyone, 0, || get(openapi::document)),
        handler(Method::GET, "/healthz", Anyone, 0, || get(health::healthz)),
        handler(Method::GET, "/readyz", Anyone, 0, || get(health::readyz)),
    ]
}

/// The public listener.
fn public_rows() -> Vec<Row<Console>> {
    vec![
        handler(Method::GET, "/b/{slug}", Opens::Anyone, 0, || get(public::login)),
        handler(Method::GET, test_sign_in::CALLBACK, Opens::Anyone, 0, || get(public::test_came_back)),
        handler(Method::GET, "/healthz", Opens::Anyone, 0, || get(health::healthz)),
    ]
}

/// The listener for our own monitoring. Who reaches it is a question of the network.
fn ops_rows() -> Vec<Row<Observed>> {
    vec![
        handler(Method::GET, "/metrics", Opens::Anyone, 0, || get(health::metrics)),
        handler(Method::GET, "/healthz", Opens::Anyone, 0, || get(health::healthz)),
        handler(Method::GET, "/readyz", Opens::Anyone, 0, || get(health::readyz)),
    ]
}

/// Every door of the console's listener.
#[must_use]
pub fn of_console() -> Vec<Door> {
    console_rows().into_iter().map(|row| row.door).collect()
}

/// Every door of the public listener.
#[must_use]
pub fn of_public() -> Vec<Door> {
    public_rows().into_iter().map(|row| row.door).collect()
}

/// Every door of the listener for our own monitoring.
#[must_use]
pub fn of_ops() -> Vec<Door> {
    ops_rows().into_iter().map(|row| row.door).collect()
}

/// Pages and server functions of the application without a row here, and rows without a page or server
/// function; each as `METHOD address`. Both are mistakes: the first is out of reach, the second leads nowhere.
#[must_use]
pub fn mismatches() -> Vec<String> {
    let named = |method: &dyn std::fmt::Display, path: &str| format!("{method} {path}");
    let mut behind: Vec<String> = generate_route_list(App)
        .iter()
        .map(|route| named(&Method::GET, route.path()))
        .chain(server_fn_paths().map(|(path, method)| named(&method, path)))
        .collect();
    let mut rows: Vec<String> = console_rows()
        .iter()
        .filter(|row| !matches!(row.behind, Behind::Handler(_)))
        .map(|row| named(&row.door.method, row.door.path))
        .collect();
    behind.sort();
    rows.sort();
    let lonely = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|this| those.binary_search(this).is_err()).cloned().collect()
    };
    [lonely(&behind, &rows), lonely(&rows, &behind)].concat()
}

/// The console's routes. What needs a key gets it checked by `keyed`.
pub(super) fn console_routes(
    served: &Served,
    keyed: impl Fn(MethodRouter<Served>) -> MethodRouter<Served>,
) -> Router<Served> {
    console_rows().into_iter().fold(Router::new(), |router, Row { door, behind, body }| {
        let handler = match behind {
            Behind::Page => on(MethodFilter::GET, pages_of(served)),
            Behind::Form => post(server_function),
            Behind::Handler(make) => make(),
        };
        let handler = if matches!(door.opens, Opens::Key(_)) { keyed(handler) } else { handler };
        router.route(door.path, limited(handler, body))
    })
}

/// The public routes.
pub(super) fn public_routes() -> Router<Console> {
    handlers_only(public_rows())
}

/// The routes for monitoring.
pub(super) fn ops_routes() -> Router<Observed> {
    handlers_only(ops_rows())
}

/// Routes of a listener that has neither pages nor forms.
fn handlers_only<S: Clone + Send + Sync + 'static>(rows: Vec<Row<S>>) -> Router<S> {
    rows.into_iter().fold(Router::new(), |router, Row { door, behind, body }| match behind {
        Behind::Handler(make) => router.route(door.path, limited(make(), body)),
        Behind::Page | Behind::Form => router,
    })
}

/// From a request's head to the head of its answer. Event streams answer at once.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The same for files: the longest takes some minutes on a slow line.
const FILE_WITHIN: Duration = Duration::from_secs(900);

/// Limits of length and time for each door; axum's own length, the same for all, is lifted.
fn limited<S: Clone + Send + Sync + 'static>(handler: MethodRouter<S>, body: usize) -> MethodRouter<S> {
    let within = if body > FORM { FILE_WITHIN } else { ANSWER_WITHIN };
    handler.layer((
        RequestBodyLimitLayer::new(body),
        DefaultBodyLimit::disable(),
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, within),
    ))
}

/// Renders whichever page has the address.
fn pages_of(
    served: &Served,
) -> impl Fn(Request<Body>) -> std::pin::Pin<Box<dyn Future<Output = axum::response::Response<Body>> + Send>>
+ Clone
+ Send
+ Sync
+ 'static {
    let leptos = served.leptos.clone();
    render_app_async_with_context(served.context(), move || shell(leptos.clone()))
}

async fn server_function(State(served): State<Served>, request: Request) -> impl IntoResponse {
    handle_server_fns_with_context(served.context(), request).await
}
