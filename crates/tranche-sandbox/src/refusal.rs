//! What the sandbox refuses, each with a code and an HTTP status.

use axum::http::StatusCode;
use rust_decimal::Decimal;

/// Why a call was not done. Nothing was booked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the request cannot be read: {0}")]
    Malformed(String),
    #[error("the body is longer than {0} bytes")]
    TooLong(usize),
    #[error("the application's key and token are not the right ones")]
    Unauthorized,
    #[error("there is nothing at this path")]
    NoSuchPath,
    #[error("there is no payment '{0}'")]
    PaymentUnknown(String),
    #[error("the payment '{0}' exists with other content")]
    PaymentReused(String),
    #[error("the payment was denied")]
    PaymentDenied,
    #[error("the payment was canceled before it was decided")]
    PaymentCanceled,
    #[error("the payment is not decided yet")]
    PaymentUndefined,
    #[error("the payment '{0}' was decided before")]
    PaymentDecided(String),
    #[error("the request '{0}' was made before with other content")]
    RequestReused(String),
    #[error("the value {0}")]
    ValueInvalid(String),
    #[error("{asked} was asked and {left} of the authorization is left")]
    AboveAuthorized { asked: Decimal, left: Decimal },
    #[error("this payment settles once, and was settled before")]
    SettledBefore,
    #[error("this payment settles its full value of {0} only")]
    FullValueOnly(Decimal),
    #[error("this payment cannot be canceled in part")]
    PartialCancellation,
    #[error("the payment has no settlement '{0}'")]
    SettlementUnknown(String),
    #[error("{asked} was asked and {left} of the settlement is left")]
    AboveSettled { asked: Decimal, left: Decimal },
    #[error("nothing is left to cancel")]
    NothingToCancel,
    #[error("the request was given up after it took too long")]
    AfterTimeout,
    #[error("the sandbox keeps at most {0} of these; restart it")]
    Full(usize),
}

impl Refusal {
    /// The machine-readable code of the answer.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooLong(_) => "body-too-long",
            Self::Unauthorized => "unauthorized",
            Self::NoSuchPath => "no-such-path",
            Self::PaymentUnknown(_) => "payment-unknown",
            Self::PaymentReused(_) => "payment-id-reused",
            Self::PaymentDenied => "payment-denied",
            Self::PaymentCanceled => "payment-canceled",
            Self::PaymentUndefined => "payment-undefined",
            Self::PaymentDecided(_) => "payment-decided",
            Self::RequestReused(_) => "request-id-reused",
            Self::ValueInvalid(_) => "value-invalid",
            Self::AboveAuthorized { .. } => "above-authorized",
            Self::SettledBefore => "settled-before",
            Self::FullValueOnly(_) => "full-value-only",
            Self::PartialCancellation => "partial-cancellation",
            Self::SettlementUnknown(_) => "settlement-unknown",
            Self::AboveSettled { .. } => "above-settled",
            Self::NothingToCancel => "nothing-to-cancel",
            Self::AfterTimeout => "refused-after-timeout",
            Self::Full(_) => "sandbox-full",
        }
    }

    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoSuchPath | Self::PaymentUnknown(_) => StatusCode::NOT_FOUND,
            Self::PaymentReused(_) | Self::RequestReused(_) | Self::PaymentDecided(_) => StatusCode::CONFLICT,
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Malformed(_)
            | Self::PaymentDenied
            | Self::PaymentCanceled
            | Self::PaymentUndefined
            | Self::ValueInvalid(_)
            | Self::AboveAuthorized { .. }
            | Self::SettledBefore
            | Self::FullValueOnly(_)
            | Self::PartialCancellation
            | Self::SettlementUnknown(_)
            | Self::AboveSettled { .. }
            | Self::NothingToCancel
            | Self::AfterTimeout => StatusCode::BAD_REQUEST,
        }
    }
}
