//! Events, by their numbers.

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryResult, Statement, Value};
use tranche_core::id::{AccountId, OrderId};
use tranche_core::time::Timestamp;

use super::NumberedEvent;
use crate::entity::{Stored, event, event_counter};
use crate::{Store, StoreError};

/// Events of an account, and what its log had at the same moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in the order of their numbers.
    pub events: Vec<NumberedEvent>,
    /// The number up to which events are forgotten; 0 while all are kept. A reader whose place is below it misses some.
    pub forgotten: i64,
    /// The number of the last event of the account, whatever the page was about; 0 before the first.
    pub last: i64,
}

/// When the oldest event that an account keeps was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldestEvent {
    /// The account.
    pub account_id: AccountId,
    /// The time; none if the account keeps no event.
    pub create_time: Option<Timestamp>,
}

/// A page of events, and the log's numbers beside each; one row with no event if there is none.
///
/// It is one statement, and so of one moment: an event that is forgotten meanwhile is either on the page or below the
/// number that says so.
fn page_text(of_order: bool) -> String {
    let order = if of_order { " AND e.order_id = $4" } else { "" };
    format!(
        "SELECT c.last_number, l.forgotten_number, e.* FROM (SELECT 1) AS r \
         LEFT JOIN event_counters AS c ON c.account_id = $1 LEFT JOIN event_logs AS l ON l.account_id = $1 \
         LEFT JOIN (SELECT e.* FROM events AS e WHERE e.account_id = $1 AND e.number > $2{order} \
         ORDER BY e.number LIMIT $3) AS e ON true"
    )
}

/// The accounts after `$1`, at most `$2` of them, each with the time of its oldest event.
const OLDEST: &str = "SELECT c.account_id, (SELECT e.create_time FROM events AS e \
    WHERE e.account_id = c.account_id AND e.number > COALESCE((SELECT l.forgotten_number FROM event_logs AS l \
    WHERE l.account_id = c.account_id), 0) ORDER BY e.number LIMIT 1) AS oldest_time \
    FROM event_counters AS c WHERE c.account_id > $1 ORDER BY c.account_id LIMIT $2";

fn event(row: &QueryResult) -> Result<Option<NumberedEvent>, StoreError> {
    let model = event::Model::from_query_result_optional(row, "")?;
    model.as_ref().map(event::Entity::read).transpose()
}

impl Store {
    /// An account's events after this number that are kept, or those of one order.
    pub async fn events(
        &self,
        account: &AccountId,
        after: i64,
        order: Option<&OrderId>,
        limit: u64,
    ) -> Result<EventPage, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut values = vec![Value::from(account.as_str()), after.into(), limit.into()];
        values.extend(order.map(|id| Value::from(id.as_str())));
        let backend = self.reads.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, page_text(order.is_some()), values);
        let rows = self.reads.query_all_raw(statement).await?;
        let number = |name: &str| -> Result<i64, StoreError> {
            let number: Option<Option<i64>> = rows.first().map(|row| row.try_get("", name)).transpose()?;
            Ok(number.flatten().unwrap_or_default())
        };
        let events = rows.iter().filter_map(|row| event(row).transpose());
        let mut events = events.collect::<Result<Vec<_>, _>>()?;
        // They come so; a join promises no order.
        events.sort_by_key(|event| event.number);
        Ok(EventPage { events, forgotten: number("forgotten_number")?, last: number("last_number")? })
    }

    /// The oldest events of the accounts after this one, in the order of their ids.
    ///
    /// Each is found by the key of its number, so that the work is that of the accounts on the page, however many
    /// events there are; no index on the time is kept for it. It locks nothing.
    pub async fn oldest_events(
        &self,
        after: Option<&AccountId>,
        limit: u64,
    ) -> Result<Vec<OldestEvent>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![Value::from(after.map_or("", AccountId::as_str)), limit.into()];
        let statement = Statement::from_sql_and_values(self.reads.get_database_backend(), OLDEST, values);
        let oldest = |row: &QueryResult| -> Result<_, StoreError> {
            let account_id: String = row.try_get("", "account_id")?;
            let create_time: Option<i64> = row.try_get("", "oldest_time")?;
            let account_id = AccountId::trusted(&account_id);
            Ok(OldestEvent { account_id, create_time: create_time.map(Timestamp::from_micros) })
        };
        self.reads.query_all_raw(statement).await?.iter().map(oldest).collect()
    }

    /// The texts of the reads of the event log, for tests that have them explained.
    pub fn event_statements(&self) -> [String; 3] {
        [page_text(false), page_text(true), OLDEST.to_owned()]
    }

    /// The number of an account's last event; 0 before its first.
    pub async fn last_event_number(&self, account: &AccountId) -> Result<i64, StoreError> {
        let rows = event_counter::Entity::find_by_id(account.as_str());
        let counter = rows.one(&self.reads).await?;
        Ok(counter.map_or(0, |row| row.last_number))
    }
}
