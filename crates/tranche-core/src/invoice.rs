//! Invoices: what was shipped, or came back.

use crate::content::Content;
use crate::id::{InvoiceNumber, LineId, OrderKey, PaymentId};
use crate::time::Timestamp;

/// Which way the goods went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceType {
    /// A sale: settles.
    Output,
    /// A return: refunds.
    Input,
}

/// Whether an invoice counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvoiceState {
    /// It counts.
    Accepted,
    /// It was taken back; its number stays used.
    Voided {
        /// Why, in the caller's words.
        reason: String,
    },
}

/// What an invoice says of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLine {
    /// The line.
    pub line_id: LineId,
    /// How many of it.
    pub quantity: i64,
}

/// What an invoice asks of one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The payment.
    pub payment_id: PaymentId,
    /// Minor units that it asks now: an operator may have moved some of it to another payment.
    pub value: i64,
    /// What of it an operator gave up, at most the value; 0 for a return.
    pub given_up: i64,
    /// What it asked when it was accepted, as its receipt says for good.
    pub accepted: i64,
}

impl Leg {
    /// What an invoice that is accepted asks of a payment.
    pub fn new(payment_id: PaymentId, value: i64) -> Self {
        Self { payment_id, value, given_up: 0, accepted: value }
    }
}

/// Where the parcel is; never touches money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Who carries it.
    pub courier: String,
    /// Their number.
    pub number: String,
    /// Where to follow it.
    pub url: String,
    /// When it left.
    pub dispatch_time: Option<Timestamp>,
}

/// An accepted invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The order.
    pub order: OrderKey,
    /// The caller's number, unique within the order.
    pub invoice_number: InvoiceNumber,
    /// Counts the order's invoices from 1, in the order of their acceptance.
    pub ordinal: u32,
    /// Which way the goods went.
    pub invoice_type: InvoiceType,
    /// Whether it counts.
    pub state: InvoiceState,
    /// Minor units, at least 1.
    pub value: i64,
    /// The lines it names; empty if it names none.
    pub lines: Vec<InvoiceLine>,
    /// What it asks of each payment, and asked of each when it was accepted.
    pub legs: Vec<Leg>,
    /// What remained to invoice when it had been accepted.
    pub remaining: i64,
    /// Our id of the acceptance.
    pub receipt_id: String,
    /// When the caller issued it.
    pub issue_time: Option<Timestamp>,
    /// The caller's fiscal key.
    pub invoice_key: String,
    /// Where the document is.
    pub invoice_url: String,
    /// Where the parcel is.
    pub tracking: Tracking,
    /// What the request asked for, without the tracking.
    pub content: Content,
    /// When it was accepted.
    pub create_time: Timestamp,
    /// Last write.
    pub update_time: Timestamp,
}

impl Invoice {
    /// What it asked of this payment.
    pub fn leg(&self, payment_id: &PaymentId) -> i64 {
        self.legs.iter().find(|leg| leg.payment_id == *payment_id).map_or(0, |leg| leg.value)
    }

    /// What it asked of this payment, and was not given up.
    pub fn open_leg(&self, payment_id: &PaymentId) -> i64 {
        let leg = self.legs.iter().find(|leg| leg.payment_id == *payment_id);
        leg.map_or(0, |leg| leg.value - leg.given_up)
    }

    /// Whether it was taken back.
    pub fn is_voided(&self) -> bool {
        matches!(self.state, InvoiceState::Voided { .. })
    }
}
