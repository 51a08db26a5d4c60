//! What tonic answers by itself, told like everything else.

use tonic::{Code, Status};
use tranche_proto::v1::ErrorReason;

use super::explanation::Explanation;
use crate::bounds::REQUEST_BYTES_MAX;

/// Explains an answer that carries no reason of ours: tonic made it before a handler saw the request.
///
/// `None` for what the services beside ours answer, such as the health of a service that is not there.
pub(crate) fn explain_foreign(code: Code, message: &str, path: &str) -> Option<Status> {
    let explanation = match code {
        Code::Unimplemented if message.starts_with("Content is compressed") => Explanation::new(
            ErrorReason::NotImplemented,
            "This server does not take compressed messages; send them as they are.",
        )
        .with("feature", "compression"),
        Code::Unimplemented => Explanation::new(
            ErrorReason::UnknownMethod,
            format!("This server has no method '{path}'; compare the versions of client and server."),
        )
        .with("path", path),
        Code::OutOfRange | Code::ResourceExhausted => Explanation::new(
            ErrorReason::MessageTooLarge,
            format!("The message is larger than {REQUEST_BYTES_MAX} bytes; send less at once."),
        )
        .with("maximum", REQUEST_BYTES_MAX.to_string()),
        // Nothing of ours has run, so that only the message itself can be wrong.
        Code::Internal | Code::InvalidArgument => Explanation::new(
            ErrorReason::MalformedMessage,
            "The message could not be decoded; generate the client from the published protocol files.",
        ),
        Code::Cancelled => Explanation::new(
            ErrorReason::Canceled,
            "The caller went away, and the work may or may not have been done; repeat the request unchanged.",
        ),
        Code::DeadlineExceeded => return Some(super::Refusal::TimedOut.into()),
        _ => return None,
    };
    Some(explanation.into())
}
