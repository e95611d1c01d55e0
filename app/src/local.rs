//! Which addresses stay within the console.

/// Whether this is the address of a page of the console, with a query string or without.
///
/// Only an absolute path of printable ASCII counts: `//host` and `/\host` would leave the console.
#[must_use]
pub(crate) fn is_page(address: &str) -> bool {
    let path = address.starts_with('/') && !address[1..].starts_with(['/', '\\']);
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic());
    let other = ["/do/", "/oidc/", "/sign-in", "/launch"];
    path && printable && !other.iter().any(|no_page| address.starts_with(no_page))
}
