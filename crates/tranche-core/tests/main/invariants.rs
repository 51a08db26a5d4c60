//! What must be true of the books after every step, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use tranche_core::attribution::shares;
use tranche_core::authorization::AuthorizationState;
use tranche_core::bounds::CALLBACKS_KEPT_MAX;
use tranche_core::connector::{PartialSettlement, Remainder};
use tranche_core::explanation::{Part, Place, explain};
use tranche_core::id::OperationId;
use tranche_core::invoice::{Invoice, InvoiceType, Leg};
use tranche_core::operation::{Operation, OperationKind, OperationState, RefundPurpose, Waiting};
use tranche_core::operator::ActKind;
use tranche_core::order::{OrderState, TransactionState};
use tranche_core::payment::{Mode, Payment};
use tranche_core::stake::stakes;
use tranche_core::validity::Validity;

use crate::books::Books;

/// Checks the order, its payments and their operations against each other.
pub(crate) fn check(books: &Books, when: &str) {
    let Some(order) = books.all.orders.get(&Books::key()) else {
        return;
    };
    let (payments, operations) = (books.payments(), books.operations());
    for (payment, stake) in payments.iter().zip(stakes(order, &payments)) {
        let own: Vec<&Operation> =
            operations.iter().filter(|row| row.payment_id == payment.payment_id).collect();
        let when = format!("{when}\n    {payment:?}");
        authorized(payment, &own, &when);
        sums(payment, &own, &when);
        inequalities(books, payment, &own, &when);
        wire(books, payment, &own, &when);
        ends(payment, &when);
        assert!(0 <= stake && stake <= payment.authorized, "{stake} is at stake: {when}");
        assert_eq!(payment.attention_time.is_some(), stake > 0, "{stake} is at stake: {when}");
    }
    assert!(0 <= order.invoiced && order.invoiced <= order.value, "{when}: {order:?}");
    assert!(0 <= order.returned && order.returned <= order.invoiced, "{when}: {order:?}");
    assert_eq!(order.value, order.totals.value(), "{when}: {order:?}");
    assert!(order.value >= 1, "{when}: {order:?}");
    for line in books.all.lines_of(&Books::key()) {
        let left = 0 <= line.returned && line.returned <= line.invoiced && line.remaining() >= 0;
        assert!(left, "{when}: {line:?}");
    }
    let returned: i64 = payments.iter().map(|payment| payment.returned).sum();
    assert_eq!(returned, order.returned, "what is returned is asked back: {when}");
    let mut calls = BTreeSet::new();
    for row in &books.all.interactions {
        assert!(
            calls.insert((&row.operation_id, row.attempt, row.callback)),
            "an attempt is kept twice: {row:?} {when}"
        );
    }
    let kept = |row: &Operation| row.recorded_attempts.count_ones() + row.callbacks.min(CALLBACKS_KEPT_MAX);
    let recorded: u32 = operations.iter().map(kept).sum();
    let before = |id: &OperationId, attempt| {
        operations
            .iter()
            .any(|row| row.operation_id == *id && row.attempts_before > 0 && attempt <= row.attempts_before)
    };
    let since = calls.iter().filter(|(id, attempt, callback)| *callback > 0 || !before(id, *attempt)).count();
    assert_eq!(since, usize::try_from(recorded).unwrap(), "an attempt is not kept: {when}");
    parts_sum_to_the_value(books, &payments, &operations, when);
    shares_are_whole(books, &operations, when);
    let asked: i64 = payments.iter().map(|payment| payment.asked).sum();
    let given_up: i64 = payments.iter().map(|payment| payment.given_up).sum();
    assert_eq!(asked + given_up, order.invoiced, "what is invoiced is asked or given up: {when}");
    assert_eq!(given_up, order.given_up, "what is given up is told: {when}");
    legs_sum_to_what_is_asked(books, &payments, when);
    let cover: i64 = payments.iter().map(Payment::cover).sum();
    if order.transaction.is_some() {
        assert_eq!(order.missing, (order.remaining() - cover).max(0), "coverage: {when}");
    }
    let owes = payments.iter().any(|row| row.settling > 0 || row.due() > 0 || row.lacking > 0);
    let invoiced = order.invoiced > 0 && order.remaining() == 0 && !owes;
    assert_eq!(order.state == OrderState::Invoiced, invoiced, "state of the order: {when}");
    if order.state == OrderState::Canceled {
        assert_eq!(order.invoiced, 0, "canceled and invoiced: {when}");
    } else {
        assert_eq!(order.state == OrderState::Open, order.invoiced == 0, "open: {when}");
    }
    let is_finished = order.transaction.as_ref().is_some_and(|row| row.state == TransactionState::Finished);
    // What a provider approves after it had denied it is released, whatever has ended since.
    let is_found = |row: &Payment| row.request.is_some() && row.asked == 0;
    let at_rest = |row: &Payment| {
        // What is adopted later goes back later, or does not.
        let adopted = books.all.acts.iter().any(|act| act.kind == ActKind::AdoptMovement);
        let kept = row.excess_given_up + if adopted { row.ahead() } else { 0 };
        let found = if is_found(row) { row.canceling + row.release_lacking } else { 0 };
        let used = row.settled + row.canceled + row.release_given_up + found;
        used == row.authorized && row.ahead() <= kept
    };
    if is_finished {
        assert!(invoiced && payments.iter().all(at_rest), "finished too early: {when}");
    }
    let is_canceled = order.transaction.as_ref().is_some_and(|row| row.state == TransactionState::Canceled);
    if is_canceled {
        // Also what was adopted since.
        let gone = |row: &Payment| row.excess() + row.ahead();
        let kept = payments.iter().map(|row| row.settled - gone(row)).sum::<i64>();
        assert!(payments.iter().all(at_rest) && kept == 0, "canceled too early: {when}");
    }
}

