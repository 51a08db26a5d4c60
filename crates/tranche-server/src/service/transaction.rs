//! Transactions, and what is asked of providers for them.

use tonic::{Request, Response, Status};
use tranche_core::command::Command;
use tranche_core::id::{AccountId, OperationId, TransactionId};
use tranche_core::operation::Operation;
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::rejection::Rejection;
use tranche_proto::v1::transaction_service_server::TransactionService;
use tranche_proto::v1::{
    AddPaymentRequest, AddPaymentResponse, CreateTransactionRequest, CreateTransactionResponse,
    GetOperationRequest, GetOperationResponse, GetTransactionRequest, GetTransactionResponse,
    ListInteractionsRequest, ListInteractionsResponse, ListOperationsRequest, ListOperationsResponse,
};
use tranche_store::PagePoint;

use super::{Edge, not_found, open};
use crate::status::Refusal;
use crate::wire::{operation, transaction};

impl Edge {
    async fn transaction(
        &self,
        account_id: &AccountId,
        id: &TransactionId,
    ) -> Result<(Order, Vec<Payment>), Refusal> {
        let found = self.store.transaction(account_id, id).await?;
        found.ok_or_else(|| not_found(Rejection::TransactionNotFound(id.clone())))
    }

    async fn operation(
        &self,
        account_id: &AccountId,
        id: &OperationId,
    ) -> Result<(Order, Payment, Operation), Refusal> {
        let found = self.store.operation(account_id, id).await?;
        found.ok_or_else(|| not_found(Rejection::OperationNotFound(id.clone())))
    }
}

#[tonic::async_trait]
impl TransactionService for Edge {
    async fn create_transaction(
        &self,
        request: Request<CreateTransactionRequest>,
    ) -> Result<Response<CreateTransactionResponse>, Status> {
        let (account_id, request) = open(request);
        let command = transaction::create(&account_id, &request)?;
        Ok(Response::new(self.answer(Command::CreateTransaction(command)).await?))
    }

    async fn get_transaction(
        &self,
        request: Request<GetTransactionRequest>,
    ) -> Result<Response<GetTransactionResponse>, Status> {
        let (account_id, request) = open(request);
        let id = transaction::id(&request.transaction_id)?;
        let (order, payments) = self.transaction(&account_id, &id).await?;
        let transaction = transaction::transaction(&order, &payments);
        Ok(Response::new(GetTransactionResponse { transaction }))
    }

    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<GetOperationResponse>, Status> {
        let (account_id, request) = open(request);
        let id = operation::id(&request.operation_id)?;
        let (order, payment, row) = self.operation(&account_id, &id).await?;
        let operation = Some(operation::operation(&order, &payment.connector_id, &row));
        Ok(Response::new(GetOperationResponse { operation }))
    }

    async fn list_operations(
        &self,
        request: Request<ListOperationsRequest>,
    ) -> Result<Response<ListOperationsResponse>, Status> {
        let (account_id, request) = open(request);
        let (id, filter, page) = operation::list(&account_id, &request)?;
        let (order, payments) = self.transaction(&account_id, &id).await?;
        let after = page.after.as_ref();
        let rows =
            self.store.operations(&order.key, &filter, after, page.rows()).await.map_err(Refusal::from)?;
        // An operation without its payment cannot be: the database holds the one to the other.
        let rows: Vec<(&Payment, Operation)> = rows
            .into_iter()
            .filter_map(|row| {
                let payment = payments.iter().find(|payment| payment.payment_id == row.payment_id)?;
                Some((payment, row))
            })
            .collect();
        let message =
            |(payment, row): &(&Payment, Operation)| operation::operation(&order, &payment.connector_id, row);
        let (operations, next_page_token) = page.answer(&rows, message, |(_, row)| PagePoint {
            create_time: row.create_time,
            id: row.operation_id.to_string(),
        });
        Ok(Response::new(ListOperationsResponse { operations, next_page_token }))
    }

    async fn list_interactions(
        &self,
        request: Request<ListInteractionsRequest>,
    ) -> Result<Response<ListInteractionsResponse>, Status> {
        let (account_id, request) = open(request);
        let (id, page) = operation::list_interactions(&account_id, &request)?;
        self.operation(&account_id, &id).await?;
        // Attempts and callbacks count the interactions, so that a page's point is one of each.
        let after =
            page.after.as_ref().and_then(|point| operation::interaction_point(&point.id)).unwrap_or((0, 0));
        let rows =
            self.store.interactions(&account_id, &id, after, page.rows()).await.map_err(Refusal::from)?;
        let (interactions, next_page_token) = page.answer(&rows, operation::interaction, |row| PagePoint {
            create_time: row.create_time,
            id: format!("{}.{}", row.attempt, row.callback),
        });
        Ok(Response::new(ListInteractionsResponse { interactions, next_page_token }))
    }

    async fn add_payment(
        &self,
        request: Request<AddPaymentRequest>,
    ) -> Result<Response<AddPaymentResponse>, Status> {
        let (account_id, request) = open(request);
        let added = transaction::add_payment(&request)?;
        let key = self.order_of(&account_id, &added.transaction_id).await?;
        let command = Command::AddPayment(Box::new(added.to(key)));
        Ok(Response::new(self.answer(command).await?))
    }
}
