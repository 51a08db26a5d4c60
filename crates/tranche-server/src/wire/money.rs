//! Amounts: plain decimals outside, minor units inside.

use tranche_core::money::{Currency, Money, MoneyError};
use tranche_proto::v1 as pb;

use super::Violations;

/// Which amounts a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// Zero or more.
    Zero,
    /// One minor unit or more.
    OneMinorUnit,
}

/// An amount with all decimals of its currency.
pub(crate) fn money(money: Money) -> pb::Money {
    pb::Money { currency_code: money.currency.code().to_owned(), amount: money.decimal().to_string() }
}

/// A currency out of a request.
pub(crate) fn parse_currency(violations: &mut Violations, field: &str, code: &str) -> Option<Currency> {
    if code.is_empty() {
        violations.add(field, "is required");
        return None;
    }
    let currency = Currency::parse(code).map_err(|_| {
        let code: String = code.chars().take(10).collect();
        MoneyError::UnknownCurrency(code)
    });
    violations.check(field, currency)
}

/// An amount out of a request, which is required. `expected` is the currency that it must be in, if that is known.
pub(crate) fn parse_money(
    violations: &mut Violations,
    field: &str,
    money: Option<&pb::Money>,
    expected: Option<Currency>,
    least: Least,
) -> Option<Money> {
    let Some(money) = money else {
        violations.add(field, "is required");
        return None;
    };
    let currency = parse_currency(violations, &format!("{field}.currency_code"), &money.currency_code);
    if let (Some(currency), Some(expected)) = (currency, expected)
        && currency != expected
    {
        let description =
            format!("is {}; every amount of the request is in {}", currency.code(), expected.code());
        violations.add(format!("{field}.currency_code"), description);
    }
    let path = format!("{field}.amount");
    if money.amount.is_empty() {
        violations.add(path, "is required");
        return None;
    }
    let parsed = violations.check(&path, Money::parse(&money.amount, currency?))?;
    let least_minor = match least {
        Least::Zero => 0,
        Least::OneMinorUnit => 1,
    };
    if parsed.minor < least_minor {
        let least = Money { minor: least_minor, ..parsed };
        violations.add(path, format!("is {}; it must be at least {}", parsed.decimal(), least.decimal()));
        return None;
    }
    Some(parsed)
}
