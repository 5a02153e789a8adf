//! The loop, connected to a server.

use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, Connection, ServerConfig, ServerName, Stream,
    x509::{Roots, issue::Template},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Runs the example against a server with this behaviour, and returns its output and its error.
fn run(
    trusted: bool,
    serve: impl FnOnce(&mut Stream<TcpStream>) + Send + 'static,
) -> (Vec<u8>, Option<String>) {
    let provider = cairn_tls::default_provider();
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&provider, KeySpec::EcP256).unwrap();
    let other = template.self_signed(&provider, KeySpec::EcP256).unwrap();
    let mut roots = Roots::new();
    roots.add_der(if trusted { identity.certificate() } else { other.certificate() }).unwrap();
    let client = ClientConfig::builder().trust(roots).build().unwrap();
    let server = ServerConfig::builder()
        .credential_pem(identity.chain_pem().as_bytes(), identity.key().to_pem().as_bytes())
        .unwrap()
        .build()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let server = thread::spawn(move || {
        let tcp = listener.accept().unwrap().0;
        tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        serve(&mut Stream::server(&server, tcp).unwrap());
    });
    let connection = Connection::client(&client, ServerName::parse("localhost").unwrap());
    let mut shown = Vec::new();
    let ended = super::run(connection, &socket, &[b'x'; 100_000], &mut shown);
    drop(socket);
    server.join().unwrap();
    (shown, ended.err().map(|error| error.to_string()))
}

#[test]
fn sans_io_loop_transfers_data_in_both_directions() {
    let (shown, error) = run(true, |tls| {
        let mut came = vec![0; 100_000];
        tls.read_exact(&mut came).unwrap();
        assert!(came.iter().all(|byte| *byte == b'x'));
        tls.write_all(&[b'y'; 300_000]).unwrap();
        tls.close().unwrap();
        assert!(tls.reader().is_closed(), "close_notify was answered");
    });
    assert_eq!(error, None);
    assert_eq!(shown, [b'y'; 300_000]);
}

#[test]
fn sans_io_loop_sends_the_alert_of_an_error() {
    let (_, error) = run(false, |tls| {
        let error = tls.handshake().unwrap_err();
        assert!(error.to_string().contains("the peer ended the connection with"), "{error}");
    });
    assert!(error.is_some());
}

#[test]
fn sans_io_loop_distinguishes_truncation_from_an_orderly_end() {
    let (shown, error) = run(true, |tls| {
        tls.read_exact(&mut [0; 100_000]).unwrap();
        tls.write_all(b"half of a sen").unwrap();
    });
    assert!(error.unwrap().contains("without close_notify"));
    assert_eq!(shown, b"half of a sen");
}
