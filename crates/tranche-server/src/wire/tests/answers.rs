use tranche_core::attribution::shares;
use tranche_core::authorization::AuthorizationState;
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::content::Content;
use tranche_core::id::{
    ConnectorId, InvoiceNumber, OperationId, OrderId, OrderKey, PaymentId, TransactionId,
};
use tranche_core::invoice::{Invoice, InvoiceState, InvoiceType, Leg, Tracking};
use tranche_core::money::Currency;
use tranche_core::operation::{Authorization, Operation, OperationKind, OperationState, Waiting};
use tranche_core::order::{Order, OrderState, Totals, Transaction, TransactionState};
use tranche_core::payment::{Mode, Payment};
use tranche_core::time::Timestamp;
use tranche_core::validity::Validity;

use super::*;
use crate::wire::{invoice as invoices, payment as payments, transaction as transactions};

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

fn key() -> OrderKey {
    OrderKey { account_id: account(), order_id: OrderId::trusted("order 1") }
}

fn stored_order() -> Order {
    Order {
        key: key(),
        currency: Currency::parse("BRL").unwrap(),
        state: OrderState::PartiallyInvoiced,
        totals: Totals { items: 10_000, ..Totals::default() },
        value: 10_000,
        invoiced: 2_000,
        returned: 0,
        given_up: 0,
        missing: 0,
        allocation: tranche_core::account::Allocation::LowestFirst,
        refund_order: tranche_core::account::RefundOrder::CreatedFirst,
        release_policy: tranche_core::account::ReleasePolicy::OnCompletion,
        transaction: Some(Transaction {
            transaction_id: TransactionId::trusted("t"),
            state: TransactionState::Open,
            create_time: NOW,
        }),
        invoices: 1,
        changes: 0,
        version: 3,
        create_time: NOW,
        update_time: NOW,
    }
}

fn stored_payment(id: &str) -> Payment {
    Payment {
        order: key(),
        payment_id: PaymentId::trusted(id),
        position: 0,
        connector_id: ConnectorId::trusted("ppp"),
        mode: Mode::Partial,
        capabilities: Capabilities {
            partial_settlement: PartialSettlement::Multiple { max: None },
            remainder: Remainder::Kept,
            partial_cancellation: false,
            refunds: Refunds::Partial,
            replay_safe: true,
            replay_window: std::time::Duration::from_hours(24),
            authorization_lifetime: None,
        },
        minimum: 0,
        authorization: Authorization {
            provider_payment_id: "pp".to_owned(),
            provider_transaction_id: String::new(),
            authorization_id: String::new(),
            tid: None,
            nsu: None,
            expire_time: None,
        },
        validity: Validity::Lasting,
        observe_time: None,
        attention_time: None,
        authorization_state: AuthorizationState::Authorized,
        request: None,
        max_value: None,
        lapse: None,
        authorized: 5_000,
        asked: 1_000,
        given_up: 0,
        settling: 400,
        settled: 500,
        canceling: 0,
        canceled: 0,
        excess_refunding: 0,
        excess_refunded: 0,
        excess_given_up: 0,
        release_given_up: 0,
        returned: 0,
        return_refunding: 0,
        return_refunded: 0,
        return_given_up: 0,
        lacking: 100,
        excess_lacking: 0,
        return_lacking: 0,
        release_lacking: 0,
        surplus: 0,
        settlements: 2,
        shortfalls: 0,
        operations: 2,
        sent: 2,
        wire: None,
        turn: None,
        create_time: NOW,
        update_time: NOW,
    }
}

fn stored_settlement(payment: &str, ordinal: i64, value: i64, state: OperationState) -> Operation {
    Operation {
        order: key(),
        operation_id: OperationId::trusted(&format!("op_{payment}_{ordinal}")),
        payment_id: PaymentId::trusted(payment),
        connector_id: ConnectorId::trusted("connector"),
        ordinal,
        kind: OperationKind::Settlement,
        cause: "invoice:1".to_owned(),
        invoice_number: Some(InvoiceNumber::trusted("1")),
        value,
        is_final: false,
        refund: None,
        state,
        is_unclear: false,
        due_time: Some(NOW),
        attempts: 1,
        callbacks: 0,
        contradiction: None,
        recorded_attempts: 0,
        attempts_before: 0,
        first_send_time: Some(NOW),
        retry_time: None,
        refund_taken: 0,
        lacking: 0,
        surplus: 0,
        attention_time: None,
        create_time: NOW,
        update_time: NOW,
        end_time: None,
    }
}

