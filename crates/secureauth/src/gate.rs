//! A place to stop the world just before or just after an effect at the vendor: for crash tests.

use futures::future::BoxFuture;

use crate::operation::Operation;

/// Stands on both sides of every mutating call attempt. A gate that never resolves stops the run there,
/// which is what a crash at that instant looks like from outside.
pub trait CallGate: Send + Sync {
    /// Awaited before a mutating request is sent.
    fn before_send(&self, operation: Operation) -> BoxFuture<'_, ()>;
    /// Awaited after its answer came (or failed to), before the caller learns of it.
    fn after_answer(&self, operation: Operation) -> BoxFuture<'_, ()>;
}

/// Lets every call through.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenGate;

impl CallGate for OpenGate {
    fn before_send(&self, _operation: Operation) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn after_answer(&self, _operation: Operation) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
