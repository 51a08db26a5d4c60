//! Where providers call back: one address per payment, signed, so that nobody else can make one.
//!
//! The signature is an HMAC-SHA256 over what the address is about, of which 128 bits are kept: the protocol's limit is 32
//! characters. It is compared in constant time. It says who may speak of a payment, not what is true of it: what a
//! callback says counts no more than the answer to a repeated request.

use ::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use sha2::Sha256;
use tranche_core::authorization::{Authorization, AuthorizationRequest};
use tranche_core::id::{AccountId, OrderId, OrderKey, PaymentId};
use tranche_core::money::Currency;
use tranche_core::operation::{Answer, Exchange};

use crate::bounds::{CALLBACK_SECRET_BYTES_MIN, CALLBACK_SIGNATURE_BYTES, DETAIL_BYTES_MAX};
use crate::credentials::Reference;
use crate::exchange::without_secrets;
use crate::ppp::authorization::read_callback;
use crate::ppp::request::PATH_SEGMENT;
use crate::redaction::{Redaction, cut};
use crate::settings::base_url;

/// The first part of a callback's path, behind whatever the public address begins with.
const FOLDER: &str = "callbacks";
/// The query's name of the signature, as the protocol calls it.
const SIGNATURE: &str = "X-VTEX-signature";
/// Keeps these signatures apart from all others that the same secret might make.
const DOMAIN: &str = "tranche callback 1";

/// The public address of callbacks, and the secret that signs it.
pub struct Callbacks {
    /// Without a slash at its end.
    url: String,
    key: Hmac<Sha256>,
}

impl std::fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callbacks").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Why callbacks cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The address cannot be one that providers call.
    #[error("the address for callbacks {0}")]
    Url(String),
    /// The secret is not a reference.
    #[error("the secret for callbacks {0}")]
    Reference(String),
    /// The secret cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The secret could be guessed.
    #[error(
        "the secret for callbacks has {0} bytes; at least {CALLBACK_SECRET_BYTES_MIN} are needed, from a random source"
    )]
    TooShort(usize),
}

/// Why a call at the address of callbacks is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// The path is not one that was ever given out.
    Path,
    /// There is no signature, or it is not ours.
    Signature,
}

impl Callbacks {
    /// Callbacks at a public address, signed with what the reference `env:NAME` or `file:/path` refers to.
    pub async fn read(url: &str, secret: &str) -> Result<Self, CallbackError> {
        let url = base_url(url).map_err(CallbackError::Url)?;
        let reference = Reference::parse(secret).map_err(CallbackError::Reference)?;
        let secret = reference.read("the secret for callbacks").await;
        let secret = secret.map_err(|error| CallbackError::Unreadable(error.to_string()))?;
        Self::signed(url, secret.text.as_bytes())
    }

    fn signed(url: String, secret: &[u8]) -> Result<Self, CallbackError> {
        let too_short = CallbackError::TooShort(secret.len());
        if secret.len() < CALLBACK_SECRET_BYTES_MIN {
            return Err(too_short);
        }
        let key = Hmac::new_from_slice(secret).map_err(|_| too_short)?;
        Ok(Self { url, key })
    }

    /// The address for a payment, and its signature alone.
    pub(crate) fn address(&self, order: &OrderKey, payment: &PaymentId) -> (String, String) {
        let encode = |id: &str| utf8_percent_encode(id, PATH_SEGMENT).to_string();
        let mac = self.mac(order, payment).finalize().into_bytes();
        let signature = hex(mac.get(..CALLBACK_SIGNATURE_BYTES).unwrap_or_default());
        // Each id has a letter before it: a path that ends in `.` or `..` leads elsewhere.
        let url = format!(
            "{}/{FOLDER}/a-{}/o-{}/p-{}?{SIGNATURE}={signature}",
            self.url,
            encode(order.account_id.as_str()),
            encode(order.order_id.as_str()),
            encode(payment.as_str()),
        );
        (url, signature)
    }

