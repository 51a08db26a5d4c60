//! Connectors and what their providers can do.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tranche_connectors::{KIND_PPP, Settings, parse};
use tranche_core::bounds::{AUTHORIZATION_LIFETIME_MAX, MINIMUM_AMOUNTS_MAX, SETTINGS_PER_CONNECTOR_MAX};
use tranche_core::command::{ConnectorConfiguration, WriteConnector};
use tranche_core::connector::{Capabilities, Connector, PartialSettlement, Refunds, Remainder};
use tranche_core::content::Content;
use tranche_core::decide::etag;
use tranche_core::id::{AccountId, ConnectorId, RequestId};
use tranche_core::money::Money;
use tranche_proto::v1 as pb;
use tranche_proto::v1::connector_capabilities::RemainderPolicy;

use super::account::parse_etag;
use super::content::Parts;
use super::money::{Least, money, parse_money};
use super::page::{Page, Query};
use super::payment::{mode, parse_mode, partial_settlement};
use super::time::{duration, parse_duration, timestamp};
use super::{Unacceptable, Violations, enumeration};

/// What a provider of the Payment Provider Protocol can do unless its connector says otherwise.
const PPP: Capabilities = Capabilities {
    partial_settlement: PartialSettlement::Multiple { max: None },
    remainder: Remainder::Kept,
    partial_cancellation: false,
    refunds: Refunds::Partial,
    replay_safe: true,
    replay_window: Duration::from_hours(24),
    authorization_lifetime: None,
};
/// Longest replay window that a connector may state.
const REPLAY_WINDOW_MAX: Duration = Duration::from_hours(24 * 366);
/// The settlements of one authorization that a limit of several allows at least.
const SETTLEMENTS_MIN: u32 = 2;

/// The connector as a message.
pub(crate) fn connector(connector: &Connector) -> pb::Connector {
    pb::Connector {
        connector_id: connector.connector_id.to_string(),
        kind: connector.kind.clone(),
        settings: connector.settings.clone().into_iter().collect(),
        default_mode: mode(connector.default_mode).into(),
        capabilities: Some(capabilities(&connector.capabilities, &connector.minimum_amounts)),
        manifest_json: connector.manifest.clone(),
        warnings: warnings(&connector.capabilities),
        etag: etag(connector.version),
        create_time: Some(timestamp(connector.create_time)),
        update_time: Some(timestamp(connector.update_time)),
    }
}

fn warnings(capabilities: &Capabilities) -> Vec<String> {
    let settles_all_and_keeps_it = capabilities.partial_settlement == PartialSettlement::None
        && capabilities.refunds != Refunds::Partial;
    let warning = "The provider settles only all that is authorized and does not refund a part of it: what an order \
                   turns out not to need will wait for a person.";
    settles_all_and_keeps_it.then(|| warning.to_owned()).into_iter().collect()
}

fn capabilities(capabilities: &Capabilities, minimum_amounts: &[Money]) -> pb::ConnectorCapabilities {
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
        replay_window: Some(duration(capabilities.replay_window)),
        minimum_amounts: minimum_amounts.iter().copied().map(money).collect(),
        authorization_lifetime: Some(duration(capabilities.authorization_lifetime.unwrap_or_default())),
    }
}

/// The connector that a request names.
pub(crate) fn id(connector_id: &str) -> Result<ConnectorId, Unacceptable> {
    let mut violations = Violations::default();
    let id = violations.id("connector_id", connector_id, ConnectorId::parse);
    violations.finish(id)
}

/// The page of a list of connectors.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListConnectorsRequest,
) -> Result<Page, Unacceptable> {
    let mut violations = Violations::default();
    let query = Query::new("connectors", account_id);
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    violations.finish(page)
}

/// The connector that an update names; what is wrong with the rest of the request is told together with it.
///
/// Settings and capabilities are looked at by [`update`]: what they must be depends on the connector.
pub(crate) fn updated_id(request: &pb::UpdateConnectorRequest) -> Result<ConnectorId, Unacceptable> {
    let mut violations = Violations::default();
    let id = violations.id("connector_id", &request.connector_id, ConnectorId::parse);
    if id.is_none() {
        violations.id("request_id", &request.request_id, RequestId::parse);
        parse_mode(&mut violations, "default_mode", request.default_mode);
        parse_etag(&mut violations, &request.etag);
    }
    violations.finish(id)
}

