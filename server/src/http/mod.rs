//! HTTP: the console's listener, the public one, and the one for monitoring.

mod activity_export;
pub(crate) mod api;
mod api_key;
mod assets;
pub(crate) mod console;
pub mod doors;
mod edge;
mod events;
mod health;
mod import_upload;
mod launch;
mod migration_upload;
mod oidc;
mod openapi;
pub(crate) mod ops;
mod plain_page;
mod problem;
pub(crate) mod public;
mod rate_limit;
pub(crate) mod request_id;
mod same_origin;
mod secret;
mod security_headers;
mod session_cookie;
mod session_store;
mod session_use;
mod settings_export;
