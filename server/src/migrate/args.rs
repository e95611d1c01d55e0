//! How `ciam-console migrate` is asked.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{
    Bid,
    migration::{Mapping, SaltEncoding, SaltOrder, SourceField, StatedDigest},
};

/// What to do with the move of a biller's users.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Take a file of users in (CSV or JSON Lines, UTF-8) and check it. Nothing is sent.
    Upload(UploadArgs),
    /// Show where the newest move stands: verdicts, passwords, problems.
    Show(OfBiller),
    /// Start it: canaries first, then the users.
    Start(AskArgs),
    /// Follow it until it ends or waits for a person.
    Watch(OfBiller),
    /// Send nothing more for now.
    Pause(OfBiller),
    /// Go on.
    Resume(OfBiller),
    /// Send nothing more; what was moved stays.
    Cancel(OfBiller),
    /// Send rows again that failed.
    Retry(OfBiller),
    /// Remove moved users again that nobody changed since.
    Undo(NamedArgs),
    /// Lock users of earlier deliveries that are missing in this one: they are signed out and stay locked.
    LockMissing(NamedArgs),
    /// Write rejected and failed rows as CSV, to be corrected; `-` is standard output.
    Failed(FileArgs),
    /// Take corrected rows in; `-` is standard input.
    Correct(FileArgs),
}

/// Whose users.
#[derive(Clone, Debug, Args)]
pub struct OfBiller {
    /// The biller's id.
    #[arg(value_parser = bid)]
    pub bid: Bid,
}

/// What to take in.
#[derive(Debug, Args)]
pub struct UploadArgs {
    /// Whose users.
    #[command(flatten)]
    pub of: OfBiller,
    /// The file; `-` is standard input.
    pub file: PathBuf,
    /// Which column holds a field, e.g. `--column username=login`. What is not said is remembered or guessed.
    #[arg(long = "column", value_name = "FIELD=COLUMN", value_parser = column)]
    pub columns: Vec<(SourceField, String)>,
    /// How bare digests were made: `password_first`, `salt_first` or `no_salt`.
    #[arg(long, value_parser = word::<SaltOrder>)]
    pub salt_order: Option<SaltOrder>,
    /// How salts are written: text, hex or base64.
    #[arg(long, value_parser = word::<SaltEncoding>, default_value = "text")]
    pub salt_encoding: SaltEncoding,
    /// The country code of phones that name none, e.g. `+1`.
    #[arg(long)]
    pub country_code: Option<String>,
    /// Return once the file is in, without waiting for the check.
    #[arg(long)]
    pub no_wait: bool,
}

impl UploadArgs {
    /// What is said of the columns.
    pub(super) fn said(&self) -> Mapping {
        Mapping {
            columns: self.columns.iter().cloned().collect(),
            digest: self.salt_order.map(|order| StatedDigest { order, encoding: self.salt_encoding }),
            country_code: self.country_code.clone(),
        }
    }
}

/// What to ask.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// Whose users.
    #[command(flatten)]
    pub of: OfBiller,
    /// Why, for the log of activity.
    #[arg(long)]
    pub reason: Option<String>,
}

/// What to ask that takes people's access away.
#[derive(Debug, Args)]
pub struct NamedArgs {
    /// Whose users.
    #[command(flatten)]
    pub of: OfBiller,
    /// The biller's name exactly as shown: people are removed or locked.
    #[arg(long)]
    pub name: String,
}

/// Which file.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Whose users.
    #[command(flatten)]
    pub of: OfBiller,
    /// The file.
    pub file: PathBuf,
}

fn bid(text: &str) -> Result<Bid, String> {
    Bid::parse(text).map_err(|error| error.to_string())
}

fn word<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn column(text: &str) -> Result<(SourceField, String), String> {
    let fields = || SourceField::ALL.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", ");
    let parts = text.split_once('=').filter(|(_, column)| !column.trim().is_empty());
    let (field, column) = parts.ok_or_else(|| format!("write FIELD=COLUMN; fields are {}", fields()))?;
    let field =
        field.trim().parse().map_err(|_| format!("{field:?} is no field; fields are {}", fields()))?;
    Ok((field, column.trim().to_owned()))
}
