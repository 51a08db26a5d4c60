//! Pages: how large, where they start, and the token of the next one.

use prost::Message;
use sha2::{Digest, Sha256};
use tranche_core::id::AccountId;
use tranche_core::time::Timestamp;
use tranche_store::PagePoint;

use super::Violations;
use super::content::Parts;
use crate::bounds::{PAGE_BYTES_MAX, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};

/// Bytes of a token that tell which query it belongs to.
const QUERY_BYTES: usize = 8;
/// Bytes of a token's time.
const TIME_BYTES: usize = 8;

/// What a list is of, and narrowed to: a token of one query means nothing in another.
#[derive(Debug)]
pub(crate) struct Query(Parts);

impl Query {
    /// A list of this name in an account.
    pub(crate) fn new(list: &str, account_id: &AccountId) -> Self {
        Self(Parts::default().with(list).with(account_id.as_str()))
    }

    /// Narrowed to a value.
    #[must_use]
    pub(crate) fn of(self, filter: impl AsRef<str>) -> Self {
        Self(self.0.with(filter))
    }

    fn digest(&self) -> Vec<u8> {
        let digest = Sha256::digest(self.0.text().as_bytes());
        digest.iter().copied().take(QUERY_BYTES).collect()
    }
}

/// A page that is asked for.
#[derive(Debug)]
pub(crate) struct Page {
    /// After this row; `None` for the first page.
    pub(crate) after: Option<PagePoint>,
    size: u64,
    query: Query,
}

impl Page {
    /// Reads what a request says of its page.
    pub(crate) fn parse(
        violations: &mut Violations,
        query: Query,
        page_size: i32,
        page_token: &str,
    ) -> Option<Self> {
        let size = parse_size(violations, page_size);
        let after = match page_token {
            "" => Some(None),
            token => {
                let point = parse_token(&query, token);
                if point.is_none() {
                    violations.add(
                        "page_token",
                        "is not a token of this query; repeat the query that gave it, or start again without a token",
                    );
                }
                point.map(Some)
            }
        };
        Some(Self { after: after?, size: size?, query })
    }

    /// The number of rows to read: one more than the page has, which tells whether another page follows.
    pub(crate) fn rows(&self) -> u64 {
        self.size + 1
    }

    /// The page's messages and the token of the next page, empty if there is none.
    ///
    /// A page ends early when it grows too large for a message.
    pub(crate) fn answer<R, M: Message>(
        &self,
        rows: &[R],
        message: impl Fn(&R) -> M,
        point: impl Fn(&R) -> PagePoint,
    ) -> (Vec<M>, String) {
        let mut messages = Vec::new();
        let mut bytes = 0;
        for row in rows {
            let message = message(row);
            bytes += message.encoded_len();
            let is_full = u64::try_from(messages.len()).is_ok_and(|length| length >= self.size);
            if is_full || (!messages.is_empty() && bytes > PAGE_BYTES_MAX) {
                break;
            }
            messages.push(message);
        }
        let last = messages.len().checked_sub(1).and_then(|last| rows.get(last));
        let token = match last {
            Some(last) if messages.len() < rows.len() => token(&self.query, &point(last)),
            _ => String::new(),
        };
        (messages, token)
    }
}

/// The number of rows that a caller wants.
pub(crate) fn parse_size(violations: &mut Violations, page_size: i32) -> Option<u64> {
    match u64::try_from(page_size) {
        Ok(0) => Some(PAGE_SIZE_DEFAULT),
        Ok(size) => Some(size.min(PAGE_SIZE_MAX)),
        Err(_) => {
            violations.add("page_size", format!("is {page_size}; it must be 0, for the default, or more"));
            None
        }
    }
}

fn token(query: &Query, point: &PagePoint) -> String {
    let mut bytes = query.digest();
    bytes.extend(point.create_time.micros().to_be_bytes());
    bytes.extend(point.id.as_bytes());
    to_hex(&bytes)
}

