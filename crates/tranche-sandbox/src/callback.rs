//! Callbacks: what the caller of `POST /payments` is told once an undefined payment is decided. No I/O: a delivery says
//! what is to be sent and how often, and the courier sends it.

pub(crate) mod courier;
mod held;
mod sent;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::books::PaymentStatus;
use crate::bounds::{CALLBACK_ATTEMPTS_MAX, CALLBACK_HUGE_BYTES};
use crate::fault::CallbackFault;
use crate::ledger::Standing;
use crate::terms::Callbacks;
pub(crate) use held::Held;
pub(crate) use sent::Sent;

/// The query parameter that proves whose callback it is.
const SIGNATURE: &str = "x-vtex-signature";

/// One callback to be made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Delivery {
    pub(crate) payment_id: String,
    /// As it was received, unless a fault forges it.
    pub(crate) url: String,
    /// Why it is not what it should be.
    pub(crate) fault: Option<CallbackFault>,
    pub(crate) body: String,
    /// How often it is sent at most, until it is answered with 2xx; 0 if it is lost.
    pub(crate) attempts_max: u32,
    /// Whether the connection breaks off in the middle of the body.
    pub(crate) is_broken_off: bool,
}

/// What a callback waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// For nothing.
    Not,
    /// For a repeated `POST /payments` of the same payment.
    Repeat,
    /// For the next callback of any payment.
    Next,
}

/// The callbacks that tell where a payment stands, in their order, and what they wait for.
pub(crate) fn deliveries(
    standing: &Standing,
    url: &str,
    callbacks: Callbacks,
    fault: Option<CallbackFault>,
) -> (Vec<Delivery>, Wait) {
    if callbacks == Callbacks::None {
        return (Vec::new(), Wait::Not);
    }
    let is_retry = callbacks == Callbacks::Retry || fault == Some(CallbackFault::Retry);
    let told = |standing: &Standing| {
        if is_retry { String::new() } else { Answer::authorized(standing).body.to_string() }
    };
    let honest = Delivery {
        payment_id: standing.payment_id.clone(),
        url: url.to_owned(),
        fault,
        body: told(standing),
        attempts_max: CALLBACK_ATTEMPTS_MAX,
        is_broken_off: false,
    };
    let once = |delivery: Delivery| (vec![Delivery { attempts_max: 1, ..delivery }], Wait::Not);
    match fault {
        None | Some(CallbackFault::Retry) => (vec![honest], Wait::Not),
        Some(CallbackFault::Lost) => (vec![Delivery { attempts_max: 0, ..honest }], Wait::Not),
        Some(CallbackFault::Duplicated) => (vec![honest.clone(), honest], Wait::Not),
        Some(CallbackFault::Late) => (vec![honest], Wait::Repeat),
        Some(CallbackFault::Reordered) => (vec![honest], Wait::Next),
        Some(CallbackFault::Contradicting) => {
            let contradiction = Delivery { body: told(&opposite(standing)), ..honest.clone() };
            (vec![honest, contradiction], Wait::Not)
        }
        Some(CallbackFault::Forged) => once(Delivery { url: forged(url), ..honest }),
        Some(CallbackFault::OfAnotherPayment) => once(Delivery { body: of_another(standing), ..honest }),
        Some(CallbackFault::Truncated) => once(Delivery { body: half(&honest.body).to_owned(), ..honest }),
        Some(CallbackFault::BrokenOff) => once(Delivery { is_broken_off: true, ..honest }),
        Some(CallbackFault::Huge) => once(Delivery { body: huge(standing), ..honest }),
    }
}

/// Another verdict on the same payment.
fn opposite(standing: &Standing) -> Standing {
    let status = match standing.status {
        PaymentStatus::Approved => PaymentStatus::Denied,
        _ => PaymentStatus::Approved,
    };
    Standing { status, ..standing.clone() }
}

/// An approval of a payment that the caller never asked for.
fn of_another(standing: &Standing) -> String {
    let payment_id = format!("{}-of-somebody-else", standing.payment_id);
    let other = Standing { payment_id, status: PaymentStatus::Approved, ..standing.clone() };
    Answer::authorized(&other).body.to_string()
}

/// The body with a message that makes it as long as the bound says.
fn huge(standing: &Standing) -> String {
    let filled = |length: usize| {
        Answer::authorized(standing).with("message", json!("x".repeat(length))).body.to_string()
    };
    let frame = filled(0).len();
    filled(CALLBACK_HUGE_BYTES.saturating_sub(frame))
}

/// The first half of a text, less if that would cut a character.
pub(crate) fn half(text: &str) -> &str {
    let middle = (0..=text.len() / 2).rev().find(|index| text.is_char_boundary(*index));
    middle.and_then(|middle| text.get(..middle)).unwrap_or_default()
}

/// The address with another signature of the same length: of its parameter `X-VTEX-signature`, or of the last one that it
/// has, or with a signature where it has none.
fn forged(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return format!("{url}?X-VTEX-signature=forged");
    };
    let parameters: Vec<&str> = query.split('&').collect();
    let is_signature = |parameter: &&str| {
        parameter.split_once('=').is_some_and(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE))
    };
    let signed = parameters.iter().position(is_signature).unwrap_or(parameters.len() - 1);
    let forged = parameters.iter().enumerate().map(|(index, parameter)| match parameter.split_once('=') {
        Some((name, value)) if index == signed => format!("{name}={}", altered(value)),
        _ => (*parameter).to_owned(),
    });
    format!("{path}?{}", forged.collect::<Vec<_>>().join("&"))
}

/// Another text of the same length, whose first character differs: letters and digits that any encoding has.
fn altered(value: &str) -> String {
    let mut characters = value.chars();
    let first = match characters.next() {
        Some('0') => '1',
        Some(_) => '0',
        None => return "forged".to_owned(),
    };
    std::iter::once(first).chain(characters).collect()
}

/// A body for the books: JSON where it is JSON, text else, cut where it is huge.
pub(crate) fn shown(body: &str) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    if body.len() > crate::bounds::BODY_BYTES_MAX {
        return json!(format!("{}… ({} bytes)", half(body).get(..100).unwrap_or_default(), body.len()));
    }
    serde_json::from_str(body).unwrap_or_else(|_| json!(body))
}
