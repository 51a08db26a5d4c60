//! Every row is read back as it was written, and written again as it was changed.

use std::time::Duration;

use tranche_core::authorization::AuthorizationState;
use tranche_core::bounds::REFUNDS_PER_PLAN_MAX;
use tranche_core::change::Change;
use tranche_core::command::Needs;
use tranche_core::connector::{Capabilities, PartialSettlement};
use tranche_core::event::{Event, EventKind, EventLog, OperationSummary};
use tranche_core::id::{
    AccountId, ConnectorId, InvoiceNumber, LineId, OperationId, OrderId, PaymentId, RequestId, TransactionId,
};
use tranche_core::invoice::{InvoiceState, InvoiceType, Tracking};
use tranche_core::money::{Currency, Money};
use tranche_core::operation::{Interaction, Lease, Operation, OperationKind, OperationState, Waiting};
use tranche_core::operator::{Act, ActKind, Actor};
use tranche_core::order::{OrderState, TransactionState};
use tranche_core::payment::{Mode, Payment, PaymentState, Wire};
use tranche_core::state::State;
use tranche_core::validity::Validity;
use tranche_store::{Batch, Store};

use crate::database::{Place, check, empty};
use crate::rows::*;

/// What names all rows of [`fill`].
pub(crate) fn all_needs() -> Needs {
    let account_id = AccountId::trusted("acme");
    let mut needs =
        Needs { accounts: [account_id.clone(), AccountId::trusted("other")].into(), ..Needs::default() };
    needs.event_logs.insert(account_id.clone());
    for id in ["psp", "bare"] {
        needs.connectors.insert((account_id.clone(), ConnectorId::trusted(id)));
    }
    for id in ["o", "o2"] {
        needs.orders.insert(key(id));
    }
    needs.advancing.insert(key("o"));
    needs.returning.insert(key("o"));
    // The third line is found with the order, the thirteenth operation with its invoice, the last one as the next in
    // its queue.
    needs.whole.insert(key("o"));
    for id in ["l1", "l2"] {
        needs.lines.insert((key("o"), LineId::trusted(id)));
    }
    for number in ["1", "2", "3"] {
        needs.invoices.insert((key("o"), InvoiceNumber::trusted(number)));
    }
    needs.withdrawing.insert((key("o"), InvoiceNumber::trusted("3")));
    needs.invoiced.insert(key("o"));
    needs.movements.insert((key("o"), String::new()));
    needs.adopting.insert((key("o"), PaymentId::trusted("p")));
    for ordinal in 1..=12 {
        needs.operations.insert((key("o"), OperationId::trusted(&format!("op_o_{ordinal}"))));
    }
    needs.transactions.insert((account_id.clone(), TransactionId::trusted("t")));
    needs.adoptions.insert((account_id.clone(), ConnectorId::trusted("psp"), "o/p".to_owned()));
    for id in ["", "r"] {
        needs.requests.insert(request(id).key);
    }
    needs
}

fn states() -> Vec<Operation> {
    let lease = Lease { attempt: 3, until: at(99) };
    let from = Waiting::AtProvider;
    let refused = OperationState::Refused { code: String::new(), message: TEXT.to_owned() };
    let mut operations = vec![
        Operation { due_time: Some(at(70)), ..operation("o", 1, OperationState::Waiting(Waiting::Pending)) },
        operation("o", 2, OperationState::Waiting(Waiting::AtProvider)),
        operation("o", 3, OperationState::Waiting(Waiting::Unknown)),
        operation("o", 4, OperationState::Sent { lease, from }),
        Operation { attention_time: Some(at(55)), ..operation("o", 5, OperationState::Manual) },
        Operation {
            retry_time: Some(at(66)),
            ..operation("o", 6, OperationState::Stuck { from: Waiting::AtProvider })
        },
        operation("o", 7, refused),
        done("o", 8, 30),
        refund("o", 9, 8, OperationState::Waiting(Waiting::Pending)),
        Operation { is_final: true, is_unclear: true, first_send_time: Some(at(7)), ..done("o", 10, 90) },
        done("o", 11, 0),
        Operation { kind: OperationKind::Cancellation, ..operation("o", 12, OperationState::Manual) },
    ];
    let withdrawn = operation("o", 13, OperationState::Withdrawn);
    let invoice_number = Some(InvoiceNumber::trusted("3"));
    operations.push(Operation { invoice_number, end_time: Some(at(43)), ..withdrawn });
    operations.push(operation("o", 14, OperationState::Waiting(Waiting::Pending)));
    operations
}

