//! One row of every kind, with every optional column once filled and once empty.

use std::collections::BTreeMap;
use std::time::Duration;

use tranche_core::account::{Account, Allocation, RefundOrder, ReleasePolicy};
use tranche_core::authorization::{AuthorizationRequest, AuthorizationState};
use tranche_core::change::{Change, RemovedLine};
use tranche_core::command::{NewLine, RequestKey};
use tranche_core::connector::{Capabilities, Connector, PartialSettlement, Refunds, Remainder};
use tranche_core::content::Content;
use tranche_core::id::{
    AccountId, ConnectorId, InvoiceNumber, LineId, OperationId, OrderId, OrderKey, PaymentId, RequestId,
    TransactionId,
};
use tranche_core::invoice::{Invoice, InvoiceLine, InvoiceState, InvoiceType, Leg, Tracking};
use tranche_core::money::{Currency, Money};
use tranche_core::operation::{
    Authorization, Exchange, Interaction, Operation, OperationKind, OperationState, RefundPurpose,
    RefundTarget,
};
use tranche_core::order::{Line, Order, OrderState, Totals, Transaction, TransactionState};
use tranche_core::payment::{Mode, Payment};
use tranche_core::state::RecordedRequest;
use tranche_core::time::Timestamp;
use tranche_core::validity::Validity;

/// What no column may change: quotes, percent signs, letters beyond ASCII, what arrays use as separators, and a text
/// that looks like an absent one.
pub(crate) const TEXT: &str = "=½ \"{NULL}\", 'ção' \\ %41 🧾\n";

pub(crate) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

pub(crate) fn key(order: &str) -> OrderKey {
    OrderKey { account_id: AccountId::trusted("acme"), order_id: OrderId::trusted(order) }
}

pub(crate) fn account(id: &str) -> Account {
    Account {
        version: 1,
        allocation: Allocation::Proportional,
        create_time: Some(at(1)),
        ..Account::unseen(AccountId::trusted(id))
    }
}

pub(crate) fn capabilities(partial_settlement: PartialSettlement) -> Capabilities {
    Capabilities {
        partial_settlement,
        remainder: Remainder::Kept,
        partial_cancellation: true,
        refunds: Refunds::Partial,
        replay_safe: true,
        replay_window: Duration::from_hours(24),
        authorization_lifetime: None,
    }
}

pub(crate) fn connector(id: &str) -> Connector {
    Connector {
        account_id: AccountId::trusted("acme"),
        connector_id: ConnectorId::trusted(id),
        kind: "ppp".to_owned(),
        settings: BTreeMap::from([("address".to_owned(), TEXT.to_owned())]),
        default_mode: Some(Mode::Hold),
        capabilities: capabilities(PartialSettlement::Multiple { max: Some(7) }),
        minimum_amounts: vec![Money { currency: Currency::parse("BRL").unwrap(), minor: 100 }],
        manifest: TEXT.to_owned(),
        version: 1,
        create_time: at(2),
        update_time: at(3),
    }
}

pub(crate) fn order(id: &str) -> Order {
    Order {
        key: key(id),
        currency: Currency::parse("BRL").unwrap(),
        state: OrderState::PartiallyInvoiced,
        totals: Totals {
            items: 1000,
            shipping: 300,
            tax: 20,
            discounts: 27,
            fees: 5,
            manual_discounts: 7,
            manual_increments: 9,
        },
        value: 1300,
        invoiced: 700,
        returned: 100,
        given_up: 3,
        missing: 4,
        allocation: Allocation::LowestFirst,
        refund_order: RefundOrder::Proportional,
        release_policy: ReleasePolicy::Immediately,
        transaction: None,
        invoices: 2,
        changes: 3,
        version: 1,
        create_time: at(10),
        update_time: at(11),
    }
}

pub(crate) fn with_transaction(order: Order, id: &str) -> Order {
    let transaction_id = TransactionId::trusted(id);
    let transaction = Transaction { transaction_id, state: TransactionState::Open, create_time: at(12) };
    Order { transaction: Some(transaction), ..order }
}

pub(crate) fn line(order: &str, id: &str, position: i32) -> Line {
    Line {
        order: key(order),
        line_id: LineId::trusted(id),
        position,
        sku_id: "sku".to_owned(),
        description: TEXT.to_owned(),
        quantity: 10,
        unit_price: 100,
        removed: 1,
        invoiced: 7,
        returned: 2,
    }
}

