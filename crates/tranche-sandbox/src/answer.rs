//! The wire, outwards: outcomes into answers.

use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::amount;
use crate::protocol::OperationKind;
use crate::refusal::Refusal;

/// Seconds until the provider would settle by itself, as it announces; it never does.
const DELAY_TO_AUTO_SETTLE_SECONDS: u32 = 604_800;
/// Seconds until the provider would cancel, as it announces; it never does.
const DELAY_TO_CANCEL_SECONDS: u32 = 2_592_000;

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

    pub(crate) fn authorized(payment_id: &str, ordinal: u64, approved: bool) -> Self {
        let id = |prefix: &str| approved.then(|| format!("{prefix}-{ordinal:06}"));
        Self::ok(json!({
            "paymentId": payment_id,
            "status": if approved { "approved" } else { "denied" },
            "authorizationId": id("AUT"),
            "tid": id("TID"),
            "nsu": id("NSU"),
            "acquirer": "sandbox",
            "code": if approved { Value::Null } else { json!("payment-denied") },
            "message": Value::Null,
            "delayToAutoSettle": DELAY_TO_AUTO_SETTLE_SECONDS,
            "delayToAutoSettleAfterAntifraud": DELAY_TO_AUTO_SETTLE_SECONDS,
            "delayToCancel": DELAY_TO_CANCEL_SECONDS,
        }))
    }

    /// The answer to an authorization of which nobody knows yet what becomes of it.
    pub(crate) fn undefined(mut self) -> Self {
        for (name, value) in [
            ("status", json!("undefined")),
            ("authorizationId", Value::Null),
            ("tid", Value::Null),
            ("nsu", Value::Null),
        ] {
            if let Some(field) = self.body.get_mut(name) {
                *field = value;
            }
        }
        self
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

    /// The same answer with another text in a field, if it has the field.
    pub(crate) fn with_text(mut self, name: &str, text: String) -> Self {
        if let Some(field) = self.body.get_mut(name) {
            *field = Value::String(text);
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
        "paymentMethods": [method("Visa"), method("Mastercard"), method("Pix")],
        "customFields": [],
        "autoSettleDelay": { "minimum": "0", "maximum": "720" },
    }))
}
