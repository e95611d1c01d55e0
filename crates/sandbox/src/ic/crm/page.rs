//! The CRM's Products page, which shows the console in a frame. The page is of another site than the console
//! (`localhost`, not `127.0.0.1`), as the real one is.

use std::fmt::Write as _;

use axum::{
    body::Body,
    extract::{Query, RawQuery, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    answer,
    engine::{Engine, SandboxState},
    html::{document, escape},
};

/// Seconds for which a launch is good.
const LIFE: i64 = 60;

/// Somebody who works with the CRM.
struct Person {
    id: &'static str,
    name: &'static str,
    role: &'static str,
    title: &'static str,
}

const fn person(id: &'static str, name: &'static str, role: &'static str, title: &'static str) -> Person {
    Person { id, name, role, title }
}

const PEOPLE: [Person; 7] = [
    person("crm-1001", "Avery Cole", "account_manager", "Key account manager"),
    person("crm-1002", "Priya Nair", "product", "Product manager"),
    person("crm-1003", "Tomás Rivera", "ops", "Operations"),
    person("crm-1004", "Vera Lindqvist", "vendor_review", "Vendor management"),
    person("crm-1005", "Noor Haddad", "platform_owner", "Platform owner"),
    person("crm-1006", "Sam Okafor", "support", "Support"),
    person("crm-1007", "Iris Weber", "auditor", "Audit"),
];

/// What was chosen on the page.
#[derive(Deserialize)]
pub(crate) struct Choice {
    /// Who works with the CRM: an id of [`PEOPLE`] or a role.
    #[serde(default)]
    person: String,
    #[serde(default)]
    bid: String,
    #[serde(default)]
    portfolio: String,
    #[serde(default)]
    theme: String,
}

impl Choice {
    fn person(&self) -> &'static Person {
        let chosen = |person: &&Person| person.id == self.person || person.role == self.person;
        PEOPLE.iter().find(chosen).unwrap_or(&PEOPLE[0])
    }

    fn claims(&self, engine: &Engine) -> Map<String, Value> {
        let (person, now) = (self.person(), engine.clock.now().seconds());
        let mut claims = Map::from_iter([
            ("iss".to_owned(), json!(engine.crm_issuer())),
            ("aud".to_owned(), json!(engine.config.ic.launch_audience)),
            ("iat".to_owned(), json!(now)),
            ("exp".to_owned(), json!(now + LIFE)),
            ("jti".to_owned(), json!(engine.random_hex(16))),
            ("sub".to_owned(), json!(person.id)),
            ("name".to_owned(), json!(person.name)),
            ("roles".to_owned(), json!([person.role])),
            ("locale".to_owned(), json!("en-US")),
        ]);
        for (name, value) in [("bid", &self.bid), ("portfolio", &self.portfolio), ("theme", &self.theme)] {
            if !value.trim().is_empty() {
                claims.insert(name.to_owned(), json!(value.trim()));
            }
        }
        claims
    }
}