pub(crate) fn payment(order: &str, id: &str, position: i32) -> Payment {
    Payment {
        order: key(order),
        payment_id: PaymentId::trusted(id),
        position,
        connector_id: ConnectorId::trusted("psp"),
        mode: Mode::Partial,
        capabilities: capabilities(PartialSettlement::Multiple { max: None }),
        minimum: 14,
        authorization: Authorization {
            provider_payment_id: format!("{order}/{id}"),
            provider_transaction_id: "T".to_owned(),
            authorization_id: "A".to_owned(),
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
        authorized: 1000,
        asked: 700,
        given_up: 1,
        settling: 100,
        settled: 500,
        canceling: 30,
        canceled: 20,
        excess_refunding: 1,
        excess_refunded: 2,
        excess_given_up: 5,
        release_given_up: 6,
        returned: 90,
        return_refunding: 3,
        return_refunded: 4,
        return_given_up: 5,
        lacking: 6,
        excess_lacking: 7,
        return_lacking: 8,
        release_lacking: 9,
        surplus: 10,
        settlements: 11,
        shortfalls: 2,
        operations: 13,
        sent: 12,
        wire: None,
        turn: None,
        create_time: at(20),
        update_time: at(21),
    }
}

/// A payment whose authorization is asked for, and of which nothing was asked yet.
pub(crate) fn asked(order: &str, id: &str, position: i32, state: AuthorizationState) -> Payment {
    Payment {
        authorization_state: state,
        request: Some(AuthorizationRequest {
            payment_method: TEXT.to_owned(),
            token: None,
            installments: 12,
            return_url: Some("https://shop.example/back".to_owned()),
        }),
        authorized: 0,
        asked: 0,
        given_up: 0,
        settling: 0,
        settled: 0,
        canceling: 0,
        canceled: 0,
        excess_refunding: 0,
        excess_refunded: 0,
        returned: 0,
        return_refunding: 0,
        return_refunded: 0,
        return_given_up: 0,
        ..payment(order, id, position)
    }
}

pub(crate) fn invoice(order: &str, number: &str) -> Invoice {
    Invoice {
        order: key(order),
        invoice_number: InvoiceNumber::trusted(number),
        ordinal: 1,
        invoice_type: InvoiceType::Output,
        state: InvoiceState::Accepted,
        value: 700,
        lines: vec![InvoiceLine { line_id: LineId::trusted("l\"1"), quantity: 7 }],
        legs: vec![Leg {
            payment_id: PaymentId::trusted("p"),
            value: 999_999_999_999_999,
            given_up: 4,
            accepted: 5,
        }],
        remaining: 600,
        receipt_id: "r".to_owned(),
        issue_time: Some(at(-1)),
        invoice_key: String::new(),
        invoice_url: TEXT.to_owned(),
        tracking: Tracking::default(),
        content: Content::default().with("value", "7.00"),
        create_time: at(30),
        update_time: at(31),
    }
}

pub(crate) fn order_change(order: &str, id: &str) -> Change {
    let line = NewLine {
        line_id: LineId::trusted("l\"2"),
        sku_id: TEXT.to_owned(),
        description: String::new(),
        quantity: 2,
        unit_price: 3,
    };
    Change {
        order: key(order),
        request_id: RequestId::trusted(id),
        reason: TEXT.to_owned(),
        added_lines: vec![line],
        removed_lines: vec![RemovedLine { line_id: LineId::trusted("l\"1"), quantity: 1 }],
        manual_discount: 4,
        manual_increment: 5,
        value_before: 1294,
        value_after: 1300,
        create_time: at(35),
    }
}

pub(crate) fn operation(order: &str, ordinal: i64, state: OperationState) -> Operation {
    Operation {
        order: key(order),
        operation_id: OperationId::trusted(&format!("op_{order}_{ordinal}")),
        payment_id: PaymentId::trusted("p"),
        connector_id: ConnectorId::trusted("psp"),
        ordinal,
        kind: OperationKind::Settlement,
        cause: "invoice:1".to_owned(),
        invoice_number: Some(InvoiceNumber::trusted("1")),
        value: 100,
        is_final: false,
        refund: None,
        state,
        is_unclear: false,
        due_time: None,
        attempts: 1,
        recorded_attempts: i64::MAX,
        attempts_before: 1,
        callbacks: 3,
        contradiction: None,
        first_send_time: None,
        retry_time: None,
        refund_taken: 0,
        lacking: 2,
        surplus: 3,
        attention_time: None,
        create_time: at(40),
        update_time: at(41),
        end_time: None,
    }
}

pub(crate) fn done(order: &str, ordinal: i64, taken: i64) -> Operation {
    let state = OperationState::Done { value: 90, provider_id: String::new() };
    Operation { refund_taken: taken, end_time: Some(at(42)), ..operation(order, ordinal, state) }
}

pub(crate) fn refund(order: &str, ordinal: i64, of: i64, state: OperationState) -> Operation {
    let target = RefundTarget {
        operation_id: OperationId::trusted(&format!("op_{order}_{of}")),
        settle_id: "S".to_owned(),
        purpose: RefundPurpose::Return,
    };
    let kind = OperationKind::Refund;
    Operation { kind, refund: Some(target), invoice_number: None, ..operation(order, ordinal, state) }
}

pub(crate) fn interaction(order: &str, ordinal: i64, attempt: u32) -> Interaction {
    Interaction {
        order: key(order),
        operation_id: OperationId::trusted(&format!("op_{order}_{ordinal}")),
        attempt,
        callback: 0,
        exchange: Exchange {
            method: "POST".to_owned(),
            url: TEXT.to_owned(),
            request_headers: TEXT.to_owned(),
            request_body: TEXT.to_owned(),
            status: Some(200),
            response_headers: String::new(),
            response_body: TEXT.to_owned(),
            latency: Duration::from_micros(1234),
            error: None,
        },
        meaning: "done".to_owned(),
        create_time: at(50),
    }
}

pub(crate) fn request(id: &str) -> RecordedRequest {
    RecordedRequest {
        key: RequestKey {
            account_id: AccountId::trusted("acme"),
            resource: TEXT.to_owned(),
            request_id: id.to_owned(),
        },
        content: Content::default().with("a", "b").with("c", "d"),
        reply: vec![0, 255, 61, 0],
        create_time: at(60),
    }
}
