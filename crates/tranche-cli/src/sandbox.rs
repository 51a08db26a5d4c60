//! `tranche sandbox`: a payment provider to develop and test against.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tranche_sandbox::{Fault, SandboxConfig};

use crate::child::LISTENING;
use crate::{CommandError, shutdown};

const EXAMPLES: &str = "Examples:
  curl http://127.0.0.1:50052/payments -d '{\"paymentId\": \"p-1\", \"value\": 100.00, \"currency\": \"BRL\"}'
      authorizes a payment, which CreateTransaction adopts by provider_payment_id
  curl http://127.0.0.1:50052/books
      shows what it booked; /calls what it was asked; / both to people, in a browser
  curl http://127.0.0.1:50052/faults -d '{\"paymentId\": \"p-1\", \"times\": 1, \"fault\": \"settle-less\"}'
      makes it misbehave; DELETE /faults makes it behave

A payment's merchantSettings say how often it can be settled. docs/SANDBOX.md lists all of this, and leads to the first \
settlement. Everything is kept in memory.";

/// The examples, and every fault.
fn help() -> String {
    let faults = Fault::NAMES.iter().map(|(name, effect)| format!("\n  {name}\n      {effect}"));
    format!("{EXAMPLES}\n\nFaults:{}", faults.collect::<Vec<_>>().concat())
}

#[derive(Debug, clap::Args)]
#[command(after_help = help())]
pub(crate) struct SandboxArguments {
    /// The address to listen on; port 0 takes a free one, and the line on standard output says which.
    #[arg(long, env = "TRANCHE_SANDBOX_LISTEN", default_value = "127.0.0.1:50052")]
    listen: SocketAddr,
    /// Misbehaves from the start: one of the faults below, or one with details, in JSON as docs/SANDBOX.md shows it.
    #[arg(long, env = "TRANCHE_SANDBOX_FAULT", value_name = "FAULT")]
    fault: Option<Fault>,
    /// The application key that callers must bring.
    #[arg(long, env = "TRANCHE_SANDBOX_APP_KEY", hide_env_values = true)]
    app_key: Option<String>,
    /// The application token that callers must bring.
    #[arg(long, env = "TRANCHE_SANDBOX_APP_TOKEN", hide_env_values = true)]
    app_token: Option<String>,
    /// Keeps no log of the calls, for measurements.
    #[arg(long, env = "TRANCHE_SANDBOX_FORGET_CALLS")]
    forget_calls: bool,
    /// Stops when standard input closes, so that a provider started by another program never outlives it.
    #[arg(long, env = "TRANCHE_SANDBOX_EXIT_WHEN_STDIN_CLOSES")]
    exit_when_stdin_closes: bool,
}

/// Runs the command.
pub(crate) async fn run(arguments: SandboxArguments) -> Result<(), CommandError> {
    let signals = |error| CommandError::new("signals cannot be watched", &error);
    let token = shutdown::watch(arguments.exit_when_stdin_closes).map_err(signals)?;
    let bind = |error| CommandError::new(&format!("cannot listen on {}", arguments.listen), &error);
    let listener = TcpListener::bind(arguments.listen).await.map_err(bind)?;
    println!("{LISTENING}{}", listener.local_addr().map_err(bind)?);
    let config = SandboxConfig {
        app_key: arguments.app_key,
        app_token: arguments.app_token,
        fault: arguments.fault,
        keep_calls: !arguments.forget_calls,
        ..SandboxConfig::default()
    };
    let ended = async move { token.cancelled().await };
    let failed = |error| CommandError::new("the provider failed", &error);
    tranche_sandbox::serve(listener, config, ended).await.map_err(failed)
}
