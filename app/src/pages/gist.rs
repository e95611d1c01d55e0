//! A change in one line: what was before, what is now.

use serde_json::Value;

/// Values shown at most.
const VALUES: usize = 3;

/// Characters of a value shown at most.
const LENGTH: usize = 60;

/// What changed, e.g. `status: enabling → enabled`. What is as before is left out, and so are ids of ours,
/// which say nothing to a person.
pub(crate) fn gist(before: Option<&Value>, after: Option<&Value>) -> Option<String> {
    let parts: Vec<String> = after?
        .as_object()?
        .iter()
        .filter_map(|(key, now)| part(key, before.and_then(|before| before.get(key)), now))
        .take(VALUES)
        .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn part(key: &str, earlier: Option<&Value>, now: &Value) -> Option<String> {
    if earlier == Some(now) {
        return None;
    }
    let now = shown(key, now)?;
    let name = key.replace('_', " ");
    Some(match earlier {
        Some(value) => {
            let earlier = shown(key, value).unwrap_or_else(|| "none".to_owned());
            format!("{name}: {earlier} → {now}")
        }
        None => format!("{name}: {now}"),
    })
}

/// Where a word of ours stands; elsewhere an underscore belongs to the value.
const WORDS: [&str; 6] = ["status", "state", "kind", "object", "step", "failure"];

/// A single value as people read it; nothing for lists, nulls and ids of ours.
fn shown(key: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if text.parse::<domain::RunId>().is_ok() => return None,
        Value::String(text) if WORDS.contains(&key) => text.replace('_', " "),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    let long = text.chars().count() > LENGTH;
    Some(if long { text.chars().take(LENGTH).chain(['…']).collect() } else { text })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::gist;

    #[test]
    fn a_change_names_both_sides() {
        let told = gist(Some(&json!({ "status": "not_enabled" })), Some(&json!({ "status": "enabling" })));
        assert_eq!(told.as_deref(), Some("status: not enabled → enabling"));
    }

    #[test]
    fn what_was_not_there_before_is_named_so() {
        let told = gist(Some(&json!({ "theme_id": null })), Some(&json!({ "theme_id": "shared" })));
        assert_eq!(told.as_deref(), Some("theme id: none → shared"));
    }

    #[test]
    fn what_is_as_before_is_left_out() {
        let before = json!({ "color": "#007FFF", "deactivated": false });
        let after = json!({ "color": "#007FFF", "deactivated": true });
        assert_eq!(gist(Some(&before), Some(&after)).as_deref(), Some("deactivated: no → yes"));
    }

    #[test]
    fn ids_of_ours_lists_and_nothing_are_left_out() {
        let after =
            json!({ "run": "01a20abb-a671-73dc-b5be-0d617971024c", "billers": ["1"], "file_error": null });
        assert_eq!(gist(None, Some(&after)), None);
        assert_eq!(gist(None, None), None);
    }
}
