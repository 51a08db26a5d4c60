//! Every bound of the core, named, in one place.

use std::time::Duration;

/// Longest id in bytes: order ids, invoice numbers, transaction, payment, line, connector and request ids.
pub const ID_BYTES_MAX: usize = 100;
/// Longest free text in bytes: descriptions, reasons, URLs, keys.
pub const TEXT_BYTES_MAX: usize = 2_000;
/// Largest amount in minor units. Sums of as many amounts as the other bounds allow stay far inside `i64`.
pub const AMOUNT_MAX: i64 = 999_999_999_999_999;
/// Largest quantity of one line.
pub const QUANTITY_MAX: i64 = 1_000_000_000;
/// Lines of one order.
pub const LINES_PER_ORDER_MAX: usize = 500;
/// Invoices of one order, returns and voided ones included.
pub const INVOICES_PER_ORDER_MAX: u32 = 10_000;
/// Lines that one invoice may name.
pub const LINES_PER_INVOICE_MAX: usize = 500;
/// Payments of one transaction.
pub const PAYMENTS_PER_TRANSACTION_MAX: usize = 20;
/// Changes of one order.
pub const CHANGES_PER_ORDER_MAX: u32 = 1_000;
/// Settings of one connector.
pub const SETTINGS_PER_CONNECTOR_MAX: usize = 50;
/// Currencies in which one connector may state its smallest settlement.
pub const MINIMUM_AMOUNTS_MAX: usize = 50;
/// Refunds that one run of the plan starts on one payment; the rest follows with the next outcome.
pub const REFUNDS_PER_PLAN_MAX: usize = 8;
/// Settlements of one payment that were not sent and that a void looks at; those of the invoice itself are looked at all.
pub const UNSENT_MAX: usize = 64;
/// Attempts of one operation, after which it is stuck. At most 62, as their outcomes are kept in a bit set.
pub const ATTEMPTS_MAX: u32 = 60;
/// Callbacks about one operation that are kept; beyond them only what ends it is heard, and once what denies that end.
pub const CALLBACKS_KEPT_MAX: u32 = 20;
/// Attempts of one operation after which a callback that says nothing brings no further one forward.
pub const CALLBACK_ATTEMPTS_MAX: u32 = ATTEMPTS_MAX / 2;
/// Most installments of one payment.
pub const INSTALLMENTS_MAX: u32 = 99;
/// Consecutive settlements or refunds of a payment that may bring less than asked before the difference lacks.
pub const SHORTFALLS_MAX: u32 = 10;
/// How long an operation is repeated after its first attempt.
pub const RETRY_WINDOW: Duration = Duration::from_hours(24);
/// Pause before the second attempt; doubled for every further one.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);
/// Longest pause between two attempts.
pub const BACKOFF_MAX: Duration = Duration::from_hours(1);
/// How long before its end an authorization is said to end, unless the account says otherwise.
pub const AUTHORIZATION_LEAD_TIME_DEFAULT: Duration = Duration::from_hours(24);
/// The longest such time that an account may set; authorizations seldom live longer.
pub const AUTHORIZATION_LEAD_TIME_MAX: Duration = Duration::from_hours(24 * 30);
/// The longest life of an authorization that a connector may state.
pub const AUTHORIZATION_LIFETIME_MAX: Duration = Duration::from_hours(24 * 366);
/// Pause of an operation that is due while its payment's wire is taken and another one is next.
pub const WIRE_PAUSE: Duration = Duration::from_secs(1);
/// Events that one command forgets; the next one goes on.
pub const EVENTS_FORGOTTEN_PER_COMMAND_MAX: usize = 500;
