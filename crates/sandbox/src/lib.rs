//! A runnable stand-in for SecureAuth CIAM: the same API over real HTTP, with faults on demand.
//!
//! It plays the tenant of one customer: two special workspaces with their tokens, organizations, pools,
//! bindings, applications, themes and users, an OpenID issuer per workspace with a working sign-in, and
//! the vendor's conventions (paging, ETags, idempotent replay, error bodies, trace ids). It is written
//! from the vendor's contract alone and shares no types with our client, so that one mistake cannot hide
//! in both.
//!
//! A request passes these in order: fault plan, rate limit, token, idempotent
//! replay, the operation's handler on the store, the journal, the answer. Operations are listed in one
//! table; a handler is a plain function that changes the store or refuses.

mod admin;
mod analytics;
mod answer;
mod audit;
mod auth;
mod call;
mod config;
mod control;
mod digest;
mod dispatch;
mod drift;
mod duration;
mod engine;
mod error;
mod etag;
mod faults;
mod fields;
mod html;
mod http_error;
mod ic;
mod idempotency;
mod identity;
mod licensing;
mod listener;
mod oidc;
mod operation;
mod operations;
mod page;
mod paging;
mod rate_limit;
mod reply;
mod request_log;
mod server;
mod store;

pub use config::{
    ClientCredentials, ConsoleAccess, DeactivatedEffect, IcConfig, RateLimit, Routing, SYSTEM_SCOPES,
    SandboxConfig,
};
pub use engine::SandboxState;
pub use error::SandboxError;
pub use faults::{Fault, FaultRule, FaultStatus, Faults, InvalidRule, KillAction, KillSpec, Phase};
pub use operation::OperationInfo;
pub use request_log::RequestRecord;
pub use server::{RunningSandbox, Sandbox};
pub use store::{ObjectKind, Snapshot};
