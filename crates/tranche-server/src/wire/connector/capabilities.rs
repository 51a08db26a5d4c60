//! What a connector's provider can do: as a message, out of a request, and what contradicts itself.
//!
//! What cannot work is refused when it is configured, not when money is due.

use std::collections::BTreeMap;
use std::time::Duration;

use tranche_connectors::contradictions;
use tranche_core::bounds::{AUTHORIZATION_LIFETIME_MAX, MINIMUM_AMOUNTS_MAX};
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::money::Money;
use tranche_core::payment::Mode;
use tranche_proto::v1 as pb;
use tranche_proto::v1::connector_capabilities::RemainderPolicy;

use crate::wire::money::{Least, money, parse_money};
use crate::wire::payment::partial_settlement;
use crate::wire::time::{duration, parse_duration};
use crate::wire::{Violations, enumeration};

/// What a provider of the Payment Provider Protocol can do unless its connector says otherwise.
pub(super) const PPP: Capabilities = Capabilities {
    partial_settlement: PartialSettlement::Multiple { max: None },
    remainder: Remainder::Kept,
    partial_cancellation: false,
    refunds: Refunds::Partial,
    replay_safe: true,
    replay_window: Duration::from_hours(24),
    authorization_lifetime: None,
};
/// Whether a provider of the Payment Provider Protocol can be asked what became of a request without repeating it: the
/// protocol has no call for that.
const PPP_QUERY: bool = false;
/// Longest replay window that a connector may state.
const REPLAY_WINDOW_MAX: Duration = Duration::from_hours(24 * 366);
/// The settlements of one authorization that a limit of several allows at least.
const SETTLEMENTS_MIN: u32 = 2;

/// What is allowed and likely to surprise, in sentences.
pub(super) fn warnings(capabilities: &Capabilities) -> Vec<String> {
    let settles_all_and_keeps_it = capabilities.partial_settlement == PartialSettlement::None
        && capabilities.refunds != Refunds::Partial;
    let warning = "The provider settles only all that is authorized and does not refund a part of it: what an order \
                   turns out not to need will wait for a person.";
    settles_all_and_keeps_it.then(|| warning.to_owned()).into_iter().collect()
}

/// What the provider can do, as a message.
pub(super) fn message(capabilities: &Capabilities, minimum_amounts: &[Money]) -> pb::ConnectorCapabilities {
    let settlements_max = match capabilities.partial_settlement {
        PartialSettlement::None | PartialSettlement::Once => 1,
        PartialSettlement::Multiple { max } => max.map_or(0, |max| i32::try_from(max).unwrap_or(i32::MAX)),
    };
    let remainder = match capabilities.remainder {
        Remainder::Kept => RemainderPolicy::Kept,
        Remainder::Released => RemainderPolicy::Released,
    };
    pb::ConnectorCapabilities {
        partial_settlement: partial_settlement(capabilities.partial_settlement).into(),
        max_settlements: Some(settlements_max),
        remainder: remainder.into(),
        partial_cancellation: Some(capabilities.partial_cancellation),
        refunds: Some(capabilities.refunds != Refunds::None),
        partial_refunds: Some(capabilities.refunds == Refunds::Partial),
        replay_safe: Some(capabilities.replay_safe),
        replay_window: capabilities.replay_safe.then(|| duration(capabilities.replay_window)),
        minimum_amounts: minimum_amounts.iter().copied().map(money).collect(),
        authorization_lifetime: Some(duration(capabilities.authorization_lifetime.unwrap_or_default())),
        query: Some(PPP_QUERY),
    }
}

/// What the provider can do: what is given, and `default` for the rest, and for what is wrong, so that all else can be judged.
pub(super) fn parse(
    violations: &mut Violations,
    given: &pb::ConnectorCapabilities,
    default: &Capabilities,
) -> Capabilities {
    let partial_settlement = parse_partial_settlement(violations, given, default.partial_settlement);
    let remainder = match enumeration(violations, "capabilities.remainder", given.remainder) {
        Some(RemainderPolicy::Kept) => Remainder::Kept,
        Some(RemainderPolicy::Released) => Remainder::Released,
        Some(RemainderPolicy::Unspecified) | None => default.remainder,
    };
    let refunds = parse_refunds(violations, given, default.refunds);
    if given.query.is_some_and(|query| query != PPP_QUERY) {
        let description = "is true, and the Payment Provider Protocol has no call that asks what became of a request: \
                           leave it out; within the replay window a repeat asks, and after it ResolveOperation says";
        violations.add("capabilities.query", description);
    }
    let replay_safe = given.replay_safe.unwrap_or(default.replay_safe);
    let replay_window = match given.replay_window {
        None => None,
        Some(_) if !replay_safe => {
            violations
                .add("capabilities.replay_window", "means nothing while replay_safe is false; leave it out");
            None
        }
        Some(window) => parse_duration(violations, "capabilities.replay_window", window, REPLAY_WINDOW_MAX),
    };
    let authorization_lifetime = match given.authorization_lifetime {
        None => default.authorization_lifetime,
        Some(prost_types::Duration { seconds: 0, nanos: 0 }) => None,
        Some(life) => {
            let field = "capabilities.authorization_lifetime";
            parse_duration(violations, field, life, AUTHORIZATION_LIFETIME_MAX)
        }
    };
    Capabilities {
        partial_settlement,
        remainder,
        partial_cancellation: given.partial_cancellation.unwrap_or(default.partial_cancellation),
        refunds,
        replay_safe,
        replay_window: replay_window.unwrap_or(default.replay_window),
        authorization_lifetime,
    }
}

