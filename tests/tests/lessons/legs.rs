//! Lesson 5. Elsewhere nobody could say which payment an invoice would be taken from, and when one of two legs failed, both
//! were taken again, or the one that had succeeded was given back; returns went to whichever payment came first.

use tranche_sdk::v1::{
    ListStuckOperationsRequest, PaymentAmount, RetryOperationRequest, stuck_operation::Cause,
};
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, refunded, settled};

/// A gift card of 30.00 and a card of 70.00, of which the provider refuses the card's leg of an invoice, and later the gift
/// card's leg of a return. An operator has each tried again.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.pay("o", "BRL", &[("gift", "30.00", terms), ("card", "70.00", terms)]).await.unwrap();

    shop.provider.fault("o-card", "refuse").await;
    let receipt = accepted("invoice A", shop.invoice("o", "A", brl("50.00")).await)?;
    let of_invoice = "what invoice A asks of each payment";
    are(of_invoice, receipt.allocations.iter().map(part), &["gift 30.00", "card 20.00"])?;
    shop.at_rest("o").await;
    are("what the card settled and refused", settled(&shop, "o", "card").await, &[])?;
    try_again(&shop).await?;
    are("what the card settled when it was tried again", settled(&shop, "o", "card").await, &["20.00"])?;
    are("what the gift card settled", settled(&shop, "o", "gift").await, &["30.00"])?;
    let calls = shop.provider.payment("o-gift").await.calls;
    is("how often the gift card was asked to settle", &calls.settlement, &1)?;

    // The payment that settled the least gives back first.
    shop.provider.fault("o-gift", "refuse").await;
    let receipt = accepted("return R", shop.give_back("o", "R", brl("40.00")).await)?;
    let of_return = "what return R gives back of each payment";
    are(of_return, receipt.allocations.iter().map(part), &["gift 20.00", "card 20.00"])?;
    shop.at_rest("o").await;
    are("what the gift card gave back and refused", refunded(&shop, "o", "gift").await, &[])?;
    try_again(&shop).await?;
    are("what the gift card gave back in the end", refunded(&shop, "o", "gift").await, &["20.00"])?;
    are("what the card gave back", refunded(&shop, "o", "card").await, &["20.00"])?;
    let calls = shop.provider.payment("o-card").await.calls;
    is("how often the card was asked to refund", &calls.refund, &1)?;
    books_agree(&shop, "o").await
}

fn part(part: &PaymentAmount) -> String {
    format!("{} {}", part.payment_id, part.amount.clone().unwrap_or_default().amount)
}

/// An operator has the one leg that lacks tried again, and all of it ends.
async fn try_again(shop: &Shop) -> Result<(), Finding> {
    let case = eventually("the leg that failed is listed", async || {
        let request = ListStuckOperationsRequest::default();
        let listed = shop.client.operators().list_stuck_operations(request).await.unwrap();
        match listed.into_inner().stuck_operations.as_slice() {
            [case] if case.cause() == Cause::Lacking => Ok(case.clone()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    let operation_id = case.operation.unwrap().operation_id;
    let request = RetryOperationRequest {
        request_id: format!("again {operation_id}"),
        operation_id,
        actor: "olga".to_owned(),
        reason: "the customer has raised the limit".to_owned(),
    };
    accepted("to try again", shop.client.operators().retry_operation(request).await)?;
    shop.at_rest("o").await;
    Ok(())
}
