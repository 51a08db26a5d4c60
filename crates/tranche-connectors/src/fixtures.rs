//! A call and settings for the unit tests.

use std::collections::BTreeMap;
use std::time::Duration;

use tranche_core::authorization::AuthorizationRequest;
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderId, OrderKey, PaymentId, TransactionId};
use tranche_core::money::Currency;
use tranche_core::operation::{
    Authorization, Call, Lease, Operation, OperationKind, OperationState, RefundPurpose, RefundTarget,
    Waiting,
};
use tranche_core::time::Timestamp;

use crate::settings::{KIND_PPP, Settings, parse};

/// Settings with these keys beside the address.
pub(crate) fn settings(extra: &[(&str, &str)]) -> Settings {
    let mut map = BTreeMap::from([("base_url".to_owned(), "https://provider.example".to_owned())]);
    map.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    parse(KIND_PPP, &map).unwrap()
}

/// A call of this kind for a value in BRL.
pub(crate) fn call(kind: OperationKind, value: i64) -> Call {
    let start = Timestamp::from_micros(0);
    let lease = Lease { attempt: 1, until: start.after(Duration::from_mins(1)) };
    let target = RefundTarget {
        operation_id: OperationId::trusted("op_0"),
        settle_id: "settle-1".to_owned(),
        purpose: RefundPurpose::Return,
    };
    let operation = Operation {
        order: OrderKey { account_id: AccountId::trusted("account"), order_id: OrderId::trusted("order") },
        operation_id: OperationId::trusted("op_1"),
        payment_id: PaymentId::trusted("payment"),
        connector_id: ConnectorId::trusted("connector"),
        ordinal: 1,
        kind,
        cause: "invoice:1".to_owned(),
        invoice_number: None,
        value,
        is_final: kind == OperationKind::Cancellation,
        refund: (kind == OperationKind::Refund).then_some(target),
        state: OperationState::Sent { lease, from: Waiting::Pending },
        is_unclear: false,
        due_time: None,
        attempts: 1,
        recorded_attempts: 0,
        attempts_before: 0,
        callbacks: 0,
        contradiction: None,
        first_send_time: Some(start),
        retry_time: None,
        refund_taken: 0,
        lacking: 0,
        surplus: 0,
        attention_time: None,
        create_time: start,
        update_time: start,
        end_time: None,
    };
    Call {
        operation,
        attempt: 1,
        lease_until: lease.until,
        connector_id: ConnectorId::trusted("connector"),
        transaction_id: TransactionId::trusted("transaction"),
        authorization: Authorization {
            provider_payment_id: "pay-1".to_owned(),
            provider_transaction_id: "tx-1".to_owned(),
            authorization_id: "auth-1".to_owned(),
            tid: Some("tid-1".to_owned()),
            nsu: Some("nsu-1".to_owned()),
            expire_time: None,
        },
        request: (kind == OperationKind::Authorization).then(|| AuthorizationRequest {
            payment_method: "Visa".to_owned(),
            token: Some("tok-1".to_owned()),
            installments: 3,
            return_url: Some("https://shop.example/back".to_owned()),
        }),
        currency: Currency::parse("BRL").unwrap(),
        capabilities: Capabilities {
            partial_settlement: PartialSettlement::Multiple { max: None },
            remainder: Remainder::Kept,
            partial_cancellation: false,
            refunds: Refunds::Partial,
            replay_safe: true,
            replay_window: Duration::from_hours(24),
            authorization_lifetime: None,
        },
    }
}
