//! Every bound of the connectors, named, in one place.

use std::time::Duration;

/// Largest body of an answer that is read; a larger one is no answer that can be trusted.
pub const RESPONSE_BODY_BYTES_MAX: usize = 256 * 1024;
/// Largest body kept of one call, of the request and of the response.
pub const EXCHANGE_BODY_BYTES_MAX: usize = 16 * 1024;
/// Most text of headers kept of one call, of the request and of the response.
pub const EXCHANGE_HEADERS_BYTES_MAX: usize = 4 * 1024;
/// Longest text kept of a provider's code, message, or of what went wrong.
pub const DETAIL_BYTES_MAX: usize = 500;
/// Longest id of a settlement, refund or cancellation that is taken from a provider.
pub const PROVIDER_ID_BYTES_MAX: usize = 200;
/// Fewest bytes of the secret that signs callback addresses.
pub const CALLBACK_SECRET_BYTES_MIN: usize = 32;
/// Bytes of a callback address's signature that are kept: 32 hexadecimal digits, the protocol's limit.
pub const CALLBACK_SIGNATURE_BYTES: usize = 16;
/// Longest time that a provider may give an authorization until it is to be canceled.
pub const CANCEL_AFTER_MAX: Duration = Duration::from_hours(30 * 24);
/// Most digits of a value in an answer.
pub const VALUE_DIGITS_MAX: usize = 28;
/// Largest file that a credential is read from.
pub const CREDENTIAL_BYTES_MAX: u64 = 8 * 1024;
/// How long reading the credentials may take.
pub const CREDENTIALS_TIME_MAX: Duration = Duration::from_secs(1);
/// Shortest credential that is looked for in recorded texts; a shorter one is found in every text.
pub const CREDENTIAL_SEARCHED_BYTES_MIN: usize = 4;
/// How long connecting may take; after that nothing was sent.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a connection that nobody uses is kept; short, as providers close idle ones without a word.
pub const CONNECTION_IDLE_TIME_MAX: Duration = Duration::from_secs(15);
/// Idle connections kept for each provider: as many as one batch of the engine may start calls, which leave at once. With
/// fewer, a busy server opens new ones all the time.
pub const CONNECTIONS_IDLE_PER_HOST_MAX: usize = 256;
/// Limit of a call where the settings name none.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(20);
/// Shortest limit of a call, in milliseconds.
pub const TIMEOUT_MS_MIN: u64 = 100;
/// Longest limit of a call, in milliseconds.
pub const TIMEOUT_MS_MAX: u64 = 60_000;
/// Most calls in flight at once through one connector, of each process, and as many as it has if its settings name no
/// number: as many as one batch of the engine may start.
pub const CALLS_IN_FLIGHT_MAX: usize = 256;
/// Longest pause that a provider may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);
/// Payment methods of one manifest.
pub const PAYMENT_METHODS_MAX: usize = 1_000;
