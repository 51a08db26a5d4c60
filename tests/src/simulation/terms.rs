//! What the payments of a simulation are like.

use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, PartialSettlement,
    connector_capabilities::RemainderPolicy, payment,
};

/// After this time the provider wants a payment canceled that it has not decided about.
const DELAY_TO_CANCEL_SECONDS: &str = "5400";

/// A connector, and the provider behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) connector: &'static str,
    settles: PartialSettlement,
    mode: payment::Mode,
    /// What the sandbox is told of settlements, and of replays.
    pub(super) sandbox: [(&'static str, &'static str); 2],
    cancels_parts: bool,
    max_settlements: Option<i32>,
    remainder: RemainderPolicy,
}

const fn terms(
    connector: &'static str,
    settles: PartialSettlement,
    mode: payment::Mode,
    sandbox: &'static str,
) -> Terms {
    Terms {
        connector,
        settles,
        mode,
        sandbox: [("sandbox.settlements", sandbox), ("sandbox.replays", "ANSWERED")],
        cancels_parts: false,
        max_settlements: None,
        remainder: RemainderPolicy::Kept,
    }
}

/// All of them. The first ones are the usual ones, and come twice.
pub(super) const TERMS: [Terms; 12] = {
    use PartialSettlement::{Multiple, None as Nothing, Once};
    use payment::Mode::{Hold, Partial, Total};
    let partial = terms("partial", Multiple, Partial, "MULTIPLE");
    let parts = Terms { cancels_parts: true, ..terms("parts", Multiple, Partial, "MULTIPLE") };
    let total = terms("total", Once, Total, "ONCE_KEEPS");
    [
        partial,
        parts,
        total,
        partial,
        parts,
        total,
        terms("hold", Once, Hold, "ONCE_KEEPS"),
        terms("total-none", Nothing, Total, "NONE"),
        terms("hold-none", Nothing, Hold, "NONE"),
        Terms { max_settlements: Some(3), ..terms("thrice", Multiple, Partial, "MULTIPLE") },
        // What is sent to it twice is done twice.
        Terms {
            sandbox: [("sandbox.settlements", "MULTIPLE"), ("sandbox.replays", "BOOKED_AGAIN")],
            ..terms("unsafe", Multiple, Partial, "MULTIPLE")
        },
        Terms { remainder: RemainderPolicy::Released, ..terms("releases", Once, Total, "ONCE_RELEASES") },
    ]
};

impl Terms {
    /// Whether each settlement is of exactly what invoices asked for.
    pub(super) fn is_exact(self) -> bool {
        self.mode != payment::Mode::Total && self.settles != PartialSettlement::None
    }

    /// Whether each invoice's share is sent by itself, as often as there are invoices.
    pub(super) fn sends_each(self) -> bool {
        self.is_exact() && self.mode == payment::Mode::Partial && self.max_settlements.is_none()
    }

    /// Whether what a settlement brings too little can be asked for again.
    pub(super) fn may_ask_again(self) -> bool {
        self.settles == PartialSettlement::Multiple && self.max_settlements.is_none()
    }

    /// The request that configures the connector.
    pub(super) fn connector(self, url: &str) -> CreateConnectorRequest {
        let capabilities = ConnectorCapabilities {
            partial_settlement: self.settles.into(),
            max_settlements: self.max_settlements,
            remainder: self.remainder.into(),
            partial_cancellation: Some(self.cancels_parts),
            replay_safe: Some(self.sandbox[1].1 == "ANSWERED"),
            ..ConnectorCapabilities::default()
        };
        // What the sandbox is told of payments that it is asked to authorize; the simulation makes its callbacks.
        let sandbox = self.sandbox.into_iter().chain([
            ("sandbox.callbacks", "NONE"),
            ("sandbox.delay_to_cancel_seconds", DELAY_TO_CANCEL_SECONDS),
        ]);
        let sandbox = sandbox.map(|(name, value)| (format!("merchant_settings.{name}"), value.to_owned()));
        let settings = [
            ("base_url".to_owned(), url.to_owned()),
            // Nothing is to time out but what a step loses.
            ("timeout_ms".to_owned(), "60000".to_owned()),
        ];
        let unit = self.cancels_parts.then(|| ("cancellation_unit".to_owned(), "major".to_owned()));
        CreateConnectorRequest {
            connector_id: self.connector.to_owned(),
            kind: "ppp".to_owned(),
            settings: settings.into_iter().chain(sandbox).chain(unit).collect(),
            default_mode: self.mode.into(),
            capabilities: Some(capabilities),
        }
    }
}
