//! Streams over TCP, with Cairn at both ends.

use crate::support::tcp;
use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, ClientConfigBuilder, ServerConfig, ServerConfigBuilder, ServerName, Stream, Versions,
    tls_error, x509::issue::Template,
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

const NOW: (u64, u64) = (1_600_000_000, 4_000_000_000);

fn configs() -> (ClientConfig, ServerConfig) {
    configs_with(Versions::default(), Versions::default())
}

/// Configurations that speak these versions.
pub(crate) fn configs_with(client: Versions, server: Versions) -> (ClientConfig, ServerConfig) {
    let (client, server) = builders_with(client, server);
    (client.build().unwrap(), server.build().unwrap())
}

/// Builders of configurations that speak these versions.
pub(crate) fn builders_with(
    client: Versions,
    server: Versions,
) -> (ClientConfigBuilder, ServerConfigBuilder) {
    let (of_client, of_server) = (client, server);
    let provider = cairn_tls::default_provider();
    let ca =
        Template::authority("Test CA").valid(NOW.0, NOW.1).self_signed(&provider, KeySpec::EcP256).unwrap();
    let server = Template::server("localhost")
        .dns("localhost")
        .valid(NOW.0, NOW.1)
        .issue(&provider, KeySpec::EcP256, &ca)
        .unwrap();
    let client =
        ClientConfig::builder().trust_pem(ca.certificate_pem().as_bytes()).unwrap().versions(of_client);
    let server = ServerConfig::builder()
        .versions(of_server)
        .credential_pem(server.chain_pem().as_bytes(), server.key().to_pem().as_bytes())
        .unwrap();
    (client, server)
}

#[test]
fn streams_transfer_data_in_both_directions_and_resume() {
    let (client, server) = configs();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        for _ in 0..2 {
            let mut tls = Stream::server(&server, listener.accept().unwrap().0).unwrap();
            let mut came = Vec::new();
            tls.read_to_end(&mut came).unwrap();
            assert_eq!(came.len(), 100_000);
        }
    });
    for resumed in [false, true] {
        let name = ServerName::parse("localhost").unwrap();
        let mut tls = Stream::client(&client, name, TcpStream::connect(address).unwrap()).unwrap();
        tls.write_all(&[7; 100_000]).unwrap();
        assert_eq!(tls.summary().unwrap().is_resumed(), resumed);
        tls.close().unwrap();
        assert_eq!(tls.read(&mut [0]).unwrap(), 0);
    }
    server.join().unwrap();
}

#[test]
fn transport_end_without_close_notify_is_a_truncation_for_streams() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (client, server) = configs_with(versions, versions);
        let (near, far) = tcp();
        let server = thread::spawn(move || {
            let mut tls = Stream::server(&server, far).unwrap();
            tls.write_all(b"half of a sen").unwrap();
        });
        let name = ServerName::parse("localhost").unwrap();
        let mut tls = Stream::client(&client, name, near).unwrap();
        let mut came = Vec::new();
        let error = tls.read_to_end(&mut came).unwrap_err();
        assert_eq!(came, b"half of a sen");
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
        assert!(tls_error(&error).unwrap().is_truncation());
        server.join().unwrap();
    }
}
