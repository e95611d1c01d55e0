//! Users from CSV or JSON Lines, row by row: streamed, UTF-8 only, every bad row on its own.

use domain::{
    import::HeaderError,
    migration::{Cause, Problem},
};
use serde_json::Value;
use thiserror::Error;
use tokio::io::AsyncRead;

use crate::billers_csv::{
    FileError, delimiter, first_line,
    lines::{LineText, ROW_MAX},
    rows::{self, Fields, RawRow, Rows},
};

/// Columns a source may have; more is no table of users.
const COLUMNS_MAX: usize = 200;

/// Why a source cannot be read at all.
#[derive(Debug, Error)]
pub(super) enum SourceError {
    /// As any file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A column is named twice.
    #[error("Line 1 names the column {0:?} twice: rename one of them.")]
    Doubled(String),
    /// A column has no name.
    #[error("Line 1 has no name for column {0}: name every column.")]
    Nameless(usize),
    /// Too many columns.
    #[error("The file has more than {COLUMNS_MAX} columns: keep those that are about users.")]
    TooWide,
    /// Column names and nothing else.
    #[error("The file has no rows below its first line.")]
    NoRows,
}

/// A row with its place.
pub(super) struct SourceRow {
    pub(super) line: i64,
    pub(super) cells: Result<Vec<String>, Problem>,
}

enum Form {
    Csv,
    JsonLines { first: Option<String> },
}

/// Reads users from a source.
pub(super) struct Source<R> {
    rows: Rows<R>,
    form: Form,
    header: Vec<String>,
}

impl<R: AsyncRead + Unpin> Source<R> {
    /// Reads the first line, which says what the source is: a JSON object, or the names of columns.
    pub(super) async fn open(source: R) -> Result<Self, SourceError> {
        let mut rows = Rows::new(source);
        let first = first_line(rows.line().await.map_err(FileError::from)?)?;
        if first.starts_with('{') {
            return Ok(Self { rows, form: Form::JsonLines { first: Some(first) }, header: Vec::new() });
        }
        let names = rows::split(first.as_bytes()).ok_or(FileError::HeaderQuote)?;
        let header: Vec<String> =
            names.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        if let (1, Some(other)) = (header.len(), delimiter(&first)) {
            return Err(FileError::Delimiter(other).into());
        }
        check_names(&header)?;
        Ok(Self { rows, form: Form::Csv, header })
    }

    /// The columns' names; of JSON Lines those that stood in any object so far.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The next row; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<SourceRow>, SourceError> {
        match &mut self.form {
            Form::Csv => self.csv().await,
            Form::JsonLines { first } => match first.take() {
                Some(text) => self.object(1, &text).map(Some),
                None => self.json_line().await,
            },
        }
    }

    async fn csv(&mut self) -> Result<Option<SourceRow>, SourceError> {
        let Some(raw) = self.rows.next().await.map_err(FileError::from)? else { return Ok(None) };
        let (line, cells) = match raw {
            RawRow::Unclosed { line } => (line, Err(unclosed())),
            RawRow::TooLong { line } => (line, Err(too_long())),
            RawRow::Fields(fields) => (fields.line, self.cells(fields)),
        };
        Ok(Some(SourceRow { line: number(line), cells }))
    }

    fn cells(&mut self, fields: Fields) -> Result<Vec<String>, Problem> {
        let width = fields.iter().count();
        if width != self.header.len() {
            if fields.is_spread() {
                self.rows.put_back_rest(fields);
                return Err(unclosed());
            }
            let detail = format!("has {width} fields instead of {}", self.header.len());
            return Err(Problem::new(Cause::WrongShape, detail));
        }
        fields.iter().map(|bytes| String::from_utf8(bytes.to_vec()).map_err(|_| not_utf8())).collect()
    }

    async fn json_line(&mut self) -> Result<Option<SourceRow>, SourceError> {
        while let Some(line) = self.rows.line().await.map_err(FileError::from)? {
            let bytes = match line.text {
                LineText::TooLong => {
                    return Ok(Some(SourceRow { line: number(line.number), cells: Err(too_long()) }));
                }
                LineText::Bytes(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
                LineText::Bytes(bytes) => bytes,
            };
            return match String::from_utf8(bytes) {
                Ok(text) => self.object(line.number, &text).map(Some),
                Err(_) => Ok(Some(SourceRow { line: number(line.number), cells: Err(not_utf8()) })),
            };
        }
        Ok(None)
    }

    fn object(&mut self, line: u64, text: &str) -> Result<SourceRow, SourceError> {
        let Ok(Value::Object(object)) = serde_json::from_str(text) else {
            let problem = Problem::new(Cause::NotJson, "is not one JSON object");
            return Ok(SourceRow { line: number(line), cells: Err(problem) });
        };
        let mut cells = vec![String::new(); self.header.len()];
        for (name, value) in object {
            let place = match self.header.iter().position(|known| *known == name) {
                Some(place) => place,
                None if self.header.len() == COLUMNS_MAX => return Err(SourceError::TooWide),
                None => {
                    self.header.push(name);
                    cells.push(String::new());
                    cells.len() - 1
                }
            };
            cells[place] = match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            };
        }
        Ok(SourceRow { line: number(line), cells: Ok(cells) })
    }
}

fn check_names(header: &[String]) -> Result<(), SourceError> {
    if header.iter().all(String::is_empty) {
        return Err(FileError::from(HeaderError::Empty).into());
    }
    if header.len() > COLUMNS_MAX {
        return Err(SourceError::TooWide);
    }
    for (place, name) in header.iter().enumerate() {
        if name.is_empty() {
            return Err(SourceError::Nameless(place + 1));
        }
        if header[..place].contains(name) {
            return Err(SourceError::Doubled(name.clone()));
        }
    }
    Ok(())
}

fn number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

fn unclosed() -> Problem {
    Problem::new(Cause::UnclosedQuote, "opens a double quote that is not closed")
}

fn too_long() -> Problem {
    Problem::new(Cause::LineTooLong, format!("is longer than {} KiB", ROW_MAX / 1_024))
}

fn not_utf8() -> Problem {
    Problem::new(Cause::WrongEncoding, "holds bytes that are not UTF-8")
}
