//! kill -9 for real: the sandbox kills the console at a chosen request, before or after applying it.

use std::time::{Duration, Instant};

use sandbox::{KillAction, KillSpec, ObjectKind, Phase, RunningSandbox};
use serde_json::{Value, json};

use crate::console_process::{API_KEY, ConsoleProcess, sandbox};

/// Announces a biller; the policy for new billers enables it.
async fn announce(http: &reqwest::Client, console: &ConsoleProcess, bid: &str) {
    let url = format!("{}/api/v1/billers/{bid}", console.console);
    let answer =
        http.put(url).bearer_auth(API_KEY).json(&json!({ "name": "Killed City" })).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

fn objects_of(sandbox: &RunningSandbox, bid: &str) -> [usize; 4] {
    let state = sandbox.state();
    let prefix = format!("ic-{bid}");
    let belongs = |id: &String| id == &prefix || id.starts_with(&format!("{prefix}-"));
    [ObjectKind::Organization, ObjectKind::Pool, ObjectKind::Binding, ObjectKind::Application]
        .map(|kind| state.all(kind).filter(|(id, _)| belongs(id)).count())
}

/// Every vendor request of an enablement, each once before and once after it is applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_console_killed_at_any_request_finishes_after_the_restart() {
    let sandbox = sandbox().await;
    let http = reqwest::Client::new();
    let data = tempfile::tempdir().unwrap();
    let mut console = ConsoleProcess::start(data.path(), &sandbox);
    let mut killed = 0;
    'requests: for at_request in 1.. {
        for phase in [Phase::BeforeApplying, Phase::AfterApplying] {
            let bid = format!("k{at_request}{}", if phase == Phase::BeforeApplying { "b" } else { "a" });
            sandbox.faults().kill_at(mutating(at_request, phase), KillAction::Process(console.id()));
            announce(&http, &console, &bid).await;
            if !was_killed(&mut console, &http, &bid).await {
                sandbox.faults().clear();
                break 'requests;
            }
            killed += 1;
            console = ConsoleProcess::start(data.path(), &sandbox);
            let oidc = console.wait_until_enabled(&bid).await;
            assert_eq!(objects_of(&sandbox, &bid), [1, 1, 1, 1], "{bid}: {oidc}");
        }
    }
    assert!(killed >= 8, "only {killed} kills: the hook no longer meets the requests of an enablement");
}

/// Writes only: a read that is cut off changes nothing, and the in-process tests stop at those too.
fn mutating(at_request: u64, phase: Phase) -> KillSpec {
    KillSpec { at_request, phase, operation: "*.create*".to_owned() }
}

/// Waits for the kill, or for the enablement that was not met by it.
async fn was_killed(console: &mut ConsoleProcess, http: &reqwest::Client, bid: &str) -> bool {
    let url = format!("{}/api/v1/billers/{bid}/oidc", console.console);
    let begun = Instant::now();
    loop {
        match http.get(&url).bearer_auth(API_KEY).send().await {
            Err(_) => {
                console.wait();
                return true;
            }
            Ok(answer) if answer.status() == 200 => {
                let body: Value = answer.json().await.unwrap_or_default();
                if body["status"] == "enabled" {
                    return false;
                }
            }
            Ok(_) => {}
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{bid}: neither killed nor enabled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
