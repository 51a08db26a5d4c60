//! The words of an explanation.

use super::Place;
use crate::account::ReleasePolicy;
use crate::operation::{Operation, OperationKind, OperationState, RefundPurpose, Waiting};
use crate::order::{Order, OrderState, TransactionState};
use crate::payment::{Mode, Payment};

/// Operations that a sentence names; of more it says how many.
const NAMED_MAX: usize = 3;

/// What an operation does: its kind, and of a refund why.
type Deed = (OperationKind, Option<RefundPurpose>);

const SETTLEMENT: Deed = (OperationKind::Settlement, None);
const CANCELLATION: Deed = (OperationKind::Cancellation, None);
const RETURN: Deed = (OperationKind::Refund, Some(RefundPurpose::Return));
const EXCESS: Deed = (OperationKind::Refund, Some(RefundPurpose::Excess));

/// The order in one sentence.
pub(super) fn summary(order: &Order) -> String {
    let money = |minor| order.money(minor);
    let state = match order.state {
        OrderState::Open => "open",
        OrderState::PartiallyInvoiced => "partially invoiced",
        OrderState::Invoiced => "invoiced",
        OrderState::Canceled => "canceled",
    };
    let transaction = order.transaction.as_ref().map_or_else(
        || "it has no transaction".to_owned(),
        |row| {
            let state = match row.state {
                TransactionState::Open => "open",
                TransactionState::Finished => "finished",
                TransactionState::Canceled => "canceled",
            };
            format!("its transaction {} is {state}", row.transaction_id)
        },
    );
    format!(
        "Order {} of {} is {state}: {} invoiced, {} returned, {} remain to invoice; {transaction}.",
        order.key.order_id,
        money(order.value),
        money(order.invoiced),
        money(order.returned),
        money(order.remaining()),
    )
}

/// What the sentences about an order are made of.
pub(super) struct Words<'a> {
    pub(super) order: &'a Order,
    /// The operations that have not ended, and those that were refused.
    pub(super) unsettled: &'a [Operation],
    /// What lacks on all payments together.
    pub(super) lacking: i64,
}

