//! Amounts: exact decimals, JSON numbers on the protocol's side and decimal strings in the books.
//!
//! A number is read from its own text, so that no binary fraction ever comes between.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serializer, de};
use serde_json::{Number, Value};

use crate::bounds::{NUMBER_CHARS_MAX, VALUE_MAX};

/// Reads a JSON number without losing a digit.
pub(crate) fn from_number(number: &Number) -> Result<Decimal, String> {
    from_plain(&number.to_string())
}

/// Writes a JSON number with exactly the amount's digits.
pub(crate) fn to_number(amount: Decimal) -> Value {
    // A decimal's text is always a JSON number.
    serde_json::from_str(&amount.to_string()).unwrap_or(Value::Null)
}

/// Reads a plain decimal of at most [`VALUE_MAX`].
pub(crate) fn from_plain(text: &str) -> Result<Decimal, String> {
    let amount = from_text(text)?;
    if amount.abs() > VALUE_MAX { Err(format!("is larger than {VALUE_MAX}")) } else { Ok(amount) }
}

fn from_text(text: &str) -> Result<Decimal, String> {
    if text.len() > NUMBER_CHARS_MAX {
        return Err(format!("has more than {NUMBER_CHARS_MAX} characters"));
    }
    Decimal::from_str_exact(text)
        .map_err(|_| "must be a plain decimal without an exponent, such as 19.99".to_owned())
}

/// The decimals that a currency pays: 2 for BRL, 0 for JPY, 3 for KWD. `None` if there is no such currency.
pub(crate) fn exponent(currency: &str) -> Option<u32> {
    let known = Currency::from_code(currency)?;
    Some(known.exponent().map_or(2, u32::from))
}

/// The amount with exactly as many decimals as the currency pays, if that loses nothing.
pub(crate) fn in_currency(amount: Decimal, exponent: u32) -> Option<Decimal> {
    let mut exact = amount.normalize();
    if exact.scale() > exponent {
        return None;
    }
    exact.rescale(exponent);
    Some(exact)
}

/// Books: an amount as a decimal string.
pub(crate) mod text {
    use super::{Decimal, Deserialize, Deserializer, Serializer, de, from_text};

    pub(crate) fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(amount)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_text(&text).map_err(|what| de::Error::custom(format!("the amount '{text}' {what}")))
    }
}

/// Faults: an amount that may be absent, as a decimal string.
pub(crate) mod optional_text {
    use super::{Decimal, Deserialize, Deserializer, Serializer, de, from_text};

    #[expect(clippy::ref_option, reason = "the signature that serde's `with` asks for")]
    pub(crate) fn serialize<S: Serializer>(
        amount: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => serializer.collect_str(amount),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let amount =
            from_text(&text).map_err(|what| de::Error::custom(format!("the amount '{text}' {what}")))?;
        Ok(Some(amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["19.99", "0.10", "45.00", "1000000000000000000", "-3.5", "0", "123456789012.345"] {
            let number: Number = serde_json::from_str(text).unwrap();
            let amount = from_number(&number).unwrap();
            assert_eq!(to_number(amount).to_string(), text);
        }
    }

    #[test]
    fn numbers_that_cannot_be_exact_are_refused() {
        for text in ["1e2", "1000000000000000001", "0.00000000000000000000000000000000001"] {
            let number: Number = serde_json::from_str(text).unwrap();
            assert!(from_number(&number).is_err(), "{text}");
        }
    }

    #[test]
    fn a_currency_has_its_decimals() {
        let check = |currency: &str, amount: &str, expected: Option<&str>| {
            let amount = Decimal::from_str_exact(amount).unwrap();
            let exact = in_currency(amount, exponent(currency).unwrap());
            assert_eq!(exact.map(|exact| exact.to_string()).as_deref(), expected, "{currency} {amount}");
        };
        check("BRL", "19.9", Some("19.90"));
        check("BRL", "19.990", Some("19.99"));
        check("BRL", "19.999", None);
        check("JPY", "500", Some("500"));
        check("JPY", "500.00", Some("500"));
        check("JPY", "500.5", None);
        check("KWD", "1.234", Some("1.234"));
        assert_eq!(exponent("ABC"), None);
    }
}
