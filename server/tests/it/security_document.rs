//! The tests that docs/security.md names as proof are there: a promise whose test was renamed or removed shows.

use std::{collections::BTreeSet, fs, path::Path};

/// Every text between backticks and between double quotes that a test could be called.
fn named(document: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let is_name = |text: &&str| {
        text.matches('_').count() >= 3
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let within = |mark: char| document.lines().flat_map(move |line| line.split(mark).skip(1).step_by(2));
    let rust = within('`').filter(is_name).map(str::to_owned).collect();
    (rust, within('"').map(str::to_owned).collect())
}

/// The texts of all files below `folder` with this ending.
fn sources(folder: &Path, ending: &str, texts: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, ending, texts);
        } else if path.to_string_lossy().ends_with(ending) {
            texts.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_test_that_the_security_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (rust, browser) = named(&fs::read_to_string(root.join("docs/security.md")).unwrap());
    assert!(
        rust.len() > 60 && browser.len() >= 4,
        "{} and {}: they are not recognised",
        rust.len(),
        browser.len()
    );
    let (mut rust_texts, mut browser_texts) = (String::new(), String::new());
    for folder in ["server/src", "server/tests", "crates"] {
        sources(&root.join(folder), ".rs", &mut rust_texts);
    }
    sources(&root.join("end2end/tests"), ".spec.ts", &mut browser_texts);
    let missing: Vec<&String> = rust
        .iter()
        .filter(|name| !rust_texts.contains(&format!("fn {name}(")))
        .chain(browser.iter().filter(|title| !browser_texts.contains(&format!("test(\"{title}\""))))
        .collect();
    assert!(missing.is_empty(), "docs/security.md names what is not there: {missing:?}");
}
