//! Orders and their lines.

use crate::account::{Allocation, RefundOrder, ReleasePolicy};
use crate::id::{LineId, OrderKey, TransactionId};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// How far an order's invoicing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderState {
    /// Nothing is invoiced, or everything that was is voided.
    Open,
    /// Something is invoiced, and something remains or is still being settled.
    PartiallyInvoiced,
    /// Nothing remains to invoice, and nothing is settling, held or lacking. Terminal.
    Invoiced,
    /// Canceled before anything was invoiced. Terminal.
    Canceled,
}

/// How far an order's payments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransactionState {
    /// Money is still to be settled, refunded or released.
    Open,
    /// Everything was settled or released, and the providers confirmed it. Terminal, but for returns.
    Finished,
    /// Everything was released or refunded. Terminal.
    Canceled,
}

/// The parts of an order's value, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The sum of the lines.
    pub items: i64,
    /// Shipping.
    pub shipping: i64,
    /// Tax.
    pub tax: i64,
    /// Discounts, as an amount that is taken off.
    pub discounts: i64,
    /// Fees, such as interest.
    pub fees: i64,
    /// The manual discounts of all changes, as an amount that is taken off.
    pub manual_discounts: i64,
    /// The manual increments of all changes.
    pub manual_increments: i64,
}

impl Totals {
    /// The order's value.
    pub fn value(&self) -> i64 {
        self.items + self.shipping + self.tax + self.fees + self.manual_increments
            - self.discounts
            - self.manual_discounts
    }
}

/// All payments of an order, which is what a transaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The caller's id, unique within the account.
    pub transaction_id: TransactionId,
    /// How far it is.
    pub state: TransactionState,
    /// When it was created.
    pub create_time: Timestamp,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its account and id.
    pub key: OrderKey,
    /// The one currency of its lines, payments and invoices.
    pub currency: Currency,
    /// How far it is.
    pub state: OrderState,
    /// The parts of its value.
    pub totals: Totals,
    /// Its value, the sum of the totals; at least 1.
    pub value: i64,
    /// The sum of its output invoices.
    pub invoiced: i64,
    /// The sum of its input invoices.
    pub returned: i64,
    /// What of its output invoices operators gave up.
    pub given_up: i64,
    /// What its payments lack to cover what remains to invoice.
    pub missing: i64,
    /// How invoices fall on its payments.
    pub allocation: Allocation,
    /// How returns fall on its payments.
    pub refund_order: RefundOrder,
    /// When money that nothing needs is released.
    pub release_policy: ReleasePolicy,
    /// Its payments, once they are known.
    pub transaction: Option<Transaction>,
    /// Invoices so far, returns and voided ones included.
    pub invoices: u32,
    /// Changes so far.
    pub changes: u32,
    /// Counts the writes; the etag.
    pub version: i64,
    /// First write.
    pub create_time: Timestamp,
    /// Last write.
    pub update_time: Timestamp,
}

impl Order {
    /// What may still be invoiced.
    pub fn remaining(&self) -> i64 {
        if self.state == OrderState::Canceled { 0 } else { self.value - self.invoiced }
    }

    /// An amount in the order's currency.
    pub fn money(&self, minor: i64) -> Money {
        Money { currency: self.currency, minor }
    }

    /// Whether no further invoice, change or cancellation is possible.
    pub fn is_ended(&self) -> bool {
        matches!(self.state, OrderState::Invoiced | OrderState::Canceled)
    }
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The order.
    pub order: OrderKey,
    /// The caller's id, unique within the order.
    pub line_id: LineId,
    /// Counts the lines of the order from 0.
    pub position: i32,
    /// What is sold; may stand in several lines.
    pub sku_id: String,
    /// Words for people.
    pub description: String,
    /// Ordered.
    pub quantity: i64,
    /// Minor units for one.
    pub unit_price: i64,
    /// Removed by changes.
    pub removed: i64,
    /// Invoiced.
    pub invoiced: i64,
    /// Returned.
    pub returned: i64,
}

impl Line {
    /// What of the quantity may still be invoiced, or removed.
    pub fn remaining(&self) -> i64 {
        self.quantity - self.removed - self.invoiced
    }

    /// What of the invoiced quantity may still be returned.
    pub fn returnable(&self) -> i64 {
        self.invoiced - self.returned
    }
}
