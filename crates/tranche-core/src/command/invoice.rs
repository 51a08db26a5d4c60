//! Commands about invoices.

use crate::content::Content;
use crate::id::{InvoiceNumber, OrderKey, RequestId};
use crate::invoice::{InvoiceLine, InvoiceType, Leg, Tracking};
use crate::money::Currency;
use crate::time::Timestamp;

/// Brings an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyInvoice {
    /// The order.
    pub key: OrderKey,
    /// The caller's number.
    pub invoice_number: InvoiceNumber,
    /// Which way the goods went.
    pub invoice_type: InvoiceType,
    /// Our id of the acceptance, if it is accepted.
    pub receipt_id: String,
    /// What was asked for.
    pub content: Content,
    /// The currency of the value.
    pub currency: Currency,
    /// Minor units, at least 1.
    pub value: i64,
    /// The lines it names; their ids are distinct.
    pub lines: Vec<InvoiceLine>,
    /// The split that the caller wants; empty for the order's allocation or refund order.
    pub legs: Vec<Leg>,
    /// When the caller issued it.
    pub issue_time: Option<Timestamp>,
    /// The caller's fiscal key.
    pub invoice_key: String,
    /// Where the document is.
    pub invoice_url: String,
    /// Where the parcel is.
    pub tracking: Tracking,
    /// Decides and writes nothing.
    pub validate_only: bool,
}

/// Writes an invoice's tracking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateTracking {
    /// The order.
    pub key: OrderKey,
    /// The invoice.
    pub invoice_number: InvoiceNumber,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The whole tracking.
    pub tracking: Tracking,
}

/// Takes back an output invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoidInvoice {
    /// The order.
    pub key: OrderKey,
    /// The invoice.
    pub invoice_number: InvoiceNumber,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// Why, in the caller's words.
    pub reason: String,
}
