//! Forgetting events: what a log says is forgotten is deleted in the same commit.
//!
//! The log's row comes first. It is written over the version that was read, so that a second replica that would delete
//! the same events waits there, finds that it was not the first, and decides again.

use sea_orm::Value;
use tranche_core::event::EventLog;
use tranche_core::id::AccountId;
use tranche_core::state::State;

use crate::StoreError;
use crate::entity::{Stored, event};
use crate::session::{Session, all_written};

/// An account's events to delete.
pub(super) struct Span {
    account_id: AccountId,
    first: i64,
    last: i64,
}

/// The events that logs forgot since they were read: all that were the oldest then, up to what is forgotten now.
pub(super) fn spans(state: &State) -> Vec<Span> {
    let span = |EventLog { account_id, forgotten, .. }: &EventLog| {
        let (first, _) = state.oldest_events_of(account_id, 0).next()?;
        Some(Span { account_id: account_id.clone(), first, last: *forgotten })
    };
    state.event_logs.writes().filter_map(span).collect()
}

/// Deletes them.
pub(super) async fn delete(session: Session<'_>, spans: Vec<Span>) -> Result<(), StoreError> {
    if spans.is_empty() {
        return Ok(());
    }
    // Numbers have no gaps, so that a row that is not there is one that somebody else deleted.
    let expected: i64 = spans.iter().map(|span| span.last - span.first + 1).sum();
    let (layout, backend) = (event::Entity::layout(), session.backend());
    let row = |span: Span| {
        vec![Value::from(span.account_id.as_str()), Value::from(span.first), Value::from(span.last)]
    };
    let rows = spans.into_iter().map(row).collect();
    let text = |rows| layout.delete_numbers(backend, rows);
    let written = session.write((layout.table, "forget"), &layout.spans(), rows, text).await?;
    all_written(layout.table, usize::try_from(expected).unwrap_or(0), written, StoreError::Refused)
}
