//! Lesson 11. Elsewhere a settlement made by hand at the provider, or by the provider itself, was never noticed; the next
//! parcel was settled on top of it, and what the two sides believed drifted apart.

use serde_json::{Number, json};
use tranche_sdk::v1::{AdoptMovementRequest, ReconcileRequest, StatementEntry, operation};
use tranche_tests::shop::{Shop, transaction_id};
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, settled, transaction_state, word};
use super::ordered;

/// The provider settles 30.00 that nobody asked for, as much as the parcel before. Its statement shows it, which changes
/// nothing; an operator adopts it, and the next parcel is paid by it.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = ordered(world, "100.00").await;
    accepted("invoice A", shop.invoice("o", "A", brl("30.00")).await)?;
    shop.at_rest("o").await;
    let unasked = settle_unasked(&shop).await;

    let before = shop.events("").await.unwrap().len();
    are("how the statement compares", statement(&shop, "30.00").await?, &["MATCHED", "MISSING_HERE"])?;
    are("how a wrong statement compares", statement(&shop, "31.00").await?, &["DIFFERENT", "MISSING_HERE"])?;
    is("how much was told after the comparison", &shop.events("").await.unwrap().len(), &before)?;

    let request = AdoptMovementRequest {
        request_id: "1".to_owned(),
        transaction_id: transaction_id("o"),
        payment_id: "card".to_owned(),
        provider_id: unasked,
        amount: Some(brl("30.00")),
        movement_time: None,
        actor: "olga".to_owned(),
        reason: "settled at the terminal".to_owned(),
        beyond_authorization: false,
    };
    accepted("to adopt it", shop.client.operators().adopt_movement(request).await)?;
    are(
        "how the statement compares after it was adopted",
        statement(&shop, "30.00").await?,
        &["MATCHED"; 2],
    )?;
    accepted("invoice B", shop.invoice("o", "B", brl("30.00")).await)?;
    shop.at_rest("o").await;
    are("what was settled before invoice C", settled(&shop, "o", "card").await, &["30.00", "30.00"])?;
    accepted("invoice C", shop.invoice("o", "C", brl("40.00")).await)?;
    shop.at_rest("o").await;
    are("what was settled", settled(&shop, "o", "card").await, &["30.00", "30.00", "40.00"])?;
    is("the transaction", &transaction_state(&shop, "o").await?, "FINISHED")?;
    books_agree(&shop, "o").await
}

/// The provider settles by itself: a settlement that nobody here asked for. Answers its id.
async fn settle_unasked(shop: &Shop) -> String {
    let value: Number = serde_json::from_str("30.00").unwrap();
    let body = json!({
        "transactionId": "o",
        "requestId": "by itself",
        "paymentId": "o-card",
        "value": value,
        "authorizationId": "AUT",
    });
    let answer = shop.provider.ask("/payments/o-card/settlements", Some(&body)).await;
    answer["settleId"].as_str().unwrap().to_owned()
}

/// Compares the books with a statement of all that the provider settled, which says so much of the first one.
async fn statement(shop: &Shop, first: &str) -> Result<Vec<String>, Finding> {
    let settlements = shop.provider.payment("o-card").await.settlements;
    let entries = settlements.iter().enumerate().map(|(index, row)| StatementEntry {
        provider_id: row.settle_id.clone(),
        provider_payment_id: "o-card".to_owned(),
        kind: operation::Kind::Settlement.into(),
        amount: Some(brl(if index == 0 { first } else { "30.00" })),
        ..StatementEntry::default()
    });
    let request = ReconcileRequest {
        connector_id: "partial".to_owned(),
        entries: entries.collect(),
        ..ReconcileRequest::default()
    };
    let compared = accepted("to compare", shop.client.operators().reconcile(request).await)?.into_inner();
    Ok(compared.movements.iter().map(|row| word(row.finding().as_str_name())).collect())
}
