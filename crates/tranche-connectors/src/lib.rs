//! Payment providers: a core call becomes an HTTP request, an HTTP response becomes an answer.
//!
//! Requests are built and responses are read by pure functions, in [`ppp`]; others, in [`redaction`], take the secrets
//! out of what is kept; `http.rs` alone sends. A connector's settings are a map of texts that only this crate reads, so
//! that a new kind of provider touches nothing else.
//!
//! * What was not sent is [`Answer::NoAnswer`]; what may have been sent and was not answered is [`Answer::Unknown`].
//! * Values go out and come back as the exact decimals that they are.
//! * Credentials are read for one call and are in no record of it.

pub mod bounds;
pub mod callback;
mod credentials;
mod exchange;
#[cfg(test)]
mod fixtures;
mod http;
pub mod ppp;
pub mod redaction;
mod settings;

use std::sync::Arc;

use ::http::header::{ACCEPT, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderValue};
use tranche_core::operation::{Answer, Call, Exchange, OperationKind};
use tranche_core::planted::{PlantedBug, is_planted};
use tranche_core::time::Clock;

pub use exchange::retry_after;
pub use settings::{KIND_PPP, Settings, Violation, contradictions, parse, withdrawn};

use crate::bounds::DETAIL_BYTES_MAX;
use crate::callback::Callbacks;
use crate::credentials::CredentialError;
use crate::http::{Failure, Incoming, Outgoing};
use crate::ppp::request::{Request, Unsendable};
use crate::ppp::{authorization, manifest, request, response};
use crate::redaction::{Redaction, cut};

/// The way to all providers: one client, whose connections they share.
#[derive(Clone)]
pub struct Connectors {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    callbacks: Option<Arc<Callbacks>>,
}

/// Why the connectors cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be built")]
pub struct ClientError(#[source] reqwest::Error);

/// Why a provider's manifest could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// No answer came, or one that says nothing about the settings.
    #[error(
        "the provider's manifest could not be read: {detail}; check settings.base_url and that the provider is up"
    )]
    Unreachable {
        /// What happened.
        detail: String,
    },
    /// The provider does not know the credentials.
    #[error(
        "the provider's manifest was not given out: it answered {status}; check settings.app_key, settings.app_token \
         and settings.header_family"
    )]
    CredentialsRefused {
        /// The HTTP status of its answer.
        status: u16,
    },
    /// A credential could not be read, so that the provider was not asked.
    #[error(
        "the provider's manifest was not asked for: {detail}; set what {setting} refers to, or correct it"
    )]
    CredentialsUnreadable {
        /// The path of the setting that refers to it.
        setting: String,
        /// What happened.
        detail: String,
    },
    /// Something answered that is no provider of this protocol.
    #[error(
        "what GET /manifest answered is no manifest: {detail}; check that settings.base_url is the address of a \
         provider that speaks the Payment Provider Protocol"
    )]
    Invalid {
        /// What is wrong with it.
        detail: String,
    },
}

impl Connectors {
    /// Builds the client. The process must have installed a rustls provider before.
    pub fn new(clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        Ok(Self { client: http::client().map_err(ClientError)?, clock, callbacks: None })
    }

    /// Tells providers that are asked for an authorization where to call back. Without it they are only asked again.
    #[must_use]
    pub fn with_callbacks(self, callbacks: Arc<Callbacks>) -> Self {
        Self { callbacks: Some(callbacks), ..self }
    }

    /// Makes one call. It takes at most [`Settings::call_time_max`].
    pub async fn send(&self, settings: &Settings, call: &Call) -> (Answer, Exchange) {
        let start = self.clock.now();
        let request = match self.build(settings, call) {
            Ok(request) => request,
            // No repetition would change it, so it is a person's work from the start.
            Err(unsendable) => {
                let message = unsendable.to_string();
                let exchange = exchange::not_tried(&message, self.clock.now().since(start));
                return (Answer::Manual { code: unsendable.code().to_owned(), message }, exchange);
            }
        };
        let (outgoing, redaction) = match prepare(settings, request).await {
            Ok((outgoing, redaction)) => (outgoing, self.secrets(call).fold(redaction, Redaction::and)),
            Err(error) => {
                let detail = error.to_string();
                let exchange = exchange::not_tried(&detail, self.clock.now().since(start));
                return (
                    Answer::NoAnswer { detail: cut(&detail, DETAIL_BYTES_MAX), retry_after: None },
                    exchange,
                );
            }
        };
        let incoming = http::perform(&self.client, &outgoing).await;
        let latency = self.clock.now().since(start);
        let answer = exchange::without_secrets(meaning(call, &incoming), &redaction);
        (answer, exchange::record(&outgoing, &incoming, latency, &redaction))
    }

