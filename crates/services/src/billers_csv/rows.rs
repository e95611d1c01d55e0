//! Rows out of lines: quotes, doubled quotes, and quotes that were never closed.
//!
//! A lost quote would swallow every line up to the next quote. So the lines of a row that turns out to be
//! wrong can be put back: the first one is reported, the others are read again on their own.

use std::{collections::VecDeque, io};

use csv_core::{ReadRecordResult, Reader};
use tokio::io::AsyncRead;

use super::lines::{Line, LineText, Lines, ROW_MAX};

/// Lines a quoted row may go over.
const LINES_MAX: usize = 50;

/// One row as it stands in the file.
pub(crate) enum RawRow {
    /// Fields without their quotes.
    Fields(Fields),
    /// A quote is opened on this line and closed nowhere near.
    Unclosed { line: u64 },
    /// This line is longer than [`ROW_MAX`].
    TooLong { line: u64 },
}

/// The fields of a row.
pub(crate) struct Fields {
    /// The line on which the row begins.
    pub(crate) line: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    rest: Vec<Line>,
}

impl Fields {
    /// The fields, in order, as bytes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| self.bytes.get(begin..*end).unwrap_or_default())
    }

    /// Whether the row goes over several lines.
    pub(crate) fn is_spread(&self) -> bool {
        !self.rest.is_empty()
    }
}

/// Lines that come, or come again.
struct Feed<R> {
    lines: Lines<R>,
    put_back: VecDeque<Line>,
}

impl<R: AsyncRead + Unpin> Feed<R> {
    async fn next(&mut self) -> io::Result<Option<Line>> {
        match self.put_back.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next().await,
        }
    }
}

/// Reads row by row.
pub(crate) struct Rows<R> {
    feed: Feed<R>,
    /// Made once: making one costs more than reading a row.
    reader: Reader,
}

impl<R: AsyncRead + Unpin> Rows<R> {
    pub(crate) fn new(source: R) -> Self {
        let feed = Feed { lines: Lines::new(source), put_back: VecDeque::new() };
        Self { feed, reader: Reader::new() }
    }

    /// The next line as it is, even a blank one.
    pub(crate) async fn line(&mut self) -> io::Result<Option<Line>> {
        self.feed.next().await
    }

    /// The next row that is not blank; `None` at the end of the file.
    pub(crate) async fn next(&mut self) -> io::Result<Option<RawRow>> {
        while let Some(line) = self.line().await? {
            match line.text {
                LineText::TooLong => return Ok(Some(RawRow::TooLong { line: line.number })),
                LineText::Bytes(bytes) if bytes.iter().all(|b| matches!(b, b',' | b' ' | b'\t')) => {}
                LineText::Bytes(bytes) => return self.row(line.number, &bytes).await.map(Some),
            }
        }
        Ok(None)
    }

    /// Reads the lines after the first of this row again, each as a row of its own.
    pub(crate) fn put_back_rest(&mut self, row: Fields) {
        for line in row.rest.into_iter().rev() {
            self.feed.put_back.push_front(line);
        }
    }

    async fn row(&mut self, number: u64, first: &[u8]) -> io::Result<RawRow> {
        let mut splitter = Splitter::new(&mut self.reader);
        let mut complete = splitter.feed(first);
        let mut rest = Vec::new();
        while !complete && rest.len() < LINES_MAX {
            let Some(line) = self.feed.next().await? else { break };
            let fits = match &line.text {
                LineText::Bytes(bytes) if splitter.length() + bytes.len() <= ROW_MAX => {
                    complete = splitter.feed(bytes);
                    true
                }
                _ => false,
            };
            rest.push(line);
            if !fits {
                break;
            }
        }
        let fields = Fields { line: number, bytes: splitter.bytes, ends: splitter.ends, rest };
        if complete {
            return Ok(RawRow::Fields(fields));
        }
        self.put_back_rest(fields);
        Ok(RawRow::Unclosed { line: number })
    }
}

/// The fields of a row that stands on one line; `None` when a quote stays open.
pub(crate) fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut reader = Reader::new();
    let mut splitter = Splitter::new(&mut reader);
    if !splitter.feed(line) {
        return None;
    }
    let fields = Fields { line: 1, bytes: splitter.bytes, ends: splitter.ends, rest: Vec::new() };
    Some(fields.iter().map(<[u8]>::to_vec).collect())
}

/// Splits one row into fields, fed line by line.
struct Splitter<'a> {
    reader: &'a mut Reader,
    bytes: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    ended: usize,
}

impl<'a> Splitter<'a> {
    fn new(reader: &'a mut Reader) -> Self {
        reader.reset();
        Self { reader, bytes: Vec::new(), written: 0, ends: Vec::new(), ended: 0 }
    }

    fn length(&self) -> usize {
        self.written
    }

    /// Takes a line; the answer is whether the row is complete with it.
    fn feed(&mut self, line: &[u8]) -> bool {
        let complete = self.take(line) || self.take(b"\n");
        if complete {
            self.bytes.truncate(self.written);
            self.ends.truncate(self.ended);
        }
        complete
    }

    fn take(&mut self, mut input: &[u8]) -> bool {
        // One more than the input, so that the output is never what stops the reader.
        self.bytes.resize(self.written + input.len() + 1, 0);
        while !input.is_empty() {
            if self.ended == self.ends.len() {
                self.ends.resize(self.ended * 2 + 16, 0);
            }
            let (result, read, written, ended) =
                self.reader.read_record(input, &mut self.bytes[self.written..], &mut self.ends[self.ended..]);
            input = &input[read..];
            self.written += written;
            self.ended += ended;
            if result == ReadRecordResult::Record {
                return true;
            }
        }
        false
    }
}
