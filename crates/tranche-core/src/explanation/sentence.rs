//! The words of an explanation.
//!
//! A sentence is for the customer of a support agent; operations, with what the provider said of each, stand in
//! parentheses at its end, for those whom the agent asks.

use super::Place;
use crate::account::ReleasePolicy;
use crate::operation::{
    BELOW_MINIMUM, NO_SETTLEMENT_FOLLOWS, Operation, OperationKind, OperationState, RESOLVED_NOT_DONE,
    RefundPurpose, Waiting,
};
use crate::order::{Order, OrderState, TransactionState};
use crate::payment::{Mode, Payment};

/// Operations that a sentence names; of more it says how many.
const NAMED_MAX: usize = 3;

/// What an operation does: its kind, and of a refund why.
type Deed = (OperationKind, Option<RefundPurpose>);

const AUTHORIZATION: Deed = (OperationKind::Authorization, None);
const SETTLEMENT: Deed = (OperationKind::Settlement, None);
const CANCELLATION: Deed = (OperationKind::Cancellation, None);
const RETURN: Deed = (OperationKind::Refund, Some(RefundPurpose::Return));
const EXCESS: Deed = (OperationKind::Refund, Some(RefundPurpose::Excess));

/// What follows where nothing follows by itself.
const OPERATOR: &str = "an operator decides what follows";
/// Why something was not done.
const REFUSED: &str = "the provider refused";

