//! No other site can make a signed-in browser change something.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::{launch, plain_page};

/// Refuses every write whose `Origin` or `Sec-Fetch-Site` says that another site sent it.
///
/// A browser always sends one of the two with a form post; a request with neither comes from a program,
/// which has no session cookie to misuse. Launches alone come from another site: their token is proof enough.
pub(crate) async fn require(request: Request, next: Next) -> Response {
    let launch = request.uri().path() == launch::PATH;
    if launch || is_read(request.method()) || is_ours(request.headers()) {
        return next.run(request).await;
    }
    tracing::warn!(method = %request.method(), path = request.uri().path(), "write from a foreign origin refused");
    let text = "This request came from another site. Open the console itself and try again.";
    plain_page::answer(&request, StatusCode::FORBIDDEN, "Refused", text)
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether nothing says that another site sent the request.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(SEC_FETCH_SITE)
        && !matches!(site, "same-origin" | "none")
    {
        return false;
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(host)
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn our_own_forms_pass_and_foreign_ones_do_not() {
        let host = ("host", "console.example");
        assert!(is_ours(&headers(&[host, ("origin", "https://console.example")])));
        assert!(is_ours(&headers(&[host])));
        for foreign in [
            "https://evil.example",
            "null",
            "https://console.example.evil.example",
            "https://console.example:8443",
        ] {
            assert!(!is_ours(&headers(&[host, ("origin", foreign)])), "{foreign}");
        }
        assert!(!is_ours(&headers(&[host, ("sec-fetch-site", "cross-site")])));
        assert!(!is_ours(&headers(&[
            host,
            ("sec-fetch-site", "same-site"),
            ("origin", "https://console.example")
        ])));
    }
}