/// What invoices ask of payments is what their legs say, and so is what was given up of it.
fn legs_sum_to_what_is_asked(books: &Books, payments: &[Payment], when: &str) {
    let invoices = books.invoices();
    let counts = |row: &&Invoice| row.invoice_type == InvoiceType::Output && !row.is_voided();
    for payment in payments {
        let legs = invoices.iter().filter(counts).flat_map(|row| &row.legs);
        let own = legs.filter(|leg| leg.payment_id == payment.payment_id);
        let (value, given_up) =
            own.fold((0, 0), |(value, given_up), leg| (value + leg.value, given_up + leg.given_up));
        assert_eq!(
            (value - given_up, given_up),
            (payment.asked, payment.given_up),
            "legs: {payment:?} {when}"
        );
    }
    for invoice in &invoices {
        let sum: i64 = invoice.legs.iter().map(|leg| leg.value).sum();
        assert_eq!(sum, invoice.value, "legs sum to the value: {invoice:?} {when}");
        let accepted: i64 = invoice.legs.iter().map(|leg| leg.accepted).sum();
        assert_eq!(accepted, invoice.value, "the receipt is of the value: {invoice:?} {when}");
        let is_whole =
            |leg: &Leg| 0 <= leg.given_up && leg.given_up <= leg.value && leg.value + leg.accepted > 0;
        assert!(invoice.legs.iter().all(is_whole), "{invoice:?} {when}");
    }
}

/// Every unit of the value is in one place.
fn parts_sum_to_the_value(books: &Books, payments: &[Payment], operations: &[Operation], when: &str) {
    let order = books.order();
    let unsettled: Vec<Operation> = operations.iter().filter(|row| !row.state.is_ended()).cloned().collect();
    let (_, parts) = explain(&order, payments, &unsettled);
    let sum = |is_beside: bool| {
        let parts = parts.iter().filter(|part| part.is_beside == is_beside);
        parts.map(|part| part.amount).sum::<i64>()
    };
    assert_eq!(sum(false), order.value, "the parts sum to the value: {parts:#?} {when}");
    for payment in payments {
        let own = parts.iter().filter(|part| part.payment_id.as_ref() == Some(&payment.payment_id));
        let at = |places: &[Place]| -> i64 {
            // What was given up beside the value is told beside it.
            let is_meant = |part: &&Part| {
                places.contains(&part.place) && (part.place != Place::GivenUp || !part.is_beside)
            };
            own.clone().filter(is_meant).map(|part| part.amount).sum()
        };
        let asked = [
            Place::Held,
            Place::Settling,
            Place::Settled,
            Place::Lacking,
            Place::GivenUp,
            Place::ReturnWaiting,
        ];
        let returned = payment.return_refunding + payment.return_refunded;
        assert_eq!(at(&asked) + returned, payment.asked + payment.given_up, "{parts:#?} {when}");
        let released = payment.canceling + payment.canceled;
        assert_eq!(at(&[Place::Canceling, Place::Canceled]), released, "{parts:#?} {when}");
    }
}

