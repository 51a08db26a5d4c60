//! What must not be kept is taken out before anything is kept: credentials, tokens, card data.
//!
//! Taking out comes before cutting, so that half a secret is never left over. When in doubt, more is taken out.

mod card;
mod named;

use std::borrow::Cow;

use http::HeaderMap;
use serde_json::Value;

use crate::bounds::{CREDENTIAL_SEARCHED_BYTES_MIN, EXCHANGE_BODY_BYTES_MAX, EXCHANGE_HEADERS_BYTES_MAX};

/// Stands where something was taken out.
pub(crate) const REDACTED: &str = "[redacted]";

/// Takes the secrets of one call, and whatever looks like one, out of texts.
#[derive(Default)]
pub struct Redaction {
    secrets: Vec<String>,
}

impl Redaction {
    /// Knows these secrets literally, but for those so short that they stand in every text.
    pub fn of(secrets: impl IntoIterator<Item = String>) -> Self {
        Self {
            secrets: secrets
                .into_iter()
                .filter(|secret| secret.len() >= CREDENTIAL_SEARCHED_BYTES_MIN)
                .collect(),
        }
    }

    /// Knows one more secret.
    #[must_use]
    pub(crate) fn and(mut self, secret: String) -> Self {
        self.secrets.extend(Self::of([secret]).secrets);
        self
    }

    /// A text that is no JSON: a message, a URL, a page.
    pub fn text(&self, text: &str) -> String {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = Cow::Owned(text.replace(secret.as_str(), REDACTED));
            }
        }
        card::remove(&named::remove(&text))
    }

    /// A body. JSON is taken apart field by field; what is no JSON, or was cut on its way, is read as text.
    pub fn body(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let redacted = match serde_json::from_str::<Value>(&text) {
            Ok(mut json) => {
                // Rewritten only if something was taken out, so that the record is otherwise what was on the wire.
                if self.json(&mut json) { json.to_string() } else { text.into_owned() }
            }
            Err(_) => self.text(&text),
        };
        cut(&redacted, EXCHANGE_BODY_BYTES_MAX)
    }

    /// Headers, one per line.
    pub fn headers(&self, headers: &HeaderMap) -> String {
        let mut lines = String::new();
        for (name, value) in headers {
            let secret = value.is_sensitive()
                || named::is_secret(name.as_str())
                || named::is_secret_header(name.as_str());
            let value = if secret {
                REDACTED.to_owned()
            } else {
                self.text(&String::from_utf8_lossy(value.as_bytes()))
            };
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(name.as_str());
            lines.push_str(": ");
            lines.push_str(&value);
        }
        cut(&lines, EXCHANGE_HEADERS_BYTES_MAX)
    }

    /// Whether something was taken out. The parser bounds the depth.
    fn json(&self, json: &mut Value) -> bool {
        match json {
            Value::Null | Value::Bool(_) => false,
            Value::Number(number) => {
                let is_card = card::remove(number.as_str()) != number.as_str();
                if is_card {
                    *json = Value::String(REDACTED.to_owned());
                }
                is_card
            }
            Value::String(text) => {
                let redacted = self.text(text);
                let changed = redacted != *text;
                *text = redacted;
                changed
            }
            Value::Array(items) => items.iter_mut().fold(false, |changed, item| self.json(item) | changed),
            Value::Object(fields) => {
                // Providers pass settings as pairs of a name and a value.
                let named_pair = fields.get("name").and_then(Value::as_str).is_some_and(named::is_secret);
                fields.iter_mut().fold(false, |changed, (name, value)| {
                    if (named::is_secret(name) || (named_pair && name == "value")) && !value.is_null() {
                        *value = Value::String(REDACTED.to_owned());
                        return true;
                    }
                    self.json(value) | changed
                })
            }
        }
    }
}

/// Whether a text has a number in it that looks like a card's.
pub fn has_card_number(text: &str) -> bool {
    card::remove(text) != text
}

/// At most `bytes_max` bytes of a text, ended on a whole character and with a mark if something is missing; control
/// characters, which some databases refuse, are replaced.
pub(crate) fn cut(text: &str, bytes_max: usize) -> String {
    let replaced = |character: char| match character {
        '\n' | '\r' | '\t' => character,
        _ if character.is_control() => '?',
        _ => character,
    };
    if text.len() <= bytes_max {
        return text.chars().map(replaced).collect();
    }
    let mark = format!("… [cut: {} bytes in all]", text.len());
    let kept_max = bytes_max.saturating_sub(mark.len());
    let mut kept: String = text
        .char_indices()
        .take_while(|(at, character)| at + character.len_utf8() <= kept_max)
        .map(|(_, character)| replaced(character))
        .collect();
    kept.push_str(&mark);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction() -> Redaction {
        Redaction::of(["key-of-the-shop".to_owned(), "x".to_owned()])
    }

    #[test]
    fn secrets_and_card_data_leave_a_body_and_the_rest_stays() {
        for (body, expected) in [
            (r#"{"b": 19.90, "a": 1}"#, r#"{"b": 19.90, "a": 1}"#),
            (
                r#"{"settleId":"20230001","tid":"10022005181543584603"}"#,
                r#"{"settleId":"20230001","tid":"10022005181543584603"}"#,
            ),
            (r#"{"card":{"holder":"A"},"value":19.90}"#, r#"{"card":"[redacted]","value":19.90}"#),
            (
                r#"{"cardNumber":"1","csc":2,"CVV":"3","appToken":"4"}"#,
                r#"{"CVV":"[redacted]","appToken":"[redacted]","cardNumber":"[redacted]","csc":"[redacted]"}"#,
            ),
            (r#"{"token":null}"#, r#"{"token":null}"#),
            (r#"{"a":[4444333322221111]}"#, r#"{"a":["[redacted]"]}"#),
            (r#"{"a":"paid by 4444 3333 2222 1111."}"#, r#"{"a":"paid by [redacted]."}"#),
            (r#"{"a":"key-of-the-shop!"}"#, r#"{"a":"[redacted]!"}"#),
            (
                r#"[{"name":"api_token","value":"s"},{"name":"store","value":"7"}]"#,
                r#"[{"name":"api_token","value":"[redacted]"},{"name":"store","value":"7"}]"#,
            ),
            ("sorry, key-of-the-shop is wrong", "sorry, [redacted] is wrong"),
            (r#"{"cvv":"123","value":1"#, r#"{"cvv":"[redacted]","value":1"#),
            ("", ""),
        ] {
            assert_eq!(redaction().body(body.as_bytes()), expected);
        }
    }

    #[test]
    fn a_body_is_cut_after_its_secrets_are_gone() {
        let body = format!(r#"{{"a":"{}","token":"secret"}}"#, "é".repeat(EXCHANGE_BODY_BYTES_MAX));
        let kept = redaction().body(body.as_bytes());
        assert!(kept.len() <= EXCHANGE_BODY_BYTES_MAX && kept.ends_with("bytes in all]"), "{}", kept.len());
        assert_eq!(cut("ab\0c\n", 10), "ab?c\n");
    }

    #[test]
    fn headers_that_are_secret_keep_their_name_only() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("set-cookie", "a=b"), ("x-trace", "7"), ("x-provider-api-apptoken", "s")] {
            headers.insert(name, value.parse().unwrap());
        }
        let text = redaction().headers(&headers);
        assert_eq!(text, "set-cookie: [redacted]\nx-trace: 7\nx-provider-api-apptoken: [redacted]");
    }
}
