//! State that survives a restart: one line of JSON per change set, appended before the answer leaves.
//!
//! A process killed at any instant leaves at most a torn last line, which reading drops: that change set
//! was never answered for. The file is rewritten whole (new file, synced, renamed) when it is opened and
//! when most of its lines are outdated.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Store, Written};
use crate::SandboxError;

/// The layout of the file; raised when it changes.
const FORMAT: u32 = 1;

/// Lines that may be outdated before the file is rewritten.
const SLACK: usize = 2_000;

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    tenant: String,
}

/// An open state file.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    tenant: String,
    file: File,
    length: u64,
    lines: usize,
}

impl Journal {
    /// Reads the file at `path` into a store, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read, belongs to another tenant or layout, or is damaged before its end.
    pub(crate) fn read(path: &Path, tenant: &str) -> Result<Option<Store>, SandboxError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SandboxError::state(path, error)),
        };
        let mut reader = BufReader::new(file);
        let mut line = String::new();
        reader.read_line(&mut line).map_err(|error| SandboxError::state(path, error))?;
        let header: Header =
            serde_json::from_str(&line).map_err(|_| SandboxError::StateUnknown { path: path.to_owned() })?;
        if header.format != FORMAT || header.tenant != tenant {
            return Err(SandboxError::StateForeign { path: path.to_owned(), tenant: header.tenant });
        }
        let mut store = Store::default();
        let mut number = 1;
        loop {
            line.clear();
            number += 1;
            let read = reader.read_line(&mut line).map_err(|error| SandboxError::state(path, error))?;
            // A line without its end was being written when the process died: it was never answered for.
            if read == 0 || !line.ends_with('\n') {
                return Ok(Some(store));
            }
            let written: Vec<Written> = serde_json::from_str(&line)
                .map_err(|_| SandboxError::StateDamaged { path: path.to_owned(), line: number })?;
            written.into_iter().for_each(|one| store.replay(one));
        }
    }

    /// Writes `store` whole to `path` and keeps the file open for what follows.
    ///
    /// # Errors
    /// When the file or its folder cannot be written.
    pub(crate) fn create(path: &Path, tenant: &str, store: &Store) -> Result<Self, SandboxError> {
        let (file, lines) = rewrite(path, tenant, store).map_err(|error| SandboxError::state(path, error))?;
        let length = file.metadata().map_err(|error| SandboxError::state(path, error))?.len();
        Ok(Self { path: path.to_owned(), tenant: tenant.to_owned(), file, length, lines })
    }

    /// Appends one change set. After an error the file is as before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn append(&mut self, written: &[Written]) -> io::Result<()> {
        let mut line = serde_json::to_vec(written)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Rewrites the file whole when most of its lines are outdated.
    ///
    /// # Errors
    /// When the disk refuses; the old file then still holds everything.
    pub(crate) fn tidy(&mut self, store: &Store) -> io::Result<()> {
        if self.lines < SLACK + 2 * store.size() {
            return Ok(());
        }
        self.replace(store)
    }

    /// Rewrites the file whole from `store`.
    ///
    /// # Errors
    /// When the disk refuses; the old file then still holds everything.
    pub(crate) fn replace(&mut self, store: &Store) -> io::Result<()> {
        let (file, lines) = rewrite(&self.path, &self.tenant, store)?;
        self.length = file.metadata()?.len();
        self.file = file;
        self.lines = lines;
        Ok(())
    }
}

/// Writes a new file beside the old one, syncs it, renames it into place and syncs the folder.
fn rewrite(path: &Path, tenant: &str, store: &Store) -> io::Result<(File, usize)> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = folder.join(name);
    let mut out = BufWriter::new(File::create(&fresh)?);
    serde_json::to_writer(&mut out, &Header { format: FORMAT, tenant: tenant.to_owned() })?;
    out.write_all(b"\n")?;
    let mut lines = 1;
    for written in store.everything() {
        serde_json::to_writer(&mut out, &[written])?;
        out.write_all(b"\n")?;
        lines += 1;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()?;
    Ok((OpenOptions::new().append(true).open(path)?, lines))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::{Doc, Fields, Table};

    #[test]
    fn outdated_lines_are_cleared_away_and_nothing_is_lost() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("state.json");
        let mut store = Store::default();
        let mut journal = Journal::create(&path, "t", &store).unwrap();
        let mut longest = 0;
        for n in 0..3 * SLACK {
            let doc = Doc::from_iter([("n".to_owned(), json!(n))]);
            store.put(Table::Pools, "p", doc);
            journal.append(&store.pending()).unwrap();
            store.commit();
            journal.tidy(&store).unwrap();
            longest = longest.max(std::fs::metadata(&path).unwrap().len());
        }
        assert!(longest < 200 * SLACK as u64, "{longest}");
        let read = Journal::read(&path, "t").unwrap().unwrap();
        assert_eq!(read.get(Table::Pools, "p").unwrap().whole("n"), 3 * SLACK as i64 - 1);
    }
}
