//! What columns hold, as the domain has it and back.

use std::fmt::Display;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tranche_core::id::{AccountId, OrderId, OrderKey};
use tranche_core::money::{Currency, Money};
use tranche_core::time::Timestamp;

use super::name::Named;
use crate::StoreError;

/// Why a row makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

impl Unreadable {
    /// A column holds what it cannot hold.
    pub(crate) fn column(column: &str, held: impl Display) -> Self {
        Self(format!("{column} holds {held}"))
    }
}

/// The key of a row that belongs to an order.
pub(super) fn order_key(account_id: &str, order_id: &str) -> OrderKey {
    OrderKey { account_id: AccountId::trusted(account_id), order_id: OrderId::trusted(order_id) }
}

/// A state, mode or kind by its name.
pub(super) fn named<T: Named>(column: &str, held: &str) -> Result<T, Unreadable> {
    T::named(held).ok_or_else(|| Unreadable::column(column, held))
}

/// A count that is never negative.
pub(super) fn count(column: &str, held: i64) -> Result<u32, Unreadable> {
    u32::try_from(held).map_err(|_| Unreadable::column(column, held))
}

/// A position within an order.
pub(super) fn position(held: i64) -> Result<i32, Unreadable> {
    i32::try_from(held).map_err(|_| Unreadable::column("position", held))
}

/// A currency by its code.
pub(super) fn currency(held: &str) -> Result<Currency, Unreadable> {
    Currency::parse(held).map_err(|_| Unreadable::column("currency", held))
}

/// A point in time that may be absent.
pub(super) fn time(held: Option<i64>) -> Option<Timestamp> {
    held.map(Timestamp::from_micros)
}

/// The column of a point in time that may be absent.
pub(super) fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::micros)
}

/// A span of time, in microseconds.
pub(super) fn duration(column: &str, held: i64) -> Result<Duration, Unreadable> {
    u64::try_from(held).map(Duration::from_micros).map_err(|_| Unreadable::column(column, held))
}

/// The column of a span of time: whole microseconds, the longest that fits if it does not.
pub(super) fn duration_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountJson {
    currency: String,
    minor: i64,
}

/// A column of amounts, each with its currency.
pub(super) fn amounts(column: &str, held: &str) -> Result<Vec<Money>, Unreadable> {
    let amounts: Vec<AmountJson> = from_json(column, held)?;
    let money = |amount: AmountJson| Ok(Money { currency: currency(&amount.currency)?, minor: amount.minor });
    amounts.into_iter().map(money).collect()
}

/// The JSON of amounts.
pub(super) fn amounts_json(amounts: &[Money]) -> Result<String, StoreError> {
    let json = |money: &Money| AmountJson { currency: money.currency.code().to_owned(), minor: money.minor };
    to_json(&amounts.iter().map(json).collect::<Vec<_>>())
}

/// A column's JSON.
pub(super) fn from_json<T: DeserializeOwned>(column: &str, held: &str) -> Result<T, Unreadable> {
    serde_json::from_str(held)
        .map_err(|error| Unreadable(format!("{column} is not what it should be: {error}")))
}

/// The JSON of a column.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(format!("no JSON of a column: {error}")))
}
