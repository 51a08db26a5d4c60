//! Lesson 9. Elsewhere a provider that answers later held up everything behind it: the second parcel's invoice was refused,
//! or waited for hours, as the first one was still being settled.

use serde_json::json;
use tranche_sdk::v1::operation::State;
use tranche_tests::patience::eventually;
use tranche_tests::shop::has_ended;
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, settled};
use super::ordered;

/// A provider that says of everything to ask again later, for as long as it is told to: three invoices are accepted and
/// asked of it meanwhile, and each is settled when it says yes.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = ordered(world, "100.00").await;

    let later = json!({ "paymentId": "o-card", "kind": "settlement", "fault": { "pending": {} } });
    shop.provider.ask("/faults", Some(&later)).await;
    let mut notified = Vec::new();
    for (number, value) in [("A", "20.00"), ("B", "30.00"), ("C", "50.00")] {
        accepted(number, shop.invoice("o", number, brl(value)).await)?;
        notified.push(number);
        let operations = accepted("to list the operations", shop.operations("o").await)?;
        let asked = operations.iter().map(|row| row.cause.trim_start_matches("invoice:"));
        are("what was asked of the provider", asked, &notified)?;
        eventually("the provider is asked, and does not say", async || {
            let operations = shop.operations("o").await.map_err(|status| status.to_string())?;
            let newest = operations.last().ok_or("there is none")?;
            if newest.state() == State::PendingAtProvider { Ok(()) } else { Err(format!("{newest:?}")) }
        })
        .await;
    }
    let operations = accepted("to list the operations", shop.operations("o").await)?;
    let open = operations.iter().filter(|row| !has_ended(row)).map(|row| row.ordinal);
    are("which of the settlements still wait", open, &["1", "2", "3"])?;
    are("what the provider settled before it said so", settled(&shop, "o", "card").await, &[])?;

    shop.provider.behave().await;
    shop.at_rest("o").await;
    let mut values = settled(&shop, "o", "card").await;
    values.sort();
    are("what the provider settled", values, &["20.00", "30.00", "50.00"])?;
    books_agree(&shop, "o").await
}
