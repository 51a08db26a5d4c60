//! The body of `POST /payments`.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::http::Uri;
use rust_decimal::Decimal;
use serde_json::Value;

use super::Fields;
use super::decision::{Decision, Verdict};
use crate::amount;
use crate::bounds::{
    CALLBACK_URL_BYTES_MAX, DECISION_DELAY_MS_MAX, DELAY_TO_AUTO_SETTLE_SECONDS_MAX,
    DELAY_TO_CANCEL_SECONDS_MAX, SETTINGS_PER_PAYMENT_MAX,
};
use crate::refusal::Refusal;
use crate::terms::Terms;

/// What the answer announces, in seconds. The sandbox itself neither settles nor cancels by these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delays {
    pub(crate) auto_settle: u32,
    pub(crate) auto_settle_after_antifraud: u32,
    pub(crate) cancel: u32,
}

impl Default for Delays {
    /// The longest of each.
    fn default() -> Self {
        Self {
            auto_settle: DELAY_TO_AUTO_SETTLE_SECONDS_MAX,
            auto_settle_after_antifraud: DELAY_TO_AUTO_SETTLE_SECONDS_MAX,
            cancel: DELAY_TO_CANCEL_SECONDS_MAX,
        }
    }
}

/// A payment to authorize.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    pub(crate) payment_id: String,
    pub(crate) currency: String,
    pub(crate) value: Decimal,
    pub(crate) terms: Terms,
    pub(crate) decision: Decision,
    /// What the value may rise to; not below the value.
    pub(crate) max_value: Option<Decimal>,
    pub(crate) delays: Delays,
    /// How long a payment that decides by itself is undefined; as configured when absent.
    pub(crate) decides_after_ms: Option<u64>,
    /// Exactly as it was received.
    pub(crate) callback_url: Option<String>,
}

impl Authorization {
    /// Whether both ask for the same payment. Where the caller wants to be called back is no part of that.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.payment_id == other.payment_id
            && self.currency == other.currency
            && self.value == other.value
            && self.terms == other.terms
            && self.decision == other.decision
            && self.max_value == other.max_value
            && self.delays == other.delays
    }
}

/// Reads the body of `POST /payments`.
///
/// A body with a `callbackUrl` is a gateway's and has every field that the protocol requires; one without may be as
/// short as somebody at a terminal types it.
pub(crate) fn authorization(body: &Value, defaults: Terms) -> Result<Authorization, Refusal> {
    let mut fields = Fields::new(body)?;
    let currency = fields.id("currency");
    if amount::exponent(&currency).is_none() && !currency.is_empty() {
        fields.reject("currency", &format!("'{currency}' is no ISO 4217 code"));
    }
    let callback_url = fields.callback_url();
    if callback_url.is_some() {
        fields.expect_gateway();
    }
    let by_instrument = fields.decision_by_instrument();
    let mut authorization = Authorization {
        payment_id: fields.id("paymentId"),
        currency,
        value: fields.amount("value"),
        terms: defaults,
        decision: by_instrument.unwrap_or(Decision::Now(Verdict::Approved)),
        max_value: None,
        delays: Delays::default(),
        decides_after_ms: None,
        callback_url,
    };
    fields.settings(&mut authorization);
    if authorization.max_value.is_some_and(|most| most < authorization.value) {
        fields.reject("merchantSettings sandbox.max_value:", "is below the value");
    }
    fields.finish()?;
    Ok(authorization)
}