/// A new connector, whose manifest is still to be read, and the way to its provider.
pub(crate) fn create(
    account_id: &AccountId,
    request: &pb::CreateConnectorRequest,
) -> Result<(WriteConnector, Settings), Unacceptable> {
    let mut violations = Violations::default();
    let connector_id = violations.id("connector_id", &request.connector_id, ConnectorId::parse);
    let settings = sorted(&request.settings);
    let parsed = if request.kind.is_empty() {
        violations.add("kind", format!("is required, such as {KIND_PPP}"));
        None
    } else {
        parse_settings(&mut violations, &request.kind, &settings)
    };
    let default_mode = parse_mode(&mut violations, "default_mode", request.default_mode);
    let given = request.capabilities.clone().unwrap_or_default();
    let capabilities = parse_capabilities(&mut violations, &given, &PPP);
    let minimum_amounts = parse_minimum_amounts(&mut violations, &given.minimum_amounts);
    let content = content(&request.settings, request.default_mode, &given).with("kind", &request.kind);
    let build = || {
        let command = WriteConnector {
            account_id: account_id.clone(),
            connector_id: connector_id?,
            request_id: None,
            content,
            etag: None,
            configuration: ConnectorConfiguration {
                kind: request.kind.clone(),
                settings,
                default_mode,
                capabilities: capabilities?,
                minimum_amounts: minimum_amounts?,
                manifest: String::new(),
            },
        };
        Some((command, parsed?))
    };
    let command = build();
    violations.finish(command)
}

/// An update of a connector that is like `before` now, and the way to its provider.
pub(crate) fn update(
    before: &Connector,
    request: &pb::UpdateConnectorRequest,
) -> Result<(WriteConnector, Settings), Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let mut settings = before.settings.clone();
    for (key, value) in &request.settings {
        if value.is_empty() {
            settings.remove(key);
        } else {
            settings.insert(key.clone(), value.clone());
        }
    }
    let parsed = parse_settings(&mut violations, &before.kind, &settings);
    let default_mode = parse_mode(&mut violations, "default_mode", request.default_mode);
    let given = request.capabilities.clone().unwrap_or_default();
    let capabilities = parse_capabilities(&mut violations, &given, &before.capabilities);
    let minimum_amounts = if given.minimum_amounts.is_empty() {
        Some(before.minimum_amounts.clone())
    } else {
        parse_minimum_amounts(&mut violations, &given.minimum_amounts)
    };
    let etag = parse_etag(&mut violations, &request.etag);
    let content = content(&request.settings, request.default_mode, &given);
    let build = || {
        let command = WriteConnector {
            account_id: before.account_id.clone(),
            connector_id: before.connector_id.clone(),
            request_id: Some(request_id?),
            content,
            etag,
            configuration: ConnectorConfiguration {
                kind: before.kind.clone(),
                settings,
                default_mode: default_mode.or(before.default_mode),
                capabilities: capabilities?,
                minimum_amounts: minimum_amounts?,
                manifest: before.manifest.clone(),
            },
        };
        Some((command, parsed?))
    };
    let command = build();
    violations.finish(command)
}

fn sorted(settings: &HashMap<String, String>) -> BTreeMap<String, String> {
    settings.clone().into_iter().collect()
}

/// What a repeat is compared by: as given, since what a default means may differ tomorrow.
fn content(
    settings: &HashMap<String, String>,
    default_mode: i32,
    given: &pb::ConnectorCapabilities,
) -> Content {
    let settings = sorted(settings)
        .into_iter()
        .fold(Parts::default(), |parts, (key, value)| parts.with(key).with(value));
    let time = |time: prost_types::Duration| format!("{}.{}", time.seconds, time.nanos);
    let capabilities = Parts::default()
        .with(given.partial_settlement.to_string())
        .with_optional(given.max_settlements)
        .with(given.remainder.to_string())
        .with_optional(given.partial_cancellation)
        .with_optional(given.refunds)
        .with_optional(given.partial_refunds)
        .with_optional(given.replay_safe)
        .with_optional(given.replay_window.map(time))
        .with_optional(given.authorization_lifetime.map(time));
    // As they were given: an amount that is written otherwise is another request.
    let capabilities = given
        .minimum_amounts
        .iter()
        .fold(capabilities, |parts, minimum| parts.with(&minimum.currency_code).with(&minimum.amount));
    Content::default()
        .with("settings", settings.text())
        .with("default_mode", &default_mode.to_string())
        .with("capabilities", capabilities.text())
}

fn parse_settings(
    violations: &mut Violations,
    kind: &str,
    settings: &BTreeMap<String, String>,
) -> Option<Settings> {
    if !violations.is_bounded("settings", settings.len(), SETTINGS_PER_CONNECTOR_MAX) {
        return None;
    }
    let has_control = |text: &str| text.chars().any(char::is_control);
    if settings.iter().any(|(key, value)| has_control(key) || has_control(value)) {
        violations.add("settings", "has a control character in a name or a value");
        return None;
    }
    match parse(kind, settings) {
        Ok(parsed) => Some(parsed),
        Err(found) => {
            for violation in found {
                violations.add(violation.field, violation.description);
            }
            None
        }
    }
}

