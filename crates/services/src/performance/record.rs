//! Records every call to the vendor: added up in memory by the minute, written down every few seconds.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    CallId, Clock, Entropy,
    performance::{CallKey, CallOutcome, CallSource, Cell, FailedCall, Minute},
};
use secureauth::{CallObserver, CallRecord};
use storage::{Bookkeeping, Store, calls};
use tokio_util::sync::CancellationToken;

/// What was measured is at most this long in memory only.
const FLUSH_EVERY: Duration = Duration::from_secs(10);

/// Failed calls kept one by one between two writings. All are counted; of a flood the first ones are samples enough.
const SAMPLES: usize = 200;

/// Takes measurements and writes them down.
pub struct CallRecorder {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    cells: BTreeMap<(&'static str, CallSource, Minute), Cell>,
    failed: Vec<FailedCall>,
}

impl fmt::Debug for CallRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallRecorder")
    }
}

impl CallRecorder {
    /// Has recorded nothing yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, pending: Mutex::default() }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what came in since the last time. When that fails, it is kept for the next time.
    pub async fn flush(&self, store: &Store) {
        let taken = std::mem::take(&mut *self.pending());
        if taken.cells.is_empty() {
            return;
        }
        if let Err(error) = write(store, &taken).await {
            tracing::warn!("measurements could not be written down, and are kept for the next time: {error}");
            let mut pending = self.pending();
            for (key, cell) in taken.cells {
                pending.cells.entry(key).or_default().merge(&cell);
            }
            pending.failed.splice(0..0, taken.failed);
            pending.failed.truncate(SAMPLES);
        }
    }

    /// Writes down every few seconds, and once more when the process stops.
    pub async fn run(&self, store: &Store, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(FLUSH_EVERY) => {}
                () = shutdown.cancelled() => {}
            }
            self.flush(store).await;
        }
    }
}

async fn write(store: &Store, taken: &Pending) -> Result<(), storage::StorageError> {
    let cells = taken.cells.iter().map(|((operation, source, minute), cell)| {
        (CallKey { operation: (*operation).to_owned(), source: *source }, *minute, cell.clone())
    });
    let mut tx = store.begin().await?;
    calls::add(&mut tx, cells.collect()).await?;
    calls::note_failures(&mut tx, &taken.failed).await?;
    tx.commit_bookkeeping(Bookkeeping::Measurements).await
}

impl CallObserver for CallRecorder {
    fn observe(&self, call: &CallRecord) {
        let now = self.clock.now();
        let operation = call.operation.as_str();
        // A 429 without an answer is our own pause after one that came.
        let outcome = match (call.outcome, call.status) {
            (CallOutcome::RateLimited, None) => CallOutcome::CircuitOpen,
            (outcome, _) => outcome,
        };
        let sent = outcome != CallOutcome::CircuitOpen;
        let failed = (sent && !outcome.is_good()).then(|| FailedCall {
            id: CallId::new(&*self.clock, &*self.entropy),
            at: now,
            key: CallKey { operation: operation.to_owned(), source: call.source },
            outcome,
            status: call.status,
            latency: call.latency,
            trace_id: call.trace_id.clone(),
            correlation_id: call.correlation_id.clone(),
        });
        let mut pending = self.pending();
        let cell = pending.cells.entry((operation, call.source, Minute::of(now))).or_default();
        cell.tally.add(outcome, 1);
        if sent {
            cell.latencies.add(call.latency);
        }
        if let Some(failed) = failed
            && pending.failed.len() < SAMPLES
        {
            pending.failed.push(failed);
        }
    }
}
