//! The end of the story: both sides' books.

use super::DemoError;
use super::world::World;
use crate::audit;

/// What differs between our books and the provider's.
pub(super) async fn differences(world: &World, transactions: &[String]) -> Result<Vec<String>, DemoError> {
    let books = world.provider.books().await?;
    let refused = |status| DemoError::Refused { step: "the audit".to_owned(), status: Box::new(status) };
    audit::differences(&world.client, transactions, &books).await.map_err(refused)
}

/// How many calls that move money the provider got.
pub(super) async fn calls(world: &World) -> Result<u64, DemoError> {
    let calls = world.provider.books().await?.calls;
    Ok(calls.settlement + calls.refund + calls.cancellation)
}