/// What the provider can do: what is given, and `default` for the rest.
fn parse_capabilities(
    violations: &mut Violations,
    given: &pb::ConnectorCapabilities,
    default: &Capabilities,
) -> Option<Capabilities> {
    let partial_settlement = parse_partial_settlement(violations, given, default.partial_settlement);
    let remainder = match enumeration(violations, "capabilities.remainder", given.remainder) {
        Some(RemainderPolicy::Kept) => Remainder::Kept,
        Some(RemainderPolicy::Released) => Remainder::Released,
        Some(RemainderPolicy::Unspecified) | None => default.remainder,
    };
    let refunds = parse_refunds(violations, given, default.refunds);
    let replay_safe = given.replay_safe.unwrap_or(default.replay_safe);
    let replay_window = match given.replay_window {
        None => Some(default.replay_window),
        Some(_) if !replay_safe => {
            violations
                .add("capabilities.replay_window", "means nothing while replay_safe is false; leave it out");
            None
        }
        Some(window) => parse_duration(violations, "capabilities.replay_window", window, REPLAY_WINDOW_MAX),
    };
    let authorization_lifetime = match given.authorization_lifetime {
        None => Some(default.authorization_lifetime),
        Some(prost_types::Duration { seconds: 0, nanos: 0 }) => Some(None),
        Some(life) => {
            let field = "capabilities.authorization_lifetime";
            parse_duration(violations, field, life, AUTHORIZATION_LIFETIME_MAX).map(Some)
        }
    };
    Some(Capabilities {
        partial_settlement: partial_settlement?,
        remainder,
        partial_cancellation: given.partial_cancellation.unwrap_or(default.partial_cancellation),
        refunds: refunds?,
        replay_safe,
        replay_window: replay_window?,
        authorization_lifetime: authorization_lifetime?,
    })
}

/// The smallest settlements, one of a currency, in the order of their codes.
fn parse_minimum_amounts(violations: &mut Violations, given: &[pb::Money]) -> Option<Vec<Money>> {
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
) -> Option<PartialSettlement> {
    let field = "capabilities.partial_settlement";
    let kind = match enumeration(violations, field, given.partial_settlement)? {
        pb::PartialSettlement::Unspecified => default,
        pb::PartialSettlement::None => PartialSettlement::None,
        pb::PartialSettlement::Once => PartialSettlement::Once,
        pb::PartialSettlement::Multiple => match default {
            PartialSettlement::Multiple { .. } => default,
            PartialSettlement::None | PartialSettlement::Once => PartialSettlement::Multiple { max: None },
        },
    };
    let Some(number) = given.max_settlements else {
        return Some(kind);
    };
    let max = u32::try_from(number).ok();
    match (kind, max) {
        (PartialSettlement::Multiple { .. }, Some(0)) => Some(PartialSettlement::Multiple { max: None }),
        (PartialSettlement::Multiple { .. }, Some(SETTLEMENTS_MIN..)) => {
            Some(PartialSettlement::Multiple { max })
        }
        (PartialSettlement::None | PartialSettlement::Once, Some(1)) => Some(kind),
        (PartialSettlement::Multiple { .. }, _) => {
            let description = format!(
                "is {number}; where the provider settles several times it is 0, for no limit, or at least \
                 {SETTLEMENTS_MIN}"
            );
            violations.add("capabilities.max_settlements", description);
            None
        }
        (PartialSettlement::None | PartialSettlement::Once, _) => {
            let description = format!("is {number}; a provider that settles once has 1, or leave it out");
            violations.add("capabilities.max_settlements", description);
            None
        }
    }
}

fn parse_refunds(
    violations: &mut Violations,
    given: &pb::ConnectorCapabilities,
    default: Refunds,
) -> Option<Refunds> {
    let refunds = given.refunds.unwrap_or(default != Refunds::None);
    match (refunds, given.partial_refunds) {
        (false, Some(true)) => {
            violations.add(
                "capabilities.partial_refunds",
                "is true while refunds is false; a provider that refunds a part of a settlement refunds",
            );
            None
        }
        (false, _) => Some(Refunds::None),
        (true, partial) if partial.unwrap_or(default == Refunds::Partial) => Some(Refunds::Partial),
        (true, _) => Some(Refunds::Full),
    }
}
