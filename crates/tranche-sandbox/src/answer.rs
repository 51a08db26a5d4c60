//! The wire, outwards: outcomes into answers.

use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::amount;
use crate::books::PaymentStatus;
use crate::ledger::Standing;
use crate::protocol::OperationKind;
use crate::refusal::Refusal;

/// The payment methods of the manifest; the last of them are the sandbox's own, and say what becomes of a payment.
const METHODS: [&str; 9] = [
    "Visa",
    "Mastercard",
    "Pix",
    "sandbox-approved",
    "sandbox-denied",
    "sandbox-undefined",
    "sandbox-undefined-once",
    "sandbox-undefined-approved",
    "sandbox-undefined-denied",
];

/// An answer: status, body and the one header that faults are about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) retry_after_seconds: Option<u32>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body, retry_after_seconds: None }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// An error of `POST /payments` and of the paths that are not the protocol's.
    pub(crate) fn error(refusal: &Refusal) -> Self {
        let body = json!({ "status": "error", "code": refusal.code(), "message": refusal.to_string() });
        Self::new(refusal.status(), body)
    }

    /// The answer of `POST /payments` and the body of a callback: where the payment stands.
    ///
    /// What identifies the payment at the acquirer is there from the first answer on and stays the same; only what says
    /// that it is authorized is absent until it is.
    pub(crate) fn authorized(standing: &Standing) -> Self {
        let Standing { payment_id, ordinal, status, max_value, delays } = standing;
        let id = |prefix: &str| json!(format!("{prefix}-{ordinal:06}"));
        let (word, why) = match status {
            PaymentStatus::Approved => ("approved", None),
            PaymentStatus::Undefined => ("undefined", None),
            PaymentStatus::Denied => ("denied", Some(Refusal::PaymentDenied)),
            PaymentStatus::Canceled => ("denied", Some(Refusal::PaymentCanceled)),
        };
        let is_approved = *status == PaymentStatus::Approved;
        let mut body = json!({
            "paymentId": payment_id,
            "status": word,
            "authorizationId": if is_approved { id("AUT") } else { Value::Null },
            "tid": id("TID"),
            "nsu": id("NSU"),
            "acquirer": "sandbox",
            "code": why.as_ref().map(Refusal::code),
            "message": why.as_ref().map(ToString::to_string),
            "delayToAutoSettle": delays.auto_settle,
            "delayToAutoSettleAfterAntifraud": delays.auto_settle_after_antifraud,
            "delayToCancel": delays.cancel,
        });
        if let (Some(most), true, Value::Object(fields)) = (max_value, is_approved, &mut body) {
            fields.insert("maxValue".to_owned(), amount::to_number(*most));
        }
        Self::ok(body)
    }

    /// An operation that is done.
    pub(crate) fn done(
        kind: OperationKind,
        payment_id: &str,
        request_id: &str,
        id: &str,
        value: Decimal,
    ) -> Self {
        Self::ok(operation_body(kind, payment_id, Some(request_id), Some(id), value, None))
    }

    /// An operation to ask for again.
    pub(crate) fn pending(kind: OperationKind, payment_id: &str, request_id: &str) -> Self {
        let why = ("pending", "Ask again.");
        Self::ok(operation_body(kind, payment_id, Some(request_id), None, Decimal::ZERO, Some(why)))
    }

    /// An operation that was refused.
    pub(crate) fn refused(
        kind: OperationKind,
        payment_id: &str,
        request_id: Option<&str>,
        refusal: &Refusal,
    ) -> Self {
        let why = (refusal.code(), refusal.to_string());
        Self::failed(kind, payment_id, request_id, refusal.status(), (why.0, &why.1))
    }

    /// An operation of which nothing came, with the code and the message that say why.
    pub(crate) fn failed(
        kind: OperationKind,
        payment_id: &str,
        request_id: Option<&str>,
        status: StatusCode,
        why: (&str, &str),
    ) -> Self {
        Self::new(status, operation_body(kind, payment_id, request_id, None, Decimal::ZERO, Some(why)))
    }

    /// The same answer with something else in a field, if it has the field.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        if let Some(field) = self.body.get_mut(name) {
            *field = value;
        }
        self
    }
}

fn operation_body(
    kind: OperationKind,
    payment_id: &str,
    request_id: Option<&str>,
    id: Option<&str>,
    value: Decimal,
    why: Option<(&str, &str)>,
) -> Value {
    let mut body = Map::new();
    body.insert("paymentId".to_owned(), json!(payment_id));
    body.insert(kind.id_name().to_owned(), json!(id));
    if kind != OperationKind::Cancellation {
        body.insert("value".to_owned(), amount::to_number(value));
    }
    body.insert("code".to_owned(), json!(why.map(|(code, _)| code)));
    body.insert("message".to_owned(), json!(why.map(|(_, message)| message)));
    body.insert("requestId".to_owned(), json!(request_id));
    Value::Object(body)
}

/// The answer of `GET /manifest`.
pub(crate) fn manifest() -> Answer {
    let method = |name: &str| json!({ "name": name, "allowsSplit": "disabled" });
    Answer::ok(json!({
        "paymentMethods": METHODS.map(method),
        "customFields": [],
        "autoSettleDelay": { "minimum": "0", "maximum": "720" },
    }))
}
