//! Whose RPC it is.

use std::future::Future;

use http::{HeaderMap, Request, Response};
use tonic::Status;
use tonic::body::Body;
use tranche_core::id::AccountId;
use tranche_core::rejection::Violation;

use super::Around;
use crate::wire::{Unacceptable, parse_id};

/// The metadata that names the account.
const METADATA: &str = "tranche-account";
/// The account of a caller who names none.
const DEFAULT: &str = "default";

/// The account of an RPC, in its request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct CallerAccount(pub(crate) AccountId);

impl Default for CallerAccount {
    fn default() -> Self {
        Self(AccountId::trusted(DEFAULT))
    }
}

/// Reads the account that an RPC's metadata names.
pub(super) fn account_of(headers: &HeaderMap) -> Result<AccountId, Unacceptable> {
    let invalid = |description: String| Unacceptable(vec![Violation::new(METADATA, description)]);
    let mut values = headers.get_all(METADATA).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(CallerAccount::default().0),
        // Which of them is meant nobody can tell, and money goes by it.
        (Some(_), Some(_)) => Err(invalid("is given more than once".to_owned())),
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| invalid("is not plain ASCII".to_owned()))?;
            parse_id(text, AccountId::parse).map_err(invalid)
        }
    }
}

/// Puts the account into the request's extensions, or refuses the RPC.
#[derive(Clone, Debug)]
pub(crate) struct Account;

impl Around for Account {
    async fn around<F>(
        &self,
        mut request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>> + Send,
    {
        match account_of(request.headers()) {
            Ok(account_id) => {
                request.extensions_mut().insert(CallerAccount(account_id));
                rest(request).await
            }
            Err(unacceptable) => Status::from(unacceptable).into_http(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_account_is_named_once_or_is_the_default() {
        let long = "x".repeat(101);
        for (values, expected) in [
            (vec![], Some("default")),
            (vec!["shop-1"], Some("shop-1")),
            (vec![""], None),
            (vec!["a", "b"], None),
            (vec!["a\tb"], None),
            (vec![long.as_str()], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(METADATA, HeaderValue::from_str(value).unwrap());
            }
            let account = account_of(&headers).ok();
            assert_eq!(account.as_ref().map(AccountId::as_str), expected, "{values:?}");
        }
    }
}
