//! A running console with something behind every door, and people who try them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::{
    Bid, Clock, DeliveryId, ImportId, RunId, ScheduleId, Timestamp,
    actor::{Actor, Role},
    emergency::{Emergency, EmergencyState},
    run::RunState,
    session::{Means, SessionKey, SessionLimits, SignIn},
    use_case::{Choices, ScheduleState, ScheduledChange, UseCases},
    wave::{Wave, WaveAction, WaveCounts, WaveRules, WaveStart, WaveState, WaveZone},
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use sandbox::{Fault, FaultRule, RunningSandbox};
use serde_json::json;
use server::{
    doors::Door,
    runtime::{SystemClock, SystemEntropy},
};
use storage::{
    Bookkeeping, OpenOptions, Store, emergencies, events, runs, sessions, sessions::SignedIn,
    use_cases::scheduled, waves,
};

use crate::console_process::{API_KEY, ConsoleProcess, sandbox};

pub(crate) mod accounts;
mod fields;
mod moves;
mod settings;
mod vendor_review;

use self::vendor_review::INCIDENT;

/// Who stands before a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// Somebody without a session.
    Nobody,
    /// Somebody whose session has ended.
    Expired,
    /// Somebody signed in.
    As(Role),
    /// An account manager of another portfolio than that of the house's billers.
    Elsewhere,
    /// A system of IC with its key.
    Keyed,
}

impl Visitor {
    /// Whose session it is; a person who does not exist where there is none.
    fn person_id(self) -> String {
        match self {
            Self::As(role) => format!("person:sandbox-{role}"),
            Self::Elsewhere => format!("person:sandbox-{}:Plains", Role::AccountManager),
            _ => "person:nobody".to_owned(),
        }
    }

    /// Everybody, those who may least first: what the others do cannot be in their way.
    pub(crate) fn all() -> Vec<Self> {
        let mut roles: Vec<Role> = Role::ALL.to_vec();
        roles.sort_by_key(|role| role.capabilities().len());
        [Self::Nobody, Self::Expired, Self::Elsewhere]
            .into_iter()
            .chain(roles.into_iter().map(Self::As))
            .chain([Self::Keyed])
            .collect()
    }
}

/// What a door needs to be tried in earnest.
pub(crate) struct House {
    pub(crate) console: ConsoleProcess,
    pub(crate) store: Store,
    client: Client,
    cookies: Vec<(Visitor, String)>,
    failed_run: RunId,
    delivery: DeliveryId,
    sandbox: RunningSandbox,
    data: tempfile::TempDir,
}

/// Not enabled yet.
pub(crate) const FRESH: &str = "fresh";
/// Enabled.
pub(crate) const ENABLED: &str = "enabled";
/// Enabled, and left so by every other door.
pub(crate) const CALM: &str = "calm";
/// Suspended.
pub(crate) const SUSPENDED: &str = "suspended";
/// Its first enablement failed.
pub(crate) const FAILED: &str = "failed";

/// The portfolio of all of them.
const PORTFOLIO: &str = "Coast";

/// What forms about users end with: they are posted about the calm biller.
const OF_CALM: [&str; 5] = ["_migration", "_freeze", "/mail_resets", "/decide_mirror", "_user"];

const LIMITS: SessionLimits =
    SessionLimits { idle: Duration::from_secs(3600), absolute: Duration::from_secs(12 * 3600) };

const FILE: &str = "bid,name\nnew-1,New One Water\n";

