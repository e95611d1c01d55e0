//! The physical lines of a file, none of them longer than a limit, so that memory stays flat.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Bytes a row may have, over all its lines. Real rows have a few hundred.
pub(crate) const ROW_MAX: usize = 1024 * 1024;

/// One physical line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// What stands on it.
    pub(crate) text: LineText,
}

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LineText {
    /// These bytes.
    Bytes(Vec<u8>),
    /// More than [`ROW_MAX`] bytes; they were passed over.
    TooLong,
}

/// Reads line by line. Ends of lines are `\n`, `\r\n` and a bare `\r`.
pub(crate) struct Lines<R> {
    source: BufReader<R>,
    number: u64,
    /// The last line ended in `\r`: a `\n` that comes next belongs to it.
    after_return: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source: BufReader::with_capacity(64 * 1024, source), number: 0, after_return: false }
    }

    /// The next line; `None` at the end of the file.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut length = 0;
        loop {
            let (chunk, end, used) = match self.fill().await? {
                [] if length == 0 => return Ok(None),
                [] => (0, true, 0),
                buffer => {
                    let end = buffer.iter().position(|b| matches!(b, b'\n' | b'\r'));
                    let chunk = end.unwrap_or(buffer.len());
                    if length + chunk <= ROW_MAX {
                        bytes.extend_from_slice(&buffer[..chunk]);
                    }
                    let returned = end.is_some_and(|at| buffer[at] == b'\r');
                    let used = chunk + usize::from(end.is_some());
                    self.after_return = returned;
                    (chunk, end.is_some(), used)
                }
            };
            self.source.consume(used);
            length += chunk;
            if end {
                self.number += 1;
                let text = if length > ROW_MAX { LineText::TooLong } else { LineText::Bytes(bytes) };
                return Ok(Some(Line { number: self.number, text }));
            }
        }
    }

    /// Unread bytes, past the second half of a `\r\n`; empty at the end of the file.
    async fn fill(&mut self) -> io::Result<&[u8]> {
        if self.after_return && self.source.fill_buf().await?.first() == Some(&b'\n') {
            self.source.consume(1);
        }
        self.after_return = false;
        self.source.fill_buf().await
    }
}
