//! Personal data as it is shown before somebody says why they need it.

const DOTS: &str = "•••";

/// The first letter of each word; nothing of the length shows.
#[must_use]
pub fn masked_text(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().next().map_or_else(String::new, |first| format!("{first}{DOTS}")))
        .collect();
    words.join(" ")
}

/// The first letter of the name and the last part of the domain.
#[must_use]
pub fn masked_email(email: &str) -> String {
    let first = email.chars().next().map(String::from).unwrap_or_default();
    let top = email.rsplit_once('.').map_or("", |(_, top)| top);
    format!("{first}{DOTS}@{DOTS}.{top}")
}

/// The last two digits.
#[must_use]
pub fn masked_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(2)).collect();
    format!("{DOTS} {last}")
}