/// What the operations did for invoices is what they did, each unit for one of them.
fn shares_are_whole(books: &Books, operations: &[Operation], when: &str) {
    let mut invoices = books.invoices();
    invoices.sort_by_key(|row| row.ordinal);
    let shares = shares(&invoices, operations);
    let mut by_operation: BTreeMap<&OperationId, i64> = BTreeMap::new();
    for invoice in &invoices {
        let own = shares.get(&invoice.invoice_number).into_iter().flatten();
        for share in own.clone() {
            *by_operation.entry(&share.operation.operation_id).or_default() += share.done;
            let in_range =
                0 <= share.done && share.done <= share.asked && share.asked <= share.operation.value;
            assert!(in_range, "{share:?} {when}");
        }
        for leg in &invoice.legs {
            let of_leg = own.clone().filter(|share| share.operation.payment_id == leg.payment_id);
            let done: i64 = of_leg.map(|share| share.done).sum();
            assert!(done <= leg.value, "more than was asked: {invoice:?} {when}");
            assert!(!invoice.is_voided() || done == 0, "paid and voided: {invoice:?} {when}");
        }
    }
    for (id, done) in by_operation {
        let row = operations.iter().find(|row| row.operation_id == *id).expect("it is there");
        assert!(done <= moved(row), "an operation pays twice: {row:?} {when}");
    }
    for payment in books.payments() {
        let served = |invoice_type| -> i64 {
            let of_type = invoices.iter().filter(|row| row.invoice_type == invoice_type);
            let own = of_type.filter_map(|row| shares.get(&row.invoice_number)).flatten();
            let own = own.filter(|share| share.operation.payment_id == payment.payment_id);
            own.map(|share| share.done).sum()
        };
        let settled = payment.asked.min(payment.settled - payment.excess());
        assert_eq!(served(InvoiceType::Input), payment.return_refunded, "refunds: {when}");
        if payment.ahead_coming() == payment.ahead() {
            assert_eq!(served(InvoiceType::Output), settled, "settlements: {payment:?} {when}");
        }
    }
}

fn is_open(row: &Operation) -> bool {
    !row.state.is_ended()
}

fn moved(row: &Operation) -> i64 {
    match row.state {
        OperationState::Done { value, .. } => value,
        _ => 0,
    }
}

/// What was refused to be released after the authorization had ended, and counts as released.
fn lapsed(payment: &Payment, own: &[&Operation]) -> i64 {
    let is_after = |row: &&&Operation| {
        row.end_time.zip(payment.authorization.expire_time).is_some_and(|(at, end)| end <= at)
    };
    let refused = own.iter().filter(|row| matches!(row.state, OperationState::Refused { .. }));
    let is_of_money =
        |row: &&&Operation| row.kind == OperationKind::Cancellation && payment.lapse != Some(row.ordinal);
    let lapsed = refused.filter(is_of_money).filter(is_after);
    lapsed.map(|row| row.value).sum()
}

/// What was observed of an authorization's end fits that end, and nothing is held back when it is near.
fn ends(payment: &Payment, when: &str) {
    let end = payment.authorization.expire_time;
    assert!(end.is_some() || !payment.is_ending(), "no end is known: {when}");
    let next = match payment.validity {
        Validity::Lasting => payment.observe_time.is_none_or(|time| Some(time) <= end),
        Validity::Ending => payment.observe_time.is_none_or(|time| Some(time) == end),
        Validity::Ended => payment.observe_time.is_none() && payment.room() == payment.ahead_coming(),
    };
    assert!(next, "when it is looked at next: {when}");
    let is_held = payment.authorization_state == AuthorizationState::Authorized && payment.unsettled() > 0;
    let is_seen = payment.observe_time.is_some() || payment.is_ended() || payment.release_given_up > 0;
    assert!(end.is_none() || !is_held || is_seen, "nobody sees that it ends: {when}");
    let is_free = payment.surplus == 0 && payment.settling == 0 && payment.is_ending();
    let is_too_small = payment.due() < payment.minimum && payment.room() > 0;
    assert!(!is_free || payment.due() == 0 || is_too_small, "held until it is too late: {when}");
}

/// What cancels a payment of which nothing was authorized at that time moves no amount: under way, and done.
fn lapse(payment: &Payment, own: &[&Operation]) -> (i64, i64) {
    let at = |ordinal: i64| own.iter().find(|row| row.ordinal == ordinal);
    let Some(row) = payment.lapse.and_then(at) else { return (0, 0) };
    let is_authorized = payment.authorization_state == AuthorizationState::Authorized;
    match (is_authorized, is_open(row)) {
        (true, _) => (0, 0),
        (false, true) => (row.value, 0),
        (false, false) => (0, moved(row)),
    }
}

