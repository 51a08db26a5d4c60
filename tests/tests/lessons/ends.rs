//! Lesson 10. Elsewhere an authorization ended while goods were on backorder, nobody had been warned, what was still
//! uncollected was lost, and the last parcel left unpaid.

use tranche_sdk::v1::event::Payload;
use tranche_sdk::v1::new_payment::Authorization;
use tranche_sdk::v1::{ErrorReason, Event, operation};
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::World;

use crate::sql::Sql;

use super::finding::{Finding, accepted, are, books_agree, brl, is, refused, settled, transaction_state};

/// So long that it does not end by itself: the story says when it begins to, and when it has.
const LIFE_SECONDS: i64 = 86_400;

/// A card that is settled once, at the end, has its authorization end before the second parcel can leave. That is said
/// before, the first parcel is settled, and the second one waits for another payment.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    let [hold, partial] = ["HOLD", "PARTIAL"].map(|name| Terms::parse(name).unwrap());
    shop.connect(hold, 20_000).await.unwrap();
    shop.connect(partial, 20_000).await.unwrap();
    let order = shop.order("o", "100.00", "BRL").await.unwrap();
    let mut payments = shop.payments("o", "BRL", &[("card", "100.00", hold)]).await;
    let Some(Authorization::Adopted(adopted)) = &mut payments[0].authorization else { unreachable!() };
    adopted.expire_time = order.create_time;
    adopted.expire_time.get_or_insert_default().seconds += LIFE_SECONDS;
    shop.create_transaction("o", payments).await.unwrap();

    accepted("invoice A", shop.invoice("o", "A", brl("20.00")).await)?;
    are("what is settled while there is time", settled(&shop, "o", "card").await, &[])?;
    let sql = Sql::connect(world.database()).await;
    sql.run("UPDATE payments SET observe_time = 0 WHERE payment_id = 'card'").await.unwrap();
    eventually("something is done about the end", async || {
        let told = told(&shop).await;
        if told.is_empty() { Err("nothing is told".to_owned()) } else { Ok(()) }
    })
    .await;
    shop.at_rest("o").await;
    sql.run("UPDATE payments SET expire_time = 1, observe_time = 1 WHERE payment_id = 'card'").await.unwrap();
    eventually("what is held is settled", async || {
        let settled = settled(&shop, "o", "card").await;
        if settled == ["20.00"] { Ok(()) } else { Err(format!("{settled:?}")) }
    })
    .await;
    shop.at_rest("o").await;
    are("what was told", told(&shop).await, &["ends with 80.00", "settle 20.00", "missing 80.00"])?;
    let uncovered = shop.invoice("o", "B", brl("80.00")).await;
    refused("invoice B", uncovered, ErrorReason::InvoiceAboveRoom)?;

    accepted("another payment", shop.add("o", "BRL", ("other", "80.00", partial)).await)?;
    accepted("invoice B, covered", shop.invoice("o", "B", brl("80.00")).await)?;
    shop.at_rest("o").await;
    are("what the other payment settled", settled(&shop, "o", "other").await, &["80.00"])?;
    is("the transaction", &transaction_state(&shop, "o").await?, "FINISHED")?;
    books_agree(&shop, "o").await
}

/// What was told of ends, of what another payment must cover, and of settlements, in a few words.
async fn told(shop: &Shop) -> Vec<String> {
    let amount = |money: Option<tranche_sdk::v1::Money>| money.unwrap_or_default().amount;
    let words = |event: Event| match event.payload {
        Some(Payload::AuthorizationEnding(told)) => Some(format!("ends with {}", amount(told.room))),
        Some(Payload::AuthorizationEnded(told)) => Some(format!("has ended with {}", amount(told.room))),
        Some(Payload::CoverageMissing(told)) => Some(format!("missing {}", amount(told.missing))),
        Some(Payload::OperationStarted(told)) => {
            let started = told.operation.filter(|row| row.kind() == operation::Kind::Settlement);
            started.map(|row| format!("settle {}", amount(row.amount)))
        }
        _ => None,
    };
    shop.events("").await.unwrap().into_iter().filter_map(words).collect()
}
