//! Settings as a file: what is set on each level, as JSON or TOML. The same settings always make the same bytes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{Kind, Layer, Setting, SettingValue, Values, duration};

/// What the file calls itself.
pub const FORMAT: &str = "ciam-settings";
/// The version of the format.
const VERSION: u64 = 1;

/// What is set, level by level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsFile {
    /// The levels in the file; one without values sets nothing.
    pub levels: BTreeMap<Layer, Values>,
}

/// What is wrong with a file, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileProblem {
    /// Not JSON.
    #[error("The file is no JSON: {0}. Export one to see the form.")]
    NotJson(String),
    /// Not TOML.
    #[error("The file is no TOML: {0} Export one to see the form.")]
    NotToml(String),
    /// A file of something else.
    #[error("The file must have a format \"{FORMAT}\", a version {VERSION} and levels.")]
    Format,
    /// A level that is none.
    #[error("Level {0:?} is none: use \"all\", \"tier:NAME\" or \"biller:BID\".")]
    Level(String),
    /// A key that is none.
    #[error("Level {level}: {key:?} is no setting of the catalogue.")]
    Key {
        /// Where.
        level: String,
        /// The key.
        key: String,
    },
    /// A setting that nobody may set.
    #[error("Level {level}: {key} cannot be set: it is not decided by people.")]
    NotEditable {
        /// Where.
        level: String,
        /// The key.
        key: &'static str,
    },
    /// A value that the setting does not take.
    #[error("Level {level}, {key}: {problem}")]
    Value {
        /// Where.
        level: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl SettingsFile {
    /// The file as text: keys in order, two spaces, a line break at the end.
    #[must_use]
    pub fn write(&self) -> String {
        let levels: Map<String, Value> = self
            .levels
            .iter()
            .map(|(layer, values)| {
                let values: BTreeMap<&str, Value> =
                    values.iter().map(|(key, value)| (key.as_str(), written(value))).collect();
                (layer.to_string(), json!(values))
            })
            .collect();
        let file = json!({ "format": FORMAT, "version": VERSION, "levels": sorted(levels) });
        format!("{file:#}\n")
    }

    /// The file as TOML: a table for each level, keys in order, a line break at the end.
    #[must_use]
    pub fn write_toml(&self) -> String {
        let mut text = format!("format = {}\nversion = {VERSION}\n", quoted(FORMAT));
        if self.levels.is_empty() {
            text.push_str("\n[levels]\n");
        }
        // In the order of their names, as in JSON, whatever the order of levels is.
        let levels: BTreeMap<String, &Values> =
            self.levels.iter().map(|(layer, values)| (layer.to_string(), values)).collect();
        for (layer, values) in levels {
            text.push_str(&format!("\n[levels.{}]\n", quoted(&layer)));
            let values: BTreeMap<&str, &SettingValue> =
                values.iter().map(|(key, value)| (key.as_str(), value)).collect();
            for (key, value) in values {
                text.push_str(&format!("{} = {}\n", quoted(key), toml_value(value)));
            }
        }
        text
    }

    /// Reads a file of JSON.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(text: &str) -> Result<Self, Vec<FileProblem>> {
        let json: Value =
            serde_json::from_str(text).map_err(|error| vec![FileProblem::NotJson(error.to_string())])?;
        Self::read_value(&json)
    }

    /// Reads a file that was parsed, from whichever form.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read_value(json: &Value) -> Result<Self, Vec<FileProblem>> {
        let known = json["format"] == FORMAT && json["version"] == VERSION;
        let Some(levels) = json["levels"].as_object().filter(|_| known) else {
            return Err(vec![FileProblem::Format]);
        };
        let mut file = Self::default();
        let mut problems = Vec::new();
        for (level, values) in levels {
            let (Ok(layer), Some(values)) = (level.parse::<Layer>(), values.as_object()) else {
                problems.push(FileProblem::Level(level.clone()));
                continue;
            };
            let read = values.iter().filter_map(|(key, value)| match read_value(level, key, value) {
                Ok(pair) => Some(pair),
                Err(problem) => {
                    problems.push(problem);
                    None
                }
            });
            file.levels.insert(layer, read.collect());
        }
        if problems.is_empty() { Ok(file) } else { Err(problems) }
    }
}

/// Whether maps keep their order depends on a feature that any dependency may switch on.
fn sorted(levels: Map<String, Value>) -> Map<String, Value> {
    let mut all: Vec<_> = levels.into_iter().collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.into_iter().collect()
}

/// A basic string of TOML. JSON escapes the same characters in the same way, except DEL.
fn quoted(text: &str) -> String {
    json!(text).to_string().replace('\u{7f}', "\\u007f")
}

fn toml_value(value: &SettingValue) -> String {
    match value {
        SettingValue::Flag(on) => on.to_string(),
        SettingValue::Whole(number) => number.to_string(),
        SettingValue::Seconds(seconds) => quoted(&duration::write(*seconds)),
        SettingValue::Text(text) => quoted(text),
        SettingValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn written(value: &SettingValue) -> Value {
    match value {
        SettingValue::Flag(on) => json!(on),
        SettingValue::Whole(number) => json!(number),
        SettingValue::Seconds(seconds) => json!(duration::write(*seconds)),
        SettingValue::Text(text) => json!(text),
        SettingValue::List(items) => json!(items),
    }
}

fn read_value(
    level: &str,
    key: &str,
    value: &Value,
) -> Result<(super::SettingKey, SettingValue), FileProblem> {
    let setting =
        super::find(key).ok_or_else(|| FileProblem::Key { level: level.to_owned(), key: key.to_owned() })?;
    if !setting.is_editable() {
        return Err(FileProblem::NotEditable { level: level.to_owned(), key: setting.key });
    }
    let wrong = |problem: String| FileProblem::Value { level: level.to_owned(), key: setting.key, problem };
    let text = text_of(setting, value).ok_or_else(|| wrong(format!("{value} is of another type.")))?;
    let value = setting.kind.parse(&text).map_err(|invalid| wrong(invalid.to_string()))?;
    Ok((setting.key(), value))
}

fn text_of(setting: &Setting, value: &Value) -> Option<String> {
    match (setting.kind, value) {
        (Kind::Flag, Value::Bool(on)) => Some(on.to_string()),
        (Kind::Whole { .. }, Value::Number(number)) => Some(number.to_string()),
        (Kind::Choices { .. } | Kind::Links { .. } | Kind::Domains, Value::Array(items)) => {
            let texts = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
            Some(texts.join("\n"))
        }
        (Kind::Flag | Kind::Whole { .. } | Kind::Choices { .. } | Kind::Links { .. } | Kind::Domains, _) => {
            None
        }
        (_, Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}
