//! Lesson 1. Elsewhere a timeout or a crash was repeated under a new key and took the money twice; and where the amount was
//! the key, the second of two equal parcels was taken for a repeat of the first and never paid.

use tranche_sdk::v1::{ErrorReason, Operation, operation};
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, has_ended};
use tranche_tests::world::World;

use super::finding::{
    Finding, accepted, are, books_agree, brl, is, of_kind, refunded, refused, settled, word,
};

/// How long the provider may take, and what a server that dies was sending is left alone.
const TIMEOUT_MS: u32 = 500;
const LEASE_MS: &str = "3000";

/// Two parcels of the same value; the provider settles the first, its answer is lost, and the server dies. Its caller did
/// not hear either, and repeats at whichever server. Then the same with two returns of the same value.
pub(super) async fn play(world: &mut World) -> Result<(), Finding> {
    world.stop(0).await;
    world.serve_with(&["--lease-ms", LEASE_MS]);
    world.start(0).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, TIMEOUT_MS).await.unwrap();
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.pay("o", "BRL", &[("card", "100.00", terms)]).await.unwrap();

    shop.provider.fault("o-card", "lose-answer").await;
    let first = accepted("invoice A", shop.invoice("o", "A", brl("20.00")).await)?;
    is_lost(&shop).await;
    world.kill(0).await;
    world.start(0).await;
    let (shop, other) = (world.shop(), world.shop_of(1));
    let again = accepted("invoice A, repeated", other.invoice("o", "A", brl("20.00")).await)?;
    is("the receipt of the repeat", &again.receipt_id, &first.receipt_id)?;
    accepted("invoice B, of the same value", other.invoice("o", "B", brl("20.00")).await)?;
    let changed = shop.invoice("o", "A", brl("30.00")).await;
    refused("invoice A with another value", changed, ErrorReason::InvoiceAlreadyExists)?;

    is_repeated(&shop).await;
    are("what the provider settled", settled(&shop, "o", "card").await, &["20.00", "20.00"])?;
    let operations = shop.at_rest("o").await;
    let settlements = of_kind(&operations, operation::Kind::Settlement);
    let states = settlements.iter().map(|row| word(row.state().as_str_name()));
    are("what became of the settlements", states, &["DONE", "DONE"])?;
    let calls = shop.provider.payment("o-card").await.calls;
    is("how often the provider was asked to settle, up to 3,", &calls.settlement.min(3), &3)?;

    shop.provider.fault("o-card", "lose-answer").await;
    accepted("return R", shop.give_back("o", "R", brl("10.00")).await)?;
    accepted("return R, repeated", other.give_back("o", "R", brl("10.00")).await)?;
    accepted("return S, of the same value", other.give_back("o", "S", brl("10.00")).await)?;
    shop.at_rest("o").await;
    are("what the provider refunded", refunded(&shop, "o", "card").await, &["10.00", "10.00"])?;
    let calls = shop.provider.payment("o-card").await.calls;
    is("how often the provider was asked to refund, up to 3,", &calls.refund.min(3), &3)?;
    books_agree(&shop, "o").await
}

/// Waits until the provider has settled, and the server knows that it was not told.
async fn is_lost(shop: &Shop) {
    eventually("the answer is lost", async || {
        let operations = shop.operations("o").await.map_err(|status| status.to_string())?;
        let is_known =
            |row: &Operation| !matches!(row.state(), operation::State::Pending | operation::State::Sent);
        if operations.iter().all(is_known) { Ok(()) } else { Err(format!("{operations:?}")) }
    })
    .await;
}

/// Waits until everything has ended, or its repeat has taught nothing either.
async fn is_repeated(shop: &Shop) {
    eventually("the repeat is answered", async || {
        let operations = shop.operations("o").await.map_err(|status| status.to_string())?;
        let is_in_vain = |row: &Operation| row.attempts > 1 && row.state() == operation::State::Unknown;
        let is_over = operations.iter().all(|row| has_ended(row) || is_in_vain(row));
        if is_over { Ok(()) } else { Err(format!("{operations:?}")) }
    })
    .await;
}
