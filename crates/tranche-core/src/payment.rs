//! One authorization at one connector, and the arithmetic of what is asked and what is done.
//!
//! All amounts are minor units of the order's currency. Two inequalities bind what we start, here and as constraints
//! in the database: `settling + settled + canceling + canceled <= authorized`, and
//! `refunding + refunded <= settled`. What a provider moved unasked is `surplus`, outside of both, so that no truth is
//! unwritable.

use crate::authorization::{AuthorizationRequest, AuthorizationState};
use crate::bounds::SHORTFALLS_MAX;
use crate::connector::{Capabilities, PartialSettlement, Remainder};
use crate::id::{ConnectorId, OrderKey, PaymentId};
use crate::operation::{Authorization, Operation, OperationKind, RefundPurpose};
use crate::order::{Order, TransactionState};
use crate::time::Timestamp;
use crate::validity::Validity;

/// How what is asked of a payment is sent to its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each exact value is sent.
    Partial,
    /// What is asked accumulates; one settlement when nothing more of the payment is to come.
    Hold,
    /// The first invoice that touches the payment settles all of it.
    Total,
}

/// Where a payment stands. It follows from its amounts and from its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// The provider has not said yet whether it authorizes.
    Authorizing,
    /// It may be asked for money.
    Authorized,
    /// The provider will not authorize.
    Denied,
    /// Nothing more is to come, and money stayed settled.
    Finished,
    /// Nothing more is to come, and nothing stayed settled.
    Canceled,
}

/// The one call in flight of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The ordinal of the operation that is on the wire.
    pub ordinal: i64,
    /// The attempt.
    pub attempt: u32,
    /// The end of its lease; after it the wire is free.
    pub until: Timestamp,
}

/// One authorization at one connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The order, and its account.
    pub order: OrderKey,
    /// The caller's id, unique within the order.
    pub payment_id: PaymentId,
    /// Counts the payments of the order from 0, in the order of creation.
    pub position: i32,
    /// The connector.
    pub connector_id: ConnectorId,
    /// How what is asked is sent.
    pub mode: Mode,
    /// What the provider can do, as it was when the payment was created.
    pub capabilities: Capabilities,
    /// The smallest settlement that the provider takes, as it was when the payment was created; 0 for any.
    pub minimum: i64,
    /// The authorization at the provider. Its end is its own, or follows from the capabilities.
    pub authorization: Authorization,
    /// How near its end it is, as far as that was observed.
    pub validity: Validity,
    /// When that is to be observed next; `None` if nothing is to be observed any more.
    pub observe_time: Option<Timestamp>,
    /// Since when its end is an operator's case, as something would be lost with it; `None` while it is none.
    pub attention_time: Option<Timestamp>,
    /// How far that is.
    pub authorization_state: AuthorizationState,
    /// What it is asked for with; `None` if it was adopted.
    pub request: Option<AuthorizationRequest>,
    /// What the authorization may be raised to, if the provider said so.
    pub max_value: Option<i64>,
    /// The ordinal of the cancellation that was asked for when the provider had not decided in its own time. There is
    /// at most one.
    pub lapse: Option<i64>,

    /// What the provider holds for us.
    pub authorized: i64,
    /// What invoices asked for, less what was given up.
    pub asked: i64,
    /// What was asked and given up by an operator.
    pub given_up: i64,
    /// Settlements under way.
    pub settling: i64,
    /// Settled.
    pub settled: i64,
    /// Cancellations under way.
    pub canceling: i64,
    /// Canceled.
    pub canceled: i64,
    /// Refunds of money settled ahead, under way.
    pub excess_refunding: i64,
    /// Refunded of money settled ahead.
    pub excess_refunded: i64,
    /// Of what is ahead: what an operator gave up refunding. An invoice may still use it.
    pub excess_given_up: i64,
    /// Of what is unsettled: what an operator gave up releasing. An invoice may still use it.
    pub release_given_up: i64,
    /// What returns asked for.
    pub returned: i64,
    /// Refunds of returns, under way.
    pub return_refunding: i64,
    /// Refunded for returns.
    pub return_refunded: i64,
    /// What returns asked for and was given up.
    pub return_given_up: i64,
    /// Asked, and refused by the provider: an operator's case.
    pub lacking: i64,
    /// Refunds of excess that the provider refused.
    pub excess_lacking: i64,
    /// Refunds of returns that the provider refused.
    pub return_lacking: i64,
    /// Cancellations that the provider refused.
    pub release_lacking: i64,
    /// Money that the provider moved unasked.
    pub surplus: i64,

    /// Settlements started and not refused.
    pub settlements: u32,
    /// Settlements and refunds in a row that brought less than asked.
    pub shortfalls: u32,
    /// Operations decided so far; the last ordinal.
    pub operations: i64,
    /// The last ordinal that was leased for the first time; those above it are queued.
    pub sent: i64,
    /// The call in flight. While there is one, its operation is SENT and due when its lease ends.
    pub wire: Option<Wire>,
    /// The ordinal of an operation that was due while the wire was taken; it comes next, before the queue.
    pub turn: Option<i64>,
    /// First write.
    pub create_time: Timestamp,
    /// Last write.
    pub update_time: Timestamp,
}

