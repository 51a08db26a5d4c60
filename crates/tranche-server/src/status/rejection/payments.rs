//! The rejections of what a request says about several payments: the message and the metadata tell of the first, the
//! details of all.

use tranche_core::id::{ConnectorId, OrderId};
use tranche_core::payment::Mode;
use tranche_core::rejection::{PaymentExcess, RefusedMode, TakenAuthorization};
use tranche_proto::v1::ErrorReason;

use super::{not_found, order};
use crate::status::explanation::Explanation;
use crate::status::{decimal, names};
use crate::wire;

pub(super) fn connectors_not_found(ids: &[ConnectorId]) -> Explanation {
    let first = ids.first().map(ConnectorId::as_str).unwrap_or_default();
    let message = match ids {
        [_] => {
            return not_found(ErrorReason::ConnectorNotFound, "connector", first).with("connectorId", first);
        }
        all => format!(
            "The account has no connectors {}; create them first, or correct the ids or the account.",
            names(all)
        ),
    };
    let explanation = Explanation::new(ErrorReason::ConnectorNotFound, message);
    explanation.of("connector", first).with("connectorId", first)
}

pub(super) fn already_adopted(taken: &[TakenAuthorization]) -> Explanation {
    let sentence = |taken: &TakenAuthorization| {
        format!(
            "The authorization '{}' of the connector '{}' belongs to another payment; name another authorization.",
            taken.provider_payment_id, taken.connector_id
        )
    };
    let first = taken.first().map(sentence).unwrap_or_default();
    let others: Vec<&str> = taken.iter().skip(1).map(|taken| taken.provider_payment_id.as_str()).collect();
    let message =
        if others.is_empty() { first } else { format!("{first} The same is true of {}.", names(&others)) };
    let explanation = Explanation::new(ErrorReason::PaymentAlreadyAdopted, message);
    let (connector_id, provider_payment_id) = taken
        .first()
        .map(|taken| (taken.connector_id.as_str(), taken.provider_payment_id.as_str()))
        .unwrap_or_default();
    explanation.with("connectorId", connector_id).with("providerPaymentId", provider_payment_id)
}

pub(super) fn mode_not_supported(refused: &[RefusedMode]) -> Explanation {
    let able = |refused: &RefusedMode| {
        let able = wire::payment::partial_settlement(refused.partial_settlement).as_str_name();
        able.strip_prefix("PARTIAL_SETTLEMENT_").unwrap_or(able)
    };
    let sentence = |refused: &RefusedMode| {
        format!(
            "The connector '{}' cannot settle in the mode {}: its partial settlement is {}; choose HOLD or TOTAL, or \
             correct the connector's capabilities.",
            refused.connector_id,
            mode_name(refused.mode),
            able(refused)
        )
    };
    let explanation = of_modes(ErrorReason::ModeNotSupported, refused, sentence);
    explanation.with("partialSettlement", refused.first().map(able).unwrap_or_default())
}

pub(super) fn partial_settlement_disabled(refused: &[RefusedMode]) -> Explanation {
    let sentence = |refused: &RefusedMode| {
        format!(
            "The account has partial settlement off, so that a payment on the connector '{}' cannot have the mode {}; \
             turn it on with UpdateAccount, or name no mode.",
            refused.connector_id,
            mode_name(refused.mode)
        )
    };
    of_modes(ErrorReason::PartialSettlementDisabled, refused, sentence)
}

/// The modes that payments cannot have: the message and the metadata tell of the first, the details of all.
fn of_modes(
    reason: ErrorReason,
    refused: &[RefusedMode],
    sentence: impl Fn(&RefusedMode) -> String,
) -> Explanation {
    let message = and_more(refused.first().map(&sentence).unwrap_or_default(), refused.len());
    let mut explanation = Explanation::new(reason, message);
    if let Some(first) = refused.first() {
        let id = first.connector_id.as_str();
        explanation =
            explanation.of("connector", id).with("connectorId", id).with("mode", mode_name(first.mode));
    }
    let subject = |refused: &RefusedMode| (format!("connector/{}", refused.connector_id), sentence(refused));
    explanation.preconditions = refused.iter().map(subject).collect();
    explanation
}

/// The sentence about the first of several, which says that the others are in the details.
fn and_more(first: String, count: usize) -> String {
    match count.saturating_sub(1) {
        0 => first,
        more => format!("{first} The details list {more} more."),
    }
}

/// The mode as the protocol names it, without its prefix.
fn mode_name(mode: Mode) -> &'static str {
    let name = wire::payment::mode(Some(mode)).as_str_name();
    name.strip_prefix("MODE_").unwrap_or(name)
}

pub(super) fn payment_above_room(order_id: &OrderId, excess: &[PaymentExcess]) -> Explanation {
    let sentence = |part: &PaymentExcess| {
        format!(
            "The invoice asks {} of the payment '{}' of the order '{order_id}', which can still be asked for {}; name \
             other amounts, or none.",
            part.amount, part.payment_id, part.left
        )
    };
    of_payments(order(ErrorReason::PaymentAboveRoom, order_id, String::new()), excess, "room", sentence)
}

/// Parts of an invoice that are above what their payments have: the message and the metadata tell of the first, the
/// details of all.
pub(super) fn of_payments(
    explanation: Explanation,
    excess: &[PaymentExcess],
    left: &'static str,
    sentence: impl Fn(&PaymentExcess) -> String,
) -> Explanation {
    let Some(first) = excess.first() else { return explanation };
    let message = and_more(sentence(first), excess.len());
    let subject = |part: &PaymentExcess| (format!("payment/{}", part.payment_id), sentence(part));
    let preconditions = excess.iter().map(subject).collect();
    Explanation { message, preconditions, ..explanation }
        .with("paymentId", first.payment_id.as_str())
        .with("amount", decimal(first.amount))
        .with(left, decimal(first.left))
        .with("currencyCode", first.left.currency.code())
}
