//! Lesson 4. Elsewhere a change of the order gave its authorization up and asked the customer for a new one, or let the
//! order become dearer than what was authorized, so that the last parcel left and could not be paid.

use tranche_sdk::v1::ErrorReason;
use tranche_tests::shop::Terms;
use tranche_tests::world::World;

use super::finding::{
    Finding, accepted, are, books_agree, brl, is, refused, released, settled, transaction_state,
};

/// An order of 100.00 on a card of 110.00 becomes cheaper, dearer as far as the card covers, and no dearer before there is
/// another payment.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL/PARTS").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.pay("o", "BRL", &[("card", "110.00", terms)]).await.unwrap();
    accepted("invoice A", shop.invoice("o", "A", brl("20.00")).await)?;

    accepted("a change to 70.00", shop.change("o", "cheaper", brl("-30.00")).await)?;
    accepted("a change to 110.00", shop.change("o", "dearer", brl("40.00")).await)?;
    let uncovered = shop.change("o", "too dear", brl("10.00")).await;
    let refusal = refused("a change to 120.00", uncovered, ErrorReason::ValueAboveRoom)?;
    let missing = tranche_sdk::metadata(&refusal).remove("missing");
    is("what is said to be missing", &missing.unwrap_or_default(), "10.00")?;
    shop.at_rest("o").await;
    are("what was released by a change", released(&shop, "o", "card").await, &[])?;

    accepted("another payment", shop.add("o", "BRL", ("gift", "10.00", terms)).await)?;
    accepted("a change to 120.00, covered", shop.change("o", "covered", brl("10.00")).await)?;
    accepted("invoice B", shop.invoice("o", "B", brl("100.00")).await)?;
    shop.at_rest("o").await;
    are("what the card settled", settled(&shop, "o", "card").await, &["20.00", "90.00"])?;
    are("what the gift card settled", settled(&shop, "o", "gift").await, &["10.00"])?;
    let calls = shop.provider.payment("o-card").await.calls;
    is("how often the card was authorized", &calls.payment, &1)?;
    is("the transaction", &transaction_state(&shop, "o").await?, "FINISHED")?;
    books_agree(&shop, "o").await
}
