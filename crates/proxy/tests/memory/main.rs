//! The memory of connections that are stuck in both directions. This is a process of its own, because the
//! memory of a process is measured.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    dead_code,
    reason = "a test fails by panicking, and the other tests need more of the support"
)]

#[path = "../proxy/support.rs"]
mod support;

use core::{net::SocketAddr, time::Duration};
use support::{Folder, address, route, terminating};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpSocket,
    time::timeout,
};

/// The maximum memory of a connection, as `docs/proxy.md` states it.
const BOUND: u64 = 512 << 10;

const CONNECTIONS: u64 = 50;

/// The resident memory of this process in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// A socket with small buffers, so that the system does not take the data.
fn socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    socket
}

/// Writes until nothing is accepted for a while, and reads nothing.
async fn fill(io: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    static CHUNK: [u8; 64 << 10] = [7; 64 << 10];
    let mut total = 0;
    while let Ok(written) = timeout(Duration::from_millis(500), io.write(&CHUNK)).await {
        total += written.unwrap();
        assert!(total < 64 << 20, "the other side reads on");
    }
}

/// The client's own buffers count too, so the bound is not reached.
#[tokio::test]
async fn a_stuck_connection_holds_no_more_memory_than_documented() {
    let folder = Folder::new();
    let listener = socket();
    listener.bind("127.0.0.1:0".parse::<SocketAddr>().unwrap()).unwrap();
    let listener = listener.listen(100).unwrap();
    let settings = terminating("web", "127.0.0.1:0") + &route(listener.local_addr().unwrap());
    let proxy = folder.start(&settings).await.unwrap();
    let web = address(&proxy, "web");
    let connector = cairn_tokio::TlsConnector::new(folder.client().build().unwrap());
    let mut ends = tokio::task::JoinSet::new();
    let visit = async || {
        let tcp = socket().connect(web).await.unwrap();
        let name = cairn_tokio::tls::ServerName::parse("a.example").unwrap();
        let (client, upstream) = tokio::join!(connector.connect(name, tcp), listener.accept());
        (client.unwrap(), upstream.unwrap().0)
    };
    // The first one allocates what all share.
    let (mut client, mut upstream) = visit().await;
    tokio::join!(fill(&mut client), fill(&mut upstream));
    let before = resident();
    for _ in 0..CONNECTIONS {
        let (mut client, mut upstream) = visit().await;
        ends.spawn(async move {
            tokio::join!(fill(&mut client), fill(&mut upstream));
            (client, upstream)
        });
    }
    let ends = ends.join_all().await;
    let grown = resident().saturating_sub(before);
    println!("{} bytes a connection, with the client", grown / CONNECTIONS);
    assert!(grown < CONNECTIONS * BOUND, "{} bytes a connection", grown / CONNECTIONS);
    // The data of each was really stuck in the proxy.
    assert!(grown > CONNECTIONS * (64 << 10), "{} bytes a connection", grown / CONNECTIONS);
    drop(ends);
}
