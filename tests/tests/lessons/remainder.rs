//! Lesson 3. Elsewhere a settlement of less than the authorization gave up the rest that the next parcel needed, one of as
//! much as was authorized was taken for the last although more was to come, and what was never needed stayed on the
//! customer's card for weeks, as nobody was to release it.

use tranche_sdk::v1::{ReleasePolicy, operation};
use tranche_tests::shop::{PaidBy, Shop, Terms, order};
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, of_kind, released, transaction_state};

/// An order of 100.00 on a gift card of 30.00 and a card of 90.00. The first parcel uses the gift card up, and is not the
/// last; the second one leaves 20.00 on the card, and is. Then the same where an operator is to release.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    let paid_by = [("gift", "30.00", terms), ("card", "90.00", terms)];
    for (order_id, policy) in [("ours", ReleasePolicy::OnCompletion), ("theirs", ReleasePolicy::Manual)] {
        open(&shop, order_id, policy, &paid_by).await;
        accepted("invoice A", shop.invoice(order_id, "A", brl("30.00")).await)?;
        is_settled(&shop, order_id, &["false"]).await?;
        are("what was released before the order's end", released(&shop, order_id, "card").await, &[])?;
        accepted("invoice B", shop.invoice(order_id, "B", brl("70.00")).await)?;
        is_settled(&shop, order_id, &["true", "false"]).await?;
        if policy == ReleasePolicy::Manual {
            are(
                "what was released and is an operator's to release",
                released(&shop, order_id, "card").await,
                &[],
            )?;
            is("the transaction", &transaction_state(&shop, order_id).await?, "OPEN")?;
            accepted("to release", shop.release(order_id, "", None).await)?;
            shop.at_rest(order_id).await;
        }
        are("what was released at the provider", released(&shop, order_id, "card").await, &["20.00"])?;
        is("the transaction", &transaction_state(&shop, order_id).await?, "FINISHED")?;
        books_agree(&shop, order_id).await?;
    }
    Ok(())
}

async fn open(shop: &Shop, order_id: &str, policy: ReleasePolicy, paid_by: &[PaidBy<'_>]) {
    let mut request = order(order_id, "100.00", "BRL");
    request.release_policy = policy.into();
    shop.client.orders().create_order(request).await.unwrap();
    shop.pay(order_id, "BRL", paid_by).await.unwrap();
}

/// All has ended; of each settlement, those of the card first, it was said whether it was the last.
async fn is_settled(shop: &Shop, order_id: &str, expected: &[&str]) -> Result<(), Finding> {
    let operations = shop.at_rest(order_id).await;
    let settlements = of_kind(&operations, operation::Kind::Settlement);
    let last = settlements.iter().map(|row| row.final_settlement);
    are("which settlements were said to be the last", last, expected)
}