/// The smallest settlements, one of a currency, in the order of their codes.
pub(super) fn parse_minimum_amounts(violations: &mut Violations, given: &[pb::Money]) -> Option<Vec<Money>> {
    if !violations.is_bounded("capabilities.minimum_amounts", given.len(), MINIMUM_AMOUNTS_MAX) {
        return None;
    }
    let mut minimums = BTreeMap::new();
    for (index, minimum) in given.iter().enumerate() {
        let path = format!("capabilities.minimum_amounts[{index}]");
        let minimum = parse_money(violations, &path, Some(minimum), None, Least::OneMinorUnit);
        let Some(minimum) = minimum else { continue };
        if minimums.insert(minimum.currency.code(), minimum).is_some() {
            let code = minimum.currency.code();
            violations.add(format!("{path}.currency_code"), format!("names {code} again; name it once"));
        }
    }
    Some(minimums.into_values().collect())
}

fn parse_partial_settlement(
    violations: &mut Violations,
    given: &pb::ConnectorCapabilities,
    default: PartialSettlement,
) -> PartialSettlement {
    let field = "capabilities.partial_settlement";
    let kind = match enumeration(violations, field, given.partial_settlement) {
        Some(pb::PartialSettlement::Unspecified) | None => default,
        Some(pb::PartialSettlement::None) => PartialSettlement::None,
        Some(pb::PartialSettlement::Once) => PartialSettlement::Once,
        Some(pb::PartialSettlement::Multiple) => match default {
            PartialSettlement::Multiple { .. } => default,
            PartialSettlement::None | PartialSettlement::Once => PartialSettlement::Multiple { max: None },
        },
    };
    let Some(number) = given.max_settlements else {
        return kind;
    };
    let max = u32::try_from(number).ok();
    match (kind, max) {
        (PartialSettlement::Multiple { .. }, Some(0)) => PartialSettlement::Multiple { max: None },
        (PartialSettlement::Multiple { .. }, Some(SETTLEMENTS_MIN..)) => PartialSettlement::Multiple { max },
        (PartialSettlement::None | PartialSettlement::Once, Some(1)) => kind,
        (PartialSettlement::Multiple { .. }, _) => {
            let description = format!(
                "is {number}; where the provider settles several times it is 0, for no limit, or at least \
                 {SETTLEMENTS_MIN}"
            );
            violations.add("capabilities.max_settlements", description);
            kind
        }
        (PartialSettlement::None | PartialSettlement::Once, _) => {
            let description = format!("is {number}; a provider that settles once has 1, or leave it out");
            violations.add("capabilities.max_settlements", description);
            kind
        }
    }
}

fn parse_refunds(
    violations: &mut Violations,
    given: &pb::ConnectorCapabilities,
    default: Refunds,
) -> Refunds {
    let refunds = given.refunds.unwrap_or(default != Refunds::None);
    match (refunds, given.partial_refunds) {
        (false, Some(true)) => {
            violations.add(
                "capabilities.partial_refunds",
                "is true while refunds is false; a provider that refunds a part of a settlement refunds: set refunds to \
                 true, or leave this out",
            );
            Refunds::None
        }
        (false, _) => Refunds::None,
        (true, partial) if partial.unwrap_or(default == Refunds::Partial) => Refunds::Partial,
        (true, _) => Refunds::Full,
    }
}

/// Names what a connector cannot be at once, be it by the request or by what it was before.
///
/// `mode_given` is the default mode that the request names, `default_mode` the one that results.
pub(super) fn check_together(
    violations: &mut Violations,
    (mode_given, default_mode): (Option<Mode>, Option<Mode>),
    capabilities: &Capabilities,
    kind: &str,
    settings: &BTreeMap<String, String>,
) {
    if !capabilities.may_default_to(default_mode) {
        let name = partial_settlement(capabilities.partial_settlement);
        let name = name.as_str_name().trim_start_matches("PARTIAL_SETTLEMENT_");
        if mode_given.is_some() {
            let description = format!(
                "is PARTIAL, and the provider settles an authorization once: its partial_settlement is {name}; choose HOLD or \
                 TOTAL, or correct capabilities.partial_settlement"
            );
            violations.add("default_mode", description);
        } else {
            let description = format!(
                "is {name}, and the default mode is PARTIAL, which sends several settlements; set default_mode to HOLD or \
                 TOTAL in the same request"
            );
            violations.add("capabilities.partial_settlement", description);
        }
    }
    let is_endless = capabilities.partial_settlement == PartialSettlement::Multiple { max: None };
    if is_endless && capabilities.remainder == Remainder::Released {
        let description = "is RELEASED, and of settlements without a limit none is the last one, which would release the \
                           rest; set capabilities.max_settlements, or KEPT";
        violations.add("capabilities.remainder", description);
    }
    for violation in contradictions(kind, settings, capabilities) {
        violations.add(violation.field, violation.description);
    }
}
