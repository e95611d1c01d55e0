//! Settings behind the doors: what is proposed, asked for and drifted.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{
    ChangeRequestId, Clock as _, ProposalId,
    actor::Actor,
    settings::{
        ChangeRequest, Drift, Layer, Observed, Proposal, ProposalSource, ProposedLayer, RequestBody,
        RequestState, Scope, SettingValue,
    },
};
use reqwest::Method;
use server::runtime::{SystemClock, SystemEntropy};
use storage::Bookkeeping;

use super::{FRESH, House, Visitor};

impl House {
    /// What the forms about settings are filled in with.
    pub(super) async fn settings(
        &self,
        visitor: Visitor,
        path: &str,
        bid: &str,
    ) -> Option<Vec<(&'static str, String)>> {
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
    pub(super) async fn asked_for(&self) -> Vec<(&'static str, String)> {
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
}
