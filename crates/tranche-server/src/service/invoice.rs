//! Invoices.

use tonic::{Request, Response, Status};
use tranche_core::command::Command;
use tranche_core::id::{InvoiceNumber, OrderKey};
use tranche_core::invoice::Invoice;
use tranche_core::operation::Operation;
use tranche_core::order::Order;
use tranche_core::rejection::Rejection;
use tranche_proto::v1::invoice_service_server::InvoiceService;
use tranche_proto::v1::{
    BatchNotifyInvoicesRequest, BatchNotifyInvoicesResponse, GetInvoiceRequest, GetInvoiceResponse,
    ListInvoicesRequest, ListInvoicesResponse, NotifyInvoiceRequest, NotifyInvoiceResponse,
    UpdateInvoiceTrackingRequest, UpdateInvoiceTrackingResponse, VoidInvoiceRequest, VoidInvoiceResponse,
};
use tranche_store::PagePoint;
use uuid::Builder;

use super::{Edge, not_found, not_served, open};
use crate::status::Refusal;
use crate::wire::invoice;

impl Edge {
    async fn invoice(
        &self,
        key: &OrderKey,
        number: &InvoiceNumber,
    ) -> Result<(Order, Invoice, Vec<Operation>), Refusal> {
        let found = self.store.invoice(key, number).await?;
        found.ok_or_else(|| not_found(Rejection::InvoiceNotFound(key.order_id.clone(), number.clone())))
    }

    /// An id for an acceptance; it sorts by time.
    fn receipt_id(&self) -> String {
        let millis = u64::try_from(self.clock.now().micros() / 1_000).unwrap_or(0);
        let id = Builder::from_unix_timestamp_millis(millis, &(self.entropy)()).into_uuid();
        format!("rcpt_{}", id.simple())
    }
}

#[tonic::async_trait]
impl InvoiceService for Edge {
    async fn notify_invoice(
        &self,
        request: Request<NotifyInvoiceRequest>,
    ) -> Result<Response<NotifyInvoiceResponse>, Status> {
        let (account_id, request) = open(request);
        let command = invoice::notify(&account_id, &request, self.receipt_id())?;
        let mut answer: NotifyInvoiceResponse =
            self.answer(Command::NotifyInvoice(Box::new(command))).await?;
        if let Some(receipt) = answer.receipt.as_mut().filter(|_| request.validate_only) {
            // Nothing was accepted, so that there is nothing to refer to.
            receipt.receipt_id.clear();
            receipt.create_time = None;
        }
        Ok(Response::new(answer))
    }

    async fn get_invoice(
        &self,
        request: Request<GetInvoiceRequest>,
    ) -> Result<Response<GetInvoiceResponse>, Status> {
        let (account_id, request) = open(request);
        let (key, number) = invoice::key(&account_id, &request.order_id, &request.invoice_number)?;
        let (order, row, operations) = self.invoice(&key, &number).await?;
        let invoice = Some(invoice::invoice(&order, &row, &operations));
        Ok(Response::new(GetInvoiceResponse { invoice }))
    }

    async fn list_invoices(
        &self,
        request: Request<ListInvoicesRequest>,
    ) -> Result<Response<ListInvoicesResponse>, Status> {
        let (account_id, request) = open(request);
        let (key, page) = invoice::list(&account_id, &request)?;
        let (order, _) = self.order(&key).await?;
        let rows =
            self.store.invoices(&key, page.after.as_ref(), page.rows()).await.map_err(Refusal::from)?;
        let message =
            |(row, operations): &(Invoice, Vec<Operation>)| invoice::invoice(&order, row, operations);
        let (invoices, next_page_token) = page.answer(&rows, message, |(row, _)| PagePoint {
            create_time: row.create_time,
            id: row.invoice_number.to_string(),
        });
        Ok(Response::new(ListInvoicesResponse { invoices, next_page_token }))
    }

    async fn update_invoice_tracking(
        &self,
        request: Request<UpdateInvoiceTrackingRequest>,
    ) -> Result<Response<UpdateInvoiceTrackingResponse>, Status> {
        let (account_id, request) = open(request);
        let command = invoice::update_tracking(&account_id, &request)?;
        let (key, number) = (command.key.clone(), command.invoice_number.clone());
        let mut answer: UpdateInvoiceTrackingResponse = self.answer(Command::UpdateTracking(command)).await?;
        // The recorded answer does not know what pays the invoice, which goes on by itself.
        let (order, row, operations) = self.invoice(&key, &number).await?;
        if let Some(updated) = answer.invoice.as_mut() {
            updated.settlements = invoice::settlements(&order, &row, &operations);
        }
        Ok(Response::new(answer))
    }

    async fn batch_notify_invoices(
        &self,
        _: Request<BatchNotifyInvoicesRequest>,
    ) -> Result<Response<BatchNotifyInvoicesResponse>, Status> {
        Err(not_served("BatchNotifyInvoices"))
    }

    async fn void_invoice(
        &self,
        _: Request<VoidInvoiceRequest>,
    ) -> Result<Response<VoidInvoiceResponse>, Status> {
        Err(not_served("VoidInvoice"))
    }
}
