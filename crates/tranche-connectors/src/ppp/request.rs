//! A core call as a request of the protocol.
//!
//! The operation's id is the `requestId` of every attempt, so that a replay is the same request, byte for byte.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Number, Value, json};
use tranche_core::operation::{Call, OperationKind};
use tranche_core::planted::{PlantedBug, is_planted};

use super::{amount, authorization};
use crate::settings::{CancellationUnit, Settings};

/// All but the characters that RFC 3986 leaves unreserved.
pub(crate) const PATH_SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request, complete but for the address and the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// What follows the provider's address; begins with a slash.
    pub path: String,
    /// JSON, or empty.
    pub body: String,
}

/// Why a call cannot be said in this protocol; no repetition changes that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The provider's payment id would lead to another address.
    #[error("the provider's payment id is empty, '.' or '..' and cannot stand in a URL")]
    PaymentId,
    /// An authorization is asked for with something.
    #[error("the authorization has no request to be asked for with")]
    AuthorizationRequest,
    /// A refund takes from a settlement.
    #[error("the refund names no settlement to take from")]
    RefundTarget,
    /// A provider that does not read the value would cancel all.
    #[error("a part is to be canceled, and the connector does not say that the provider cancels partially")]
    PartialCancellation,
    /// A provider that reads the value otherwise than it is meant would cancel too much or too little.
    #[error(
        "a part is to be canceled, and the connector's setting cancellation_unit does not say in which unit"
    )]
    CancellationUnit,
    /// Values go out as exact decimals.
    #[error("the value cannot be written as a decimal")]
    Value,
}

impl Unsendable {
    /// The reason as a code.
    pub fn code(self) -> &'static str {
        match self {
            Self::PaymentId => "unsendable-payment-id",
            Self::AuthorizationRequest => "unsendable-authorization-request",
            Self::RefundTarget => "unsendable-refund-target",
            Self::PartialCancellation => "unsendable-partial-cancellation",
            Self::CancellationUnit => "unsendable-cancellation-unit",
            Self::Value => "unsendable-value",
        }
    }
}

/// The request for the provider's manifest.
pub(crate) fn manifest() -> Request {
    Request { method: Method::GET, path: "/manifest".to_owned(), body: String::new() }
}

/// The request for this call.
pub fn build(settings: &Settings, call: &Call) -> Result<Request, Unsendable> {
    if call.operation.kind == OperationKind::Authorization {
        return authorization::build(settings, call, None);
    }
    let payment_id = call.authorization.provider_payment_id.as_str();
    // Dots are never encoded away: a URL parser takes `%2e%2e` for `..` and sends to another address.
    if matches!(payment_id, "" | "." | "..") {
        return Err(Unsendable::PaymentId);
    }
    let mut body = common(settings, call);
    let resource = match call.operation.kind {
        OperationKind::Authorization | OperationKind::Settlement => {
            body.insert("value".to_owned(), Value::Number(major(call)?));
            "settlements"
        }
        OperationKind::Refund => {
            let target = call.operation.refund.as_ref().ok_or(Unsendable::RefundTarget)?;
            body.insert("settleId".to_owned(), json!(target.settle_id));
            body.insert("value".to_owned(), Value::Number(major(call)?));
            "refunds"
        }
        OperationKind::Cancellation => {
            if let Some(value) = cancellation_value(settings, call)? {
                body.insert("value".to_owned(), Value::Number(value));
            }
            "cancellations"
        }
    };
    let path = format!("/payments/{}/{resource}", utf8_percent_encode(payment_id, PATH_SEGMENT));
    Ok(Request { method: Method::POST, path, body: Value::Object(body).to_string() })
}

fn common(settings: &Settings, call: &Call) -> Map<String, Value> {
    let authorization = &call.authorization;
    let mut body = Map::new();
    let mut put = |name: &str, value: &str| body.insert(name.to_owned(), json!(value));
    if is_planted(PlantedBug::ForgetRequestId) && call.attempt > 1 {
        put("requestId", &format!("{}-{}", call.operation.operation_id, call.attempt));
    } else {
        put("requestId", call.operation.operation_id.as_str());
    }
    put("transactionId", &authorization.provider_transaction_id);
    put("paymentId", &authorization.provider_payment_id);
    put("authorizationId", &authorization.authorization_id);
    if let Some(tid) = &authorization.tid {
        put("tid", tid);
    }
    if let Some(nsu) = &authorization.nsu {
        put("nsu", nsu);
    }
    if let Some(pairs) = merchant_settings(settings) {
        body.insert("merchantSettings".to_owned(), pairs);
    }
    body
}

