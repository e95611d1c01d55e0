//! Takes a file in, with progress, and waits for its check.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use domain::{actor::Actor, migration::MigrationState};
use services::{Console, migration};
use tokio::io::{AsyncRead, ReadBuf};

use super::{LOOK_EVERY, args::UploadArgs, ended, newest, open, watch};
use crate::{error::StartError, terminal};

/// Counts what is read.
struct Counted<R> {
    source: R,
    read: Arc<AtomicU64>,
}

impl<R: AsyncRead + Unpin> AsyncRead for Counted<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.source).poll_read(cx, buf);
        let read = u64::try_from(buf.filled().len() - before).unwrap_or(0);
        self.read.fetch_add(read, Ordering::Relaxed);
        polled
    }
}

pub(super) async fn upload(console: &Console, args: &UploadArgs) -> Result<(), StartError> {
    let bid = &args.of.bid;
    let (source, length) = open(&args.file).await?;
    let read = Arc::new(AtomicU64::new(0));
    let source = Counted { source, read: Arc::clone(&read) };
    let name = args.file.display().to_string();
    let said = args.said();
    let mut taking =
        std::pin::pin!(migration::stage_as(console, &Actor::Operator, bid, &name, &said, source));
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.tick().await;
    loop {
        tokio::select! {
            taken = &mut taking => {
                taken?;
                break;
            }
            _ = every.tick() => terminal::note(&progress(read.load(Ordering::Relaxed), length)),
        }
    }
    terminal::note(&progress(read.load(Ordering::Relaxed), length));
    let view = newest(console, bid).await?;
    if view.it.state == MigrationState::Mapping {
        let columns = view.it.header.join(", ");
        let why =
            view.it.mapping.bind(&view.it.header).err().map(|error| error.to_string()).unwrap_or_default();
        return Err(StartError::UsersMove(format!(
            "{why} The columns are {columns}. Cancel this move and upload again with --column, or choose them on the page."
        )));
    }
    if args.no_wait || !view.it.state.works() {
        terminal::line(&super::said::standing(&view));
        return ended(&view);
    }
    watch(console, bid).await
}

fn progress(read: u64, length: Option<u64>) -> String {
    let whole = length
        .filter(|length| *length > 0)
        .map(|length| format!(" of {} MB ({} %)", megabytes(length), read.saturating_mul(100) / length));
    format!("{} MB{} read", megabytes(read), whole.unwrap_or_default())
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10)
}
