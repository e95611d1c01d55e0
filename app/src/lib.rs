//! The console's pages, compiled twice: with `ssr` into the server, with `hydrate` into the browser.
//!
//! Pages are server-rendered views whose forms post to the server functions in `actions` and redirect, so
//! they work without JavaScript. The [`islands`] are all that reaches the browser as WebAssembly; they
//! enhance what is already on the page.
//!
//! Start reading at [`routes::App`]; every URL is built in [`paths`].
#![recursion_limit = "256"]

pub mod islands;

mod local;

#[cfg(feature = "ssr")]
mod actions;
#[cfg(feature = "ssr")]
pub mod activity_query;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
#[expect(unreachable_pub, reason = "the component macro makes a public twin of every component")]
mod pages;
#[cfg(feature = "ssr")]
pub mod paths;
#[cfg(feature = "ssr")]
mod performance_query;
#[cfg(feature = "ssr")]
mod personas;
#[cfg(feature = "ssr")]
pub mod query;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod secret_form;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
#[expect(unreachable_pub, reason = "the component macro makes a public twin of every component")]
mod ui;

#[cfg(feature = "ssr")]
pub use {routes::App, shell::shell};
