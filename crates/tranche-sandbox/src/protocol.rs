//! The wire, inwards: request bodies into typed requests.
//!
//! Bodies are read by hand from JSON values, so that every violation is named with its field.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::amount;
use crate::bounds::{ID_BYTES_MAX, SETTINGS_PER_PAYMENT_MAX};
use crate::refusal::Refusal;
use crate::terms::{Authorizations, Terms};

/// The card that is always denied.
const CARD_DENIED: &str = "4444333322221112";

/// What is asked of an authorized payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// Take money.
    Settlement,
    /// Give money of a settlement back.
    Refund,
    /// Release what was authorized and not settled.
    Cancellation,
}

impl OperationKind {
    /// The name under which the sandbox's own id is answered.
    pub(crate) fn id_name(self) -> &'static str {
        match self {
            Self::Settlement => "settleId",
            Self::Refund => "refundId",
            Self::Cancellation => "cancellationId",
        }
    }
}

/// A payment to authorize.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Authorization {
    pub(crate) payment_id: String,
    pub(crate) currency: String,
    pub(crate) value: Decimal,
    pub(crate) terms: Terms,
    pub(crate) card_denied: bool,
}

/// What is moved by an operation. Two asks are the same content if they are equal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    Settle { value: Decimal },
    Refund { settle_id: String, value: Decimal },
    Cancel { value: Option<Decimal> },
}

impl Ask {
    pub(crate) fn kind(&self) -> OperationKind {
        match self {
            Self::Settle { .. } => OperationKind::Settlement,
            Self::Refund { .. } => OperationKind::Refund,
            Self::Cancel { .. } => OperationKind::Cancellation,
        }
    }
}

/// A settlement, refund or cancellation to make.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) request_id: String,
    pub(crate) ask: Ask,
}

/// Reads fields and collects what is wrong with them.
struct Fields<'v> {
    object: &'v Map<String, Value>,
    violations: Vec<String>,
}

impl<'v> Fields<'v> {
    fn new(body: &'v Value) -> Result<Self, Refusal> {
        match body {
            Value::Object(object) => Ok(Self { object, violations: Vec::new() }),
            _ => Err(Refusal::Malformed("the body must be a JSON object".to_owned())),
        }
    }

    fn reject(&mut self, name: &str, what: &str) {
        self.violations.push(format!("{name} {what}"));
    }

    fn id(&mut self, name: &str) -> String {
        match self.object.get(name) {
            Some(Value::String(text)) if !text.is_empty() && text.len() <= ID_BYTES_MAX => {
                return text.clone();
            }
            Some(Value::String(_)) => self.reject(name, &format!("must have 1 to {ID_BYTES_MAX} bytes")),
            None | Some(Value::Null) => self.reject(name, "is missing"),
            Some(_) => self.reject(name, "must be a string"),
        }
        String::new()
    }

    fn optional_amount(&mut self, name: &str) -> Option<Decimal> {
        match self.object.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::Number(number)) => match amount::from_number(number) {
                Ok(amount) => return Some(amount),
                Err(what) => self.reject(name, &what),
            },
            Some(_) => self.reject(name, "must be a number"),
        }
        None
    }

    fn amount(&mut self, name: &str) -> Decimal {
        if matches!(self.object.get(name), None | Some(Value::Null)) {
            self.reject(name, "is missing");
        }
        self.optional_amount(name).unwrap_or_default()
    }

    /// The settings that are meant for the sandbox; all others are the merchant's own business.
    fn terms(&mut self, defaults: Terms) -> Terms {
        let mut terms = defaults;
        let settings = match self.object.get("merchantSettings") {
            None | Some(Value::Null) => return terms,
            Some(Value::Array(settings)) if settings.len() <= SETTINGS_PER_PAYMENT_MAX => settings,
            Some(_) => {
                self.reject(
                    "merchantSettings",
                    &format!("must be a list of at most {SETTINGS_PER_PAYMENT_MAX}"),
                );
                return terms;
            }
        };
        for setting in settings {
            let value = setting.get("value").and_then(Value::as_str).unwrap_or_default();
            let name = setting.get("name").and_then(Value::as_str).unwrap_or_default();
            let read = match name {
                "sandbox.settlements" => value.parse().map(|read| terms.settlements = read),
                "sandbox.cancellations" => value.parse().map(|read| terms.cancellations = read),
                "sandbox.replays" => value.parse().map(|read| terms.replays = read),
                "sandbox.authorizations" => value.parse().map(|read| terms.authorizations = read),
                _ => Ok(()),
            };
            if let Err(what) = read {
                self.reject(&format!("merchantSettings {name}:"), &what);
            }
        }
        terms
    }

    fn finish(self) -> Result<(), Refusal> {
        if self.violations.is_empty() { Ok(()) } else { Err(Refusal::Malformed(self.violations.join("; "))) }
    }
}

/// Reads the body of `POST /payments`.
pub(crate) fn authorization(body: &Value, defaults: Terms) -> Result<Authorization, Refusal> {
    let mut fields = Fields::new(body)?;
    let currency = fields.id("currency");
    if amount::exponent(&currency).is_none() && !currency.is_empty() {
        fields.reject("currency", &format!("'{currency}' is no ISO 4217 code"));
    }
    let card = body.get("card").and_then(|card| card.get("number")).and_then(Value::as_str);
    let terms = fields.terms(defaults);
    let authorization = Authorization {
        payment_id: fields.id("paymentId"),
        currency,
        value: fields.amount("value"),
        terms,
        card_denied: card == Some(CARD_DENIED) || terms.authorizations == Authorizations::Denied,
    };
    fields.finish()?;
    Ok(authorization)
}

/// Reads the body of a settlement, refund or cancellation of the payment that the path names.
pub(crate) fn operation(kind: OperationKind, payment_id: &str, body: &Value) -> Result<Operation, Refusal> {
    let mut fields = Fields::new(body)?;
    match body.get("paymentId") {
        None | Some(Value::Null) => {}
        Some(Value::String(same)) if same == payment_id => {}
        Some(_) => fields.reject("paymentId", "is not the one of the path"),
    }
    let request_id = fields.id("requestId");
    let ask = match kind {
        OperationKind::Settlement => Ask::Settle { value: fields.amount("value") },
        OperationKind::Refund => {
            Ask::Refund { settle_id: fields.id("settleId"), value: fields.amount("value") }
        }
        OperationKind::Cancellation => Ask::Cancel { value: fields.optional_amount("value") },
    };
    fields.finish()?;
    Ok(Operation { request_id, ask })
}
