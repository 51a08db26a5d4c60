//! Account settings.

use super::{check_etag, replay};
use crate::account::Account;
use crate::command::UpdateAccount;
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::{Event, EventKind};
use crate::rejection::Rejection;
use crate::state::State;

/// Writes an account's settings. Checks: replay, etag.
pub(super) fn update(
    state: &State,
    command: &UpdateAccount,
    context: &Context,
) -> Result<Decision, Rejection> {
    let key = command.request_key();
    if let Some(decision) = replay(state, &key, &command.content)? {
        return Ok(decision);
    }
    let id = &command.account_id;
    let mut account = state.accounts.get(id).cloned().unwrap_or_else(|| Account::unseen(id.clone()));
    check_etag(command.etag.as_ref(), account.version)?;
    account.partial_settlement = command.partial_settlement.unwrap_or(account.partial_settlement);
    account.allocation = command.allocation.unwrap_or(account.allocation);
    account.refund_order = command.refund_order.unwrap_or(account.refund_order);
    account.release_policy = command.release_policy.unwrap_or(account.release_policy);
    account.legacy_mode = command.legacy_mode.unwrap_or(account.legacy_mode);
    account.authorization_lead_time =
        command.authorization_lead_time.unwrap_or(account.authorization_lead_time);
    account.version += 1;
    account.create_time = account.create_time.or(Some(context.now));
    account.update_time = Some(context.now);
    let event = Event { account_id: id.clone(), order_id: None, kind: EventKind::AccountUpdated };
    let rows = Rows { accounts: vec![account.clone()], events: vec![event], ..Rows::default() };
    let record = Some((key, command.content.clone()));
    Ok(Decision { rows, calls: Vec::new(), record, reply: Reply::Account(account) })
}
