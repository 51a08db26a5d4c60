//! Connectors and what their providers can do.

mod capabilities;

use std::collections::BTreeMap;

use tranche_connectors::{KIND_PPP, Settings, parse, withdrawn};
use tranche_core::bounds::SETTINGS_PER_CONNECTOR_MAX;
use tranche_core::command::{ConnectorConfiguration, WriteConnector};
use tranche_core::connector::Connector;
use tranche_core::content::Content;
use tranche_core::decide::etag;
use tranche_core::id::{AccountId, ConnectorId, RequestId};
use tranche_proto::v1 as pb;

use self::capabilities::{PPP, check_together, parse_minimum_amounts};
use super::account::parse_etag;
use super::content::Parts;
use super::page::{Page, Query};
use super::payment::{mode, parse_mode};
use super::time::timestamp;
use super::{Unacceptable, Violations};

/// The connector as a message.
pub(crate) fn connector(connector: &Connector) -> pb::Connector {
    pb::Connector {
        connector_id: connector.connector_id.to_string(),
        kind: connector.kind.clone(),
        settings: connector.settings.clone(),
        default_mode: mode(connector.default_mode).into(),
        capabilities: Some(capabilities::message(&connector.capabilities, &connector.minimum_amounts)),
        manifest_json: connector.manifest.clone(),
        warnings: capabilities::warnings(&connector.capabilities),
        etag: etag(connector.version),
        create_time: Some(timestamp(connector.create_time)),
        update_time: Some(timestamp(connector.update_time)),
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
    let settings = request.settings.clone();
    let parsed = if request.kind.is_empty() {
        violations.add("kind", format!("is required, such as {KIND_PPP}"));
        None
    } else {
        parse_settings(&mut violations, &request.kind, &settings)
    };
    let default_mode = parse_mode(&mut violations, "default_mode", request.default_mode);
    let given = request.capabilities.clone().unwrap_or_default();
    let capabilities = capabilities::parse(&mut violations, &given, &PPP);
    let modes = (default_mode, default_mode);
    check_together(&mut violations, modes, &capabilities, &request.kind, &settings);
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
                capabilities,
                minimum_amounts: minimum_amounts?,
                manifest: String::new(),
            },
        };
        Some((command, parsed?))
    };
    let command = build();
    violations.finish(command)
}

/// What an update is recognised by if it was accepted before, whatever the connector has become since; `None` if nothing
/// can be. It changes nothing.
pub(crate) fn repeated(before: &Connector, request: &pb::UpdateConnectorRequest) -> Option<WriteConnector> {
    let given = request.capabilities.clone().unwrap_or_default();
    Some(WriteConnector {
        account_id: before.account_id.clone(),
        connector_id: before.connector_id.clone(),
        request_id: Some(RequestId::parse(&request.request_id).ok()?),
        content: content(&request.settings, request.default_mode, &given),
        etag: None,
        configuration: ConnectorConfiguration {
            kind: before.kind.clone(),
            settings: before.settings.clone(),
            default_mode: before.default_mode,
            capabilities: before.capabilities,
            minimum_amounts: before.minimum_amounts.clone(),
            manifest: before.manifest.clone(),
        },
    })
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
    let capabilities = capabilities::parse(&mut violations, &given, &before.capabilities);
    let modes = (default_mode, default_mode.or(before.default_mode));
    check_together(&mut violations, modes, &capabilities, &before.kind, &settings);
    if !capabilities.partial_cancellation {
        for violation in withdrawn(&before.kind, &before.settings, &settings) {
            violations.add(violation.field, violation.description);
        }
    }
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
                capabilities,
                minimum_amounts: minimum_amounts?,
                manifest: before.manifest.clone(),
            },
        };
        Some((command, parsed?))
    };
    let command = build();
    violations.finish(command)
}

/// What a repeat is compared by: as given, since what a default means may differ tomorrow.
fn content(
    settings: &BTreeMap<String, String>,
    default_mode: i32,
    given: &pb::ConnectorCapabilities,
) -> Content {
    let settings = settings.iter().fold(Parts::default(), |parts, (key, value)| parts.with(key).with(value));
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
        .with_optional(given.authorization_lifetime.map(time))
        .with_optional(given.query);
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