/// What is authorized is what the provider approved, and nothing is asked of a payment before.
fn authorized(payment: &Payment, own: &[&Operation], when: &str) {
    let asked = own.iter().find(|row| row.kind == OperationKind::Authorization);
    assert_eq!(payment.request.is_some(), asked.is_some(), "who asks: {when}");
    let Some(asked) = asked else { return };
    assert_eq!(asked.ordinal, 1, "nothing comes before it: {when}");
    match (&payment.authorization_state, &asked.state) {
        (AuthorizationState::Authorizing { value, .. }, state) => {
            assert!(!state.is_ended() && *value == asked.value, "still asked: {when}");
        }
        (AuthorizationState::Authorized, state) => {
            assert!(matches!(state, OperationState::Done { .. }), "approved: {when}");
            // What was settled unasked counts as authorized where it goes beyond.
            let unasked = own.iter().filter(|row| row.kind == OperationKind::Settlement && row.attempts == 0);
            let unasked: i64 = unasked.map(|row| moved(row)).sum();
            let most = payment.max_value.unwrap_or(0).max(moved(asked)) + unasked;
            assert!(payment.authorized >= moved(asked) && payment.authorized <= most, "how much: {when}");
        }
        (AuthorizationState::Denied { .. }, state) => {
            assert!(matches!(state, OperationState::Refused { .. }), "denied: {when}");
        }
    }
    if payment.authorization_state != AuthorizationState::Authorized {
        assert_eq!(payment.authorized + payment.asked + payment.room() + payment.canceling, 0, "{when}");
        let others = own.iter().filter(|row| row.ordinal > 1 && Some(row.ordinal) != payment.lapse);
        assert_eq!(others.count(), 0, "asked of before: {when}");
    }
    let ended = asked.state.is_ended();
    let has_token = payment.request.as_ref().is_some_and(|request| request.token.is_some());
    assert!(!(ended && has_token), "the token is kept: {when}");
}

/// The running totals are the sums of the operations.
fn sums(payment: &Payment, own: &[&Operation], when: &str) {
    let of = |kind: OperationKind, purpose: Option<RefundPurpose>| {
        let rows = own
            .iter()
            .filter(|row| row.kind == kind && row.refund.as_ref().map(|refund| refund.purpose) == purpose);
        rows.fold((0, 0), |(open, done), row| {
            (open + if is_open(row) { row.value } else { 0 }, done + moved(row))
        })
    };
    let (settling, settled) = of(OperationKind::Settlement, None);
    assert_eq!((payment.settling, payment.settled), (settling, settled), "settlements: {when}");
    let excess = of(OperationKind::Refund, Some(RefundPurpose::Excess));
    assert_eq!((payment.excess_refunding, payment.excess_refunded), excess, "refunds of excess: {when}");
    assert!(payment.return_waiting() >= 0, "more goes back than came back: {when}");
    let returns = of(OperationKind::Refund, Some(RefundPurpose::Return));
    assert_eq!((payment.return_refunding, payment.return_refunded), returns, "refunds of returns: {when}");
    let (canceling, canceled) = of(OperationKind::Cancellation, None);
    let (lapsing, undone) = lapse(payment, own);
    assert_eq!(payment.canceling, canceling - lapsing, "cancellations: {when}");
    let by_itself = payment.canceled - canceled - lapsed(payment, own) + undone;
    let may = payment.capabilities.remainder == Remainder::Released;
    assert!(by_itself == 0 || may && by_itself > 0, "released by itself: {when}");
    for settlement in own.iter().filter(|row| row.kind == OperationKind::Settlement) {
        let from_it = own.iter().filter(|row| {
            row.refund.as_ref().is_some_and(|refund| refund.operation_id == settlement.operation_id)
        });
        let taken: i64 = from_it.map(|row| if is_open(row) { row.value } else { moved(row) }).sum();
        assert_eq!(settlement.refund_taken, taken, "taken of a settlement: {when}");
        assert!(taken <= moved(settlement), "more refunded than settled: {when}");
    }
}

