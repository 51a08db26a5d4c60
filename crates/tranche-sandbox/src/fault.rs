//! Faults on request: what goes wrong, for which calls, how often.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::amount::optional_text;
use crate::bounds::{FAULT_DELAY_MS_DEFAULT, FAULT_DELAY_MS_MAX, FAULT_RULES_MAX, PENDING_CALLS_DEFAULT};
use crate::protocol::OperationKind;

/// What goes wrong.
///
/// Faults about a booking hit a request only when it would be booked: a replay of a request that was booked before is
/// answered as usual, and so is one that an honest provider refuses.
///
/// In JSON the name alone (`"forget"`) or an object with the name and its details (`{"latency_ms": 200}`,
/// `{"settle_less": {"less_by": "0.05"}}`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Books, then drops the connection without an answer.
    LoseAnswerAfterBooking,
    /// Does not book, holds the call, drops the connection; every later attempt of the same request is refused with 400.
    TimeoutThenRefuse {
        /// How long the call is held, in milliseconds.
        #[serde(default = "delay_ms_default")]
        delay_ms: u64,
    },
    /// Settles less than asked, but not less than 0, and answers so.
    SettleLess {
        /// How much less, in major units; one minor unit of the currency when absent.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        less_by: Option<Decimal>,
    },
    /// Settles more than asked, even beyond the authorization, and answers so.
    SettleMore {
        /// How much more, in major units; one minor unit of the currency when absent.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        more_by: Option<Decimal>,
    },
    /// Books a settlement twice, even beyond the authorization, and answers once.
    SettleTwice,
    /// Answers success with an id and books nothing.
    Forget,
    /// Gives this answer, to replays too, and books nothing.
    Answer {
        /// HTTP status, 200 to 599.
        status: u16,
        /// The body: a string is sent as it is, anything else as JSON.
        body: Value,
    },
    /// Answers success with a null id: ask again.
    Pending {
        /// So many times for each request; as long as the rule lasts when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calls: Option<u32>,
    },
    /// Behaves, and answers so many milliseconds late.
    LatencyMs(u64),
}

fn delay_ms_default() -> u64 {
    FAULT_DELAY_MS_DEFAULT
}

/// Why a fault or a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error(
        "there is no fault '{0}'; there are lose-answer, timeout-then-refuse, settle-less, settle-more, settle-twice, \
         forget, pending and latency-ms=N"
    )]
    UnknownName(String),
    /// A rule cannot be; says why.
    #[error("{0}")]
    Invalid(String),
    /// There would be more rules than the sandbox keeps.
    #[error("there can be at most {0} rules")]
    TooMany(usize),
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads a name such as `settle-less` or `settle_less`, or `latency-ms=200`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let unknown = || FaultError::UnknownName(text.to_owned());
        let name = text.replace('_', "-");
        match name.as_str() {
            "lose-answer" | "lose-answer-after-booking" => Ok(Self::LoseAnswerAfterBooking),
            "timeout-then-refuse" => Ok(Self::TimeoutThenRefuse { delay_ms: FAULT_DELAY_MS_DEFAULT }),
            "settle-less" => Ok(Self::SettleLess { less_by: None }),
            "settle-more" => Ok(Self::SettleMore { more_by: None }),
            "settle-twice" => Ok(Self::SettleTwice),
            "forget" => Ok(Self::Forget),
            "pending" => Ok(Self::Pending { calls: Some(PENDING_CALLS_DEFAULT) }),
            other => {
                let latency_ms = other.strip_prefix("latency-ms=").ok_or_else(unknown)?;
                let fault = Self::LatencyMs(latency_ms.parse().map_err(|_| unknown())?);
                fault.check().map_err(FaultError::Invalid)?;
                Ok(fault)
            }
        }
    }
}