/// `GET /crm`: the Products page.
pub(crate) async fn products(
    State(state): State<SandboxState>,
    Query(choice): Query<Choice>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let home = format!("{}/crm{query}", state.0.crm_origin());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if host.starts_with("127.0.0.1") && !home.contains(host) {
        // There the console would be of the same site, and it lets itself be framed by the CRM's own address only.
        return Redirect::to(&home).into_response();
    }
    let console = state.0.config.ic.console.as_ref().map_or("", |console| console.url.trim_end_matches('/'));
    let nonce = state.0.random_hex(16);
    let body = format!(
        "<main class=\"crm\" aria-label=\"IC CRM\"><header class=\"row\"><h1>IC CRM</h1><nav aria-label=\"CRM\"><ul class=\"tabs\">\
         <li>Accounts</li><li>Billing</li><li aria-current=\"page\"><strong>Products</strong></li><li>Tickets</li>\
         </ul></nav></header>{}{}</main><script nonce=\"{nonce}\">{HOST}</script>",
        chooser(&choice),
        product(&choice, &query, console),
    );
    let policy = format!(
        "frame-src 'self' {console}; script-src 'nonce-{nonce}'; connect-src 'self'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    page(document("Products · IC CRM", &body), &policy)
}

/// The CRM's side of the messages between the two pages; `docs/embedding.md` shows it to CRM developers.
const HOST: &str = include_str!("../../../../../docs/examples/crm-page.js");

/// The console in its frame, with the CRM's own ways into it.
fn product(choice: &Choice, query: &str, console: &str) -> String {
    let (bid, query) = (escape(choice.bid.trim()), escape(query));
    let (whose, own) = if bid.is_empty() {
        ("All billers".to_owned(), String::new())
    } else {
        let way = format!(
            "<li><button type=\"button\" data-console-page=\"/billers/{bid}\">Status of {bid}</button></li>"
        );
        (format!("Biller {bid}"), way)
    };
    format!(
        "<section aria-labelledby=\"whose\"><div class=\"row\"><h2 id=\"whose\">{whose} · Products · CIAM</h2>\
         <ul class=\"tabs\" aria-label=\"In CIAM Console\">{own}\
         <li><button type=\"button\" data-console-page=\"/billers\">All billers</button></li></ul></div>\
         <iframe id=\"ciam-console\" class=\"product\" title=\"CIAM Console\" src=\"/crm/console{query}\" \
         data-console=\"{}\" data-launches=\"/crm/launches{query}\"></iframe></section>",
        escape(console)
    )
}

/// `POST /crm/launches`: a new launch of whoever is signed in to the CRM, for a console that goes on.
pub(crate) async fn launch_again(
    State(state): State<SandboxState>,
    Query(choice): Query<Choice>,
) -> Response<Body> {
    match state.0.sign_as_crm(&choice.claims(&state.0)) {
        Some(token) => ([(header::CACHE_CONTROL, "no-store")], token).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A page that may do what the sandbox's others may not.
fn page(html: String, more: &str) -> Response<Body> {
    let mut page = answer::html(200, html);
    let policy =
        format!("default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; {more}");
    // The address of a console that cannot stand in a header could not be opened either.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    page
}

fn chooser(choice: &Choice) -> String {
    let chosen = choice.person();
    let mut people = String::new();
    for person in &PEOPLE {
        let mark = if person.id == chosen.id { " selected" } else { "" };
        let _ = write!(
            people,
            "<option value=\"{}\"{mark}>{} · {}</option>",
            person.id, person.name, person.title
        );
    }
    let mut themes = String::new();
    for (value, label) in [("", "Not said"), ("light", "Light"), ("dark", "Dark")] {
        let mark = if value == choice.theme { " selected" } else { "" };
        let _ = write!(themes, "<option value=\"{value}\"{mark}>{label}</option>");
    }
    format!(
        "<form class=\"panel\" method=\"get\" action=\"/crm\"><div class=\"fields\">\
         <div><label for=\"person\">You are</label><select id=\"person\" name=\"person\">{people}</select></div>\
         <div><label for=\"bid\">Biller (bid; empty: all)</label><input id=\"bid\" name=\"bid\" value=\"{}\"></div>\
         <div><label for=\"portfolio\">Your portfolio (empty: all)</label>\
         <input id=\"portfolio\" name=\"portfolio\" value=\"{}\"></div>\
         <div><label for=\"theme\">Colours</label><select id=\"theme\" name=\"theme\">{themes}</select></div>\
         <div><button class=\"main\" type=\"submit\">Open</button></div></div></form>",
        escape(&choice.bid),
        escape(&choice.portfolio),
    )
}

/// `GET /crm/console`: what stands in the frame until the console does. It signs a launch and posts it there.
pub(crate) async fn launch(
    State(state): State<SandboxState>,
    Query(choice): Query<Choice>,
) -> Response<Body> {
    let engine = &state.0;
    let Some(console) = &engine.config.ic.console else {
        let body = "<main><h1>No console</h1><p>The sandbox knows no console: <code>sandbox.console_url</code> and \
             <code>sandbox.api_key</code> are not set.</p></main>";
        return answer::html(200, document("No console", body));
    };
    let Some(token) = engine.sign_as_crm(&choice.claims(engine)) else {
        let body = "<main><h1>No launch</h1><p>The CRM could not make a key.</p></main>";
        return answer::html(500, document("No launch", body));
    };
    let (url, nonce) = (console.url.trim_end_matches('/'), engine.random_hex(16));
    let body = format!(
        "<main><h1>CIAM</h1><form id=\"launch\" method=\"post\" action=\"{}/launch\">\
         <input type=\"hidden\" name=\"token\" value=\"{}\"><p>The console opens for {}.</p>\
         <p><button class=\"main\" type=\"submit\">Open CIAM Console</button></p></form></main>\
         <script nonce=\"{nonce}\">document.getElementById(\"launch\").submit()</script>",
        escape(url),
        escape(&token),
        escape(choice.person().name),
    );
    let policy = format!("script-src 'nonce-{nonce}'; form-action {url}; frame-ancestors 'self'");
    page(document("CIAM", &body), &policy)
}