/// An act of every kind, the oldest first.
fn acts() -> Vec<Act> {
    let kinds = [
        ActKind::RetryOperation,
        ActKind::ResolveOperation,
        ActKind::ReleaseRemainder,
        ActKind::AdoptMovement,
    ];
    let act = |(kind, micros): (ActKind, i64)| Act {
        order: key("o"),
        // One request id may be used for each thing that is acted on.
        request_id: RequestId::trusted("r"),
        kind,
        by: Actor { name: "me".to_owned(), reason: TEXT.to_owned() },
        transaction_id: TransactionId::trusted(if kind == ActKind::AdoptMovement { "t" } else { "t2" }),
        payment_id: (kind == ActKind::AdoptMovement).then(|| PaymentId::trusted("p")),
        operation_id: (micros < 3).then(|| OperationId::trusted(&format!("op_o_{micros}"))),
        create_time: at(micros),
    };
    kinds.into_iter().zip(1..).map(act).collect()
}

/// A state with a row of every kind, new.
pub(crate) fn fill(state: &mut State) {
    state.accounts.write(AccountId::trusted("acme"), account("acme"));
    state.accounts.write(AccountId::trusted("other"), account("other"));
    let bare = tranche_core::connector::Connector {
        default_mode: None,
        capabilities: capabilities(PartialSettlement::Once),
        minimum_amounts: Vec::new(),
        ..connector("bare")
    };
    for row in [connector("psp"), bare] {
        state.connectors.write((row.account_id.clone(), row.connector_id.clone()), row);
    }
    for row in [with_transaction(order("o"), "t"), order("o2")] {
        state.orders.write(row.key.clone(), row);
    }
    for (id, position) in [("l1", 2), ("l2", 1), ("l3", 0)] {
        let row = line("o", id, position);
        state.lines.write((row.order.clone(), row.line_id.clone()), row);
    }
    let mut queued = payment("o", "p", 0);
    (queued.operations, queued.sent) = (14, 13);
    let mut filled = payment("o", "p2", 1);
    filled.wire = Some(Wire { ordinal: 12, attempt: 3, until: at(98) });
    filled.turn = Some(3);
    filled.authorization.tid = Some(String::new());
    filled.authorization.nsu = Some(TEXT.to_owned());
    filled.authorization.expire_time = Some(at(0));
    (filled.validity, filled.observe_time) = (Validity::Ending, Some(at(70)));
    filled.attention_time = Some(at(71));
    let authorization_lifetime = Some(Duration::from_micros(1));
    filled.capabilities = Capabilities { authorization_lifetime, ..capabilities(PartialSettlement::None) };
    filled.mode = Mode::Total;
    filled.minimum = 0;
    let state_of = |until| AuthorizationState::Authorizing { value: 5, until };
    let mut asked_for = asked("o2", "p3", 0, state_of(Some(at(96))));
    (asked_for.lapse, asked_for.max_value) = (Some(2), Some(7));
    if let Some(request) = &mut asked_for.request {
        request.token = Some(String::new());
    }
    let denied = AuthorizationState::Denied { value: 6, code: String::new(), message: TEXT.to_owned() };
    for row in [asked("o2", "p4", 1, state_of(None)), asked("o2", "p5", 2, denied), asked_for] {
        state.payments.write((row.order.clone(), row.position), row);
    }
    for row in [queued, filled] {
        state.payments.write((row.order.clone(), row.position), row);
    }
    let mut bare = invoice("o", "2");
    (bare.invoice_type, bare.issue_time) = (InvoiceType::Input, None);
    (bare.lines, bare.legs) = (Vec::new(), Vec::new());
    bare.tracking = Tracking {
        courier: TEXT.to_owned(),
        number: "n".to_owned(),
        url: "u".to_owned(),
        dispatch_time: Some(at(5)),
    };
    let mut voided = invoice("o", "3");
    voided.state = InvoiceState::Voided { reason: TEXT.to_owned() };
    for row in [invoice("o", "1"), bare, voided] {
        state.invoices.write((row.order.clone(), row.invoice_number.clone()), row);
    }
    let bare = Change {
        added_lines: Vec::new(),
        removed_lines: Vec::new(),
        reason: String::new(),
        manual_discount: 0,
        manual_increment: 0,
        ..order_change("o", "c2")
    };
    for row in [order_change("o", "c1"), bare] {
        state.changes.write((row.order.clone(), row.request_id.clone()), row);
    }
    for row in states() {
        state.operations.write((row.order.clone(), row.payment_id.clone(), row.ordinal), row);
    }
    for row in [request(""), request("r")] {
        state.requests.write(row.key.clone(), row);
    }
    let mut failed = interaction("o", 1, 2);
    (failed.exchange.status, failed.exchange.error) = (None, Some(TEXT.to_owned()));
    let callback = Interaction { callback: 2, ..interaction("o", 1, 1) };
    state.interactions.extend([interaction("o", 1, 1), callback, failed]);
    state.acts.extend(acts());
    state.events = events();
}

