//! Situations that several tests begin with.

use domain::{Bid, RunId, actor::Role, biller::CiamStatus};
use sandbox::{Fault, FaultRule};
use serde_json::{Value, json};
use services::enable_biller;

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

    /// An organization that somebody else made.
    pub(crate) async fn foreign_organization(&self, id: &str, name: &str) {
        let body = json!({ "id": id, "name": name, "parent_id": "billers" });
        self.vendor_post("/api/admin/sandbox/organizations", &body).await;
    }

    /// Users in a pool.
    pub(crate) async fn users(&self, pool: &str, count: usize) {
        let path = format!("/api/identity/sandbox/admin/pools/{pool}/users");
        for n in 0..count {
            let identifier = json!([{ "identifier": format!("user{n}"), "type": "uid" }]);
            self.vendor_post(&path, &json!({ "status": "active", "identifiers": identifier })).await;
        }
    }

    async fn vendor_post(&self, path: &str, body: &Value) {
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
            .post(format!("{}{path}", self.sandbox.base_url()))
            .bearer_auth(token["access_token"].as_str().unwrap())
            .json(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }
}