impl Payment {
    /// What went back, or is going back, as settled ahead and no longer needed.
    pub fn excess(&self) -> i64 {
        self.excess_refunding + self.excess_refunded
    }

    /// What is settled beyond what is asked, and not refunded.
    pub fn ahead(&self) -> i64 {
        (self.settled - self.excess() - self.asked).max(0)
    }

    /// [`Payment::ahead`] with what is being settled.
    pub fn ahead_coming(&self) -> i64 {
        (self.settled + self.settling - self.excess() - self.asked).max(0)
    }

    /// Whether the last settlement that is allowed has started.
    pub fn is_spent(&self) -> bool {
        self.capabilities.settlements_max(self.mode).is_some_and(|max| self.settlements >= max)
    }

    /// Whether no more can be asked of the payment than what is ahead: the last settlement that is allowed has started,
    /// or the authorization has ended.
    pub fn is_closed(&self) -> bool {
        self.is_spent() || self.is_ended()
    }

    /// What may still be asked of the payment.
    pub fn room(&self) -> i64 {
        if self.is_closed() {
            return self.ahead_coming();
        }
        (self.authorized - self.canceling - self.canceled - self.excess() - self.asked).max(0)
    }

    /// What the provider is asked to authorize and has not answered yet.
    pub fn authorizing(&self) -> i64 {
        match self.authorization_state {
            AuthorizationState::Authorizing { value, .. } => value,
            AuthorizationState::Authorized | AuthorizationState::Denied { .. } => 0,
        }
    }

    /// What the payment covers of what remains to invoice: its room, and what is being authorized.
    pub fn cover(&self) -> i64 {
        self.room() + self.authorizing()
    }

    /// By how much the authorization may be raised.
    ///
    /// Nothing once the provider has released some of it, may take no further settlement, or settles only all of what it
    /// has authorized itself.
    pub fn raisable(&self) -> i64 {
        let is_whole = self.canceling + self.canceled == 0 && self.surplus == 0;
        let can = self.authorization_state == AuthorizationState::Authorized
            && is_whole
            && !self.is_spent()
            && !self.settles_in_full();
        let most = self.max_value.filter(|_| can).unwrap_or(self.authorized);
        (most - self.authorized).max(0)
    }

    /// What is asked, and neither settled nor being settled.
    pub fn owed(&self) -> i64 {
        (self.asked - self.settled - self.settling + self.excess()).max(0)
    }

    /// What is owed and does not lack: what `plan` may send, or holds.
    pub fn due(&self) -> i64 {
        (self.owed() - self.lacking).max(0)
    }

    /// What one more settlement may still take of the authorization.
    pub fn capacity(&self) -> i64 {
        self.authorized - self.settled - self.settling - self.canceled - self.canceling
    }

    /// Whether what is asked waits for one settlement at the end.
    ///
    /// So in HOLD, and in PARTIAL for the last settlement that the provider allows.
    pub fn accumulates(&self) -> bool {
        match self.mode {
            Mode::Hold => true,
            Mode::Total => false,
            Mode::Partial => {
                self.capabilities.settlements_max(self.mode).is_some_and(|max| self.settlements + 1 >= max)
            }
        }
    }

    /// Whether only the whole authorization can be settled.
    pub fn settles_in_full(&self) -> bool {
        self.capabilities.partial_settlement == PartialSettlement::None
    }

    /// Whether the provider releases the remainder by itself, with the settlement that has been its last.
    ///
    /// Its last, not ours: in HOLD and TOTAL it may take more settlements than we ask for, and knows of no last one then.
    pub fn releases_by_itself(&self) -> bool {
        let is_last = self.capabilities.settlements_taken().is_some_and(|max| self.settlements >= max);
        is_last && self.capabilities.remainder == Remainder::Released
    }

    /// What returns asked for and neither went back nor is going back.
    pub fn return_waiting(&self) -> i64 {
        self.returned - self.return_refunding - self.return_refunded - self.return_given_up
    }

    /// What is settled and neither went back nor is going back.
    pub fn refundable(&self) -> i64 {
        self.settled - self.excess() - self.return_refunding - self.return_refunded
    }

    /// What returns asked for and may still expect: all that was not given up.
    pub fn return_expected(&self) -> i64 {
        self.returned - self.return_given_up
    }

    /// What was ever asked for invoices that are not voided, less what of it was returned.
    pub fn returnable(&self) -> i64 {
        self.asked + self.given_up - self.returned
    }

