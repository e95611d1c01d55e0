//! The vendor's Swagger files, and finding the operation of a request in them.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use jsonschema::Validator;
use serde_json::Value;

/// The files, each with the path its operations begin at. `{}` stands for any one segment: the files are
/// written for an example tenant.
const FILES: &[(&str, &[&str])] = &[
    ("admin", &["api", "admin", "{}"]),
    ("identity", &["api", "identity", "{}"]),
    ("identitysystem", &["api", "identity", "{}"]),
    ("system", &["api", "system", "{}"]),
    ("licensingadmin", &["api", "licensing", "{}"]),
    ("analytics", &["api", "analytics", "{}"]),
    ("oauth2", &["{}", "{}"]),
];

/// The files, read, with the schemas compiled from them so far.
pub(crate) struct Contract {
    pub(crate) files: Vec<File>,
    pub(crate) schemas: BTreeMap<String, Validator>,
}

/// One Swagger file.
pub(crate) struct File {
    pub(crate) name: &'static str,
    base: &'static [&'static str],
    pub(crate) doc: Value,
}

/// The operation a request belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) file: usize,
    pub(crate) name: String,
    pub(crate) operation: Value,
    pub(crate) path_values: Vec<(String, String)>,
}

/// The folder of the files: `SECUREAUTH_SPEC_DIR`, or the place they have beside a checkout.
fn folder() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/secureauth");
    env::var_os("SECUREAUTH_SPEC_DIR").map_or_else(beside, PathBuf::from)
}

/// Reads the files; `None`, with a word on it, where there are none.
#[expect(clippy::print_stdout, reason = "the reader of a test run has to see that nothing was checked")]
pub(crate) fn load() -> Option<Contract> {
    let folder = folder();
    if !folder.join("admin.yaml").is_file() {
        let place = folder.display();
        println!(
            "SKIPPED: the vendor's Swagger files are not in {place}; name their folder in SECUREAUTH_SPEC_DIR"
        );
        return None;
    }
    let files = FILES
        .iter()
        .map(|&(name, base)| {
            let text = fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
            File { name, base, doc: serde_yaml_ng::from_str(&text).unwrap() }
        })
        .collect();
    Some(Contract { files, schemas: BTreeMap::new() })
}

impl Contract {
    /// The operation with this method and path.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Found> {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let mut best: Option<(usize, Found)> = None;
        for (index, file) in self.files.iter().enumerate() {
            let Some(rest) = below(file.base, &segments) else { continue };
            for (template, item) in file.doc["paths"].as_object().unwrap() {
                let operation = &item[method.to_lowercase()];
                let Some(values) = matched(template, rest).filter(|_| !operation.is_null()) else { continue };
                // "…/idps/identity_pool" is also an "…/idps/{iid}": the more literal template is meant.
                let literal = rest.len() - values.len();
                if best.as_ref().is_none_or(|(other, _)| literal > *other) {
                    let name = format!("{}.{}", file.name, operation["operationId"].as_str().unwrap());
                    let operation = operation.clone();
                    best = Some((literal, Found { file: index, name, operation, path_values: values }));
                }
            }
        }
        best.map(|(_, found)| found)
    }

    /// The response the contract declares for a status, looked up where it is a reference.
    pub(crate) fn response(&self, found: &Found, status: u16) -> Option<Value> {
        let response = found.operation["responses"].get(status.to_string())?;
        match response["$ref"].as_str() {
            None => Some(response.clone()),
            Some(reference) => {
                let name = reference.strip_prefix("#/responses/").unwrap();
                Some(self.files[found.file].doc["responses"][name].clone())
            }
        }
    }
}

/// The segments after the base, if the path begins with it.
fn below<'a>(base: &[&str], segments: &'a [&'a str]) -> Option<&'a [&'a str]> {
    let fits = segments.len() > base.len()
        && base.iter().zip(segments).all(|(wanted, has)| *wanted == "{}" || wanted == has);
    // An issuer can be anything but an API.
    let issuer = base[0] == "{}";
    (fits && !(issuer && segments[0] == "api")).then(|| &segments[base.len()..])
}

/// The values of the template's parameters, if the segments fit it.
fn matched(template: &str, segments: &[&str]) -> Option<Vec<(String, String)>> {
    let wanted: Vec<&str> = template.trim_start_matches('/').split('/').collect();
    if wanted.len() != segments.len() {
        return None;
    }
    let mut values = Vec::new();
    for (wanted, has) in wanted.iter().zip(segments) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !has.is_empty() => values.push((name.to_owned(), (*has).to_owned())),
            None if wanted == has => {}
            _ => return None,
        }
    }
    Some(values)
}
