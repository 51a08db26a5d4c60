//! The events' numbers: taken from the account's counter row, last before the commit.
//!
//! Whoever took numbers holds the counter until the commit, so the next numbers are taken after it: the order of
//! numbers is the order of commits, and a batch that is rolled back gives its numbers back. A reader who has seen a
//! number has seen, or can see, all below it.

use std::collections::BTreeMap;

use sea_orm::{DbBackend, Value};
use tranche_core::event::Event;
use tranche_core::id::AccountId;
use tranche_core::time::Timestamp;

use crate::entity::{Stored, event};
use crate::session::{Listed, Session, all_written, arrays, listed};
use crate::{NumberedEvent, StoreError};

/// An account's events in the batch.
struct Counted {
    /// From 1, in the order of accounts.
    slot: i64,
    /// How many there are.
    events: i64,
    /// The number that the last of them gets; 0 as long as it is not known.
    last: i64,
}

/// Adds events with the numbers that are next.
pub(super) async fn append(session: Session<'_>, events: &[Event], now: Timestamp) -> Result<(), StoreError> {
    let mut accounts: BTreeMap<AccountId, Counted> = BTreeMap::new();
    for event in events {
        let none = Counted { slot: 0, events: 0, last: 0 };
        accounts.entry(event.account_id.clone()).or_insert(none).events += 1;
    }
    for (slot, counted) in (1..).zip(accounts.values_mut()) {
        counted.slot = slot;
    }
    match session.backend() {
        _ if events.is_empty() => Ok(()),
        DbBackend::Postgres => append_at_once(session, events, accounts, now).await,
        _ => {
            for (account_id, counted) in &mut accounts {
                counted.last = take(session, account_id, counted.events).await?;
            }
            let rows = rows(events, &accounts, now, |counted, behind| counted.last - behind)?;
            let rows = rows.into_iter().map(|(row, _)| row).collect();
            session.insert::<event::Entity>(rows).await
        }
    }
}

/// The events' rows and slots, with the number that `number` makes of how many of the account's events come after.
fn rows(
    events: &[Event],
    accounts: &BTreeMap<AccountId, Counted>,
    now: Timestamp,
    number: impl Fn(&Counted, i64) -> i64,
) -> Result<Vec<(Listed, i64)>, StoreError> {
    let mut behind: BTreeMap<&AccountId, i64> = BTreeMap::new();
    let mut rows = Vec::with_capacity(events.len());
    for event in events.iter().rev() {
        let Some(counted) = accounts.get(&event.account_id) else {
            continue;
        };
        let behind = behind.entry(&event.account_id).or_default();
        let numbered =
            NumberedEvent { number: number(counted, *behind), create_time: now, event: event.clone() };
        *behind += 1;
        rows.push((listed::<event::Entity>(&event::Entity::row(&numbered)?), counted.slot));
    }
    rows.reverse();
    Ok(rows)
}

/// Takes an account's next numbers; answers the last of them.
async fn take(session: Session<'_>, account_id: &AccountId, events: i64) -> Result<i64, StoreError> {
    let text = session.texts.get(("event_counters", "take", 1), || {
        "INSERT INTO event_counters AS t (account_id, last_number) VALUES (?, ?) ON CONFLICT (account_id) \
         DO UPDATE SET last_number = t.last_number + excluded.last_number RETURNING last_number"
            .to_owned()
    });
    let values = vec![Value::from(account_id.as_str()), Value::from(events)];
    let rows = session.query(text, values).await?;
    let last = rows.first().map(|row| row.try_get("", "last_number")).transpose()?;
    last.ok_or_else(|| StoreError::Refused("event_counters: no number was given".to_owned()))
}

async fn append_at_once(
    session: Session<'_>,
    events: &[Event],
    accounts: BTreeMap<AccountId, Counted>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let layout = event::Entity::layout();
    let text = session.texts.get((layout.table, "numbered insert", 0), || layout.numbered_insert());
    let with_slot = |(mut row, slot): (Listed, i64)| {
        row.push(Value::from(slot));
        row
    };
    let rows = rows(events, &accounts, now, |_, behind| behind)?;
    let rows: Vec<Listed> = rows.into_iter().map(with_slot).collect();
    let counts = accounts
        .iter()
        .map(|(account_id, counted)| vec![Value::from(account_id.as_str()), Value::from(counted.events)])
        .collect();
    let columns = layout.numbered();
    let mut values = arrays(&layout.counted(), counts);
    values.extend(arrays(&columns, rows));
    let written = session.execute(text, values).await?.rows_affected();
    all_written(layout.table, events.len(), written, StoreError::Refused)
}
