//! Asks an authorize page from outside whether a sign-in can begin there: the proof of an enablement.

use url::Url;

use crate::{
    answer::Answer,
    client::SecureAuth,
    error::CallError,
    operation::Operation,
    redact::scrub,
    transport::{Accept, Authorization, Call},
};

/// Redirects followed on the issuer's own host before giving up.
const MOST_REDIRECTS: usize = 5;

/// What an authorize page said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizeProbe {
    /// A sign-in page came, or the way to another provider's.
    Answers,
    /// The page refuses: unknown or inactive application, wrong redirect address, disabled organization …
    Refused {
        /// The HTTP status of the refusal.
        status: u16,
        /// The vendor's words, shortened.
        reason: String,
    },
}

/// What to do with one answer on the way.
enum Hop {
    Done(AuthorizeProbe),
    Follow(Url),
}

impl SecureAuth {
    /// Opens the authorize address `url` (with its query) as a browser would, without a session: follows
    /// redirects on the same host only, and never runs scripts or sends anything but the cookies it was given.
    ///
    /// # Errors
    /// Timeout, network, 429 and 5xx: then nothing is known about the page.
    pub async fn probe_authorize(&self, url: &Url) -> Result<AuthorizeProbe, CallError> {
        let mut call = Call::new(Operation::ProbeAuthorize, url.clone());
        call.accept = Accept::AnyAnswer;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.send_open(&call, &Authorization::None).await?;
            match judge(&call.url, &answer) {
                Hop::Done(probe) => return Ok(probe),
                Hop::Follow(next) => {
                    keep_cookies(&mut call.cookies, &answer.cookies);
                    call.url = next;
                }
            }
        }
        let reason = format!("more than {MOST_REDIRECTS} redirects without a page");
        Ok(AuthorizeProbe::Refused { status: 302, reason })
    }
}

fn judge(asked: &Url, answer: &Answer) -> Hop {
    let refused = |reason: String| Hop::Done(AuthorizeProbe::Refused { status: answer.status, reason });
    match answer.status {
        200..=299 if is_page(answer) => Hop::Done(AuthorizeProbe::Answers),
        200..=299 => refused("the answer is not a web page".to_owned()),
        300..=399 => {
            let Some(next) = answer.location.as_deref().and_then(|it| asked.join(it).ok()) else {
                return refused("a redirect to nowhere".to_owned());
            };
            if let Some(reason) = error_in(&next) {
                return refused(reason);
            }
            if next.origin() == asked.origin() {
                Hop::Follow(next)
            } else {
                Hop::Done(AuthorizeProbe::Answers)
            }
        }
        status => refused(words_of(answer).unwrap_or_else(|| format!("HTTP {status} without explanation"))),
    }
}

fn is_page(answer: &Answer) -> bool {
    answer.content_type.as_deref().is_some_and(|it| it.to_ascii_lowercase().starts_with("text/html"))
}

/// The OAuth error that a redirect carries, in query or fragment.
fn error_in(url: &Url) -> Option<String> {
    let parts = [url.query(), url.fragment()];
    let mut pairs = parts.into_iter().flatten().flat_map(|it| url::form_urlencoded::parse(it.as_bytes()));
    let all: Vec<_> = pairs.by_ref().collect();
    let value = |name: &str| all.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let error = value("error")?;
    let description = value("error_description").map(|it| format!(": {it}")).unwrap_or_default();
    Some(scrub(&format!("{error}{description}"), &[]))
}

/// The words of a refusal: the JSON error of the contract, or a page's title.
fn words_of(answer: &Answer) -> Option<String> {
    if let Ok(body) = serde_json::from_slice::<serde_json::Value>(&answer.body) {
        let said: Vec<&str> = ["error", "error_description", "error_hint"]
            .iter()
            .filter_map(|name| body.get(name)?.as_str())
            .filter(|it| !it.is_empty())
            .collect();
        return (!said.is_empty()).then(|| scrub(&said.join("; "), &[]));
    }
    let page = String::from_utf8_lossy(&answer.body);
    let (_, after) = page.split_once("<title>")?;
    let (title, _) = after.split_once("</title>")?;
    Some(scrub(title, &[])).filter(|it| !it.is_empty())
}

fn keep_cookies(kept: &mut Vec<String>, fresh: &[String]) {
    for cookie in fresh {
        let name = cookie.split('=').next().unwrap_or_default();
        kept.retain(|it| it.split('=').next() != Some(name));
        kept.push(cookie.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(answer: Answer) -> Hop {
        let asked =
            Url::parse("https://acme.example/acme/org/oauth2/authorize?client_id=c").expect("an address");
        judge(&asked, &answer)
    }

    fn redirect(location: &str) -> Answer {
        Answer { status: 302, location: Some(location.to_owned()), ..Answer::default() }
    }

    fn refused(answer: Answer) -> Option<(u16, String)> {
        match judged(answer) {
            Hop::Done(AuthorizeProbe::Refused { status, reason }) => Some((status, reason)),
            _ => None,
        }
    }

    #[test]
    fn redirects_are_followed_on_the_same_host_only() {
        assert!(
            matches!(judged(redirect("/acme/org/login?id=1")), Hop::Follow(url) if url.path() == "/acme/org/login")
        );
        let elsewhere = judged(redirect("https://other.example/login"));
        assert!(matches!(elsewhere, Hop::Done(AuthorizeProbe::Answers)));
        let other_port = judged(redirect("https://acme.example:8443/login"));
        assert!(matches!(other_port, Hop::Done(AuthorizeProbe::Answers)), "another port is another server");
    }

    #[test]
    fn an_error_on_the_way_is_a_refusal() {
        let back = redirect(
            "https://portal.example/cb?error=unauthorized_client&error_description=client%20is%20inactive",
        );
        assert_eq!(refused(back), Some((302, "unauthorized_client: client is inactive".to_owned())));
        let fragment = redirect("https://portal.example/cb#error=access_denied");
        assert_eq!(refused(fragment), Some((302, "access_denied".to_owned())));
    }

    #[test]
    fn the_words_of_a_refusal_are_kept() {
        let page = |status, kind: &str, body: &str| Answer {
            status,
            content_type: Some(kind.to_owned()),
            body: body.into(),
            ..Answer::default()
        };
        let json = page(404, "application/json", r#"{"error":"not found","error_code":404}"#);
        assert_eq!(refused(json), Some((404, "not found".to_owned())));
        let html = page(401, "text/html", "<html><title> Client\nis inactive </title></html>");
        assert_eq!(refused(html), Some((401, "Client is inactive".to_owned())));
        assert_eq!(
            refused(page(400, "text/plain", "")),
            Some((400, "HTTP 400 without explanation".to_owned()))
        );
        assert_eq!(refused(page(200, "application/json", "{}")).map(|it| it.0), Some(200));
        assert!(matches!(
            judged(page(200, "text/html; charset=utf-8", "")),
            Hop::Done(AuthorizeProbe::Answers)
        ));
    }

    #[test]
    fn a_newer_cookie_replaces_the_older() {
        let mut kept = vec!["a=1".to_owned(), "b=1".to_owned()];
        keep_cookies(&mut kept, &["a=2".to_owned()]);
        assert_eq!(kept, ["b=1", "a=2"]);
    }
}
