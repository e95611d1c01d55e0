//! The addresses of the vendor's APIs (vendor contract, URL forms).

use url::Url;

use crate::config::{Routing, SecureAuthConfig};

pub(crate) struct Routes {
    admin: Url,
    identity: Url,
    system: Url,
    licensing: Url,
    analytics: Url,
}

impl Routes {
    pub(crate) fn new(config: &SecureAuthConfig) -> Self {
        let base = |api: &str| {
            let url = under(&config.api_base, &["api", api]);
            match config.routing {
                Routing::TenantInPath => under(&url, &[&config.tenant_id]),
                Routing::TenantDomain => url,
            }
        };
        Self {
            admin: base("admin"),
            identity: base("identity"),
            system: base("system"),
            licensing: base("licensing"),
            analytics: base("analytics"),
        }
    }

    pub(crate) fn admin(&self, segments: &[&str]) -> Url {
        under(&self.admin, segments)
    }

    pub(crate) fn identity(&self, segments: &[&str]) -> Url {
        under(&self.identity, segments)
    }

    pub(crate) fn system(&self, segments: &[&str]) -> Url {
        under(&self.system, segments)
    }

    pub(crate) fn licensing(&self, segments: &[&str]) -> Url {
        under(&self.licensing, segments)
    }

    pub(crate) fn analytics(&self, segments: &[&str]) -> Url {
        under(&self.analytics, segments)
    }
}

/// `base` with path segments added, each escaped.
pub(crate) fn under(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Only addresses without a path at all have no segments; the configuration refuses them.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AuthMethod, Credentials};

    fn routes(base: &str, routing: Routing) -> Routes {
        let url = |text: &str| Url::parse(text).expect("a test address");
        let credentials = Credentials {
            client_id: "c".to_owned(),
            client_secret: "s".into(),
            auth_method: AuthMethod::Basic,
        };
        let issuer = url("https://acme.example/acme/admin");
        let mut config = SecureAuthConfig::new(
            url(base),
            "acme",
            issuer.clone(),
            issuer,
            credentials.clone(),
            credentials,
        );
        config.routing = routing;
        Routes::new(&config)
    }

    #[test]
    fn the_tenant_stands_in_the_path_only_where_it_must() {
        let with = routes("https://acme.example", Routing::TenantInPath);
        assert_eq!(with.admin(&["clients", "c1"]).as_str(), "https://acme.example/api/admin/acme/clients/c1");
        let without = routes("https://acme.example/prefix/", Routing::TenantDomain);
        assert_eq!(without.system(&["x"]).as_str(), "https://acme.example/prefix/api/system/x");
    }

    #[test]
    fn ids_cannot_leave_their_segment() {
        let routes = routes("https://acme.example", Routing::TenantInPath);
        let url = routes.identity(&["admin", "pools", "a/../b?c#d"]);
        assert_eq!(url.as_str(), "https://acme.example/api/identity/acme/admin/pools/a%2F..%2Fb%3Fc%23d");
    }
}
