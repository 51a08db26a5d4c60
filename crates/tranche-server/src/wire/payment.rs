//! Payments, with both sides of their ledger.

use std::collections::BTreeSet;

use tranche_core::authorization::AuthorizationState;
use tranche_core::bounds::{AMOUNT_MAX, PAYMENTS_PER_TRANSACTION_MAX};
use tranche_core::command::{NewAuthorization, NewPayment};
use tranche_core::connector::PartialSettlement;
use tranche_core::id::{ConnectorId, PaymentId};
use tranche_core::money::Money;
use tranche_core::operation::Authorization;
use tranche_core::order::Order;
use tranche_core::payment::{Mode, Payment, PaymentState};
use tranche_proto::v1 as pb;
use tranche_proto::v1::new_payment::Authorization as Source;

use super::content::Parts;
use super::money::{Least, money, parse_money};
use super::time::{parse_timestamp, timestamp};
use super::{Violations, authorization as requests, enumeration};

/// The payment as a message.
pub(crate) fn payment(order: &Order, payment: &Payment) -> pb::Payment {
    let ledger = Ledger::of(payment);
    let amount = |minor| Some(money(order.money(minor)));
    pb::Payment {
        payment_id: payment.payment_id.to_string(),
        connector_id: payment.connector_id.to_string(),
        mode: mode(Some(payment.mode)).into(),
        partial_settlement: partial_settlement(payment.capabilities.partial_settlement).into(),
        state: state(payment.state(order)).into(),
        authorized: amount(payment.authorized),
        room: amount(payment.room()),
        ahead: amount(payment.ahead_coming()),
        requested: Some(ledger.requested(order)),
        done: Some(ledger.done(order)),
        authorization: Some(authorization(payment)),
        expire_time: payment.expire_time().map(timestamp),
        denial: denial(&payment.authorization_state),
        create_time: Some(timestamp(payment.create_time)),
        update_time: Some(timestamp(payment.update_time)),
        authorizing: amount(payment.authorizing()),
    }
}

fn denial(state: &AuthorizationState) -> Option<pb::Refusal> {
    match state {
        AuthorizationState::Denied { code, message, .. } => {
            Some(pb::Refusal { provider_code: code.clone(), provider_message: message.clone() })
        }
        AuthorizationState::Authorizing { .. } | AuthorizationState::Authorized => None,
    }
}

/// Where the payment stands, as a message's value.
pub(crate) fn state(state: PaymentState) -> pb::payment::State {
    match state {
        PaymentState::Authorizing => pb::payment::State::Authorizing,
        PaymentState::Authorized => pb::payment::State::Authorized,
        PaymentState::Denied => pb::payment::State::Denied,
        PaymentState::Finished => pb::payment::State::Finished,
        PaymentState::Canceled => pb::payment::State::Canceled,
    }
}

fn authorization(payment: &Payment) -> pb::AdoptedAuthorization {
    let authorization = &payment.authorization;
    pb::AdoptedAuthorization {
        provider_payment_id: authorization.provider_payment_id.clone(),
        provider_transaction_id: authorization.provider_transaction_id.clone(),
        authorization_id: authorization.authorization_id.clone(),
        tid: authorization.tid.clone().unwrap_or_default(),
        nsu: authorization.nsu.clone().unwrap_or_default(),
        expire_time: payment.expire_time().map(timestamp),
    }
}

/// Both sides of the ledger of one payment, or of several, in minor units.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ledger {
    asked: i64,
    given_up: i64,
    return_given_up: i64,
    returned: i64,
    settling: i64,
    settled: i64,
    canceling: i64,
    canceled: i64,
    excess_refunding: i64,
    excess_refunded: i64,
    excess_given_up: i64,
    release_given_up: i64,
    return_refunding: i64,
    return_refunded: i64,
    held: i64,
    lacking: i64,
    surplus: i64,
    return_waiting: i64,
}

impl Ledger {
    /// One payment's.
    pub(crate) fn of(payment: &Payment) -> Self {
        Self {
            asked: payment.asked,
            given_up: payment.given_up,
            return_given_up: payment.return_given_up,
            returned: payment.returned,
            settling: payment.settling,
            settled: payment.settled,
            canceling: payment.canceling,
            canceled: payment.canceled,
            excess_refunding: payment.excess_refunding,
            excess_refunded: payment.excess_refunded,
            excess_given_up: payment.excess_given_up,
            release_given_up: payment.release_given_up,
            return_refunding: payment.return_refunding,
            return_refunded: payment.return_refunded,
            held: payment.due(),
            lacking: payment.lacking,
            surplus: payment.surplus,
            return_waiting: payment.return_waiting(),
        }
    }

