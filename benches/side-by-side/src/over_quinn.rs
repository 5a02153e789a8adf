//! Whole connections of quinn over loopback, with each stack as its TLS.

use crate::measure::{Contender, Effort, Row, Sides, in_turn};
use crate::quic::{AES, cairn_configs, rustls_configs};
use crate::setup::{Key, Material};
use cairn_quinn::{QuicClientConfig, QuicServerConfig, endpoint_config, server_config};
use quinn::{Endpoint, TokioRuntime, crypto::rustls as quinn_rustls};
use std::{
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// The bytes of a transfer.
const TRANSFER: usize = 16 << 20;

/// Measures the rows that are wanted.
pub(crate) fn rows(effort: Effort, wanted: &impl Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let material = Material::new(Key::Ecdsa);
    for (name, transfer) in [("quinn-handshake", false), ("quinn-mib", true)] {
        if wanted(name) {
            let run = |quinn: &Quinn| if transfer { quinn.transfer() } else { quinn.connect() };
            let (ours, theirs) = (Quinn::with_cairn(&material), Quinn::with_rustls(&material));
            let mut contenders =
                [Contender::new(Row::CAIRN, || run(&ours)), Contender::new(Row::RUSTLS, || run(&theirs))];
            let results = in_turn(effort, &mut contenders);
            // Both sides together are the first row.
            rows.extend(Row::both(name, "", &results).into_iter().take(1));
        }
    }
}

/// A client and a server of quinn over loopback, on one thread.
struct Quinn {
    runtime: Runtime,
    client: Endpoint,
    address: SocketAddr,
    server: Endpoint,
}

impl Quinn {
    fn with_cairn(material: &Material) -> Self {
        let (client, server) = cairn_configs(AES, material);
        let provider = Arc::clone(server.provider());
        let server = Arc::new(QuicServerConfig::new(server).expect("server"));
        let server = server_config(server, &provider).expect("server");
        let client = quinn::ClientConfig::new(Arc::new(QuicClientConfig::new(client).expect("client")));
        Self::new(client, server)
    }

    fn with_rustls(material: &Material) -> Self {
        let (client, server) = rustls_configs(AES, material);
        let client = quinn_rustls::QuicClientConfig::try_from(client).expect("client");
        let server = quinn_rustls::QuicServerConfig::try_from(server).expect("server");
        Self::new(
            quinn::ClientConfig::new(Arc::new(client)),
            quinn::ServerConfig::with_crypto(Arc::new(server)),
        )
    }

    /// The keys of endpoints are ours in both cases: they do not matter here.
    fn new(client: quinn::ClientConfig, server: quinn::ServerConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        let _entered = runtime.enter();
        let socket = || UdpSocket::bind("127.0.0.1:0").expect("socket");
        let provider = cairn_tls::default_provider();
        let endpoint = |server| {
            let config = endpoint_config(&provider).expect("endpoint");
            Endpoint::new(config, server, socket(), Arc::new(TokioRuntime)).expect("endpoint")
        };
        let server = endpoint(Some(server));
        let mut of_client = endpoint(None);
        of_client.set_default_client_config(client);
        let address = server.local_addr().expect("address");
        let accepting = server.clone();
        runtime.spawn(async move {
            while let Some(incoming) = accepting.accept().await {
                tokio::spawn(async move {
                    let connection = incoming.await.expect("server");
                    while let Ok(mut stream) = connection.accept_uni().await {
                        let mut length = 0;
                        while let Ok(Some(chunk)) = stream.read_chunk(usize::MAX, true).await {
                            length += chunk.bytes.len();
                        }
                        assert_eq!(length, TRANSFER);
                        let mut done = connection.open_uni().await.expect("stream");
                        done.finish().expect("open");
                    }
                });
            }
        });
        drop(_entered);
        Self { runtime, client: of_client, address, server }
    }

    /// One handshake.
    fn connect(&self) -> Sides {
        let begun = Instant::now();
        self.runtime.block_on(async {
            let connection = self.client.connect(self.address, "localhost").expect("name").await;
            let connection = connection.expect("client");
            connection.close(0_u32.into(), b"");
        });
        Sides { client: begun.elapsed(), server: Duration::ZERO, times: 1 }
    }

    /// A transfer on a new connection, whose handshake is not measured. The time of each MiB.
    fn transfer(&self) -> Sides {
        let time = self.runtime.block_on(async {
            let connection = self.client.connect(self.address, "localhost").expect("name").await;
            let connection = connection.expect("client");
            let data = vec![7; TRANSFER];
            let begun = Instant::now();
            let mut stream = connection.open_uni().await.expect("stream");
            stream.write_all(&data).await.expect("write");
            stream.finish().expect("open");
            // The server has all of it when it opens a stream.
            connection.accept_uni().await.expect("stream");
            let time = begun.elapsed();
            connection.close(0_u32.into(), b"");
            time
        });
        let times = u32::try_from(TRANSFER >> 20).expect("length");
        Sides { client: time, server: Duration::ZERO, times }
    }
}

impl Drop for Quinn {
    fn drop(&mut self) {
        self.server.close(0_u32.into(), b"");
        self.client.close(0_u32.into(), b"");
    }
}
