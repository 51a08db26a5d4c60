use tranche_core::operation::OperationKind;

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
    assert_eq!(parsed.max_calls_in_flight(), 256);
    assert_eq!(parsed.cancellation_unit, None);
    let parsed = parse(
        KIND_PPP,
        &map(&[
            URL,
            ("header_family", "vtex"),
            ("app_key", "env:SHOP_KEY"),
            ("app_token", "file:/run/secrets/shop-token"),
            ("timeout_ms", "60000"),
            ("max_calls_in_flight", "4"),
            ("merchant_settings.Store code", "7"),
            ("cancellation_unit", "minor"),
        ]),
    )
    .unwrap();
    assert_eq!(parsed.header_family, HeaderFamily::Vtex);
    assert!(parsed.credentials.is_some());
    assert_eq!(parsed.timeout, Duration::from_mins(1));
    assert_eq!(parsed.max_calls_in_flight(), 4);
    assert_eq!(parsed.merchant_settings, map(&[("Store code", "7")]));
    assert_eq!(parsed.cancellation_unit, Some(CancellationUnit::Minor));
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
        (KIND_PPP, vec![URL, ("max_calls_in_flight", "0")], vec!["settings.max_calls_in_flight"]),
        (KIND_PPP, vec![URL, ("max_calls_in_flight", "257")], vec!["settings.max_calls_in_flight"]),
        (KIND_PPP, vec![URL, ("max_calls_in_flight", "+4")], vec!["settings.max_calls_in_flight"]),
        (KIND_PPP, vec![URL, ("max_calls_in_flight", "")], vec!["settings.max_calls_in_flight"]),
        (KIND_PPP, vec![URL, key], vec!["settings.app_token"]),
        (KIND_PPP, vec![URL, ("app_token", "env:TOKEN")], vec!["settings.app_key"]),
        (KIND_PPP, vec![URL, key, ("app_token", "a-literal")], vec!["settings.app_token"]),
        (KIND_PPP, vec![URL, ("merchant_settings.", "1")], vec!["settings.merchant_settings."]),
        (KIND_PPP, vec![URL, ("merchant_settings.a", &long)], vec!["settings.merchant_settings.a"]),
        (
            KIND_PPP,
            vec![
                ("header_family", "x"),
                ("cancellation_unit", "cents"),
                ("colour", "red"),
                ("app_key", "env:"),
            ],
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
fn a_part_is_canceled_in_a_unit_that_was_said() {
    let unit = ("cancellation_unit", "major");
    for (partial_cancellation, entries, named) in
        [(true, vec![URL], 1), (true, vec![URL, unit], 0), (false, vec![URL], 0), (false, vec![URL, unit], 0)]
    {
        let mut able = crate::fixtures::call(OperationKind::Cancellation, 1).capabilities;
        able.partial_cancellation = partial_cancellation;
        let found = contradictions(KIND_PPP, &map(&entries), &able);
        assert_eq!(found.len(), named, "{partial_cancellation} {entries:?}");
        assert!(found.iter().all(|violation| violation.field == "settings.cancellation_unit"));
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
