//! Authorizations: `POST /payments`, its answers, and the callbacks that bring the same answers later.
//!
//! The payment's id is the key: a repeat is the same request, and is answered with what became of the first one.
//!
//! | response or callback | answer |
//! | --- | --- |
//! | 401, 403, 429 | no answer |
//! | 400, 404, 409, 422 | refused |
//! | 2xx, our `paymentId`, status `approved` | approved |
//! | 2xx, our `paymentId`, status `denied` | denied |
//! | 2xx, our `paymentId`, status `undefined` | undecided |
//! | a callback with our `paymentId` | the same by its status |
//! | a callback without a body | nothing but that it can be asked again |
//! | anything else | unknown; of a callback: refused, and nothing changes |

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};
use tranche_core::authorization::{Approval, Authorization};
use tranche_core::money::Currency;
use tranche_core::operation::{Answer, Call};

use super::amount;
use super::request::{Request, Unsendable, merchant_settings};
use super::response::{answered, checked_id, retry_after, unknown, words};
use crate::bounds::{CANCEL_AFTER_MAX, DETAIL_BYTES_MAX};
use crate::redaction::cut;
use crate::settings::Settings;

/// The request for this authorization; the provider calls back at `callback_url`, if there is one.
pub fn build(settings: &Settings, call: &Call, callback_url: Option<&str>) -> Result<Request, Unsendable> {
    let request = call.request.as_ref().ok_or(Unsendable::AuthorizationRequest)?;
    let order_id = call.operation.order.order_id.as_str();
    let value = amount::major(call.operation.value, call.currency).ok_or(Unsendable::Value)?;
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("paymentId", json!(call.authorization.provider_payment_id));
    put("transactionId", json!(call.authorization.provider_transaction_id));
    put("orderId", json!(order_id));
    put("reference", json!(order_id));
    put("paymentMethod", json!(request.payment_method));
    put("installments", json!(request.installments));
    put("currency", json!(call.currency.code()));
    put("value", Value::Number(value));
    put("miniCart", json!({}));
    let optional = [
        ("token", request.token.as_deref()),
        ("returnUrl", Some(request.return_url.as_deref().unwrap_or_default())),
        ("callbackUrl", callback_url),
    ];
    for (name, text) in optional {
        if let Some(text) = text {
            put(name, json!(text));
        }
    }
    if let Some(pairs) = merchant_settings(settings) {
        put("merchantSettings", pairs);
    }
    Ok(Request { method: Method::POST, path: "/payments".to_owned(), body: Value::Object(body).to_string() })
}

/// What the provider's response to an authorization means.
pub fn read(call: &Call, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Answer {
    let fields = serde_json::from_slice::<Map<String, Value>>(body);
    let code = fields.as_ref().ok().and_then(|fields| words(fields, "code"));
    let message = fields.as_ref().ok().and_then(|fields| words(fields, "message")).unwrap_or_default();
    match status.as_u16() {
        401 | 403 | 429 => Answer::NoAnswer {
            detail: cut(&answered(status, &message), DETAIL_BYTES_MAX),
            retry_after: retry_after(headers),
        },
        400 | 404 | 409 | 422 => {
            Answer::Refused { code: code.unwrap_or_else(|| format!("http-{}", status.as_u16())), message }
        }
        200..=299 => match fields {
            Ok(fields) => told(&call.authorization, call.currency, &fields).unwrap_or_else(unknown),
            Err(error) => {
                unknown(format!("the provider answered {status} with a body that is no JSON object: {error}"))
            }
        },
        _ => unknown(answered(status, &message)),
    }
}

/// What a callback says of an authorization; `None` if it has no body and says nothing; an error if it cannot be about
/// this one.
pub fn read_callback(
    authorization: &Authorization,
    currency: Currency,
    body: &[u8],
) -> Result<Option<Answer>, String> {
    if body.is_empty() {
        return Ok(None);
    }
    let fields = serde_json::from_slice::<Map<String, Value>>(body)
        .map_err(|error| format!("its body is no JSON object: {error}"))?;
    told(authorization, currency, &fields).map(Some)
}

/// What the provider says became of the payment.
fn told(
    authorization: &Authorization,
    currency: Currency,
    fields: &Map<String, Value>,
) -> Result<Answer, String> {
    match fields.get("paymentId") {
        Some(Value::String(id)) if *id == authorization.provider_payment_id => {}
        None | Some(Value::Null) => {
            return Err("it has no paymentId: nothing says that it is ours".to_owned());
        }
        Some(other) => {
            let ours = &authorization.provider_payment_id;
            return Err(format!("its paymentId is {other}, not '{ours}'"));
        }
    }
    match fields.get("status").and_then(Value::as_str) {
        Some("approved") => Ok(Answer::Approved(Approval {
            authorization_id: id(fields, "authorizationId")?.unwrap_or_default(),
            tid: id(fields, "tid")?,
            nsu: id(fields, "nsu")?,
            max_value: max_value(fields, currency),
        })),
        Some("denied") => Ok(Answer::Denied {
            code: words(fields, "code").unwrap_or_else(|| "denied".to_owned()),
            message: words(fields, "message").unwrap_or_default(),
        }),
        Some("undefined") => Ok(Answer::Undecided { cancel_after: cancel_after(fields) }),
        Some(other) => Err(format!("its status is '{other}', none of approved, denied and undefined")),
        None => Err("it has no status".to_owned()),
    }
}

/// One of the ids that later calls carry. A number is taken by its digits.
fn id(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    let checked = |text: &str| checked_id(text).map(Some).map_err(|what| format!("its {name} {what}"));
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => checked(text),
        Some(Value::Number(number)) => checked(number.as_str()),
        Some(_) => Err(format!("its {name} is neither a text nor null")),
    }
}

/// What the authorization may be raised to. One that cannot be read exactly raises nothing.
fn max_value(fields: &Map<String, Value>, currency: Currency) -> Option<i64> {
    let Some(Value::Number(number)) = fields.get("maxValue") else { return None };
    amount::minor_exact(number, currency).ok().filter(|most| *most > 0)
}

/// The time until the payment is to be canceled if it is not approved, in whole seconds.
fn cancel_after(fields: &Map<String, Value>) -> Option<Duration> {
    let seconds = fields.get("delayToCancel")?.as_u64().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds).min(CANCEL_AFTER_MAX))
}

#[cfg(test)]
mod tests;
