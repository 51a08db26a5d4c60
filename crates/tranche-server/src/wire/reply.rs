//! The core's replies as the messages that answer their RPCs.

use prost::Message;
use tranche_core::decision::Reply;
use tranche_core::operation::Operation;
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_proto::v1 as pb;

use super::{account, change, connector, invoice, operation, operator, order, transaction};
use crate::status::Refusal;

/// The reply as the bytes of the message that answers its RPC: what is recorded with an idempotency key.
///
/// The answers to a connector's creation and to its update are the same on the wire: field 1 is the connector.
pub fn encode(reply: &Reply) -> Vec<u8> {
    match reply {
        Reply::Account(row) => {
            pb::UpdateAccountResponse { account: Some(account::account(row)) }.encode_to_vec()
        }
        Reply::Connector(row) => {
            pb::UpdateConnectorResponse { connector: Some(connector::connector(row)) }.encode_to_vec()
        }
        Reply::Order(row, lines) => {
            pb::CreateOrderResponse { order: Some(order::order(row, lines)) }.encode_to_vec()
        }
        Reply::Changed(row, lines, change, planned) => pb::ChangeOrderResponse {
            order: Some(order::order(row, lines)),
            change: Some(change::change(row, change)),
            planned_operations: planned.iter().map(|planned| operation::planned(row, planned)).collect(),
        }
        .encode_to_vec(),
        Reply::Canceled(row, lines) => {
            pb::CancelOrderResponse { order: Some(order::order(row, lines)) }.encode_to_vec()
        }
        // The answer to a transaction's creation and to an added payment are the same on the wire.
        Reply::Transaction(row, payments) => {
            pb::CreateTransactionResponse { transaction: transaction::transaction(row, payments) }
                .encode_to_vec()
        }
        Reply::Invoice(row, accepted, planned) => pb::NotifyInvoiceResponse {
            receipt: Some(invoice::receipt(row, accepted)),
            planned_operations: planned.iter().map(|planned| operation::planned(row, planned)).collect(),
        }
        .encode_to_vec(),
        Reply::Released(row, payments, started) => pb::ReleaseRemainderResponse {
            transaction: transaction::transaction(row, payments),
            started_operations: operations(row, payments, started),
        }
        .encode_to_vec(),
        Reply::Retried(row, connector_id, tried) => {
            let operation = Some(operation::operation(row, connector_id, tried));
            pb::RetryOperationResponse { operation }.encode_to_vec()
        }
        Reply::Resolved { order, connectors, resolved, started } => pb::ResolveOperationResponse {
            operation: operator::operations(order, connectors, std::slice::from_ref(resolved)).pop(),
            started_operations: operator::operations(order, connectors, started),
        }
        .encode_to_vec(),
        Reply::Adopted(row, payments, started) => pb::AdoptMovementResponse {
            transaction: transaction::transaction(row, payments),
            started_operations: operations(row, payments, started),
        }
        .encode_to_vec(),
        Reply::Voided(row, voided) => {
            pb::VoidInvoiceResponse { invoice: Some(invoice::invoice(row, voided, &[])) }.encode_to_vec()
        }
        // Which operations pay the invoice is read when it is answered; they go on while the recorded answer stays.
        Reply::Tracking(row, updated) => {
            pb::UpdateInvoiceTrackingResponse { invoice: Some(invoice::invoice(row, updated, &[])) }
                .encode_to_vec()
        }
        Reply::Recorded(bytes) => bytes.clone(),
        Reply::Done => Vec::new(),
    }
}

/// Operations as messages, each with its payment's connector.
fn operations(order: &Order, payments: &[Payment], rows: &[Operation]) -> Vec<pb::Operation> {
    let message = |row: &Operation| {
        let payment = payments.iter().find(|payment| payment.payment_id == row.payment_id)?;
        Some(operation::operation(order, &payment.connector_id, row))
    };
    rows.iter().filter_map(message).collect()
}

/// The message that answers an RPC. A first answer takes the same way as a replayed one, so that they cannot differ.
pub(crate) fn message<M: Message + Default>(reply: &Reply) -> Result<M, Refusal> {
    let message = match reply {
        Reply::Recorded(bytes) => M::decode(bytes.as_slice()),
        other => M::decode(encode(other).as_slice()),
    };
    message.map_err(Refusal::Undecodable)
}
