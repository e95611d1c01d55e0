//! What tower-sessions does not say of its cookie.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// The session cookie's name. With this prefix browsers take it only from this very host, over a secure connection.
pub(crate) const NAME: &str = "__Host-ciam-console";

/// Where the console is used, which decides when browsers send the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a window of its own.
    Window,
    /// In a frame of the CRM, too.
    Frame,
}

impl Place {
    /// What comes after the value.
    const fn attributes(self) -> &'static str {
        match self {
            Self::Window => "Path=/; Secure; HttpOnly; SameSite=Lax",
            // Partitioned: browsers keep one cookie for each site that embeds the console (CHIPS), and none that could
            // follow a person from site to site.
            Self::Frame => "Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        }
    }
}

/// Completes the session cookie. A removal needs the same attributes as the cookie itself: without `Secure` browsers
/// ignore it for the sake of its name, without `Partitioned` it would remove another cookie.
pub(crate) async fn complete(State(place): State<Place>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
    response.headers_mut().remove(header::SET_COOKIE);
    for cookie in cookies {
        let cookie = completed(&cookie, place).unwrap_or(cookie);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn completed(cookie: &HeaderValue, place: Place) -> Option<HeaderValue> {
    let value = cookie.to_str().ok()?.strip_prefix(NAME)?.strip_prefix('=')?.split(';').next()?;
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{NAME}={value}; {}{end}", place.attributes())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_session_cookie_is_completed_and_its_removal_too() {
        let made = |text: &'static str, place| completed(&HeaderValue::from_static(text), place);
        assert_eq!(
            made("__Host-ciam-console=abc; HttpOnly; Path=/", Place::Frame).unwrap(),
            "__Host-ciam-console=abc; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        );
        assert_eq!(
            made(
                "__Host-ciam-console=; Path=/; Max-Age=0; Expires=Tue, 25 Nov 2025 13:02:56 GMT",
                Place::Window
            )
            .unwrap(),
            "__Host-ciam-console=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert_eq!(made("__Host-ciam-console-other=abc", Place::Frame), None);
        assert_eq!(made("theme=dark", Place::Frame), None);
    }
}