fn events() -> Vec<Event> {
    let money = |minor| Money { currency: Currency::parse("KWD").unwrap(), minor };
    let operation = OperationSummary {
        operation_id: OperationId::trusted("op"),
        payment_id: PaymentId::trusted(TEXT),
        kind: OperationKind::Refund,
        value: money(i64::MAX),
    };
    let connector_id = ConnectorId::trusted("psp");
    let invoice_number = InvoiceNumber::trusted(TEXT);
    let transaction_id = TransactionId::trusted("t");
    let payment_id = PaymentId::trusted("p");
    let acted = |act, payment_id, operation_id| EventKind::OperatorActed {
        act,
        by: Actor { name: "me".to_owned(), reason: TEXT.to_owned() },
        transaction_id: TransactionId::trusted("t"),
        payment_id,
        operation_id,
    };
    let accepted = |invoice_type| EventKind::InvoiceAccepted {
        invoice_number: InvoiceNumber::trusted(TEXT),
        invoice_type,
        value: money(3),
        remaining: money(-4),
    };
    let ended = |is_done| EventKind::OperationEnded { operation: operation.clone(), done: money(5), is_done };
    let moved = |reason: &str| EventKind::OrderStateChanged {
        state: OrderState::Canceled,
        reason: reason.to_owned(),
    };
    let kinds = vec![
        EventKind::AccountUpdated,
        EventKind::ConnectorCreated { connector_id: connector_id.clone() },
        EventKind::ConnectorUpdated { connector_id },
        EventKind::OrderCreated { value: money(1) },
        EventKind::OrderChanged {
            request_id: RequestId::trusted("c1"),
            reason: TEXT.to_owned(),
            value_before: money(8),
            value_after: money(9),
        },
        EventKind::TransactionCreated { transaction_id, authorized: money(2) },
        EventKind::PaymentAdded { payment_id: payment_id.clone(), authorized: money(10) },
        EventKind::PaymentStateChanged { payment_id: payment_id.clone(), state: PaymentState::Denied },
        EventKind::AuthorizationEnding {
            payment_id: payment_id.clone(),
            expire_time: at(12),
            room: money(12),
        },
        EventKind::AuthorizationEnded {
            payment_id: payment_id.clone(),
            expire_time: at(13),
            room: money(13),
        },
        acted(ActKind::ReleaseRemainder, None, None),
        acted(ActKind::AdoptMovement, Some(payment_id.clone()), None),
        acted(ActKind::RetryOperation, Some(payment_id.clone()), Some(operation.operation_id.clone())),
        acted(ActKind::ResolveOperation, Some(payment_id), Some(operation.operation_id.clone())),
        accepted(InvoiceType::Output),
        accepted(InvoiceType::Input),
        EventKind::InvoiceVoided {
            invoice_number: invoice_number.clone(),
            value: money(11),
            reason: String::new(),
        },
        EventKind::TrackingUpdated { invoice_number },
        EventKind::OperationStarted { operation: operation.clone() },
        ended(true),
        ended(false),
        EventKind::OperationWithdrawn { operation: operation.clone() },
        EventKind::OperationUnresolved { operation: operation.clone(), state: "stuck".to_owned() },
        EventKind::SurplusFound { operation: operation.clone(), surplus: money(6) },
        EventKind::AnswerContradicted { operation, meaning: "done".to_owned() },
        EventKind::CoverageChanged { missing: money(7) },
        moved(TEXT),
        moved(""),
        EventKind::TransactionStateChanged { state: TransactionState::Finished },
    ];
    let event = |(index, kind)| Event {
        account_id: AccountId::trusted(if index == 0 { "other" } else { "acme" }),
        order_id: (index > 2).then(|| OrderId::trusted("o")),
        kind,
    };
    kinds.into_iter().enumerate().map(event).collect()
}

