//! Retention: which events are forgotten.

use crate::bounds::EVENTS_FORGOTTEN_PER_COMMAND_MAX;
use crate::command::ForgetEvents;
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::EventLog;
use crate::state::State;

/// Forgets the oldest events, in the order of their numbers, up to the first that is still to be kept: what is left has
/// no gap, whatever the clocks of the batches said.
pub(super) fn forget(state: &State, command: &ForgetEvents, context: &Context) -> Decision {
    let account_id = &command.account_id;
    let log = state.event_logs.get(account_id).cloned();
    let log = log.unwrap_or_else(|| EventLog::whole(account_id.clone()));
    let oldest = state.oldest_events_of(account_id, log.forgotten).take(EVENTS_FORGOTTEN_PER_COMMAND_MAX);
    let old = oldest.take_while(|(_, create_time)| context.now.since(*create_time) >= command.kept);
    let Some((forgotten, _)) = old.last() else {
        return Decision::unchanged(Reply::Done);
    };
    let log = EventLog { forgotten, version: log.version + 1, ..log };
    Decision { rows: Rows { event_logs: vec![log], ..Rows::default() }, ..Decision::unchanged(Reply::Done) }
}