/// What the connector's configuration passes on to the provider, if it does.
pub(super) fn merchant_settings(settings: &Settings) -> Option<Value> {
    let pairs =
        settings.merchant_settings.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    (!settings.merchant_settings.is_empty()).then(|| pairs.collect())
}

fn major(call: &Call) -> Result<Number, Unsendable> {
    amount::major(call.operation.value, call.currency).ok_or(Unsendable::Value)
}

/// A cancellation without a value cancels all, so a part is sent only to a provider that is known to read the value.
fn cancellation_value(settings: &Settings, call: &Call) -> Result<Option<Number>, Unsendable> {
    match (call.operation.is_final, call.capabilities.partial_cancellation, settings.cancellation_unit) {
        (true, _, _) => Ok(None),
        (false, false, _) => Err(Unsendable::PartialCancellation),
        (false, true, None) => Err(Unsendable::CancellationUnit),
        (false, true, Some(CancellationUnit::Major)) => major(call).map(Some),
        (false, true, Some(CancellationUnit::Minor)) => Ok(Some(Number::from(call.operation.value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{call, settings};
    use OperationKind::{Cancellation, Refund, Settlement};

    fn check(kind: OperationKind, extra: &[(&str, &str)], change: fn(&mut Call), path: &str, body: &str) {
        let mut call = call(kind, 1990);
        change(&mut call);
        let request = build(&settings(extra), &call).unwrap();
        assert_eq!(request.method, Method::POST);
        assert_eq!(request.path, path);
        // Parsed, so that the order of the fields does not matter; a number is still its own text.
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(parse(&request.body), parse(body));
    }

    #[test]
    fn a_settlement_carries_the_exact_value() {
        check(
            Settlement,
            &[("merchant_settings.store", "7")],
            |_| {},
            "/payments/pay-1/settlements",
            r#"{"authorizationId":"auth-1","merchantSettings":[{"name":"store","value":"7"}],"nsu":"nsu-1","paymentId":"pay-1","requestId":"op_1","tid":"tid-1","transactionId":"tx-1","value":19.90}"#,
        );
    }

    #[test]
    fn a_refund_names_its_settlement_and_an_id_is_encoded_in_the_path_only() {
        check(
            Refund,
            &[],
            |call| {
                call.authorization.provider_payment_id = "a/b ?ç.".to_owned();
                call.authorization.tid = None;
                call.authorization.nsu = None;
            },
            "/payments/a%2Fb%20%3F%C3%A7./refunds",
            r#"{"authorizationId":"auth-1","paymentId":"a/b ?ç.","requestId":"op_1","settleId":"settle-1","transactionId":"tx-1","value":19.90}"#,
        );
    }

    #[test]
    fn a_cancellation_has_a_value_only_when_it_cancels_a_part() {
        let body = |value: &str| {
            format!(
                r#"{{"authorizationId":"auth-1","nsu":"nsu-1","paymentId":"pay-1","requestId":"op_1","tid":"tid-1","transactionId":"tx-1"{value}}}"#
            )
        };
        let path = "/payments/pay-1/cancellations";
        check(Cancellation, &[], |_| {}, path, &body(""));
        let part: fn(&mut Call) = |call| {
            call.operation.is_final = false;
            call.capabilities.partial_cancellation = true;
        };
        check(Cancellation, &[("cancellation_unit", "major")], part, path, &body(r#","value":19.90"#));
        check(Cancellation, &[("cancellation_unit", "minor")], part, path, &body(r#","value":1990"#));
    }

    #[test]
    fn what_cannot_be_said_is_not_sent() {
        type Row = (OperationKind, fn(&mut Call), Unsendable);
        let changes: [Row; 5] = [
            (Cancellation, |call| call.operation.is_final = false, Unsendable::PartialCancellation),
            (
                Cancellation,
                |call| {
                    call.operation.is_final = false;
                    call.capabilities.partial_cancellation = true;
                },
                Unsendable::CancellationUnit,
            ),
            (Refund, |call| call.operation.refund = None, Unsendable::RefundTarget),
            (
                Settlement,
                |call| call.authorization.provider_payment_id = "..".to_owned(),
                Unsendable::PaymentId,
            ),
            (
                Settlement,
                |call| call.authorization.provider_payment_id = String::new(),
                Unsendable::PaymentId,
            ),
        ];
        for (kind, change, expected) in changes {
            let mut call = call(kind, 1990);
            change(&mut call);
            assert_eq!(build(&settings(&[]), &call), Err(expected));
        }
    }
}
