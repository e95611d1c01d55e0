//! Made-up billers: the same for every run, with names, regions and gaps like real ones.

use std::fmt::Write as _;

/// Syllables of equal length: no place is the beginning of another one.
const SYLLABLES: [&str; 64] = [
    "bal", "ber", "bon", "bra", "cal", "cas", "cor", "dal", "del", "den", "dor", "dun", "elm", "fal", "fer",
    "fir", "gar", "gil", "gle", "gra", "hal", "har", "hol", "ing", "jas", "kel", "ken", "kir", "lam", "lan",
    "lin", "lor", "mal", "mar", "mer", "mil", "mon", "nar", "nel", "nor", "oak", "pal", "pel", "pin", "por",
    "qui", "ran", "ren", "ros", "sal", "san", "sel", "sil", "sol", "tal", "tam", "tor", "val", "ven", "ver",
    "wal", "wes", "win", "yar",
];

const STATES: [&str; 51] = [
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN", "KS",
    "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV",
    "NY", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT", "WA", "WI", "WV", "WY",
];

const OWNERSHIPS: [&str; 7] = [
    "Municipal",
    "Cooperative",
    "Investor Owned",
    "Political Subdivision",
    "State",
    "Federal",
    "Retail Power Marketer",
];

/// Bids begin here, so that all have the same length.
const FIRST_BID: usize = 7_000_000;

/// The bid of a biller.
pub(crate) const fn bid(index: usize) -> usize {
    FIRST_BID + index
}

/// The place a biller is named after: no two of 262 144 share one.
pub(crate) fn place(index: usize) -> String {
    // An odd factor only shuffles the numbers below a power of two.
    let shuffled = index * 40_503 % (64 * 64 * 64);
    let syllable = |n: usize| SYLLABLES.get(n % 64).copied().unwrap_or_default();
    let place = [shuffled / 4_096, shuffled / 64, shuffled].map(syllable).concat();
    place[..1].to_ascii_uppercase() + &place[1..]
}

fn name(index: usize) -> String {
    let place = place(index);
    match index % 8 {
        0 => format!("City of {place} Water Department"),
        1 => format!("{place} Electric Cooperative Assn"),
        2 => format!("Town of {place} Light Department"),
        3 => format!("{place} Municipal Light & Power"),
        4 => format!("{place} Gas & Water Company, Inc"),
        5 => format!("Village of {place} - (Utilities)"),
        6 => format!("{place} Public Utility District No {}", index % 9 + 1),
        _ => format!("Río {place} Agua y Luz Municipal"),
    }
}

/// The file to import.
pub(crate) fn csv(billers: usize) -> String {
    let mut file = String::from("bid,name,state,ownership,customers,tier,time_zone\n");
    for index in 0..billers {
        // Another odd factor, so that the columns do not move together.
        let dice = index * 2_654_435_761 % (1 << 32) / 7;
        let state = STATES.get(dice % STATES.len()).copied().unwrap_or_default();
        let ownership = OWNERSHIPS.get(dice / 51 % OWNERSHIPS.len()).copied().unwrap_or_default();
        let customers = if dice.is_multiple_of(13) { String::new() } else { (dice % 240_000).to_string() };
        let tier = ["gold", "silver", "bronze", ""].get(dice / 357 % 4).copied().unwrap_or_default();
        let zone = if dice.is_multiple_of(5) { "" } else { "America/Chicago" };
        let (bid, name) = (bid(index), name(index));
        // Writing into a String does not fail.
        let _ = writeln!(file, "{bid},\"{name}\",{state},{ownership},{customers},{tier},{zone}");
    }
    file
}
