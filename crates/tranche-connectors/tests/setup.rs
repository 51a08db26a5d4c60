//! Settings, a call and a client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tranche_connectors::{Connectors, KIND_PPP, Settings, parse};
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderId, OrderKey, PaymentId, TransactionId};
use tranche_core::money::Currency;
use tranche_core::operation::{
    Authorization, Call, Lease, Operation, OperationKind, OperationState, Waiting,
};
use tranche_core::time::{Clock, Timestamp};

/// One millisecond passes with every look at it.
#[derive(Default)]
struct TickingClock(AtomicI64);

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// Connectors with a clock of their own.
pub(crate) fn connectors() -> Connectors {
    // Every test installs it; the first one wins.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    Connectors::new(Arc::new(TickingClock::default())).unwrap()
}

/// Settings for the provider at this address.
pub(crate) fn settings(base_url: &str, extra: &[(&str, &str)]) -> Settings {
    let mut map = BTreeMap::from([("base_url".to_owned(), base_url.to_owned())]);
    map.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    parse(KIND_PPP, &map).unwrap()
}

/// A settlement of 19.99 BRL.
pub(crate) fn call() -> Call {
    let start = Timestamp::from_micros(0);
    let lease = Lease { attempt: 1, until: start.after(Duration::from_mins(1)) };
    let operation = Operation {
        order: OrderKey { account_id: AccountId::trusted("account"), order_id: OrderId::trusted("order") },
        operation_id: OperationId::trusted("op_1"),
        payment_id: PaymentId::trusted("payment"),
        connector_id: ConnectorId::trusted("connector"),
        ordinal: 1,
        kind: OperationKind::Settlement,
        cause: "invoice:1".to_owned(),
        invoice_number: None,
        value: 1999,
        is_final: false,
        refund: None,
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
            provider_payment_id: "pay/1".to_owned(),
            provider_transaction_id: "tx-1".to_owned(),
            authorization_id: "auth-1".to_owned(),
            tid: None,
            nsu: None,
            expire_time: None,
        },
        request: None,
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
