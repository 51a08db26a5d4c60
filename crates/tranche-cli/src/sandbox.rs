//! `tranche sandbox`: a payment provider to develop and test against.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tranche_sandbox::bounds::{DECISION_DELAY_MS_DEFAULT, DECISION_DELAY_MS_MAX};
use tranche_sandbox::{CallKind, Fault, FaultError, SandboxConfig};

use crate::child::LISTENING;
use crate::{CommandError, shutdown};

const EXAMPLES: &str = "Examples:
  curl http://127.0.0.1:50052/payments -d '{\"paymentId\": \"p-1\", \"value\": 100.00, \"currency\": \"BRL\"}'
      authorizes a payment, which CreateTransaction adopts by provider_payment_id
  curl http://127.0.0.1:50052/books
      shows what it booked; /calls what it was asked; / both to people, in a browser
  curl http://127.0.0.1:50052/faults -d '{\"paymentId\": \"p-1\", \"times\": 1, \"fault\": \"settle-less\"}'
      makes it misbehave; DELETE /faults makes it behave
  curl http://127.0.0.1:50052/payments -d '{\"paymentId\": \"p-2\", \"value\": 100.00, \"currency\": \"BRL\", \
\"paymentMethod\": \"sandbox-undefined\"}'
      authorizes later: the payment methods sandbox-approved, sandbox-denied, sandbox-undefined, \
sandbox-undefined-once, sandbox-undefined-approved and sandbox-undefined-denied say what becomes of a payment
  curl http://127.0.0.1:50052/decisions -d '{\"paymentId\": \"p-2\", \"status\": \"approved\"}'
      decides it, and calls its callbackUrl back; /callbacks shows with what answer

A payment's merchantSettings say how often it can be settled, and more. docs/SANDBOX.md lists all of this, and leads to the first \
settlement. Everything is kept in memory.";

/// The examples, and every fault.
fn help() -> String {
    let faults = Fault::NAMES.iter().map(|(name, effect)| format!("\n  {name}\n      {effect}"));
    format!("{EXAMPLES}\n\nFaults:{}", faults.collect::<Vec<_>>().concat())
}

fn authorization_fault(text: &str) -> Result<Fault, FaultError> {
    Fault::hitting(CallKind::Authorization, text)
}

fn callback_fault(text: &str) -> Result<Fault, FaultError> {
    Fault::hitting(CallKind::Callback, text)
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
    /// Misbehaves from the start on authorizations: one of the faults below, or one with details.
    #[arg(long, env = "TRANCHE_SANDBOX_AUTHORIZATION_FAULT", value_name = "FAULT", value_parser = authorization_fault)]
    authorization_fault: Option<Fault>,
    /// Misbehaves from the start on callbacks: one of the faults below that concern them, or weather.
    #[arg(long, env = "TRANCHE_SANDBOX_CALLBACK_FAULT", value_name = "FAULT", value_parser = callback_fault)]
    callback_fault: Option<Fault>,
    /// How long payments are undefined that are decided by themselves, in milliseconds.
    #[arg(long, env = "TRANCHE_SANDBOX_DECIDES_AFTER_MS", value_name = "MILLISECONDS",
        default_value_t = DECISION_DELAY_MS_DEFAULT, value_parser = clap::value_parser!(u64).range(..=DECISION_DELAY_MS_MAX))]
    decides_after_ms: u64,
    /// The application key that callbacks bring.
    #[arg(long, env = "TRANCHE_SANDBOX_CALLBACK_APP_KEY", hide_env_values = true)]
    callback_app_key: Option<String>,
    /// The application token that callbacks bring.
    #[arg(long, env = "TRANCHE_SANDBOX_CALLBACK_APP_TOKEN", hide_env_values = true)]
    callback_app_token: Option<String>,
    /// Calls back wherever it is asked to; else only addresses of this machine.
    #[arg(long, env = "TRANCHE_SANDBOX_CALLBACKS_ANYWHERE")]
    callbacks_anywhere: bool,
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
        authorization_fault: arguments.authorization_fault,
        callback_fault: arguments.callback_fault,
        decides_after_ms: arguments.decides_after_ms,
        callback_app_key: arguments.callback_app_key,
        callback_app_token: arguments.callback_app_token,
        callbacks_anywhere: arguments.callbacks_anywhere,
        keep_calls: !arguments.forget_calls,
        ..SandboxConfig::default()
    };
    let ended = async move { token.cancelled().await };
    let failed = |error| CommandError::new("the provider failed", &error);
    tranche_sandbox::serve(listener, config, ended).await.map_err(failed)
}
