//! A payment provider to develop and test against.
//!
//! It speaks the Payment Provider Protocol over HTTP (`GET /manifest`, `POST /payments`, and a payment's `settlements`,
//! `refunds` and `cancellations`), refuses what a real acquirer would, and keeps books of its own. `GET /books`,
//! `GET /books/{paymentId}` and `GET /calls` show what it booked and was asked, `GET /` shows people the newest of both; `POST`, `GET` and `DELETE /faults` make
//! it misbehave, one way for the calls that a rule names, or at random by a seed. Nothing is kept on disk, no clock is
//! asked, and two equal runs give equal answers.
//!
//! A payment chooses what its provider can do by the `merchantSettings` `sandbox.settlements` (`MULTIPLE`,
//! `ONCE_KEEPS`, `ONCE_RELEASES`, `NONE`), `sandbox.cancellations` (`MAJOR_UNITS`, `MINOR_UNITS`, `IGNORED`),
//! `sandbox.replays` (`ANSWERED`, `BOOKED_AGAIN`) and `sandbox.authorizations` (`APPROVED`, `DENIED`, `UNDEFINED_ONCE`,
//! `UNDEFINED`) of `POST /payments`, so that one process plays several connectors. The
//! test card 4444333322221112 and a value not above 0 are denied.

mod amount;
mod answer;
pub mod books;
pub mod bounds;
mod connection;
mod desk;
mod fault;
mod ledger;
mod page;
mod protocol;
mod refusal;
mod server;
mod terms;
mod weather;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;

pub use books::{Books, Call, PaymentBooks};
use desk::Desk;
pub use fault::{Fault, FaultError, FaultRule};
pub use protocol::OperationKind;
use terms::Terms;
pub use terms::{CancellationValue, Multiplicity, Replays};

/// How a sandbox behaves.
#[derive(Clone)]
pub struct SandboxConfig {
    /// The application key that calls of the protocol must bring; not checked when absent.
    ///
    /// The books, the log and the faults are open in any case: do not let strangers reach them.
    pub app_key: Option<String>,
    /// The application token that calls of the protocol must bring; not checked when absent.
    pub app_token: Option<String>,
    /// A fault for every call that it can hit, until the faults are cleared.
    pub fault: Option<Fault>,
    /// How often payments may be settled that do not say so themselves.
    pub settlements: Multiplicity,
    /// How the value of a cancellation is understood on payments that do not say so themselves.
    pub cancellations: CancellationValue,
    /// Whether `GET /calls` has a log to show. A benchmark does without.
    pub keep_calls: bool,
}

impl Default for SandboxConfig {
    /// No credentials, no fault, many settlements, decimal cancellations, and a log.
    fn default() -> Self {
        Self {
            app_key: None,
            app_token: None,
            fault: None,
            settlements: Multiplicity::default(),
            cancellations: CancellationValue::default(),
            keep_calls: true,
        }
    }
}

impl fmt::Debug for SandboxConfig {
    /// Everything but the credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SandboxConfig")
            .field("fault", &self.fault)
            .field("settlements", &self.settlements)
            .field("cancellations", &self.cancellations)
            .field("keep_calls", &self.keep_calls)
            .finish_non_exhaustive()
    }
}

/// A payment provider. Clones are the same provider.
#[derive(Clone, Debug)]
pub struct Sandbox {
    config: Arc<SandboxConfig>,
    desk: Arc<Mutex<Desk>>,
}

impl Sandbox {
    /// A provider with empty books.
    pub fn new(config: SandboxConfig) -> Self {
        let terms = Terms {
            settlements: config.settlements,
            cancellations: config.cancellations,
            replays: Replays::default(),
            authorizations: terms::Authorizations::default(),
        };
        let desk = Desk::new(terms, config.fault.clone(), config.keep_calls);
        Self { config: Arc::new(config), desk: Arc::new(Mutex::new(desk)) }
    }

    /// Serves HTTP on `listener` until `shutdown` completes, then lets the calls in flight end; held ones are let go.
    ///
    /// Fails only if the listener does.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        server::serve(self.clone(), listener, shutdown).await
    }

    /// Everything that is booked, by payment id.
    pub fn books(&self) -> Books {
        self.desk().ledger.books()
    }

    /// What is booked for one payment.
    pub fn payment(&self, payment_id: &str) -> Option<PaymentBooks> {
        self.desk().ledger.payment(payment_id)
    }

    /// The last calls of the protocol, oldest first; empty if the log is off.
    pub fn calls(&self) -> Vec<Call> {
        self.desk().calls()
    }

    /// The fault rules that stand, in the order in which they are looked at, with what is left of their `times`.
    pub fn faults(&self) -> Vec<FaultRule> {
        self.desk().faults.rules()
    }

    /// Adds fault rules behind the ones that stand: all of them, or none if one of them cannot be.
    pub fn add_faults(&self, rules: Vec<FaultRule>) -> Result<(), FaultError> {
        self.desk().faults.add(rules)
    }

    /// Takes all fault rules away, the configured one too. What they did stays.
    pub fn clear_faults(&self) {
        self.desk().faults.clear();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Whatever panicked left whole bookings behind.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves a new [`Sandbox`] on `listener` until `shutdown` completes.
///
/// Fails only if the listener does.
pub async fn serve(
    listener: TcpListener,
    config: SandboxConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    Sandbox::new(config).serve(listener, shutdown).await
}
