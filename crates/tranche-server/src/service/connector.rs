//! Connectors. Their providers' manifests are read before they are written, and never inside a transaction.

use tonic::{Request, Response, Status};
use tranche_connectors::Settings;
use tranche_core::command::{Command, WriteConnector};
use tranche_core::connector::Connector;
use tranche_core::decide::etag;
use tranche_core::decision::Reply;
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::rejection::Rejection;
use tranche_proto::v1::connector_service_server::ConnectorService;
use tranche_proto::v1::{
    CreateConnectorRequest, CreateConnectorResponse, GetConnectorRequest, GetConnectorResponse,
    ListConnectorsRequest, ListConnectorsResponse, UpdateConnectorRequest, UpdateConnectorResponse,
};
use tranche_store::PagePoint;

use super::{Edge, not_found, open};
use crate::bounds::CONNECTOR_UPDATE_ATTEMPTS_MAX;
use crate::engine::Failure;
use crate::status::Refusal;
use crate::wire::{connector, reply};

/// A version that no resource ever has; versions are numbers.
const NEVER_CURRENT: &str = "replay";

impl Edge {
    async fn connector(&self, account_id: &AccountId, id: &ConnectorId) -> Result<Connector, Refusal> {
        let found = self.store.connector(account_id, id).await?;
        found.ok_or_else(|| not_found(Rejection::ConnectorNotFound(vec![id.clone()])))
    }

    /// The reply to a command that was accepted before, so that a repeat does not need the provider.
    ///
    /// The command goes to the engine with a version that no connector ever has: whether it is a repeat is decided
    /// first, and one that is not comes back as a mismatch, with nothing written.
    async fn replayed(&self, command: &WriteConnector) -> Result<Option<Reply>, Refusal> {
        let probe = WriteConnector { etag: Some(NEVER_CURRENT.to_owned()), ..command.clone() };
        match self.decide(Command::WriteConnector(probe)).await {
            Ok(reply) => Ok(Some(reply)),
            Err(refusal) if is_mismatch(&refusal) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Reads the provider's manifest and writes the connector.
    async fn check_and_write(
        &self,
        mut command: WriteConnector,
        settings: &Settings,
    ) -> Result<Reply, Refusal> {
        let manifest = self.connectors.manifest(settings).await;
        command.configuration.manifest =
            manifest.map_err(|error| Refusal::Manifest(command.connector_id.clone(), error))?;
        self.decide(Command::WriteConnector(command)).await
    }

    /// Updates a connector from what it is now, and again if another writer was first, a bounded number of times.
    async fn update(
        &self,
        account_id: &AccountId,
        request: &UpdateConnectorRequest,
    ) -> Result<Reply, Refusal> {
        let id = connector::updated_id(request)?;
        let mut attempt = 1;
        loop {
            let before = self.connector(account_id, &id).await?;
            // First: what can be right of it depends on what the connector is now, and the first time counts.
            if let Some(repeat) = connector::repeated(&before, request)
                && let Some(reply) = self.replayed(&repeat).await?
            {
                return Ok(reply);
            }
            let (mut command, settings) = connector::update(&before, request)?;
            let is_pinned = command.etag.is_some();
            command.etag = command.etag.or_else(|| Some(etag(before.version)));
            match self.check_and_write(command, &settings).await {
                Err(refusal)
                    if is_mismatch(&refusal) && !is_pinned && attempt < CONNECTOR_UPDATE_ATTEMPTS_MAX =>
                {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }
}

fn is_mismatch(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Failed(Failure::Rejected(Rejection::EtagMismatch { .. }), _))
}

#[tonic::async_trait]
impl ConnectorService for Edge {
    async fn create_connector(
        &self,
        request: Request<CreateConnectorRequest>,
    ) -> Result<Response<CreateConnectorResponse>, Status> {
        let (account_id, request) = open(request);
        let (command, settings) = connector::create(&account_id, &request)?;
        let reply = match self.replayed(&command).await? {
            Some(reply) => reply,
            None => self.check_and_write(command, &settings).await?,
        };
        Ok(Response::new(reply::message(&reply)?))
    }

    async fn get_connector(
        &self,
        request: Request<GetConnectorRequest>,
    ) -> Result<Response<GetConnectorResponse>, Status> {
        let (account_id, request) = open(request);
        let id = connector::id(&request.connector_id)?;
        let row = self.connector(&account_id, &id).await?;
        let connector = Some(connector::connector(&row));
        Ok(Response::new(GetConnectorResponse { connector }))
    }

    async fn list_connectors(
        &self,
        request: Request<ListConnectorsRequest>,
    ) -> Result<Response<ListConnectorsResponse>, Status> {
        let (account_id, request) = open(request);
        let page = connector::list(&account_id, &request)?;
        let rows = self
            .store
            .connectors(&account_id, page.after.as_ref(), page.rows())
            .await
            .map_err(Refusal::from)?;
        let (connectors, next_page_token) = page.answer(&rows, connector::connector, |row| PagePoint {
            create_time: row.create_time,
            id: row.connector_id.to_string(),
        });
        Ok(Response::new(ListConnectorsResponse { connectors, next_page_token }))
    }

    async fn update_connector(
        &self,
        request: Request<UpdateConnectorRequest>,
    ) -> Result<Response<UpdateConnectorResponse>, Status> {
        let (account_id, request) = open(request);
        let reply = self.update(&account_id, &request).await?;
        Ok(Response::new(reply::message(&reply)?))
    }
}
