//! The code of every reason, and whether the server suggests a pause before a repeat.

use tonic::{Code, Status};
use tonic_types::StatusExt;
use tranche_proto::v1::ErrorReason;

/// The reason's name, as `ErrorInfo` spells it.
pub(super) fn name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

/// The reason that a status carries, for logs.
pub(crate) fn of_status(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// The code of a reason, as its comment in the protocol promises.
pub(super) fn code(reason: ErrorReason) -> Code {
    use ErrorReason as Reason;
    match reason {
        Reason::InvalidArgument | Reason::MalformedMessage => Code::InvalidArgument,
        Reason::UnknownMethod | Reason::NotImplemented => Code::Unimplemented,
        Reason::Unauthenticated => Code::Unauthenticated,
        Reason::PermissionDenied => Code::PermissionDenied,
        Reason::EtagMismatch | Reason::Conflict => Code::Aborted,
        Reason::MessageTooLarge | Reason::Overloaded | Reason::TooManyStreams => Code::ResourceExhausted,
        Reason::DatabaseUnavailable | Reason::ShuttingDown => Code::Unavailable,
        Reason::DeadlineExceeded => Code::DeadlineExceeded,
        Reason::Unspecified | Reason::Internal => Code::Internal,
        Reason::Canceled => Code::Cancelled,
        Reason::OrderNotFound
        | Reason::InvoiceNotFound
        | Reason::TransactionNotFound
        | Reason::PaymentNotFound
        | Reason::ConnectorNotFound
        | Reason::OperationNotFound => Code::NotFound,
        Reason::RequestIdReused
        | Reason::OrderAlreadyExists
        | Reason::InvoiceAlreadyExists
        | Reason::TransactionAlreadyExists
        | Reason::ConnectorAlreadyExists
        | Reason::PaymentAlreadyExists
        | Reason::LineAlreadyExists
        | Reason::PaymentAlreadyAdopted
        | Reason::MovementAlreadyBooked => Code::AlreadyExists,
        Reason::OrderNotOpen
        | Reason::OrderHasInvoices
        | Reason::OrderWithoutTransaction
        | Reason::OrderHasTransaction
        | Reason::InvoiceAboveRemaining
        | Reason::InvoiceAboveRoom
        | Reason::PaymentAboveRoom
        | Reason::LineQuantityExceeded
        | Reason::ReturnAboveInvoiced
        | Reason::ReturnAbovePayment
        | Reason::InvoiceNotVoidable
        | Reason::ValueBelowInvoiced
        | Reason::ValueBelowMinimum
        | Reason::ValueAboveRoom
        | Reason::ValueUnexpected
        | Reason::TooManyLines
        | Reason::TooManyInvoices
        | Reason::TooManyChanges
        | Reason::PaymentsBelowOrderValue
        | Reason::TransactionNotOpen
        | Reason::TooManyPayments
        | Reason::ModeNotSupported
        | Reason::PartialSettlementDisabled
        | Reason::ConnectorUnreachable
        | Reason::ConnectorCredentialsRefused
        | Reason::ConnectorCredentialsUnreadable
        | Reason::ConnectorManifestInvalid
        | Reason::EventCursorExpired
        | Reason::OperationNotRetryable
        | Reason::OperationReplayWindowOver
        | Reason::OperationNotResolvable
        | Reason::NothingLacking
        | Reason::MoveAboveRoom
        | Reason::ReleaseAboveFree
        | Reason::PartialCancellationNotSupported
        | Reason::OperationCouldOwnMovement
        | Reason::MovementAboveAuthorization => Code::FailedPrecondition,
    }
}

/// Whether the same request may be right a moment later, by itself.
pub(super) fn is_repeatable(reason: ErrorReason) -> bool {
    matches!(
        reason,
        ErrorReason::Conflict
            | ErrorReason::Overloaded
            | ErrorReason::TooManyStreams
            | ErrorReason::DatabaseUnavailable
            | ErrorReason::ShuttingDown
    )
}