impl Fields<'_> {
    fn callback_url(&mut self) -> Option<String> {
        let text = match self.object.get("callbackUrl") {
            None | Some(Value::Null) => return None,
            Some(Value::String(text)) => text,
            Some(_) => {
                self.reject("callbackUrl", "must be a string");
                return None;
            }
        };
        let is_url = text.parse::<Uri>().is_ok_and(|url| {
            matches!(url.scheme_str(), Some("http" | "https"))
                && url.host().is_some_and(|host| !host.is_empty())
        });
        if text.len() > CALLBACK_URL_BYTES_MAX {
            self.reject("callbackUrl", &format!("must have at most {CALLBACK_URL_BYTES_MAX} bytes"));
        } else if !is_url {
            self.reject("callbackUrl", "must be a URL of http or https");
        }
        Some(text.clone())
    }

    /// What the protocol requires of a gateway beside what the sandbox itself reads.
    fn expect_gateway(&mut self) {
        for name in ["transactionId", "orderId", "reference", "paymentMethod"] {
            self.id(name);
        }
        match self.object.get("returnUrl") {
            Some(Value::String(_)) => {}
            None | Some(Value::Null) => self.reject("returnUrl", "is missing"),
            Some(_) => self.reject("returnUrl", "must be a string"),
        }
        match self.object.get("miniCart") {
            Some(Value::Object(_)) => {}
            None | Some(Value::Null) => self.reject("miniCart", "is missing"),
            Some(_) => self.reject("miniCart", "must be an object"),
        }
        match self.object.get("installments") {
            None | Some(Value::Null) => {}
            Some(Value::Number(count)) if count.as_u64().is_some_and(|count| count > 0) => {}
            Some(_) => self.reject("installments", "must be an integer above 0"),
        }
    }

    /// The settings that are meant for the sandbox; all others are the merchant's own business.
    fn settings(&mut self, authorization: &mut Authorization) {
        let settings = match self.object.get("merchantSettings") {
            None | Some(Value::Null) => return,
            Some(Value::Array(settings)) if settings.len() <= SETTINGS_PER_PAYMENT_MAX => settings,
            Some(_) => {
                self.reject(
                    "merchantSettings",
                    &format!("must be a list of at most {SETTINGS_PER_PAYMENT_MAX}"),
                );
                return;
            }
        };
        for setting in settings {
            let text = |name: &str| setting.get(name).and_then(Value::as_str).unwrap_or_default();
            let (name, value) = (text("name"), text("value"));
            if let Err(what) = authorization.set(name, value) {
                self.reject(&format!("merchantSettings {name}:"), &what);
            }
        }
    }
}

impl Authorization {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "sandbox.settlements" => self.terms.settlements = value.parse()?,
            "sandbox.cancellations" => self.terms.cancellations = value.parse()?,
            "sandbox.replays" => self.terms.replays = value.parse()?,
            "sandbox.callbacks" => self.terms.callbacks = value.parse()?,
            "sandbox.authorizations" => self.decision = value.parse()?,
            "sandbox.decides_after_ms" => {
                self.decides_after_ms = Some(whole(value, &(0..=DECISION_DELAY_MS_MAX))?);
            }
            "sandbox.delay_to_cancel_seconds" => {
                self.delays.cancel = whole(value, &(1..=DELAY_TO_CANCEL_SECONDS_MAX))?;
            }
            "sandbox.delay_to_auto_settle_seconds" => {
                self.delays.auto_settle = whole(value, &(0..=DELAY_TO_AUTO_SETTLE_SECONDS_MAX))?;
            }
            "sandbox.delay_to_auto_settle_after_antifraud_seconds" => {
                self.delays.auto_settle_after_antifraud =
                    whole(value, &(0..=DELAY_TO_AUTO_SETTLE_SECONDS_MAX))?;
            }
            "sandbox.max_value" => {
                let most = amount::from_plain(value).map_err(|what| format!("'{value}' {what}"))?;
                self.max_value = Some(most);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Reads a whole number within its range.
fn whole<N: FromStr + PartialOrd + Display>(text: &str, range: &RangeInclusive<N>) -> Result<N, String> {
    let read = text.parse().ok().filter(|number| range.contains(number));
    read.ok_or_else(|| format!("'{text}' is no whole number from {} to {}", range.start(), range.end()))
}
