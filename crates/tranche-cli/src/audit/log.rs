//! The event log: what it says of an order, read from its beginning, against what the order is now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use tranche_sdk::v1::event::Payload;
use tranche_sdk::v1::operator_acted::Act;
use tranche_sdk::v1::{Event, OperationSummary, invoice, operation, operation_ended, order, transaction};

use super::{Account, compare, decimal, is_adopted};

/// Where the account's numbers have a gap or a repetition.
pub(super) fn numbering(events: &[Event]) -> Vec<String> {
    let neighbours = events.iter().zip(events.iter().skip(1));
    let broken = neighbours.filter(|(one, next)| next.number != one.number + 1);
    broken.map(|(one, next)| format!("event log: after {} comes {}", one.number, next.number)).collect()
}

/// The log of an account.
pub(super) struct Log {
    by_order: HashMap<String, Vec<Event>>,
    /// Whether nothing of it is forgotten.
    is_whole: bool,
}

impl Log {
    pub(super) fn new(events: Vec<Event>) -> Self {
        let is_whole = events.first().is_none_or(|event| event.number == 1);
        let mut by_order: HashMap<String, Vec<Event>> = HashMap::new();
        for event in events.into_iter().filter(|event| !event.order_id.is_empty()) {
            by_order.entry(event.order_id.clone()).or_default().push(event);
        }
        Self { by_order, is_whole }
    }

    /// The events of an order; none if its beginning is forgotten.
    pub(super) fn of_order(&self, order_id: &str) -> Option<&[Event]> {
        let events = self.by_order.get(order_id).map_or(&[][..], Vec::as_slice);
        let first = events.first().and_then(|event| event.payload.as_ref());
        (self.is_whole || matches!(first, Some(Payload::OrderCreated(_)))).then_some(events)
    }
}

/// What the log tells of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    summary: OperationSummary,
    started: u32,
    outcome: Option<operation_ended::Outcome>,
    done: Decimal,
}

/// What the log makes of an order.
#[derive(Debug, Default)]
struct Story {
    value: Decimal,
    invoiced: Decimal,
    returned: Decimal,
    missing: Decimal,
    authorized: Decimal,
    order: Option<order::State>,
    transaction: Option<transaction::State>,
    /// Value, type, and whether it was voided, by number.
    invoices: BTreeMap<String, (Decimal, invoice::Type, bool)>,
    operations: BTreeMap<String, Told>,
    surplus: BTreeMap<String, Decimal>,
    /// Payments of which somebody said whether a surplus is real.
    resolved: BTreeSet<String>,
    /// What does not follow from what came before.
    found: Vec<String>,
}

/// What the log tells otherwise than the order is.
pub(super) fn differences(account: &Account<'_>) -> Vec<String> {
    let Some(events) = account.events else { return Vec::new() };
    let mut story = Story::default();
    for event in events {
        story.hear(event);
    }
    story.compare(account)
}

impl Story {
    fn hear(&mut self, event: &Event) {
        let number = event.number;
        match event.payload.as_ref() {
            Some(Payload::OrderCreated(told)) => self.value = decimal(told.value.as_ref()),
            Some(Payload::OrderChanged(told)) => {
                let before = decimal(told.value_before.as_ref());
                compare(&mut self.found, &format!("event {number}"), "the value before", before, self.value);
                self.value = decimal(told.value_after.as_ref());
            }
            Some(Payload::OrderStateChanged(told)) => self.order = Some(told.state()),
            Some(Payload::TransactionCreated(told)) => self.authorized = decimal(told.authorized.as_ref()),
            Some(Payload::TransactionStateChanged(told)) => self.transaction = Some(told.state()),
            Some(Payload::PaymentAdded(told)) => {
                let amount = told.payment.as_ref().and_then(|payment| payment.amount.as_ref());
                self.authorized += decimal(amount);
            }
            Some(Payload::InvoiceAccepted(told)) => {
                let value = decimal(told.value.as_ref());
                match told.r#type() {
                    invoice::Type::Output => self.invoiced += value,
                    invoice::Type::Input | invoice::Type::Unspecified => self.returned += value,
                }
                let remaining = decimal(told.remaining_to_invoice.as_ref());
                let who = format!("event {number}");
                compare(&mut self.found, &who, "what remains", remaining, self.value - self.invoiced);
                let row = (value, told.r#type(), false);
                if self.invoices.insert(told.invoice_number.clone(), row).is_some() {
                    self.found.push(format!("{who}: {} is accepted twice", told.invoice_number));
                }
            }
            Some(Payload::InvoiceVoided(told)) => {
                self.invoiced -= decimal(told.value.as_ref());
                if let Some(row) = self.invoices.get_mut(&told.invoice_number) {
                    row.2 = true;
                }
            }
            Some(Payload::OperationStarted(told)) => {
                let summary = told.operation.clone().unwrap_or_default();
                let row = self.operations.entry(summary.operation_id.clone()).or_default();
                row.started += 1;
                row.summary = summary;
            }
            Some(Payload::OperationEnded(told)) => {
                let id = told.operation.clone().unwrap_or_default().operation_id;
                let row = self.operations.entry(id.clone()).or_default();
                if row.outcome == Some(operation_ended::Outcome::Done) {
                    self.found.push(format!("event {number}: {id} had ended as done"));
                }
                let before = row.outcome.replace(told.outcome());
                // Of what was to be authorized, that is taken back which was denied.
                let operation = told.operation.clone().unwrap_or_default();
                if operation.kind() == operation::Kind::Authorization {
                    let amount = decimal(operation.amount.as_ref());
                    match (before, told.outcome()) {
                        (_, operation_ended::Outcome::Refused) => self.authorized -= amount,
                        (Some(operation_ended::Outcome::Refused), _) => self.authorized += amount,
                        _ => {}
                    }
                }
                row.done = decimal(told.amount_done.as_ref());
            }
            Some(Payload::SurplusFound(told)) => {
                let payment_id = told.operation.clone().unwrap_or_default().payment_id;
                *self.surplus.entry(payment_id).or_default() += decimal(told.surplus.as_ref());
            }
            Some(Payload::CoverageMissing(told)) => self.missing = decimal(told.missing.as_ref()),
            Some(Payload::OperatorActed(told)) => {
                self.resolved.extend((told.act() == Act::ResolveOperation).then(|| told.payment_id.clone()));
            }
            // These move nothing.
            Some(
                Payload::OperationUnresolved(_)
                | Payload::AnswerContradicted(_)
                | Payload::TrackingUpdated(_)
                | Payload::PaymentStateChanged(_)
                | Payload::AuthorizationEnding(_)
                | Payload::AuthorizationEnded(_)
                | Payload::ConnectorCreated(_)
                | Payload::ConnectorUpdated(_)
                | Payload::AccountUpdated(_),
            )
            | None => {}
        }
    }

