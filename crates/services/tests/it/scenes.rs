//! Situations that several tests begin with.

use std::time::Duration;

use domain::{
    Bid, Clock, RunId,
    actor::Role,
    biller::CiamStatus,
    use_case::UseCases,
    user_move::{UserMove, UserMoveState},
};
use sandbox::{Fault, FaultRule};
use serde_json::{Value, json};
use services::{
    ServiceError,
    change_use_cases::{self, ChangeRequest},
    enable_biller,
};
use storage::Bookkeeping;

use crate::world::World;

impl World {
    /// A biller that was enabled without any trouble.
    pub(crate) async fn enabled_biller(&self, bid: &str, name: &str) -> Bid {
        let bid = self.biller(bid, name).await;
        enable_biller::enable(&self.console, &self.person(Role::AccountManager), &bid, None).await.unwrap();
        self.work().await;
        let mut conn = self.console.store.read().await.unwrap();
        let biller = storage::billers::find(&mut conn, &bid).await.unwrap().unwrap();
        assert_eq!(biller.status, CiamStatus::Enabled);
        bid
    }

    /// An enablement that failed because the vendor refused `operation`; the vendor allows it again now.
    pub(crate) async fn failed_enablement(&self, bid: &Bid, operation: &str) -> RunId {
        let refused = Fault::Error { status: 403, error_code: None };
        self.sandbox.faults().add(FaultRule::new(operation, refused)).unwrap();
        let actor = self.person(Role::AccountManager);
        let run = enable_biller::enable(&self.console, &actor, bid, None).await.unwrap();
        self.work().await;
        self.sandbox.faults().clear();
        run
    }

    /// The users of a biller are at SecureAuth.
    pub(crate) async fn users_moved(&self, bid: &Bid) {
        self.users_are(bid, UserMoveState::Moved).await;
    }

    /// The users of a biller are somewhere.
    pub(crate) async fn users_are(&self, bid: &Bid, state: UserMoveState) {
        let known = UserMove { state, users: 12, moved: 12, changed_at: self.clock.now() };
        let mut tx = self.console.store.begin().await.unwrap();
        storage::user_moves::put(&mut tx, bid, &known).await.unwrap();
        tx.commit_bookkeeping(Bookkeeping::SampleData).await.unwrap();
    }

    /// Chooses use cases for a biller, after having looked at what is chosen.
    pub(crate) async fn change(&self, bid: &Bid, choices: &str) -> Result<Option<RunId>, ServiceError> {
        self.clock.advance(Duration::from_secs(1));
        let product = self.person(Role::Product);
        let seen = change_use_cases::show(&self.console, &product, bid).await?.layers.biller;
        let request = ChangeRequest { choices: choices.parse()?, seen, reason: Some("pilot".to_owned()) };
        change_use_cases::change(&self.console, &product, bid, request).await
    }

    /// What is in effect for a biller.
    pub(crate) async fn in_effect(&self, bid: &Bid) -> UseCases {
        let mut conn = self.console.store.read().await.unwrap();
        storage::use_cases::effects::of(&mut conn, bid).await.unwrap().in_effect
    }

    /// An organization that somebody else made.
    pub(crate) async fn foreign_organization(&self, id: &str, name: &str) {
        let body = json!({ "id": id, "name": name, "parent_id": "billers" });
        self.vendor_post("/api/admin/sandbox/organizations", &body).await;
    }

    /// The id of an enabled biller's pool.
    pub(crate) async fn pool_of(&self, bid: &Bid) -> String {
        let mut conn = self.console.store.read().await.unwrap();
        let pool = storage::objects::find(&mut conn, bid, domain::object::ObjectKind::Pool).await.unwrap();
        pool.unwrap().vendor_id
    }

    /// Somebody changes a user at the vendor.
    pub(crate) async fn touch_user(&self, user: &Value) {
        let path = format!(
            "/api/identity/sandbox/admin/pools/{}/users/{}",
            user["user_pool_id"].as_str().unwrap(),
            user["id"].as_str().unwrap()
        );
        self.vendor_send(reqwest::Method::PUT, &path, &json!({ "payload": { "given_name": "New" } })).await;
    }

    /// Somebody locks a user at the vendor.
    pub(crate) async fn lock_user(&self, user: &Value) {
        let pool = user["user_pool_id"].as_str().unwrap();
        let path = format!("/api/identity/sandbox/admin/pools/{pool}/users/{}", user["id"].as_str().unwrap());
        self.vendor_send(reqwest::Method::PUT, &path, &json!({ "status": "inactive" })).await;
    }

    /// A user of a pool, made in the vendor's own console.
    pub(crate) async fn new_user(&self, pool: &str, body: &Value) {
        self.vendor_post(&format!("/api/identity/sandbox/admin/pools/{pool}/users"), body).await;
    }

    /// The pool of a biller demands this of its users' profiles from now on.
    pub(crate) async fn give_schema(&self, bid: &Bid, schema: &Value) {
        let pool = self.pool_of(bid).await;
        let id = format!("schema-{pool}");
        let body = json!({ "tenant_id": "sandbox", "id": id, "name": "Customers", "schema": schema });
        self.vendor_post("/api/identity/sandbox/admin/schemas", &body).await;
        let path = format!("/api/identity/sandbox/admin/pools/{pool}");
        let stored = self.sandbox.state().get(sandbox::ObjectKind::Pool, &pool).cloned().unwrap();
        let mut body = stored;
        body["payload_schema_id"] = json!(id);
        self.vendor_send(reqwest::Method::PUT, &path, &body).await;
    }

    /// Users in a pool.
    pub(crate) async fn users(&self, pool: &str, count: usize) {
        let path = format!("/api/identity/sandbox/admin/pools/{pool}/users");
        for n in 0..count {
            let identifier = json!([{ "identifier": format!("user{n}"), "type": "uid" }]);
            self.vendor_post(&path, &json!({ "status": "active", "identifiers": identifier })).await;
        }
    }

    /// Somebody in a biller's pool who can sign in.
    pub(crate) async fn user_with_password(&self, bid: &Bid, name: &str, password: &str) {
        let path = format!("/api/identity/sandbox/admin/pools/{}/users", self.pool_of(bid).await);
        let identifiers = json!([{ "identifier": name, "type": "uid" }]);
        let credentials = json!([{ "type": "password", "password": password }]);
        let body = json!({ "status": "active", "identifiers": identifiers, "credentials": credentials });
        self.vendor_post(&path, &body).await;
    }

    /// How many deliveries of events about a biller there are.
    pub(crate) async fn deliveries(&self, bid: &Bid) -> usize {
        let mut conn = self.console.store.read().await.unwrap();
        let query =
            storage::events::DeliveryQuery { bid: Some(bid.clone()), limit: 500, ..Default::default() };
        storage::events::deliveries(&mut conn, &query).await.unwrap().len()
    }

    async fn vendor_post(&self, path: &str, body: &Value) {
        self.vendor_send(reqwest::Method::POST, path, body).await;
    }

    async fn vendor_send(&self, method: reqwest::Method, path: &str, body: &Value) {
        let http = reqwest::Client::new();
        let (id, secret) = self.sandbox.admin_credentials();
        let token: Value = http
            .post(format!("{}/oauth2/token", self.sandbox.admin_issuer()))
            .basic_auth(id, Some(secret))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let answer = http
            .request(method, format!("{}{path}", self.sandbox.base_url()))
            .bearer_auth(token["access_token"].as_str().unwrap())
            .json(body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}
