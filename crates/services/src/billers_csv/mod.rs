//! Billers from a CSV file, row by row: streamed, UTF-8 only, every bad row on its own.

pub(crate) mod lines;
pub(crate) mod rows;

use std::{collections::HashMap, io};

use domain::{
    Bid,
    biller::BillerDraft,
    import::{Column, Columns, HeaderError, RowError},
};
use storage::imports::StagedRow;
use thiserror::Error;
use tokio::io::AsyncRead;

use self::{
    lines::{Line, LineText, ROW_MAX},
    rows::{Fields, RawRow, Rows},
};

/// Rows a file may have; bounds what is remembered to find doubled bids.
const ROWS_MAX: u64 = 500_000;

/// Why a file cannot be read at all.
#[derive(Debug, Error)]
pub enum FileError {
    /// The first line does not name the columns.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A text, but in another encoding.
    #[error("The file is in UTF-16. Save it as UTF-8 (in Excel: \"CSV UTF-8\") and upload it again.")]
    Utf16,
    /// A spreadsheet or another archive.
    #[error("The file is a workbook or an archive. Save the sheet as \"CSV UTF-8\" and upload that file.")]
    Archive,
    /// No text.
    #[error(
        "Line 1 holds NUL bytes, so the file is not UTF-8 text. Save it as UTF-8 (in Excel: \"CSV UTF-8\")."
    )]
    Nul,
    /// The column names are in another encoding.
    #[error("Line 1 holds bytes that are not UTF-8. Save the file as UTF-8 (in Excel: \"CSV UTF-8\").")]
    HeaderEncoding,
    /// Another character stands between the columns.
    #[error("Line 1 has {0:?} between the columns. Save the file with commas between the columns.")]
    Delimiter(char),
    /// A quote in the first line stays open.
    #[error("Line 1 opens a double quote and does not close it. Close or remove it.")]
    HeaderQuote,
    /// The first line is endless.
    #[error(
        "Line 1 has more than {ROW_MAX} bytes, so it is no line of column names. Check that it is the right file."
    )]
    HeaderLength,
    /// Too many rows.
    #[error("The file has more than {ROWS_MAX} rows. Split it into several files.")]
    TooManyRows,
    /// The file broke off.
    #[error("The file could not be read to its end ({0}). Upload it again.")]
    Broken(#[from] io::Error),
}

/// Reads billers from a file.
pub struct BillersCsv<R> {
    rows: Rows<R>,
    columns: Columns,
    /// On which line each bid stands first.
    seen: HashMap<Bid, u64>,
    count: u64,
}

impl<R: AsyncRead + Unpin> BillersCsv<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`FileError`] when the file is none of billers, or cannot be read.
    pub async fn open(source: R) -> Result<Self, FileError> {
        let mut rows = Rows::new(source);
        let columns = header(rows.line().await?)?;
        Ok(Self { rows, columns, seen: HashMap::new(), count: 0 })
    }

    /// The next row; `None` at the end of the file.
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be read on. A bad row is no such error.
    pub async fn next(&mut self) -> Result<Option<StagedRow>, FileError> {
        let Some(raw) = self.rows.next().await? else { return Ok(None) };
        self.count += 1;
        if self.count > ROWS_MAX {
            return Err(FileError::TooManyRows);
        }
        Ok(Some(match raw {
            RawRow::Unclosed { line } => bad(line, open_quote(line)),
            RawRow::TooLong { line } => {
                let problem = format!("is longer than {} KiB", ROW_MAX / 1024);
                let cure =
                    "Break the line where rows were joined; a row of a biller has a few hundred characters";
                bad(line, RowError::row(line, problem, cure))
            }
            RawRow::Fields(fields) => self.check(fields),
        }))
    }

    /// Columns of the file that mean nothing to us.
    #[must_use]
    pub fn ignored_columns(&self) -> &[String] {
        self.columns.ignored()
    }

    fn check(&mut self, fields: Fields) -> StagedRow {
        let line = fields.line;
        if fields.is_spread() && !self.fits(&fields) {
            self.rows.put_back_rest(fields);
            return bad(line, open_quote(line));
        }
        let draft = self.texts(&fields).and_then(|texts| self.columns.row(line, &texts));
        StagedRow { line, result: draft.and_then(|draft| self.once(line, draft)) }
    }

    /// A row over several lines is whole when it has every field, and line breaks only where we do not look.
    fn fits(&self, fields: &Fields) -> bool {
        fields.iter().count() == self.columns.width()
            && fields
                .iter()
                .enumerate()
                .all(|(i, text)| self.columns.at(i).is_none() || !text.contains(&b'\n'))
    }

    fn texts<'a>(&self, fields: &'a Fields) -> Result<Vec<&'a str>, Vec<RowError>> {
        let mut errors = Vec::new();
        let mut texts = Vec::new();
        for (place, bytes) in fields.iter().enumerate() {
            match std::str::from_utf8(bytes) {
                Ok(text) => texts.push(text),
                Err(_) => errors.push(not_utf8(fields.line, self.columns.at(place))),
            }
        }
        if errors.is_empty() { Ok(texts) } else { Err(errors) }
    }

    fn once(&mut self, line: u64, draft: BillerDraft) -> Result<BillerDraft, Vec<RowError>> {
        if let Some(first) = self.seen.get(&draft.bid) {
            let problem = format!("{} stands on line {first} already", draft.bid);
            return Err(vec![RowError::field(line, Column::Bid, problem, "Keep one of the two rows")]);
        }
        self.seen.insert(draft.bid.clone(), line);
        Ok(draft)
    }
}

fn bad(line: u64, error: RowError) -> StagedRow {
    StagedRow { line, result: Err(vec![error]) }
}

fn not_utf8(line: u64, column: Option<Column>) -> RowError {
    let problem = "holds bytes that are not UTF-8";
    let cure = "Save the file as UTF-8 (in Excel: \"CSV UTF-8\") and upload it again";
    column.map_or_else(
        || RowError::row(line, problem, cure),
        |column| RowError::field(line, column, problem, cure),
    )
}

fn open_quote(line: u64) -> RowError {
    RowError::row(
        line,
        "a double quote is opened and not closed on this line",
        "Close it at the end of the field; write a quote inside a quoted field twice (\"\")",
    )
}

/// The first line, if it is text.
pub(crate) fn first_line(first: Option<Line>) -> Result<String, FileError> {
    let bytes = match first.map(|line| line.text) {
        None => return Err(HeaderError::Empty.into()),
        Some(LineText::TooLong) => return Err(FileError::HeaderLength),
        Some(LineText::Bytes(bytes)) => bytes,
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(FileError::Utf16);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(FileError::Archive);
    }
    if bytes.contains(&0) {
        return Err(FileError::Nul);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| FileError::HeaderEncoding)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(HeaderError::Empty.into());
    }
    Ok(text.to_owned())
}

fn header(first: Option<Line>) -> Result<Columns, FileError> {
    let text = first_line(first)?;
    let text = text.as_str();
    let names = rows::split(text.as_bytes()).ok_or(FileError::HeaderQuote)?;
    let names: Vec<&str> = names.iter().filter_map(|name| std::str::from_utf8(name).ok()).collect();
    Columns::from_header(names).map_err(|error| match (error, text.contains(','), delimiter(text)) {
        (HeaderError::Missing { .. }, false, Some(other)) => FileError::Delimiter(other),
        (error, ..) => error.into(),
    })
}

/// What stands between the columns where it is no comma.
pub(crate) fn delimiter(header: &str) -> Option<char> {
    [';', '\t', '|'].into_iter().find(|c| header.contains(*c))
}

#[cfg(test)]
mod tests;