    /// What of [`Payment::returnable`] is settled, so that it can go back at once.
    pub fn returnable_now(&self) -> i64 {
        let settled = self.asked.min(self.settled - self.excess());
        (settled - self.return_expected()).clamp(0, self.returnable())
    }

    /// What of the authorization is being settled or released.
    pub fn under_way(&self) -> i64 {
        self.settling + self.canceling
    }

    /// What is authorized and neither settled nor canceled nor on its way to either.
    pub fn unsettled(&self) -> i64 {
        self.capacity()
    }

    /// What is authorized and neither moved nor asked: the room that is not settled, and once the authorization has
    /// ended, what was that room.
    pub fn unasked(&self) -> i64 {
        if self.is_spent() { 0 } else { (self.unsettled() - self.owed()).max(0) }
    }

    /// What could be released without taking anything from an invoice that was accepted.
    ///
    /// That is what is not asked; and once no settlement can follow, all that is unsettled.
    pub fn releasable(&self) -> i64 {
        if self.surplus > 0 {
            return 0;
        }
        if !self.is_spent() {
            return self.unasked();
        }
        if self.settling > 0 || self.releases_by_itself() { 0 } else { self.unsettled() }
    }

    /// What lacks of the kind of money that an operation is about, as the payment counts it.
    pub(crate) fn lacking_mut(&mut self, operation: &Operation) -> &mut i64 {
        match (operation.kind, operation.refund.as_ref().map(|refund| refund.purpose)) {
            // Nothing ever lacks of an authorization: one that was not done is denied.
            (OperationKind::Authorization | OperationKind::Settlement, _) => &mut self.lacking,
            (OperationKind::Cancellation, _) => &mut self.release_lacking,
            (OperationKind::Refund, Some(RefundPurpose::Return)) => &mut self.return_lacking,
            (OperationKind::Refund, _) => &mut self.excess_lacking,
        }
    }

    /// What lacks of the kind of money that an operation is about, of all operations together.
    pub(crate) fn lacking_like(&self, operation: &Operation) -> i64 {
        match (operation.kind, operation.refund.as_ref().map(|refund| refund.purpose)) {
            (OperationKind::Authorization, _) => 0,
            (OperationKind::Settlement, _) => self.lacking,
            (OperationKind::Cancellation, _) => self.release_lacking,
            (OperationKind::Refund, Some(RefundPurpose::Return)) => self.return_lacking,
            (OperationKind::Refund, _) => self.excess_lacking,
        }
    }

    /// What of an operation lacks now: at most what the payment lacks of the kind, as other acts may have covered it
    /// since.
    pub fn lacking_of(&self, operation: &Operation) -> i64 {
        self.lacking_like(operation).min(operation.lacking)
    }

    /// Whether a difference may still be asked for again after so many answers of less than asked.
    pub fn may_ask_again(&self) -> bool {
        self.shortfalls < SHORTFALLS_MAX
    }

    /// Whether a plan may start refunds on the payment, so that its settlements must be at hand.
    pub fn may_refund(&self) -> bool {
        self.ahead_coming() > 0 || self.return_waiting() > 0
    }

    /// Whether the authorization is used up: everything settled or released and confirmed, or given up, and nothing owed
    /// but what returns gave back.
    pub fn is_finished(&self) -> bool {
        let is_quiet = self.under_way() == 0 && self.excess_refunding == 0;
        is_quiet
            && self.authorizing() == 0
            && self.unsettled() == self.release_given_up
            && self.due() == 0
            && self.lacking == 0
            && self.ahead() == self.excess_given_up
            && self.surplus == 0
    }

    /// Where the payment stands within its order.
    pub fn state(&self, order: &Order) -> PaymentState {
        let ended = order.transaction.as_ref().is_some_and(|row| row.state != TransactionState::Open)
            || (order.remaining() == 0 && self.is_finished());
        // What returns gave back was settled all the same; what was excess was not meant to be.
        match (&self.authorization_state, ended, self.settled > self.excess_refunded) {
            (AuthorizationState::Authorizing { .. }, _, _) => PaymentState::Authorizing,
            (AuthorizationState::Denied { .. }, _, _) => PaymentState::Denied,
            (AuthorizationState::Authorized, false, _) => PaymentState::Authorized,
            (AuthorizationState::Authorized, true, true) => PaymentState::Finished,
            (AuthorizationState::Authorized, true, false) => PaymentState::Canceled,
        }
    }

    /// The first operation that was decided and never leased.
    pub fn next_queued(&self) -> Option<i64> {
        (self.sent < self.operations).then_some(self.sent + 1)
    }

    /// Whether no call is in flight at `now`.
    pub fn is_wire_free(&self, now: Timestamp) -> bool {
        self.wire.is_none_or(|wire| wire.until <= now)
    }
}
