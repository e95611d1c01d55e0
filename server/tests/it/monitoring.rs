//! What our own monitoring is told, by a server and by a worker.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use reqwest::StatusCode;

use crate::console_process::{ConsoleProcess, command, sandbox};

async fn get(url: String) -> (StatusCode, String) {
    let answer = reqwest::get(url).await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// What monitoring is told once the vendor's figures are in it, which the program reads when it starts.
async fn told_of_the_vendor(ops: &str) -> String {
    for _ in 0..100 {
        let (status, metrics) = get(format!("{ops}/metrics")).await;
        assert_eq!(status, StatusCode::OK);
        if metrics.contains("ciam_incidents_open 0") {
            return metrics;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the vendor's figures are not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_tells_its_measurements_and_whether_it_can_work() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let worker = ConsoleProcess::start_worker(data.path(), &sandbox);
    assert_eq!((worker.console.as_str(), worker.public.as_str()), ("", ""), "it serves nobody else");
    assert_eq!(get(format!("{}/healthz", worker.ops)).await, (StatusCode::OK, "ok\n".to_owned()));
    let (status, ready) = get(format!("{}/readyz", worker.ops)).await;
    assert!(status == StatusCode::OK && ready.contains("\"ready\":true"), "{ready}");
    let metrics = told_of_the_vendor(&worker.ops).await;
    assert!(metrics.contains("http_responses_total{status=\"200\"}"), "{metrics}");
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_machine_is_told_which_key_to_change() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let first = ConsoleProcess::start(data.path(), &sandbox);
    let taken = first.ops.trim_start_matches("http://").to_owned();
    let serve: &[&str] = &["serve", "--console-addr", "127.0.0.1:0", "--public-addr", "127.0.0.1:0"];
    for arguments in [serve, &["worker"]] {
        let other = tempfile::tempdir().unwrap();
        let mut second = command(other.path(), &sandbox);
        second.args(arguments).env("CIAM_SERVER__OPS_ADDR", &taken).stderr(Stdio::piped());
        let output = tokio::task::spawn_blocking(move || second.output().unwrap()).await.unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let said = said(&output);
        assert!(said.contains(&taken) && said.contains("server.ops_addr or --ops-addr"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_nobody_is_told_anything() {
    let sandbox = sandbox().await;
    let data = tempfile::tempdir().unwrap();
    let off = [("CIAM_SERVER__OPS_ADDR", String::new())];
    let console = ConsoleProcess::start_with(data.path(), &sandbox, &off);
    assert_eq!(console.ops, "");
    assert_eq!(get(format!("{}/readyz", console.console)).await.0, StatusCode::OK, "for the load balancer");
    assert_eq!(get(format!("{}/metrics", console.console)).await.0, StatusCode::NOT_FOUND);
}
