//! A running console with something behind every door, and people who try them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::{
    Bid, ChangeRequestId, Clock, DeliveryId, ImportId, MigrationId, ProposalId, RunId, ScheduleId, Timestamp,
    actor::{Actor, Role},
    emergency::{Emergency, EmergencyState},
    migration::{Cause, MailingState, Mapping, MigrationState, Problem, RowState},
    run::RunState,
    session::{Means, SessionKey, SessionLimits, SignIn},
    settings::{
        ChangeRequest, Drift, Layer, Observed, Proposal, ProposalSource, ProposedLayer, RequestBody,
        RequestState, Scope, SettingValue,
    },
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
    Bookkeeping, OpenOptions, Store, emergencies, events, runs, sessions,
    sessions::SignedIn,
    use_cases::scheduled,
    user_migrations::{self, KeptReport, Mailing, RowIds, SealedRow, Tally, UserMigration},
    waves,
};

use crate::console_process::{API_KEY, ConsoleProcess, sandbox};

pub(crate) mod accounts;
mod fields;
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

    /// No move of users of this biller is open.
    async fn no_move(&self, bid: &str) {
        let mut tx = self.store.begin().await.unwrap();
        for it in user_migrations::of_biller(&mut tx, &bid.parse().unwrap(), 50).await.unwrap() {
            let over = UserMigration { state: MigrationState::Cancelled, ..it.clone() };
            user_migrations::save(&mut tx, it.state, &over).await.unwrap();
        }
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
    }

    /// A move of users that was checked, with one row that was rejected.
    async fn a_move(&self, bid: &str) -> MigrationId {
        self.no_move(bid).await;
        let (id, now) = (MigrationId::new(&SystemClock, &SystemEntropy), SystemClock.now());
        let header = vec!["username".to_owned(), "email".to_owned()];
        let staging = UserMigration {
            id,
            bid: bid.parse().unwrap(),
            state: MigrationState::Staging,
            file_name: "users.csv".to_owned(),
            mapping: Mapping::guess(&header),
            header,
            rows: 0,
            stamp: now,
            pool: None,
            cursor: None,
            parallel: 1,
            throttle: None,
            stop: None,
            canaries: Vec::new(),
            differences: 0,
            created_by: Actor::Operator,
            reason: None,
            created_at: now,
            started_at: None,
            session: None,
            moved_on_at: now,
            finished_at: None,
            erased_at: None,
            comparison: None,
            prediction: None,
            missing: None,
        };
        let mut random = [0; 96];
        domain::Entropy::fill(&SystemEntropy, &mut random);
        let problem = Problem::new(Cause::WrongShape, "has 1 field instead of 2");
        let row = SealedRow { line: 2, sealed: None, problem: Some(problem), ids: RowIds::mint(&random) };
        let mut tx = self.store.begin().await.unwrap();
        user_migrations::begin(&mut tx, &staging).await.unwrap();
        user_migrations::add_rows(&mut tx, id, &[row], Tally::default(), now).await.unwrap();
        let checked = UserMigration { state: MigrationState::Checked, ..staging };
        user_migrations::save(&mut tx, MigrationState::Staging, &checked).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        id
    }

    /// A declared freeze of a biller's users.
    async fn a_freeze(&self, bid: &str) {
        let now = SystemClock.now();
        let freeze = domain::migration::Freeze {
            bid: bid.parse().unwrap(),
            from: now,
            until: now.plus(Duration::from_secs(86_400)),
            zone: "UTC".to_owned(),
            by: Actor::Operator,
            at: now,
            reason: None,
            delta: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        storage::freezes::put(&mut tx, &freeze).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
    }

    /// A finished move of users whose reset e-mails go out.
    pub(super) async fn a_mailing(&self, bid: &str) -> MigrationId {
        let id = self.a_move(bid).await;
        let mut tx = self.store.begin().await.unwrap();
        let it = user_migrations::find(&mut tx, id).await.unwrap().unwrap();
        let done = UserMigration { state: MigrationState::Finished, ..it.clone() };
        user_migrations::save(&mut tx, it.state, &done).await.unwrap();
        let mailing = Mailing {
            migration: id,
            bid: it.bid,
            state: MailingState::Sending,
            wave: None,
            waves: 0,
            why: None,
            started_by: Actor::Operator,
            started_at: SystemClock.now(),
            finished_at: None,
        };
        user_migrations::put_mailing(&mut tx, &mailing).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        id
    }

    /// A finished move of users with its report.
    pub(super) async fn a_report(&self, bid: &str) -> MigrationId {
        let id = self.a_move(bid).await;
        let mut tx = self.store.begin().await.unwrap();
        let it = user_migrations::find(&mut tx, id).await.unwrap().unwrap();
        let now = SystemClock.now();
        let done = UserMigration { state: MigrationState::Finished, finished_at: Some(now), ..it.clone() };
        user_migrations::save(&mut tx, it.state, &done).await.unwrap();
        // What a list with the one row of such a move has as its hash.
        let row = user_migrations::by_state(&mut tx, id, RowState::Rejected, 0, 1).await.unwrap().remove(0);
        let list = format!(
            "line,state,user_id,problem,detail,what_to_do\r\n2,Rejected,{},Wrong number of fields,\
             has 1 field instead of 2,{}\r\n",
            row.ids.user,
            Cause::WrongShape.cure(),
        );
        let body = json!({
            "form": 1, "migration": id, "edition": 1, "made_at": now.rfc3339(), "bid": bid, "biller": "B",
            "outcome": "finished", "file": "users.csv", "rows": 1, "columns": it.mapping, "pool": null,
            "started_at": null, "by_state": {"rejected": 1}, "by_verdict": {}, "by_password": {}, "by_cause": {},
            "canaries": [], "comparison": null, "differences": {"rows": 1, "sha256": sha256(&list)}, "decisions": [],
        });
        let body = body.to_string();
        let digest = sha256(&body);
        let kept = KeptReport { migration: id, edition: 1, made_at: now, body, digest };
        user_migrations::put_report(&mut tx, &kept).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::UsersMove).await.unwrap();
        id
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

    async fn settings(&self, visitor: Visitor, path: &str, bid: &str) -> Option<Vec<(&'static str, String)>> {
        let of =
            |more: (&'static str, &str)| Some(vec![("bid", bid.to_owned()), (more.0, more.1.to_owned())]);
        match path {
            "/do/propose_settings" => Some(vec![
                ("layer", format!("biller:{bid}")),
                ("section", "appearance".to_owned()),
                ("typed[organization.color]", "#123456".to_owned()),
                ("seen[organization.color]", String::new()),
            ]),
            "/do/confirm_settings" => Some(self.proposed(visitor).await),
            "/do/decide_drift" => {
                self.drifted(bid).await;
                Some(vec![
                    ("layer", format!("biller:{bid}")),
                    ("decision", "ignore|organization.color".to_owned()),
                    ("until[organization.color]", "2027-01-31".to_owned()),
                ])
            }
            "/do/scan_drift" => Some(vec![]),
            "/do/import_settings" => {
                let text = r##"{"format":"ciam-settings","version":1,"levels":{"all":{"organization.color":"#654321"}}}"##;
                Some(vec![("file", text.to_owned())])
            }
            "/do/copy_settings" => of(("to", FRESH)),
            "/do/check_vanity" => of(("section", "appearance")),
            "/do/switch_issuer" => {
                const ELSEWHERE: &str = "https://login.elsewhere.example";
                let mut tx = self.store.begin().await.unwrap();
                storage::billers::set_issuer(&mut tx, &bid.parse().unwrap(), Some(ELSEWHERE)).await.unwrap();
                tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
                let text = |name, value: &str| (name, value.to_owned());
                Some(vec![text("bid", bid), text("to", "own"), text("seen", ELSEWHERE)])
            }
            "/do/read_settings" => of(("section", "appearance")),
            _ => None,
        }
    }

    /// Lets a value of a biller differ from what SecureAuth shows.
    async fn drifted(&self, bid: &str) {
        let colour = |text: &str| SettingValue::Text(text.to_owned());
        let drift = Drift {
            bid: bid.parse().unwrap(),
            key: "organization.color".parse().unwrap(),
            wanted: colour("#007FFF"),
            found: Observed::Value(colour("#FF0000")),
            found_at: SystemClock.now(),
            ignored_until: None,
            changed: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        storage::drift::replace(&mut tx, &drift.bid, Scope::Organization, std::slice::from_ref(&drift))
            .await
            .unwrap();
        tx.commit_bookkeeping(Bookkeeping::Observation).await.unwrap();
    }

    /// A proposed change of this visitor, as its preview shows it: for a tier that nobody else changes.
    async fn proposed(&self, visitor: Visitor) -> Vec<(&'static str, String)> {
        static TIER: AtomicUsize = AtomicUsize::new(0);
        let id = ProposalId::new(&SystemClock, &SystemEntropy);
        let key = "organization.color".parse().unwrap();
        let tier = format!("tier {}", TIER.fetch_add(1, Ordering::Relaxed));
        let colour = SettingValue::Text("#123456".to_owned());
        let layer = ProposedLayer {
            layer: Layer::Tier(tier),
            values: [(key, Some(colour))].into(),
            seen: [(key, None)].into(),
            issuer: None,
        };
        let proposal = Proposal { source: ProposalSource::Form, layers: vec![layer], from: None };
        let mut tx = self.store.begin().await.unwrap();
        let maker = visitor.person_id();
        storage::settings::put_proposal(&mut tx, id, &maker, SystemClock.now(), &proposal).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::Staging).await.unwrap();
        let place = format!("/settings/changes/{id}");
        let page = self.request(visitor, Method::GET, &place).send().await.unwrap().text().await.unwrap();
        let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        vec![("id", id.to_string()), ("token", token.unwrap_or_default().to_owned())]
    }

    /// A change that somebody else asked for, to be declined.
    async fn asked_for(&self) -> Vec<(&'static str, String)> {
        let key = "pool.self_registration".parse().unwrap();
        let layer = ProposedLayer {
            layer: Layer::Everywhere,
            values: [(key, Some(SettingValue::Flag(true)))].into(),
            seen: [(key, None)].into(),
            issuer: None,
        };
        let proposal = Proposal { source: ProposalSource::Form, layers: vec![layer], from: None };
        let request = ChangeRequest {
            id: ChangeRequestId::new(&SystemClock, &SystemEntropy),
            body: RequestBody { proposal, observed: vec![[].into()], rules: None },
            reason: "asked".to_owned(),
            requested_by: Actor::Operator,
            requested_at: SystemClock.now(),
            state: RequestState::Waiting,
            review: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        storage::settings::put_request(&mut tx, &request).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
        let text = |name, value: &str| (name, value.to_owned());
        vec![("id", request.id.to_string()), text("decision", "decline"), text("note", "not now")]
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
