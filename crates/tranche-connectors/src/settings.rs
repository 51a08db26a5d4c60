//! A connector's settings: a map of texts parsed once into types that cannot be wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;
use tranche_core::bounds::{ID_BYTES_MAX, TEXT_BYTES_MAX};

use crate::bounds::{CREDENTIALS_TIME_MAX, TIMEOUT_DEFAULT, TIMEOUT_MS_MAX, TIMEOUT_MS_MIN};
use crate::credentials::{Credentials, Reference};

/// The kind of a connector that speaks the Payment Provider Protocol.
pub const KIND_PPP: &str = "ppp";

const MERCHANT_SETTINGS: &str = "merchant_settings.";

/// One reason why settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong, as a path: `kind` or `settings.base_url`.
    pub field: String,
    /// What to write instead. Never quotes a value, which may be a secret.
    pub description: String,
}

/// The names of the headers that carry the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFamily {
    /// `X-VTEX-API-AppKey` and `X-VTEX-API-AppToken`.
    Vtex,
    /// `X-PROVIDER-API-AppKey` and `X-PROVIDER-API-AppToken`.
    Provider,
}

impl HeaderFamily {
    /// The names of the headers of the key and of the token, in lower case as the HTTP library wants them.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Vtex => ("x-vtex-api-appkey", "x-vtex-api-apptoken"),
            Self::Provider => ("x-provider-api-appkey", "x-provider-api-apptoken"),
        }
    }
}

/// The unit in which the provider reads the value of a partial cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancellationUnit {
    /// 19.99.
    Major,
    /// 1999.
    Minor,
}

/// The settings of a connector, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Without a slash at its end.
    pub(crate) base_url: String,
    pub(crate) header_family: HeaderFamily,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) timeout: Duration,
    pub(crate) merchant_settings: BTreeMap<String, String>,
    pub(crate) cancellation_unit: CancellationUnit,
}

impl Settings {
    /// The longest that a call through this connector takes: a lease must outlast it.
    pub fn call_time_max(&self) -> Duration {
        self.timeout.saturating_add(CREDENTIALS_TIME_MAX)
    }
}

/// Parses the settings of a connector of this kind, or names all that is wrong with them.
pub fn parse(kind: &str, settings: &BTreeMap<String, String>) -> Result<Settings, Vec<Violation>> {
    if kind != KIND_PPP {
        let description = format!("is not a kind of connector that is known here; use {KIND_PPP}");
        return Err(vec![Violation { field: "kind".to_owned(), description }]);
    }
    let mut violations = Violations(Vec::new());
    let mut parsed = Settings {
        base_url: String::new(),
        header_family: HeaderFamily::Provider,
        credentials: None,
        timeout: TIMEOUT_DEFAULT,
        merchant_settings: BTreeMap::new(),
        cancellation_unit: CancellationUnit::Major,
    };
    if !settings.contains_key("base_url") {
        violations.add("base_url", "is required: the provider's address, such as https://provider.example/ppp");
    }
    let (mut app_key, mut app_token) = (None, None);
    for (key, value) in settings {
        if value.len() > TEXT_BYTES_MAX {
            violations.add(key, &format!("is {} bytes long; at most {TEXT_BYTES_MAX} are allowed", value.len()));
            continue;
        }
        match key.as_str() {
            "base_url" => violations.take(key, base_url(value), |url| parsed.base_url = url),
            "header_family" => violations.take(key, header_family(value), |family| parsed.header_family = family),
            "app_key" => violations.take(key, Reference::parse(value), |reference| app_key = Some(reference)),
            "app_token" => violations.take(key, Reference::parse(value), |reference| app_token = Some(reference)),
            "timeout_ms" => violations.take(key, timeout(value), |limit| parsed.timeout = limit),
            "cancellation_unit" => {
                violations.take(key, cancellation_unit(value), |unit| parsed.cancellation_unit = unit);
            }
            _ => {
                let name = key.strip_prefix(MERCHANT_SETTINGS).ok_or_else(unknown_key).and_then(merchant_setting_name);
                violations.take(key, name, |name| {
                    parsed.merchant_settings.insert(name, value.clone());
                });
            }
        }
    }
    match (settings.contains_key("app_key"), settings.contains_key("app_token")) {
        (true, false) => violations.add("app_token", "is required beside settings.app_key: set both or none"),
        (false, true) => violations.add("app_key", "is required beside settings.app_token: set both or none"),
        _ => {}
    }
    parsed.credentials =
        app_key.zip(app_token).map(|(app_key, app_token)| Credentials { app_key, app_token });
    if violations.0.is_empty() { Ok(parsed) } else { Err(violations.0) }
}

struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, key: &str, description: &str) {
        let field = format!("settings.{key}");
        self.0.push(Violation { field, description: description.to_owned() });
    }

    fn take<T>(&mut self, key: &str, read: Result<T, String>, keep: impl FnOnce(T)) {
        match read {
            Ok(value) => keep(value),
            Err(description) => self.add(key, &description),
        }
    }
}

fn unknown_key() -> String {
    format!(
        "is not a setting of {KIND_PPP}; there are base_url, header_family, app_key, app_token, timeout_ms, \
         cancellation_unit and {MERCHANT_SETTINGS}NAME"
    )
}

fn merchant_setting_name(name: &str) -> Result<String, String> {
    if name.is_empty() || name.len() > ID_BYTES_MAX {
        return Err(format!("needs a name of 1 to {ID_BYTES_MAX} bytes after {MERCHANT_SETTINGS}"));
    }
    Ok(name.to_owned())
}

