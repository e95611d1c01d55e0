//! The way from the login URL to the sign-in page, as a browser without a session goes it; and addresses without secrets.

use std::time::{Duration, Instant};

use domain::test_sign_in::Hop;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

use crate::Console;

/// Redirects followed at most.
const MOST: usize = 6;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// Parameters whose values are no secret and worth seeing.
const SHOWN: [&str; 8] = [
    "response_type",
    "scope",
    "client_id",
    "redirect_uri",
    "code_challenge_method",
    "error",
    "error_description",
    "iss",
];

/// An address as it may be shown: other parameters are named, without their values.
pub(super) fn shown(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    let pairs: Vec<String> = url
        .query_pairs()
        .map(
            |(name, value)| {
                if SHOWN.contains(&&*name) { format!("{name}={value}") } else { format!("{name}=…") }
            },
        )
        .collect();
    if pairs.is_empty() { bare.to_string() } else { format!("{bare}?{}", pairs.join("&")) }
}

/// The machine's part of a test.
pub(super) struct Walk {
    /// Each hop.
    pub(super) hops: Vec<Hop>,
    /// What went wrong.
    pub(super) failure: Option<String>,
    /// The `state` of the authorization request on the way, so that the sign-in it began can be forgotten.
    pub(super) state: Option<String>,
}

/// Goes from the login URL to where it ends. Only its own host and that of the issuer are asked.
pub(super) async fn walk(console: &Console, login_url: &Url, issuer: &Url) -> Walk {
    let mut walk = Walk { hops: Vec::new(), failure: None, state: None };
    let (mut url, mut cookies) = (login_url.clone(), Vec::new());
    for n in 0..=MOST {
        let what = match n {
            0 => "Login URL",
            1 => "Authorize page",
            _ => "Sign-in page",
        };
        let Some(next) = ask(console, &mut walk, what, &url, issuer, &mut cookies).await else { return walk };
        if !leads_on(&mut walk, what, &next, issuer) {
            return walk;
        }
        url = next;
    }
    walk.failure = Some(format!("There are more than {MOST} redirects and no page."));
    walk
}

/// Asks one address; the answer is where it leads on to, if it does.
async fn ask(
    console: &Console,
    walk: &mut Walk,
    what: &str,
    url: &Url,
    issuer: &Url,
    cookies: &mut Vec<String>,
) -> Option<Url> {
    let begun = Instant::now();
    let mut request = console.http.get(url.clone()).timeout(PATIENCE);
    let at_issuer = url.origin() == issuer.origin();
    if at_issuer && !cookies.is_empty() {
        request = request.header(COOKIE, cookies.join("; "));
    }
    let answer = request.send().await;
    let mut hop = Hop {
        what: what.to_owned(),
        url: shown(url),
        status: answer.as_ref().ok().map(|answer| answer.status().as_u16()),
        millis: Some(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)),
        note: None,
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let why = if error.is_timeout() { "No answer in time." } else { "No connection." };
            hop.note = Some(why.to_owned());
            walk.hops.push(hop);
            walk.failure = Some(format!("{what}: {why} Look whether this server reaches {}.", host(url)));
            return None;
        }
    };
    walk.hops.push(hop);
    let status = answer.status();
    if at_issuer {
        let given = answer.headers().get_all(SET_COOKIE).iter().filter_map(|it| it.to_str().ok());
        cookies.extend(given.filter_map(|it| it.split(';').next()).map(str::to_owned));
    }
    let next = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    let next = next.and_then(|to| url.join(to).ok()).filter(|_| status.is_redirection());
    if next.is_none() && !status.is_success() {
        walk.failure = Some(format!("{what} answers {status}, and no sign-in can begin there."));
    }
    next
}

/// Whether the way goes on at `next`: it ends at a refusal, and where another host begins.
fn leads_on(walk: &mut Walk, what: &str, next: &Url, issuer: &Url) -> bool {
    let parameter =
        |name: &str| next.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if walk.state.is_none() {
        walk.state = parameter("state");
    }
    if let Some(error) = parameter("error") {
        let words = parameter("error_description").unwrap_or_default();
        walk.failure = Some(format!("{what} refuses: {error}. {words}"));
        return false;
    }
    if next.origin() == issuer.origin() {
        return true;
    }
    let first = walk.hops.len() == 1;
    if let Some(last) = walk.hops.last_mut() {
        last.note = Some(format!("It leads on to {}.", shown(next)));
    }
    if first {
        walk.failure = Some("The login URL does not lead to SecureAuth.".to_owned());
    }
    false
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_stands_in_an_address_that_is_shown() {
        let url = Url::parse(
            "https://x.example/authorize?client_id=ic-1&state=SECRET&nonce=SECRET&code=SECRET&code_challenge=SECRET\
             &redirect_uri=https%3A%2F%2Fy.example%2Fback&login_challenge=SECRET#SECRET",
        )
        .expect("a URL");
        let shown = shown(&url);
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(
            shown.starts_with("https://x.example/authorize?client_id=ic-1&state=…&nonce=…&code=…"),
            "{shown}"
        );
        assert!(shown.contains("redirect_uri=https://y.example/back"), "{shown}");
    }
}
