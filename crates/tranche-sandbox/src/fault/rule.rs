//! Which calls a fault hits, and how often.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::{Fault, FaultError};
use crate::bounds::FAULT_RULES_MAX;
use crate::protocol::CallKind;

/// A fault and the calls that it hits. The first rule that fits a call wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRule {
    /// The payment; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// The kind of call; when absent any that the fault can hit, but authorizations and callbacks only if it can hit
    /// nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CallKind>,
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
        if let Some(kind) = self.kind {
            self.fault.check_hits(kind)?;
        }
        if self.times == Some(0) { Err("times must be above 0".to_owned()) } else { Ok(()) }
    }

    fn fits(&self, payment_id: &str, kind: CallKind, books: bool) -> bool {
        self.payment_id.as_deref().is_none_or(|of| of == payment_id)
            && self
                .kind
                .map_or_else(|| self.fault.hits_unasked(kind), |of| of == kind && self.fault.can_hit(kind))
            && (books || !self.fault.needs_booking())
    }
}

/// The rules that stand.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
    /// The configured faults, looked at last.
    configured: Vec<FaultRule>,
}

/// Which rule a fault came from; absent for a configured one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source(Option<usize>);

impl Faults {
    pub(crate) fn configured(faults: &[(Option<CallKind>, Option<Fault>)]) -> Self {
        let rule = |(kind, fault): &(Option<CallKind>, Option<Fault>)| {
            let fault = fault.clone()?;
            Some(FaultRule { payment_id: None, kind: *kind, times: None, fault })
        };
        Self { rules: Vec::new(), configured: faults.iter().filter_map(rule).collect() }
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
    pub(crate) fn find(&self, payment_id: &str, kind: CallKind, books: bool) -> Option<(Source, Fault)> {
        let found = self.rules.iter().position(|rule| rule.fits(payment_id, kind, books));
        let rule = match found {
            Some(index) => self.rules.get(index),
            None => self.configured.iter().find(|rule| rule.fits(payment_id, kind, books)),
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
