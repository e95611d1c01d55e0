//! An upload whose connection is lost.

use std::time::Duration;

use domain::actor::Role;
use reqwest::{Body, Method, header};
use sqlx::Connection;

use super::house::{House, Visitor};

const OPS: Visitor = Visitor::As(Role::Ops);

/// Id and state of every upload.
async fn uploads(house: &House) -> Vec<(String, String)> {
    let url = format!("sqlite:{}", house.data_dir().join("console.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query_as("SELECT id, state FROM imports").fetch_all(&mut conn).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_a_file_is_never_applied() {
    let house = House::furnished().await;
    let rows: String = (0..5_000).map(|n| format!("half-{n},Half a Name {n}\n")).collect();
    let begin = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\nContent-Type: text/csv\r\n\r\nbid,name\n{rows}"
    );
    let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
    let body = async_stream::stream! {
        yield Ok(begin.into_bytes());
        let _ = wait.await;
        yield Err(std::io::Error::other("the line is cut"));
    };
    let upload = house
        .request(OPS, Method::POST, "/import/upload")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::wrap_stream(body));
    let sending = tokio::spawn(upload.send());
    let begun = std::time::Instant::now();
    while uploads(&house).await.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not begin");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = house.entries().await;
    go_on.send(()).unwrap();
    assert!(sending.await.unwrap().is_err(), "there is no answer on a line that is cut");

    let [(id, _)] = uploads(&house).await.try_into().unwrap();
    let applied =
        house.request(OPS, Method::POST, "/do/apply_import").form(&[("id", &id)]).send().await.unwrap();
    let page = house.follow(OPS, applied).await;
    assert!(!page.contains("The billers are in."), "{page}");
    // Either it was told that the line is cut, or it goes on waiting until the clean-up gives it up.
    let state = uploads(&house).await.remove(0).1;
    assert!(matches!(state.as_str(), "staging" | "unreadable"), "{state}");
    assert!(house.entries().await <= before + 1, "at most that the file could not be read");
    let list = house.request(OPS, Method::GET, "/billers?q=half").send().await.unwrap().text().await.unwrap();
    assert!(!list.contains("Half a Name"), "{list}");
}