impl Fault {
    fn check(&self) -> Result<(), String> {
        match self {
            Self::TimeoutThenRefuse { delay_ms } | Self::LatencyMs(delay_ms)
                if *delay_ms > FAULT_DELAY_MS_MAX =>
            {
                Err(format!("a delay is at most {FAULT_DELAY_MS_MAX} milliseconds"))
            }
            Self::SettleLess { less_by: Some(less_by) } if *less_by <= Decimal::ZERO => {
                Err("less_by must be above 0".to_owned())
            }
            Self::SettleMore { more_by: Some(more_by) } if *more_by <= Decimal::ZERO => {
                Err("more_by must be above 0".to_owned())
            }
            Self::Answer { status, .. } if !(200..=599).contains(status) => {
                Err("status must be 200 to 599".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Whether the fault can only happen where something is booked.
    fn needs_booking(&self) -> bool {
        !matches!(self, Self::Answer { .. } | Self::LatencyMs(_))
    }

    fn can_hit(&self, kind: OperationKind) -> bool {
        kind == OperationKind::Settlement
            || !matches!(self, Self::SettleLess { .. } | Self::SettleMore { .. } | Self::SettleTwice)
    }
}

/// A fault and the calls that it hits. The first rule that fits a call wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRule {
    /// The payment; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// The kind of call; any that the fault can hit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OperationKind>,
    /// How often; forever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What goes wrong.
    #[serde(deserialize_with = "name_or_object")]
    pub fault: Fault,
}

fn name_or_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fault, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(name) => name.parse().map_err(de::Error::custom),
        object => Fault::deserialize(object).map_err(de::Error::custom),
    }
}

impl FaultRule {
    /// Whether the rule can ever do something.
    fn check(&self) -> Result<(), String> {
        self.fault.check()?;
        match self.kind {
            Some(kind) if !self.fault.can_hit(kind) => Err("this fault hits settlements only".to_owned()),
            _ if self.times == Some(0) => Err("times must be above 0".to_owned()),
            _ => Ok(()),
        }
    }

    fn fits(&self, payment_id: &str, kind: OperationKind, books: bool) -> bool {
        self.payment_id.as_deref().is_none_or(|of| of == payment_id)
            && self.kind.is_none_or(|of| of == kind)
            && self.fault.can_hit(kind)
            && (books || !self.fault.needs_booking())
    }
}

/// The rules that stand.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
    /// The configured fault, looked at last.
    configured: Option<FaultRule>,
}

/// Which rule a fault came from; absent for the configured one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source(Option<usize>);

impl Faults {
    pub(crate) fn configured(fault: Option<Fault>) -> Self {
        let rule = |fault| FaultRule { payment_id: None, kind: None, times: None, fault };
        Self { rules: Vec::new(), configured: fault.map(rule) }
    }

    /// Adds rules behind the ones that stand: all of them or none.
    pub(crate) fn add(&mut self, rules: Vec<FaultRule>) -> Result<(), FaultError> {
        for (index, rule) in rules.iter().enumerate() {
            rule.check().map_err(|what| FaultError::Invalid(format!("rule {index}: {what}")))?;
        }
        if self.rules.len() + rules.len() > FAULT_RULES_MAX {
            return Err(FaultError::TooMany(FAULT_RULES_MAX));
        }
        self.rules.extend(rules);
        Ok(())
    }

    /// Takes all rules away, the configured one too.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The rules that stand, in the order in which they are looked at, with what is left of their `times`.
    pub(crate) fn rules(&self) -> Vec<FaultRule> {
        self.rules.iter().chain(&self.configured).cloned().collect()
    }

    /// The fault that hits a call. `books` says whether the call would be booked.
    pub(crate) fn find(&self, payment_id: &str, kind: OperationKind, books: bool) -> Option<(Source, Fault)> {
        let found = self.rules.iter().position(|rule| rule.fits(payment_id, kind, books));
        let rule = match found {
            Some(index) => self.rules.get(index),
            None => self.configured.as_ref().filter(|rule| rule.fits(payment_id, kind, books)),
        };
        rule.map(|rule| (Source(found), rule.fault.clone()))
    }

    /// Counts that a fault happened, and takes its rule away after the last time.
    pub(crate) fn spend(&mut self, source: Source) {
        let Some(index) = source.0 else { return };
        let Some(times) = self.rules.get_mut(index).and_then(|rule| rule.times.as_mut()) else {
            return;
        };
        *times = times.saturating_sub(1);
        if *times == 0 {
            self.rules.remove(index);
        }
    }
}
