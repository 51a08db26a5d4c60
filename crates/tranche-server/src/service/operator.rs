//! Operators: what waits for them, their acts, and the comparison with a provider's statement.

use std::collections::BTreeSet;

use tonic::{Request, Response, Status};
use tranche_core::command::Command;
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderKey};
use tranche_core::operation::Operation;
use tranche_core::reconciliation::reconcile;
use tranche_core::rejection::Rejection;
use tranche_core::time::Timestamp;
use tranche_proto::v1::operator_service_server::OperatorService;
use tranche_proto::v1::{
    AdoptMovementRequest, AdoptMovementResponse, ListStuckOperationsRequest, ListStuckOperationsResponse,
    ReconcileRequest, ReconcileResponse, ReconciledMovement, ReleaseRemainderRequest,
    ReleaseRemainderResponse, ResolveOperationRequest, ResolveOperationResponse, RetryOperationRequest,
    RetryOperationResponse,
};
use tranche_store::{Case, Placed};

use super::{Edge, not_found, open};
use crate::bounds::MISSING_THERE_MAX;
use crate::status::Refusal;
use crate::wire::operator::{self, reconciliation, stuck};
use crate::wire::transaction;

impl Edge {
    /// The order of an operation, which the command about it belongs to.
    async fn order_of_operation(
        &self,
        account_id: &AccountId,
        id: &OperationId,
    ) -> Result<OrderKey, Refusal> {
        let found = self.store.operation(account_id, id).await?;
        let (order, _, _) = found.ok_or_else(|| not_found(Rejection::OperationNotFound(id.clone())))?;
        Ok(order.key)
    }

    /// Our operations of a period that a statement does not name, and whether these are all.
    async fn missing_there(
        &self,
        account_id: &AccountId,
        connector_id: &ConnectorId,
        period: (Timestamp, Timestamp),
        named: &[Placed],
    ) -> Result<(Vec<ReconciledMovement>, bool), Refusal> {
        let known: BTreeSet<&OperationId> = named.iter().map(|(_, _, row)| &row.operation_id).collect();
        // As many as could all be named, and one more, which tells whether there are others.
        let limit = u64::try_from(known.len() + MISSING_THERE_MAX + 1).unwrap_or(u64::MAX);
        let rows = self.store.done_operations(account_id, connector_id, period, limit).await?;
        let is_complete = u64::try_from(rows.len()).is_ok_and(|found| found < limit);
        let missing = rows.iter().filter(|(_, _, row)| !known.contains(&row.operation_id));
        Ok((missing.map(reconciliation::missing_there).take(MISSING_THERE_MAX).collect(), is_complete))
    }
}

#[tonic::async_trait]
impl OperatorService for Edge {
    async fn list_stuck_operations(
        &self,
        request: Request<ListStuckOperationsRequest>,
    ) -> Result<Response<ListStuckOperationsResponse>, Status> {
        let (account_id, request) = open(request);
        let (filter, page) = stuck::list(&account_id, &request, self.clock.now())?;
        let after = page.after.as_ref();
        let cases = self.store.stuck(&account_id, &filter, after, page.rows()).await;
        let cases = cases.map_err(Refusal::from)?;
        let (stuck_operations, next_page_token) = page.answer(&cases, stuck::stuck, Case::point);
        Ok(Response::new(ListStuckOperationsResponse { stuck_operations, next_page_token }))
    }

    async fn retry_operation(
        &self,
        request: Request<RetryOperationRequest>,
    ) -> Result<Response<RetryOperationResponse>, Status> {
        let (account_id, request) = open(request);
        let retry = operator::retry(&request)?;
        let key = self.order_of_operation(&account_id, &retry.operation_id).await?;
        Ok(Response::new(self.answer(Command::RetryOperation(retry.of(key))).await?))
    }

    async fn resolve_operation(
        &self,
        request: Request<ResolveOperationRequest>,
    ) -> Result<Response<ResolveOperationResponse>, Status> {
        let (account_id, request) = open(request);
        let resolve = operator::resolve(&request)?;
        let key = self.order_of_operation(&account_id, &resolve.operation_id).await?;
        Ok(Response::new(self.answer(Command::ResolveOperation(resolve.of(key))).await?))
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

    async fn reconcile(
        &self,
        request: Request<ReconcileRequest>,
    ) -> Result<Response<ReconcileResponse>, Status> {
        let (account_id, request) = open(request);
        let statement = reconciliation::statement(&request)?;
        let connector = &statement.connector_id;
        let known = self.store.connector(&account_id, connector).await.map_err(Refusal::from)?;
        known.ok_or_else(|| not_found(Rejection::ConnectorNotFound(vec![connector.clone()])))?;
        let entries = &statement.entries;
        let authorizations: Vec<String> =
            entries.iter().filter_map(|entry| entry.provider_payment_id.clone()).collect();
        let payments = self.store.payments_by_provider(&account_id, connector, &authorizations).await;
        let payments = payments.map_err(Refusal::from)?;
        let ours: Vec<OperationId> = entries.iter().filter_map(|entry| entry.operation_id.clone()).collect();
        let theirs: Vec<String> = entries.iter().filter_map(|entry| entry.provider_id.clone()).collect();
        let values: Vec<i64> = entries.iter().map(|entry| entry.amount.minor).collect();
        let rows = self
            .store
            .compared_operations(&account_id, connector, (&ours, &theirs), &payments, &values)
            .await
            .map_err(Refusal::from)?;
        let operations: Vec<Operation> = rows.iter().map(|(_, _, row)| row.clone()).collect();
        let movements: Vec<_> = entries.iter().map(|entry| entry.movement(&payments)).collect();
        let findings = reconcile(&movements, &operations);
        let told = request.entries.iter().zip(entries).zip(&findings);
        let mut movements: Vec<ReconciledMovement> = told
            .map(|((entry, parsed), finding)| reconciliation::found(entry, parsed.amount, finding, &rows))
            .collect();
        let mut complete = true;
        if let Some(period) = statement.period {
            let (missing, is_complete) = self.missing_there(&account_id, connector, period, &rows).await?;
            movements.extend(missing);
            complete = is_complete;
        }
        Ok(Response::new(ReconcileResponse { movements, complete }))
    }

    async fn adopt_movement(
        &self,
        request: Request<AdoptMovementRequest>,
    ) -> Result<Response<AdoptMovementResponse>, Status> {
        let (account_id, request) = open(request);
        let adoption = operator::adopt(&request)?;
        let key = self.order_of(&account_id, &adoption.transaction_id).await?;
        Ok(Response::new(self.answer(Command::AdoptMovement(Box::new(adoption.of(key)))).await?))
    }
}
