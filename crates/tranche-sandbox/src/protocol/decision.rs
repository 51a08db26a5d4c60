//! What becomes of an authorization, and how its request says so.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fields;

/// The test cards that are not approved at once.
const CARDS: [(&str, Decision); 3] = [
    ("4444333322221112", Decision::Now(Verdict::Denied)),
    ("4222222222222224", Decision::Later(Some(Verdict::Approved))),
    ("4222222222222225", Decision::Later(Some(Verdict::Denied))),
];
/// What the payment methods and tokens of the sandbox's own begin with.
const OWN: &str = "sandbox-";

/// What becomes of an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The value is authorized.
    Approved,
    /// Nothing is.
    Denied,
}

/// When a payment is decided, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// With the first answer.
    Now(Verdict),
    /// It is approved when it is asked for a second time. Until then the payment is undefined.
    AtRepeat,
    /// Later, and by itself if the verdict is there. Until then the payment is undefined.
    Later(Option<Verdict>),
}

impl FromStr for Decision {
    type Err = String;

    /// Reads the value of the setting `sandbox.authorizations`, and what stands behind `sandbox-` in a payment method or
    /// a token; the error says which values there are.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().replace('-', "_").as_str() {
            "APPROVED" => Ok(Self::Now(Verdict::Approved)),
            "DENIED" => Ok(Self::Now(Verdict::Denied)),
            "UNDEFINED" => Ok(Self::Later(None)),
            "UNDEFINED_ONCE" => Ok(Self::AtRepeat),
            "UNDEFINED_APPROVED" => Ok(Self::Later(Some(Verdict::Approved))),
            "UNDEFINED_DENIED" => Ok(Self::Later(Some(Verdict::Denied))),
            _ => Err(format!(
                "'{text}' is none of APPROVED, DENIED, UNDEFINED, UNDEFINED_ONCE, UNDEFINED_APPROVED, UNDEFINED_DENIED"
            )),
        }
    }
}

impl Fields<'_> {
    /// What the payment method, the token or the card decides, the first of them that decides anything.
    pub(super) fn decision_by_instrument(&mut self) -> Option<Decision> {
        let object = self.object;
        let card = |name: &str| object.get("card").and_then(|card| card.get(name)).and_then(Value::as_str);
        let field = |name: &str| object.get(name).and_then(Value::as_str);
        let named = [
            ("paymentMethod", field("paymentMethod")),
            ("token", field("token")),
            ("card.token", card("token")),
            ("card.numberToken", card("numberToken")),
        ];
        for (name, text) in named {
            let Some(own) = text.and_then(|text| text.strip_prefix(OWN)) else { continue };
            match own.parse() {
                Ok(decision) => return Some(decision),
                Err(what) => self.reject(name, &what),
            }
        }
        CARDS.iter().find(|(number, _)| card("number") == Some(*number)).map(|(_, decision)| *decision)
    }
}
