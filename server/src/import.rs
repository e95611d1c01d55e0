//! `ciam-console import billers FILE`.

use std::path::Path;

use domain::actor::Actor;
use services::apply_import;

use crate::{compose, config::Config, error::StartError, terminal};

/// Brings the billers of a file in; bad rows are printed and harm no other.
///
/// # Errors
/// [`StartError`] when the file cannot be read, or some rows were bad.
pub(crate) async fn billers(config: &Config, data_dir: &Path, file: &Path) -> Result<(), StartError> {
    let name = file.display().to_string();
    let reader =
        tokio::fs::File::open(file).await.map_err(|error| StartError::File { file: name.clone(), error })?;
    let console = compose::without_vendor(config, data_dir).await?;
    let report = apply_import::import_file(&console, &Actor::Operator, &name, reader).await?;
    terminal::imported(report.counts.created, report.counts.changed, report.counts.unchanged, &report.errors)
}
