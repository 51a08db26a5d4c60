//! Orders.

use tonic::{Request, Response, Status};
use tranche_core::command::Command;
use tranche_core::order::{Line, Order};
use tranche_proto::v1::order_service_server::OrderService;
use tranche_proto::v1::{
    CancelOrderRequest, CancelOrderResponse, ChangeOrderRequest, ChangeOrderResponse, CreateOrderRequest,
    CreateOrderResponse, ExplainOrderRequest, ExplainOrderResponse, GetOrderRequest, GetOrderResponse,
    ListChangesRequest, ListChangesResponse, ListOrdersRequest, ListOrdersResponse,
};
use tranche_store::PagePoint;

use super::{Edge, not_served, open};
use crate::status::Refusal;
use crate::wire::order;

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
        _: Request<ChangeOrderRequest>,
    ) -> Result<Response<ChangeOrderResponse>, Status> {
        Err(not_served("ChangeOrder"))
    }

    async fn list_changes(
        &self,
        _: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        Err(not_served("ListChanges"))
    }

    async fn cancel_order(
        &self,
        _: Request<CancelOrderRequest>,
    ) -> Result<Response<CancelOrderResponse>, Status> {
        Err(not_served("CancelOrder"))
    }

    async fn explain_order(
        &self,
        _: Request<ExplainOrderRequest>,
    ) -> Result<Response<ExplainOrderResponse>, Status> {
        Err(not_served("ExplainOrder"))
    }
}
