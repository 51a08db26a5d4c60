//! What went wrong, read out of a status.

use std::collections::HashMap;

use tonic::Status;
use tonic_types::StatusExt as _;

use crate::v1::ErrorReason;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address cannot be read.
    #[error("the address cannot be read; write it like http://127.0.0.1:50051")]
    Address(#[source] tonic::transport::Error),
    /// The account cannot be sent as metadata.
    #[error("the account '{0}' has characters that gRPC metadata cannot carry; use printable ASCII")]
    Account(String),
    /// Nobody answers there.
    #[error("the server cannot be reached; is it running, and is the address right?")]
    Unreachable(#[source] tonic::transport::Error),
}

/// The reason of a refusal; `None` if the server gave none, or one that this client does not know.
pub fn reason(status: &Status) -> Option<ErrorReason> {
    let name = format!("ERROR_REASON_{}", status.get_details_error_info()?.reason);
    ErrorReason::from_str_name(&name)
}

/// The figures of a refusal, such as `remaining`.
pub fn metadata(status: &Status) -> HashMap<String, String> {
    status.get_details_error_info().map(|info| info.metadata).unwrap_or_default()
}

/// The fields that can never be right as they are: dotted path and description.
pub fn violations(status: &Status) -> Vec<(String, String)> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| (violation.field, violation.description)).collect()
}
