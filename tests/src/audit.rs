//! Both sides' books, compared: what we believe of an order, and what its provider really moved.

use rust_decimal::Decimal;
use tranche_sdk::v1::Money;

use crate::patience::must;
use crate::shop::{Shop, transaction_id};

/// Every difference between both sides of an order's payments, as sentences; none if the books agree.
///
/// # Panics
///
/// When one of the sides cannot be read.
pub async fn differences(shop: &Shop, order_id: &str) -> Vec<String> {
    let books = shop.provider.books().await;
    let found = tranche_cli::audit::differences(&shop.client, &[transaction_id(order_id)], &books).await;
    must(order_id, found)
}

/// The decimal of an amount; 0 if there is none.
///
/// # Panics
///
/// When the server answered something else than a decimal.
pub fn decimal(money: Option<&Money>) -> Decimal {
    money.map_or(Decimal::ZERO, |money| must(&money.amount, Decimal::from_str_exact(&money.amount)))
}
