//! Logs, to standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::CommandError;

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
