//! `CreateConnector` and `UpdateConnector`, and providers that are none.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, Money, PartialSettlement, UpdateConnectorRequest,
    connector_capabilities::RemainderPolicy, payment,
};
use tranche_tests::shop::money;

use super::table::{Row, brl, invalid, row};

/// Servers that answer `GET /manifest`, and nothing that could be one.
pub(super) struct Nonsense {
    servers: Vec<(SocketAddr, JoinHandle<()>)>,
    /// An address where nobody listens.
    nobody: SocketAddr,
}

/// What they answer: no JSON, JSON without payment methods, nothing found, and credentials refused.
const ANSWERS: [&str; 4] = [
    "200 OK\r\ncontent-length: 6\r\n\r\n<html>",
    "200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "404 Not Found\r\ncontent-length: 0\r\n\r\n",
    "401 Unauthorized\r\ncontent-length: 0\r\n\r\n",
];

impl Nonsense {
    pub(super) async fn start() -> Self {
        let mut servers = Vec::new();
        for answer in ANSWERS {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            servers.push((address, tokio::spawn(serve(listener, answer))));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = listener.local_addr().unwrap();
        Self { servers, nobody }
    }

    fn url(&self, index: usize) -> String {
        format!("http://{}", self.servers[index].0)
    }
}

impl Drop for Nonsense {
    fn drop(&mut self) {
        self.servers.iter().for_each(|(_, server)| server.abort());
    }
}

async fn serve(listener: TcpListener, answer: &'static str) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = [0; 4_096];
        // A client that went away asks again or does not.
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await;
    }
}

fn create(expected: &str, url: &str, change: impl FnOnce(&mut CreateConnectorRequest)) -> Row {
    let mut request = CreateConnectorRequest {
        connector_id: "new".to_owned(),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), url.to_owned())].into(),
        ..CreateConnectorRequest::default()
    };
    change(&mut request);
    row("/tranche.v1.ConnectorService/CreateConnector", &request, expected)
}

fn update(expected: &str, change: impl FnOnce(&mut UpdateConnectorRequest)) -> Row {
    let mut request = UpdateConnectorRequest {
        request_id: "update-1".to_owned(),
        connector_id: "partial".to_owned(),
        ..UpdateConnectorRequest::default()
    };
    change(&mut request);
    row("/tranche.v1.ConnectorService/UpdateConnector", &request, expected)
}

pub(super) fn rows(provider: &str, nonsense: &Nonsense) -> Vec<Row> {
    let mut rows = configurations(provider, nonsense);
    rows.extend(minimum_amounts(provider));
    rows.extend(contradictions(provider));
    rows
}

/// What cannot work or contradicts itself is refused when it is configured, not when money is due: the connector's default
/// mode, what its provider can do, and all that is wrong with these.
fn contradictions(provider: &str) -> Vec<Row> {
    use PartialSettlement::{Multiple, None as Nothing, Once};
    use payment::Mode::{Partial, Unspecified};
    let settles = |settles: PartialSettlement| ConnectorCapabilities {
        partial_settlement: settles.into(),
        ..ConnectorCapabilities::default()
    };
    let at_most = |number, able| ConnectorCapabilities { max_settlements: Some(number), ..able };
    let released = |able| ConnectorCapabilities { remainder: RemainderPolicy::Released.into(), ..able };
    let any = ConnectorCapabilities::default;
    let a_second = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    let less_than_nothing = Some(prost_types::Duration { seconds: -1, nanos: 0 });
    let table = [
        (Partial, settles(Nothing), "default_mode"),
        (Partial, settles(Once), "default_mode"),
        (Unspecified, at_most(0, settles(Nothing)), "capabilities.max_settlements"),
        (Unspecified, at_most(2, settles(Nothing)), "capabilities.max_settlements"),
        (Unspecified, at_most(0, settles(Once)), "capabilities.max_settlements"),
        (Unspecified, at_most(2, settles(Once)), "capabilities.max_settlements"),
        (Unspecified, at_most(1, settles(Multiple)), "capabilities.max_settlements"),
        (Unspecified, at_most(-1, settles(Multiple)), "capabilities.max_settlements"),
        (Unspecified, released(settles(Multiple)), "capabilities.remainder"),
        (Unspecified, released(at_most(0, settles(Multiple))), "capabilities.remainder"),
        (
            Unspecified,
            ConnectorCapabilities { partial_cancellation: Some(true), ..any() },
            "settings.cancellation_unit",
        ),
        (
            Unspecified,
            ConnectorCapabilities { refunds: Some(false), partial_refunds: Some(true), ..any() },
            "capabilities.partial_refunds",
        ),
        (
            Unspecified,
            ConnectorCapabilities { replay_safe: Some(false), replay_window: a_second, ..any() },
            "capabilities.replay_window",
        ),
        (
            Unspecified,
            ConnectorCapabilities { replay_window: Some(prost_types::Duration::default()), ..any() },
            "capabilities.replay_window",
        ),
        (
            Unspecified,
            ConnectorCapabilities { authorization_lifetime: less_than_nothing, ..any() },
            "capabilities.authorization_lifetime",
        ),
        (Unspecified, ConnectorCapabilities { query: Some(true), ..any() }, "capabilities.query"),
        // All of it at once.
        (
            Partial,
            ConnectorCapabilities {
                partial_cancellation: Some(true),
                refunds: Some(false),
                partial_refunds: Some(true),
                replay_safe: Some(false),
                replay_window: a_second,
                minimum_amounts: vec![money("1.00", "ABC")],
                query: Some(true),
                ..at_most(3, settles(Once))
            },
            "capabilities.max_settlements capabilities.partial_refunds capabilities.query capabilities.replay_window \
             default_mode settings.cancellation_unit capabilities.minimum_amounts[0].currency_code",
        ),
    ];
    let rows = |(mode, able, fields): (payment::Mode, ConnectorCapabilities, &str)| {
        let (expected, able) = (invalid(fields), Some(able));
        [
            create(&expected, provider, |it| {
                it.default_mode = mode.into();
                it.capabilities.clone_from(&able);
            }),
            update(&expected, |it| {
                it.default_mode = mode.into();
                it.capabilities.clone_from(&able);
            }),
        ]
    };
    table.into_iter().flat_map(rows).collect()
}

