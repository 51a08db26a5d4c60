//! The read model: what the sandbox has booked and which calls it got, for comparison with somebody else's books.
//!
//! Amounts are decimal strings in major units, with the decimals that the currency pays.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::amount::{optional_text, text};

/// Answer of `GET /books`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Books {
    /// Every payment, by id.
    pub payments: Vec<PaymentBooks>,
    /// Calls of all payments, unknown ones included.
    pub calls: CallCounts,
}

/// One payment; the answer of `GET /books/{paymentId}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentBooks {
    /// The caller's id of the payment.
    pub payment_id: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Where the authorization stands.
    pub status: PaymentStatus,
    /// What is authorized; 0 unless the payment is approved. Settlements raise it as far as `max_value` allows.
    #[serde(with = "text")]
    pub authorized: Decimal,
    /// What it may rise to; no more than is authorized when absent.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub max_value: Option<Decimal>,
    /// Sum of the settlements.
    #[serde(with = "text")]
    pub settled: Decimal,
    /// Sum of the refunds.
    #[serde(with = "text")]
    pub refunded: Decimal,
    /// Sum of the cancellations.
    #[serde(with = "text")]
    pub canceled: Decimal,
    /// What a settlement released by itself, on a payment that settles once and releases the rest.
    #[serde(with = "text")]
    pub released: Decimal,
    /// In the order in which they were booked.
    pub settlements: Vec<Settlement>,
    /// In the order in which they were booked.
    pub refunds: Vec<Refund>,
    /// In the order in which they were booked.
    pub cancellations: Vec<Cancellation>,
    /// Calls for this payment.
    pub calls: CallCounts,
}

/// Where an authorization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// It can be settled.
    Approved,
    /// It cannot be settled, and nothing is authorized.
    Denied,
    /// It is not decided yet.
    Undefined,
    /// It was canceled before it was decided; the protocol calls it denied.
    Canceled,
}

impl PaymentStatus {
    /// As the books write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Undefined => "undefined",
            Self::Canceled => "canceled",
        }
    }
}

/// Money that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settlement {
    /// The sandbox's id.
    pub settle_id: String,
    /// The caller's id. Two settlements with the same one were booked by a fault.
    pub request_id: String,
    /// How much.
    #[serde(with = "text")]
    pub value: Decimal,
    /// How much of it went back.
    #[serde(with = "text")]
    pub refunded: Decimal,
}

/// Money that went back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// The sandbox's id.
    pub refund_id: String,
    /// The caller's id.
    pub request_id: String,
    /// The settlement whose money it was.
    pub settle_id: String,
    /// How much.
    #[serde(with = "text")]
    pub value: Decimal,
}

/// Authorized money that will not be taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancellation {
    /// The sandbox's id.
    pub cancellation_id: String,
    /// The caller's id.
    pub request_id: String,
    /// How much.
    #[serde(with = "text")]
    pub value: Decimal,
}

/// How many readable calls arrived, replays and refused ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallCounts {
    /// `POST /payments`.
    pub payment: u64,
    /// `POST /payments/{id}/settlements`.
    pub settlement: u64,
    /// `POST /payments/{id}/refunds`.
    pub refund: u64,
    /// `POST /payments/{id}/cancellations`.
    pub cancellation: u64,
}

/// One attempt to call back; `GET /callbacks` lists them in the order in which they ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// The payment that it is about.
    pub payment_id: String,
    /// The address, with its query.
    pub url: String,
    /// Which attempt it was, counted from 1; 0 if it was lost.
    pub attempt: u32,
    /// Body of the request; null if it was empty, text if it was not JSON, cut if it was huge.
    pub body: Value,
    /// The fault that made it what it is.
    pub fault: Option<String>,
    /// HTTP status of the answer; absent if there was none.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub failure: Option<String>,
}

/// One call of the protocol; `GET /calls` lists them in the order in which they were handled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// HTTP method.
    pub method: String,
    /// Path as it was received.
    pub path: String,
    /// `requestId` of the body, if there was one.
    pub request_id: Option<String>,
    /// Body of the request, without its card; null if it was empty or not JSON.
    pub request: Value,
    /// HTTP status of the answer; absent if the connection was dropped without one.
    pub status: Option<u16>,
    /// Body of the answer; null if there was none.
    pub response: Value,
}