    /// This and another's.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            given_up: self.given_up + other.given_up,
            return_given_up: self.return_given_up + other.return_given_up,
            returned: self.returned + other.returned,
            settling: self.settling + other.settling,
            settled: self.settled + other.settled,
            canceling: self.canceling + other.canceling,
            canceled: self.canceled + other.canceled,
            excess_refunding: self.excess_refunding + other.excess_refunding,
            excess_refunded: self.excess_refunded + other.excess_refunded,
            excess_given_up: self.excess_given_up + other.excess_given_up,
            release_given_up: self.release_given_up + other.release_given_up,
            return_refunding: self.return_refunding + other.return_refunding,
            return_refunded: self.return_refunded + other.return_refunded,
            held: self.held + other.held,
            lacking: self.lacking + other.lacking,
            surplus: self.surplus + other.surplus,
            return_waiting: self.return_waiting + other.return_waiting,
        }
    }

    /// The asked side.
    pub(crate) fn requested(&self, order: &Order) -> pb::PaymentRequested {
        let amount = |minor| Some(money(order.money(minor)));
        pb::PaymentRequested {
            requested: amount(self.asked + self.given_up),
            asked: amount(self.asked),
            given_up: amount(self.given_up),
            return_given_up: amount(self.return_given_up),
            returned: amount(self.returned),
        }
    }

    /// The done side.
    pub(crate) fn done(&self, order: &Order) -> pb::PaymentDone {
        let amount = |minor| Some(money(order.money(minor)));
        pb::PaymentDone {
            settling: amount(self.settling),
            settled: amount(self.settled),
            canceling: amount(self.canceling),
            canceled: amount(self.canceled),
            refunding: amount(self.excess_refunding + self.return_refunding),
            refunded: amount(self.excess_refunded + self.return_refunded),
            held: amount(self.held),
            lacking: amount(self.lacking),
            surplus: amount(self.surplus),
            excess_refunding: amount(self.excess_refunding),
            excess_refunded: amount(self.excess_refunded),
            excess_given_up: amount(self.excess_given_up),
            release_given_up: amount(self.release_given_up),
            return_waiting: amount(self.return_waiting),
        }
    }
}

/// The mode as a message's value.
pub(crate) fn mode(mode: Option<Mode>) -> pb::payment::Mode {
    match mode {
        None => pb::payment::Mode::Unspecified,
        Some(Mode::Partial) => pb::payment::Mode::Partial,
        Some(Mode::Hold) => pb::payment::Mode::Hold,
        Some(Mode::Total) => pb::payment::Mode::Total,
    }
}

/// A mode out of a request; `None` where it names none.
pub(crate) fn parse_mode(violations: &mut Violations, field: &str, number: i32) -> Option<Mode> {
    match enumeration(violations, field, number)? {
        pb::payment::Mode::Unspecified => None,
        pb::payment::Mode::Partial => Some(Mode::Partial),
        pb::payment::Mode::Hold => Some(Mode::Hold),
        pb::payment::Mode::Total => Some(Mode::Total),
    }
}

/// How many settlements a provider takes, as a message's value.
pub(crate) fn partial_settlement(partial_settlement: PartialSettlement) -> pb::PartialSettlement {
    match partial_settlement {
        PartialSettlement::None => pb::PartialSettlement::None,
        PartialSettlement::Once => pb::PartialSettlement::Once,
        PartialSettlement::Multiple { .. } => pb::PartialSettlement::Multiple,
    }
}