impl House {
    /// Furnishes a house: billers in every state, a failed run, an event that could not be delivered. No
    /// worker is left in it, so whatever happens afterwards is what was asked for.
    pub(crate) async fn furnished() -> Self {
        let sandbox = sandbox().await;
        let data = tempfile::tempdir().unwrap();
        let settings = [
            ("CIAM_NEW_BILLERS__MODE", "tiers".to_owned()),
            ("CIAM_DRIFT__SCAN_EVERY_HOURS", "0".to_owned()),
            ("CIAM_OBJECTS__CLIENT_AUTH__METHOD", "client_secret".to_owned()),
            // One person knocks at every door here, faster than people do.
            ("CIAM_LIMITS__ADDRESS", "{per_second=1000,burst=5000}".to_owned()),
            ("CIAM_LIMITS__PUBLIC_ADDRESS", "{per_second=1000,burst=5000}".to_owned()),
            ("CIAM_LIMITS__SESSION", "{per_second=1000,burst=5000}".to_owned()),
            ("CIAM_NEW_BILLERS__TIERS", "[\"at-once\"]".to_owned()),
            (
                "CIAM_RECEIVERS",
                "[{name=\"portal\",url=\"http://127.0.0.1:9/events\",secret=\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}]"
                    .to_owned(),
            ),
        ];
        let working = ConsoleProcess::start_with(data.path(), &sandbox, &settings);
        let url = format!("sqlite:{}", data.path().join("console.db").display());
        let store = Store::open(&url, OpenOptions { migrate: false, max_connections: 2 }).await.unwrap();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        announce(&client, &working, FRESH, None).await;
        for bid in [ENABLED, CALM, SUSPENDED] {
            announce(&client, &working, bid, Some("at-once")).await;
            working.wait_until_enabled(bid).await;
        }
        let cookie = sign_in(&client, &working, Role::AccountManager.as_str()).await;
        let suspend =
            form(&client, &working, "/do/suspend", &[("bid", SUSPENDED), ("name", "Biller suspended")]);
        suspend.header(header::COOKIE, &cookie).send().await.unwrap();
        until(async || status_of(&store, SUSPENDED).await == "suspended").await;
        let refuse = FaultRule::new("admin.createClient", Fault::Error { status: 403, error_code: None });
        sandbox.faults().add(refuse).unwrap();
        announce(&client, &working, FAILED, Some("at-once")).await;
        let failed: Bid = FAILED.parse().unwrap();
        until(async || {
            let run = runs::open_of(&mut store.read().await.unwrap(), &failed).await.unwrap();
            run.is_some_and(|run| run.state == RunState::Failed)
        })
        .await;
        drop(working);
        let none = [settings.to_vec(), vec![("CIAM_SERVER__WORKERS", "0".to_owned())]].concat();
        let console = ConsoleProcess::start_with(data.path(), &sandbox, &none);
        let mut conn = store.read().await.unwrap();
        let failed_run = runs::open_of(&mut conn, &failed).await.unwrap().unwrap().id;
        let any = events::DeliveryQuery { limit: 1, ..events::DeliveryQuery::default() };
        let delivery = events::deliveries(&mut conn, &any).await.unwrap()[0].id;
        drop(conn);
        hold_a_wave(&store).await;
        hold_sign_ins_off(&store).await;
        vendor_review::furnish(&store).await;
        // What waits for a worker that is not there could not be sent again by hand.
        let mut tx = store.begin().await.unwrap();
        events::attempt_failed(&mut tx, delivery, None, "nobody there", None).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Delivery).await.unwrap();
        let mut house =
            Self { console, store, client, cookies: Vec::new(), failed_run, delivery, sandbox, data };
        house.let_everybody_in().await;
        house
    }

    async fn let_everybody_in(&mut self) {
        let ended = sign_in(&self.client, &self.console, Role::PlatformOwner.as_str()).await;
        let id = ended.split_once('=').unwrap().1.to_owned();
        self.cookies.push((Visitor::Expired, ended));
        for role in Role::ALL {
            let cookie = sign_in(&self.client, &self.console, role.as_str()).await;
            self.cookies.push((Visitor::As(*role), cookie));
        }
        let elsewhere = format!("{}:Plains", Role::AccountManager);
        let cookie = sign_in(&self.client, &self.console, &elsewhere).await;
        self.cookies.push((Visitor::Elsewhere, cookie));
        let mut tx = self.store.begin().await.unwrap();
        // As if opened and last used in 1970.
        let key = SessionKey::of(&id);
        let data = sessions::load(&mut tx, &key, SystemClock.now()).await.unwrap().unwrap().data;
        sessions::delete(&mut tx, &key).await.unwrap();
        assert!(
            sessions::create(&mut tx, &key, &data, None, Timestamp::from_micros(1), LIMITS).await.unwrap()
        );
        tx.commit_bookkeeping(Bookkeeping::Session).await.unwrap();
    }

    /// A request as this visitor would send it.
    pub(crate) fn request(&self, visitor: Visitor, method: Method, path: &str) -> RequestBuilder {
        self.request_at(visitor, method, &self.console.console, path)
    }

    /// The same at another listener.
    pub(crate) fn request_at(
        &self,
        visitor: Visitor,
        method: Method,
        base: &str,
        path: &str,
    ) -> RequestBuilder {
        let request = self.client.request(method, format!("{base}{path}"));
        match visitor {
            Visitor::Nobody => request,
            Visitor::Keyed => request.bearer_auth(API_KEY),
            known => {
                let cookie = &self.cookies.iter().find(|(who, _)| *who == known).unwrap().1;
                request.header(header::COOKIE, cookie)
            }
        }
    }

    /// Signs somebody in; the answer is the session cookie.
    pub(crate) async fn sign_in(&self, role: Role) -> String {
        sign_in(&self.client, &self.console, role.as_str()).await
    }

    /// A request of somebody unknown.
    pub(crate) fn plain(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Tries a door with everything that it asks for.
    ///
    /// # Panics
    /// When the door is new: then this test does not know yet what it asks for.
    pub(crate) async fn knock(&self, visitor: Visitor, door: &Door) -> Response {
        let bid = match door.path {
            "/do/enable" => FRESH,
            "/do/resume" | "/do/schedule_use_cases" | "/do/withdraw_use_cases" => SUSPENDED,
            "/do/retry_run" | "/do/take_back" => FAILED,
            "/billers/{bid}/secret"
            | "/do/change_use_cases"
            | "/do/start_test_sign_in"
            | "/do/declare_no_users"
            | "/do/emergency_off" => CALM,
            path if path.contains("migration") && path.contains("{bid}") => ENABLED,
            path if OF_CALM.iter().any(|end| path.ends_with(end)) => CALM,
            _ => ENABLED,
        };
        let id =
            if door.path.contains("incidents") { INCIDENT.to_owned() } else { self.delivery.to_string() };
        let path = door.path.replace("{bid}", bid).replace("{id}", &id);
        let path = if path.contains("/users") || path.contains("_user") || path.contains("mirror") {
            path.replace("{user}", &self.an_account(bid).await)
        } else {
            path
        };
        let query = if path == "/events" { format!("?topic=biller:{ENABLED}") } else { String::new() };
        let request = self.request(visitor, door.method.clone(), &format!("{path}{query}"));
        let fields =
            if door.method == Method::GET { None } else { self.fields(visitor, door.path, bid).await };
        let request = match fields {
            Some(fields) => request.form(&fields),
            None => match (door.method.as_str(), door.path) {
                ("GET", _) => request,
                (_, "/activity.csv" | "/activity.jsonl") => request,
                (_, "/import/upload") => file(request),
                (_, "/billers/{bid}/migration/upload") => {
                    self.no_move(bid).await;
                    users_file(request, "username,email\nann,ann@x.example\n")
                }
                (_, "/billers/{bid}/migration/corrections") => {
                    self.a_move(bid).await;
                    users_file(request, "_line,username,email\n2,ann,ann@x.example\n")
                }
                (_, "/billers/{bid}/migration/failed.csv") => {
                    self.a_move(bid).await;
                    request
                }
                (_, "/api/v1/billers/{bid}") => {
                    request.json(&json!({ "name": format!("Biller {bid}"), "state": "SC" }))
                }
                ("PUT", "/api/v1/billers/{bid}/users/{user}") => {
                    request.json(&json!({"version": 1, "username": "zoe"}))
                }
                ("DELETE", "/api/v1/billers/{bid}/users/{user}") => request.query(&[("version", "2")]),
                (_, "/api/v1/billers/{bid}/logins/redeem") => request.json(&json!({ "state": "s" })),
                (method, path) => panic!("{method} {path} is new: say in this test how it is opened"),
            },
        };
        request.send().await.unwrap()
    }

    /// A change of this biller's use cases that waits for its time.
    async fn a_schedule(&self, bid: &str) -> ScheduleId {
        let bid: Bid = bid.parse().unwrap();
        let mut tx = self.store.begin().await.unwrap();
        if let Some(waiting) = scheduled::waiting(&mut tx, &bid).await.unwrap() {
            return waiting.id;
        }
        let change = ScheduledChange {
            id: ScheduleId::new(&SystemClock, &SystemEntropy),
            bid,
            state: ScheduleState::Waiting,
            due: SystemClock.now().plus(Duration::from_secs(86_400)),
            zone: "UTC".to_owned(),
            choices_before: Choices::default(),
            choices_after: Choices::default(),
            effect_before: UseCases::default(),
            effect_after: UseCases::default(),
            reason: None,
            by: Actor::Operator,
            asked_at: SystemClock.now(),
            withdrawn_by: None,
            ended_at: None,
            outcome: None,
            run: None,
        };
        scheduled::add(&mut tx, &change).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
        change.id
    }

    /// A launch that was not used yet.
    fn launch(&self) -> String {
        let id = domain::id::new_uuid(&SystemClock, &SystemEntropy);
        let now = domain::Clock::now(&SystemClock).seconds();
        let claims = json!({
            "iss": self.sandbox.crm_issuer(), "aud": "ciam-console", "iat": now, "exp": now + 60,
            "jti": id, "sub": "u-1", "roles": "support",
        });
        self.sandbox.sign_launch(claims.as_object().unwrap()).unwrap()
    }

    /// Another session of somebody, to be ended; the answer names it.
    async fn spare_session(&self, person_id: &str) -> String {
        static SPARE: AtomicUsize = AtomicUsize::new(0);
        let key = SessionKey::of(&format!("spare {}", SPARE.fetch_add(1, Ordering::Relaxed)));
        let who = SignedIn {
            person_id: person_id.to_owned(),
            person: "Elsewhere".to_owned(),
            sign_in: SignIn::new(Means::RoleChooser, None),
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(sessions::create(&mut tx, &key, "{}", Some(&who), SystemClock.now(), LIMITS).await.unwrap());
        tx.commit_bookkeeping(Bookkeeping::Session).await.unwrap();
        key.to_string()
    }

    /// Brings a file in, as somebody who may; it waits for a decision then.
    async fn upload(&self) -> ImportId {
        let request = self.request(Visitor::As(Role::Ops), Method::POST, "/import/upload");
        let answer = file(request).send().await.unwrap();
        let place = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        place.trim_start_matches("/import/").parse().unwrap()
    }

    /// What the redirect of a posted form leads to.
    pub(crate) async fn follow(&self, visitor: Visitor, answer: Response) -> String {
        let place = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let place = place.split('#').next().unwrap_or_default();
        self.request(visitor, Method::GET, place).send().await.unwrap().text().await.unwrap()
    }

    /// How many entries the audit log has.
    pub(crate) async fn entries(&self) -> i64 {
        storage::audit::head(&mut self.store.read().await.unwrap()).await.unwrap().0
    }

    /// The folder with the database.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.data.path()
    }
}

