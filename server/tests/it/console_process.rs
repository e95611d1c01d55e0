//! The real program as a child process, against a sandbox of the test's own.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::Value;
use server::runtime::{SystemClock, SystemEntropy};

/// A sandbox of the test's own.
pub(crate) async fn sandbox() -> RunningSandbox {
    // Installed once for the process; every later attempt says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Sandbox::start(SandboxConfig::default(), Arc::new(SystemClock), Arc::new(SystemEntropy)).await.unwrap()
}

/// The key with which the tests call the API.
pub(crate) const API_KEY: &str = "test-key-test-key-test-key-test-key";

/// A running console.
pub(crate) struct ConsoleProcess {
    child: Child,
    /// Where the console answers.
    pub(crate) console: String,
    /// Where login URLs are answered.
    pub(crate) public: String,
    /// Where monitoring is answered.
    pub(crate) ops: String,
}

impl ConsoleProcess {
    /// Starts the program on `data_dir` and waits until it answers.
    pub(crate) fn start(data_dir: &Path, sandbox: &RunningSandbox) -> Self {
        Self::start_with(data_dir, sandbox, &[])
    }

    /// The same with other settings.
    pub(crate) fn start_with(data_dir: &Path, sandbox: &RunningSandbox, settings: &[(&str, String)]) -> Self {
        let ready = data_dir.join("ready.json");
        let _ = std::fs::remove_file(&ready);
        let child = command(data_dir, sandbox)
            .args(["serve", "--console-addr", "127.0.0.1:0", "--public-addr", "127.0.0.1:0", "--ready-file"])
            .arg(&ready)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .spawn()
            .unwrap();
        Self::ready(child, &ready)
    }

    /// Starts a worker, which has the listener for monitoring only.
    pub(crate) fn start_worker(data_dir: &Path, sandbox: &RunningSandbox) -> Self {
        let ready = data_dir.join("worker.json");
        let child = command(data_dir, sandbox).args(["worker", "--ready-file"]).arg(&ready).spawn().unwrap();
        Self::ready(child, &ready)
    }

    fn ready(child: Child, ready: &PathBuf) -> Self {
        let mut process = Self { child, console: String::new(), public: String::new(), ops: String::new() };
        let addresses = process.wait_until_ready(ready);
        let address = |name: &str| addresses[name].as_str().unwrap_or_default().to_owned();
        process.console = address("console");
        process.public = address("public");
        process.ops = address("ops");
        process
    }

    fn wait_until_ready(&mut self, ready: &PathBuf) -> Value {
        let begun = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(ready) {
                return serde_json::from_str(&text).unwrap();
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the console ended before it was ready: {status}");
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "the console does not get ready");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until a biller is enabled; answers its OIDC settings.
    pub(crate) async fn wait_until_enabled(&self, bid: &str) -> Value {
        let http = reqwest::Client::new();
        let url = format!("{}/api/v1/billers/{bid}/oidc", self.console);
        let begun = Instant::now();
        loop {
            let answer = http.get(&url).bearer_auth(API_KEY).send().await.unwrap();
            if answer.status() == 200 {
                let body: Value = answer.json().await.unwrap();
                if body["status"] == "enabled" {
                    return body;
                }
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{bid} does not get enabled");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// The process' id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until the process has ended, e.g. because it was killed.
    pub(crate) fn wait(&mut self) {
        self.child.wait().unwrap();
    }
}

impl Drop for ConsoleProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, configured by environment alone to work against `sandbox`.
pub(crate) fn command(data_dir: &Path, sandbox: &RunningSandbox) -> Command {
    let (admin_id, admin_secret) = sandbox.admin_credentials();
    let (system_id, system_secret) = sandbox.system_credentials();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ciam-console"));
    command
        .arg("--data-dir")
        .arg(data_dir)
        .env("CIAM_SERVER__OPS_ADDR", "127.0.0.1:0")
        .env("CIAM_SECUREAUTH__API_BASE", sandbox.base_url())
        .env("CIAM_SECUREAUTH__TENANT_ID", "sandbox")
        .env("CIAM_SECUREAUTH__ADMIN_ISSUER", sandbox.admin_issuer())
        .env("CIAM_SECUREAUTH__SYSTEM_ISSUER", sandbox.system_issuer())
        .env("CIAM_SECUREAUTH__ADMIN__CLIENT_ID", admin_id)
        .env("CIAM_SECUREAUTH__ADMIN__CLIENT_SECRET", admin_secret)
        .env("CIAM_SECUREAUTH__SYSTEM__CLIENT_ID", system_id)
        .env("CIAM_SECUREAUTH__SYSTEM__CLIENT_SECRET", system_secret)
        .env("CIAM_SECUREAUTH__LIMITS__REQUESTS_PER_SECOND", "500")
        .env("CIAM_SECUREAUTH__LIMITS__BURST", "500")
        .env("CIAM_PUBLIC__LEGACY_LOGIN_URL", format!("{}/legacy/login", sandbox.base_url()))
        .env("CIAM_OBJECTS__REDIRECT_URIS", format!("[\"{}/portal/{{slug}}/callback\"]", sandbox.base_url()))
        .env("CIAM_OBJECTS__POST_LOGOUT_REDIRECT_URIS", "[]")
        .env("CIAM_OBJECTS__CLIENT_AUTH__JWKS_URI", format!("{}/portal/jwks.json", sandbox.base_url()))
        .env("CIAM_NEW_BILLERS__MODE", "on")
        // Faults are for what the test itself asks of the vendor.
        .env("CIAM_PROBES__EVERY_MINUTES", "0")
        .env("CIAM_PROBES__LICENCE_EVERY_MINUTES", "0")
        .env("CIAM_PROBES__SIGN_INS_EVERY_HOURS", "0")
        .env("CIAM_PROBES__SIGN_IN_EVENTS_EVERY_MINUTES", "0")
        .env("CIAM_API_KEYS", format!("[{{name=\"test\",key=\"{API_KEY}\"}}]"))
        .env("CIAM_LOG__FILTER", "error")
        .env("LEPTOS_OUTPUT_NAME", "ciam-console")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}
