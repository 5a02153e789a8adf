//! A listener whose handshakes do not delay each other.

use crate::{connect::TlsAcceptor, handshake::HandshakeFailed, stream::TlsStream};
use alloc::{collections::VecDeque, sync::Arc};
use core::{
    fmt,
    future::poll_fn,
    net::SocketAddr,
    task::{Context, Poll, ready},
};
use std::io;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

type Accepted = (SocketAddr, Result<TlsStream<TcpStream>, HandshakeFailed<TcpStream>>);

/// Accepts TCP connections and performs their handshakes in tasks of their own, so that a slow client delays
/// no other. `TCP_NODELAY` is set.
///
/// Silent clients do not keep others out: if there are too many unfinished handshakes, a new connection ends
/// the oldest of them ([`TlsListener::max_handshakes`]).
///
/// With the feature `axum` it is a listener for `axum::serve`:
///
/// ```no_run
/// # #[cfg(all(feature = "axum", feature = "aws-lc"))]
/// # async fn run(config: cairn_tokio::tls::ServerConfig) -> std::io::Result<()> {
/// use axum::{Router, routing::get};
/// use cairn_tokio::{TlsAcceptor, TlsListener};
///
/// let tcp = tokio::net::TcpListener::bind("127.0.0.1:8443").await?;
/// let listener = TlsListener::new(tcp, TlsAcceptor::new(config));
/// axum::serve(listener, Router::new().route("/", get(|| async { "hello" }))).await
/// # }
/// ```
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Accepted>,
    /// Ends each of the handshakes, the oldest first. Those of finished ones are closed.
    ends: VecDeque<oneshot::Sender<()>>,
    max_handshakes: usize,
    on_failure: Arc<dyn Fn(SocketAddr, HandshakeFailed<TcpStream>) + Send + Sync>,
}

impl fmt::Debug for TlsListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsListener")
            .field("tcp", &self.tcp)
            .field("handshakes", &self.handshakes.len())
            .field("max_handshakes", &self.max_handshakes)
            .finish_non_exhaustive()
    }
}

impl TlsListener {
    /// Creates a listener.
    #[must_use]
    pub fn new(tcp: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self {
            tcp,
            acceptor,
            handshakes: JoinSet::new(),
            ends: VecDeque::new(),
            max_handshakes: 1000,
            on_failure: Arc::new(|_, _| {}),
        }
    }

    /// Sets the maximum number of handshakes at the same time: 1,000 by default. One more ends the oldest,
    /// which is a failure ([`TlsListener::on_failure`]) of the kind [`io::ErrorKind::TimedOut`]: a client
    /// that is slower than so many others has most likely nothing to say.
    #[must_use]
    pub fn max_handshakes(mut self, max: usize) -> Self {
        self.max_handshakes = max.max(1);
        self
    }

    /// Sets a function that gets failed handshakes, for example to log them. By default they are ignored.
    #[must_use]
    pub fn on_failure(
        mut self,
        on_failure: impl Fn(SocketAddr, HandshakeFailed<TcpStream>) + Send + Sync + 'static,
    ) -> Self {
        self.on_failure = Arc::new(on_failure);
        self
    }

    /// The next connection whose handshake is complete. This is cancel safe. Handshakes start only while this
    /// is awaited; those that have started go on.
    ///
    /// # Errors
    /// Those of the listening socket, for example if the process has too many open files. Wait a little, and
    /// call this again.
    pub async fn accept(&mut self) -> io::Result<(TlsStream<TcpStream>, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TlsStream<TcpStream>, SocketAddr)>> {
        loop {
            while let Poll::Ready(Some(done)) = self.handshakes.poll_join_next(cx) {
                match done {
                    Ok((address, Ok(stream))) => return Poll::Ready(Ok((stream, address))),
                    Ok((address, Err(failed))) => (self.on_failure)(address, failed),
                    // The task of one client has panicked, for example in an answerer.
                    Err(_) => {}
                }
            }
            match ready!(self.tcp.poll_accept(cx)) {
                Ok((tcp, address)) => {
                    // It only costs time if this fails.
                    let _slower = tcp.set_nodelay(true);
                    self.start(tcp, address);
                }
                // The client is gone.
                Err(error) if is_of_client(&error) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Starts a handshake. If there are too many, the oldest ends.
    fn start(&mut self, tcp: TcpStream, address: SocketAddr) {
        // A finished handshake does not count, even if its result has not been taken yet.
        self.ends.retain(|end| !end.is_closed());
        while self.ends.len() >= self.max_handshakes
            && let Some(oldest) = self.ends.pop_front()
        {
            // It may have finished meanwhile.
            let _finished = oldest.send(());
        }
        let (end, mut ended) = oneshot::channel();
        self.ends.push_back(end);
        let acceptor = self.acceptor.clone();
        self.handshakes.spawn(async move {
            let accepted = match acceptor.accept_early(tcp) {
                Ok(early) => early.complete_before(&mut ended).await,
                Err(failed) => Err(failed),
            };
            (address, accepted)
        });
    }

    /// The address of the listening socket.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// Whether the error belongs to one client, and not to the listening socket.
fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

#[cfg(feature = "axum")]
impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    /// As [`TlsListener::accept`]. After an error of the listening socket it tries again, a second later.
    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match Self::accept(self).await {
                Ok(accepted) => return accepted,
                Err(_) => tokio::time::sleep(core::time::Duration::from_secs(1)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Self::local_addr(self)
    }
}
