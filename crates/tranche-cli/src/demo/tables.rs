//! What a person sees of a step: what was asked, what was sent, and both ledgers.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use tranche_sdk::v1::{Money, Operation, Payment, operation, payment};

/// An amount as a table shows it; nothing for zero, so that the eye finds what moved.
fn amount(money: Option<&Money>) -> String {
    let text = money.map(|money| money.amount.as_str()).unwrap_or_default();
    if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) { "·".to_owned() } else { text.to_owned() }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(header);
    table
}

/// Amounts stand to the right, from this column on.
fn align(table: &mut Table, first: usize, last: usize) {
    for column in table.column_iter_mut().skip(first).take(last + 1 - first) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// The name of a mode.
pub(super) fn mode(payment: &Payment) -> &'static str {
    match payment.mode() {
        payment::Mode::Partial => "PARTIAL",
        payment::Mode::Hold => "HOLD",
        payment::Mode::Total => "TOTAL",
        payment::Mode::Unspecified => "?",
    }
}

/// What was sent to the provider since the last step.
pub(super) fn operations(operations: &[Operation]) -> String {
    if operations.is_empty() {
        return "  sent to the provider: nothing".to_owned();
    }
    let mut table = table(&["sent to the provider", "payment", "asked", "done", "state", "provider's id"]);
    for operation in operations {
        let kind = match operation.kind() {
            operation::Kind::Settlement => "settle",
            operation::Kind::Refund => "refund",
            operation::Kind::Cancellation => "cancel",
            operation::Kind::Authorization => "authorize",
            operation::Kind::Unspecified => "?",
        };
        table.add_row([
            kind,
            &operation.payment_id,
            &amount(operation.amount.as_ref()),
            &amount(operation.amount_done.as_ref()),
            &operation.state().as_str_name()["STATE_".len()..].to_lowercase(),
            &operation.provider_id,
        ]);
    }
    align(&mut table, 2, 3);
    indent(&table)
}

/// Both ledgers of each payment: what was asked, and what is done.
pub(super) fn ledgers(payments: &[Payment]) -> String {
    let mut table = table(&[
        "payment",
        "mode",
        "authorized",
        "asked",
        "│",
        "settling",
        "settled",
        "ahead",
        "held",
        "lacking",
        "refunded",
        "canceled",
    ]);
    for payment in payments {
        let requested = payment.requested.clone().unwrap_or_default();
        let done = payment.done.clone().unwrap_or_default();
        table.add_row([
            payment.payment_id.clone(),
            mode(payment).to_owned(),
            amount(payment.authorized.as_ref()),
            amount(requested.asked.as_ref()),
            "│".to_owned(),
            amount(done.settling.as_ref()),
            amount(done.settled.as_ref()),
            amount(payment.ahead.as_ref()),
            amount(done.held.as_ref()),
            amount(done.lacking.as_ref()),
            amount(done.refunded.as_ref()),
            amount(done.canceled.as_ref()),
        ]);
    }
    align(&mut table, 2, 11);
    indent(&table)
}

fn indent(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