/// Writes all rows as new.
pub(crate) async fn filled(place: &Place) -> Store {
    let store = place.store().await;
    let mut batch = empty(&store).await;
    fill(&mut batch.state);
    batch.commit().await.unwrap();
    store
}

/// The rows in a form that can be compared: what was loaded and what was written look the same.
fn shown(state: &State) -> String {
    let first = key("");
    let orders: Vec<_> = state.orders.range(first.clone()).collect();
    let connectors: Vec<_> =
        state.connectors.range((AccountId::trusted(""), ConnectorId::trusted(""))).collect();
    let lines: Vec<_> = state.lines.range((first.clone(), LineId::trusted(""))).collect();
    let payments: Vec<_> = state.payments.range((first.clone(), 0)).collect();
    let invoices: Vec<_> = state.invoices.range((first.clone(), InvoiceNumber::trusted(""))).collect();
    let operations: Vec<_> = state.operations.range((first.clone(), PaymentId::trusted(""), 0)).collect();
    let requests: Vec<_> = ["", "r"].map(|id| state.requests.get(&request(id).key)).into();
    let accounts: Vec<_> = ["acme", "other"].map(|id| state.accounts.get(&AccountId::trusted(id))).into();
    let event_log = state.event_logs.get(&AccountId::trusted("acme"));
    format!(
        "{accounts:#?}{event_log:#?}{connectors:#?}{orders:#?}{lines:#?}{payments:#?}{invoices:#?}{operations:#?}{requests:#?}"
    )
}

#[test]
fn every_row_is_read_as_it_was_written() {
    check(async |place| {
        let store = filled(&place).await;
        let mut expected = State::default();
        fill(&mut expected);
        let loaded = store.begin(&all_needs()).await.unwrap();
        assert_eq!(shown(&expected), shown(&loaded.state));
        let account_id = AccountId::trusted("acme");
        let transaction = (account_id.clone(), TransactionId::trusted("t"));
        assert_eq!(loaded.state.transactions.get(&transaction), Some(&key("o")));
        assert_eq!(loaded.state.adoptions, all_needs().adoptions);
        loaded.rollback().await.unwrap();

        let interactions =
            store.interactions(&account_id, &OperationId::trusted("op_o_1"), (0, 0), 9).await.unwrap();
        assert_eq!(interactions, expected.interactions);
        assert_eq!(store.acts(&key("o"), 9).await.unwrap(), acts());
        assert_eq!(store.acts(&key("o"), 1).await.unwrap(), acts()[..1]);
        assert_eq!(store.acts(&key("o2"), 9).await.unwrap(), []);
        let after =
            store.interactions(&account_id, &OperationId::trusted("op_o_1"), (1, 0), 1).await.unwrap();
        assert_eq!(after, expected.interactions[1..2]);
        let changes: Vec<Change> =
            expected.changes.range((key("o"), RequestId::trusted(""))).map(|(_, row)| row.clone()).collect();
        assert_eq!(store.changes(&key("o"), None, 9).await.unwrap(), changes);
        let (mine, others): (Vec<_>, Vec<_>) =
            events().into_iter().partition(|event| event.account_id == account_id);
        for (account_id, expected) in [(account_id, mine), (AccountId::trusted("other"), others)] {
            let read = store.events(&account_id, 0, None, 99).await.unwrap().events;
            let numbers: Vec<i64> = read.iter().map(|event| event.number).collect();
            assert_eq!(numbers, (1..).take(expected.len()).collect::<Vec<i64>>());
            assert_eq!(read.into_iter().map(|event| event.event).collect::<Vec<_>>(), expected);
        }
    });
}

