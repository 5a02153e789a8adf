//! Connections for the HTTP client of hyper-util.

use crate::{connect::TlsConnector, stream::TlsStream};
use alloc::boxed::Box;
use cairn_tls::{ServerEndpoint, ServerName};
use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use http::{Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::legacy::connect::{Connected, Connection, HttpConnector},
    rt::TokioIo,
};
use std::io::{self, IoSlice};
use tower_service::Service;

/// Connects `https` URIs for `hyper_util::client::legacy::Client`.
///
/// The configuration of the connector decides about ALPN. If the server chooses `h2`, the client uses HTTP/2.
/// `http` URIs are refused, unless [`HttpsConnector::allow_http`] permits them.
///
/// ```no_run
/// # async fn run(config: cairn_tokio::tls::ClientConfigBuilder) -> Result<(), Box<dyn std::error::Error>> {
/// use cairn_tokio::{HttpsConnector, TlsConnector};
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
///
/// let config = config.alpn(["h2", "http/1.1"]).build()?;
/// let https = HttpsConnector::new(TlsConnector::new(config));
/// let client = Client::builder(TokioExecutor::new()).build::<_, String>(https);
/// let response = client.get("https://example.com/".parse()?).await?;
/// println!("{}", response.status());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct HttpsConnector<C = HttpConnector> {
    transports: C,
    tls: TlsConnector,
    allows_http: bool,
}

impl HttpsConnector {
    /// Connects over TCP.
    #[must_use]
    pub fn new(tls: TlsConnector) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self::over(tcp, tls)
    }
}

impl<C> HttpsConnector<C> {
    /// Connects over the transports of another connector, for example one of a proxy. It must accept `https`
    /// URIs.
    #[must_use]
    pub const fn over(transports: C, tls: TlsConnector) -> Self {
        Self { transports, tls, allows_http: false }
    }

    /// Permits `http` URIs, whose connections are not encrypted.
    #[must_use]
    pub const fn allow_http(mut self) -> Self {
        self.allows_http = true;
        self
    }
}

type BoxError = Box<dyn core::error::Error + Send + Sync>;

impl<C> Service<Uri> for HttpsConnector<C>
where
    C: Service<Uri>,
    C::Response: Read + Write + Connection + Send + Unpin + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
{
    type Response = HttpsStream<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.transports.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let server = match self.server(&uri) {
            Ok(server) => server,
            Err(error) => return Box::pin(core::future::ready(Err(error))),
        };
        let (connecting, tls) = (self.transports.call(uri), self.tls.clone());
        Box::pin(async move {
            let transport = connecting.await.map_err(Into::into)?;
            let Some(server) = server else { return Ok(HttpsStream(Transport::Plain(transport))) };
            let stream = tls.connect(server, TokioIo::new(transport)).await.map_err(io::Error::from)?;
            Ok(HttpsStream(Transport::Tls(Box::new(TokioIo::new(stream)))))
        })
    }
}

impl<C> HttpsConnector<C> {
    /// The server of a URI; `None` if the connection is not encrypted.
    fn server(&self, uri: &Uri) -> Result<Option<ServerEndpoint>, BoxError> {
        let scheme = uri.scheme();
        if scheme == Some(&Scheme::HTTP) && self.allows_http {
            return Ok(None);
        }
        if scheme != Some(&Scheme::HTTPS) {
            return Err("the URI is not https, and HttpsConnector::allow_http is not set".into());
        }
        let host = uri.host().ok_or("the URI has no host")?;
        // The brackets of an IPv6 address belong to the URI (RFC 3986 section 3.2.2).
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = ServerName::parse(host)?;
        let port = uri.port_u16().unwrap_or(443);
        Ok(Some(ServerEndpoint::from((name, port))))
    }
}

/// A connection of [`HttpsConnector`].
#[derive(Debug)]
pub struct HttpsStream<T>(Transport<T>);

#[derive(Debug)]
enum Transport<T> {
    Plain(T),
    Tls(Box<TokioIo<TlsStream<TokioIo<T>>>>),
}

impl<T> HttpsStream<T>
where
    T: Read + Write + Unpin,
{
    /// The TLS connection; `None` if it is not encrypted.
    pub fn tls(&self) -> Option<&TlsStream<TokioIo<T>>> {
        match &self.0 {
            Transport::Plain(_) => None,
            Transport::Tls(stream) => Some(stream.inner()),
        }
    }
}

impl<T: Read + Write + Connection + Unpin> Connection for HttpsStream<T> {
    fn connected(&self) -> Connected {
        match &self.0 {
            Transport::Plain(transport) => transport.connected(),
            Transport::Tls(stream) => {
                let stream = stream.inner();
                let connected = stream.get_ref().inner().connected();
                let is_h2 = stream.summary().and_then(|summary| summary.alpn.as_deref()) == Some(b"h2");
                if is_h2 { connected.negotiated_h2() } else { connected }
            }
        }
    }
}

impl<T: Read + Write + Unpin> Read for HttpsStream<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Transport::Plain(transport) => Pin::new(transport).poll_read(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl<T: Read + Write + Unpin> Write for HttpsStream<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Transport::Plain(transport) => Pin::new(transport).poll_write(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Transport::Plain(transport) => Pin::new(transport).poll_write_vectored(cx, slices),
            Transport::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.0 {
            Transport::Plain(transport) => transport.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Transport::Plain(transport) => Pin::new(transport).poll_flush(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Transport::Plain(transport) => Pin::new(transport).poll_shutdown(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
