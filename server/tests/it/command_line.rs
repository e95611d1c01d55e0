//! The commands as an operator types them.

use std::process::Output;

use crate::console_process::{command, sandbox};

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The command with its output kept, while the sandbox goes on answering.
async fn run(mut command: std::process::Command) -> Output {
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_working_set_up_good_and_names_the_cure_of_a_broken_one() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let mut good = command(data.path(), &sandbox);
    good.arg("doctor");
    let output = run(good).await;
    assert!(output.status.success(), "{}", said(&output));
    for part in [
        "Database",
        "Discovery of the admin workspace",
        "Token of the system workspace",
        "Clock",
        "Scope revoke_tokens",
    ] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }

    let mut wrong_tenant = command(data.path(), &sandbox);
    wrong_tenant
        .arg("doctor")
        .env("CIAM_SECUREAUTH__TENANT_ID", "default")
        .env("CIAM_SECUREAUTH__ADMIN_ISSUER", format!("{}/default/admin", sandbox.base_url()));
    let output = run(wrong_tenant).await;
    assert!(!output.status.success());
    assert!(said(&output).contains("could not be found"), "{}", said(&output));
    assert!(said(&output).contains("put our tenant id there"), "{}", said(&output));

    let mut wrong_secret = command(data.path(), &sandbox);
    wrong_secret.arg("doctor").env("CIAM_SECUREAUTH__ADMIN__CLIENT_SECRET", "a-very-secret-value");
    let output = run(wrong_secret).await;
    assert!(!output.status.success());
    assert!(said(&output).contains("Check client id, client secret"), "{}", said(&output));
    assert!(!said(&output).contains("a-very-secret-value"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_and_every_bad_row_is_named() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("billers.csv");
    std::fs::write(
        &file,
        "\u{feff}NAME,bid,customers\r\nCity of Ada,87,1200\r\nNobody,,5\r\n\"Acme, Gas\",88,many\r\n",
    )
    .unwrap();
    let mut import = command(data.path(), &sandbox);
    import.args(["import", "billers"]).arg(&file);
    let output = run(import).await;
    assert!(!output.status.success(), "bad rows are an error for scripts: {}", said(&output));
    assert!(said(&output).contains("1 new, 0 changed, 0 unchanged, 2 wrong"), "{}", said(&output));
    assert!(said(&output).contains("line 3, bid"), "{}", said(&output));
    assert!(said(&output).contains("line 4, customers"), "{}", said(&output));

    let mut verify = command(data.path(), &sandbox);
    verify.args(["audit", "verify"]);
    let output = run(verify).await;
    assert!(output.status.success() && said(&output).contains("The audit log is whole"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_the_configuration_name_key_and_cure() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    for (key, value, expected) in [
        ("CIAM_SERVER__WORKERS", "many", "workers"),
        ("CIAM_DATABASE__URLL", "x", "urll"),
        ("CIAM_OBJECTS__ID_PREFIX", "IC ", "objects.id_prefix"),
        ("CIAM_ENVIRONMENT", "production", "public.url"),
        ("CIAM_API_KEYS", "[{name=\"x\",key=\"short\"}]", "shorter than 32"),
    ] {
        let mut doctor = command(data.path(), &sandbox);
        doctor.arg("doctor").env(key, value);
        let output = run(doctor).await;
        assert!(!output.status.success(), "{key}={value}");
        assert!(said(&output).to_lowercase().contains(expected), "{key}={value}: {}", said(&output));
    }
    let mut real_vendor = command(data.path(), &sandbox);
    real_vendor
        .args(["serve", "--console-addr", "127.0.0.1:0", "--public-addr", "127.0.0.1:0"])
        .env("CIAM_SECUREAUTH__API_BASE", "https://tenant.example");
    let output = run(real_vendor).await;
    assert!(!output.status.success(), "roles to choose from must never reach a real vendor");
    assert!(said(&output).contains("set \"test\" or \"production\""), "{}", said(&output));
    let mut open_to_all = command(data.path(), &sandbox);
    open_to_all.args(["serve", "--console-addr", "0.0.0.0:0", "--public-addr", "127.0.0.1:0"]);
    let output = run(open_to_all).await;
    assert!(!output.status.success(), "roles to choose from must never reach anybody else's machine");
    assert!(said(&output).contains("listen on 127.0.0.1"), "{}", said(&output));
}

/// The program with nothing but a data directory.
fn unconfigured(data: &std::path::Path) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ciam-console"));
    command.arg("--data-dir").arg(data).env("RUST_LOG", "error");
    command
}

#[tokio::test]
async fn a_file_can_be_imported_before_anything_is_configured() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("billers.csv");
    std::fs::write(&file, "bid,name\n87,City of Ada\n").unwrap();
    let mut import = unconfigured(data.path());
    import.args(["import", "billers"]).arg(&file);
    let output = run(import).await;
    assert!(output.status.success() && said(&output).contains("1 new"), "{}", said(&output));
}

#[tokio::test]
async fn the_configuration_file_may_be_named_by_a_variable() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("ciam.toml");
    std::fs::write(&file, "[server]\nworkers = \"many\"\n").unwrap();
    let mut command = unconfigured(data.path());
    command.arg("config").env("CIAM_CONFIG", &file);
    let output = run(command).await;
    assert!(said(&output).contains("workers"), "the file is read: {}", said(&output));
    std::fs::write(&file, "[server]\nworkers = 1\n").unwrap();
    let mut command = unconfigured(data.path());
    command.arg("config").env("CIAM_CONFIG", &file);
    let output = run(command).await;
    assert!(output.status.success(), "{}", said(&output));
}