#[test]
fn every_change_is_written() {
    check(async |place| {
        let store = filled(&place).await;
        let mut batch = store.begin(&all_needs()).await.unwrap();
        change(&mut batch.state);
        let expected = shown(&batch.state);
        batch.commit().await.unwrap();
        let again = store.begin(&all_needs()).await.unwrap();
        assert_eq!(expected, shown(&again.state));
        again.rollback().await.unwrap();
        assert_eq!(store.changes(&key("o2"), None, 9).await.unwrap(), [order_change("o2", "c")]);
    });
}

/// Changes a row of every table that changes.
pub(crate) fn change(state: &mut State) {
    let account = tranche_core::account::Account {
        version: 2,
        partial_settlement: false,
        legacy_mode: Mode::Hold,
        authorization_lead_time: Duration::from_mins(1),
        update_time: Some(at(77)),
        ..account("acme")
    };
    state.accounts.write(account.account_id.clone(), account);
    let mut changed = connector("psp");
    (changed.version, changed.default_mode) = (3, None);
    state.connectors.write((changed.account_id.clone(), changed.connector_id.clone()), changed);
    let mut changed = with_transaction(order("o2"), "t2");
    (changed.version, changed.value, changed.totals.fees) = (4, 1305, 10);
    (changed.changes, changed.totals.manual_discounts, changed.totals.manual_increments) = (4, 9, 11);
    state.orders.write(changed.key.clone(), changed);
    for id in ["l1", "l2", "l3"] {
        let mut changed = line("o", id, 5);
        (changed.invoiced, changed.removed) = (9, 0);
        state.lines.write((key("o"), changed.line_id.clone()), changed);
    }
    let mut changed = payment("o", "p", 0);
    changed.wire = Some(Wire { ordinal: 14, attempt: 1, until: at(97) });
    (changed.settled, changed.settling, changed.minimum) = (600, 0, 15);
    (changed.operations, changed.sent) = (14, 13);
    state.payments.write((key("o"), 0), changed);
    let mut changed = invoice("o", "1");
    changed.tracking = Tracking { url: TEXT.to_owned(), ..changed.tracking };
    // Voided without a word, which is not the same as not voided.
    changed.state = InvoiceState::Voided { reason: String::new() };
    state.invoices.write((key("o"), changed.invoice_number.clone()), changed);
    for ordinal in [1, 3, 4] {
        let changed = done("o", ordinal, 0);
        state.operations.write((key("o"), changed.payment_id.clone(), ordinal), changed);
    }
    let mut withdrawn = operation("o", 2, OperationState::Withdrawn);
    withdrawn.contradiction = Some(TEXT.to_owned());
    withdrawn.kind = OperationKind::Authorization;
    state.operations.write((key("o"), withdrawn.payment_id.clone(), 2), withdrawn);
    let row = order_change("o2", "c");
    state.changes.write((row.order.clone(), row.request_id.clone()), row);
    let log = state.event_logs.get(&AccountId::trusted("acme")).cloned();
    let log = log.unwrap_or_else(|| EventLog::whole(AccountId::trusted("acme")));
    let log = EventLog { forgotten: log.forgotten + 2, version: log.version + 1, ..log };
    state.event_logs.write(log.account_id.clone(), log);
}