impl Words<'_> {
    /// Where a part is, and why.
    pub(super) fn sentence(
        &self,
        place: Place,
        payment: Option<&Payment>,
        amount: i64,
        is_beside: bool,
    ) -> String {
        let amount = self.order.money(amount);
        let Some(payment) = payment else {
            return match (place, &self.order.transaction) {
                (Place::OrderCanceled, _) => {
                    format!("{amount} will not be invoiced: the order was canceled before anything was.")
                }
                (_, None) => format!("{amount} is not invoiced, and the order has no payments yet."),
                _ => format!("{amount} is not invoiced, and no payment covers it: add a payment."),
            };
        };
        let id = &payment.payment_id;
        if is_beside {
            return format!("Beside the order's value, {amount} {}", self.beside(place, payment));
        }
        match place {
            Place::Ahead => {
                format!(
                    "{amount} is not invoiced, and {}; the next invoices use it first.",
                    self.ahead(payment)
                )
            }
            Place::Held => format!("{amount} is invoiced and held on {id}: {}.", self.held(payment)),
            Place::Settling => {
                format!("{amount} is invoiced and being settled on {id}{}.", self.by(payment, SETTLEMENT))
            }
            Place::Settled => format!("{amount} is invoiced and settled on {id}."),
            Place::Lacking => format!(
                "{amount} is invoiced and was not obtained from {id}: {}; an operator decides what follows.",
                self.lacking(payment)
            ),
            Place::GivenUp => {
                format!("{amount} is invoiced, and an operator gave up collecting it from {id}.")
            }
            Place::ReturnWaiting => {
                format!("{amount} was returned and waits on {id}: {}.", self.waiting(payment))
            }
            Place::Refunding => {
                format!("{amount} was returned and is being refunded on {id}{}.", self.by(payment, RETURN))
            }
            Place::Refunded => format!("{amount} was returned and is refunded on {id}."),
            _ => format!("{amount} is not invoiced; the payment {id} has room for it."),
        }
    }

    fn beside(&self, place: Place, payment: &Payment) -> String {
        let id = &payment.payment_id;
        match place {
            Place::Ahead => self.excess(payment),
            Place::Refunding => {
                let by = self.by(payment, EXCESS);
                format!("was settled beyond need and is being refunded on {id}{by}.")
            }
            Place::Refunded => format!("was settled beyond need and is refunded on {id}."),
            Place::Spare if payment.is_spent() => format!(
                "is authorized on {id}, and no settlement can take it any more: {}.",
                self.spare(payment)
            ),
            Place::Spare => format!("is authorized on {id} and not needed: {}.", self.spare(payment)),
            Place::Canceling => {
                format!("of the authorization on {id} is being released{}.", self.by(payment, CANCELLATION))
            }
            Place::Canceled => format!("of the authorization on {id} is released."),
            _ => format!(
                "was moved unasked, as the provider of {id} says; the payment starts nothing new until an operator says \
                 whether that is so."
            ),
        }
    }

    fn ahead(&self, payment: &Payment) -> String {
        if payment.ahead() == payment.ahead_coming() {
            return format!("is settled ahead on {}", payment.payment_id);
        }
        format!("is being settled ahead on {}{}", payment.payment_id, self.by(payment, SETTLEMENT))
    }

    /// What is ahead of all that the order can need.
    fn excess(&self, payment: &Payment) -> String {
        let ahead = self.ahead(payment);
        let refused = self.refused(payment, EXCESS);
        if payment.ahead() != payment.ahead_coming() {
            format!("{ahead}, more than the order can need; it is refunded once it is settled.")
        } else if payment.excess_lacking > 0 && !refused.is_empty() {
            format!("{ahead}, more than the order can need: {refused}; an operator decides what follows.")
        } else if payment.excess_lacking > 0 {
            let less = "the provider refunded less than it was asked for; an operator decides what follows";
            format!("{ahead}, more than the order can need: {less}.")
        } else {
            format!("{ahead}, more than the order can need; it is refunded when the payment can.")
        }
    }

    fn held(&self, payment: &Payment) -> &'static str {
        if payment.surplus > 0 {
            return "an operator must look at its surplus first";
        }
        match payment.mode {
            Mode::Hold => "its one settlement is sent when nothing more is to come (mode HOLD)",
            Mode::Partial if payment.accumulates() => {
                "the last settlement that the provider allows is kept for the end"
            }
            _ if payment.due() < payment.minimum && self.order.remaining() > 0 && payment.room() > 0 => {
                "the provider takes no settlement that small, so that it waits for the next invoice"
            }
            Mode::Partial | Mode::Total => "a settlement under way comes first",
        }
    }

    fn lacking(&self, payment: &Payment) -> String {
        let refused = self.refused(payment, SETTLEMENT);
        if payment.is_spent() {
            "the provider settled less than it was asked for".to_owned()
        } else if !refused.is_empty() {
            refused
        } else if payment.lacking < payment.minimum {
            "the provider takes no settlement that small".to_owned()
        } else {
            "the provider settled less than it was asked for".to_owned()
        }
    }

    fn waiting(&self, payment: &Payment) -> String {
        let refused = self.refused(payment, RETURN);
        let is_obtained = payment.settling + payment.due() == 0;
        if payment.return_lacking > 0 && !refused.is_empty() {
            format!("{refused}; an operator decides what follows")
        } else if payment.return_lacking > 0 {
            "the provider refunded less than it was asked for; an operator decides what follows".to_owned()
        } else if payment.surplus > 0 {
            "an operator must look at its surplus first".to_owned()
        } else if payment.refundable() > 0 {
            "refunds that were asked for before come first".to_owned()
        } else if payment.lacking > 0 && is_obtained {
            format!(
                "what it returns was not obtained: {}; an operator decides what follows",
                self.lacking(payment)
            )
        } else {
            "what it returns is not settled yet".to_owned()
        }
    }

    fn spare(&self, payment: &Payment) -> String {
        let refused = self.refused(payment, CANCELLATION);
        if payment.release_lacking > 0 && !refused.is_empty() {
            return format!("{refused}; an operator decides what follows");
        }
        if payment.release_lacking > 0 {
            return "the provider released less than it was asked for; an operator decides what follows"
                .to_owned();
        }
        let is_canceled = self.order.state == OrderState::Canceled;
        match (self.order.release_policy, self.order.remaining()) {
            (ReleasePolicy::Manual, _) if !is_canceled => "it is released when an operator says so",
            (_, 1..) => "it is released when nothing remains to invoice",
            _ if self.lacking > 0 => "it is kept while something of the order lacks",
            _ => "it is released when what is under way has ended",
        }
        .to_owned()
    }

    /// A payment's operations that do this, as the sentence names them.
    fn named(&self, payment: &Payment, deed: Deed, is_refused: bool) -> (usize, String) {
        let (kind, purpose) = deed;
        let is_meant = |row: &&Operation| {
            row.payment_id == payment.payment_id
                && row.kind == kind
                && row.refund.as_ref().map(|refund| refund.purpose) == purpose
                && matches!(row.state, OperationState::Refused { .. }) == is_refused
        };
        let rows: Vec<&Operation> = self.unsettled.iter().filter(is_meant).collect();
        let named = rows.iter().take(NAMED_MAX).map(|row| format!("{} ({})", row.operation_id, state(row)));
        let mut named = named.collect::<Vec<_>>().join(", ");
        let more = rows.len().saturating_sub(NAMED_MAX);
        if more > 0 {
            named = format!("{named} and {more} more");
        }
        (rows.len(), named)
    }

    /// Who is at it, as ` by op_… (sent)`; nothing if nobody is.
    fn by(&self, payment: &Payment, deed: Deed) -> String {
        match self.named(payment, deed, false) {
            (0, _) => String::new(),
            (_, named) => format!(" by {named}"),
        }
    }

    /// What was refused, as `op_… (denied) was refused`; nothing if nothing was.
    fn refused(&self, payment: &Payment, deed: Deed) -> String {
        match self.named(payment, deed, true) {
            (0, _) => String::new(),
            (1, named) => format!("{named} was refused"),
            (_, named) => format!("{named} were refused"),
        }
    }
}

/// An operation's state for people; of one that was refused the provider's words.
fn state(row: &Operation) -> String {
    match &row.state {
        OperationState::Waiting(Waiting::Pending) => "not sent yet".to_owned(),
        OperationState::Sent { .. } => "sent".to_owned(),
        OperationState::Waiting(Waiting::AtProvider) => "the provider said to ask again".to_owned(),
        OperationState::Waiting(Waiting::Unknown) => "nobody can tell yet whether it was done".to_owned(),
        OperationState::Manual => "a person must make it".to_owned(),
        OperationState::Stuck => "attempts or time ran out".to_owned(),
        OperationState::Done { .. } => "done".to_owned(),
        OperationState::Refused { code, message } if message.is_empty() => code.clone(),
        OperationState::Refused { code, message } => format!("{code}, {message}"),
        OperationState::Withdrawn => "withdrawn".to_owned(),
    }
}
