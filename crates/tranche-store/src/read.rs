//! Reads for those who ask, outside of the write path and on connections of their own.
//!
//! Pages are found by where the one before ended, never by counting. What one call reads of several tables it reads in
//! one transaction, so that an order and its lines are of the same moment; no transaction outlives its page.

mod account;
mod change;
mod due;
mod end;
mod event;
mod explanation;
mod invoice;
mod operation;
mod operator;
mod order;
mod stuck;
mod transaction;

pub use self::due::{DueConnector, DueConnectors, DueOperation};
pub use self::event::{EventPage, OldestEvent};
pub use self::operator::Placed;
pub use self::stuck::{Case, EndingAuthorization, StuckCause, StuckFilter};

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IsolationLevel, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement, TransactionTrait, Value,
};
use tranche_core::event::Event;
use tranche_core::id::{OrderId, PaymentId};
use tranche_core::time::Timestamp;

use crate::entity::Stored;
use crate::layout::NOT_BY_KEY;
use crate::{Store, StoreError};

/// Where a page ended: the creation time and the id of its last row. Pages are in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePoint {
    /// Creation time of the last row.
    pub create_time: Timestamp,
    /// Its id; two lines where its order's id belongs to it, which comes first.
    pub id: String,
}

impl PagePoint {
    /// The point of a row that has its id within an order.
    pub fn within(create_time: Timestamp, order_id: &OrderId, id: &str) -> Self {
        Self { create_time, id: format!("{order_id}\n{id}") }
    }

    /// The ids of the order and of the row within it, of such a row.
    fn parts(&self) -> Option<(&str, &str)> {
        self.id.split_once('\n')
    }
}

/// The name of an operation's state, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationStateName {
    /// Decided, never sent or surely not received.
    Pending,
    /// Leased, on the wire.
    Sent,
    /// The provider said "ask again".
    PendingAtProvider,
    /// Nobody can tell yet.
    Unknown,
    /// A person must act.
    Manual,
    /// Attempts or time are exhausted.
    Stuck,
    /// The provider did it.
    Done,
    /// The provider will not do it.
    Refused,
    /// Never sent, and not to be.
    Withdrawn,
}

/// Which operations of an order are asked for; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationFilter {
    /// Of this payment.
    pub payment_id: Option<PaymentId>,
    /// In these states.
    pub states: Vec<OperationStateName>,
}

/// An event with the number that it was committed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedEvent {
    /// Gapless within the account, from 1, in the order of commits.
    pub number: i64,
    /// When it was committed, by the clock of its batch.
    pub create_time: Timestamp,
    /// What happened.
    pub event: Event,
}

/// A page of rows that are in the order of creation time and id.
fn page<E: EntityTrait>(
    rows: Select<E>,
    (create_time, id): (E::Column, E::Column),
    after: Option<&PagePoint>,
    limit: u64,
) -> Select<E> {
    let rows = rows.filter(Expr::cust(NOT_BY_KEY));
    let rows = match after {
        None => rows,
        Some(point) => rows.filter(
            Expr::tuple([create_time.into_expr(), id.into_expr()])
                .gt(Expr::tuple([Expr::value(point.create_time.micros()), Expr::value(point.id.as_str())])),
        ),
    };
    rows.order_by_asc(create_time).order_by_asc(id).limit(limit)
}

/// Reads at most one row.
async fn one<E: Stored>(
    connection: &impl ConnectionTrait,
    rows: Select<E>,
) -> Result<Option<E::Domain>, StoreError> {
    rows.one(connection).await?.as_ref().map(E::read).transpose()
}

/// Reads all rows.
async fn all<E: Stored>(
    connection: &impl ConnectionTrait,
    rows: Select<E>,
) -> Result<Vec<E::Domain>, StoreError> {
    rows.all(connection).await?.iter().map(E::read).collect()
}

impl Store {
    /// A transaction in which all reads see the same moment.
    async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        let isolation = match self.reads.get_database_backend() {
            // A transaction of SQLite is always one moment.
            DbBackend::Sqlite => None,
            _ => Some(IsolationLevel::RepeatableRead),
        };
        Ok(self.reads.begin_with_config(isolation, None).await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let statement = Statement::from_sql_and_values(
            self.reads.get_database_backend(),
            "SELECT 1",
            Vec::<Value>::new(),
        );
        self.reads.query_one_raw(statement).await?;
        Ok(())
    }
}
