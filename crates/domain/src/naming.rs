//! Names and ids at SecureAuth and in login URLs, derived from a biller.

use deunicode::deunicode;
use sha2::{Digest, Sha256};

use crate::{Bid, Slug};

/// The longest pool name we make, in characters; the vendor states no limit.
pub const POOL_NAME_MAX: usize = 100;

/// Lower-case ASCII letters and digits with single dashes between words; empty when nothing is left.
fn dashed(text: &str) -> String {
    let mut out = String::new();
    for c in deunicode(text).chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if matches!(c, '\'' | '’') {
            // "O'Brien" reads better as "obrien" than as "o-brien".
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// An `x` and eight hex digits that tell two bids apart when their readable forms collide.
fn fingerprint(bid: &Bid) -> String {
    let mut digest = hex::encode(Sha256::digest(bid.as_str().as_bytes()));
    digest.truncate(8);
    format!("x{digest}")
}

/// Whether the last word looks like a fingerprint. A bid that reads so gets one of its own; otherwise it
/// could be taken for the readable form of another bid with its fingerprint.
fn reads_like_fingerprint(dashed: &str) -> bool {
    let last = dashed.rsplit('-').next().unwrap_or_default();
    last.strip_prefix('x')
        .is_some_and(|hex| hex.len() == 8 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// The organization's id: `{prefix}{bid}`. It is visible for ever in the issuer, so it carries the stable
/// bid and not the name. A bid that is not already lower-case letters, digits and single dashes gets a
/// fingerprint, so that two bids never share an id.
#[must_use]
pub fn organization_id(prefix: &str, bid: &Bid) -> String {
    let readable = dashed(bid.as_str());
    if readable.is_empty() {
        format!("{prefix}{}", fingerprint(bid))
    } else if readable == bid.as_str() && !reads_like_fingerprint(&readable) {
        format!("{prefix}{readable}")
    } else {
        format!("{prefix}{readable}-{}", fingerprint(bid))
    }
}

/// The id of an object beside the organization, e.g. `ic-34-pool`.
#[must_use]
pub fn sibling_id(organization_id: &str, suffix: &str) -> String {
    format!("{organization_id}-{suffix}")
}

/// A pool name the vendor takes: letters, digits and single spaces only, ending in the bid's own
/// letters and digits so that it is unique. The true name goes into the description.
#[must_use]
pub fn pool_name(name: &str, bid: &Bid) -> String {
    let mut words = String::new();
    for c in deunicode(name).replace('&', " and ").chars() {
        if c.is_ascii_alphanumeric() {
            words.push(c);
        } else if !matches!(c, '\'' | '’') && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    let plain: String = bid.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let tail = if plain.is_empty() {
        fingerprint(bid)
    } else if plain == bid.as_str() && !reads_like_fingerprint(&plain) {
        plain
    } else {
        format!("{plain} {}", fingerprint(bid))
    };
    let room = POOL_NAME_MAX.saturating_sub(tail.len() + 1);
    words.truncate(room);
    let words = words.trim_end();
    if words.is_empty() { format!("Biller {tail}") } else { format!("{words} {tail}") }
}

/// The two slugs a biller may get: the readable one, and the one that is surely its own.
#[must_use]
pub fn slug_candidates(name: &str, bid: &Bid) -> (Slug, Slug) {
    let mut words = dashed(name);
    words.truncate(Slug::MAX - 24);
    let words = words.trim_end_matches('-');
    let own = organization_id("", bid);
    let own = if own.len() > 22 { fingerprint(bid) } else { own };
    let plain = if words.is_empty() { format!("biller-{own}") } else { words.to_owned() };
    // Two dashes never occur in a plain slug, so the second form collides with no biller's first.
    let with_bid = format!("{plain}--{own}");
    (Slug::from_dashed(plain), Slug::from_dashed(with_bid))
}