    fn mac(&self, order: &OrderKey, payment: &PaymentId) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        // Every part with its length, so that no two lists of parts read the same.
        for part in [DOMAIN, order.account_id.as_str(), order.order_id.as_str(), payment.as_str()] {
            mac.update(part.len().to_string().as_bytes());
            mac.update(b":");
            mac.update(part.as_bytes());
        }
        mac
    }

    /// Which payment a call is about, if the address is one that was given out.
    pub fn open(&self, path: &str, query: Option<&str>) -> Result<(OrderKey, PaymentId), Stranger> {
        let mut parts = path.rsplit('/');
        let mut id = |prefix: &str| {
            let part = parts.next().and_then(|part| part.strip_prefix(prefix)).ok_or(Stranger::Path)?;
            percent_decode_str(part).decode_utf8().map_err(|_| Stranger::Path)
        };
        let (payment, order, account) = (id("p-")?, id("o-")?, id("a-")?);
        if parts.next() != Some(FOLDER) {
            return Err(Stranger::Path);
        }
        let order = OrderKey {
            account_id: AccountId::parse(&account).map_err(|_| Stranger::Path)?,
            order_id: OrderId::parse(&order).map_err(|_| Stranger::Path)?,
        };
        let payment = PaymentId::parse(&payment).map_err(|_| Stranger::Path)?;
        let signature = query.and_then(signature);
        let signature = signature.and_then(bytes).ok_or(Stranger::Signature)?;
        // In constant time, so that no signature can be guessed byte by byte.
        let verified = self.mac(&order, &payment).verify_truncated_left(&signature);
        verified.map_err(|_| Stranger::Signature)?;
        Ok((order, payment))
    }
}

/// The signature in the query of an address.
fn signature(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name == SIGNATURE).then_some(value)
    })
}

fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16)).collect()
}