/// The ordinals of the operations of `o/p` that are at hand.
fn ordinals(state: &State) -> Vec<i64> {
    let first = (key("o"), PaymentId::trusted("p"), 0);
    state.operations.range(first).map(|(_, row)| row.ordinal).collect()
}

/// Settlements of `o/p`: twenty with nothing left, then twenty with something, more than a plan refunds from at once.
async fn forty_settlements(place: &Place, payment: Payment) -> (Store, Batch) {
    let store = place.store().await;
    let mut batch = empty(&store).await;
    batch.state.orders.write(key("o"), order("o"));
    batch.state.payments.write((key("o"), 0), payment);
    for ordinal in 1..=40 {
        let row = done("o", ordinal, if ordinal <= 20 { 90 } else { 10 });
        batch.state.operations.write((key("o"), row.payment_id.clone(), ordinal), row);
    }
    (store, batch)
}

#[test]
fn follow_ups_are_loaded_with_a_bound() {
    check(async |place| {
        let mut row = payment("o", "p", 0);
        (row.operations, row.sent, row.turn) = (44, 41, Some(2));
        let (store, mut batch) = forty_settlements(&place, row).await;
        // Four refunds, three of them queued.
        for ordinal in 41..=44 {
            let row = refund("o", ordinal, 3, OperationState::Waiting(Waiting::Pending));
            batch.state.operations.write((key("o"), row.payment_id.clone(), ordinal), row);
        }
        batch.commit().await.unwrap();

        let needs = Needs { orders: [key("o")].into(), advancing: [key("o")].into(), ..Needs::default() };
        let batch = store.begin(&needs).await.unwrap();
        // Whose turn it is, the settlement that the queued refund takes from, the oldest with something left as many as
        // one plan refunds from, and the first two that are queued.
        let refundable = (21..=40).take(REFUNDS_PER_PLAN_MAX);
        let expected: Vec<i64> = [2, 3].into_iter().chain(refundable).chain([42, 43]).collect();
        assert_eq!(ordinals(&batch.state), expected);
    });
}

#[test]
fn settlements_come_along_where_money_may_go_back() {
    check(async |place| {
        // Nothing is ahead and no return waits: by itself such a payment refunds nothing.
        let row = Payment {
            operations: 41,
            sent: 41,
            returned: 7,
            return_refunding: 3,
            return_refunded: 4,
            return_given_up: 0,
            ..payment("o", "p", 0)
        };
        assert!(!row.may_refund() && row.refundable() > 0);
        let (store, mut batch) = forty_settlements(&place, row.clone()).await;
        let waiting = refund("o", 41, 3, OperationState::Waiting(Waiting::Unknown));
        batch.state.operations.write((key("o"), waiting.payment_id.clone(), 41), waiting.clone());
        batch.commit().await.unwrap();
        let refundable: Vec<i64> = (21..=40).take(REFUNDS_PER_PLAN_MAX).collect();

        let found = async |needs: Needs| {
            let batch = store.begin(&needs).await.unwrap();
            let found = ordinals(&batch.state);
            batch.rollback().await.unwrap();
            found
        };
        let needs = Needs { orders: [key("o")].into(), ..Needs::default() };
        assert_eq!(found(needs.clone()).await, Vec::<i64>::new());
        // An input invoice can make it return money, a refund at hand can bring less than asked and be followed by another.
        let returning = Needs { returning: [key("o")].into(), ..needs.clone() };
        assert_eq!(found(returning.clone()).await, refundable);
        let answered = Needs { operations: [(key("o"), waiting.operation_id)].into(), ..needs };
        assert_eq!(found(answered).await, [vec![3], refundable, vec![41]].concat());

        // Where all of what is settled went back, there is nothing to take from.
        let mut batch = store.begin(&returning).await.unwrap();
        let spent = Payment { returned: 497, return_refunded: 494, ..row };
        assert_eq!(spent.refundable(), 0);
        batch.state.payments.write((key("o"), 0), spent);
        batch.commit().await.unwrap();
        assert_eq!(found(returning).await, Vec::<i64>::new());
    });
}