/// The order in one sentence.
pub(super) fn summary(order: &Order) -> String {
    let money = |minor| order.money(minor);
    let state = match order.state {
        OrderState::Open => "open",
        OrderState::PartiallyInvoiced if order.remaining() == 0 => {
            "invoiced in full and not settled in full yet"
        }
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
        "Order {} of {} is {state}: {} invoiced, {} returned, {} left to invoice; {transaction}.",
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
    /// The payments whose authorizations have ended with something left.
    pub(super) ended: Vec<&'a str>,
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
        let money = self.order.money(amount);
        match payment {
            None => format!("{money} {}.", self.of_no_payment(place)),
            Some(payment) if is_beside => {
                format!("Beside the order's value, {money} {}.", self.beside(place, payment, amount))
            }
            Some(payment) => format!("{money} {}.", self.of_value(place, payment)),
        }
    }

    fn of_no_payment(&self, place: Place) -> String {
        match (place, &self.order.transaction, self.ended.as_slice()) {
            (Place::OrderCanceled, _, _) if self.order.invoices > 0 => {
                "will not be invoiced: the order was canceled after its invoices had been voided".to_owned()
            }
            (Place::OrderCanceled, _, _) => {
                "will not be invoiced: the order was canceled before anything was".to_owned()
            }
            (_, None, _) => "is not invoiced, and the order has no payments yet".to_owned(),
            (_, _, []) => "is not invoiced, and no payment covers it: add a payment".to_owned(),
            (_, _, [id]) => {
                format!(
                    "is not invoiced, and no payment covers it, as the authorization of {id} has ended: add a payment"
                )
            }
            (_, _, ids) => format!(
                "is not invoiced, and no payment covers it, as the authorizations of {} have ended: add a payment",
                ids.join(", ")
            ),
        }
    }

    fn of_value(&self, place: Place, payment: &Payment) -> String {
        let id = &payment.payment_id;
        match place {
            Place::Ahead => {
                let (ahead, by) = self.ahead(payment);
                format!("is not invoiced, and is {ahead}; the next invoices use it first{by}")
            }
            Place::Authorizing => {
                let doing = self.doing(payment, AUTHORIZATION, "authorized");
                format!("is not invoiced, and is {doing}; invoices can use it once the provider has approved")
            }
            Place::Held => format!("is invoiced and held on {id}: {}", self.held(payment)),
            Place::Settling => format!("is invoiced and {}", self.doing(payment, SETTLEMENT, "settled")),
            Place::Settled => format!("is invoiced and settled on {id}"),
            Place::Lacking => {
                let (why, by) = self.lacking(payment);
                format!("is invoiced and was not obtained from {id}: {why}; {OPERATOR}{by}")
            }
            Place::GivenUp => format!("is invoiced, and an operator gave up collecting it from {id}"),
            Place::ReturnWaiting => format!("was returned and waits on {id}: {}", self.waiting(payment)),
            Place::Refunding => format!("was returned and is {}", self.doing(payment, RETURN, "refunded")),
            Place::Refunded => format!("was returned and is refunded on {id}"),
            _ if payment.is_ending() => {
                format!(
                    "is not invoiced; the payment {id} has room for it until its authorization ends, soon"
                )
            }
            _ => format!("is not invoiced; the payment {id} has room for it"),
        }
    }

    fn beside(&self, place: Place, payment: &Payment, amount: i64) -> String {
        let id = &payment.payment_id;
        match place {
            Place::Ahead => self.excess(payment),
            Place::Authorizing => {
                format!("is {} and not needed", self.doing(payment, AUTHORIZATION, "authorized"))
            }
            Place::Refunding => {
                format!("was settled beyond need and is {}", self.doing(payment, EXCESS, "refunded"))
            }
            Place::Refunded => format!("was settled beyond need and is refunded on {id}"),
            Place::Spare if payment.is_spent() => format!(
                "is authorized on {id}, and no settlement can take it any more: {}",
                self.spare(payment, amount)
            ),
            Place::Spare if payment.is_ended() => format!(
                "was authorized on {id}, and no invoice can ask for it any more, as the authorization has ended: {}",
                self.spare(payment, amount)
            ),
            Place::Spare => {
                format!("is authorized on {id} and not needed: {}", self.spare(payment, amount))
            }
            Place::Canceling => {
                format!("of the authorization is {}", self.doing(payment, CANCELLATION, "released"))
            }
            Place::Canceled => format!("of the authorization on {id} is released"),
            Place::GivenUp => format!("stays on {id}: an operator gave up refunding or releasing it"),
            _ => format!(
                "was moved unasked, as the provider of {id} says; the payment starts nothing new until an operator says \
                 whether that is so"
            ),
        }
    }

    /// That money is ahead, and who is at it.
    fn ahead(&self, payment: &Payment) -> (String, String) {
        let id = &payment.payment_id;
        if payment.ahead() == payment.ahead_coming() {
            return (format!("settled ahead on {id}"), String::new());
        }
        (format!("being settled ahead on {id}"), self.named(payment, SETTLEMENT, false))
    }

    /// What is ahead of all that the order can need.
    fn excess(&self, payment: &Payment) -> String {
        let (ahead, by) = self.ahead(payment);
        let refused = self.named(payment, EXCESS, true);
        if payment.ahead() != payment.ahead_coming() {
            format!("is {ahead}, more than the order can need; it is refunded once it is settled{by}")
        } else if payment.excess_lacking > 0 && !refused.is_empty() {
            format!("is {ahead}, more than the order can need: {REFUSED}; {OPERATOR}{refused}")
        } else if payment.excess_lacking > 0 {
            let less = "the provider refunded less than it was asked for";
            format!("is {ahead}, more than the order can need: {less}; {OPERATOR}")
        } else {
            format!("is {ahead}, more than the order can need; it is refunded when the payment can")
        }
    }

    fn held(&self, payment: &Payment) -> &'static str {
        if payment.surplus > 0 {
            return "an operator must look at its surplus first";
        }
        match payment.mode {
            Mode::Hold if !payment.is_ending() => {
                "its one settlement is sent when nothing more is to come (mode HOLD)"
            }
            Mode::Partial if payment.accumulates() && !payment.is_ending() => {
                "the last settlement that the provider allows is kept for the end"
            }
            _ if payment.due() < payment.minimum && self.order.remaining() > 0 && payment.room() > 0 => {
                "the provider takes no settlement that small, so that it waits for the next invoice"
            }
            Mode::Partial | Mode::Hold | Mode::Total => "a settlement under way comes first",
        }
    }

    /// Why something was not obtained, and by which operations.
    fn lacking(&self, payment: &Payment) -> (&'static str, String) {
        let why = self.operations(payment, SETTLEMENT, true).find_map(|row| match &row.state {
            OperationState::Refused { code, .. } => Some(code.as_str()),
            _ => None,
        });
        let why = match why {
            Some(BELOW_MINIMUM) => "the provider takes no settlement that small",
            Some(RESOLVED_NOT_DONE) => "an operator said that it was not done",
            None | Some(NO_SETTLEMENT_FOLLOWS) => "the provider settled less than it was asked for",
            Some(_) => REFUSED,
        };
        (why, self.named(payment, SETTLEMENT, true))
    }

    fn waiting(&self, payment: &Payment) -> String {
        let refused = self.named(payment, RETURN, true);
        let is_obtained = payment.settling + payment.due() == 0;
        if payment.return_lacking > 0 && !refused.is_empty() {
            format!("{REFUSED}; {OPERATOR}{refused}")
        } else if payment.return_lacking > 0 {
            format!("the provider refunded less than it was asked for; {OPERATOR}")
        } else if payment.surplus > 0 {
            "an operator must look at its surplus first".to_owned()
        } else if payment.refundable() > 0 {
            "refunds that were asked for before come first".to_owned()
        } else if payment.lacking > 0 && is_obtained {
            let (why, by) = self.lacking(payment);
            format!("what it returns was not obtained, as {why}; {OPERATOR}{by}")
        } else {
            "what it returns is not settled yet".to_owned()
        }
    }

    fn spare(&self, payment: &Payment, amount: i64) -> String {
        let refused = self.named(payment, CANCELLATION, true);
        if payment.release_lacking > 0 && !refused.is_empty() {
            return format!("{REFUSED}; {OPERATOR}{refused}");
        }
        if payment.release_lacking > 0 {
            return format!("the provider released less than it was asked for; {OPERATOR}");
        }
        let is_canceled = self.order.state == OrderState::Canceled;
        let is_whole = amount == payment.unsettled() && payment.settling + payment.canceling == 0;
        match (self.order.release_policy, self.order.remaining()) {
            (ReleasePolicy::Manual, _) if is_canceled => "it is released when what is under way has ended",
            (ReleasePolicy::Manual, _) if is_whole || payment.capabilities.partial_cancellation => {
                "it is released when an operator says so"
            }
            (ReleasePolicy::Manual, _) => {
                "an operator can release it once nothing more of the payment is needed, as its provider cancels no parts"
            }
            (_, 1..) if self.lacking > 0 => {
                "it is released when nothing remains to invoice and nothing of the order lacks"
            }
            (_, 1..) => "it is released when nothing remains to invoice",
            _ if self.lacking > 0 => "it is kept while something of the order lacks",
            _ => "it is released when what is under way has ended",
        }
        .to_owned()
    }

    /// A payment's operations that do this.
    fn operations(
        &self,
        payment: &Payment,
        (kind, purpose): Deed,
        is_refused: bool,
    ) -> impl Iterator<Item = &Operation> {
        self.unsettled.iter().filter(move |row| {
            row.payment_id == payment.payment_id
                && row.kind == kind
                && row.refund.as_ref().map(|refund| refund.purpose) == purpose
                && matches!(row.state, OperationState::Refused { .. }) == is_refused
                // One whose money was asked for again, moved or given up explains nothing any more.
                && (!is_refused || row.lacking > 0)
        })
    }

    /// A payment's operations that do this, as the end of a sentence names them: ` (op_…: sent)`; nothing if there are
    /// none.
    fn named(&self, payment: &Payment, deed: Deed, is_refused: bool) -> String {
        let rows: Vec<&Operation> = self.operations(payment, deed, is_refused).collect();
        let named = rows.iter().take(NAMED_MAX).map(|row| format!("{}: {}", row.operation_id, state(row)));
        let named = named.collect::<Vec<_>>().join("; ");
        match rows.len().saturating_sub(NAMED_MAX) {
            _ if rows.is_empty() => String::new(),
            0 => format!(" ({named})"),
            more => format!(" ({named}; and {more} more)"),
        }
    }

    /// What a payment's operations do, and who or what they wait for: `being settled on card (op_…: sent)`.
    fn doing(&self, payment: &Payment, deed: Deed, done: &str) -> String {
        let waits_for = |is_meant: fn(&OperationState) -> bool| {
            self.operations(payment, deed, false).filter(|row| is_meant(&row.state)).count()
        };
        let by_hand = waits_for(|state| *state == OperationState::Manual);
        let stuck = waits_for(|state| matches!(state, OperationState::Stuck { .. }));
        let all = waits_for(|_| true);
        let (id, named) = (&payment.payment_id, self.named(payment, deed, false));
        match (by_hand, stuck) {
            (0, 0) => format!("being {done} on {id}{named}"),
            (people, _) if people == all => format!("to be {done} on {id} by a person{named}"),
            (_, operators) if operators == all => {
                format!("to be {done} on {id} once an operator says how{named}")
            }
            _ => format!("being {done} on {id}, in part by people{named}"),
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
        OperationState::Stuck { .. } => "attempts or time ran out".to_owned(),
        OperationState::Done { .. } => "done".to_owned(),
        OperationState::Refused { code, .. } if code == BELOW_MINIMUM || code == NO_SETTLEMENT_FOLLOWS => {
            "never sent".to_owned()
        }
        OperationState::Refused { code, message } if code == RESOLVED_NOT_DONE => message.clone(),
        OperationState::Refused { code, message } if message.is_empty() => code.clone(),
        OperationState::Refused { code, message } => format!("{code}, {message}"),
        OperationState::Withdrawn => "withdrawn".to_owned(),
    }
}