    fn compare(mut self, account: &Account<'_>) -> Vec<String> {
        let (order, transaction) = (&account.order, &account.transaction);
        let who = format!("event log of {}", order.order_id);
        let mut found = std::mem::take(&mut self.found);
        // What a provider settled beyond the authorization counts as authorized, and is told as an operation that nobody
        // sent; how much of it was beyond is not told.
        let adopted = account.operations.iter().filter(|row| is_adopted(row));
        let adopted: Decimal = adopted.map(|row| decimal(row.amount_done.as_ref())).sum();
        let authorized = decimal(transaction.authorized.as_ref());
        let payments = transaction.payments.iter();
        let authorizing: Decimal = payments.map(|row| decimal(row.authorizing.as_ref())).sum();
        let authorized = authorized + authorizing;
        let told_authorized = self.authorized + (authorized - self.authorized).clamp(Decimal::ZERO, adopted);
        let mut amounts = vec![
            ("value", self.value, decimal(order.value.as_ref())),
            ("invoiced", self.invoiced, decimal(order.invoiced.as_ref())),
            ("returned", self.returned, decimal(order.returned.as_ref())),
            ("authorized", told_authorized, authorized),
        ];
        if order.state() != order::State::Canceled {
            let room = decimal(transaction.room.as_ref());
            let missing = decimal(order.remaining_to_invoice.as_ref()) - room - authorizing;
            amounts.push(("missing", self.missing, missing.max(Decimal::ZERO)));
        }
        for (what, told, is) in amounts {
            compare(&mut found, &who, what, told, is);
        }
        let told =
            (self.order.unwrap_or(order::State::Open), self.transaction.unwrap_or(transaction::State::Open));
        let is = (order.state(), transaction.state());
        if told != is {
            found.push(format!("{who}: it tells {told:?}, and they are {is:?}"));
        }
        for payment in &transaction.payments {
            let surplus = payment.done.as_ref().and_then(|done| done.surplus.as_ref());
            let told = self.surplus.get(&payment.payment_id).copied().unwrap_or_default();
            // One that was resolved is no surplus any more; the log does not say of how much.
            let is_resolved = self.resolved.contains(&payment.payment_id);
            let told = if is_resolved { told.min(decimal(surplus)) } else { told };
            compare(&mut found, &who, &format!("surplus of {}", payment.payment_id), told, decimal(surplus));
        }
        self.compare_invoices(&mut found, &who, account);
        self.compare_operations(&mut found, &who, account);
        found
    }

    fn compare_invoices(&mut self, found: &mut Vec<String>, who: &str, account: &Account<'_>) {
        for row in &account.invoices {
            let is_voided = row.state() == invoice::State::Voided;
            let is = (decimal(row.value.as_ref()), row.r#type(), is_voided);
            let told = self.invoices.remove(&row.invoice_number);
            if told != Some(is) {
                found.push(format!("{who}: it tells {told:?} of {}, which is {is:?}", row.invoice_number));
            }
        }
        found.extend(self.invoices.keys().map(|number| format!("{who}: there is no invoice {number}")));
    }

    fn compare_operations(&mut self, found: &mut Vec<String>, who: &str, account: &Account<'_>) {
        use operation_ended::Outcome;
        for row in &account.operations {
            let outcome = match row.state() {
                operation::State::Done => Some(Outcome::Done),
                operation::State::Refused => Some(Outcome::Refused),
                operation::State::Withdrawn => Some(Outcome::Withdrawn),
                _ => None,
            };
            let summary = OperationSummary {
                operation_id: row.operation_id.clone(),
                payment_id: row.payment_id.clone(),
                kind: row.kind,
                amount: row.amount.clone(),
            };
            let is = Told { summary, started: 1, outcome, done: decimal(row.amount_done.as_ref()) };
            let told = self.operations.remove(&row.operation_id);
            if told.as_ref() != Some(&is) {
                found.push(format!("{who}: it tells {told:?} of {}, which is {is:?}", row.operation_id));
            }
        }
        found.extend(self.operations.keys().map(|id| format!("{who}: there is no operation {id}")));
    }
}
