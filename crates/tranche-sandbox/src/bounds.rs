//! Every bound of the sandbox, named, in one place.

use std::time::Duration;

use rust_decimal::Decimal;

/// Longest request body in bytes; a longer one is answered 413.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest id in bytes: payment, request and settlement ids.
pub const ID_BYTES_MAX: usize = 256;
/// Calls that the log keeps; the oldest leave first.
pub const CALLS_KEPT_MAX: usize = 10_000;
/// Fault rules at the same time.
pub const FAULT_RULES_MAX: usize = 1_000;
/// Pause between two attempts to listen again where somebody else has taken the address.
pub const LISTEN_AGAIN_PAUSE: Duration = Duration::from_millis(50);
/// Longest delay that a fault may ask for, in milliseconds.
pub const FAULT_DELAY_MS_MAX: u64 = 10 * 60 * 1_000;
/// How long a fault holds a call that it never answers, in milliseconds, when the rule does not say.
pub const FAULT_DELAY_MS_DEFAULT: u64 = 30_000;
/// Longest `Retry-After` that a fault may ask for, in seconds: a day.
pub const RETRY_AFTER_SECONDS_MAX: u32 = 86_400;
/// Pending answers to a `requestId`, when a fault is named without a number.
pub const PENDING_CALLS_DEFAULT: u32 = 2;
/// Payments in the books.
pub const PAYMENTS_MAX: usize = 1_000_000;
/// Settlements, refunds and cancellations that one payment remembers, together.
pub const REQUESTS_PER_PAYMENT_MAX: usize = 10_000;
/// Settings that one payment may bring.
pub const SETTINGS_PER_PAYMENT_MAX: usize = 100;
/// Largest value of one call, in major units. Sums of as many values as the other bounds allow fit a [`Decimal`].
pub const VALUE_MAX: Decimal = Decimal::from_parts(2_808_348_672, 232_830_643, 0, false, 0);
/// Most characters of a number that is read.
pub const NUMBER_CHARS_MAX: usize = 40;
/// Attempts of one request that meet the weather; every later one meets a fair day.
pub const WEATHER_ATTEMPTS_MAX: u32 = 5;
/// Shortest delay of a slow answer in the weather, in milliseconds.
pub const WEATHER_LATENCY_MS_MIN: u64 = 50;
/// Longest delay of a slow answer in the weather, in milliseconds.
pub const WEATHER_LATENCY_MS_MAX: u64 = 500;
/// The `Retry-After` of the weather, in seconds, where it sends one.
pub const WEATHER_RETRY_AFTER_SECONDS: u32 = 1;
/// Rows that each table of the page shows, the newest.
pub const PAGE_ROWS_MAX: usize = 100;
/// Characters that a cell of the page shows.
pub const PAGE_CELL_CHARS_MAX: usize = 500;
/// Longest `callbackUrl` in bytes.
pub const CALLBACK_URL_BYTES_MAX: usize = 2_048;
/// Longest time that a payment stays undefined before it decides by itself, in milliseconds: a day.
pub const DECISION_DELAY_MS_MAX: u64 = 86_400_000;
/// Longest `delayToAutoSettle` that is announced, in seconds: seven days.
pub const DELAY_TO_AUTO_SETTLE_SECONDS_MAX: u32 = 604_800;
/// Longest `delayToCancel` that is announced, in seconds: thirty days.
pub const DELAY_TO_CANCEL_SECONDS_MAX: u32 = 2_592_000;
/// Times that a callback is sent, until it is answered with 2xx.
pub const CALLBACK_ATTEMPTS_MAX: u32 = 4;
/// Longest time of one attempt to call back, from the look-up of the address to the answer.
pub const CALLBACK_TIME_MAX: Duration = Duration::from_secs(5);
/// Pause before the second attempt to call back; every later one is twice as long.
pub const CALLBACK_PAUSE: Duration = Duration::from_millis(100);
/// How long after the answer of a repeated `POST /payments` a late callback is sent, in milliseconds.
pub const CALLBACK_LATE_MS: u64 = 200;
/// Length of a huge callback in bytes.
pub const CALLBACK_HUGE_BYTES: usize = 4 * 1024 * 1024;
/// Callbacks in flight at the same time.
pub const CALLBACKS_IN_FLIGHT_MAX: usize = 64;
/// Callbacks that wait for something else to happen; more of them do not wait.
pub const HELD_CALLBACKS_MAX: usize = 10_000;
/// Callbacks that the books keep; the oldest leave first.
pub const CALLBACKS_KEPT_MAX: usize = 10_000;
/// Decisions and callbacks that wait for their time; more undefined payments than that wait to be told.
pub const ERRANDS_MAX: usize = 10_000;
/// How long a payment that decides by itself is undefined, in milliseconds, unless something else is configured.
pub const DECISION_DELAY_MS_DEFAULT: u64 = 10_000;
