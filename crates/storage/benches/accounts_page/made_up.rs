//! Accounts that look like people's.

use domain::{
    Bid, Timestamp,
    account::{AccountStatus, Origin, Profile, Side},
};
use storage::{accounts::Account, user_migrations::RowIds};

const GIVEN: [&str; 12] =
    ["Ann", "Bob", "Cid", "Dora", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kay", "Léa"];
const SYLLABLES: [&str; 20] = [
    "ba", "ber", "cho", "dal", "en", "fos", "gra", "hill", "in", "jor", "kin", "lo", "mar", "nor", "o",
    "per", "ros", "son", "tan", "wi",
];

/// A number that looks random, the same each time.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
    let n = (n ^ (n >> 27)).wrapping_mul(0x81da_def4_bc2d_d44d);
    n ^ (n >> 33)
}

fn pick<'a>(from: &[&'a str], n: u64) -> &'a str {
    let length = u64::try_from(from.len()).unwrap_or(1);
    usize::try_from(n % length).ok().and_then(|place| from.get(place)).copied().unwrap_or("a")
}

pub(crate) fn account(bid: &Bid, n: u64) -> Account {
    let dice = mixed(n);
    let mut random = [0; 96];
    for (place, byte) in random.iter_mut().enumerate() {
        *byte = mixed(n.wrapping_mul(97) + place as u64).to_be_bytes()[0];
    }
    let given = pick(&GIVEN, dice).to_owned();
    let family: String = (1..4_u32).map(|turn| pick(&SYLLABLES, dice >> (turn * 8))).collect();
    let status = match dice % 50 {
        0 => AccountStatus::Inactive,
        1 => AccountStatus::New,
        _ => AccountStatus::Active,
    };
    let profile = Profile {
        username: Some(format!("{family}{n}")),
        email: Some(format!("{family}.{n}@example.org")),
        given_name: Some(given),
        family_name: Some(family),
        ..Profile::default()
    };
    let side = Side { status, profile };
    let now = Timestamp::from_micros(1_795_000_000_000_000);
    Account {
        bid: bid.clone(),
        reference: format!("{n:010}"),
        ids: RowIds::mint(&random),
        origin: Origin::Moved,
        ic: (!dice.is_multiple_of(1_000)).then(|| side.clone()),
        ic_version: None,
        ic_digest: None,
        ic_at: Some(now),
        vendor: Some(side),
        vendor_at: Some(now),
        hold: None,
        password_at: Some(now),
        created_at: now,
        changed_at: now,
        version: 0,
    }
}