fn parse_token(query: &Query, token: &str) -> Option<PagePoint> {
    let bytes = from_hex(token)?;
    let (digest, rest) = bytes.split_at_checked(QUERY_BYTES)?;
    let (time, id) = rest.split_at_checked(TIME_BYTES)?;
    let point = PagePoint {
        create_time: Timestamp::from_micros(i64::from_be_bytes(time.try_into().ok()?)),
        id: String::from_utf8(id.to_vec()).ok()?,
    };
    // An id within an order has the order's before it.
    let are_ids = point.id.split('\n').all(|id| tranche_core::id::check(id).is_ok());
    (digest == query.digest() && are_ids).then_some(point)
}

/// Bytes as hexadecimal digits, lower case.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16)).collect()
}

/// The bytes that [`to_hex`] wrote.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use tranche_core::id::OrderId;
    use tranche_proto::v1 as pb;

    use super::*;
    use crate::wire::Unacceptable;

    fn parse(query: Query, page_size: i32, page_token: &str) -> Result<Page, Unacceptable> {
        let mut violations = Violations::default();
        let page = Page::parse(&mut violations, query, page_size, page_token);
        violations.finish(page)
    }

    fn account(text: &str) -> AccountId {
        AccountId::trusted(text)
    }

    fn query() -> Query {
        Query::new("orders", &account("a")).of("open")
    }

    fn point(id: &str) -> PagePoint {
        PagePoint { create_time: Timestamp::from_micros(1_700_000_000_000_001), id: id.to_owned() }
    }

    #[test]
    fn a_token_resumes_its_own_query_only() {
        let text = token(&query(), &point("pedido/ção 1"));
        let page = parse(query(), 10, &text).unwrap();
        assert_eq!(page.after, Some(point("pedido/ção 1")));
        let within = PagePoint::within(point("").create_time, &OrderId::trusted("pedido 1"), "cartão");
        assert_eq!(parse(query(), 10, &token(&query(), &within)).unwrap().after, Some(within));
        for (other, token) in [
            (Query::new("orders", &account("b")).of("open"), text.as_str()),
            (Query::new("orders", &account("a")).of("canceled"), &text),
            (Query::new("orders", &account("a")), &text),
            (Query::new("invoices", &account("a")).of("open"), &text),
            (query(), &text[1..]),
            (query(), &text[..30]),
            (query(), "2"),
            (query(), "é"),
        ] {
            let Err(Unacceptable(violations)) = parse(other, 10, token) else {
                panic!("{token} was taken");
            };
            assert_eq!(violations[0].field, "page_token");
        }
    }

    #[test]
    fn sizes_have_a_default_and_a_maximum() {
        for (asked, rows) in [(0, 51), (1, 2), (500, 501), (501, 501), (i32::MAX, 501)] {
            assert_eq!(parse(query(), asked, "").unwrap().rows(), rows, "{asked}");
        }
        let Unacceptable(violations) = parse(query(), -1, "zz").unwrap_err();
        let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["page_size", "page_token"]);
    }

    #[test]
    fn a_page_ends_at_its_size_or_when_it_is_too_large() {
        let page = |size| parse(query(), size, "").unwrap();
        let message = |amount: &String| pb::Money { currency_code: String::new(), amount: amount.clone() };
        let half = "x".repeat(PAGE_BYTES_MAX / 2 - 100);
        let whole = "x".repeat(PAGE_BYTES_MAX + 1);
        let small = String::new;
        for (size, rows, answered, continues) in [
            (2, vec![], 0, false),
            (2, vec![small(), small()], 2, false),
            (2, vec![small(), small(), small()], 2, true),
            (9, vec![half.clone(), half.clone(), half.clone()], 2, true),
            (9, vec![whole.clone(), small()], 1, true),
            (9, vec![whole.clone()], 1, false),
        ] {
            let (messages, token) = page(size).answer(&rows, message, |_| point("x"));
            assert_eq!(
                (messages.len(), !token.is_empty()),
                (answered, continues),
                "{size} of {}",
                rows.len()
            );
        }
    }
}
