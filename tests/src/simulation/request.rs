//! What a client asks for, kept word by word so that it can be asked again, and what it was told.

use tonic::{Code, Status};
use tranche_sdk::Client;
use tranche_sdk::v1::{
    AddPaymentRequest, BatchNotifyInvoicesRequest, CancelOrderRequest, ChangeOrderRequest,
    CreateOrderRequest, CreateTransactionRequest, NotifyInvoiceRequest, ReleaseRemainderRequest,
    ResolveOperationRequest, RetryOperationRequest, VoidInvoiceRequest, invoice_result::Outcome,
};

/// A request.
#[derive(Clone, Debug)]
pub(super) enum Request {
    CreateOrder(CreateOrderRequest),
    CreateTransaction(CreateTransactionRequest),
    AddPayment(AddPaymentRequest),
    Notify(NotifyInvoiceRequest),
    Void(VoidInvoiceRequest),
    Change(ChangeOrderRequest),
    Cancel(CancelOrderRequest),
    Release(ReleaseRemainderRequest),
    Retry(RetryOperationRequest),
    Resolve(ResolveOperationRequest),
}

/// What a client knows of its request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// It was accepted, and answered like this.
    Accepted(String),
    /// It was refused, for this reason; nothing was written.
    Refused(String),
    /// Nobody answered.
    Nothing,
}

/// What an accepted request does to its order, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The order is there.
    Created,
    /// Its value is another.
    Changed(i64),
    /// More of it is invoiced.
    Invoiced(i64),
    /// An invoice is taken back.
    Voided(i64),
    /// More of it is returned.
    Returned(i64),
    /// It is canceled.
    Canceled,
    /// None of these.
    None,
}

/// A request with all that is known of it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) order: usize,
    pub(super) request: Request,
    pub(super) effect: Effect,
    pub(super) told: Told,
}

impl Request {
    /// Asks a server.
    pub(super) async fn send(&self, client: &Client) -> Result<String, Status> {
        Ok(match self.clone() {
            Self::CreateOrder(request) => {
                format!("{:?}", client.orders().create_order(request).await?.into_inner())
            }
            Self::CreateTransaction(request) => {
                format!("{:?}", client.transactions().create_transaction(request).await?.into_inner())
            }
            Self::AddPayment(request) => {
                format!("{:?}", client.transactions().add_payment(request).await?.into_inner())
            }
            Self::Notify(request) => {
                format!("{:?}", client.invoices().notify_invoice(request).await?.into_inner().receipt)
            }
            Self::Void(request) => {
                let mut invoice = client.invoices().void_invoice(request).await?.into_inner().invoice;
                // The operations are told as they are now.
                if let Some(invoice) = &mut invoice {
                    invoice.settlements.clear();
                }
                format!("{invoice:?}")
            }
            Self::Change(request) => {
                format!("{:?}", client.orders().change_order(request).await?.into_inner())
            }
            Self::Cancel(request) => {
                format!("{:?}", client.orders().cancel_order(request).await?.into_inner())
            }
            Self::Release(request) => {
                format!("{:?}", client.operators().release_remainder(request).await?.into_inner())
            }
            Self::Retry(request) => {
                format!("{:?}", client.operators().retry_operation(request).await?.into_inner())
            }
            Self::Resolve(request) => {
                format!("{:?}", client.operators().resolve_operation(request).await?.into_inner())
            }
        })
    }
}

/// Asks for several invoices at once; what each is told.
pub(super) async fn send_batch(
    client: &Client,
    invoices: Vec<NotifyInvoiceRequest>,
) -> Result<Vec<Told>, Status> {
    let request = BatchNotifyInvoicesRequest { invoices };
    let results = client.invoices().batch_notify_invoices(request).await?.into_inner().results;
    let told = results.into_iter().map(|result| match result.outcome {
        Some(Outcome::Receipt(receipt)) => Told::Accepted(format!("{:?}", Some(receipt))),
        // Nobody knows of these, as of a call that is answered so.
        Some(Outcome::Rejection(rejection)) => match Code::from_i32(rejection.code) {
            Code::Unavailable | Code::Aborted | Code::ResourceExhausted => Told::Nothing,
            Code::Internal => Told::Refused("INTERNAL".to_owned()),
            _ => Told::Refused(rejection.reason),
        },
        None => Told::Refused("nothing".to_owned()),
    });
    Ok(told.collect())
}

/// What a client knows after an answer. An error that only a fault of the server's own can cause is given back.
pub(super) fn told(answer: Result<String, Status>) -> Result<Told, String> {
    match answer {
        Ok(text) => Ok(Told::Accepted(text)),
        Err(status) => match status.code() {
            Code::Unavailable | Code::Cancelled | Code::Unknown | Code::DeadlineExceeded | Code::Aborted => {
                Ok(Told::Nothing)
            }
            Code::Internal | Code::DataLoss | Code::Unimplemented => {
                Err(format!("the server failed: {status}"))
            }
            _ => Ok(Told::Refused(
                tranche_sdk::reason(&status)
                    .map_or_else(|| format!("{:?}", status.code()), |reason| reason.as_str_name().to_owned()),
            )),
        },
    }
}
