//! Providers that answer one thing: with axum where HTTP is to be right, over a socket where it is to be wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The answer to a settlement of [`crate::setup::call`], with a value as it is written.
pub(crate) fn settled(value: &str) -> String {
    format!(r#"{{"paymentId":"pay/1","requestId":"op_1","settleId":"settle-1","value":{value},"code":null}}"#)
}

/// Serves the routes and returns the address.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Serves raw texts, one per request, whatever the connection; counts the requests. After the last text, and wherever
/// a text is empty, it reads the request and closes the connection.
pub(crate) async fn serve_raw(texts: &[&'static str]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let (counter, texts) = (Arc::clone(&requests), texts.to_vec());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            while read_request(&mut stream).await {
                let text = texts.get(counter.fetch_add(1, Ordering::SeqCst)).copied().unwrap_or_default();
                stream.write_all(text.as_bytes()).await.unwrap();
                if !text.contains("keep-alive") {
                    break;
                }
            }
        }
    });
    (format!("http://{address}"), requests)
}

/// Whether a whole request came.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer).await else {
            return false;
        };
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length =
            head.split_once("content-length: ").map_or("0", |(_, rest)| rest.lines().next().unwrap());
        if body.len() >= length.parse::<usize>().unwrap() {
            return true;
        }
    }
}
