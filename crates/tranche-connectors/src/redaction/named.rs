//! Values that their name gives away as secret, in JSON, in headers and in texts such as `token=abc`.

use super::REDACTED;

/// Parts of names, in lower case and without punctuation.
const SECRET_PARTS: &[&str] = &[
    "card",
    "cvv",
    "cvc",
    "csc",
    "securitycode",
    "token",
    "appkey",
    "apikey",
    "password",
    "passwd",
    "secret",
    "credential",
    "privatekey",
    "signature",
];
/// Whole names, likewise.
const SECRET_NAMES: &[&str] = &["pan", "pin", "accountnumber", "authorization", "cookie", "setcookie"];
/// Parts of names that are secret in headers only.
const SECRET_HEADER_PARTS: &[&str] = &["authorization", "authenticate", "cookie", "key", "session"];

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// Whether a field of this name holds card data or a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = plain(name);
    SECRET_NAMES.contains(&name.as_str()) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// Whether a header of this name does.
pub(super) fn is_secret_header(name: &str) -> bool {
    let name = plain(name);
    SECRET_HEADER_PARTS.iter().any(|part| name.contains(part))
}

/// The text with a mark in the place of every value that follows a secret's name and one of `:`, `=` and `>`.
pub(super) fn remove(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_name_character) {
        let (before, from_name) = rest.split_at(start);
        let (name, after_name) = split_where(from_name, |character| !is_name_character(character));
        kept.push_str(before);
        kept.push_str(name);
        rest = after_name;
        // Where the value ends is looked for only behind a secret's name, where it is then taken out: looked for behind
        // every name, a text of names and signs would take the square of its length.
        if let Some((opening, from_value)) = before_value(after_name)
            && is_secret(name)
            && let Some(after) = behind_value(opening, from_value)
        {
            kept.push_str(opening);
            kept.push_str(REDACTED);
            rest = after;
        }
    }
    kept.push_str(rest);
    kept
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

fn split_where(text: &str, ends: impl FnMut(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '\\')
}

/// What stands between a name and its value, and all that begins with the value, if a sign says that there is one.
fn before_value(text: &str) -> Option<(&str, &str)> {
    let after_name =
        text.trim_start_matches(|character: char| is_quote(character) || character.is_whitespace());
    let after_sign = after_name.strip_prefix([':', '=', '>'])?.trim_start();
    let unescaped = after_sign.strip_prefix('\\').unwrap_or(after_sign);
    let from_value = unescaped.strip_prefix(['"', '\'']).unwrap_or(unescaped);
    text.split_at_checked(text.len().checked_sub(from_value.len())?)
}

/// What stands behind the value, if it is one.
fn behind_value<'a>(opening: &str, from_value: &'a str) -> Option<&'a str> {
    if from_value.starts_with(REDACTED) {
        return None;
    }
    let value = if from_value.starts_with(['{', '[']) {
        // The structure cannot be read any more, so nothing behind its beginning can be told from it.
        from_value
    } else if opening.ends_with("\\\"") {
        split_where(from_value, |character| character == '\\').0
    } else if opening.ends_with(is_quote) {
        quoted(from_value)
    } else {
        split_where(from_value, |character| is_quote(character) || ",&;<}]\r\n".contains(character)).0
    };
    let is_nothing = value.is_empty() || value == "null";
    if is_nothing { None } else { from_value.get(value.len()..) }
}

/// What stands before the closing quote; a quote behind a backslash closes nothing.
fn quoted(text: &str) -> &str {
    let mut is_escaped = false;
    split_where(text, |character| {
        let closes = !is_escaped && matches!(character, '"' | '\'');
        is_escaped = !is_escaped && character == '\\';
        closes
    })
    .0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_a_secret_name_are_taken_out() {
        for (text, expected) in [
            ("nothing to see: 19.99", "nothing to see: 19.99"),
            ("token=abc&value=1", "token=[redacted]&value=1"),
            ("X-PROVIDER-API-AppToken: abc def\nvalue: 1", "X-PROVIDER-API-AppToken: [redacted]\nvalue: 1"),
            ("Authorization: Bearer abc", "Authorization: [redacted]"),
            (r#"{"cvv" : "123", "a": 1"#, r#"{"cvv" : "[redacted]", "a": 1"#),
            (r#"{\"cvv\":\"123\",\"a\":1"#, r#"{\"cvv\":\"[redacted]\",\"a\":1"#),
            (r#"{"a":1,"card":{"holder":"X"},"b":"#, r#"{"a":1,"card":[redacted]"#),
            (r#"{"token":null,"a":1"#, r#"{"token":null,"a":1"#),
            (r#"{"token":"","a":1"#, r#"{"token":"","a":1"#),
            (r#"{"token":"a\"b","a":1"#, r#"{"token":"[redacted]","a":1"#),
            ("<cvv>123</cvv>", "<cvv>[redacted]</cvv>"),
            ("token: [redacted]; value: 1", "token: [redacted]; value: 1"),
            ("the token was wrong", "the token was wrong"),
            ("token:", "token:"),
        ] {
            assert_eq!(remove(text), expected, "{text}");
        }
    }

    /// Each of these takes minutes, if what it costs grows with the square of its length.
    #[test]
    fn the_longest_texts_are_read_in_time() {
        for (part, kept) in [
            ("a=", "a="),
            ("pin=1&", "pin=[redacted]&"),
            ("pin=[redacted]", "pin=[redacted]"),
            ("\"a\":", "\"a\":"),
        ] {
            let parts = crate::bounds::RESPONSE_BODY_BYTES_MAX / part.len();
            assert!(remove(&part.repeat(parts)) == kept.repeat(parts), "{part}");
        }
    }
}
