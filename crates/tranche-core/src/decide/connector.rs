//! Connectors.

use super::{check_etag, replay, replay_creation};
use crate::command::WriteConnector;
use crate::connector::Connector;
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::{Event, EventKind};
use crate::payment::Mode;
use crate::rejection::{RefusedMode, Rejection, Resource};
use crate::state::State;

/// Creates a connector, or writes it.
///
/// Checks: replay, existence, etag, and that its mode is one that the provider can do: PARTIAL on a connector that
/// cannot is refused here, not when money is due.
pub(super) fn write(
    state: &State,
    command: &WriteConnector,
    context: &Context,
) -> Result<Decision, Rejection> {
    let WriteConnector { account_id, connector_id, configuration, .. } = command;
    let key = command.request_key();
    let creates = command.request_id.is_none();
    let replayed = if creates {
        replay_creation(state, &key, &command.content, Resource::Connector, connector_id.as_str())
    } else {
        replay(state, &key, &command.content)
    };
    if let Some(decision) = replayed? {
        return Ok(decision);
    }
    let found = state.connectors.get(&(account_id.clone(), connector_id.clone()));
    let before = match (found, creates) {
        (Some(connector), false) => Some(connector),
        (None, true) => None,
        (None, false) => return Err(Rejection::ConnectorNotFound(vec![connector_id.clone()])),
        // Its key is no longer kept, so that nobody can tell whether it is the same.
        (Some(_), true) => {
            let id = connector_id.as_str().to_owned();
            return Err(Rejection::AlreadyExists {
                resource: Resource::Connector,
                id,
                differences: Vec::new(),
            });
        }
    };
    let version = before.map_or(0, |connector| connector.version);
    check_etag(command.etag.as_ref(), version)?;
    if !configuration.capabilities.may_default_to(configuration.default_mode) {
        let partial_settlement = configuration.capabilities.partial_settlement;
        let (connector_id, mode) = (connector_id.clone(), Mode::Partial);
        let refused = RefusedMode { connector_id, mode, partial_settlement };
        return Err(Rejection::ModeNotSupported(vec![refused]));
    }
    let connector = Connector {
        account_id: account_id.clone(),
        connector_id: connector_id.clone(),
        kind: configuration.kind.clone(),
        settings: configuration.settings.clone(),
        default_mode: configuration.default_mode,
        capabilities: configuration.capabilities,
        minimum_amounts: configuration.minimum_amounts.clone(),
        manifest: configuration.manifest.clone(),
        version: version + 1,
        create_time: before.map_or(context.now, |connector| connector.create_time),
        update_time: context.now,
    };
    let connector_id = connector_id.clone();
    let kind = match before {
        None => EventKind::ConnectorCreated { connector_id },
        Some(_) => EventKind::ConnectorUpdated { connector_id },
    };
    let event = Event { account_id: account_id.clone(), order_id: None, kind };
    let rows = Rows { connectors: vec![connector.clone()], events: vec![event], ..Rows::default() };
    let record = Some((key, command.content.clone()));
    Ok(Decision { rows, calls: Vec::new(), record, reply: Reply::Connector(connector) })
}
