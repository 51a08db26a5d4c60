//! The binary `tranche` as a library, so that tests run the real thing: `serve`, `demo`, `bench`, `sandbox` and
//! `migrate`.
//!
//! This is the composition root: the clock, the randomness, the environment and the signals of the process are touched
//! here and nowhere else. Results go to standard output, logs to standard error.

pub mod audit;
mod bench;
mod child;
pub mod cluster;
mod demo;
mod entropy;
#[cfg(feature = "fault-injection")]
mod fault;
mod logs;
mod migrate;
mod provider;
mod sandbox;
mod serve;
mod shutdown;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
/// The server as a library, for those who compose one of their own.
pub use tranche_server as server;

/// A fifth of the server's time went to allocating and freeing with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Settles exactly the value of each partial invoice.
#[derive(Debug, Parser)]
#[command(
    name = "tranche",
    version,
    about = "Settles exactly the value of each partial invoice.",
    long_about = "Tranche sits between order management and payment providers. Each partial invoice of an order settles \
                  exactly its own value across the order's payments, once, whatever crashes.\n\n\
                  Start with `tranche demo`, which plays the main job before your eyes. `tranche serve` runs the \
                  gRPC server; `tranche sandbox` is a payment provider to develop against.",
    after_help = "Every flag can be given as an environment variable too; each command's --help names them."
)]
struct Cli {
    /// What is logged, as a filter such as `info` or `tranche_server=debug,warn`.
    #[arg(long, global = true, env = "TRANCHE_LOG", default_value = "info")]
    log: String,
    /// How it is logged.
    #[arg(long, global = true, env = "TRANCHE_LOG_FORMAT", value_enum, default_value_t = logs::Format::Text)]
    log_format: logs::Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gRPC server.
    Serve(serve::ServeArguments),
    /// Plays the main job on the embedded database and compares both sides' books.
    Demo(demo::DemoArguments),
    /// Runs a payment provider to develop and test against.
    Sandbox(sandbox::SandboxArguments),
    /// Measures how many invoices it settles, audits the books, and compares with the conventional design.
    Bench(bench::BenchArguments),
    /// Brings a database's schema up, takes it down, or tells where it stands.
    Migrate(migrate::MigrateArguments),
}

/// Why a command failed, as the sentence that is printed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CommandError(String);

impl CommandError {
    /// What was attempted, and why it failed, with every source.
    fn new(attempt: &str, error: &dyn std::error::Error) -> Self {
        let mut text = format!("{attempt}: {error}");
        let mut source = error.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        Self(text)
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Demo and benchmark talk to a person; their logs would stand between the tables.
    let quiet = matches!(cli.command, Command::Demo(_) | Command::Bench(_)) && cli.log == "info";
    if let Err(error) = logs::start(if quiet { "error" } else { &cli.log }, cli.log_format) {
        eprintln!("tranche: {error}");
        return ExitCode::from(2);
    }
    // Only fails if another one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("tranche: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Bench(arguments) => bench::run(arguments).await,
            Command::Sandbox(arguments) => sandbox::run(arguments).await,
            Command::Migrate(arguments) => migrate::run(arguments).await,
        }
    });
    // A read of standard input that nobody will answer must not keep the process.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tranche: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_fits_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_is_an_environment_variable_and_is_explained() {
        let cli = Cli::command();
        for command in cli.get_subcommands().chain([&cli]) {
            for flag in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
                let name = flag.get_id().as_str();
                if ["help", "version"].contains(&name) {
                    continue;
                }
                let env = flag.get_env().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
                assert!(env.starts_with("TRANCHE_"), "{} --{name} has no variable", command.get_name());
                assert!(flag.get_help().is_some(), "{} --{name} is not explained", command.get_name());
            }
        }
    }
}
