//! The page for people: what it shows, that what callers send stays text, and that it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use reqwest::{Method, header};
use serde_json::json;
use tranche_sandbox::SandboxConfig;
use tranche_sandbox::bounds::{PAGE_CELL_CHARS_MAX, PAGE_ROWS_MAX};

use crate::provider::{Provider, settlements};
use crate::receiver::Receiver;

async fn page(provider: &Provider) -> String {
    let answer = provider.request(Method::GET, "/").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let header = |name| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(header(header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'; "));
    answer.text().await.unwrap()
}

/// The rows of a table in its cells, its head left out, and what stands behind the table.
fn table(page: &str, title: &str) -> (Vec<Vec<String>>, String) {
    let (_, table) = page.split_once(&format!("<h2>{title}: ")).unwrap();
    let table = table.split("<h2>").next().unwrap();
    let (table, behind) = table.split_once("</table>").unwrap_or(("", table));
    let rows = table.split("<tr><td>").skip(1).map(|row| {
        let row = row.split("</td></tr>").next().unwrap();
        row.split("</td><td>").map(str::to_owned).collect()
    });
    (rows.collect(), behind.trim().to_owned())
}

#[tokio::test]
async fn the_books_are_shown_newest_first() {
    let provider = Provider::start().await;
    assert!(page(&provider).await.contains("<h2>Payments: 0</h2>\n<p>None.</p>"));
    provider.authorize("p1", "100").await;
    provider.authorize_with("p2", "500", "JPY", "MULTIPLE").await;
    provider.settle("p1", "s1", "20").await;
    provider.settle("p1", "s2", "30.50").await;
    provider.settle("p2", "s1", "500").await;
    provider.post("/payments/p1/refunds", r#"{"requestId":"r1","settleId":"SET-000001","value":4.99}"#).await;
    provider.post("/payments/p1/cancellations", r#"{"requestId":"c1"}"#).await;
    provider.add_fault(r#"{"fault":"lose-request"}"#).await;
    let lost = provider.try_post(&settlements("p1"), r#"{"requestId":"s3","value":1}"#).await;
    assert_eq!(lost, None);

    let page = page(&provider).await;
    for (title, expected) in [
        (
            "Payments",
            &["p2 JPY approved 500 500 0 0 0 2", "p1 BRL approved 100.00 50.50 4.99 49.50 0.00 6"][..],
        ),
        (
            "Settlements",
            &[
                "SET-000003 p2 s1 500 JPY 0",
                "SET-000002 p1 s2 30.50 BRL 0.00",
                "SET-000001 p1 s1 20.00 BRL 4.99",
            ],
        ),
        ("Refunds", &["REF-000001 p1 r1 SET-000001 4.99 BRL"]),
        ("Cancellations", &["CAN-000001 p1 c1 49.50 BRL"]),
    ] {
        let (rows, behind) = table(&page, title);
        assert_eq!(rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>(), expected, "{title}");
        assert_eq!(behind, "", "{title}: nothing is left out");
    }
    let (calls, _) = table(&page, "Calls kept");
    assert_eq!(calls.len(), 8);
    let expected = [
        "POST",
        "/payments/p1/settlements",
        "{&quot;requestId&quot;:&quot;s3&quot;,&quot;value&quot;:1}",
        "no answer",
        "",
    ];
    assert_eq!(calls[0], expected);
    assert_eq!((&*calls[7][1], &*calls[7][3]), ("/payments", "200"));
    provider.stop().await;
}

/// What is not decided yet, what was called back, and what came of that.
#[tokio::test]
async fn authorizations_and_callbacks_are_shown() {
    let provider = Provider::start().await;
    let caller = Receiver::start().await;
    caller.answer(&[500]);
    let callback = |name: &str| format!("http://{}/{name}?X-VTEX-signature=<b>", caller.authority);
    for (payment_id, url) in [
        ("p1", callback("p1").replace('<', "%3C").replace('>', "%3E")),
        ("p2", "http://127.0.0.1:1/".to_owned()),
    ] {
        let payment = json!({
            "paymentId": payment_id, "transactionId": "t", "orderId": "o", "reference": "r", "value": 100,
            "currency": "BRL", "paymentMethod": "sandbox-undefined", "returnUrl": "", "miniCart": {},
            "callbackUrl": url,
        });
        provider.post("/payments", &payment.to_string()).await;
    }
    let shown = table(&page(&provider).await, "Payments").0;
    assert_eq!(shown.iter().map(|row| &*row[2]).collect::<Vec<_>>(), ["undefined", "undefined"]);
    assert!(page(&provider).await.contains("<h2>Callbacks kept: 0</h2>"));
    provider.post("/decisions", r#"{"paymentId":"p1","status":"denied"}"#).await;
    provider.add_fault(r#"{"fault":"callback-retry"}"#).await;
    provider.post("/decisions", r#"{"paymentId":"p2","status":"approved"}"#).await;

    let page = page(&provider).await;
    let payments = table(&page, "Payments").0;
    assert_eq!(payments.iter().map(|row| &*row[2]).collect::<Vec<_>>(), ["approved", "denied"]);
    let (callbacks, _) = table(&page, "Callbacks kept");
    let shown: Vec<_> =
        callbacks.iter().map(|row| format!("{} {} {} {}", row[0], row[1], row[4], row[5])).collect();
    assert_eq!(shown.len(), 6);
    assert!(shown[0].starts_with("p2 4 callback-retry the connection failed"), "{shown:?}");
    assert_eq!(shown[4..], ["p1 2  200", "p1 1  500"]);
    assert_eq!(callbacks[0][3], "");
    assert!(callbacks[5][2].ends_with("/p1?X-VTEX-signature=%3Cb%3E"), "{callbacks:?}");
    assert!(callbacks[5][3].contains("&quot;status&quot;:&quot;denied&quot;"), "{callbacks:?}");
    provider.stop().await;
}

#[tokio::test]
async fn what_callers_send_stays_text() {
    let provider = Provider::start().await;
    let hostile = "</td><script>alert('1')</script>&amp;\"\u{202e}\u{0}\u{feff}é";
    let payment = json!({ "paymentId": hostile, "currency": "BRL", "value": 100 });
    assert_eq!(provider.post("/payments", &payment.to_string()).await.1["status"], "approved");
    let path =
        "/payments/%3C%2Ftd%3E%3Cscript%3Ealert('1')%3C%2Fscript%3E&amp;%22%E2%80%AE%00%EF%BB%BF%C3%A9";
    let settlement = json!({ "requestId": hostile, "value": 20 });
    let (status, settled) = provider.post(&format!("{path}/settlements"), &settlement.to_string()).await;
    assert_eq!((status, settled["settleId"].as_str()), (200, Some("SET-000001")));
    let refund = json!({ "requestId": hostile, "settleId": "SET-000001", "value": 5 });
    assert_eq!(provider.post(&format!("{path}/refunds"), &refund.to_string()).await.0, 200);
    let cancellation = json!({ "requestId": hostile });
    assert_eq!(provider.post(&format!("{path}/cancellations"), &cancellation.to_string()).await.0, 200);
    provider.add_fault(r#"{"fault":{"answer":{"status":200,"body":"<img src=x onerror=alert(1)>"}}}"#).await;
    provider.try_post("/payments/p/settlements", r#"{"requestId":"<i>","value":1}"#).await;

    let page = page(&provider).await;
    let shown =
        "&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;&quot;\u{fffd}\u{fffd}\u{fffd}é";
    for (title, cell) in
        [("Payments", 0), ("Settlements", 1), ("Settlements", 2), ("Refunds", 2), ("Cancellations", 2)]
    {
        assert_eq!(table(&page, title).0[0][cell], shown, "{title}");
    }
    let newest = &table(&page, "Calls kept").0[0];
    assert_eq!(newest[4], "&lt;img src=x onerror=alert(1)&gt;");
    for forbidden in ["<script", "<img", "<i>", "\u{202e}", "\u{0}", "\u{feff}"] {
        assert!(!page.contains(forbidden), "{forbidden:?}");
    }
    provider.stop().await;
}

#[tokio::test]
async fn the_page_ends() {
    let provider = Provider::start().await;
    let many = PAGE_ROWS_MAX + 3;
    for number in 0..many {
        provider.authorize(&format!("p{number}"), "100").await;
        assert_eq!(provider.settle("p0", &format!("s{number}"), "0.10").await.0, 200);
    }
    let long = "€".repeat(PAGE_CELL_CHARS_MAX * 30);
    provider.post("/payments", &json!({ "paymentId": "p0", "note": long }).to_string()).await;

    let page = page(&provider).await;
    for (title, newest, more) in [
        ("Payments", format!("p{}", many - 1), "<p>And 3 more.</p>"),
        ("Settlements", format!("SET-{many:06}"), "<p>And 3 more.</p>"),
        ("Calls kept", "POST".to_owned(), "<p>And 107 more.</p>"),
    ] {
        let (rows, behind) = table(&page, title);
        assert_eq!((rows.len(), &rows[0][0]), (PAGE_ROWS_MAX, &newest), "{title}");
        assert!(behind.starts_with(more), "{title}: {behind}");
    }
    let request = &table(&page, "Calls kept").0[0][2];
    assert!(request.chars().count() < PAGE_CELL_CHARS_MAX * 2, "{request}");
    assert!(request.ends_with(" more)"), "{request}");
    provider.stop().await;

    let provider = Provider::with(SandboxConfig { keep_calls: false, ..SandboxConfig::default() }).await;
    provider.authorize("p1", "10").await;
    assert!(self::page(&provider).await.contains("<h2>Calls kept: 0</h2>"));
    provider.stop().await;
}
