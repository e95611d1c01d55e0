//! Why a sandbox does not start.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Why a sandbox does not start, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {addr}: {error}; choose a free address, or port 0 for any")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The state file cannot be read or written.
    #[error("the sandbox's state file {}: {error}; check the folder's rights and space", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file is none of ours.
    #[error("{} is not a state file of the sandbox; name another file, or remove this one", path.display())]
    StateUnknown {
        /// The file.
        path: PathBuf,
    },
    /// The file is of another tenant or of another version.
    #[error(
        "the sandbox's state file {} is of tenant {tenant} or of another version; name another file, \
         or remove this one to begin afresh",
        path.display()
    )]
    StateForeign {
        /// The file.
        path: PathBuf,
        /// The tenant it is of.
        tenant: String,
    },
    /// A line before the last cannot be read.
    #[error(
        "the sandbox's state file {} is damaged in line {line}; remove that line to keep the rest, \
         or the file to begin afresh",
        path.display()
    )]
    StateDamaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl SandboxError {
    pub(crate) fn state(path: &Path, error: io::Error) -> Self {
        Self::State { path: path.to_owned(), error }
    }
}
