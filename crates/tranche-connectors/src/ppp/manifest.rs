//! The provider's manifest: read once, when the connector is created, as the check of its address and credentials.

use serde_json::{Map, Value};

use crate::bounds::PAYMENT_METHODS_MAX;

/// Checks that a body is a manifest, and hands it back as text to keep; or says what is wrong with it.
pub(crate) fn check(body: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    let fields = serde_json::from_str::<Map<String, Value>>(text)
        .map_err(|error| format!("it is no JSON object: {error}"))?;
    let methods = match fields.get("paymentMethods") {
        Some(Value::Array(methods)) => methods,
        Some(_) => return Err("its paymentMethods is no array".to_owned()),
        None => return Err("it has no paymentMethods".to_owned()),
    };
    if methods.is_empty() {
        return Err("its paymentMethods is empty".to_owned());
    }
    if methods.len() > PAYMENT_METHODS_MAX {
        return Err(format!(
            "its paymentMethods has {} entries; at most {PAYMENT_METHODS_MAX} are read",
            methods.len()
        ));
    }
    for (index, method) in methods.iter().enumerate() {
        let name = method
            .as_object()
            .ok_or_else(|| format!("its paymentMethods[{index}] is no object"))?
            .get("name");
        if name.and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
            return Err(format!("its paymentMethods[{index}].name is no text"));
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_names_what_is_wrong() {
        let good =
            r#"{"paymentMethods":[{"name":"Visa","allowsSplit":"disabled"},{"name":"Pix"}],"more":1.5}"#;
        assert_eq!(check(good.as_bytes()), Ok(good.to_owned()));
        let many = format!(r#"{{"paymentMethods":[{}1]}}"#, "1,".repeat(PAYMENT_METHODS_MAX));
        for (body, wrong) in [
            (b"\xff".as_slice(), "it is not UTF-8"),
            (b"", "it is no JSON object"),
            (b"<html>", "it is no JSON object"),
            (b"[]", "it is no JSON object"),
            (b"{}", "it has no paymentMethods"),
            (br#"{"paymentMethods":{}}"#, "its paymentMethods is no array"),
            (br#"{"paymentMethods":[]}"#, "its paymentMethods is empty"),
            (br#"{"paymentMethods":["Visa"]}"#, "its paymentMethods[0] is no object"),
            (br#"{"paymentMethods":[{"name":"Visa"},{"name":1}]}"#, "its paymentMethods[1].name is no text"),
            (br#"{"paymentMethods":[{"name":" "}]}"#, "its paymentMethods[0].name is no text"),
            (many.as_bytes(), "its paymentMethods has 1001 entries; at most 1000 are read"),
        ] {
            let error = check(body).unwrap_err();
            assert!(error.starts_with(wrong), "{error}");
        }
    }
}
