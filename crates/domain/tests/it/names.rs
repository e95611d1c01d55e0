//! Names and ids at SecureAuth and in login URLs.

use std::collections::HashSet;

use domain::{
    Bid, Slug,
    naming::{POOL_NAME_MAX, organization_id, pool_name, sibling_id, slug_candidates},
};
use proptest::{collection::hash_set, prelude::*};

use crate::samples::{any_bid, any_name, bid, two_bids};

#[test]
fn a_plain_bid_is_the_organization_id() {
    assert_eq!(organization_id("ic-", &bid("34")), "ic-34");
    assert_eq!(organization_id("ic-", &bid("blr-0034")), "ic-blr-0034");
    assert_eq!(sibling_id("ic-34", "pool"), "ic-34-pool");
}

/// Visible in issuers for ever: these may never change.
#[test]
fn another_bid_keeps_its_readable_part_and_gets_a_fingerprint() {
    assert_eq!(organization_id("ic-", &bid("Acme_7")), "ic-acme-7-x6a81746d");
    assert_eq!(organization_id("ic-", &bid("acme.7")), "ic-acme-7-x47aaa209");
    assert_eq!(organization_id("ic-", &bid("_")), "ic-xd2e2adf7");
}

#[test]
fn pool_names_read_well() {
    for (name, id, expected) in [
        ("City of Abbeville - (SC)", "34", "City of Abbeville SC 34"),
        ("A & N Electric Coop", "84", "A and N Electric Coop 84"),
        ("Prince George's Light & Power, Inc.", "9", "Prince Georges Light and Power Inc 9"),
        ("Łódź Wärme", "7", "Lodz Warme 7"),
        ("", "7", "Biller 7"),
        ("----", "7", "Biller 7"),
    ] {
        assert_eq!(pool_name(name, &bid(id)), expected);
    }
}

#[test]
fn slugs_read_well() {
    for (name, id, plain, own) in [
        ("City of Abbeville - (SC)", "34", "city-of-abbeville-sc", "city-of-abbeville-sc--34"),
        ("Prince George's Light", "9", "prince-georges-light", "prince-georges-light--9"),
        ("Ñuñoa", "AB", "nunoa", "nunoa--ab-x38164fbd"),
        ("", "7", "biller-7", "biller-7--7"),
        ("North", "a-very-long-bid-of-some-system", "north", "north--xa4a1389c"),
    ] {
        let (first, second) = slug_candidates(name, &bid(id));
        assert_eq!((first.as_str(), second.as_str()), (plain, own), "{name:?} {id}");
    }
}

proptest! {
    #[test]
    fn a_pool_name_is_one_the_vendor_takes(name in any_name(), bid in any_bid()) {
        let made = pool_name(&name, &bid);
        prop_assert!((1..=POOL_NAME_MAX).contains(&made.chars().count()), "{:?}", made);
        prop_assert!(made.chars().all(|c| c.is_ascii_alphanumeric() || c == ' '), "{:?}", made);
        prop_assert!(made.split(' ').all(|word| !word.is_empty()), "spaces are not single in {:?}", made);
    }

    #[test]
    fn two_billers_never_share_a_pool_name((a, b) in two_bids(), name in any_name(), other in any_name()) {
        prop_assert_ne!(pool_name(&name, &a), pool_name(&name, &b));
        prop_assert_ne!(pool_name(&name, &a), pool_name(&other, &b));
    }

    #[test]
    fn no_name_and_bid_can_be_made_up_to_take_a_pool_name(name in any_name(), taken in any_bid()) {
        let made = pool_name(&name, &taken);
        let words: Vec<_> = made.split(' ').collect();
        for cut in 1..words.len() {
            let (front, back) = words.split_at(cut);
            for bid in ["", "-", "_"].iter().filter_map(|glue| Bid::parse(&back.join(glue)).ok()) {
                if bid != taken {
                    prop_assert_ne!(&pool_name(&front.join(" "), &bid), &made, "taken by {}", bid);
                }
            }
        }
    }

    #[test]
    fn bids_that_look_alike_get_different_ids_and_names(
        bids in hash_set("[aA._-]{1,5}".prop_filter_map("dots", |t| Bid::parse(&t).ok()), 2..80)
    ) {
        let ids: HashSet<_> = bids.iter().map(|bid| organization_id("ic-", bid)).collect();
        prop_assert_eq!(ids.len(), bids.len());
        let names: HashSet<_> = bids.iter().map(|bid| pool_name("North", bid)).collect();
        prop_assert_eq!(names.len(), bids.len());
        let slugs: HashSet<_> = bids.iter().map(|bid| slug_candidates("North", bid).1).collect();
        prop_assert_eq!(slugs.len(), bids.len());
    }

    #[test]
    fn an_organization_id_is_fit_for_a_url(bid in any_bid()) {
        let id = organization_id("ic-", &bid);
        prop_assert!(id.starts_with("ic-"));
        prop_assert!(id.len() <= "ic-".len() + Bid::MAX + "-x12345678".len());
        prop_assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", id);
        prop_assert!(id.split('-').all(|part| !part.is_empty()), "{}", id);
    }

    #[test]
    fn two_bids_never_share_an_organization_id((a, b) in two_bids()) {
        prop_assert_ne!(organization_id("ic-", &a), organization_id("ic-", &b));
    }

    #[test]
    fn no_bid_can_be_made_up_to_take_an_organization_id(taken in any_bid()) {
        let id = organization_id("", &taken);
        if let Ok(bid) = Bid::parse(&id) && bid != taken {
            prop_assert_ne!(organization_id("", &bid), id);
        }
    }

    #[test]
    fn both_slugs_can_be_read_back_and_are_stable(name in any_name(), bid in any_bid()) {
        let (plain, own) = slug_candidates(&name, &bid);
        prop_assert_eq!(Slug::parse(plain.as_str()), Ok(plain.clone()));
        prop_assert_eq!(Slug::parse(own.as_str()), Ok(own.clone()));
        prop_assert!(own.as_str().starts_with(plain.as_str()));
        prop_assert_eq!(slug_candidates(&name, &bid), (plain, own));
    }

    #[test]
    fn the_second_slug_is_nobody_elses((a, b) in two_bids(), name in any_name(), other in any_name()) {
        let (first, second) = slug_candidates(&name, &a);
        prop_assert_ne!(&first, &second);
        for (theirs, their_own) in [slug_candidates(&name, &b), slug_candidates(&other, &b)] {
            prop_assert_ne!(&second, &theirs);
            prop_assert_ne!(&second, &their_own);
        }
    }
}
