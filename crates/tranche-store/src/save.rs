//! Writing what a batch decided: tables in one order, rows in the order of their keys, each row once, the events last.
//!
//! Two batches that write the same rows in other orders would wait for each other; in one order the second waits for
//! the first.

mod forget;
mod number;

use tranche_core::account::Account;
use tranche_core::connector::Connector;
use tranche_core::event::{Event, EventLog};
use tranche_core::order::Order;
use tranche_core::state::State;
use tranche_core::time::Timestamp;

use crate::StoreError;
use crate::batch::Versions;
use crate::entity::{
    Stored, account, act, change, connector, event_log, interaction, invoice, line, operation, order,
    payment, request,
};
use crate::session::{Listed, Session, listed};

/// The rows of one table to add and to write.
struct Written {
    inserts: Vec<Listed>,
    updates: Vec<Listed>,
}

/// The rows of a batch that changed, as lists.
#[expect(clippy::struct_field_names, reason = "the table is called so")]
pub(crate) struct Changes<'a> {
    accounts: Written,
    connectors: Written,
    orders: Written,
    lines: Written,
    payments: Written,
    invoices: Written,
    changes: Written,
    operations: Written,
    requests: Written,
    interactions: Written,
    acts: Written,
    event_logs: Written,
    forgotten: Vec<forget::Span>,
    events: &'a [Event],
    now: Timestamp,
}

/// The version that a row was read in; 0, which no row has, if it was not read.
fn read_version(version: Option<&i64>) -> i64 {
    version.copied().unwrap_or(0)
}

fn changed<'a, E: Stored>(
    inserts: impl Iterator<Item = &'a E::Domain>,
    updates: impl Iterator<Item = &'a E::Domain>,
    version: impl Fn(&E::Domain) -> Option<i64>,
) -> Result<Written, StoreError>
where
    E::Domain: 'a,
{
    let insert = |row: &E::Domain| Ok(listed::<E>(&E::row(row)?));
    let update = |row: &E::Domain| {
        let mut columns = listed::<E>(&E::row(row)?);
        columns.extend(version(row).map(Into::into));
        Ok(columns)
    };
    Ok(Written {
        inserts: inserts.map(insert).collect::<Result<_, StoreError>>()?,
        updates: updates.map(update).collect::<Result<_, StoreError>>()?,
    })
}

impl Written {
    fn is_empty(&self) -> bool {
        self.inserts.is_empty() && self.updates.is_empty()
    }

    async fn write<E: Stored>(self, session: Session<'_>) -> Result<(), StoreError> {
        session.insert::<E>(self.inserts).await?;
        session.update::<E>(self.updates).await
    }
}

impl<'a> Changes<'a> {
    /// What became of the rows of `state`.
    pub(crate) fn of(state: &'a State, versions: &Versions, now: Timestamp) -> Result<Self, StoreError> {
        let accounts = &state.accounts;
        let account = |row: &Account| Some(read_version(versions.accounts.get(&row.account_id)));
        let connectors = &state.connectors;
        let connector = |row: &Connector| {
            let key = (row.account_id.clone(), row.connector_id.clone());
            Some(read_version(versions.connectors.get(&key)))
        };
        let orders = &state.orders;
        let order = |row: &Order| Some(read_version(versions.orders.get(&row.key)));
        let (lines, payments) = (&state.lines, &state.payments);
        let (invoices, operations) = (&state.invoices, &state.operations);
        let (requests, event_logs) = (&state.requests, &state.event_logs);
        let event_log = |row: &EventLog| Some(read_version(versions.event_logs.get(&row.account_id)));
        Ok(Self {
            accounts: changed::<account::Entity>(accounts.inserts(), accounts.updates(), account)?,
            connectors: changed::<connector::Entity>(connectors.inserts(), connectors.updates(), connector)?,
            orders: changed::<order::Entity>(orders.inserts(), orders.updates(), order)?,
            lines: changed::<line::Entity>(lines.inserts(), lines.updates(), |_| None)?,
            payments: changed::<payment::Entity>(payments.inserts(), payments.updates(), |_| None)?,
            invoices: changed::<invoice::Entity>(invoices.inserts(), invoices.updates(), |_| None)?,
            changes: changed::<change::Entity>(state.changes.inserts(), state.changes.updates(), |_| None)?,
            operations: changed::<operation::Entity>(operations.inserts(), operations.updates(), |_| None)?,
            requests: changed::<request::Entity>(requests.inserts(), requests.updates(), |_| None)?,
            interactions: changed::<interaction::Entity>(state.interactions.iter(), [].iter(), |_| None)?,
            acts: changed::<act::Entity>(state.acts.iter(), [].iter(), |_| None)?,
            event_logs: changed::<event_log::Entity>(event_logs.inserts(), event_logs.updates(), event_log)?,
            forgotten: forget::spans(state),
            events: &state.events,
            now,
        })
    }

    fn is_empty(&self) -> bool {
        let tables = [
            &self.accounts,
            &self.connectors,
            &self.orders,
            &self.lines,
            &self.payments,
            &self.invoices,
            &self.changes,
            &self.operations,
            &self.requests,
            &self.interactions,
            &self.acts,
            &self.event_logs,
        ];
        self.events.is_empty() && tables.iter().all(|written| written.is_empty())
    }

    /// Writes the rows; answers whether there was anything to write.
    pub(crate) async fn write(self, session: Session<'_>) -> Result<bool, StoreError> {
        if self.is_empty() {
            return Ok(false);
        }
        self.accounts.write::<account::Entity>(session).await?;
        self.connectors.write::<connector::Entity>(session).await?;
        self.orders.write::<order::Entity>(session).await?;
        self.lines.write::<line::Entity>(session).await?;
        self.payments.write::<payment::Entity>(session).await?;
        self.invoices.write::<invoice::Entity>(session).await?;
        self.changes.write::<change::Entity>(session).await?;
        self.operations.write::<operation::Entity>(session).await?;
        self.requests.write::<request::Entity>(session).await?;
        self.interactions.write::<interaction::Entity>(session).await?;
        self.acts.write::<act::Entity>(session).await?;
        self.event_logs.write::<event_log::Entity>(session).await?;
        forget::delete(session, self.forgotten).await?;
        number::append(session, self.events, self.now).await?;
        Ok(true)
    }
}
