//! Signing in at the company's identity provider, for which the sandbox stands in: there, back and out.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header};
use sandbox::RunningSandbox;
use serde_json::{Value, json};
use storage::{OpenOptions, Store};
use tempfile::TempDir;

use crate::console_process::{ConsoleProcess, sandbox};

/// How the provider knows the console. Nobody listens there: the tests take what comes back to it to the console.
const CONSOLE_URL: &str = "http://127.0.0.1:3999";

const PASSWORD: &str = "correct horse battery";

/// The company: the console, and an identity provider with two people.
struct Company {
    sandbox: RunningSandbox,
    console: ConsoleProcess,
    store: Store,
    client: Client,
    _data: TempDir,
}

impl Company {
    async fn new() -> Self {
        let (sandbox, data) = (sandbox().await, tempfile::tempdir().unwrap());
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let secret = furnish(&sandbox, &client).await;
        let settings = [
            ("CIAM_OIDC__ISSUER", sandbox.issuer("staff")),
            ("CIAM_OIDC__CLIENT_ID", "console".to_owned()),
            ("CIAM_OIDC__CLIENT_SECRET", secret),
            ("CIAM_OIDC__CONSOLE_URL", CONSOLE_URL.to_owned()),
            ("CIAM_OIDC__ROLES_CLAIM", "nickname".to_owned()),
            ("CIAM_OIDC__ROLES", "{Operations=\"ops\"}".to_owned()),
            ("CIAM_OIDC__END_SESSION_URL", format!("{}/logout?tenant=1", sandbox.base_url())),
        ];
        let console = ConsoleProcess::start_with(data.path(), &sandbox, &settings);
        let url = format!("sqlite:{}", data.path().join("console.db").display());
        let store = Store::open(&url, OpenOptions { migrate: false, max_connections: 2 }).await.unwrap();
        Self { sandbox, console, store, client, _data: data }
    }

    fn request(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.console.console));
        request.header(header::COOKIE, cookie)
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.request(Method::GET, path, cookie).send().await.unwrap()
    }

    /// Goes to the provider and signs in there; the answer is the session and what comes back to the console.
    async fn sign_in_there(&self, start: &str, cookie: &str, username: &str) -> (String, String) {
        let answer = self.get(start, cookie).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        let cookie = if cookie.is_empty() { cookie_of(&answer) } else { cookie.to_owned() };
        let page = self.client.get(location(&answer)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::FOUND, "the provider knows this client and redirect URI");
        let form = [("username", username), ("password", PASSWORD)];
        let back = self.client.post(location(&page)).form(&form).send().await.unwrap();
        let back = Url::parse(&location(&back)).unwrap();
        assert!(back.as_str().starts_with(&format!("{CONSOLE_URL}/oidc/callback?")), "{back}");
        (cookie, format!("/oidc/callback?{}", back.query().unwrap()))
    }

    async fn entries(&self) -> i64 {
        storage::audit::head(&mut self.store.read().await.unwrap()).await.unwrap().0
    }

    async fn refused(&self, reason: &str) -> u64 {
        let url = format!("{}/metrics", self.console.ops);
        let text = self.client.get(url).send().await.unwrap().text().await.unwrap();
        let line = format!("sign_in_refused_total{{reason=\"{reason}\"}} ");
        text.lines().find_map(|it| it.strip_prefix(&*line)).map_or(0, |count| count.parse().unwrap())
    }
}

/// An organization for the company's own people, the console as its application, and two of the people. Answers the
/// application's secret.
async fn furnish(sandbox: &RunningSandbox, client: &Client) -> String {
    let (id, secret) = sandbox.admin_credentials();
    let token = client.post(format!("{}/oauth2/token", sandbox.admin_issuer())).basic_auth(id, Some(secret));
    let token: Value =
        token.form(&[("grant_type", "client_credentials")]).send().await.unwrap().json().await.unwrap();
    let post = async |path: &str, body: Value| -> Value {
        let request = client.post(format!("{}{path}", sandbox.base_url())).json(&body);
        let answer = request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{path}");
        answer.json().await.unwrap()
    };
    let organization = json!({ "id": "staff", "name": "Staff", "parent_id": "billers" });
    post("/api/admin/sandbox/organizations", organization).await;
    let pool = json!({ "tenant_id": "sandbox", "id": "staff-pool", "name": "Staff Pool" });
    post("/api/identity/sandbox/admin/workspace/staff/pools?with_idp=true", pool).await;
    for (n, username, nickname) in [(1, "ada", "Operations Choir"), (2, "bob", "Choir")] {
        let user = json!({
            "id": format!("11111111-1111-4111-8111-11111111111{n}"), "status": "active",
            "payload": { "name": format!("The {username}"), "nickname": nickname },
            "identifiers": [{ "identifier": username, "type": "uid" }],
            "credentials": [{ "type": "password", "password": PASSWORD }],
        });
        post("/api/identity/sandbox/admin/pools/staff-pool/users", user).await;
    }
    let application = json!({
        "tenant_id": "sandbox", "authorization_server_id": "staff", "client_id": "console", "client_name": "Console",
        "redirect_uris": [format!("{CONSOLE_URL}/oidc/callback")], "scopes": ["openid", "profile", "email"],
    });
    post("/api/admin/sandbox/clients", application).await["client_secret"].as_str().unwrap().to_owned()
}

