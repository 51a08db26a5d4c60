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
    let token = text(violations, &field("token"), &requested.token);
    let return_url = text(violations, &field("return_url"), &requested.return_url);
    if requested.return_url.starts_with("http://") || requested.return_url.starts_with("https://") {
        // An address that a browser can be sent to; where it leads is the shop's own business.
    } else if !requested.return_url.is_empty() {
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
        token: token?,
        installments: installments?,
        return_url: return_url?,
    })
}

/// An optional text that a provider is handed: bounded, printable, and no card data.
fn text(violations: &mut Violations, field: &str, text: &str) -> Option<Option<String>> {
    if text.len() > TEXT_BYTES_MAX {
        let length = text.len();
        violations.add(field, format!("is {length} bytes long; at most {TEXT_BYTES_MAX} are allowed"));
        return None;
    }
    if text.chars().any(char::is_control) {
        violations.add(field, "has a control character");
        return None;
    }
    if has_card_number(text) {
        violations.add(field, "has what looks like a card's number; only tokens and references may pass");
        return None;
    }
    Some(Some(text.to_owned()).filter(|text| !text.is_empty()))
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
