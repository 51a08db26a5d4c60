//! Operators; a later release serves all but the release of a remainder.

use tonic::{Request, Response, Status};
use tranche_core::command::Command;
use tranche_proto::v1::operator_service_server::OperatorService;
use tranche_proto::v1::{
    AdoptMovementRequest, AdoptMovementResponse, ListStuckOperationsRequest, ListStuckOperationsResponse,
    ReconcileRequest, ReconcileResponse, ReleaseRemainderRequest, ReleaseRemainderResponse,
    ResolveOperationRequest, ResolveOperationResponse, RetryOperationRequest, RetryOperationResponse,
};

use super::{Edge, not_served, open};
use crate::wire::transaction;

#[tonic::async_trait]
impl OperatorService for Edge {
    async fn list_stuck_operations(
        &self,
        _: Request<ListStuckOperationsRequest>,
    ) -> Result<Response<ListStuckOperationsResponse>, Status> {
        Err(not_served("ListStuckOperations"))
    }

    async fn retry_operation(
        &self,
        _: Request<RetryOperationRequest>,
    ) -> Result<Response<RetryOperationResponse>, Status> {
        Err(not_served("RetryOperation"))
    }

    async fn resolve_operation(
        &self,
        _: Request<ResolveOperationRequest>,
    ) -> Result<Response<ResolveOperationResponse>, Status> {
        Err(not_served("ResolveOperation"))
    }

    async fn release_remainder(
        &self,
        request: Request<ReleaseRemainderRequest>,
    ) -> Result<Response<ReleaseRemainderResponse>, Status> {
        let (account_id, request) = open(request);
        let release = transaction::release(&request)?;
        let key = self.order_of(&account_id, &release.transaction_id).await?;
        Ok(Response::new(self.answer(Command::ReleaseRemainder(release.of(key))).await?))
    }

    async fn reconcile(&self, _: Request<ReconcileRequest>) -> Result<Response<ReconcileResponse>, Status> {
        Err(not_served("Reconcile"))
    }

    async fn adopt_movement(
        &self,
        _: Request<AdoptMovementRequest>,
    ) -> Result<Response<AdoptMovementResponse>, Status> {
        Err(not_served("AdoptMovement"))
    }
}
