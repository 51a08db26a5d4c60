//! What each fault makes of a callback, and that a forged address differs in its signature only.

use super::*;
use crate::protocol::Delays;

const URL: &str = "http://127.0.0.1:1/a/b?account=x&X-VTEX-signature=0fe1";

fn standing(status: PaymentStatus) -> Standing {
    Standing { payment_id: "p".to_owned(), ordinal: 1, status, max_value: None, delays: Delays::default() }
}

/// Each delivery as its payment, its status, how often it is sent, and whether its address is the right one.
fn told(fault: Option<&str>, callbacks: Callbacks) -> (Vec<String>, Wait) {
    let fault = fault.map(|name| match format!("callback-{name}").parse() {
        Ok(crate::Fault::Callback(fault)) => fault,
        other => panic!("no fault of a callback: {other:?}"),
    });
    let (deliveries, wait) = deliveries(&standing(PaymentStatus::Approved), URL, callbacks, fault);
    let told = deliveries.iter().map(|delivery| {
        let body = match serde_json::from_str::<Value>(&delivery.body) {
            Ok(body) => {
                format!("{} {}", body["paymentId"].as_str().unwrap(), body["status"].as_str().unwrap())
            }
            Err(_) if delivery.body.is_empty() => "nothing".to_owned(),
            Err(_) => "no JSON".to_owned(),
        };
        let forged = if delivery.url == URL { "" } else { " forged" };
        let broken = if delivery.is_broken_off { " broken off" } else { "" };
        format!("{body} x{}{forged}{broken}", delivery.attempts_max)
    });
    (told.collect(), wait)
}

#[test]
fn every_fault_makes_of_a_callback_what_its_row_says() {
    let check = |fault: Option<&str>, callbacks, expected: &[&str], wait: Wait| {
        let (told, waits) = told(fault, callbacks);
        assert_eq!(
            (&told[..], waits),
            (&expected.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>()[..], wait),
            "{fault:?}"
        );
    };
    let notify = Callbacks::Notify;
    check(None, notify, &["p approved x4"], Wait::Not);
    check(None, Callbacks::Retry, &["nothing x4"], Wait::Not);
    check(None, Callbacks::None, &[], Wait::Not);
    check(Some("lost"), Callbacks::None, &[], Wait::Not);
    check(Some("lost"), notify, &["p approved x0"], Wait::Not);
    check(Some("duplicated"), notify, &["p approved x4", "p approved x4"], Wait::Not);
    check(Some("duplicated"), Callbacks::Retry, &["nothing x4", "nothing x4"], Wait::Not);
    check(Some("late"), notify, &["p approved x4"], Wait::Repeat);
    check(Some("reordered"), notify, &["p approved x4"], Wait::Next);
    check(Some("retry"), notify, &["nothing x4"], Wait::Not);
    check(Some("forged"), notify, &["p approved x1 forged"], Wait::Not);
    check(Some("of-another-payment"), notify, &["p-of-somebody-else approved x1"], Wait::Not);
    check(Some("truncated"), notify, &["no JSON x1"], Wait::Not);
    check(Some("broken-off"), notify, &["p approved x1 broken off"], Wait::Not);
    check(Some("huge"), notify, &["p approved x1"], Wait::Not);
    check(Some("contradicting"), notify, &["p approved x4", "p denied x4"], Wait::Not);
}

#[test]
fn a_huge_callback_is_as_long_as_its_bound_says() {
    let (huge, _) =
        deliveries(&standing(PaymentStatus::Denied), URL, Callbacks::Notify, Some(CallbackFault::Huge));
    assert_eq!(huge[0].body.len(), CALLBACK_HUGE_BYTES);
    assert!(shown(&huge[0].body).to_string().len() < 500, "the books cut it");
}

#[test]
fn a_forged_address_differs_in_its_signature_only() {
    for (url, expected) in [
        (URL, "http://127.0.0.1:1/a/b?account=x&X-VTEX-signature=1fe1"),
        ("http://h/?x-vtex-SIGNATURE=Zfe1&a=b", "http://h/?x-vtex-SIGNATURE=0fe1&a=b"),
        ("http://h/?a=b&s=a==", "http://h/?a=b&s=0=="),
        ("http://h/?s=", "http://h/?s=forged"),
        ("http://h/a", "http://h/a?X-VTEX-signature=forged"),
    ] {
        assert_eq!(forged(url), expected);
    }
}
