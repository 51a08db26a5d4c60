//! Commands about the event log.

use std::time::Duration;

use crate::id::AccountId;

/// Forgets the oldest events of an account, as far as they are older than events are kept; a bounded number at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgetEvents {
    /// The account.
    pub account_id: AccountId,
    /// How long events are kept at least.
    pub kept: Duration,
}
