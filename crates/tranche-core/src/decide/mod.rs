//! One function per command: `(state, command, context)` to a decision or a rejection.
//!
//! Each is a straight list of checks in a documented order of precedence: the resource exists, the replay of an
//! accepted command (answered like the first time), what can never be right, what the state forbids. Idempotency comes
//! before anything that depends on a state that may have moved on.

mod account;
mod authorization;
mod callback;
mod change;
mod connector;
mod end;
mod event;
mod invoice;
mod operation;
mod operator;
mod order;
mod outcome;
mod payment;
mod transaction;

use crate::command::{Command, RequestKey};
use crate::content::Content;
use crate::decision::{Context, Decision, Reply};
use crate::rejection::{Rejection, Resource};
use crate::state::State;

/// Decides `command`. Changes nothing: [`State::apply`] does, with the decision's rows.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Decision, Rejection> {
    match command {
        Command::UpdateAccount(command) => account::update(state, command, context),
        Command::WriteConnector(command) => connector::write(state, command, context),
        Command::CreateOrder(command) => order::create(state, command, context),
        Command::ChangeOrder(command) => change::change(state, command, context),
        Command::CancelOrder(command) => order::cancel(state, command, context),
        Command::CreateTransaction(command) => transaction::create(state, command, context),
        Command::AddPayment(command) => transaction::add(state, command, context),
        Command::ReleaseRemainder(command) => transaction::release(state, command, context),
        Command::RetryOperation(command) => operator::retry(state, command, context),
        Command::ResolveOperation(command) => operator::resolve(state, command, context),
        Command::AdoptMovement(command) => operator::adopt(state, command, context),
        Command::NotifyInvoice(command) => invoice::notify(state, command, context),
        Command::VoidInvoice(command) => invoice::void(state, command, context),
        Command::UpdateTracking(command) => invoice::update_tracking(state, command, context),
        Command::LeaseOperation(command) => Ok(operation::lease(state, command, context)),
        Command::RecordOutcome(command) => outcome::record(state, command, context),
        Command::ObserveAuthorizationEnd(command) => Ok(end::observe(state, command, context)),
        Command::RecordCallback(command) => callback::record(state, command, context),
        Command::ForgetEvents(command) => Ok(event::forget(state, command, context)),
    }
}

/// The recorded reply, if this very request was accepted before.
fn replay(state: &State, key: &RequestKey, content: &Content) -> Result<Option<Decision>, Rejection> {
    let Some(recorded) = state.requests.get(key) else {
        return Ok(None);
    };
    if recorded.content == *content {
        return Ok(Some(Decision::unchanged(Reply::Recorded(recorded.reply.clone()))));
    }
    let request_id = key.request_id.clone();
    Err(Rejection::RequestIdReused { request_id, differences: recorded.content.differences(content) })
}

/// As [`replay`], where the resource's own id is the key.
fn replay_creation(
    state: &State,
    key: &RequestKey,
    content: &Content,
    resource: Resource,
    id: &str,
) -> Result<Option<Decision>, Rejection> {
    replay(state, key, content).map_err(|rejection| match rejection {
        Rejection::RequestIdReused { differences, .. } => {
            Rejection::AlreadyExists { resource, id: id.to_owned(), differences }
        }
        other => other,
    })
}

/// The etag of a resource that was written `version` times.
pub fn etag(version: i64) -> String {
    version.to_string()
}

/// Refuses an etag that is not the resource's own.
fn check_etag(given: Option<&String>, version: i64) -> Result<(), Rejection> {
    let current = etag(version);
    match given {
        Some(given) if *given != current => Err(Rejection::EtagMismatch { given: given.clone(), current }),
        _ => Ok(()),
    }
}
