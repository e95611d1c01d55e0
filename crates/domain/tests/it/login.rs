//! Where a login URL leads, and what a suspension means for people.

use domain::{
    biller::Biller,
    legacy::LegacyPasswordCounts,
    login::{LoginEntry, LoginRoute},
};

use crate::samples::biller;

#[test]
fn a_login_url_starts_a_sign_in_only_when_routed_there_and_the_issuer_is_known() {
    let issuer = Some("https://ic.example.com/ic-34".to_owned());
    for (login_route, issuer, leads_to) in [
        (LoginRoute::Legacy, None, LoginEntry::Legacy),
        (LoginRoute::Legacy, issuer.clone(), LoginEntry::Legacy),
        (LoginRoute::SecureAuth, None, LoginEntry::Legacy),
        (LoginRoute::SecureAuth, issuer, LoginEntry::Authorize),
    ] {
        let biller = Biller { login_route, issuer, ..biller("34", "North") };
        assert_eq!(biller.login_entry(), leads_to, "{login_route} {:?}", biller.issuer);
    }
}

#[test]
fn stale_and_missing_passwords_lock_people_out() {
    let counts = LegacyPasswordCounts { current: 100, stale: 20, missing: 3 };
    assert_eq!((counts.locked_out(), counts.total()), (23, 123));
}
