//! Lesson 8. Elsewhere shares of tax, shipping, discounts and interest were rounded one by one, amounts were multiplied by a
//! hundred in every currency, and an order stayed open for a cent that no invoice could ask for.

use rust_decimal::Decimal;
use tranche_sdk::v1::{Allocation, Money, Order, PaymentAmount, RefundOrder};
use tranche_tests::audit::decimal;
use tranche_tests::shop::{Shop, Terms, money, order};
use tranche_tests::world::World;

use super::finding::{Finding, accepted, books_agree, is, refunded, settled, transaction_state};

/// The invoices of an order of 11,100 minor units, of which none divides evenly.
const INVOICES: [(&str, i64); 4] = [("A", 3_333), ("B", 3_334), ("C", 1), ("D", 4_432)];
/// Its returns.
const RETURNS: [(&str, i64); 2] = [("R", 1_111), ("S", 1)];
/// The payments, which share everything by their room.
const PAYMENTS: [(&str, i64); 3] = [("gift", 1_000), ("card", 3_701), ("other", 6_399)];

/// An order with every kind of total, in currencies of two, no and three decimals: each invoice and each return is shared
/// over three payments to the last minor unit, and so is the whole.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    for (currency, decimals) in [("BRL", 2), ("JPY", 0), ("KWD", 3)] {
        let amount = |minor: i64| money(&text(minor, decimals), currency);
        let opened = accepted("the order", open(&shop, currency, amount).await)?;
        is("the order's value", &text_of(opened.value.as_ref()), &amount(11_100).amount)?;
        let amounts = PAYMENTS.map(|(_, minor)| text(minor, decimals));
        let paid_by: Vec<_> =
            PAYMENTS.iter().zip(&amounts).map(|((id, _), text)| (*id, text.as_str(), terms)).collect();
        shop.pay(currency, currency, &paid_by).await.unwrap();

        for (number, minor) in INVOICES {
            let receipt = accepted(number, shop.invoice(currency, number, amount(minor)).await)?;
            let what = format!("the sum of the parts of invoice {number}");
            is(&what, &sum(&receipt.allocations), &amount(minor).amount)?;
        }
        shop.at_rest(currency).await;
        let order = accepted("to see the order", shop.see_order(currency).await)?;
        is("what is left to invoice", &text_of(order.remaining_to_invoice.as_ref()), &amount(0).amount)?;
        is("the transaction", &transaction_state(&shop, currency).await?, "FINISHED")?;
        for ((payment_id, _), authorized) in PAYMENTS.iter().zip(&amounts) {
            let what = format!("what {payment_id} settled in {currency}");
            is(&what, &total(&settled(&shop, currency, payment_id).await), authorized)?;
        }

        for (number, minor) in RETURNS {
            let receipt = accepted(number, shop.give_back(currency, number, amount(minor)).await)?;
            let what = format!("the sum of the parts of return {number}");
            is(&what, &sum(&receipt.allocations), &amount(minor).amount)?;
        }
        shop.at_rest(currency).await;
        let mut given_back = Vec::new();
        for (payment_id, _) in PAYMENTS {
            given_back.extend(refunded(&shop, currency, payment_id).await);
        }
        is("what was given back", &total(&given_back), &amount(1_112).amount)?;
        books_agree(&shop, currency).await?;
    }
    Ok(())
}

/// Three cups, their shipping and tax, a discount, and interest as a fee.
async fn open(shop: &Shop, order_id: &str, amount: impl Fn(i64) -> Money) -> Result<Order, tonic::Status> {
    let mut request = order(order_id, "1", order_id);
    request.lines[0].quantity = 3;
    request.lines[0].unit_price = Some(amount(3_333));
    request.shipping = Some(amount(1_001));
    request.tax = Some(amount(77));
    request.discounts = Some(amount(10));
    request.fees = Some(amount(33));
    request.allocation = Allocation::Proportional.into();
    request.refund_order = RefundOrder::Proportional.into();
    let response = shop.client.orders().create_order(request).await?;
    Ok(response.into_inner().order.unwrap())
}

/// Minor units as a decimal of the currency.
fn text(minor: i64, decimals: u32) -> String {
    Decimal::new(minor, decimals).to_string()
}

fn text_of(money: Option<&Money>) -> String {
    decimal(money).to_string()
}

fn sum(parts: &[PaymentAmount]) -> String {
    parts.iter().map(|part| decimal(part.amount.as_ref())).sum::<Decimal>().to_string()
}

fn total(amounts: &[String]) -> String {
    let amounts = amounts.iter().map(|text| text.parse::<Decimal>().unwrap());
    amounts.sum::<Decimal>().to_string()
}