    /// The request for a call.
    fn build(&self, settings: &Settings, call: &Call) -> Result<Request, Unsendable> {
        let callbacks =
            self.callbacks.as_ref().filter(|_| call.operation.kind == OperationKind::Authorization);
        let Some(callbacks) = callbacks else {
            return request::build(settings, call);
        };
        let (url, _) = callbacks.address(&call.operation.order, &call.operation.payment_id);
        authorization::build(settings, call, Some(&url))
    }

    /// What of a payment is nobody's business, whichever call an answer repeats it to: the signature of the address where
    /// its provider calls back, and the payer's token until it is forgotten, with the end of the authorization.
    fn secrets(&self, call: &Call) -> impl Iterator<Item = String> {
        let address =
            |callbacks: &Arc<Callbacks>| callbacks.address(&call.operation.order, &call.operation.payment_id);
        let signature = self.callbacks.as_ref().map(|callbacks| address(callbacks).1);
        let token = call.request.as_ref().and_then(|request| request.token.clone());
        signature.into_iter().chain(token)
    }

    /// Reads the provider's manifest, as the check of its address and credentials.
    pub async fn manifest(&self, settings: &Settings) -> Result<String, ManifestError> {
        let (outgoing, redaction) = prepare(settings, request::manifest()).await.map_err(|error| {
            let detail = cut(&error.to_string(), DETAIL_BYTES_MAX);
            ManifestError::CredentialsUnreadable { setting: error.setting.to_owned(), detail }
        })?;
        let incoming = http::perform(&self.client, &outgoing).await;
        let clean = |detail: &str| cut(&redaction.text(detail), DETAIL_BYTES_MAX);
        if let Some(Failure::NotSent(detail) | Failure::Lost(detail)) = &incoming.failure {
            return Err(ManifestError::Unreachable { detail: clean(detail) });
        }
        let Some(status) = incoming.status else {
            return Err(ManifestError::Unreachable { detail: "it did not answer".to_owned() });
        };
        let detail = format!("it answered {status}");
        match status.as_u16() {
            200..=299 => manifest::check(&incoming.body)
                .map_err(|detail| ManifestError::Invalid { detail: clean(&detail) }),
            status @ (401 | 403) => Err(ManifestError::CredentialsRefused { status }),
            429 | 500..=599 => Err(ManifestError::Unreachable { detail }),
            _ => Err(ManifestError::Invalid { detail }),
        }
    }
}

/// Adds the address and the credentials; an error says why they cannot be used.
async fn prepare(settings: &Settings, request: Request) -> Result<(Outgoing, Redaction), CredentialError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if !request.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let mut redaction = Redaction::default();
    if let Some(credentials) = &settings.credentials {
        let secrets = credentials.read().await?;
        let (key_name, token_name) = settings.header_family.names();
        headers.insert(key_name, secrets.app_key.header);
        headers.insert(token_name, secrets.app_token.header);
        redaction = Redaction::of([secrets.app_key.text, secrets.app_token.text]);
    }
    let Request { method, path, body } = request;
    let url = format!("{}{path}", settings.base_url);
    Ok((Outgoing { method, url, headers, body, timeout: settings.timeout }, redaction))
}

fn meaning(call: &Call, incoming: &Incoming) -> Answer {
    match (&incoming.failure, incoming.status) {
        (Some(Failure::NotSent(detail)), _) => Answer::NoAnswer { detail: detail.clone(), retry_after: None },
        (Some(Failure::Lost(_)), _) if is_planted(PlantedBug::TimeoutIsRefusal) => {
            Answer::Refused { code: "timeout".to_owned(), message: String::new() }
        }
        (Some(Failure::Lost(_)), _) if is_planted(PlantedBug::TimeoutIsDone) => {
            Answer::Done { value: call.operation.value, surplus: 0, provider_id: "timeout".to_owned() }
        }
        (Some(Failure::Lost(detail)), _) => Answer::Unknown { detail: detail.clone() },
        (None, Some(status)) => response::read(call, status, &incoming.headers, &incoming.body),
        (None, None) => Answer::Unknown { detail: "there was no answer".to_owned() },
    }
}
