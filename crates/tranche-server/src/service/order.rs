//! Orders.

use tonic::{Request, Response, Status};
use tranche_core::change::Change;
use tranche_core::command::Command;
use tranche_core::explanation::explain;
use tranche_core::order::{Line, Order};
use tranche_core::rejection::Rejection;
use tranche_proto::v1::order_service_server::OrderService;
use tranche_proto::v1::{
    CancelOrderRequest, CancelOrderResponse, ChangeOrderRequest, ChangeOrderResponse, CreateOrderRequest,
    CreateOrderResponse, ExplainOrderRequest, ExplainOrderResponse, GetOrderRequest, GetOrderResponse,
    ListChangesRequest, ListChangesResponse, ListOrdersRequest, ListOrdersResponse,
};
use tranche_store::PagePoint;

use super::{Edge, not_found, open};
use crate::bounds::EXPLAINED_ACTS_MAX;
use crate::status::Refusal;
use crate::wire::{change, explanation, order};

#[tonic::async_trait]
impl OrderService for Edge {
    async fn create_order(
        &self,
        request: Request<CreateOrderRequest>,
    ) -> Result<Response<CreateOrderResponse>, Status> {
        let (account_id, request) = open(request);
        let command = order::create(&account_id, &request)?;
        Ok(Response::new(self.answer(Command::CreateOrder(command)).await?))
    }

    async fn get_order(
        &self,
        request: Request<GetOrderRequest>,
    ) -> Result<Response<GetOrderResponse>, Status> {
        let (account_id, request) = open(request);
        let key = order::key(&account_id, &request.order_id)?;
        let (row, lines) = self.order(&key).await?;
        let order = Some(order::order(&row, &lines));
        Ok(Response::new(GetOrderResponse { order }))
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let (account_id, request) = open(request);
        let (states, page) = order::list(&account_id, &request)?;
        let after = page.after.as_ref();
        let rows =
            self.store.orders(&account_id, &states, after, page.rows()).await.map_err(Refusal::from)?;
        let message = |(row, lines): &(Order, Vec<Line>)| order::order(row, lines);
        let (orders, next_page_token) = page.answer(&rows, message, |(row, _)| PagePoint {
            create_time: row.create_time,
            id: row.key.order_id.to_string(),
        });
        Ok(Response::new(ListOrdersResponse { orders, next_page_token }))
    }

    async fn change_order(
        &self,
        request: Request<ChangeOrderRequest>,
    ) -> Result<Response<ChangeOrderResponse>, Status> {
        let (account_id, request) = open(request);
        let command = change::parse(&account_id, &request)?;
        let mut answer: ChangeOrderResponse = self.answer(Command::ChangeOrder(Box::new(command))).await?;
        if request.validate_only {
            // Nothing was written, so that there is no time of it, and no version to go on from.
            if let Some(change) = answer.change.as_mut() {
                change.create_time = None;
            }
            if let Some(order) = answer.order.as_mut() {
                order.etag.clear();
            }
        }
        Ok(Response::new(answer))
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        let (account_id, request) = open(request);
        let (key, page) = change::list(&account_id, &request)?;
        let (order, _) = self.order(&key).await?;
        let rows = self.store.changes(&key, page.after.as_ref(), page.rows()).await.map_err(Refusal::from)?;
        let message = |row: &Change| change::change(&order, row);
        let (changes, next_page_token) = page.answer(&rows, message, |row| PagePoint {
            create_time: row.create_time,
            id: row.request_id.to_string(),
        });
        Ok(Response::new(ListChangesResponse { changes, next_page_token }))
    }

    async fn cancel_order(
        &self,
        request: Request<CancelOrderRequest>,
    ) -> Result<Response<CancelOrderResponse>, Status> {
        let (account_id, request) = open(request);
        let command = order::cancel(&account_id, &request)?;
        Ok(Response::new(self.answer(Command::CancelOrder(command)).await?))
    }

    async fn explain_order(
        &self,
        request: Request<ExplainOrderRequest>,
    ) -> Result<Response<ExplainOrderResponse>, Status> {
        let (account_id, request) = open(request);
        let key = order::key(&account_id, &request.order_id)?;
        let found = self.store.unsettled(&key).await.map_err(Refusal::from)?;
        let (order, payments, operations) =
            found.ok_or_else(|| not_found(Rejection::OrderNotFound(key.order_id.clone())))?;
        let (summary, parts) = explain(&order, &payments, &operations);
        let acts = self.store.acts(&key, EXPLAINED_ACTS_MAX).await.map_err(Refusal::from)?;
        Ok(Response::new(explanation::explanation(&order, &summary, &parts, &acts)))
    }
}