fn inequalities(books: &Books, payment: &Payment, own: &[&Operation], when: &str) {
    let row = payment;
    let amounts = [
        row.asked,
        row.given_up,
        row.settling,
        row.settled,
        row.canceling,
        row.canceled,
        row.excess_refunding,
        row.excess_refunded,
        row.returned,
        row.return_refunding,
        row.return_refunded,
        row.return_given_up,
        row.lacking,
        row.excess_lacking,
        row.return_lacking,
        row.release_lacking,
        row.surplus,
        row.excess_given_up,
        row.release_given_up,
        row.room(),
        row.capacity(),
        row.refundable(),
    ];
    assert!(amounts.iter().all(|amount| *amount >= 0), "below zero: {when}");
    let used = row.settling + row.settled + row.canceling + row.canceled;
    assert!(used <= row.authorized, "beyond the authorization: {when}");
    let back = row.excess() + row.return_refunding + row.return_refunded;
    assert!(back <= row.settled, "more back than settled: {when}");
    let (held, ahead) = (row.due(), row.ahead_coming());
    let there = row.settled + row.settling + held + row.lacking - row.excess();
    assert_eq!(row.asked + ahead, there, "ledger: {when}");
    assert!(ahead == 0 || held + row.lacking == 0, "ahead and owed at once: {when}");
    let whole = row.capabilities.partial_settlement == PartialSettlement::None;
    let acted = books.all.acts.iter().any(|act| act.kind != ActKind::ReleaseRemainder);
    if row.mode != Mode::Total && !whole && !acted && !books.invoices().iter().any(Invoice::is_voided) {
        assert!(row.settled + row.settling <= row.asked, "more than invoices asked for: {when}");
    }
    let settlements = own.iter().filter(|row| row.kind == OperationKind::Settlement);
    // One that was adopted is the provider's own doing, or a part of another one.
    let is_taken = |row: &&&Operation| match row.state {
        OperationState::Refused { .. } | OperationState::Withdrawn => false,
        OperationState::Done { .. } => row.attempts > 0,
        _ => true,
    };
    let taken = settlements.filter(is_taken);
    // What was refused and settled after all, an operator may have found to be real.
    if let (Some(max), 0, false) = (row.capabilities.settlements_max(row.mode), row.surplus, acted) {
        assert!(taken.count() <= usize::try_from(max).unwrap(), "too many settlements: {when}");
    }
}

/// Whether an operation follows by itself: somebody is on the wire before it, the head of the queue is due, or one whose
/// turn it was before the queue's.
fn is_queued(books: &Books, payment: &Payment, own: &[&Operation], row: &Operation) -> bool {
    let at = |ordinal: i64| own.iter().find(|row| row.ordinal == ordinal);
    let head_is_due = at(payment.sent + 1).is_some_and(|head| head.due_time.is_some());
    let is_due = |other: &&&Operation| other.due_time.is_some_and(|due| due <= books.now);
    let turn_is_due = own.iter().filter(is_due).any(|other| other.attempts > 0);
    let follows = payment.wire.is_some() || head_is_due || turn_is_due;
    row.attempts == 0 && row.ordinal > payment.sent && follows
}

/// One call in flight, and nothing open that nobody will ever look at.
fn wire(books: &Books, payment: &Payment, own: &[&Operation], when: &str) {
    let in_flight = own
        .iter()
        .filter(|row| matches!(row.state, OperationState::Sent { lease, .. } if lease.until > books.now));
    assert!(in_flight.count() <= 1, "two calls in flight: {when}");
    if let Some(wire) = payment.wire {
        let holder = own.iter().find(|row| row.ordinal == wire.ordinal).expect("the wire's operation");
        let holds =
            matches!(holder.state, OperationState::Sent { lease, .. } if lease.attempt == wire.attempt);
        assert!(holds && holder.due_time == Some(wire.until), "nobody will free the wire: {holder:?} {when}");
    }
    let whose_turn = own.iter().find(|row| Some(row.ordinal) == payment.turn);
    let is_due = whose_turn.is_none_or(|row| is_open(row) && row.due_time.is_some());
    assert!(is_due, "whose turn it is, is never due: {whose_turn:?} {when}");
    for (row, ordinal) in own.iter().zip(1..) {
        assert_eq!(row.ordinal, ordinal, "ordinals: {when}");
        assert!(row.value > 0, "nothing is asked: {when}");
        let rests = match row.state {
            OperationState::Waiting(Waiting::Pending | Waiting::AtProvider) | OperationState::Sent { .. } => {
                false
            }
            OperationState::Waiting(Waiting::Unknown) => {
                let able = payment.capabilities;
                let first = row.first_send_time.expect("what is unknown was sent");
                !able.replay_safe
                    || books.now.since(first) + crate::books::LEASE >= able.replay_window
                    || books.now.since(first) >= tranche_core::bounds::RETRY_WINDOW
                    || row.due_time.is_some()
                    || row.attempts_since() >= tranche_core::bounds::ATTEMPTS_MAX
            }
            _ => true,
        };
        let rests = rests || is_queued(books, payment, own, row);
        assert!(row.due_time.is_some() || rests, "never due again: {row:?} {when}");
        let is_head = row.ordinal == payment.sent + 1;
        assert!(row.due_time.is_none() || is_open(row) || is_head, "due and ended: {row:?} {when}");
        assert_eq!(row.end_time.is_some(), !is_open(row), "end time: {row:?} {when}");
    }
}
