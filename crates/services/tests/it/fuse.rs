//! A crash in process: the world stops at the N-th effect, a vendor call or a commit.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures::future::BoxFuture;
use secureauth::{CallGate, Operation};
use services::Console;
use storage::CommitGate;
use tokio::sync::Notify;

/// Counts effects down and then never lets anything go on.
pub(crate) struct Fuse {
    left: AtomicI64,
    blown: Notify,
}

impl Fuse {
    /// Blows at the `n`-th effect, from 1: before or after a vendor call, before or after a commit.
    pub(crate) fn at(n: i64) -> Arc<Self> {
        Arc::new(Self { left: AtomicI64::new(n), blown: Notify::new() })
    }

    /// The console with this fuse on every effect.
    pub(crate) fn fitted(self: &Arc<Self>, console: &Console) -> Console {
        let mut fitted = console.clone();
        fitted.store = fitted.store.with_gate(self.clone());
        fitted.vendor = fitted.vendor.with_gate(self.clone());
        fitted
    }

    /// Resolves when the world has stopped.
    pub(crate) async fn blown(&self) {
        self.blown.notified().await;
    }

    async fn burn(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 1 {
            self.blown.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

impl CallGate for Fuse {
    fn before_send(&self, _operation: Operation) -> BoxFuture<'_, ()> {
        Box::pin(self.burn())
    }

    fn after_answer(&self, _operation: Operation) -> BoxFuture<'_, ()> {
        Box::pin(self.burn())
    }
}

impl CommitGate for Fuse {
    fn before_commit(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.burn())
    }

    fn after_commit(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.burn())
    }
}
