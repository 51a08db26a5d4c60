//! Exact money: integer minor units inside, decimals at every edge, never a float.

use std::fmt;
use std::str::FromStr;

use iso_currency::Currency as Iso;
use rust_decimal::Decimal;

use crate::bounds::AMOUNT_MAX;
use crate::planted::{PlantedBug, is_planted};

/// A currency of ISO 4217 that has minor units.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

impl Currency {
    /// The currency with this upper-case code, if there is one that can be paid in.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        Iso::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimals that can be paid: 2 for BRL, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        let exponent = self.0.exponent().map_or(0, u32::from);
        if is_planted(PlantedBug::TwoDecimals) { 2 } else { exponent }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// Minor units: 1999 is 19.99 in BRL and 1.999 in KWD.
    pub minor: i64,
}

/// Why a text is not an amount that can be paid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not an ISO 4217 code with minor units.
    #[error("is '{0}', which is no currency; use an upper-case ISO 4217 code such as BRL")]
    UnknownCurrency(String),
    /// Not a plain decimal.
    #[error(
        "is '{0}', which is no plain decimal such as 19.99: digits without leading zeros, at most one point, no sign but a leading minus, no exponent"
    )]
    NotDecimal(String),
    /// More decimals than the currency pays.
    #[error("has {decimals} decimals; {code} has {exponent}")]
    TooManyDecimals {
        /// Decimals of the text, without trailing zeros.
        decimals: u32,
        /// The currency's code.
        code: &'static str,
        /// Decimals of the currency.
        exponent: u32,
    },
    /// Above [`AMOUNT_MAX`].
    #[error("is larger than the largest amount, {AMOUNT_MAX} minor units")]
    TooLarge,
}

/// The currency's minor units of an exact decimal in major units.
pub fn minor_of(decimal: Decimal, currency: Currency) -> Result<i64, MoneyError> {
    let decimal = decimal.normalize();
    if decimal.scale() > currency.exponent() {
        return Err(MoneyError::TooManyDecimals {
            decimals: decimal.scale(),
            code: currency.code(),
            exponent: currency.exponent(),
        });
    }
    let factor = 10_i128.pow(currency.exponent() - decimal.scale());
    decimal
        .mantissa()
        .checked_mul(factor)
        .and_then(|minor| i64::try_from(minor).ok())
        .filter(|minor| minor.abs() <= AMOUNT_MAX)
        .ok_or(MoneyError::TooLarge)
}

/// The exact decimal in major units, with all of the currency's decimals.
pub fn decimal_of(minor: i64, currency: Currency) -> Decimal {
    Decimal::new(minor, currency.exponent())
}

fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

impl Money {
    /// Reads a plain decimal in major units, such as `19.99`.
    ///
    /// Trailing zeros beyond the currency's decimals are allowed; digits are not.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        if !is_plain(amount) {
            return Err(MoneyError::NotDecimal(amount.chars().take(60).collect()));
        }
        let decimal = Decimal::from_str_exact(amount)
            .or_else(|_| Decimal::from_str(amount).map_err(|_| ()).and(Err(())))
            .map_err(|()| MoneyError::TooLarge)?;
        Ok(Self { currency, minor: minor_of(decimal, currency)? })
    }

    /// The amount as a decimal in major units.
    pub fn decimal(self) -> Decimal {
        decimal_of(self.minor, self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        let too_many =
            |decimals, code, exponent| Err(MoneyError::TooManyDecimals { decimals, code, exponent });
        let not = |text: &str| Err(MoneyError::NotDecimal(text.to_owned()));
        for (code, text, expected) in [
            ("BRL", "19.99", Ok(1999)),
            ("BRL", "19.9900", Ok(1999)),
            ("BRL", "0", Ok(0)),
            ("BRL", "-0.01", Ok(-1)),
            ("JPY", "500", Ok(500)),
            ("KWD", "1.999", Ok(1999)),
            ("BRL", "1.001", too_many(3, "BRL", 2)),
            ("JPY", "1.5", too_many(1, "JPY", 0)),
            ("BRL", "9999999999999.99", Ok(AMOUNT_MAX)),
            ("BRL", "10000000000000", Err(MoneyError::TooLarge)),
            ("BRL", "1234567890123456789", Err(MoneyError::TooLarge)),
            ("BRL", "99999999999999999999999999999999999999", Err(MoneyError::TooLarge)),
            ("BRL", "1e3", not("1e3")),
            ("BRL", "+1", not("+1")),
            ("BRL", "01", not("01")),
            ("BRL", "1.", not("1.")),
            ("BRL", ".5", not(".5")),
            ("BRL", "", not("")),
            ("BRL", "1,5", not("1,5")),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(Money::parse(text, currency).map(|money| money.minor), expected, "{text} {code}");
        }
        assert_eq!(Currency::parse("XXX"), Err(MoneyError::UnknownCurrency("XXX".to_owned())));
        assert_eq!(Currency::parse("brl"), Err(MoneyError::UnknownCurrency("brl".to_owned())));
    }

    #[test]
    fn amounts_are_written_with_all_decimals_of_the_currency() {
        for (code, minor, expected) in
            [("BRL", 1990, "19.90 BRL"), ("JPY", 500, "500 JPY"), ("KWD", 5, "0.005 KWD")]
        {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(Money { currency, minor }.to_string(), expected);
        }
    }
}