/// The smallest settlement of each currency, which is named once.
fn minimum_amounts(provider: &str) -> Vec<Row> {
    let path = |index: usize, name: &str| format!("capabilities.minimum_amounts[{index}].{name}");
    let table = [
        (vec![Money::default()], vec![path(0, "currency_code"), path(0, "amount")]),
        (vec![brl("0.00")], vec![path(0, "amount")]),
        (vec![brl("1.001")], vec![path(0, "amount")]),
        (vec![brl("5.00"), money("500", "JPY"), brl("6.00")], vec![path(2, "currency_code")]),
        (
            vec![brl("-1.00"), money("5.00", "ABC"), money("0", "JPY")],
            vec![path(0, "amount"), path(1, "currency_code"), path(2, "amount")],
        ),
        (vec![brl("1.00"); 51], vec!["capabilities.minimum_amounts".to_owned()]),
    ];
    let rows = |(minimum_amounts, fields): (Vec<Money>, Vec<String>)| {
        let expected = invalid(&fields.join(" "));
        let capabilities = Some(ConnectorCapabilities { minimum_amounts, ..Default::default() });
        [
            create(&expected, provider, |it| it.capabilities.clone_from(&capabilities)),
            update(&expected, |it| it.capabilities.clone_from(&capabilities)),
        ]
    };
    table.into_iter().flat_map(rows).collect()
}

fn configurations(provider: &str, nonsense: &Nonsense) -> Vec<Row> {
    let unusable = "FailedPrecondition CONNECTOR_MANIFEST_INVALID connectorId=new";
    let set = |request: &mut CreateConnectorRequest, pairs: &[(&str, &str)]| {
        for (key, value) in pairs {
            request.settings.insert((*key).to_owned(), (*value).to_owned());
        }
    };
    vec![
        create(&invalid("connector_id kind"), provider, |it| *it = CreateConnectorRequest::default()),
        create(&invalid("kind"), provider, |it| it.kind = "pigeon".to_owned()),
        create(&invalid("settings.base_url"), provider, |it| it.settings.clear()),
        create(
            &invalid(
                "settings.base_url settings.header_family settings.timeout_ms settings.color default_mode",
            ),
            "ftp://provider.example",
            |it| {
                set(it, &[("header_family", "x"), ("timeout_ms", "1"), ("color", "red")]);
                it.default_mode = 99;
            },
        ),
        // Credentials are references; a literal is refused.
        create(&invalid("settings.app_key settings.app_token"), provider, |it| {
            set(it, &[("app_key", "literal"), ("app_token", "s3cret")]);
        }),
        create(&invalid("settings.app_token"), provider, |it| set(it, &[("app_key", "env:TRANCHE_NO_SUCH")])),
        create(
            "FailedPrecondition CONNECTOR_CREDENTIALS_UNREADABLE connectorId=new setting=settings.app_key",
            provider,
            |it| set(it, &[("app_key", "env:NO_SUCH_KEY"), ("app_token", "file:/no/such/token")]),
        ),
        create(unusable, &nonsense.url(0), |_| ()),
        create(unusable, &nonsense.url(1), |_| ()),
        create(unusable, &nonsense.url(2), |_| ()),
        create(
            "FailedPrecondition CONNECTOR_CREDENTIALS_REFUSED connectorId=new status=401",
            &nonsense.url(3),
            |_| (),
        ),
        create(
            "FailedPrecondition CONNECTOR_UNREACHABLE connectorId=new",
            &format!("http://{}", nonsense.nobody),
            |_| (),
        ),
        create("AlreadyExists CONNECTOR_ALREADY_EXISTS connectorId=partial", provider, |it| {
            it.connector_id = "partial".to_owned();
        }),
        update(&invalid("request_id"), |it| it.request_id.clear()),
        update("NotFound CONNECTOR_NOT_FOUND connectorId=nobody", |it| it.connector_id = "nobody".to_owned()),
        update("Aborted ETAG_MISMATCH etag=old", |it| it.etag = "old".to_owned()),
        update(&invalid("settings.base_url"), |it| {
            it.settings.insert("base_url".to_owned(), "nowhere".to_owned());
        }),
        update(&invalid("default_mode"), |it| {
            it.connector_id = "total".to_owned();
            it.default_mode = payment::Mode::Partial.into();
        }),
        // What it was before counts.
        update(&invalid("settings.cancellation_unit"), |it| {
            it.connector_id = "parts".to_owned();
            it.settings.insert("cancellation_unit".to_owned(), String::new());
        }),
        // Payments that exist cancel parts all the same.
        update(&invalid("settings.cancellation_unit"), |it| {
            it.connector_id = "parts".to_owned();
            it.settings.insert("cancellation_unit".to_owned(), String::new());
            it.capabilities.get_or_insert_default().partial_cancellation = Some(false);
        }),
    ]
}
