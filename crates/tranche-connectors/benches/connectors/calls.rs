//! Calls through a connector with merchant settings: ids of the usual lengths, 19.99 BRL.

use std::collections::BTreeMap;
use std::time::Duration;

use tranche_connectors::{KIND_PPP, Settings, parse};
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderId, OrderKey, PaymentId, TransactionId};
use tranche_core::money::Currency;
use tranche_core::operation::{
    Authorization, Call, Lease, Operation, OperationKind, OperationState, RefundPurpose, RefundTarget,
    Waiting,
};
use tranche_core::time::Timestamp;

pub(crate) const OPERATION_ID: &str = "op_3c5f0bd02c9d2c6a3b1df3d6a7f7f8e1f3a0c1d2";
pub(crate) const PROVIDER_PAYMENT_ID: &str = "F5C1A4E20D3B4E07B5B7E871F5B5BC91";

pub(crate) fn settings() -> Settings {
    let entries = [
        ("base_url", "https://provider.example/ppp"),
        ("cancellation_unit", "major"),
        ("merchant_settings.merchantId", "4242"),
        ("merchant_settings.softDescriptor", "SHOP SAO PAULO"),
    ];
    let entries = entries.map(|(key, value)| (key.to_owned(), value.to_owned()));
    parse(KIND_PPP, &BTreeMap::from(entries)).unwrap()
}

/// A first attempt; a cancellation is of a part, so that each kind carries a value.
pub(crate) fn call(kind: OperationKind) -> Call {
    let now = Timestamp::from_micros(1_767_225_600_000_000);
    let lease = Lease { attempt: 1, until: now.after(Duration::from_secs(30)) };
    let target = RefundTarget {
        operation_id: OperationId::trusted("op_0a4f0bd02c9d2c6a3b1df3d6a7f7f8e1f3a0c1d2"),
        settle_id: "settle-0000000001".to_owned(),
        purpose: RefundPurpose::Excess,
    };
    let operation = Operation {
        order: OrderKey {
            account_id: AccountId::trusted("shop-sao-paulo"),
            order_id: OrderId::trusted("1532620504863-01"),
        },
        operation_id: OperationId::trusted(OPERATION_ID),
        payment_id: PaymentId::trusted("payment-0001"),
        connector_id: ConnectorId::trusted("connector"),
        ordinal: 1,
        kind,
        cause: "invoice:NFE-000123456".to_owned(),
        invoice_number: None,
        value: 1_999,
        is_final: false,
        refund: (kind == OperationKind::Refund).then_some(target),
        state: OperationState::Sent { lease, from: Waiting::Pending },
        is_unclear: false,
        due_time: Some(lease.until),
        attempts: lease.attempt,
        recorded_attempts: 0,
        attempts_before: 0,
        callbacks: 0,
        contradiction: None,
        first_send_time: Some(now),
        retry_time: None,
        refund_taken: 0,
        lacking: 0,
        surplus: 0,
        attention_time: None,
        create_time: now,
        update_time: now,
        end_time: None,
    };
    Call {
        operation,
        attempt: lease.attempt,
        lease_until: lease.until,
        connector_id: ConnectorId::trusted("cards-brazil"),
        transaction_id: TransactionId::trusted("D3AA1FC8372E430E8236649DB5EBD08E"),
        authorization: Authorization {
            provider_payment_id: PROVIDER_PAYMENT_ID.to_owned(),
            provider_transaction_id: "D3AA1FC8372E430E8236649DB5EBD08E".to_owned(),
            authorization_id: "auth-00000001".to_owned(),
            tid: Some("tid-00000001".to_owned()),
            nsu: Some("nsu-00000001".to_owned()),
            expire_time: None,
        },
        request: None,
        currency: Currency::parse("BRL").unwrap(),
        capabilities: Capabilities {
            partial_settlement: PartialSettlement::Multiple { max: None },
            remainder: Remainder::Kept,
            partial_cancellation: true,
            refunds: Refunds::Partial,
            replay_safe: true,
            replay_window: Duration::from_hours(24),
            authorization_lifetime: None,
        },
    }
}
