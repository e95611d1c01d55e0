//! Asks a biller's vanity domain itself: whether it answers, under which issuer, and when its certificate ends. The
//! vendor's contract tells none of it.

use std::{collections::BTreeMap, error::Error, time::Duration};

use domain::{
    Bid, Timestamp,
    actor::{Actor, Capability},
    settings::{Observed, Scope, vanity},
};
use reqwest::{Client, tls::TlsInfo};
use secureauth::Workspace;
use serde::Deserialize;
use simple_asn1::ASN1Block;
pub use storage::vanity::VanityCheck;
use storage::{Bookkeeping, settings::ObservedScope};
use url::Url;

use super::Standing;
use crate::{Console, ServiceError};

/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// The most that is read of a discovery document, in bytes.
const LONGEST: usize = 64 * 1024;

/// The most vanity domains of a list.
const LISTED: usize = 200;

/// What a host showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The issuer that its discovery document names.
    pub issuer: Option<String>,
    /// When the certificate that it showed ends.
    pub certificate_until: Option<Timestamp>,
    /// Why one of the two is missing, in words.
    pub problem: Option<String>,
}

/// Asks a biller's vanity domain and keeps what it showed.
///
/// # Errors
/// [`ServiceError::Field`] where the biller has none at SecureAuth; [`ServiceError::Refused`],
/// [`ServiceError::NotFound`].
pub async fn check(console: &Console, actor: &Actor, bid: &Bid) -> Result<(), ServiceError> {
    actor.may(Capability::ChangeSettings)?;
    let mut conn = console.store.read().await?;
    let standing = Standing::of(console, &mut conn, actor, bid).await?;
    drop(conn);
    let Some(domain) = shown(&standing) else {
        let problem = "There is no vanity domain at SecureAuth yet: set one first, or read anew.".to_owned();
        return Err(ServiceError::Field { field: vanity::HOST, problem });
    };
    note(console, bid, domain).await
}

/// Asks a host and keeps what it showed.
pub(crate) async fn note(console: &Console, bid: &Bid, domain: String) -> Result<(), ServiceError> {
    let Seen { issuer, certificate_until, problem } = seen(console, &domain).await;
    let check = VanityCheck { domain, checked_at: console.now(), issuer, certificate_until, problem };
    let mut tx = console.store.begin().await?;
    storage::vanity::put(&mut tx, bid, &check).await?;
    tx.commit_bookkeeping(Bookkeeping::Observation).await?;
    Ok(())
}

/// Asks a host.
pub(super) async fn seen(console: &Console, host: &str) -> Seen {
    match address_of(console, host) {
        Some(address) => look(&console.http, &address).await,
        None => Seen { problem: Some(format!("{host} is no host name.")), ..Seen::default() },
    }
}

/// Where a vanity domain answers: at the scheme and port of our account's own issuers.
pub(super) fn address_of(console: &Console, host: &str) -> Option<Url> {
    let mut address = console.vendor.issuer(Workspace::Admin).clone();
    address.set_path("/");
    address.set_query(None);
    address.set_host(Some(host)).ok()?;
    Some(address)
}

/// What every vanity domain that the actor sees showed last: those without a known end of their certificate, then those
/// that end first.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn list(console: &Console, actor: &Actor) -> Result<Vec<(Bid, VanityCheck)>, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let within = actor.portfolio().map(domain::Portfolio::as_str);
    Ok(storage::vanity::list(&mut conn, within, LISTED).await?)
}

/// The vanity domain in what was read of a biller.
pub(crate) fn seen_in(reads: &BTreeMap<Scope, ObservedScope>) -> Option<String> {
    let key = vanity::HOST.parse().ok()?;
    let value = reads.get(&Scope::VanityDomain)?.values.get(&key).and_then(Observed::value);
    vanity::host(key, value).map(str::to_owned)
}

/// The vanity domain that SecureAuth showed for a biller.
pub(crate) fn shown(standing: &Standing) -> Option<String> {
    let key = vanity::HOST.parse().ok()?;
    let value = standing.observed(key).and_then(Observed::value);
    vanity::host(key, value).map(str::to_owned)
}

/// Asks an issuer's address for its discovery document; the certificate is checked as for any other call.
pub async fn look(http: &Client, address: &Url) -> Seen {
    let document = address.join(".well-known/openid-configuration");
    let Ok(document) = document else {
        return Seen { problem: Some(format!("{address} has no paths.")), ..Seen::default() };
    };
    let mut answer = match http.get(document).timeout(PATIENCE).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let problem = Some(format!("It does not answer: {}.", cause(&error)));
            return Seen { problem, ..Seen::default() };
        }
    };
    let shown = answer.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    let certificate_until = shown.and_then(ends_at);
    let status = answer.status();
    let mut text = Vec::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        text.extend_from_slice(&piece);
        if text.len() > LONGEST {
            break;
        }
    }
    let issuer = serde_json::from_slice::<Document>(&text).ok().map(|document| document.issuer);
    let problem = match (&issuer, certificate_until) {
        (None, _) => Some(format!("It answers {status}, and that is no discovery document.")),
        (Some(issuer), _) if !is_at(issuer, address) => Some(format!(
            "It answers, but as {issuer}: SecureAuth does not take it for this biller's own host."
        )),
        (Some(_), None) if address.scheme() == "https" => {
            Some("It shows no certificate that could be read.".to_owned())
        }
        (Some(_), _) => None,
    };
    Seen { issuer, certificate_until, problem }
}

