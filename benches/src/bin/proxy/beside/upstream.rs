//! The server behind every proxy: plain TCP, in a thread of its own.

use core::net::SocketAddr;
use std::thread;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Builder,
};

/// The length of a request's header: the number of bytes that follow it, and the length of the response,
/// both as big-endian integers of 64 bits.
pub(crate) const HEADER: usize = 16;

/// The most that is read or written at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Starts a server and returns its address. It runs until the process ends.
pub(crate) fn start() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    listener.set_nonblocking(true).expect("a socket");
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            loop {
                let (tcp, _) = listener.accept().await.expect("a connection");
                tcp.set_nodelay(true).expect("a socket");
                // A connection that breaks is noticed by its client.
                tokio::spawn(serve(tcp));
            }
        });
    });
    address
}

/// Answers the requests of one connection until it ends.
async fn serve(mut tcp: TcpStream) -> tokio::io::Result<()> {
    loop {
        // An idle connection has no buffer.
        let (mut upload, mut download) = (tcp.read_u64().await?, tcp.read_u64().await?);
        let mut chunk = vec![0; CHUNK];
        while upload > 0 {
            let most = usize::try_from(upload).unwrap_or(CHUNK).min(CHUNK);
            match tcp.read(chunk.get_mut(..most).unwrap_or_default()).await? {
                0 => return Ok(()),
                length => upload = upload.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX)),
            }
        }
        while download > 0 {
            let most = usize::try_from(download).unwrap_or(CHUNK).min(CHUNK);
            let written = tcp.write(chunk.get(..most).unwrap_or_default()).await?;
            download = download.saturating_sub(u64::try_from(written).unwrap_or(u64::MAX));
        }
    }
}