/// An emergency that somebody else started.
const EMERGENCY: &str = "01990000-0000-7000-8000-00000000000a";

async fn hold_sign_ins_off(store: &Store) {
    let emergency = Emergency {
        id: EMERGENCY.parse().unwrap(),
        bid: Some(ENABLED.parse().unwrap()),
        state: EmergencyState::Active,
        reason: "attack".to_owned(),
        started_by: Actor::Operator,
        started_at: SystemClock.now(),
        review: None,
    };
    let mut tx = store.begin().await.unwrap();
    emergencies::start(&mut tx, &emergency).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

/// A wave whose pilot is through.
const HELD_WAVE: &str = "01990000-0000-7000-8000-000000000009";

/// A wave that waits for its time.
const SCHEDULED_WAVE: &str = "01990000-0000-7000-8000-00000000000b";

async fn hold_a_wave(store: &Store) {
    let counts = WaveCounts { waiting: 1, ..WaveCounts::default() };
    let wave = Wave {
        id: HELD_WAVE.parse().unwrap(),
        state: WaveState::Held,
        rules: WaveRules::default(),
        action: WaveAction::Enable,
        released: 0,
        reason: None,
        requested_by: Actor::Operator,
        created_at: SystemClock.now(),
        start: None,
        finished_at: None,
        counts,
    };
    let mut tx = store.begin().await.unwrap();
    waves::create(&mut tx, &wave, &[CALM.parse().unwrap()]).await.unwrap();
    let start = WaveStart {
        at: SystemClock.now().plus(Duration::from_secs(86_400)),
        zone: WaveZone::Of("UTC".to_owned()),
    };
    let id = SCHEDULED_WAVE.parse().unwrap();
    let scheduled = Wave { id, state: WaveState::Scheduled, start: Some(start), ..wave };
    waves::create(&mut tx, &scheduled, &[CALM.parse().unwrap()]).await.unwrap();
    tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
}

fn file(request: RequestBuilder) -> RequestBuilder {
    users_file(request, FILE)
}

fn users_file(request: RequestBuilder, text: &str) -> RequestBuilder {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file.csv\"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n--b--\r\n"
    );
    request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(body)
}

fn form(client: &Client, console: &ConsoleProcess, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    client.post(format!("{}{path}", console.console)).form(fields)
}

async fn announce(client: &Client, console: &ConsoleProcess, bid: &str, tier: Option<&str>) {
    let url = format!("{}/api/v1/billers/{bid}", console.console);
    let body = json!({ "name": format!("Biller {bid}"), "tier": tier, "portfolio": PORTFOLIO });
    let answer = client.put(url).bearer_auth(API_KEY).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
}

async fn sign_in(client: &Client, console: &ConsoleProcess, persona: &str) -> String {
    let answer = form(client, console, "/do/sign_in", &[("role", persona)]).send().await.unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn status_of(store: &Store, bid: &str) -> &'static str {
    let mut conn = store.read().await.unwrap();
    storage::billers::find(&mut conn, &bid.parse().unwrap()).await.unwrap().unwrap().status.as_str()
}

async fn until(mut reached: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !reached().await {
        assert!(begun.elapsed().as_secs() < 60, "it does not come to this");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
