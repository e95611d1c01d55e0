//! The vendor: SecureAuth CIAM through a typed client.
//!
//! [`SecureAuth`] makes every call the console needs: tokens by discovery and client credentials,
//! organizations, pools, users, bindings, applications, themes, environment, revocation, and probes of issuers from
//! outside. Each call has a time limit, a correlation id, one measurement per attempt ([`CallObserver`]),
//! repeats only where they are safe, a shared pace, and a circuit breaker per [`ApiGroup`].
//!
//! A PUT replaces: every change reads the raw object, lays our fields over it, writes, reads back and
//! compares ([`UpdateOutcome`]). Secrets never leave, except an application's that was just made, once, in
//! [`CreatedClient`] and [`RotatedSecret`].

mod answer;
mod api;
mod authorize;
mod breaker;
mod classify;
mod client;
mod config;
mod cure;
mod discovery;
mod error;
mod fresh;
mod gate;
mod idempotency;
mod local_names;
mod model;
mod observe;
mod operation;
mod overlay;
mod pace;
mod paging;
mod redact;
mod retry;
mod routes;
mod token;
mod transport;
mod update;

pub use api::SettingsObject;
pub use authorize::AuthorizeProbe;
pub use client::SecureAuth;
pub use config::{
    AuthMethod, BreakerPolicy, ConfigError, Credentials, Limits, Power, RetryPolicy, Routing,
    SecureAuthConfig, SystemPowers, Workspace,
};
pub use discovery::{Discovery, DiscoveryProbe};
pub use error::{CallError, ErrorKind, Failure};
pub use gate::{CallGate, OpenGate};
pub use idempotency::{IdempotencyKey, InvalidIdempotencyKey};
pub use local_names::LocalNames;
pub use model::*;
pub use observe::{CallObserver, CallRecord, CallSource, NoObserver, OutcomeClass};
pub use operation::{ApiGroup, Operation};
pub use paging::{Page, PageRequest, PageSize};
pub use redact::{REDACTED, redact};
pub use token::{TokenGrant, TokenSubject};