/// The payments of a new transaction.
pub(crate) fn parse_payments(
    violations: &mut Violations,
    payments: &[pb::NewPayment],
) -> Option<Vec<NewPayment>> {
    if payments.is_empty() {
        violations.add("payments", "is required: a transaction has at least one payment");
        return None;
    }
    if !violations.is_bounded("payments", payments.len(), PAYMENTS_PER_TRANSACTION_MAX) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let parse = |(index, payment): (usize, &pb::NewPayment)| {
        let path = format!("payments[{index}]");
        if !payment.payment_id.is_empty() && !seen.insert(payment.payment_id.clone()) {
            violations.add(
                format!("{path}.payment_id"),
                "is the id of an earlier payment; every payment has its own",
            );
        }
        parse_payment(violations, &path, payment)
    };
    let parsed: Vec<Option<NewPayment>> = payments.iter().enumerate().map(parse).collect();
    let parsed: Option<Vec<NewPayment>> = parsed.into_iter().collect();
    let sum: i64 = parsed.iter().flatten().map(|payment| payment.authorized).sum();
    if sum > AMOUNT_MAX {
        violations.add("payments", format!("sums to more than the largest amount, {AMOUNT_MAX} minor units"));
    }
    parsed
}

/// A new payment, which stands in the request at this path.
pub(crate) fn parse_payment(
    violations: &mut Violations,
    path: &str,
    payment: &pb::NewPayment,
) -> Option<NewPayment> {
    let field = |name: &str| format!("{path}.{name}");
    let payment_id = violations.id(&field("payment_id"), &payment.payment_id, PaymentId::parse);
    let connector_id = violations.id(&field("connector_id"), &payment.connector_id, ConnectorId::parse);
    let amount = payment.amount.as_ref();
    let amount = parse_money(violations, &field("amount"), amount, None, Least::OneMinorUnit);
    let mode = parse_mode(violations, &field("mode"), payment.mode);
    let authorization = match &payment.authorization {
        Some(Source::Adopted(adopted)) => {
            parse_authorization(violations, &field("adopted"), adopted).map(NewAuthorization::Adopted)
        }
        Some(Source::Requested(requested)) => {
            requests::parse(violations, &field("requested"), requested).map(NewAuthorization::Requested)
        }
        None => {
            let missing = "is required: the identifiers of an authorization that exists; or `requested`";
            violations.add(field("adopted"), missing);
            None
        }
    };
    let Money { currency, minor } = amount?;
    Some(NewPayment {
        payment_id: payment_id?,
        connector_id: connector_id?,
        currency,
        authorized: minor,
        mode,
        authorization: authorization?,
    })
}

fn parse_authorization(
    violations: &mut Violations,
    path: &str,
    adopted: &pb::AdoptedAuthorization,
) -> Option<Authorization> {
    let mut identifier = |name: &str, text: &str| {
        violations.id(&format!("{path}.{name}"), text, |text| {
            tranche_core::id::check(text).map(|()| text.to_owned())
        })
    };
    let mut optional = |name: &str, text: &str| {
        if text.is_empty() { Some(None) } else { identifier(name, text).map(Some) }
    };
    let provider_transaction_id = optional("provider_transaction_id", &adopted.provider_transaction_id);
    let authorization_id = optional("authorization_id", &adopted.authorization_id);
    let tid = optional("tid", &adopted.tid);
    let nsu = optional("nsu", &adopted.nsu);
    let provider_payment_id = identifier("provider_payment_id", &adopted.provider_payment_id);
    let expire_time =
        parse_timestamp(violations, &format!("{path}.expire_time"), adopted.expire_time.as_ref());
    Some(Authorization {
        provider_payment_id: provider_payment_id?,
        provider_transaction_id: provider_transaction_id?.unwrap_or_default(),
        authorization_id: authorization_id?.unwrap_or_default(),
        tid: tid?,
        nsu: nsu?,
        expire_time,
    })
}

/// Adds a payment to what a request asked for.
pub(crate) fn add_to(parts: Parts, payment: &NewPayment) -> Parts {
    let parts = parts
        .with(payment.payment_id.as_str())
        .with(payment.connector_id.as_str())
        .with(payment.currency.code())
        .with(payment.authorized.to_string())
        .with(mode(payment.mode).as_str_name());
    match &payment.authorization {
        NewAuthorization::Requested(requested) => requests::add_to(parts, requested),
        NewAuthorization::Adopted(authorization) => parts
            .with(&authorization.provider_payment_id)
            .with(&authorization.provider_transaction_id)
            .with(&authorization.authorization_id)
            .with_optional(authorization.tid.as_ref())
            .with_optional(authorization.nsu.as_ref())
            .with_optional(authorization.expire_time.map(tranche_core::time::Timestamp::micros)),
    }
}
