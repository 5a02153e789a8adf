//! Transports: sockets, and sockets whose first bytes were read already.

use core::{
    fmt,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};
use std::io::{self, IoSlice};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// A connection in both directions.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An address: of TCP, or the path of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Address {
    Tcp(String),
    Unix(String),
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("unix:") {
            Some(path) if cfg!(unix) && !path.is_empty() => Ok(Self::Unix(path.to_owned())),
            Some(_) => Err(format!("{text:?} is not the path of a socket")),
            None if text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Ok(Self::Tcp(text.to_owned()))
            }
            None => Err(format!("{text:?} is not an address with a port, and not unix: with a path")),
        }
    }

    /// The host, without its port and without brackets.
    pub(crate) fn host(&self) -> Option<&str> {
        let Self::Tcp(text) = self else { return None };
        let (host, _) = text.rsplit_once(':')?;
        Some(host.trim_start_matches('[').trim_end_matches(']'))
    }

    pub(crate) async fn connect(&self) -> io::Result<Box<dyn Duplex>> {
        match self {
            Self::Tcp(address) => {
                let tcp = TcpStream::connect(address).await?;
                tcp.set_nodelay(true)?;
                Ok(Box::new(tcp))
            }
            #[cfg(unix)]
            Self::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Self::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix(path) => write!(f, "unix:{path}"),
        }
    }
}

/// A listening socket.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

/// The addresses of a connection: of the client, and the one that it connected to. `None` on Unix sockets.
pub(crate) type Addresses = Option<(SocketAddr, SocketAddr)>;

impl Socket {
    pub(crate) async fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => Ok(Self::Tcp(TcpListener::bind(address).await?)),
            #[cfg(unix)]
            Address::Unix(path) => {
                // A socket that a process has left behind. One in use belongs to that process.
                let is_socket = || {
                    use std::os::unix::fs::FileTypeExt;
                    std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
                };
                let refused = |e: io::Error| e.kind() == io::ErrorKind::ConnectionRefused;
                // A connection to any other file is refused too.
                if UnixStream::connect(path).await.is_err_and(refused) && is_socket() {
                    std::fs::remove_file(path)?;
                }
                Ok(Self::Unix(UnixListener::bind(path)?))
            }
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(crate) async fn accept(&self) -> io::Result<(Box<dyn Duplex>, Addresses)> {
        match self {
            Self::Tcp(listener) => {
                let (tcp, client) = listener.accept().await?;
                // It only costs time if this fails.
                let _slower = tcp.set_nodelay(true);
                let local = tcp.local_addr()?;
                Ok((Box::new(tcp), Some((client, local))))
            }
            #[cfg(unix)]
            Self::Unix(listener) => Ok((Box::new(listener.accept().await?.0), None)),
        }
    }

    /// The address of a TCP socket.
    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }
}

/// A transport whose first bytes were read to look at them. Reading returns them again.
pub(crate) struct Peeked {
    io: Box<dyn Duplex>,
    bytes: Vec<u8>,
    /// The number of these bytes that were read again.
    read: usize,
}

impl Peeked {
    pub(crate) const fn new(io: Box<dyn Duplex>) -> Self {
        Self { io, bytes: Vec::new(), read: 0 }
    }

    /// The bytes that were looked at and not consumed.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }

    /// Reads more to look at, at most until there are `most` bytes. Returns `false` at the end of the
    /// transport, and if there are as many already.
    pub(crate) async fn more(&mut self, most: usize) -> io::Result<bool> {
        let room = most.saturating_sub(self.bytes().len());
        let mut chunk = [0; 1024];
        let chunk = chunk.get_mut(..room.min(1024)).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(false);
        }
        let length = self.io.read(chunk).await?;
        self.bytes.extend_from_slice(chunk.get(..length).unwrap_or_default());
        Ok(length > 0)
    }

    /// Removes bytes from the front: a header that is not for the next reader.
    pub(crate) fn consume(&mut self, length: usize) {
        self.read = self.read.saturating_add(length).min(self.bytes.len());
    }
}

impl AsyncRead for Peeked {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.bytes().is_empty() {
            this.bytes = Vec::new();
            this.read = 0;
            return Pin::new(&mut this.io).poll_read(cx, buf);
        }
        let length = this.bytes().len().min(buf.remaining());
        buf.put_slice(this.bytes().get(..length).unwrap_or_default());
        this.consume(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Peeked {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
