//! How every answer behaves, whatever it is about: headers, cookies, methods, lengths.

use domain::actor::Role;
use reqwest::{Method, Response, StatusCode, header};
use server::doors;

use super::house::{House, Visitor};
use crate::console_process::{ConsoleProcess, sandbox};

fn assert_headers(what: &str, answer: &Response) {
    let header =
        |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert!(header("permissions-policy").contains("camera=()"), "{what}");
    assert_eq!(header("x-request-id").len(), 16, "{what}");
    let policy = header("content-security-policy");
    for directive in ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert!(
        answer.headers().get("server").is_none() && answer.headers().get("x-powered-by").is_none(),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let house = House::furnished().await;
    for door in doors::of_console() {
        for visitor in [Visitor::Nobody, Visitor::As(Role::Auditor)] {
            if matches!(door.path, "/do/sign_in" | "/do/sign_out" | "/launch") && visitor != Visitor::Nobody {
                continue;
            }
            let answer = house.knock(visitor, &door).await;
            assert_headers(&format!("{} {} as {visitor:?}", door.method, door.path), &answer);
        }
    }
    for (what, method, path, length) in [
        ("no such page", Method::GET, "/nowhere", 0),
        ("no such file", Method::GET, "/pkg/none.js", 0),
        ("a path out of the site", Method::GET, "/pkg/..%2f..%2fetc/passwd", 0),
        ("the wrong method", Method::DELETE, "/billers", 0),
        ("too long", Method::POST, "/do/enable", 3 * 1024 * 1024),
    ] {
        let mut request = house.request(Visitor::Nobody, method, path);
        if length > 0 {
            // Said, but never sent: the answer does not wait for it.
            let never = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
            request = request.header(header::CONTENT_LENGTH, length).body(reqwest::Body::wrap_stream(never));
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_client_error(), "{what}: {}", answer.status());
        assert_headers(what, &answer);
    }
    for (base, path) in [
        (&house.console.public, "/healthz"),
        (&house.console.public, "/b/nobody"),
        (&house.console.public, "/anything"),
        (&house.console.ops, "/metrics"),
        (&house.console.ops, "/readyz"),
        (&house.console.ops, "/anything"),
    ] {
        let answer = house.plain(Method::GET, &format!("{base}{path}")).send().await.unwrap();
        assert_headers(path, &answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_answers_no_method_that_has_no_row() {
    let house = House::furnished().await;
    let doors = doors::of_console();
    for door in &doors {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if doors.iter().any(|other| other.path == door.path && other.method == method) {
                continue;
            }
            let path = door.path.replace("{bid}", "enabled").replace("{id}", "1");
            let answer =
                house.request(Visitor::As(Role::PlatformOwner), method.clone(), &path).send().await.unwrap();
            let status = answer.status();
            let closed = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::UNAUTHORIZED];
            assert!(closed.contains(&status), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn a_session_is_new_after_signing_in_and_worthless_after_signing_out() {
    let house = House::furnished().await;
    let client = house.plain(Method::POST, &format!("{}/do/set_theme", house.console.console));
    let answer = client.form(&[("theme", "dark")]).send().await.unwrap();
    let planted =
        answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let url = format!("{}/do/sign_in", house.console.console);
    let signed_in = house.plain(Method::POST, &url).header(header::COOKIE, &planted);
    let signed_in = signed_in.form(&[("role", "support")]).send().await.unwrap();
    let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let fresh = cookie.split(';').next().unwrap().to_owned();
    assert_ne!(fresh, planted, "an id from before is never signed in");
    let visit = async |cookie: &str| {
        let url = format!("{}/billers", house.console.console);
        house.plain(Method::GET, &url).header(header::COOKIE, cookie).send().await.unwrap().status()
    };
    assert_eq!(visit(&planted).await, StatusCode::SEE_OTHER);
    assert_eq!(visit(&fresh).await, StatusCode::OK);
    let url = format!("{}/do/sign_out", house.console.console);
    house.plain(Method::POST, &url).header(header::COOKIE, &fresh).send().await.unwrap();
    assert_eq!(visit(&fresh).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_cookie_is_for_this_host_and_for_no_script() {
    let house = House::furnished().await;
    let url = format!("{}/do/sign_in", house.console.console);
    let answer = house.plain(Method::POST, &url).form(&[("role", "support")]).send().await.unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-ciam-console="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(cookie.contains("SameSite=Lax"), "nobody may frame the console here: {cookie}");
    for attribute in ["Domain", "Partitioned", "Max-Age", "Expires"] {
        assert!(!cookie.contains(attribute), "{cookie}");
    }
    let whole = house.sign_in(Role::Support).await;
    assert!(whole.len() > "__Host-ciam-console=".len() + 20, "128 bits at least: {whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_crm_may_show_the_console_in_a_frame_and_the_cookie_stays_in_it() {
    let (sandbox, data) = (sandbox().await, tempfile::tempdir().unwrap());
    let crm = "https://crm.example.com";
    let settings = [("CIAM_EMBEDDING__CRM_ORIGINS", format!("[\"{crm}\"]"))];
    let console = ConsoleProcess::start_with(data.path(), &sandbox, &settings);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let policy = async |url: String| {
        let answer = client.get(url).send().await.unwrap();
        answer.headers()["content-security-policy"].to_str().unwrap().to_owned()
    };
    for path in ["/sign-in", "/nowhere", "/healthz"] {
        let found = policy(format!("{}{path}", console.console)).await;
        assert!(found.ends_with(&format!("frame-ancestors {crm}")), "{path}: {found}");
    }
    let public = policy(format!("{}/b/x", console.public)).await;
    assert!(public.ends_with("frame-ancestors 'none'"), "{public}");

    let post = async |path: &str, cookie: &str| {
        let request = client.post(format!("{}{path}", console.console)).header(header::COOKIE, cookie);
        let answer = request.form(&[("role", "support")]).send().await.unwrap();
        answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
    };
    let opened = post("/do/sign_in", "").await;
    let removed = post("/do/sign_out", opened.split(';').next().unwrap()).await;
    for cookie in [&opened, &removed] {
        for attribute in ["Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
    }
    assert!(removed.contains("Max-Age=0"), "{removed}");
}

#[tokio::test]
async fn the_audit_log_proves_itself_after_all_this() {
    let house = House::furnished().await;
    let mut conn = house.store.read().await.unwrap();
    assert_eq!(storage::audit::verify(&mut conn).await.unwrap(), house.entries().await);
    assert!(house.data_dir().join("console.db").is_file());
}

/// Sends the same request many times; the answer is the first one that was too many.
async fn until_too_many(request: impl Fn() -> reqwest::RequestBuilder) -> Response {
    for _ in 0..20 {
        let answer = request().send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
    }
    panic!("twenty requests in a row were not too many");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_told_to_wait() {
    let sandbox = sandbox().await;
    let client = reqwest::Client::new();
    let few = "{per_second=1,burst=5}".to_owned();
    let many = "{per_second=1000,burst=1000}".to_owned();
    let start = |data: &tempfile::TempDir, address: &str, session: &str| {
        let settings = [
            ("CIAM_LIMITS__ADDRESS", address.to_owned()),
            ("CIAM_LIMITS__PUBLIC_ADDRESS", address.to_owned()),
            ("CIAM_LIMITS__SESSION", session.to_owned()),
        ];
        ConsoleProcess::start_with(data.path(), &sandbox, &settings)
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

    let by_address = start(&one, &few, &many);
    for url in [format!("{}/healthz", by_address.console), format!("{}/b/x", by_address.public)] {
        let answer = until_too_many(|| client.get(&url)).await;
        assert_eq!(answer.headers()[header::RETRY_AFTER], "1", "{url}");
        assert_headers(&url, &answer);
        assert!(answer.text().await.unwrap().contains("Wait 1 s"), "{url}");
    }
    drop(by_address);

    let by_session = start(&two, &many, &few);
    let cookie = |name: &str| format!("__Host-ciam-console={}", name.repeat(22));
    let visit =
        |who: String| client.get(format!("{}/sign-in", by_session.console)).header(header::COOKIE, who);
    until_too_many(|| visit(cookie("A"))).await;
    assert_eq!(visit(cookie("B")).send().await.unwrap().status(), StatusCode::OK, "another session goes on");
}
