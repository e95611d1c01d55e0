//! Rules between settings: values that are right alone and wrong together.

use std::collections::BTreeMap;

use super::{SettingKey, SettingValue};

/// Two settings that do not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The setting to change.
    pub key: SettingKey,
    /// What is wrong and what to do; shown at the field.
    pub problem: String,
}

/// The values that hold for a biller, by key.
pub type Holding = BTreeMap<SettingKey, SettingValue>;

/// What does not fit together. What is left to SecureAuth is not judged.
#[must_use]
pub fn contradictions(holding: &Holding) -> Vec<Contradiction> {
    [preferred_factor(holding), allowed_factors(holding), single_sign_on(holding), password_length(holding)]
        .into_iter()
        .flatten()
        .collect()
}

fn get<'a>(holding: &'a Holding, key: &str) -> Option<(SettingKey, &'a SettingValue)> {
    let key = key.parse().ok()?;
    holding.get_key_value(&key).map(|(key, value)| (*key, value))
}

fn list<'a>(holding: &'a Holding, key: &str) -> Option<(SettingKey, &'a [String])> {
    match get(holding, key)? {
        (key, SettingValue::List(items)) => Some((key, items)),
        _ => None,
    }
}

fn preferred_factor(holding: &Holding) -> Option<Contradiction> {
    let (key, SettingValue::Text(preferred)) = get(holding, "pool.preferred_mechanism")? else { return None };
    let (_, factors) = list(holding, "pool.mechanisms")?;
    (!factors.contains(preferred)).then(|| Contradiction {
        key,
        problem: "Choose one of the first factors, or add this one to them.".to_owned(),
    })
}

fn allowed_factors(holding: &Holding) -> Option<Contradiction> {
    let (_, factors) = list(holding, "pool.mechanisms")?;
    let (key, allowed) = list(holding, "organization.mechanisms")?;
    let missing = factors.iter().find(|factor| !allowed.contains(factor))?;
    let problem = format!("Allow {missing} too: it is a first factor of the pool, and nobody could use it.");
    Some(Contradiction { key, problem })
}

fn single_sign_on(holding: &Holding) -> Option<Contradiction> {
    let (key, SettingValue::Seconds(idle)) = get(holding, "organization.sso.max_idle")? else { return None };
    let (_, SettingValue::Seconds(age)) = get(holding, "organization.sso.max_age")? else { return None };
    (*age > 0 && idle > age).then(|| Contradiction {
        key,
        problem: "The longest pause cannot be longer than the longest session.".to_owned(),
    })
}

fn password_length(holding: &Holding) -> Option<Contradiction> {
    let number = |key: &str| match get(holding, key) {
        Some((_, SettingValue::Whole(number))) => *number,
        _ => 0,
    };
    let (key, SettingValue::Whole(length)) = get(holding, "pool.password.min_length")? else { return None };
    let needed = number("pool.password.capital_letters")
        + number("pool.password.lowercase_letters")
        + number("pool.password.digits")
        + number("pool.password.special_characters");
    (*length < needed).then(|| Contradiction {
        key,
        problem: format!("The letters, digits and special characters asked for make {needed} already."),
    })
}
