//! The columns of a payment that say how far its authorization is, and what it is asked for with.

use tranche_core::authorization::{AuthorizationRequest, AuthorizationState};

use super::Unreadable;
use super::payment::Model;
use super::value::{count, micros, time};

/// The name of a state, without its data.
pub(super) fn state_name(state: &AuthorizationState) -> &'static str {
    match state {
        AuthorizationState::Authorizing { .. } => "authorizing",
        AuthorizationState::Authorized => "authorized",
        AuthorizationState::Denied { .. } => "denied",
    }
}

/// The code and the message of a denial; empty in every other state.
pub(super) fn denial(state: &AuthorizationState) -> (Option<String>, Option<String>) {
    match state {
        AuthorizationState::Denied { code, message, .. } => (Some(code.clone()), Some(message.clone())),
        AuthorizationState::Authorizing { .. } | AuthorizationState::Authorized => (None, None),
    }
}

/// What is or was asked for, and until when an approval is waited for.
pub(super) fn asked(state: &AuthorizationState) -> (Option<i64>, Option<i64>) {
    match state {
        AuthorizationState::Authorizing { value, until } => (Some(*value), micros(*until)),
        AuthorizationState::Denied { value, .. } => (Some(*value), None),
        AuthorizationState::Authorized => (None, None),
    }
}

/// How far the authorization is.
pub(super) fn state(row: &Model) -> Result<AuthorizationState, Unreadable> {
    let denial = row.denial_code.as_ref().zip(row.denial_message.as_ref());
    match (row.authorization_state.as_str(), row.authorizing_value, denial) {
        ("authorizing", Some(value), None) => {
            Ok(AuthorizationState::Authorizing { value, until: time(row.authorizing_until) })
        }
        ("authorized", None, None) => Ok(AuthorizationState::Authorized),
        ("denied", Some(value), Some((code, message))) => {
            Ok(AuthorizationState::Denied { value, code: code.clone(), message: message.clone() })
        }
        _ => Err(Unreadable("the authorization's columns do not fit its state".to_owned())),
    }
}

/// What it is asked for with, if it was not adopted.
pub(super) fn request(row: &Model) -> Result<Option<AuthorizationRequest>, Unreadable> {
    match (&row.payment_method, row.installments) {
        (None, None) => Ok(None),
        (Some(payment_method), Some(installments)) => Ok(Some(AuthorizationRequest {
            payment_method: payment_method.clone(),
            token: row.payment_token.clone(),
            installments: count("installments", installments)?,
            return_url: row.return_url.clone(),
        })),
        _ => Err(Unreadable("the authorization's request is half empty".to_owned())),
    }
}
