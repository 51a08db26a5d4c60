//! A response of the protocol as an answer of the core; those to authorizations are in [`authorization`].
//!
//! | response | answer |
//! | --- | --- |
//! | status 501, or the code `refund-manually` or `cancel-manually` | manual, whatever else it says |
//! | 401, 403, 429 | no answer |
//! | 400, 404, 409, 422 | refused |
//! | 2xx whose `paymentId` or `requestId` is another's | unknown |
//! | 2xx with a null id of the settlement, refund or cancellation | pending |
//! | 2xx with an id, but without `paymentId` or `requestId` | unknown: nothing says that it is ours |
//! | 2xx with an id and value 0 | refused |
//! | 2xx with an id and an exact value above 0, or a cancellation's id | done; what is above the asked value is surplus |
//! | anything else | unknown |
//!
//! The first row that fits counts.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use tranche_core::operation::{Answer, Call, OperationKind};

use super::{amount, authorization};
use crate::bounds::{DETAIL_BYTES_MAX, PROVIDER_ID_BYTES_MAX, RETRY_AFTER_MAX};
use crate::redaction::cut;

/// What the provider's response to `call` means.
pub fn read(call: &Call, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Answer {
    if call.operation.kind == OperationKind::Authorization {
        return authorization::read(call, status, headers, body);
    }
    let fields = serde_json::from_slice::<Map<String, Value>>(body);
    let code = fields.as_ref().ok().and_then(|fields| words(fields, "code"));
    let message = fields.as_ref().ok().and_then(|fields| words(fields, "message")).unwrap_or_default();
    let is_manual = matches!(code.as_deref(), Some("refund-manually" | "cancel-manually"));
    let code = code.unwrap_or_else(|| format!("http-{}", status.as_u16()));
    match status.as_u16() {
        501 => Answer::Manual { code, message },
        _ if is_manual => Answer::Manual { code, message },
        401 | 403 | 429 => Answer::NoAnswer {
            detail: cut(&answered(status, &message), DETAIL_BYTES_MAX),
            retry_after: retry_after(headers),
        },
        400 | 404 | 409 | 422 => Answer::Refused { code, message },
        200..=299 => match fields {
            Ok(fields) => success(call, &fields, message).unwrap_or_else(unknown),
            Err(error) => {
                unknown(format!("the provider answered {status} with a body that is no JSON object: {error}"))
            }
        },
        _ => unknown(answered(status, &message)),
    }
}

pub(super) fn answered(status: StatusCode, message: &str) -> String {
    let colon = if message.is_empty() { "" } else { ": " };
    format!("the provider answered {status}{colon}{message}")
}

pub(super) fn unknown(detail: impl AsRef<str>) -> Answer {
    Answer::Unknown { detail: cut(detail.as_ref(), DETAIL_BYTES_MAX) }
}

/// The pause that the provider asks for.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    pause(headers.get(RETRY_AFTER)?.to_str().ok()?)
}

/// The pause that a provider asks for, in its form of seconds; its form of a date would need a clock we share.
pub(crate) fn pause(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_seconds = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_seconds.then(|| text.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs).min(RETRY_AFTER_MAX))
}

fn success(call: &Call, fields: &Map<String, Value>, message: String) -> Result<Answer, String> {
    let payment_id = is_ours(fields, "paymentId", &call.authorization.provider_payment_id)?;
    let request_id = is_ours(fields, "requestId", call.operation.operation_id.as_str())?;
    let id_name = match call.operation.kind {
        OperationKind::Authorization => "authorizationId",
        OperationKind::Settlement => "settleId",
        OperationKind::Refund => "refundId",
        OperationKind::Cancellation => "cancellationId",
    };
    let provider_id = match fields.get(id_name) {
        Some(Value::Null) => return Ok(Answer::Pending),
        Some(Value::String(id)) => checked_id(id).map_err(|what| format!("the answer's {id_name} {what}"))?,
        Some(_) => return Err(format!("the answer's {id_name} is neither a string nor null")),
        None => return Err(format!("the answer has no {id_name}")),
    };
    if !payment_id || !request_id {
        let name = if payment_id { "requestId" } else { "paymentId" };
        return Err(format!(
            "the answer has the {id_name} '{provider_id}' and no {name}: nothing says that it is ours"
        ));
    }
    let asked = call.operation.value;
    let moved = match (call.operation.kind, fields.get("value")) {
        (OperationKind::Cancellation, _) => asked,
        (_, Some(Value::Number(number))) => amount::minor_exact(number, call.currency)
            .map_err(|what| format!("the answer has the {id_name} '{provider_id}', and its value {what}"))?,
        _ => {
            return Err(format!(
                "the answer has the {id_name} '{provider_id}' and no value that is a number"
            ));
        }
    };
    match moved {
        0 => Ok(Answer::Refused {
            code: words(fields, "code").unwrap_or_else(|| "value-0".to_owned()),
            message,
        }),
        ..0 => Err(format!("the answer has the {id_name} '{provider_id}' and a negative value")),
        _ => Ok(Answer::Done { value: moved.min(asked), surplus: (moved - asked).max(0), provider_id }),
    }
}

/// Whether the answer carries our id; an error if it carries somebody else's.
fn is_ours(fields: &Map<String, Value>, name: &str, ours: &str) -> Result<bool, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(theirs)) if theirs == ours => Ok(true),
        Some(other) => Err(format!("the answer's {name} is {other}, not '{ours}'")),
    }
}

pub(super) fn checked_id(id: &str) -> Result<String, String> {
    if id.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if id.len() > PROVIDER_ID_BYTES_MAX {
        return Err(format!("is {} bytes long; at most {PROVIDER_ID_BYTES_MAX} are kept", id.len()));
    }
    if id.chars().any(char::is_control) {
        return Err("has a control character".to_owned());
    }
    Ok(id.to_owned())
}

/// A field that is meant for people, bounded; `None` if it is missing, null or empty.
pub(super) fn words(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match fields.get(name)? {
        Value::Null => return None,
        Value::String(text) => cut(text, DETAIL_BYTES_MAX),
        other => cut(&other.to_string(), DETAIL_BYTES_MAX),
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
