//! The words of an explanation.

use super::Place;
use crate::operation::{Operation, OperationKind, OperationState, RefundPurpose, Waiting};
use crate::order::{Order, OrderState, TransactionState};
use crate::payment::{Mode, Payment};

/// Operations that a sentence names; of more it says how many.
const NAMED_MAX: usize = 3;

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

/// Where a part is, and why.
pub(super) fn of(
    order: &Order,
    unsettled: &[Operation],
    place: Place,
    payment: Option<&Payment>,
    amount: i64,
    is_beside: bool,
) -> String {
    let amount = order.money(amount);
    let Some(payment) = payment else {
        return match (place, &order.transaction) {
            (Place::OrderCanceled, _) => {
                format!("{amount} will not be invoiced: the order was canceled before anything was.")
            }
            (_, None) => format!("{amount} is not invoiced, and the order has no payments yet."),
            _ => format!("{amount} is not invoiced, and no payment covers it: add a payment."),
        };
    };
    let own = Named { unsettled, payment };
    let id = &payment.payment_id;
    match (place, is_beside) {
        (Place::Remaining, _) => format!("{amount} is not invoiced; the payment {id} has room for it."),
        (Place::Ahead, false) => {
            format!("{amount} is not invoiced, and {}; the next invoices use it first.", ahead(payment))
        }
        (Place::Ahead, true) => {
            format!("Beside the order's value, {amount} {}, more than the order can need.", ahead(payment))
        }
        (Place::Held, _) => format!("{amount} is invoiced and held on {id}: {}.", held(payment)),
        (Place::Settling, _) => {
            format!(
                "{amount} is invoiced and being settled on {id}{}.",
                own.by(OperationKind::Settlement, None)
            )
        }
        (Place::Settled, _) => format!("{amount} is invoiced and settled on {id}."),
        (Place::Lacking, _) => format!(
            "{amount} is invoiced and was not obtained from {id}{}; an operator decides what follows.",
            own.by(OperationKind::Settlement, None)
        ),
        (Place::GivenUp, _) => {
            format!("{amount} is invoiced, and an operator gave up collecting it from {id}.")
        }
        (Place::ReturnWaiting, _) => format!("{amount} was returned and waits on {id}: {}.", own.waiting()),
        (Place::Refunding, false) => {
            let by = own.by(OperationKind::Refund, Some(RefundPurpose::Return));
            format!("{amount} was returned and is being refunded on {id}{by}.")
        }
        (Place::Refunding, true) => {
            let by = own.by(OperationKind::Refund, Some(RefundPurpose::Excess));
            format!(
                "Beside the order's value, {amount} was settled beyond need and is being refunded on {id}{by}."
            )
        }
        (Place::Refunded, false) => format!("{amount} was returned and is refunded on {id}."),
        (Place::Refunded, true) => {
            format!("Beside the order's value, {amount} was settled beyond need and is refunded on {id}.")
        }
        (Place::Spare, _) => {
            format!(
                "Beside the order's value, {amount} is authorized on {id} and not needed: {}.",
                own.spare(order)
            )
        }
        (Place::Canceling, _) => {
            let by = own.by(OperationKind::Cancellation, None);
            format!("Beside the order's value, {amount} of the authorization on {id} is being released{by}.")
        }
        (Place::Canceled, _) => {
            format!("Beside the order's value, {amount} of the authorization on {id} is released.")
        }
        (Place::Surplus, _) => format!(
            "Beside the order's value, the provider of {id} says that it moved {amount} unasked; the payment starts \
             nothing new until an operator says whether that is so."
        ),
        (Place::Uncovered | Place::OrderCanceled, _) => format!("{amount} belongs to no payment."),
    }
}

fn ahead(payment: &Payment) -> String {
    let is_settled = payment.ahead() == payment.ahead_coming();
    let verb = if is_settled { "is settled" } else { "is being settled" };
    format!("{verb} ahead on {}", payment.payment_id)
}

fn held(payment: &Payment) -> &'static str {
    if payment.surplus > 0 {
        return "an operator must look at its surplus first";
    }
    match payment.mode {
        Mode::Hold => "its one settlement is sent when nothing more is to come (mode HOLD)",
        Mode::Partial if payment.accumulates() => {
            "the last settlement that the provider allows is kept for the end"
        }
        _ if payment.due() < payment.minimum => {
            "the provider takes no settlement that small, so that it waits for the next invoice"
        }
        Mode::Partial | Mode::Total => "a settlement under way comes first",
    }
}

/// The operations of a payment that say why something is not where it should be.
struct Named<'a> {
    unsettled: &'a [Operation],
    payment: &'a Payment,
}

impl Named<'_> {
    /// The operations of a kind, as ` by op_… (unknown)`; nothing if there are none.
    fn by(&self, kind: OperationKind, purpose: Option<RefundPurpose>) -> String {
        let is_one = |row: &&Operation| {
            row.payment_id == self.payment.payment_id
                && row.kind == kind
                && purpose
                    .is_none_or(|purpose| row.refund.as_ref().is_some_and(|refund| refund.purpose == purpose))
        };
        let rows: Vec<&Operation> = self.unsettled.iter().filter(is_one).collect();
        let named = rows.iter().take(NAMED_MAX).map(|row| format!("{} ({})", row.operation_id, state(row)));
        let named: Vec<String> = named.collect();
        match (rows.len(), rows.len().saturating_sub(NAMED_MAX)) {
            (0, _) => String::new(),
            (_, 0) => format!(" by {}", named.join(", ")),
            (_, more) => format!(" by {} and {more} more", named.join(", ")),
        }
    }

    fn waiting(&self) -> String {
        let refused = self.by(OperationKind::Refund, Some(RefundPurpose::Return));
        if self.payment.return_lacking > 0 {
            format!("its refund was not made{refused}; an operator decides what follows")
        } else if self.payment.surplus > 0 {
            "an operator must look at its surplus first".to_owned()
        } else if self.payment.refundable() > 0 {
            "refunds that were asked for before come first".to_owned()
        } else {
            "what it returns is not settled yet".to_owned()
        }
    }

    fn spare(&self, order: &Order) -> String {
        if self.payment.release_lacking > 0 {
            let by = self.by(OperationKind::Cancellation, None);
            return format!("its release was not made{by}; an operator decides what follows");
        }
        let is_manual = order.release_policy == crate::account::ReleasePolicy::Manual;
        match (is_manual && order.state != OrderState::Canceled, order.remaining()) {
            (true, _) => "it is released when an operator says so".to_owned(),
            (false, 0) => "it is released when what is under way has ended".to_owned(),
            (false, _) => "it is released when nothing remains to invoice".to_owned(),
        }
    }
}

/// An operation's state for people.
fn state(row: &Operation) -> String {
    match &row.state {
        OperationState::Waiting(Waiting::Pending) => "not sent yet".to_owned(),
        OperationState::Sent { .. } => "sent".to_owned(),
        OperationState::Waiting(Waiting::AtProvider) => "the provider said to ask again".to_owned(),
        OperationState::Waiting(Waiting::Unknown) => "nobody can tell yet whether it was done".to_owned(),
        OperationState::Manual => "a person must make it".to_owned(),
        OperationState::Stuck => "attempts or time ran out".to_owned(),
        OperationState::Done { .. } => "done".to_owned(),
        OperationState::Refused { code, message } if message.is_empty() => format!("refused: {code}"),
        OperationState::Refused { code, message } => format!("refused: {code}, {message}"),
        OperationState::Withdrawn => "withdrawn".to_owned(),
    }
}
