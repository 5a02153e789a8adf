//! The memory of idle connections.

use super::child::{Running, echo};
use cairn_tokio::tls::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

/// The number of connections before the first measurement, after which allocators are warm.
const WARM: u64 = 500;

/// Opens connections, sends a few bytes over each, and leaves them idle. Prints the memory of the proxy for
/// each connection, with TLS and without.
pub(crate) async fn run(count: u64) {
    let tls = measure(count, true).await;
    let plain = measure(count, false).await;
    println!("with TLS     {tls:>8.0} bytes of memory a connection");
    println!("without TLS  {plain:>8.0} bytes of memory a connection");
    println!("difference   {:>8.0} bytes", tls - plain);
}

async fn measure(count: u64, with_tls: bool) -> f64 {
    let proxy = Running::start(echo().await).await;
    let (address, connector) = (proxy.address(if with_tls { "tls" } else { "plain" }), proxy.connector());
    let name = ServerName::parse("localhost").expect("a name");
    let (mut streams, mut plain) = (Vec::new(), Vec::new());
    let mut warm = 0;
    for number in 0..count {
        let tcp = TcpStream::connect(address).await.expect("a connection");
        // The end of the handshake and the data are two writes.
        tcp.set_nodelay(true).expect("a socket");
        if with_tls {
            let mut stream = connector.connect(name.clone(), tcp).await.expect("a handshake");
            ping(&mut stream).await;
            // The memory of this process does not matter, but all of it must fit.
            streams.push(stream.into_inner());
        } else {
            let mut tcp = tcp;
            ping(&mut tcp).await;
            plain.push(tcp);
        }
        if number + 1 == WARM.min(count / 2) {
            warm = proxy.memory();
        }
    }
    let measured = count - WARM.min(count / 2);
    let grown = proxy.memory().saturating_sub(warm);
    // Both numbers are small.
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "both are exact in f64")]
    let each = (grown * 1024) as f64 / measured as f64;
    each
}

async fn ping(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    stream.write_all(b"ping").await.expect("a write");
    let mut pong = [0; 4];
    stream.read_exact(&mut pong).await.expect("the echo");
}
