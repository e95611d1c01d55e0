//! Clocks, billers, runs and hostile input that the tests share.

use domain::{
    Bid, Clock, Entropy, Portfolio, RunId, Timestamp,
    actor::{Actor, Role, Roles},
    biller::{Biller, BillerDraft, CiamStatus, PortfolioSaid},
    login::LoginRoute,
    run::{Run, RunKind, RunState},
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

/// 2026-11-23T21:43:00Z, in microseconds.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_470_180_000_000);

/// A clock that stands still.
pub(crate) struct FixedClock(pub(crate) Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// "Random" bytes that are all the same.
pub(crate) struct Same(pub(crate) u8);

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

pub(crate) fn bid(text: &str) -> Bid {
    Bid::parse(text).unwrap()
}

pub(crate) fn draft(bid_text: &str, name: &str) -> BillerDraft {
    BillerDraft {
        bid: bid(bid_text),
        name: name.to_owned(),
        state: None,
        ownership: None,
        customers: None,
        tier: None,
        time_zone: None,
        portfolio: PortfolioSaid::Nothing,
    }
}

pub(crate) fn biller(bid_text: &str, name: &str) -> Biller {
    Biller {
        draft: draft(bid_text, name),
        status: CiamStatus::NotEnabled,
        status_since: NOW,
        slug: None,
        login_route: LoginRoute::Legacy,
        issuer: None,
        go_live: None,
        open_run: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

pub(crate) fn standing(status: CiamStatus) -> Biller {
    Biller { status, ..biller("34", "City of Abbeville") }
}

pub(crate) fn portfolio(name: &str) -> Portfolio {
    Portfolio::parse(name).unwrap()
}

pub(crate) fn person(role: Role) -> Actor {
    person_of(role.into(), None)
}

pub(crate) fn person_of(roles: Roles, portfolio: Option<Portfolio>) -> Actor {
    Actor::Person { id: "u-7".to_owned(), name: "Ada Byron".to_owned(), roles, portfolio }
}

pub(crate) fn run(kind: RunKind, state: RunState) -> Run {
    Run {
        id: RunId::from_uuid(Uuid::from_u128(7)),
        bid: bid("34"),
        kind,
        state,
        reason: None,
        requested_by: person(Role::AccountManager),
        wave: None,
        detail: None,
        created_at: NOW,
        started_at: None,
        finished_at: None,
    }
}

/// Names that tempt a rule to go wrong; the first ones are shaped like those of real utilities.
const HOSTILE_NAMES: &[&str] = &[
    "City of Abbeville - (SC)",
    "A & N Electric Coop",
    "Prince George's Light & Power, Inc.",
    "\"Northern\" Power; a/k/a N.P.C.",
    "Städtische Wärme- & Wasserwerke Łódź GmbH",
    "Compañía de Energía Eléctrica Ñuñoa",
    "東京電力ホールディングス",
    "Энергосбыт",
    "🔥⚡ Power ⚡🔥",
    "",
    " ",
    "'",
    "’’’",
    "&",
    "&&&& ----",
    "-----",
    "....",
    "\u{feff}Power",
    "\u{202e}rewoP\u{202c}",
    "Zero\u{200b}width\u{200d}",
    "two\nlines\r\nand\ttabs",
    "nul\0inside",
    "<script>alert('x')</script>",
    "'); DROP TABLE billers; --",
    "../../etc/passwd",
    "%2e%2e%2f",
    "{bid} {slug}",
    "x12345678",
    "34",
    "Biller",
];

/// Any name: hostile ones, words with punctuation between, very long ones, and anything at all.
pub(crate) fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(HOSTILE_NAMES).prop_map(str::to_owned),
        3 => "([A-Za-z0-9éßŁ'&]{1,12}[ ,.()&'-]{1,3}){0,12}",
        1 => (select(HOSTILE_NAMES), 20_usize..60).prop_map(|(name, times)| name.repeat(times)),
        2 => any::<String>(),
    ]
}

/// Any bid; often short and made of few characters, so that near misses are common.
pub(crate) fn any_bid() -> impl Strategy<Value = Bid> {
    prop_oneof![
        "[0-9]{1,8}",
        "[aA1._-]{1,5}",
        "[A-Za-z0-9._-]{1,64}",
        "[a-z0-9]{1,4}-x[0-9a-f]{8}",
        "x[0-9a-f]{8}"
    ]
    .prop_filter_map("dots only", |text| Bid::parse(&text).ok())
}

/// Two different bids.
pub(crate) fn two_bids() -> impl Strategy<Value = (Bid, Bid)> {
    (any_bid(), any_bid()).prop_filter("the same bid", |(a, b)| a != b)
}
