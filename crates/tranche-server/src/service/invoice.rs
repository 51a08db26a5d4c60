//! Invoices.

use tonic::{Request, Response, Status};
use tranche_core::attribution::{own_shares, shares};
use tranche_core::command::{Command, NotifyInvoice};
use tranche_core::decision::Reply;
use tranche_core::id::{InvoiceNumber, OrderKey};
use tranche_core::invoice::Invoice;
use tranche_core::operation::Operation;
use tranche_core::order::Order;
use tranche_core::rejection::Rejection;
use tranche_proto::v1 as pb;
use tranche_proto::v1::invoice_service_server::InvoiceService;
use tranche_proto::v1::{
    BatchNotifyInvoicesRequest, BatchNotifyInvoicesResponse, GetInvoiceRequest, GetInvoiceResponse,
    InvoiceReceipt, InvoiceResult, ListInvoicesRequest, ListInvoicesResponse, NotifyInvoiceRequest,
    NotifyInvoiceResponse, UpdateInvoiceTrackingRequest, UpdateInvoiceTrackingResponse, VoidInvoiceRequest,
    VoidInvoiceResponse, invoice_result,
};
use tranche_store::PagePoint;
use uuid::Builder;

use super::{Edge, not_found, open};
use crate::engine::{Failure, Queued};
use crate::status::{About, Refusal};
use crate::wire::{invoice, reply};

impl Edge {
    async fn invoice(
        &self,
        key: &OrderKey,
        number: &InvoiceNumber,
    ) -> Result<(Order, Invoice, Vec<Operation>), Refusal> {
        let found = self.store.invoice(key, number).await?;
        found.ok_or_else(|| not_found(Rejection::InvoiceNotFound(key.order_id.clone(), number.clone())))
    }

    /// What paid each of these invoices. Only where one was not paid by its own operations alone are the order's other
    /// invoices read.
    async fn settlements(
        &self,
        order: &Order,
        rows: &[(Invoice, Vec<Operation>)],
    ) -> Result<Vec<Vec<pb::InvoiceSettlement>>, Refusal> {
        let own: Option<Vec<_>> = rows.iter().map(|(row, own)| own_shares(row, own)).collect();
        if let Some(own) = own {
            return Ok(own.iter().map(|shares| invoice::settlements(order, shares)).collect());
        }
        let (invoices, operations) = self.store.ledger(&order.key).await?;
        let shares = shares(&invoices, &operations);
        let of = |row: &Invoice| shares.get(&row.invoice_number).map_or(&[][..], Vec::as_slice);
        Ok(rows.iter().map(|(row, _)| invoice::settlements(order, of(row))).collect())
    }

    /// The invoice as it is, with what paid it.
    async fn paid_invoice(&self, key: &OrderKey, number: &InvoiceNumber) -> Result<pb::Invoice, Refusal> {
        let (order, row, own) = self.invoice(key, number).await?;
        let mut message = invoice::invoice(&order, &row, &[]);
        message.settlements = self.settlements(&order, &[(row, own)]).await?.pop().unwrap_or_default();
        Ok(message)
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
        let invoice = Some(self.paid_invoice(&key, &number).await?);
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
        let settlements = self.settlements(&order, &rows).await?;
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).zip(settlements).collect();
        let message = |(row, settlements): &(Invoice, Vec<pb::InvoiceSettlement>)| {
            let settlements = settlements.clone();
            pb::Invoice { settlements, ..invoice::invoice(&order, row, &[]) }
        };
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
        let settlements = self.paid_invoice(&key, &number).await?.settlements;
        if let Some(updated) = answer.invoice.as_mut() {
            updated.settlements = settlements;
        }
        Ok(Response::new(answer))
    }

    async fn batch_notify_invoices(
        &self,
        request: Request<BatchNotifyInvoicesRequest>,
    ) -> Result<Response<BatchNotifyInvoicesResponse>, Status> {
        let (account_id, request) = open(request);
        let items = invoice::batch(&account_id, &request, || self.receipt_id())?;
        // All are queued before the first is awaited, so that they share commits; each is decided on its own.
        let queued: Vec<_> = items.into_iter().map(|item| item.map(|command| self.queue(command))).collect();
        let mut results = Vec::with_capacity(queued.len());
        for item in queued {
            let outcome = match item {
                Ok((queued, about)) => receipt(queued.reply().await, about),
                Err(unacceptable) => Err(Refusal::from(unacceptable)),
            };
            let outcome = match outcome {
                Ok(receipt) => invoice_result::Outcome::Receipt(receipt),
                Err(refusal) => invoice_result::Outcome::Rejection(refusal.into()),
            };
            results.push(InvoiceResult { outcome: Some(outcome) });
        }
        Ok(Response::new(BatchNotifyInvoicesResponse { results }))
    }

    async fn void_invoice(
        &self,
        request: Request<VoidInvoiceRequest>,
    ) -> Result<Response<VoidInvoiceResponse>, Status> {
        let (account_id, request) = open(request);
        let command = invoice::void(&account_id, &request)?;
        let (key, number) = (command.key.clone(), command.invoice_number.clone());
        let mut answer: VoidInvoiceResponse = self.answer(Command::VoidInvoice(command)).await?;
        let settlements = self.paid_invoice(&key, &number).await?.settlements;
        if let Some(voided) = answer.invoice.as_mut() {
            voided.settlements = settlements;
        }
        Ok(Response::new(answer))
    }
}

impl Edge {
    fn queue(&self, command: NotifyInvoice) -> (Queued, About) {
        let command = Command::NotifyInvoice(Box::new(command));
        let about = About::command(&command);
        (self.engine.queue(command), about)
    }
}

/// The receipt in a reply, or why there is none.
fn receipt(reply: Result<Reply, Failure>, about: About) -> Result<InvoiceReceipt, Refusal> {
    let reply = reply.map_err(|failure| Refusal::Failed(failure, about))?;
    let answer: NotifyInvoiceResponse = reply::message(&reply)?;
    Ok(answer.receipt.unwrap_or_default())
}
