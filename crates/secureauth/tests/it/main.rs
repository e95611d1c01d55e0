//! The client against a scripted vendor, which answers exactly what a test says, and against the sandbox.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod calls;
mod health;
mod sandboxed;
mod secrets;
mod settings;
mod tokens;
mod updates;
mod vendor;
