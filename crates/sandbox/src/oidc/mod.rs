//! OpenID Connect of every issuer: discovery, keys, sign-in, tokens.

pub(crate) mod authorize;
mod client_auth;
pub(crate) mod client_keys;
pub(crate) mod discovery;
mod grant;
mod keys;
mod note;
pub(crate) mod own_account;
mod session;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod userinfo;

pub(crate) use keys::SigningKeyPair;