/// Whether an issuer is that of an address.
pub(super) fn is_at(issuer: &str, address: &Url) -> bool {
    Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == address.origin())
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
}

/// The innermost reason of an error: that of the TLS handshake, where it is one.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// When a certificate (DER, RFC 5280) ends: the second of the two instants that stand together in it.
fn ends_at(der: &[u8]) -> Option<Timestamp> {
    let blocks = simple_asn1::from_der(der).ok()?;
    let Some(ASN1Block::Sequence(_, certificate)) = blocks.first() else { return None };
    let Some(ASN1Block::Sequence(_, body)) = certificate.first() else { return None };
    let validity = body.iter().find_map(|block| match block {
        ASN1Block::Sequence(_, parts) => match parts.as_slice() {
            [first, second] => instant(first).and(instant(second)),
            _ => None,
        },
        _ => None,
    })?;
    validity.checked_mul(1_000_000).map(Timestamp::from_micros)
}

/// An instant in seconds.
fn instant(block: &ASN1Block) -> Option<i64> {
    match block {
        ASN1Block::UTCTime(_, at) | ASN1Block::GeneralizedTime(_, at) => {
            Some(at.assume_utc().unix_timestamp())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::{ends_at, is_at};

    /// Made for this test: it ends before 2050, so that its instants are written as UTCTime.
    const SHORT: &str = "MIIBjjCCATWgAwIBAgIUQjFVsau7D7nPtVlFRZewYYmoE5gwCgYIKoZIzj0EAwIwHTEbMBkGA1UEAwwSbG9naW4uYWNtZS5l\
         eGFtcGxlMB4XDTI2MTEyNjAxNDU1M1oXDTI3MTEyNjAxNDU1M1owHTEbMBkGA1UEAwwSbG9naW4uYWNtZS5leGFtcGxlMFkw\
         EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERf6gzY9MGYKKC/DFOZB3Nbsv5IIisDBQBGVUVdJ7r3gEm72BJL5p2A76BJsM/EMv\
         jljLvELc6U5QoLRywSqluqNTMFEwHQYDVR0OBBYEFGtSvn+VhKev+io/7KBn9y3oKG8aMB8GA1UdIwQYMBaAFGtSvn+VhKev\
         +io/7KBn9y3oKG8aMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgBK7yviXcx45c0WrBzY32O8ySdsl/WR7o\
         kwnN1YrS0+wCIHftoL8/mUe5sePk5Gd8T4mg7VIJ6dlCzdSwb11oWdTb";
    /// It ends after 2050, so that its end is written as GeneralizedTime.
    const LONG: &str = "MIIBkTCCATegAwIBAgIUeUeRBkyaSbK4jwBr3eRSJtpVRjYwCgYIKoZIzj0EAwIwHTEbMBkGA1UEAwwSbG9naW4uYWNtZS5l\
         eGFtcGxlMCAXDTI2MTEyNjAxNDU1M1oYDzIwNTkxMDA0MDE0NTUzWjAdMRswGQYDVQQDDBJsb2dpbi5hY21lLmV4YW1wbGUw\
         WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATV6NvpHyqOdU6aIzs5hxAfzzcjF3tNxHke/RibYsE/aeaGO5gADBApDQKerrrj\
         tflG6rB+Bxn5ug+utquXXKr0o1MwUTAdBgNVHQ4EFgQUc8zH+FNtghuXkPBPTWJElGJI/eYwHwYDVR0jBBgwFoAUc8zH+FNt\
         ghuXkPBPTWJElGJI/eYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA+O+pSHbys/GQ9qgsKjaXxfRJtF4z\
         lQxRqRmCjr9eGzoCIEms2cQSear74b1o4Y+qoiI031QzU9GIU11cZjc8UbKu";

    fn end_of(text: &str) -> Option<String> {
        ends_at(&STANDARD.decode(text).unwrap()).map(|at| at.rfc3339())
    }

    #[test]
    fn the_end_of_a_certificate_is_read_in_both_spellings() {
        assert_eq!(end_of(SHORT).as_deref(), Some("2027-11-26T01:45:53Z"));
        assert_eq!(end_of(LONG).as_deref(), Some("2059-10-04T01:45:53Z"));
        assert_eq!(ends_at(b"no certificate"), None);
    }

    #[test]
    fn an_issuer_is_that_of_an_address_only_with_scheme_host_and_port() {
        let address = "https://login.acme.example/".parse().unwrap();
        assert!(is_at("https://login.acme.example", &address));
        assert!(!is_at("http://login.acme.example", &address));
        assert!(!is_at("https://other.example", &address));
        assert!(!is_at("https://login.acme.example:8443", &address));
    }
}