fn base_url(text: &str) -> Result<String, String> {
    let wrong = |what: &str| Err(format!("{what}; write the provider's address, such as https://provider.example/ppp"));
    if text.contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\') {
        return wrong("has a space, a control character or a backslash");
    }
    let Ok(url) = Url::parse(text) else {
        return wrong("is not an absolute URL");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return wrong("is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("carries credentials, which belong into settings.app_key and settings.app_token");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a query or a fragment");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn header_family(text: &str) -> Result<HeaderFamily, String> {
    match text {
        "vtex" => Ok(HeaderFamily::Vtex),
        "provider" => Ok(HeaderFamily::Provider),
        _ => Err("is not a family of headers; use provider (X-PROVIDER-API-*) or vtex (X-VTEX-API-*)".to_owned()),
    }
}

fn cancellation_unit(text: &str) -> Result<CancellationUnit, String> {
    match text {
        "major" => Ok(CancellationUnit::Major),
        "minor" => Ok(CancellationUnit::Minor),
        _ => Err("is not a unit; use major (19.99) or minor (1999)".to_owned()),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|ms| text.bytes().all(|byte| byte.is_ascii_digit()) && (TIMEOUT_MS_MIN..=TIMEOUT_MS_MAX).contains(ms))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("is not a whole number of milliseconds from {TIMEOUT_MS_MIN} to {TIMEOUT_MS_MAX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    const URL: (&str, &str) = ("base_url", "https://provider.example/ppp/");

    #[test]
    fn every_setting_is_read_and_the_rest_has_defaults() {
        let parsed = parse(KIND_PPP, &map(&[URL])).unwrap();
        assert_eq!(parsed.base_url, "https://provider.example/ppp");
        assert_eq!(parsed.header_family, HeaderFamily::Provider);
        assert_eq!(parsed.credentials, None);
        assert_eq!(parsed.call_time_max(), Duration::from_secs(21));
        assert_eq!(parsed.cancellation_unit, CancellationUnit::Major);
        let parsed = parse(
            KIND_PPP,
            &map(&[
                URL,
                ("header_family", "vtex"),
                ("app_key", "env:SHOP_KEY"),
                ("app_token", "file:/run/secrets/shop-token"),
                ("timeout_ms", "60000"),
                ("merchant_settings.Store code", "7"),
                ("cancellation_unit", "minor"),
            ]),
        )
        .unwrap();
        assert_eq!(parsed.header_family, HeaderFamily::Vtex);
        assert!(parsed.credentials.is_some());
        assert_eq!(parsed.timeout, Duration::from_secs(60));
        assert_eq!(parsed.merchant_settings, map(&[("Store code", "7")]));
        assert_eq!(parsed.cancellation_unit, CancellationUnit::Minor);
    }

    #[test]
    fn every_violation_is_named_by_its_key() {
        let long = "x".repeat(2_001);
        let key = ("app_key", "env:KEY");
        for (kind, entries, fields) in [
            ("stripe", vec![], vec!["kind"]),
            (KIND_PPP, vec![], vec!["settings.base_url"]),
            (KIND_PPP, vec![("base_url", "provider.example")], vec!["settings.base_url"]),
            (KIND_PPP, vec![("base_url", "ftp://provider.example")], vec!["settings.base_url"]),
            (KIND_PPP, vec![("base_url", "https://provider.example?a=b")], vec!["settings.base_url"]),
            (KIND_PPP, vec![("base_url", "https://provider.example#a")], vec!["settings.base_url"]),
            (KIND_PPP, vec![("base_url", "https://me:pass@provider.example")], vec!["settings.base_url"]),
            (KIND_PPP, vec![("base_url", " https://provider.example")], vec!["settings.base_url"]),
            (KIND_PPP, vec![URL, ("timeout_ms", "99")], vec!["settings.timeout_ms"]),
            (KIND_PPP, vec![URL, ("timeout_ms", "60001")], vec!["settings.timeout_ms"]),
            (KIND_PPP, vec![URL, ("timeout_ms", "+500")], vec!["settings.timeout_ms"]),
            (KIND_PPP, vec![URL, key], vec!["settings.app_token"]),
            (KIND_PPP, vec![URL, ("app_token", "env:TOKEN")], vec!["settings.app_key"]),
            (KIND_PPP, vec![URL, key, ("app_token", "a-literal")], vec!["settings.app_token"]),
            (KIND_PPP, vec![URL, ("merchant_settings.", "1")], vec!["settings.merchant_settings."]),
            (KIND_PPP, vec![URL, ("merchant_settings.a", &long)], vec!["settings.merchant_settings.a"]),
            (
                KIND_PPP,
                vec![("header_family", "x"), ("cancellation_unit", "cents"), ("colour", "red"), ("app_key", "env:")],
                vec![
                    "settings.base_url",
                    "settings.app_key",
                    "settings.cancellation_unit",
                    "settings.colour",
                    "settings.header_family",
                    "settings.app_token",
                ],
            ),
        ] {
            let violations = parse(kind, &map(&entries)).unwrap_err();
            let named: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
            assert_eq!(named, fields, "{entries:?}");
        }
    }

    #[test]
    fn a_violation_never_quotes_what_may_be_a_secret() {
        let settings = map(&[
            ("base_url", "https://me:hunter2@provider.example"),
            ("app_key", "hunter2"),
            ("app_token", "file:hunter2"),
            ("header_family", "hunter2"),
        ]);
        let violations = parse(KIND_PPP, &settings).unwrap_err();
        assert_eq!(violations.len(), 4);
        assert!(!format!("{violations:?}").contains("hunter2"));
    }
}