fn cookie_of(answer: &Response) -> String {
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

fn location(answer: &Response) -> String {
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_at_the_provider_and_out_of_it() {
    let company = Company::new().await;
    let page = company.get("/sign-in?next=/billers", "").await.text().await.unwrap();
    assert!(page.contains("href=\"/oidc/start?next=%2Fbillers\""), "{page}");

    let before = company.entries().await;
    let (planted, back) = company.sign_in_there("/oidc/start?next=%2Fbillers", "", "ada").await;
    let answer = company.get(&back, &planted).await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/billers".to_owned()));
    let session = cookie_of(&answer);
    assert_ne!(session, planted, "an id from before is never signed in");
    assert_eq!(company.entries().await, before + 1);
    let page = company.get("/billers", &session).await.text().await.unwrap();
    assert!(page.contains("The ada") && page.contains("Ops"), "{page}");
    assert_eq!(company.get("/billers", &planted).await.status(), StatusCode::SEE_OTHER);

    let answer = company.request(Method::POST, "/do/sign_out", &session).send().await.unwrap();
    assert_eq!(location(&answer), "/oidc/signed-out");
    assert_eq!(company.get("/billers", &session).await.status(), StatusCode::SEE_OTHER, "out here");
    let fresh = cookie_of(&answer);
    assert_ne!(fresh, session);
    let page = company.get("/oidc/signed-out", &fresh).await.text().await.unwrap();
    let onward =
        format!("content=\"0; url={}/logout?tenant=1&amp;client_id=console&amp;", company.sandbox.base_url());
    assert!(page.contains(&onward) && page.contains("id_token_hint=ey"), "{page}");
    assert!(page.contains("post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A3999%2Fsign-in"), "{page}");
    let again = company.get("/oidc/signed-out", &fresh).await.text().await.unwrap();
    assert!(again.contains("You are signed out") && !again.contains("id_token_hint"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_answer_to_ones_own_sign_in_lets_in() {
    let company = Company::new().await;
    let before = company.entries().await;
    let (mine, my_answer) = company.sign_in_there("/oidc/start", "", "ada").await;
    let (thief, thiefs_answer) = company.sign_in_there("/oidc/start", "", "ada").await;
    let state_of = |answer: &str| {
        let url = Url::parse(&format!("{CONSOLE_URL}{answer}")).unwrap();
        url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    };
    // A code of somebody else's sign-in, with the state that I expect.
    let mixed = thiefs_answer.replace(&state_of(&thiefs_answer), &state_of(&my_answer));
    let (other, others_answer) = company.sign_in_there("/oidc/start", "", "bob").await;
    let mut shown = Vec::new();
    for (path, cookie, reason) in [
        (&*my_answer, "", "not_begun"),
        (&thiefs_answer, &*mine, "state"),
        ("/oidc/callback", &thief, "state"),
        ("/oidc/callback?code=c&code=c", &mine, "malformed"),
        (&mixed, &mine, "code"),
        (&my_answer, &mine, "not_begun"),
        (&others_answer, &other, "no_role"),
    ] {
        let answer = company.get(path, cookie).await;
        let reference = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let status = answer.status();
        shown.push((status, answer.text().await.unwrap().replace(&reference, "REFERENCE")));
        assert_eq!(
            company.refused(reason).await,
            1 + u64::from(reason == "not_begun" && shown.len() > 2)
                + u64::from(reason == "state" && shown.len() == 3),
            "{reason}"
        );
    }
    assert_eq!(shown[0].0, StatusCode::BAD_REQUEST);
    assert!(
        shown[0].1.contains("You were not signed in") && shown[0].1.contains("REFERENCE"),
        "{:?}",
        shown[0]
    );
    assert!(shown.iter().all(|it| *it == shown[0]), "everybody is told the same: {shown:?}");
    assert_eq!(company.entries().await, before, "nobody came in");
    let answer = company.get(&thiefs_answer, &thief).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "what was not asked for ends no sign-in under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_never_leads_to_another_site_and_keeps_nothing_of_somebody_else() {
    let company = Company::new().await;
    for next in
        ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "/oidc/start", "/do/x"]
    {
        let start = format!("/oidc/start?next={next}");
        let (cookie, back) = company.sign_in_there(&start, "", "ada").await;
        assert_eq!(location(&company.get(&back, &cookie).await), "/", "{next}");
    }
    let role = company.request(Method::POST, "/do/sign_in", "").form(&[("role", "auditor")]);
    let auditor = cookie_of(&role.send().await.unwrap());
    let theme = company.request(Method::POST, "/do/set_theme", &auditor);
    theme.form(&[("theme", "dark")]).send().await.unwrap();
    let (_, back) = company.sign_in_there("/oidc/start?next=/billers", &auditor, "ada").await;
    let answer = company.get(&back, &auditor).await;
    let page = company.get("/billers", &cookie_of(&answer)).await.text().await.unwrap();
    assert!(page.contains("The ada") && !page.contains("data-theme=\"dark\""), "{page}");
    assert_eq!(
        company.get("/billers", &auditor).await.status(),
        StatusCode::SEE_OTHER,
        "the one before is out"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_the_sandbox_nobody_chooses_a_role() {
    let (sandbox, data) = (sandbox().await, tempfile::tempdir().unwrap());
    let settings = [("CIAM_ENVIRONMENT", "test".to_owned())];
    let console = ConsoleProcess::start_with(data.path(), &sandbox, &settings);
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(format!("{}/sign-in", console.console)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("The console is opened from the CRM") && !page.contains("name=\"role\""), "{page}");
    let chosen = client.post(format!("{}/do/sign_in", console.console)).form(&[("role", "platform_owner")]);
    let answer = chosen.send().await.unwrap();
    assert!(location(&answer).starts_with("/sign-in"), "{answer:?}");
    let page = client.get(format!("{}/billers", console.console)).header(header::COOKIE, cookie_of(&answer));
    assert_eq!(page.send().await.unwrap().status(), StatusCode::SEE_OTHER, "nobody is signed in");
}
