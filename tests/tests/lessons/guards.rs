//! Lesson 6. Elsewhere two requests at the same moment both saw the same amount left, and the order settled, or gave back,
//! more than it was worth, unless the provider happened to refuse.

use futures_util::future::join_all;
use tonic::Status;
use tranche_sdk::v1::ErrorReason;
use tranche_tests::shop::Shop;
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, refunded, refused, settled};
use super::ordered;

/// How many ask at once, at all servers.
const AT_ONCE: usize = 24;

/// Of an order of 100.00, on a card that would bear more, everybody invoices 30.00 at the same time; then everybody gives
/// 40.00 of it back.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = ordered(world, "1000.00").await;
    let shops: Vec<Shop> = (0..AT_ONCE).map(|number| world.shop_of(number)).collect();

    let asked = shops.iter().enumerate();
    let asked =
        asked.map(async |(number, shop)| shop.invoice("o", &format!("A{number}"), brl("30.00")).await);
    let answers = join_all(asked).await;
    is("how many of the invoices were accepted", &count(&answers), &3)?;
    for answer in answers.into_iter().filter(Result::is_err) {
        refused("an invoice too many", answer, ErrorReason::InvoiceAboveRemaining)?;
    }
    shop.at_rest("o").await;
    are("what the provider settled", settled(&shop, "o", "card").await, &["30.00"; 3])?;

    let asked = shops.iter().enumerate();
    let asked =
        asked.map(async |(number, shop)| shop.give_back("o", &format!("R{number}"), brl("40.00")).await);
    let answers = join_all(asked).await;
    is("how many of the returns were accepted", &count(&answers), &2)?;
    for answer in answers.into_iter().filter(Result::is_err) {
        refused("a return too many", answer, ErrorReason::ReturnAboveInvoiced)?;
    }
    shop.at_rest("o").await;
    let given_back = ["30.00", "10.00", "20.00", "20.00"];
    are("what the provider refunded", refunded(&shop, "o", "card").await, &given_back)?;
    let order = accepted("to see the order", shop.see_order("o").await)?;
    is("what is left to invoice", &order.remaining_to_invoice.unwrap_or_default().amount, "10.00")?;
    books_agree(&shop, "o").await
}

fn count<T>(answers: &[Result<T, Status>]) -> usize {
    answers.iter().filter(|answer| answer.is_ok()).count()
}
