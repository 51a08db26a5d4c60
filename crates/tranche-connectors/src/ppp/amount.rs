//! Values on the wire: JSON numbers of exact decimals, read and written through their text, never through a float.

use serde_json::Number;
use tranche_core::bounds::AMOUNT_MAX;
use tranche_core::money::{Currency, decimal_of};

use crate::bounds::VALUE_DIGITS_MAX;

/// The value in major units, with all of the currency's decimals.
pub(super) fn major(minor: i64, currency: Currency) -> Option<Number> {
    decimal_of(minor, currency).to_string().parse().ok()
}

/// The minor units of a received number, if it is exact in the currency.
///
/// It works on the number's digits, so nothing is rounded on the way: what is not exact is refused.
pub(super) fn minor_exact(number: &Number, currency: Currency) -> Result<i64, String> {
    let text = number.as_str();
    let (unsigned, is_negative) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.len() > VALUE_DIGITS_MAX {
        return Err(format!("has {} digits; at most {VALUE_DIGITS_MAX} are read", digits.len()));
    }
    let unreadable = || "is not a number that can be read".to_owned();
    let digits: i128 = digits.parse().map_err(|_| unreadable())?;
    if digits == 0 {
        return Ok(0);
    }
    let exponent: i32 = exponent.parse().map_err(|_| unreadable())?;
    let decimals = i32::try_from(fraction.len()).map_err(|_| unreadable())?;
    let currency_decimals = i32::try_from(currency.exponent()).map_err(|_| unreadable())?;
    let shift = currency_decimals.checked_sub(decimals).and_then(|shift| shift.checked_add(exponent));
    let shift = shift.ok_or_else(unreadable)?;
    let inexact = || format!("has more decimals than {}, which has {currency_decimals}", currency.code());
    let minor = match 10_i128.checked_pow(shift.unsigned_abs()) {
        Some(factor) if shift >= 0 => digits.checked_mul(factor),
        Some(factor) if digits % factor == 0 => Some(digits / factor),
        None if shift >= 0 => None,
        Some(_) | None => return Err(inexact()),
    };
    let minor = minor.and_then(|minor| i64::try_from(minor).ok()).filter(|minor| *minor <= AMOUNT_MAX);
    let minor =
        minor.ok_or_else(|| format!("is larger than the largest amount, {AMOUNT_MAX} minor units"))?;
    Ok(if is_negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_with_all_decimals_of_the_currency() {
        for (code, minor, expected) in [
            ("BRL", 1999, "19.99"),
            ("BRL", 1990, "19.90"),
            ("BRL", 1, "0.01"),
            ("JPY", 500, "500"),
            ("KWD", 5, "0.005"),
        ] {
            let number = major(minor, Currency::parse(code).unwrap()).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), expected);
        }
    }

    #[test]
    fn values_are_read_exactly_or_not_at_all() {
        for (code, text, expected) in [
            ("BRL", "19.99", Some(1999)),
            ("BRL", "20", Some(2000)),
            ("BRL", "20.0", Some(2000)),
            ("BRL", "20.000", Some(2000)),
            ("BRL", "2e1", Some(2000)),
            ("BRL", "1.999E+1", Some(1999)),
            ("BRL", "1999e-2", Some(1999)),
            ("BRL", "0e999999999999", Some(0)),
            ("BRL", "-0.00", Some(0)),
            ("BRL", "-19.99", Some(-1999)),
            ("BRL", "9999999999999.99", Some(999_999_999_999_999)),
            ("BRL", "10000000000000", None),
            ("BRL", "19.999", None),
            ("BRL", "19.9900000000000000000000000001", None),
            ("BRL", "19.9900000000000000000000000000", None),
            ("BRL", "99999999999999999999999999999", None),
            ("BRL", "1e400", None),
            ("BRL", "1e-400", None),
            ("BRL", "1e99999999999", None),
            ("JPY", "500", Some(500)),
            ("JPY", "500.0", Some(500)),
            ("JPY", "1.5", None),
            ("KWD", "1.999", Some(1999)),
        ] {
            let number: Number = serde_json::from_str(text).unwrap();
            assert_eq!(minor_exact(&number, Currency::parse(code).unwrap()).ok(), expected, "{text} {code}");
        }
    }
}
