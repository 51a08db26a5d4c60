//! Connections that can be dropped without an answer, and a listener that can go away for a while.
//!
//! An HTTP library always sends what a handler returns. So that a lost answer really is lost, the handler cuts its
//! connection first: then the answer's first byte cannot be written, and the connection is closed. So that a connection
//! really is refused, the listener is closed and every connection hung up, as if the process had ended; later the same
//! address is listened on again.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::bounds::LISTEN_AGAIN_PAUSE;

/// The handler's end of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<AtomicBool>);

impl Line {
    /// Lets nothing more be written.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().line.clone()
    }
}

/// The handlers' end of the listener.
#[derive(Clone, Debug)]
pub(crate) struct Door(mpsc::Sender<Duration>);

impl Door {
    /// Hangs up every connection and refuses new ones for a while. Closed once is closed: a second time changes nothing.
    pub(crate) fn close(&self, refused: Duration) {
        // A door that is full is about to be closed.
        let _ = self.0.try_send(refused);
    }
}

/// A listener whose connections have lines.
#[derive(Debug)]
pub(crate) struct Lines {
    /// Absent while connections are refused.
    listener: Option<TcpListener>,
    address: SocketAddr,
    closed: mpsc::Receiver<Duration>,
    /// Ends the connections of this opening.
    hung_up: CancellationToken,
}

impl Lines {
    pub(crate) fn new(listener: TcpListener) -> io::Result<(Self, Door)> {
        let address = listener.local_addr()?;
        let (door, closed) = mpsc::channel(1);
        let lines = Self { listener: Some(listener), address, closed, hung_up: CancellationToken::new() };
        Ok((lines, Door(door)))
    }

    /// Refuses connections for a while, and longer if somebody else has taken the address.
    async fn refuse(&mut self, refused: Duration) -> TcpListener {
        self.listener = None;
        std::mem::take(&mut self.hung_up).cancel();
        tokio::time::sleep(refused).await;
        loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => return listener,
                Err(error) => tracing::warn!(%error, address = %self.address, "cannot listen again yet"),
            }
            tokio::time::sleep(LISTEN_AGAIN_PAUSE).await;
        }
    }
}

impl Listener for Lines {
    type Io = LineStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (LineStream, SocketAddr) {
        loop {
            // Absent if the last refusal was not awaited to its end.
            let Some(listener) = &mut self.listener else {
                self.listener = Some(self.refuse(Duration::ZERO).await);
                continue;
            };
            let (stream, address) = tokio::select! {
                biased;
                Some(refused) = self.closed.recv() => {
                    self.listener = Some(self.refuse(refused).await);
                    continue;
                }
                accepted = Listener::accept(listener) => accepted,
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps its delay");
            }
            let hung_up = Box::pin(self.hung_up.clone().cancelled_owned());
            return (LineStream { stream, line: Line::default(), hung_up }, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A connection that writes as long as its line is not cut, and reads until it is hung up.
#[derive(Debug)]
pub(crate) struct LineStream {
    stream: TcpStream,
    line: Line,
    hung_up: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl AsyncRead for LineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.hung_up.as_mut().poll(cx).is_ready() {
            // Nothing read is the end of the connection.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
