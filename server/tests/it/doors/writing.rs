//! Every write leaves exactly the audit entries it has to, which is one, and no read leaves any.

use domain::actor::{Capability, Role};
use reqwest::{Method, StatusCode};
use server::doors::{self, Opens};

use super::house::{House, Visitor};

/// What these change is no one's act on the console: the colours are the session's own, a proposed change holds
/// nowhere until it is confirmed, reading is no change, and a person's sign-in at a biller is in the vendor's log.
const LEAVE_NONE: [&str; 8] = [
    "/do/check_vanity",
    "/do/import_settings",
    "/do/copy_settings",
    "/do/set_theme",
    "/do/propose_settings",
    "/do/switch_issuer",
    "/do/read_settings",
    "/api/v1/billers/{bid}/logins/redeem",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_read_leaves_no_audit_entry() {
    let house = House::furnished().await;
    for door in doors::of_console().into_iter().filter(|door| door.method == Method::GET) {
        for visitor in Visitor::all() {
            let before = house.entries().await;
            house.knock(visitor, &door).await;
            assert_eq!(house.entries().await, before, "{} as {visitor:?}", door.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_leaves_exactly_its_audit_entries() {
    let house = House::furnished().await;
    let mut wrong = Vec::new();
    for door in doors::of_console().into_iter().filter(|door| door.method != Method::GET) {
        let visitor = match (door.opens, door.path) {
            (Opens::Key(_), _) => Visitor::Keyed,
            (_, "/do/sign_in" | "/launch") => Visitor::Nobody,
            // Ends a session that no other door needs.
            (_, "/do/sign_out") => Visitor::As(Role::Product),
            // Two ways to decide on the same run: the second one would find it decided.
            (_, "/do/take_back") => continue,
            (_, "/do/apply_import" | "/do/discard_import" | "/do/retry_delivery" | "/import/upload") => {
                Visitor::As(Role::Ops)
            }
            _ => Visitor::As(Role::PlatformOwner),
        };
        // Uploading a file to decide on is an act of its own.
        let extra = i64::from(matches!(door.path, "/do/apply_import" | "/do/discard_import"));
        let before = house.entries().await;
        let answer = house.knock(visitor, &door).await;
        let expected = match door.path {
            path if LEAVE_NONE.contains(&path) => 0,
            // That a secret was asked for, before SecureAuth is; and what came of it.
            "/billers/{bid}/secret" => 2,
            _ => 1,
        };
        let left = house.entries().await - before - extra;
        if left != expected {
            wrong.push(format!(
                "{} {}: {left} entries, not {expected}; {:?}",
                door.method,
                door.path,
                answer.status()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_leaves_nothing() {
    let house = House::furnished().await;
    for door in doors::of_console() {
        let guarded = !matches!(door.opens, Opens::Anyone);
        // Files are uploaded by somebody who may, so that there is something to decide on.
        let decides = matches!(door.path, "/do/apply_import" | "/do/discard_import");
        if door.method == Method::GET || !guarded || decides {
            continue;
        }
        let outsider = match door.opens {
            Opens::MayFor(Capability::HelpUsers | Capability::RevealUsers) => Role::VendorReview,
            _ => Role::Support,
        };
        // Whoever is signed in may end their own sessions.
        let refused: &[Visitor] = match door.opens {
            Opens::SignedIn => &[Visitor::Nobody, Visitor::Expired],
            // Every role may look at billers, and take away what it sees of them.
            Opens::MayFor(Capability::ViewBillers) => {
                &[Visitor::Nobody, Visitor::Expired, Visitor::Elsewhere]
            }
            _ => &[Visitor::Nobody, Visitor::Expired, Visitor::As(outsider), Visitor::Elsewhere],
        };
        for visitor in refused.iter().copied() {
            let before = house.entries().await;
            let answer = house.knock(visitor, &door).await;
            assert_ne!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{}", door.path);
            assert_eq!(house.entries().await, before, "{} as {visitor:?}", door.path);
        }
    }
}
