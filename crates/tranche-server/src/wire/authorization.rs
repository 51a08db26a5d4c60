//! What a provider is asked to authorize with.

use tranche_connectors::redaction::has_card_number;
use tranche_core::authorization::AuthorizationRequest;
use tranche_core::bounds::{INSTALLMENTS_MAX, TEXT_BYTES_MAX};
use tranche_proto::v1 as pb;

use super::Violations;
use super::content::Parts;

/// What a request asks a provider to authorize with, which stands in it at this path.
pub(crate) fn parse(
    violations: &mut Violations,
    path: &str,
    requested: &pb::RequestedAuthorization,
) -> Option<AuthorizationRequest> {
    let field = |name: &str| format!("{path}.{name}");
    let payment_method = violations.id(&field("payment_method"), &requested.payment_method, |text| {
        tranche_core::id::check(text).map(|()| text.to_owned())
    });
    let token = optional(violations, &field("token"), &requested.token);
    let return_url = optional(violations, &field("return_url"), &requested.return_url);
    let is_address = ["https://", "http://"].iter().any(|scheme| requested.return_url.starts_with(scheme));
    if return_url.is_some() && !is_address {
        violations.add(field("return_url"), "is no address that begins with https:// or http://");
    }
    let installments = match u32::try_from(requested.installments) {
        Ok(count) if count <= INSTALLMENTS_MAX => Some(count.max(1)),
        _ => {
            let description = format!("must be from 0 to {INSTALLMENTS_MAX}");
            violations.add(field("installments"), description);
            None
        }
    };
    Some(AuthorizationRequest {
        payment_method: payment_method?,
        token,
        installments: installments?,
        return_url,
    })
}

/// A text that a provider is handed, if there is one: bounded, printable, and no card data.
fn optional(violations: &mut Violations, field: &str, text: &str) -> Option<String> {
    if text.len() > TEXT_BYTES_MAX {
        let length = text.len();
        violations.add(field, format!("is {length} bytes long; at most {TEXT_BYTES_MAX} are allowed"));
    } else if text.chars().any(char::is_control) {
        violations.add(field, "has a control character");
    } else if has_card_number(text) {
        violations.add(field, "has what looks like a card's number; only tokens and references may pass");
    }
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Adds it to what a request asked for.
pub(crate) fn add_to(parts: Parts, request: &AuthorizationRequest) -> Parts {
    parts
        .with("requested")
        .with(&request.payment_method)
        .with_optional(request.token.as_ref())
        .with(request.installments.to_string())
        .with_optional(request.return_url.as_ref())
}
