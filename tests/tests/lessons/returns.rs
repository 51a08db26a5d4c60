//! Lesson 12. Elsewhere a return could be refunded only once the whole order was invoiced, or not any more then; and its
//! refund named no settlement, or another parcel's, so that the provider refused it or gave back the wrong one.

use tranche_sdk::v1::{ErrorReason, Operation, operation};
use tranche_tests::shop::Shop;
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, of_kind, refused, transaction_state};
use super::ordered;

/// Goods of the first parcel come back before the second one has left; then, when the order is over, the rest of both.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = ordered(world, "100.00").await;

    accepted("invoice A", shop.invoice("o", "A", brl("20.00")).await)?;
    shop.at_rest("o").await;
    accepted("a return while the order is open", shop.give_back("o", "R", brl("5.00")).await)?;
    are("what was refunded", refunds(&shop).await, &["5.00 of A"])?;
    accepted("invoice B", shop.invoice("o", "B", brl("80.00")).await)?;
    shop.at_rest("o").await;
    is("the transaction", &transaction_state(&shop, "o").await?, "FINISHED")?;

    accepted("a return when the order is over", shop.give_back("o", "S", brl("75.00")).await)?;
    are("what was refunded", refunds(&shop).await, &["5.00 of A", "15.00 of A", "60.00 of B"])?;
    accepted("a return of the rest", shop.give_back("o", "T", brl("20.00")).await)?;
    let all = ["5.00 of A", "15.00 of A", "60.00 of B", "20.00 of B"];
    are("what was refunded", refunds(&shop).await, &all)?;
    let too_much = shop.give_back("o", "U", brl("0.01")).await;
    refused("a return of what was returned", too_much, ErrorReason::ReturnAboveInvoiced)?;
    books_agree(&shop, "o").await
}

/// What the provider refunded, in its order, and of which invoice's settlement.
async fn refunds(shop: &Shop) -> Vec<String> {
    let operations = shop.at_rest("o").await;
    let settlements = of_kind(&operations, operation::Kind::Settlement);
    let invoice = |settle_id: &str| {
        let owner = settlements.iter().find(|row| row.provider_id == settle_id);
        owner.map_or("nothing", |row: &&Operation| row.cause.trim_start_matches("invoice:"))
    };
    let refunds = shop.provider.payment("o-card").await.refunds;
    refunds.iter().map(|row| format!("{} of {}", row.value, invoice(&row.settle_id))).collect()
}
