//! A connector's settings: a map of texts parsed once into types that cannot be wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;
use tranche_core::bounds::{ID_BYTES_MAX, TEXT_BYTES_MAX};
use tranche_core::connector::Capabilities;

use crate::bounds::{
    CALLS_IN_FLIGHT_MAX, CREDENTIALS_TIME_MAX, TIMEOUT_DEFAULT, TIMEOUT_MS_MAX, TIMEOUT_MS_MIN,
};
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
#[expect(clippy::struct_field_names, reason = "merchant settings are the protocol's own word")]
pub struct Settings {
    /// Without a slash at its end.
    pub(crate) base_url: String,
    pub(crate) header_family: HeaderFamily,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) timeout: Duration,
    pub(crate) max_calls_in_flight: usize,
    pub(crate) merchant_settings: BTreeMap<String, String>,
    /// `None` where no part is ever canceled.
    pub(crate) cancellation_unit: Option<CancellationUnit>,
}

impl Settings {
    /// The longest that a call through this connector takes: a lease must outlast it.
    pub fn call_time_max(&self) -> Duration {
        self.timeout.saturating_add(CREDENTIALS_TIME_MAX)
    }

    /// How many calls through this connector may be in flight at once, of each process; at least 1.
    pub fn max_calls_in_flight(&self) -> usize {
        self.max_calls_in_flight
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
        max_calls_in_flight: CALLS_IN_FLIGHT_MAX,
        merchant_settings: BTreeMap::new(),
        cancellation_unit: None,
    };
    if !settings.contains_key("base_url") {
        violations
            .add("base_url", "is required: the provider's address, such as https://provider.example/ppp");
    }
    let (mut app_key, mut app_token) = (None, None);
    for (key, value) in settings {
        if value.len() > TEXT_BYTES_MAX {
            violations
                .add(key, &format!("is {} bytes long; at most {TEXT_BYTES_MAX} are allowed", value.len()));
            continue;
        }
        match key.as_str() {
            "base_url" => violations.keep(key, &mut parsed.base_url, base_url(value)),
            "header_family" => violations.keep(key, &mut parsed.header_family, header_family(value)),
            "app_key" => violations.keep(key, &mut app_key, Reference::parse(value).map(Some)),
            "app_token" => violations.keep(key, &mut app_token, Reference::parse(value).map(Some)),
            "timeout_ms" => violations.keep(key, &mut parsed.timeout, timeout(value)),
            "max_calls_in_flight" => {
                violations.keep(key, &mut parsed.max_calls_in_flight, max_calls_in_flight(value));
            }
            "cancellation_unit" => {
                violations.keep(key, &mut parsed.cancellation_unit, cancellation_unit(value).map(Some));
            }
            _ => match merchant_setting_name(key) {
                Ok(name) => drop(parsed.merchant_settings.insert(name, value.clone())),
                Err(description) => violations.add(key, &description),
            },
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

/// What the settings of a connector of this kind do not say, and what its provider can do needs.
pub fn contradictions(
    kind: &str,
    settings: &BTreeMap<String, String>,
    capabilities: &Capabilities,
) -> Vec<Violation> {
    let mut violations = Violations(Vec::new());
    if kind == KIND_PPP && capabilities.partial_cancellation && !settings.contains_key("cancellation_unit") {
        // The protocol's own example is in cents, all other values of it are not.
        let description = "is required while capabilities.partial_cancellation is true: major (19.99) or minor (1999), as \
                           the provider reads the value of a partial cancellation";
        violations.add("cancellation_unit", description);
    }
    violations.0
}

/// What an update of a connector's settings takes from payments that exist: they keep what their provider could do when
/// they were created, and need what is said of that.
pub fn withdrawn(
    kind: &str,
    before: &BTreeMap<String, String>,
    settings: &BTreeMap<String, String>,
) -> Vec<Violation> {
    let mut violations = Violations(Vec::new());
    let has_unit = |settings: &BTreeMap<String, String>| settings.contains_key("cancellation_unit");
    if kind == KIND_PPP && has_unit(before) && !has_unit(settings) {
        let description = "must stay: parts of payments that exist may still be canceled; set \
                           capabilities.partial_cancellation to false if those of new payments are not to be";
        violations.add("cancellation_unit", description);
    }
    violations.0
}

struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, key: &str, description: &str) {
        let field = format!("settings.{key}");
        self.0.push(Violation { field, description: description.to_owned() });
    }

    fn keep<T>(&mut self, key: &str, target: &mut T, read: Result<T, String>) {
        match read {
            Ok(value) => *target = value,
            Err(description) => self.add(key, &description),
        }
    }
}

/// The name in a key that belongs to no other setting.
fn merchant_setting_name(key: &str) -> Result<String, String> {
    let Some(name) = key.strip_prefix(MERCHANT_SETTINGS) else {
        return Err(format!(
            "is not a setting of {KIND_PPP}; there are base_url, header_family, app_key, app_token, timeout_ms, \
             max_calls_in_flight, cancellation_unit and {MERCHANT_SETTINGS}NAME"
        ));
    };
    if name.is_empty() || name.len() > ID_BYTES_MAX {
        return Err(format!("needs a name of 1 to {ID_BYTES_MAX} bytes after {MERCHANT_SETTINGS}"));
    }
    Ok(name.to_owned())
}

pub(crate) fn base_url(text: &str) -> Result<String, String> {
    let wrong = |what: &str| {
        Err(format!("{what}; write the provider's address, such as https://provider.example/ppp"))
    };
    if text
        .contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\')
    {
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
        _ => {
            Err("is not a family of headers; use provider (X-PROVIDER-API-*) or vtex (X-VTEX-API-*)"
                .to_owned())
        }
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
        .filter(|ms| {
            text.bytes().all(|byte| byte.is_ascii_digit()) && (TIMEOUT_MS_MIN..=TIMEOUT_MS_MAX).contains(ms)
        })
        .map(Duration::from_millis)
        .ok_or_else(|| {
            format!("is not a whole number of milliseconds from {TIMEOUT_MS_MIN} to {TIMEOUT_MS_MAX}")
        })
}

fn max_calls_in_flight(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|calls| {
            text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=CALLS_IN_FLIGHT_MAX).contains(calls)
        })
        .ok_or_else(|| format!("is not a whole number from 1 to {CALLS_IN_FLIGHT_MAX}"))
}

#[cfg(test)]
mod tests;
