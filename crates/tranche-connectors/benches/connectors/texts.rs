//! Bodies as providers answer them.

use crate::calls::{OPERATION_ID, PROVIDER_PAYMENT_ID};

/// The length of a large body; what is read at most is a few times as long.
const LARGE_BYTES: usize = 64 * 1024;

/// An answer to a settlement with these fields beside the ids that make it ours.
pub(crate) fn answer(fields: &str) -> String {
    format!(r#"{{"paymentId":"{PROVIDER_PAYMENT_ID}","requestId":"{OPERATION_ID}",{fields}}}"#)
}

/// The usual answer: the whole value was settled.
pub(crate) fn settled() -> String {
    answer(r#""settleId":"settle-0000000001","value":19.99,"code":null,"message":"Successfully settled""#)
}

/// The same with the provider's own data beside it, in many small fields.
pub(crate) fn settled_large() -> String {
    let item = r#"{"name":"installments","value":"3","amount":6.67},"#;
    let fields = |items: &str| {
        answer(&format!(r#""settleId":"settle-0000000001","value":19.99,"connectorMetadata":[{items}null]"#))
    };
    let count = (LARGE_BYTES - fields("").len()) / item.len();
    filled(fields(&item.repeat(count)))
}

/// A page that stands in front of a provider, in place of an answer.
pub(crate) fn page_large() -> String {
    let row = "<p class=\"line\">The service is unavailable; try again in 30 seconds.</p>\n";
    filled(format!("<html>{}</html>", row.repeat((LARGE_BYTES - "<html></html>".len()) / row.len())))
}

/// Nothing but names of secrets, each with a value.
pub(crate) fn secrets_large() -> String {
    "pin=1&".repeat(LARGE_BYTES / "pin=1&".len())
}

/// Nothing but names, each of which may have all of the rest for its value.
pub(crate) fn names_large() -> String {
    "a=".repeat(LARGE_BYTES / "a=".len())
}

/// White space behind a body changes nothing of it but its length.
fn filled(mut body: String) -> String {
    body.extend(std::iter::repeat_n(' ', LARGE_BYTES - body.len()));
    body
}
