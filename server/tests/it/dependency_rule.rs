//! Which of our crates may use which. Dev-dependencies are exempt: tests may bring everything together.

use std::{collections::BTreeSet, env, process::Command};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand};

/// Every crate of ours with the crates of ours that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("app", &["domain", "services"]),
    ("domain", &[]),
    ("frontend", &["app"]),
    ("sandbox", &["domain"]),
    ("secureauth", &["domain"]),
    ("server", &["app", "domain", "sandbox", "secureauth", "services", "storage"]),
    ("services", &["domain", "secureauth", "storage"]),
    ("storage", &["domain"]),
];

/// What has no place in the browser: our server side, and whatever does I/O for it.
const NOT_IN_BROWSER: &[&str] =
    &["axum", "hyper", "mio", "reqwest", "sandbox", "secureauth", "services", "sqlx", "storage", "tokio"];

fn manifest() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml").to_owned()
}

fn workspace() -> Metadata {
    MetadataCommand::new().manifest_path(manifest()).no_deps().exec().unwrap()
}

/// Every dependency that is built into the crate or its build script.
fn built_in(workspace: &Metadata) -> impl Iterator<Item = (&str, &Dependency)> {
    workspace.workspace_packages().into_iter().flat_map(|package| {
        let built_in = |dependency: &&Dependency| dependency.kind != DependencyKind::Development;
        package.dependencies.iter().filter(built_in).map(|dependency| (package.name.as_str(), dependency))
    })
}

/// The edges that the table does not hold, as `from → to`.
fn forbidden<'a>(edges: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let allowed =
        |from: &str, to: &str| ALLOWED.iter().any(|(name, uses)| *name == from && uses.contains(&to));
    edges
        .into_iter()
        .filter(|(from, to)| !allowed(from, to))
        .map(|(from, to)| format!("{from} → {to}"))
        .collect()
}

#[test]
fn our_crates_use_each_other_only_as_the_table_says() {
    let workspace = workspace();
    let ours: BTreeSet<&str> = workspace.workspace_packages().iter().map(|p| p.name.as_str()).collect();
    let table: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, table, "a crate came or went: decide what it may use, here and in docs/architecture.md");
    let edges: Vec<_> = built_in(&workspace)
        .filter(|(_, dependency)| dependency.path.is_some() || ours.contains(dependency.name.as_str()))
        .map(|(from, dependency)| (from, dependency.name.as_str()))
        .collect();
    assert!(edges.contains(&("app", "domain")), "no edges were read: {edges:?}");
    assert_eq!(
        forbidden(edges),
        Vec::<String>::new(),
        "remove the dependency, or move the code that needs it"
    );
}

#[test]
fn an_edge_outside_the_table_is_found() {
    let edges = [("app", "domain"), ("domain", "storage"), ("storage", "secureauth"), ("new", "domain")];
    assert_eq!(forbidden(edges), ["domain → storage", "storage → secureauth", "new → domain"]);
}

#[test]
fn pages_use_the_services_only_where_they_are_rendered_on_the_server() {
    let workspace = workspace();
    let services: Vec<_> =
        built_in(&workspace).filter(|edge| edge.0 == "app" && edge.1.name == "services").collect();
    assert!(services.iter().all(|(_, dependency)| dependency.optional), "app → services must be optional");
    let packages = workspace.workspace_packages();
    let app = packages.iter().find(|package| package.name.as_str() == "app").unwrap();
    let switching_on = |wanted: &[&str]| -> Vec<&str> {
        let names = |item: &String| wanted.contains(&item.split('/').next().unwrap_or_default());
        app.features
            .iter()
            .filter(|(_, items)| items.iter().any(names))
            .map(|(name, _)| name.as_str())
            .collect()
    };
    assert_eq!(switching_on(&["dep:services", "services"]), ["ssr"]);
    assert_eq!(switching_on(&["ssr"]), Vec::<&str>::new(), "no other feature may switch ssr on");
}

#[test]
fn only_storage_speaks_sql() {
    let workspace = workspace();
    let sql: BTreeSet<_> =
        built_in(&workspace).filter(|edge| edge.1.name.starts_with("sqlx")).map(|edge| edge.0).collect();
    assert_eq!(sql, BTreeSet::from(["storage"]));
}

/// `cargo tree` and not the metadata: that merges the features of all crates, so it shows the server's pages too.
#[test]
fn the_browser_gets_no_server_no_database_and_no_runtime() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "--package", "frontend", "--target", "wasm32-unknown-unknown"])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}", "--manifest-path"])
        .arg(manifest())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    for expected in ["frontend", "app", "domain", "leptos"] {
        assert!(names.contains(expected), "{expected} is missing, so the tree was not read: {names:?}");
    }
    let present: Vec<_> = NOT_IN_BROWSER.iter().filter(|name| names.contains(**name)).collect();
    assert!(
        present.is_empty(),
        "{present:?} came into the browser; `cargo tree -p frontend --target \
        wasm32-unknown-unknown -i NAME` tells by which way"
    );
}
