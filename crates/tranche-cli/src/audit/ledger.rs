//! The equations and inequalities of the ledgers: each amount against those that it must be the sum of.

use rust_decimal::Decimal;
use tranche_sdk::v1::{Invoice, Operation, Payment, invoice, operation, order, payment};

use super::{Account, compare, decimal, has_lapsed, is_open};

/// What of an order's books does not add up.
pub(super) fn differences(account: &Account<'_>) -> Vec<String> {
    let mut found = Vec::new();
    of_order(&mut found, account);
    for invoice in &account.invoices {
        let who = format!("invoice {} of {}", invoice.invoice_number, account.order.order_id);
        let allocated: Decimal = invoice.allocations.iter().map(|part| decimal(part.amount.as_ref())).sum();
        compare(&mut found, &who, "value and its parts", decimal(invoice.value.as_ref()), allocated);
    }
    for payment in &account.transaction.payments {
        let who = format!("payment {} of {}", payment.payment_id, account.transaction.transaction_id);
        of_payment(&mut found, &who, payment);
        against_invoices(&mut found, &who, payment, &account.invoices);
        against_operations(&mut found, &who, payment, &account.operations);
    }
    found
}

/// Output invoices that are not voided, or input invoices.
fn counting(invoices: &[Invoice], kind: invoice::Type) -> impl Iterator<Item = &Invoice> {
    invoices.iter().filter(move |row| row.r#type() == kind && row.state() == invoice::State::Accepted)
}

fn of_order(found: &mut Vec<String>, account: &Account<'_>) {
    let order = &account.order;
    let who = format!("order {}", order.order_id);
    let (value, invoiced) = (decimal(order.value.as_ref()), decimal(order.invoiced.as_ref()));
    let (returned, remaining) =
        (decimal(order.returned.as_ref()), decimal(order.remaining_to_invoice.as_ref()));
    let rest = if order.state() == order::State::Canceled { Decimal::ZERO } else { value - invoiced };
    compare(found, &who, "value less invoiced, and remaining", rest, remaining);
    let sum =
        |kind| -> Decimal { counting(&account.invoices, kind).map(|row| decimal(row.value.as_ref())).sum() };
    compare(found, &who, "invoiced and the invoices", invoiced, sum(invoice::Type::Output));
    compare(found, &who, "returned and the returns", returned, sum(invoice::Type::Input));
    if !(Decimal::ZERO <= returned && returned <= invoiced && invoiced <= value) {
        found.push(format!(
            "{who}: 0 <= returned {returned} <= invoiced {invoiced} <= value {value} is not so"
        ));
    }
    let (mut requested, mut given_back) = (Decimal::ZERO, Decimal::ZERO);
    for payment in &account.transaction.payments {
        let asked = payment.requested.clone().unwrap_or_default();
        requested += decimal(asked.requested.as_ref());
        given_back += decimal(asked.returned.as_ref());
    }
    compare(found, &who, "invoiced and asked of the payments", invoiced, requested);
    compare(found, &who, "returned and asked back of the payments", returned, given_back);
}

fn of_payment(found: &mut Vec<String>, who: &str, payment: &Payment) {
    let requested = payment.requested.clone().unwrap_or_default();
    let done = payment.done.clone().unwrap_or_default();
    let (asked, given_up) = (decimal(requested.asked.as_ref()), decimal(requested.given_up.as_ref()));
    compare(
        found,
        who,
        "requested, and asked + given up",
        decimal(requested.requested.as_ref()),
        asked + given_up,
    );
    let (settling, settled) = (decimal(done.settling.as_ref()), decimal(done.settled.as_ref()));
    let (held, lacking) = (decimal(done.held.as_ref()), decimal(done.lacking.as_ref()));
    let (refunding, refunded) = (decimal(done.refunding.as_ref()), decimal(done.refunded.as_ref()));
    let excess = decimal(done.excess_refunding.as_ref()) + decimal(done.excess_refunded.as_ref());
    let ahead = decimal(payment.ahead.as_ref());
    compare(
        found,
        who,
        "asked + ahead, and settled + settling + held + lacking - excess",
        asked + ahead,
        settled + settling + held + lacking - excess,
    );
    compare(
        found,
        who,
        "returned, and refunded + refunding + waiting + given up - excess",
        decimal(requested.returned.as_ref()),
        refunded
            + refunding
            + decimal(done.return_waiting.as_ref())
            + decimal(requested.return_given_up.as_ref())
            - excess,
    );
    if ahead > Decimal::ZERO && held + lacking > Decimal::ZERO {
        found.push(format!("{who}: {ahead} is ahead, while {held} is held and {lacking} is lacking"));
    }
    let authorized = decimal(payment.authorized.as_ref());
    let released = decimal(done.canceling.as_ref()) + decimal(done.canceled.as_ref());
    let used = settling + settled + released;
    if used > authorized {
        found.push(format!("{who}: {used} of {authorized} is settled, canceled or on its way to either"));
    }
    let kept = decimal(done.excess_given_up.as_ref());
    if kept > ahead {
        found.push(format!("{who}: {ahead} is ahead, and refunding {kept} of it was given up"));
    }
    let unreleased = decimal(done.release_given_up.as_ref());
    if unreleased > authorized - used {
        found.push(format!("{who}: releasing {unreleased} was given up, and so much is not unsettled"));
    }
    if refunding + refunded > settled {
        found.push(format!("{who}: {refunding} + {refunded} of {settled} is refunded or being refunded"));
    }
}

fn against_invoices(found: &mut Vec<String>, who: &str, payment: &Payment, invoices: &[Invoice]) {
    let requested = payment.requested.clone().unwrap_or_default();
    let parts = |kind| -> Decimal {
        let parts = counting(invoices, kind).flat_map(|row| &row.allocations);
        let own = parts.filter(|part| part.payment_id == payment.payment_id);
        own.map(|part| decimal(part.amount.as_ref())).sum()
    };
    let requested_of = decimal(requested.requested.as_ref());
    compare(found, who, "requested and the invoices' parts", requested_of, parts(invoice::Type::Output));
    let returned = decimal(requested.returned.as_ref());
    compare(found, who, "returned and the returns' parts", returned, parts(invoice::Type::Input));
}

fn against_operations(found: &mut Vec<String>, who: &str, payment: &Payment, operations: &[Operation]) {
    let done = payment.done.clone().unwrap_or_default();
    let own = || operations.iter().filter(|row| row.payment_id == payment.payment_id);
    let sums = |kind| -> (Decimal, Decimal) {
        let of_kind = || own().filter(move |row| row.kind() == kind);
        let open = of_kind().filter(|row| is_open(row)).map(|row| decimal(row.amount.as_ref())).sum();
        (open, of_kind().map(|row| decimal(row.amount_done.as_ref())).sum())
    };
    let (settling, settled) = sums(operation::Kind::Settlement);
    compare(found, who, "settling and the operations", decimal(done.settling.as_ref()), settling);
    compare(found, who, "settled and the operations", decimal(done.settled.as_ref()), settled);
    let (refunding, refunded) = sums(operation::Kind::Refund);
    compare(found, who, "refunding and the operations", decimal(done.refunding.as_ref()), refunding);
    compare(found, who, "refunded and the operations", decimal(done.refunded.as_ref()), refunded);
    let surplus: Decimal = own().map(|row| decimal(row.surplus.as_ref())).sum();
    compare(found, who, "surplus and the operations", decimal(done.surplus.as_ref()), surplus);
    if matches!(payment.state(), payment::State::Authorizing | payment::State::Denied) {
        // What is canceled of it was never authorized, and moves no amount.
        return;
    }
    let (canceling, canceled) = sums(operation::Kind::Cancellation);
    compare(found, who, "canceling and the operations", decimal(done.canceling.as_ref()), canceling);
    let lapsed = own().filter(|row| has_lapsed(payment, row)).map(|row| decimal(row.amount.as_ref()));
    let canceled = canceled + lapsed.sum::<Decimal>();
    // What a last settlement released by itself is no operation.
    if decimal(done.canceled.as_ref()) < canceled {
        let booked = decimal(done.canceled.as_ref());
        found.push(format!("{who}: {booked} is canceled, and the operations canceled {canceled}"));
    }
}
