//! Names of this machine, for the stand-in's vanity domains.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Asks the system's resolver, except for names under `localhost`: they mean this machine (RFC 6761 §6.3), and not every
/// system's resolver knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalNames;

impl Resolve for LocalNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_local(name.as_str()) {
                let here: Addrs = Box::new(std::iter::once(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
                return Ok(here);
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_names_under_localhost_mean_this_machine() {
        assert!(is_local("login.acme.localhost"));
        assert!(is_local("A.LOCALHOST."));
        assert!(!is_local("localhost.example"));
        assert!(!is_local("notlocalhost"));
    }
}