fn done(value: i64) -> OperationState {
    OperationState::Done { value, provider_id: "s".to_owned() }
}

#[test]
fn both_sides_of_the_ledger_are_told_and_summed() {
    let message =
        transactions::transaction(&stored_order(), &[stored_payment("a"), stored_payment("b")]).unwrap();
    let one = message.payments[0].clone();
    let amounts = |requested: pb::PaymentRequested, done: pb::PaymentDone| {
        [requested.requested, requested.asked, done.settling, done.settled, done.held, done.lacking]
            .map(|money| money.unwrap().amount)
    };
    assert_eq!(
        amounts(one.requested.unwrap(), one.done.unwrap()),
        ["10.00", "10.00", "4.00", "5.00", "0.00", "1.00"]
    );
    assert_eq!(
        amounts(message.requested.unwrap(), message.done.unwrap()),
        ["20.00", "20.00", "8.00", "10.00", "0.00", "2.00"]
    );
    assert_eq!(message.authorized.unwrap(), money("100.00"));
    assert_eq!(message.room.unwrap(), money("80.00"));
}

#[test]
fn a_payments_state_follows_from_its_ledger_and_its_order() {
    use pb::payment::State;
    let rows: [(TransactionState, i64, i64, State); 5] = [
        (TransactionState::Open, 500, 0, State::Authorized),
        (TransactionState::Finished, 500, 0, State::Finished),
        (TransactionState::Finished, 0, 0, State::Canceled),
        (TransactionState::Canceled, 500, 500, State::Canceled),
        (TransactionState::Finished, 500, 200, State::Finished),
    ];
    for (state, settled, excess_refunded, expected) in rows {
        let mut order = stored_order();
        if let Some(transaction) = &mut order.transaction {
            transaction.state = state;
        }
        let payment = Payment { settled, excess_refunded, ..stored_payment("a") };
        assert_eq!(payments::payment(&order, &payment).state(), expected, "{state:?} {settled}");
    }
}

#[test]
fn an_invoices_settlements_name_only_its_own_part() {
    let leg = |payment: &str, value| Leg::new(PaymentId::trusted(payment), value);
    let invoice = Invoice {
        order: key(),
        invoice_number: InvoiceNumber::trusted("1"),
        ordinal: 1,
        invoice_type: InvoiceType::Output,
        state: InvoiceState::Accepted,
        value: 3_000,
        lines: Vec::new(),
        legs: vec![leg("a", 1_000), leg("b", 2_000)],
        remaining: 7_000,
        receipt_id: "receipt".to_owned(),
        issue_time: None,
        invoice_key: String::new(),
        invoice_url: String::new(),
        tracking: Tracking::default(),
        content: Content::default(),
        create_time: NOW,
        update_time: NOW,
    };
    let operations = [
        // Less than asked, and the difference again.
        stored_settlement("b", 1, 2_000, done(1_500)),
        stored_settlement("b", 2, 500, OperationState::Waiting(Waiting::Unknown)),
        // All of the payment, of which the invoice asked for a part.
        stored_settlement("a", 1, 5_000, done(5_000)),
    ];
    let shares = shares(std::slice::from_ref(&invoice), &operations);
    let message = invoices::invoice(&stored_order(), &invoice, &shares[&invoice.invoice_number]);
    let told: Vec<_> = message
        .settlements
        .into_iter()
        .map(|part| (part.operation_id, part.amount_asked.unwrap().amount, part.amount_done.unwrap().amount))
        .collect();
    let row = |id: &str, asked: &str, done: &str| (id.to_owned(), asked.to_owned(), done.to_owned());
    assert_eq!(
        told,
        [row("op_a_1", "10.00", "10.00"), row("op_b_1", "20.00", "15.00"), row("op_b_2", "5.00", "0.00")]
    );
    assert_eq!(message.tracking, None);
}
