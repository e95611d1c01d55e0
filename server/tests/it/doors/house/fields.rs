//! What the forms of the house are filled in with.

use std::time::Duration;

use domain::Clock as _;
use server::runtime::SystemClock;

use super::{EMERGENCY, FRESH, HELD_WAVE, House, SCHEDULED_WAVE, Visitor};

impl House {
    /// What the form behind this door is filled in with; none where it is no form.
    pub(super) async fn fields(
        &self,
        visitor: Visitor,
        path: &str,
        bid: &str,
    ) -> Option<Vec<(&'static str, String)>> {
        let of_biller = || vec![("bid", bid.to_owned())];
        let with = |more: &[(&'static str, &str)]| {
            let mut fields = of_biller();
            fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
            Some(fields)
        };
        let one = |name, value: String| Some(vec![(name, value)]);
        match path {
            "/do/sign_in" => one("role", "support".to_owned()),
            "/launch" => one("token", self.launch()),
            "/do/sign_out" => Some(vec![]),
            "/do/set_theme" => one("theme", "dark".to_owned()),
            "/do/end_session" => one("key", self.spare_session(&visitor.person_id()).await),
            "/do/end_other_sessions" => {
                self.spare_session(&visitor.person_id()).await;
                Some(vec![])
            }
            "/do/end_sessions_of" => {
                self.spare_session("person:leaver").await;
                one("person", "person:leaver".to_owned())
            }
            "/do/enable" | "/do/resume" => with(&[]),
            "/do/suspend" => with(&[("name", "Biller enabled")]),
            "/billers/{bid}/secret" => with(&[("name", "Biller calm"), ("seen", ""), ("old", "day")]),
            "/do/set_go_live" => with(&[("seen", ""), ("go_live", "2027-03-01")]),
            "/do/retry_run" | "/do/take_back" => with(&[("run", &self.failed_run.to_string())]),
            "/billers/{bid}/migration/report.json" | "/billers/{bid}/migration/differences.csv" => {
                with(&[("of", &self.a_report(bid).await.to_string()), ("edition", "1")])
            }
            "/do/ask_migration" | "/do/map_migration" | "/do/mail_resets" => {
                Some([of_biller(), self.of_move(path, bid).await].concat())
            }
            "/do/declare_freeze" | "/do/withdraw_freeze" => {
                Some([of_biller(), self.of_freeze(path, bid).await].concat())
            }
            "/do/declare_no_users" | "/do/start_test_sign_in" => with(&[]),
            "/do/withdraw_use_cases" => with(&[("id", &self.a_schedule(bid).await.to_string())]),
            "/do/start_wave" => Some(vec![
                ("bids", FRESH.to_owned()),
                ("parallel", "2".to_owned()),
                ("stop_above_percent", "20".to_owned()),
            ]),
            "/do/decide_request" => Some(self.asked_for().await),
            _ if ["settings", "drift", "vanity", "issuer"].iter().any(|part| path.contains(part)) => {
                self.settings(visitor, path, bid).await
            }
            "/do/apply_import" | "/do/discard_import" => one("id", self.upload().await.to_string()),
            path if path.contains("_user") || path == "/do/decide_mirror" => self.of_account(path, bid).await,
            "/do/retry_delivery" => one("id", self.delivery.to_string()),
            _ => self.of_use_cases(path, bid).or_else(|| super::vendor_review::fields(path)),
        }
    }

    /// The same for the forms about moves of users, but for the biller.
    async fn of_move(&self, path: &str, bid: &str) -> Vec<(&'static str, String)> {
        let (id, field, value) = match path {
            "/do/ask_migration" => (self.a_move(bid).await, "act", "cancel"),
            "/do/map_migration" => (self.a_move(bid).await, "username", "username"),
            _ => (self.a_mailing(bid).await, "act", "pause"),
        };
        vec![("id", id.to_string()), (field, value.to_owned())]
    }

    /// The same for the forms about freezes.
    async fn of_freeze(&self, path: &str, bid: &str) -> Vec<(&'static str, String)> {
        if path == "/do/withdraw_freeze" {
            self.a_freeze(bid).await;
            return Vec::new();
        }
        let day = |n: u64| SystemClock.now().plus(Duration::from_secs(n * 86_400)).rfc3339()[..10].to_owned();
        let time = || "06:00".to_owned();
        vec![("from_day", day(2)), ("from_time", time()), ("until_day", day(3)), ("until_time", time())]
    }

    /// The same for the forms about use cases and emergencies.
    fn of_use_cases(&self, path: &str, bid: &str) -> Option<Vec<(&'static str, String)>> {
        let text = |fields: &[(&'static str, &str)]| {
            Some(fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
        };
        match path {
            "/do/change_use_cases" => text(&[
                ("bid", bid),
                ("choices", "on inherit inherit inherit"),
                ("seen", "inherit inherit inherit inherit"),
            ]),
            "/do/schedule_use_cases" => {
                let day = SystemClock.now().plus(Duration::from_secs(2 * 86_400)).rfc3339();
                text(&[
                    ("bid", bid),
                    ("choices", "on inherit inherit inherit"),
                    ("seen", "inherit inherit inherit inherit"),
                    ("day", &day[..10]),
                    ("time", "06:00"),
                ])
            }
            "/do/emergency_off" => text(&[("bid", bid), ("name", "Biller calm"), ("reason", "attack")]),
            "/do/emergency_off_everyone" => text(&[("name", "everyone"), ("reason", "attack")]),
            "/do/decide_emergency" => text(&[("id", EMERGENCY), ("decision", "lift")]),
            "/do/withdraw_wave" => text(&[("id", SCHEDULED_WAVE)]),
            "/do/go_on_wave" => text(&[("id", HELD_WAVE)]),
            "/do/set_use_case_default" => text(&[
                ("user_hosting", "on"),
                ("delegated_login", "inherit"),
                ("hosted_login", "inherit"),
                ("old_url", "inherit"),
                ("seen", "inherit inherit inherit inherit"),
            ]),
            _ => None,
        }
    }
}
