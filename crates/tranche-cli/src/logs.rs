//! Logs, to standard error.

use std::path::Path;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::CommandError;

/// Bytes of a log that an error quotes.
const QUOTED_BYTES: usize = 2_000;

/// The end of another process's log, as an error quotes it; empty if it cannot be read.
pub(crate) fn end_of(path: &Path) -> String {
    let log = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&log[log.len().saturating_sub(QUOTED_BYTES)..]).into_owned()
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Starts logging what `filter` lets through.
pub(crate) fn start(filter: &str, format: Format) -> Result<(), CommandError> {
    let filter =
        EnvFilter::try_new(filter).map_err(|error| CommandError::new("--log cannot be read", &error))?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        Format::Text => builder.with_ansi(false).init(),
        Format::Json => builder.json().init(),
    }
    Ok(())
}
