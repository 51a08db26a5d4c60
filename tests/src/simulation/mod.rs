//! Lists of steps from a seed, played on a real database with one clock that stands until a step moves it.
//!
//! The replicas are whole servers in this process, spoken to over gRPC; the provider is the sandbox, spoken to over
//! HTTP through a network that holds every call until a step says what becomes of it, or while its connector's provider
//! is down. Only these are made up: when time
//! passes, when a dispatcher looks, which calls and answers are lost, late or wrong, when a database fails, and when a
//! replica dies, which is the end of its threads and connections in the middle of its work.
//!
//! A failure is
//!
//! * a difference that the auditor finds at rest: against the provider's books, the ledgers' equations, the event log;
//! * a request that was accepted and is not there, or is answered otherwise when it is repeated;
//! * money that the provider moved for an order beyond what its client knows to be invoiced and not returned;
//! * two movements of money for one operation;
//! * a provider that must refuse what it is asked, although nobody told it to do anything wrong with the order; only
//!   what is to be canceled of an authorization that has ended, or that it has denied, it refuses rightly;
//! * money that is held on an authorization that ends soon, or may still be asked of one that has ended;
//! * a callback of somebody who may not call back that is not refused, or that changes anything; one of the provider that
//!   is taken and says nothing;
//! * an error that only a fault of the server can cause; a request or an operation that never comes to an end.
//!
//! No failure is
//!
//! * a request that nobody answers while a replica dies or its database fails: its client repeats it;
//! * money that lacks or stands beside the books while nobody has looked into it: that is an operator's case, and said.
//!   At the end an operator looks into every case, compares with the provider's books and says what is true; then
//!   nothing may be left but what was given up.
//!
//! One seed always makes the same log.

mod authorization;
mod clock;
mod end;
mod fate;
mod ground;
mod network;
mod operator;
mod outage;
mod player;
mod provider;
mod replica;
mod request;
mod rest;
mod shop;
mod shrink;
mod step;
mod terms;

pub use ground::Ground;
pub use outage::{Outage, Trouble, hour};
pub use shrink::shrink;
pub use step::{Step, script, script_with_outages, steps};

use player::Player;

/// The tenant of every simulation.
const ACCOUNT: &str = "simulation";

/// What came of a list of steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What happened, line by line; the same for the same steps.
    pub log: Vec<String>,
    /// What is a failure, as sentences; empty if all is well.
    pub failures: Vec<String>,
    /// Where the money of each order is; only after a failure.
    pub explanation: String,
    /// Steps that were played.
    pub operations: u64,
    /// Faults that happened.
    pub faults: u64,
    /// Requests that were accepted.
    pub accepted: u64,
}

/// Plays a list of steps to the end. Of every second list, the orders are completed.
pub async fn play(ground: &mut Ground, steps: &[Step]) -> Report {
    // Only fails if another one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut player = Player::new(ground).await;
    let mut operations = 0;
    for step in steps {
        player.play(*step).await;
        operations += 1;
        if !player.failures.is_empty() {
            break;
        }
    }
    let completes = steps.first().is_some_and(|step| step.numbers[0] % 2 == 0);
    if player.failures.is_empty() {
        player.finish(completes).await;
    }
    let explanation = if player.failures.is_empty() { String::new() } else { player.explain().await };
    player.end().await;
    let accepted = player.accepted();
    let Player { log, failures, faults, .. } = player;
    Report { log, failures, explanation, operations, faults, accepted }
}
