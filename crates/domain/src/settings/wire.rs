//! Settings in the vendor's JSON: reading an object, and the fields to lay over it.

use serde_json::{Map, Value, json};

use super::{Kind, Setting, SettingValue, VendorField, duration};

/// What the vendor shows for a setting.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// This value.
    Value(SettingValue),
    /// Nothing, and it is not documented what that means: SecureAuth's own default.
    Own,
    /// Something that no value of ours stands for, as JSON.
    Foreign(String),
}

impl Observed {
    /// The value, where it is one of ours.
    #[must_use]
    pub const fn value(&self) -> Option<&SettingValue> {
        match self {
            Self::Value(value) => Some(value),
            Self::Own | Self::Foreign(_) => None,
        }
    }

    /// For people.
    #[must_use]
    pub fn show(&self, setting: &Setting) -> String {
        match self {
            Self::Value(value) => setting.show(value),
            Self::Own => "SecureAuth's own default".to_owned(),
            Self::Foreign(json) => json.clone(),
        }
    }
}

impl Setting {
    /// Where the setting stands in its object's JSON; `None` for what has calls of its own.
    #[must_use]
    pub const fn path(&self) -> Option<&'static str> {
        match self.field {
            VendorField::At(path) | VendorField::Not(path) => Some(path),
            VendorField::Bound { read, .. } => Some(read),
            VendorField::Call(_) => None,
        }
    }

    /// What the object's JSON, as the vendor answered it, says about this setting.
    #[must_use]
    pub fn observe(&self, object: &Value) -> Observed {
        let Some(path) = self.path() else { return Observed::Own };
        let found = path.split('.').try_fold(object, |value, name| value.get(name)).unwrap_or(&Value::Null);
        if says_nothing(found) {
            return self.absent_value().map_or(Observed::Own, Observed::Value);
        }
        match self.read_json(found) {
            Some(value) => Observed::Value(self.kind.canonical(value)),
            None => Observed::Foreign(found.to_string()),
        }
    }

    /// What an absent field means: as documented, or the type's empty value where that is a value.
    fn absent_value(&self) -> Option<SettingValue> {
        if let Some(text) = self.absent {
            return self.kind.parse(text).ok();
        }
        let empty = match self.kind {
            Kind::Flag => SettingValue::Flag(self.is_negated()),
            Kind::Whole { .. } => SettingValue::Whole(0),
            Kind::Duration { .. } => SettingValue::Seconds(0),
            Kind::Choices { .. } | Kind::Links { .. } | Kind::Domains => SettingValue::List(Vec::new()),
            _ => SettingValue::Text(String::new()),
        };
        self.kind.check(&empty).is_ok().then_some(empty)
    }

    fn read_json(&self, found: &Value) -> Option<SettingValue> {
        match (self.kind, found) {
            (Kind::Flag, Value::Bool(on)) => Some(SettingValue::Flag(*on != self.is_negated())),
            (Kind::Whole { .. }, Value::Number(number)) => {
                // A whole number may be written with a fraction of zero.
                let whole = number.as_f64().filter(|it| *it >= 0.0 && it.fract() == 0.0);
                number
                    .as_u64()
                    .or_else(|| whole.map(|it| format!("{it:.0}"))?.parse().ok())
                    .map(SettingValue::Whole)
            }
            (Kind::Duration { .. }, Value::String(text)) => duration::parse(text).map(SettingValue::Seconds),
            (Kind::Choices { .. } | Kind::Links { .. } | Kind::Domains, Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
                texts.collect::<Option<Vec<String>>>().map(SettingValue::List)
            }
            (
                Kind::Choice(_)
                | Kind::Text { .. }
                | Kind::Colour
                | Kind::Link
                | Kind::Host
                | Kind::Instant
                | Kind::Id,
                Value::String(text),
            ) => Some(SettingValue::Text(text.clone())),
            _ => None,
        }
    }

    /// The value as the vendor writes it. No instant is `null`, because an empty text would be none.
    #[must_use]
    pub fn to_json(&self, value: &SettingValue) -> Value {
        match value {
            SettingValue::Flag(on) => json!(*on != self.is_negated()),
            SettingValue::Whole(number) => json!(number),
            SettingValue::Seconds(seconds) => json!(duration::write(*seconds)),
            SettingValue::Text(text) if text.is_empty() && matches!(self.kind, Kind::Instant) => Value::Null,
            SettingValue::Text(text) => json!(text),
            SettingValue::List(items) => json!(items),
        }
    }

    const fn is_negated(&self) -> bool {
        matches!(self.field, VendorField::Not(_))
    }
}

/// The fields to lay over an object so that it shows these values: a merge patch.
#[must_use]
pub fn patch<'a>(values: impl IntoIterator<Item = (&'static Setting, &'a SettingValue)>) -> Value {
    let mut patch = Map::new();
    for (setting, value) in values {
        if let VendorField::At(path) | VendorField::Not(path) = setting.field {
            insert(&mut patch, path, setting.to_json(value));
        }
    }
    Value::Object(patch)
}

fn insert(fields: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((name, rest)) = path.split_once('.') else {
        fields.insert(path.to_owned(), value);
        return;
    };
    let deeper = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(fields) = deeper {
        insert(fields, rest, value);
    }
}

/// What Go leaves out when it is empty, so that being there and being absent are the same.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == "0s",
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}
