//! Streams with the traits of the crate `futures`, without a runtime of tokio.

use super::support::{ends, localhost};
use cairn_tokio::tls::Versions;
use futures::{
    executor::block_on,
    future::try_join,
    io::{AsyncReadExt, AsyncWriteExt},
};
use std::io;
use tokio_util::compat::{FuturesAsyncReadCompatExt, TokioAsyncReadCompatExt};

#[test]
fn streams_work_over_transports_of_other_runtimes() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (client, server) = ends(versions);
        let client = client.handshake_timeout(None).answer_timeout(None);
        let server = server.handshake_timeout(None).answer_timeout(None);
        let (to_server, to_client) = tokio::io::duplex(1000);
        // Transports with the traits of `futures` alone.
        let (to_server, to_client) = (to_server.compat(), to_client.compat());
        let client = async {
            let mut tls = client.connect(localhost(), to_server.compat()).await?.compat();
            tls.write_all(&[7; 50_000]).await?;
            tls.close().await?;
            let mut echo = Vec::new();
            tls.read_to_end(&mut echo).await?;
            io::Result::Ok(echo)
        };
        let server = async {
            let mut tls = server.accept(to_client.compat()).await?.compat();
            let mut data = Vec::new();
            // In TLS 1.2, close_notify of the client would end both directions before the echo.
            let mut part = [0; 5_000];
            while data.len() < 50_000 {
                let length = tls.read(&mut part).await?;
                data.extend_from_slice(&part[..length]);
            }
            tls.write_all(&data).await?;
            tls.close().await
        };
        let (echo, ()) = block_on(try_join(client, server)).unwrap();
        assert_eq!(echo, [7; 50_000], "{versions:?}");
    }
}
