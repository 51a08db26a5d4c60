//! A door before a provider: closed, it takes no connection.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tranche_tests::patience::must;

/// A door that can be closed and opened again, at the same address.
pub(super) struct Door {
    address: SocketAddr,
    /// Where it leads to.
    to: String,
    /// Who passes; none while it is closed.
    passing: Option<JoinHandle<()>>,
}

impl Door {
    /// An open door before a provider's URL.
    pub(super) async fn before(url: &str) -> Self {
        let listener = must("an address", TcpListener::bind("127.0.0.1:0").await);
        let address = must("an address", listener.local_addr());
        let to = url.trim_start_matches("http://").to_owned();
        let passing = Some(tokio::spawn(pass(listener, to.clone())));
        Self { address, to, passing }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Shuts everybody out, those who have passed as well.
    pub(super) async fn close(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            // Canceled, as it was meant to be: its listener is gone now.
            let _ = passing.await;
        }
    }

    pub(super) async fn open(&mut self) {
        let listener = must("the same address", TcpListener::bind(self.address).await);
        self.passing = Some(tokio::spawn(pass(listener, self.to.clone())));
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(passing) = &self.passing {
            passing.abort();
        }
    }
}

async fn pass(listener: TcpListener, to: String) {
    // Goes with this one.
    let mut connections = JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let to = to.clone();
        connections.spawn(async move {
            if let Ok(mut provider) = TcpStream::connect(to).await {
                // Either side may hang up.
                let _ = copy_bidirectional(&mut stream, &mut provider).await;
            }
        });
    }
}
