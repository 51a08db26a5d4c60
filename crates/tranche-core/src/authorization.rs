//! Authorizations: what a provider needs to know of one that exists, how one is asked for, and what became of that.

use sha2::{Digest, Sha256};

use crate::content::hex;
use crate::id::{OrderKey, PaymentId};
use crate::time::Timestamp;

/// Hex digits of the ids that are ours to give: as many as the protocol's own examples have.
const PROVIDER_ID_DIGITS: usize = 32;

/// What the provider needs to know of an authorization that exists there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The provider's id of the payment; unique per connector.
    pub provider_payment_id: String,
    /// The provider's id of the transaction.
    pub provider_transaction_id: String,
    /// The provider's id of the authorization.
    pub authorization_id: String,
    /// The acquirer's transaction id, if there is one.
    pub tid: Option<String>,
    /// The acquirer's sequence number, if there is one.
    pub nsu: Option<String>,
    /// When the authorization ends, if that is known.
    pub expire_time: Option<Timestamp>,
}

impl Authorization {
    /// One that is still to be asked for. Its ids at the provider are ours: hashes of what it is for, so that a restored
    /// database repeats them and the provider recognises a repeat.
    pub fn to_be_asked(order: &OrderKey, payment: &PaymentId) -> Self {
        Self {
            provider_payment_id: provider_id(order, "payment", payment.as_str()),
            provider_transaction_id: provider_id(order, "transaction", ""),
            authorization_id: String::new(),
            tid: None,
            nsu: None,
            expire_time: None,
        }
    }
}

/// A hash of an order and what of it the id is for. Every part is written with its length, so that no two lists of parts
/// read the same.
fn provider_id(order: &OrderKey, of: &str, id: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["tranche authorization", order.account_id.as_str(), order.order_id.as_str(), of, id] {
        hash.update(part.len().to_string().as_bytes());
        hash.update(b":");
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize(), PROVIDER_ID_DIGITS).to_ascii_uppercase()
}

/// What a provider is asked to authorize with. Tokens and references only: no card data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The payment method, as the provider names it.
    pub payment_method: String,
    /// The provider's token or reference of the payer's instrument; forgotten once the provider has answered.
    pub token: Option<String>,
    /// The number of installments, at least 1.
    pub installments: u32,
    /// Where the provider sends the payer back to.
    pub return_url: Option<String>,
}

/// How far the authorization of a payment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationState {
    /// The provider has not said yet whether it authorizes.
    Authorizing {
        /// Minor units that it is asked for, above 0.
        value: i64,
        /// When the provider wants the payment canceled if it is not approved by then, as it said itself.
        until: Option<Timestamp>,
    },
    /// The provider holds money: it was adopted, or approved.
    Authorized,
    /// The provider will not hold any. Left only by evidence that it does all the same.
    Denied {
        /// Minor units that it was asked for.
        value: i64,
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
}

/// What a provider says of an authorization that it approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its id of the authorization; empty if it gave none.
    pub authorization_id: String,
    /// The acquirer's transaction id, if there is one.
    pub tid: Option<String>,
    /// The acquirer's sequence number, if there is one.
    pub nsu: Option<String>,
    /// Minor units to which the authorization may be raised, if it said so.
    pub max_value: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AccountId, OrderId};

    #[test]
    fn every_payment_has_an_id_of_its_own_and_always_the_same() {
        let of = |account: &str, order: &str, payment: &str| {
            let key = OrderKey { account_id: AccountId::trusted(account), order_id: OrderId::trusted(order) };
            Authorization::to_be_asked(&key, &PaymentId::trusted(payment))
        };
        let ids = [("a", "o", "p"), ("b", "o", "p"), ("a", "p", "p"), ("a", "o", "q"), ("a", "op", "")];
        let ids = ids.map(|(account, order, payment)| of(account, order, payment).provider_payment_id);
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{index}");
            assert!(
                id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            );
        }
        assert_eq!(of("a", "o", "p"), of("a", "o", "p"));
        assert_eq!(of("a", "o", "p").provider_transaction_id, of("a", "o", "q").provider_transaction_id);
    }
}
