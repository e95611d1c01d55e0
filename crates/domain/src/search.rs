//! Keys for sorting and searching, folded once in Rust so that both databases order alike.

use deunicode::deunicode;

/// The longest sort key, in bytes.
const KEY_MAX: usize = 200;

/// A key that ignores case, accents and punctuation: equal for names that people take for equal.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut key = words(text).join(" ");
    key.truncate(KEY_MAX);
    key.truncate(key.trim_end().len());
    key
}

/// The words of a text, folded, in order.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    deunicode(text)
        .to_ascii_lowercase()
        .replace('\'', "")
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The terms under which a biller is found: every word of its name and its bid, without repeats.
#[must_use]
pub fn biller_terms(name: &str, bid: &str) -> Vec<String> {
    let mut terms = words(name);
    terms.extend(words(bid));
    terms.push(bid.to_ascii_lowercase());
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The first text after every text that begins with `prefix`, for a range search; `None` when there is none.
#[must_use]
pub fn prefix_end(prefix: &str) -> Option<String> {
    // Bytes of UTF-8 order as characters do, so the last character that has a next one is raised.
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}
