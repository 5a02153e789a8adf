//! Configurations, and pairs of streams.

use cairn_tokio::{
    HandshakeFailed, IntoSplit, TlsAcceptor, TlsConnector, TlsStream,
    tls::{
        ClientConfig, ClientConfigBuilder, ServerConfig, ServerConfigBuilder, ServerName, Versions,
        crypto::KeySpec,
        x509::{
            Roots,
            issue::{Identity, Template},
        },
    },
};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use std::io;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    net::{TcpListener, TcpStream},
};

pub(crate) fn identity() -> Identity {
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    template.self_signed(&cairn_tokio::tls::default_provider(), KeySpec::EcP256).unwrap()
}

/// Builders of a client, and of a server that it trusts.
pub(crate) fn builders(versions: Versions) -> (ClientConfigBuilder, ServerConfigBuilder) {
    let identity = identity();
    let mut roots = Roots::new();
    roots.add_der(identity.certificate()).unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
    (ClientConfig::builder().trust(roots).versions(versions), server.versions(versions))
}

/// A client and a server with the versions.
pub(crate) fn ends(versions: Versions) -> (TlsConnector, TlsAcceptor) {
    let (client, server) = builders(versions);
    (TlsConnector::new(client.build().unwrap()), TlsAcceptor::new(server.build().unwrap()))
}

pub(crate) fn localhost() -> ServerName {
    ServerName::parse("localhost").unwrap()
}

pub(crate) async fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}

/// The results of both handshakes.
pub(crate) async fn try_connect<IO: AsyncRead + AsyncWrite + Unpin>(
    (client, server): &(TlsConnector, TlsAcceptor),
    (to_server, to_client): (IO, IO),
) -> (Result<TlsStream<IO>, HandshakeFailed<IO>>, Result<TlsStream<IO>, HandshakeFailed<IO>>) {
    tokio::join!(client.connect(localhost(), to_server), server.accept(to_client))
}

/// Both streams after their handshakes.
pub(crate) async fn connect<IO: AsyncRead + AsyncWrite + Unpin + core::fmt::Debug>(
    ends: &(TlsConnector, TlsAcceptor),
    transports: (IO, IO),
) -> (TlsStream<IO>, TlsStream<IO>) {
    let (client, server) = try_connect(ends, transports).await;
    (client.unwrap(), server.unwrap())
}

/// A transport in memory that can be split. A paused clock does not advance while there is data in it.
#[derive(Debug)]
pub(crate) struct Memory(DuplexStream);

impl Memory {
    pub(crate) fn pair() -> (Self, Self) {
        let (a, b) = tokio::io::duplex(100_000);
        (Self(a), Self(b))
    }
}

impl IntoSplit for Memory {
    type Read = tokio::io::ReadHalf<DuplexStream>;
    type Write = tokio::io::WriteHalf<DuplexStream>;

    fn into_split(self) -> (Self::Read, Self::Write) {
        tokio::io::split(self.0)
    }
}

impl AsyncRead for Memory {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

/// A transport that accepts and returns a few bytes at a time, and is often not ready.
#[derive(Debug)]
pub(crate) struct Slow {
    io: DuplexStream,
    state: u32,
}

impl Slow {
    pub(crate) fn pair(seed: u32) -> (Self, Self) {
        let (a, b) = tokio::io::duplex(1000);
        (Self { io: a, state: seed | 1 }, Self { io: b, state: seed.rotate_left(16) | 1 })
    }

    /// The number of bytes to move now; `None`: not ready.
    fn next(&mut self, cx: &Context<'_>) -> Option<usize> {
        // xorshift32.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        if self.state.is_multiple_of(3) {
            cx.waker().wake_by_ref();
            return None;
        }
        Some(1 + (self.state >> 8) as usize % 700)
    }
}

impl AsyncRead for Slow {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(most) = this.next(cx) else { return Poll::Pending };
        let mut part = buf.take(most);
        let result = Pin::new(&mut this.io).poll_read(cx, &mut part);
        let filled = part.filled().len();
        buf.advance(filled);
        result
    }
}

impl AsyncWrite for Slow {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(most) = this.next(cx) else { return Poll::Pending };
        Pin::new(&mut this.io).poll_write(cx, &buf[..most.min(buf.len())])
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.next(cx).is_none() {
            return Poll::Pending;
        }
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