#[test]
fn a_whole_order_brings_all_of_its_lines() {
    check(async |place| {
        let store = filled(&place).await;
        let mut batch = empty(&store).await;
        let other = line("o2", "l1", 0);
        batch.state.lines.write((other.order.clone(), other.line_id.clone()), other);
        batch.commit().await.unwrap();

        let orders = [key("o"), key("o2")];
        let needs = Needs { orders: orders.into(), whole: [key("o")].into(), ..Needs::default() };
        let batch = store.begin(&needs).await.unwrap();
        let lines = |order| batch.state.lines_of(&key(order));
        assert_eq!(lines("o"), [line("o", "l3", 0), line("o", "l2", 1), line("o", "l1", 2)]);
        assert_eq!(lines("o2"), []);
    });
}

#[test]
fn an_invoice_that_is_withdrawn_brings_its_operations() {
    check(async |place| {
        let store = filled(&place).await;
        let withdrawing = |number: &str| [(key("o"), InvoiceNumber::trusted(number))].into();
        for (number, expected) in [
            ("1", [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14].as_slice()),
            ("3", [1, 13].as_slice()),
            ("none", [1].as_slice()),
        ] {
            let needs = Needs {
                orders: [key("o"), key("o2")].into(),
                withdrawing: withdrawing(number),
                ..Needs::default()
            };
            let batch = store.begin(&needs).await.unwrap();
            let found = ordinals(&batch.state);
            // The one that was not sent, 1, may be to withdraw, too, whatever it was for. The settlements do not
            // count that the payment's waiting returns bring along.
            let of_invoice: Vec<i64> =
                found.into_iter().filter(|found| number == "1" || ![8, 11, 14].contains(found)).collect();
            assert_eq!(of_invoice, expected, "{number}");
            batch.rollback().await.unwrap();
        }
    });
}

#[test]
fn an_order_that_is_not_there_brings_nothing() {
    check(async |place| {
        let store = filled(&place).await;
        let mut needs = Needs::default();
        needs.operations.insert((key("o"), OperationId::trusted("op_o_1")));
        needs.lines.insert((key("o"), LineId::trusted("l1")));
        needs.whole.insert(key("o"));
        needs.withdrawing.insert((key("o"), InvoiceNumber::trusted("1")));
        let batch = store.begin(&needs).await.unwrap();
        assert_eq!(batch.state.operations.range((key(""), PaymentId::trusted(""), 0)).count(), 0);
        assert_eq!(batch.state.lines_of(&key("o")), []);
        batch.rollback().await.unwrap();
        // An operation of another order than the one it is asked for with.
        let mut needs = Needs { orders: [key("o2")].into(), ..Needs::default() };
        needs.operations.insert((key("o2"), OperationId::trusted("op_o_1")));
        let batch = store.begin(&needs).await.unwrap();
        assert_eq!(batch.state.operations.range((key(""), PaymentId::trusted(""), 0)).count(), 0);
    });
}

#[test]
fn a_nul_in_a_text_of_a_provider_does_not_make_its_answer_unwritable() {
    check(async |place| {
        let store = filled(&place).await;
        let mut batch = empty(&store).await;
        let mut row = interaction("o", 1, 9);
        row.exchange.response_body = "a\0b".to_owned();
        row.exchange.error = Some("\0".to_owned());
        batch.state.interactions.push(row);
        batch.commit().await.unwrap();
        let id = OperationId::trusted("op_o_1");
        let read = store.interactions(&AccountId::trusted("acme"), &id, (8, 0), 9).await.unwrap();
        assert_eq!(read[0].exchange.response_body, "a\u{fffd}b");
        assert_eq!(read[0].exchange.error.as_deref(), Some("\u{fffd}"));
    });
}
