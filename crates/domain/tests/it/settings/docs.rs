//! The table of the manual is the catalogue.

use std::{env, fmt::Write as _, fs, path::PathBuf};

use domain::settings::{Scope, Setting, Support, VendorField, catalogue};

const BEGIN: &str = "<!-- catalogue -->";
const END: &str = "<!-- /catalogue -->";

fn table() -> String {
    let mut text = String::new();
    for scope in Scope::ALL {
        let _ = write!(text, "\n### {}\n\n", scope.label());
        text.push_str("| key | setting | vendor's field | takes | support | default | risk | owner |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for setting in catalogue::of_scope(*scope) {
            text.push_str(&row(setting));
        }
    }
    text
}

fn row(setting: &'static Setting) -> String {
    let field = match setting.field {
        VendorField::At(path) => format!("`{path}`"),
        VendorField::Not(path) => format!("not `{path}`"),
        VendorField::Bound { call, .. } | VendorField::Call(call) => format!("`{call}`"),
    };
    let support = match setting.support {
        Support::Supported => "supported".to_owned(),
        Support::Planned(why) => format!("planned: {why}"),
        Support::NotOffered(why) => format!("not offered: {why}"),
    };
    let default = match setting.default {
        _ if setting.support != Support::Supported => "–".to_owned(),
        Some("") => "none".to_owned(),
        Some(text) => format!("`{text}`"),
        None => "SecureAuth's own".to_owned(),
    };
    let takes = if setting.path().is_some() && setting.is_watched() {
        setting.kind.describe()
    } else {
        "–".to_owned()
    };
    let risk = if setting.needs_approval {
        format!("{}, second person", setting.risk)
    } else {
        setting.risk.to_string()
    };
    format!(
        "| `{}` | {} | {field} | {takes} | {support} | {default} | {risk} | {} |\n",
        setting.key,
        setting.label,
        setting.owner.label()
    )
}

#[test]
fn the_manual_has_the_table_of_this_catalogue() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let manual = fs::read_to_string(&path).unwrap();
    let (before, rest) = manual.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let wanted = format!("\n{}\n", table());
    if env::var_os("WRITE_SETTINGS_TABLE").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    assert!(
        found == wanted,
        "docs/settings.md is behind the catalogue: run this test once with WRITE_SETTINGS_TABLE=1"
    );
}
