//! Invoices and the operations that they asked for.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use tranche_core::id::{InvoiceNumber, OrderKey};
use tranche_core::invoice::Invoice;
use tranche_core::operation::{Operation, OperationKind};
use tranche_core::order::Order;

use super::{PagePoint, all, one, order, page};
use crate::entity::{invoice, operation};
use crate::layout::NOT_BY_KEY;
use crate::{Store, StoreError};

fn find(order: &OrderKey) -> Select<invoice::Entity> {
    invoice::Entity::find()
        .filter(invoice::Column::AccountId.eq(order.account_id.as_str()))
        .filter(invoice::Column::OrderId.eq(order.order_id.as_str()))
}

/// The operations that some of an order's invoices asked for, by payment and ordinal.
async fn operations(
    connection: &impl ConnectionTrait,
    order: &OrderKey,
    invoices: impl Iterator<Item = &InvoiceNumber>,
) -> Result<BTreeMap<InvoiceNumber, Vec<Operation>>, StoreError> {
    let mut numbers: Vec<&str> = invoices.map(InvoiceNumber::as_str).collect();
    // A round number of them, so that the statement is one of few; the last one found twice is found once.
    if let Some(last) = numbers.last().copied() {
        numbers.resize(numbers.len().next_power_of_two(), last);
    }
    let mut operations: BTreeMap<InvoiceNumber, Vec<Operation>> = BTreeMap::new();
    if numbers.is_empty() {
        return Ok(operations);
    }
    let rows = operation::Entity::find()
        .filter(operation::Column::AccountId.eq(order.account_id.as_str()))
        .filter(operation::Column::OrderId.eq(order.order_id.as_str()))
        .filter(operation::Column::InvoiceNumber.is_in(numbers));
    for operation in all(connection, rows).await? {
        if let Some(number) = operation.invoice_number.clone() {
            operations.entry(number).or_default().push(operation);
        }
    }
    for operations in operations.values_mut() {
        operations
            .sort_by(|one, other| (&one.payment_id, one.ordinal).cmp(&(&other.payment_id, other.ordinal)));
    }
    Ok(operations)
}

impl Store {
    /// All invoices of an order, in the order of their acceptance, and all its settlements and refunds: what tells who
    /// paid for what.
    pub async fn ledger(&self, key: &OrderKey) -> Result<(Vec<Invoice>, Vec<Operation>), StoreError> {
        let moment = self.snapshot().await?;
        let rows = find(key).order_by_asc(invoice::Column::Ordinal).filter(Expr::cust(NOT_BY_KEY));
        let invoices = all(&moment, rows).await?;
        let kinds = [OperationKind::Settlement, OperationKind::Refund].map(OperationKind::name);
        let rows = operation::Entity::find()
            .filter(operation::Column::AccountId.eq(key.account_id.as_str()))
            .filter(operation::Column::OrderId.eq(key.order_id.as_str()))
            .filter(Expr::cust(NOT_BY_KEY))
            .filter(operation::Column::Kind.is_in(kinds));
        let operations = all(&moment, rows).await?;
        moment.commit().await?;
        Ok((invoices, operations))
    }

    /// An invoice, its order, and the operations that it asked for.
    pub async fn invoice(
        &self,
        key: &OrderKey,
        number: &InvoiceNumber,
    ) -> Result<Option<(Order, Invoice, Vec<Operation>)>, StoreError> {
        let moment = self.snapshot().await?;
        let rows = find(key).filter(invoice::Column::InvoiceNumber.eq(number.as_str()));
        let Some(invoice) = one(&moment, rows).await? else {
            return Ok(None);
        };
        let Some(order) = one(&moment, order::find(key)).await? else {
            return Ok(None);
        };
        let mut operations = operations(&moment, key, std::iter::once(number)).await?;
        moment.commit().await?;
        Ok(Some((order, invoice, operations.remove(number).unwrap_or_default())))
    }

    /// An order's invoices, each with the operations that it asked for.
    pub async fn invoices(
        &self,
        key: &OrderKey,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<(Invoice, Vec<Operation>)>, StoreError> {
        let by = (invoice::Column::CreateTime, invoice::Column::InvoiceNumber);
        let moment = self.snapshot().await?;
        let invoices = all(&moment, page(find(key), by, after, limit)).await?;
        let numbers = invoices.iter().map(|invoice| &invoice.invoice_number);
        let mut operations = operations(&moment, key, numbers).await?;
        moment.commit().await?;
        let with_operations = |invoice: Invoice| {
            let operations = operations.remove(&invoice.invoice_number).unwrap_or_default();
            (invoice, operations)
        };
        Ok(invoices.into_iter().map(with_operations).collect())
    }
}
