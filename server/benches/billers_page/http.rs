//! A small HTTP/1.1 client: it costs little, so that what is measured is the server.

use std::{net::SocketAddr, ops::Range};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Outcome;

/// Room for what one reading brings.
const ROOM: usize = 128 * 1_024;

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What came back; valid until the next exchange.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    head: usize,
    body: Vec<Range<usize>>,
}

enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(ROOM) })
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = self.line_end(0, b"\r\n\r\n").await?;
        let (status, framing) = self.head(head)?;
        let body = match framing {
            Framing::Length(length) => {
                self.until(head + length).await?;
                std::iter::once(head..head + length).collect()
            }
            Framing::Chunked => self.chunks(head).await?,
        };
        Ok(Answer { status, head, body })
    }

    fn head(&self, end: usize) -> Outcome<(u16, Framing)> {
        let head = std::str::from_utf8(&self.received[..end])?;
        let status = head.split(' ').nth(1).ok_or("the answer has no status")?.parse()?;
        let value = |name: &str| header(head, name);
        let framing = match (value("content-length"), value("transfer-encoding")) {
            (Some(length), _) => Framing::Length(length.parse()?),
            (None, Some("chunked")) => Framing::Chunked,
            _ => return Err("the answer tells no length".into()),
        };
        Ok((status, framing))
    }

    async fn chunks(&mut self, head: usize) -> Outcome<Vec<Range<usize>>> {
        let mut chunks = Vec::new();
        let mut at = head;
        loop {
            let data = self.line_end(at, b"\r\n").await?;
            let size = std::str::from_utf8(&self.received[at..data])?.trim_end();
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16)?;
            at = data + size + 2;
            self.until(at).await?;
            if size == 0 {
                return Ok(chunks);
            }
            chunks.push(data..data + size);
        }
    }

    /// The place after the next `mark`.
    async fn line_end(&mut self, from: usize, mark: &[u8]) -> Outcome<usize> {
        let mut looked = from;
        loop {
            let found = self.received[looked..].windows(mark.len()).position(|window| window == mark);
            if let Some(place) = found {
                return Ok(looked + place + mark.len());
            }
            // A mark may lie across two readings.
            looked = self.received.len().saturating_sub(mark.len()).max(from);
            self.more().await?;
        }
    }

    async fn until(&mut self, length: usize) -> Outcome<()> {
        while self.received.len() < length {
            self.more().await?;
        }
        Ok(())
    }

    async fn more(&mut self) -> Outcome<()> {
        self.received.reserve(ROOM / 2);
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err("the server closed the connection in the middle of an answer".into());
        }
        Ok(())
    }

    /// A header of the answer.
    pub(crate) fn header(&self, answer: &Answer, name: &str) -> Option<&str> {
        header(std::str::from_utf8(&self.received[..answer.head]).ok()?, name)
    }

    /// The answer's body.
    pub(crate) fn body(&self, answer: &Answer) -> Vec<u8> {
        answer.body.iter().flat_map(|range| self.received[range.clone()].iter().copied()).collect()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// Whether an answer may be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is.
    Plain,
    /// As browsers ask over TLS.
    Brotli,
}

/// A request for a page.
pub(crate) fn get(address: SocketAddr, path: &str, cookie: &str, encoding: Encoding) -> Vec<u8> {
    let accept = match encoding {
        Encoding::Plain => "",
        Encoding::Brotli => "accept-encoding: gzip, deflate, br, zstd\r\n",
    };
    format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/html\r\n{accept}cookie: {cookie}\r\n\r\n")
        .into_bytes()
}
