//! How many requests one address and one session may send: enough for any person, too few to harm.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use governor::{
    DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, QuantaClock, QuantaInstant},
};
use tower_sessions::{Session, session::Id};

use super::plain_page;
use crate::config::{LimitsConfig, Rate};

/// Keys that are remembered before those that have been quiet are forgotten.
const MANY: usize = 10_000;

/// The limits of one listener.
pub(crate) struct RateLimits {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    sessions: DefaultKeyedRateLimiter<Id>,
    /// Where a proxy before us says who asks.
    client_address: Option<HeaderName>,
}

impl RateLimits {
    /// The limits of the console's listener.
    pub(crate) fn of_console(config: &LimitsConfig) -> Arc<Self> {
        Arc::new(Self {
            addresses: RateLimiter::keyed(quota(config.address)),
            sessions: RateLimiter::keyed(quota(config.session)),
            client_address: config.client_address_header.clone(),
        })
    }

    /// The limits of the public listener, which knows no sessions.
    pub(crate) fn of_public(config: &LimitsConfig) -> Arc<Self> {
        Arc::new(Self {
            addresses: RateLimiter::keyed(quota(config.public_address)),
            sessions: RateLimiter::keyed(quota(config.session)),
            client_address: config.client_address_header.clone(),
        })
    }

    /// The limits of the listener for monitoring, which is asked without a proxy.
    pub(crate) fn of_ops(config: &LimitsConfig) -> Arc<Self> {
        Arc::new(Self {
            addresses: RateLimiter::keyed(quota(config.address)),
            sessions: RateLimiter::keyed(quota(config.session)),
            client_address: None,
        })
    }

    /// Who asks: as the proxy says, which adds its word last; otherwise the connection's other end. One
    /// customer of a provider has a whole IPv6 network, so that counts as one.
    fn asker(&self, request: &Request) -> Option<IpAddr> {
        let told = self.client_address.as_ref().and_then(|name| {
            let value = request.headers().get_all(name).iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next()?.trim().parse().ok()
        });
        let connection = || {
            let ConnectInfo(address) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
            Some(address.ip())
        };
        told.or_else(connection).map(network)
    }
}

fn quota(rate: Rate) -> Quota {
    Quota::per_second(rate.per_second).allow_burst(rate.burst)
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Lets a request pass unless its address has sent too many.
pub(crate) async fn by_address(
    State(limits): State<Arc<RateLimits>>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(asker) = limits.asker(&request) {
        if limits.addresses.len() > MANY {
            limits.addresses.retain_recent();
        }
        if let Err(until) = limits.addresses.check_key(&asker) {
            return too_many(&request, "address", &until);
        }
    }
    next.run(request).await
}

/// Lets a request pass unless its session has sent too many. Stands inside of the session layer.
pub(crate) async fn by_session(
    State(limits): State<Arc<RateLimits>>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    if let Some(id) = session.id() {
        if limits.sessions.len() > MANY {
            limits.sessions.retain_recent();
        }
        if let Err(until) = limits.sessions.check_key(&id) {
            return too_many(&request, "session", &until);
        }
    }
    next.run(request).await
}

fn too_many(request: &Request, by: &'static str, until: &NotUntil<QuantaInstant>) -> Response {
    let wait = until.wait_time_from(QuantaClock::default().now());
    let seconds = wait.saturating_add(Duration::from_millis(999)).as_secs().max(1);
    tracing::warn!(by, path = request.uri().path(), "too many requests");
    metrics::counter!("http_too_many_requests_total", "by" => by).increment(1);
    let text = format!("Too many requests came from here. Wait {seconds} s and try again.");
    let mut response =
        plain_page::answer(request, StatusCode::TOO_MANY_REQUESTS, "Please wait a moment", &text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn a_whole_ipv6_network_is_one_asker() {
        let asker = |text: &str| network(text.parse().unwrap());
        assert_eq!(asker("2001:db8:1:2::1"), asker("2001:db8:1:2:ffff::9"));
        assert_ne!(asker("2001:db8:1:2::1"), asker("2001:db8:1:3::1"));
        assert_eq!(asker("::ffff:192.0.2.7"), asker("192.0.2.7"));
    }

    #[test]
    fn only_the_last_word_of_the_proxy_counts() {
        let limits = |header: Option<&'static str>| RateLimits {
            addresses: RateLimiter::keyed(Quota::per_second(NonZeroU32::MIN)),
            sessions: RateLimiter::keyed(Quota::per_second(NonZeroU32::MIN)),
            client_address: header.map(HeaderName::from_static),
        };
        let mut request = Request::new(axum::body::Body::empty());
        request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 192.0.2.7"));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        assert_eq!(limits(Some("x-forwarded-for")).asker(&request), Some("192.0.2.7".parse().unwrap()));
        assert_eq!(limits(None).asker(&request), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(limits(Some("x-real-ip")).asker(&request), Some("127.0.0.1".parse().unwrap()));
    }
}