/// The bytes of a signature, if it has the length of one.
fn bytes(text: &str) -> Option<[u8; CALLBACK_SIGNATURE_BYTES]> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 2 * CALLBACK_SIGNATURE_BYTES || !text.bytes().all(is_hex) {
        return None;
    }
    let mut bytes = [0; CALLBACK_SIGNATURE_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// What must not be kept of a callback: the signature of its address, and the token that the payment was asked for with.
pub fn redaction(query: Option<&str>, request: Option<&AuthorizationRequest>) -> Redaction {
    let signature = query.and_then(signature).map(str::to_owned);
    let token = request.and_then(|request| request.token.clone());
    Redaction::of(signature.into_iter().chain(token))
}

/// What a callback says of an authorization; `None` if it says nothing but that the provider can be asked again; an error
/// if it cannot be about this one.
pub fn read(
    authorization: &Authorization,
    currency: Currency,
    body: &[u8],
    redaction: &Redaction,
) -> Result<Option<Answer>, String> {
    let answer = read_callback(authorization, currency, body)
        .map_err(|reason| cut(&redaction.text(&reason), DETAIL_BYTES_MAX))?;
    Ok(answer.map(|answer| without_secrets(answer, redaction)))
}

/// The record of a callback, without secrets and card data: the query, which has the signature, is not kept.
pub fn record(path: &str, headers: &HeaderMap, body: &[u8], redaction: &Redaction) -> Exchange {
    Exchange {
        method: "POST".to_owned(),
        url: redaction.text(path),
        request_headers: redaction.headers(headers),
        request_body: redaction.body(body),
        status: None,
        response_headers: String::new(),
        response_body: String::new(),
        latency: std::time::Duration::ZERO,
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn callbacks(secret: &[u8]) -> Callbacks {
        Callbacks::signed("https://tranche.example/x".to_owned(), secret).unwrap()
    }

    fn order(account: &str, order: &str) -> OrderKey {
        OrderKey { account_id: AccountId::trusted(account), order_id: OrderId::trusted(order) }
    }

    /// Path and query of an address.
    fn parts(url: &str) -> (String, String) {
        let (path, query) = url.strip_prefix("https://tranche.example").unwrap().split_once('?').unwrap();
        (path.to_owned(), query.to_owned())
    }

    #[test]
    fn an_address_leads_back_to_its_payment_whatever_its_ids_are() {
        let callbacks = callbacks(SECRET);
        for (account, id, payment) in
            [("a", "o", "p"), ("..", ".", ".."), ("a/b", "o?x=1&y#z", "p %2F ½"), ("a-", "o-", "p-")]
        {
            let key = order(account, id);
            let (url, signature) = callbacks.address(&key, &PaymentId::trusted(payment));
            assert!(
                signature.len() == 32 && url.ends_with(&format!("?X-VTEX-signature={signature}")),
                "{url}"
            );
            let (path, query) = parts(&url);
            assert_eq!(callbacks.open(&path, Some(&query)), Ok((key, PaymentId::trusted(payment))), "{url}");
        }
    }

    #[test]
    fn whoever_does_not_know_the_secret_is_a_stranger() {
        let ours = callbacks(SECRET);
        let (url, signature) = ours.address(&order("a", "o"), &PaymentId::trusted("p"));
        let (path, query) = parts(&url);
        let flipped = query.replace(&signature, &signature.chars().rev().collect::<String>());
        let (path_of, query_of) = (path.as_str(), query.as_str());
        let short = &query_of[..query_of.len() - 1];
        for (path, query, expected) in [
            ("/callbacks/a-a/o-o/p-q", Some(query_of), Stranger::Signature),
            ("/callbacks/a-a/o-p/p-p", Some(query_of), Stranger::Signature),
            ("/callbacks/a-b/o-o/p-p", Some(query_of), Stranger::Signature),
            (path_of, None, Stranger::Signature),
            (path_of, Some(""), Stranger::Signature),
            (path_of, Some("X-VTEX-signature="), Stranger::Signature),
            (path_of, Some(short), Stranger::Signature),
            (path_of, Some(&flipped), Stranger::Signature),
            (path_of, Some(&query_of.to_uppercase()), Stranger::Signature),
            ("/", Some(query_of), Stranger::Path),
            ("/a-a/o-o/p-p", Some(query_of), Stranger::Path),
            ("/callbacks/a-a/o-o", Some(query_of), Stranger::Path),
            ("/callbacks/a-a/o-o/p-p/", Some(query_of), Stranger::Path),
            ("/callbacks/a-/o-o/p-p", Some(query_of), Stranger::Path),
            ("/callbacks/a-a/o-o/p-%ff", Some(query_of), Stranger::Path),
        ] {
            assert_eq!(ours.open(path, query), Err(expected), "{path} {query:?}");
        }
        let theirs = callbacks(b"0123456789abcdef0123456789abcdeX");
        let theirs = theirs.address(&order("a", "o"), &PaymentId::trusted("p")).0;
        assert_eq!(ours.open(&path, Some(&parts(&theirs).1)), Err(Stranger::Signature));
    }

    #[test]
    fn no_two_lists_of_ids_have_one_signature() {
        let callbacks = callbacks(SECRET);
        let of = |account: &str, id: &str, payment: &str| {
            callbacks.address(&order(account, id), &PaymentId::trusted(payment)).1
        };
        let all =
            [of("a", "o", "p"), of("ao", "", "p"), of("a", "op", ""), of("", "ao", "p"), of("a", "p", "o")];
        for (index, signature) in all.iter().enumerate() {
            assert!(!all[..index].contains(signature), "{index}");
        }
    }

    #[test]
    fn a_record_has_neither_the_signature_nor_the_token() {
        let request = AuthorizationRequest {
            payment_method: "Visa".to_owned(),
            token: Some("tok-of-the-payer".to_owned()),
            installments: 1,
            return_url: None,
        };
        let (_, signature) = callbacks(SECRET).address(&order("a", "o"), &PaymentId::trusted("p"));
        let query = format!("{SIGNATURE}={signature}");
        let redaction = redaction(Some(&query), Some(&request));
        let body = format!(r#"{{"seen":"{signature}","payer":"tok-of-the-payer","status":"denied"}}"#);
        let mut headers = HeaderMap::new();
        headers.insert("x-of-the-payment", signature.parse().unwrap());
        let exchange = record("/callbacks/a-a/o-o/p-p", &headers, body.as_bytes(), &redaction);
        let text = format!("{exchange:?}");
        assert!(!text.contains(&signature) && !text.contains("tok-of-the-payer"), "{text}");
        assert!(exchange.request_body.contains("denied"), "{text}");
    }

    #[tokio::test]
    async fn a_secret_is_a_reference_to_enough_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            format!("file:{}", path.display())
        };
        let good = file("good", "0123456789abcdef0123456789abcdef\n");
        let short = file("short", "0123456789abcdef0123456789abcde\n");
        let url = "https://tranche.example/";
        assert!(Callbacks::read(url, &good).await.is_ok());
        for (url, secret, expected) in [
            (url, "0123456789abcdef0123456789abcdef", "is not a reference"),
            (url, short.as_str(), "has 31 bytes"),
            (url, "file:/nowhere/secret", "cannot be used"),
            ("tranche.example", good.as_str(), "is not an absolute URL"),
            ("https://tranche.example/?a=b", good.as_str(), "has a query"),
        ] {
            let error = Callbacks::read(url, secret).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
