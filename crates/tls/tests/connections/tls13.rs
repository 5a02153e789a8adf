//! Connections of TLS 1.3 over TCP, with Cairn at both ends.

use super::streams::configs_with;
use cairn_tls::{ServerName, Stream, Suite, Versions};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// Transfers data in both directions with these versions of client and server, and returns the version and
/// the exported key of both.
fn transfer(client: Versions, server: Versions) -> [(String, [u8; 32]); 2] {
    let (client, server) = configs_with(client, server);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let view = |tls: &Stream<TcpStream>| {
        let mut exported = [0; 32];
        tls.reader().export_keying_material(b"EXPERIMENTAL test", None, &mut exported).unwrap();
        (tls.summary().unwrap().version().to_string(), exported)
    };
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, listener.accept().unwrap().0).unwrap();
        let mut came = vec![0; 100_000];
        tls.read_exact(&mut came).unwrap();
        assert!(came.iter().all(|byte| *byte == 7));
        tls.write_all(&[8; 200_000]).unwrap();
        let view = view(&tls);
        tls.close().unwrap();
        view
    });
    let name = ServerName::parse("localhost").unwrap();
    let mut tls = Stream::client(&client, name, TcpStream::connect(address).unwrap()).unwrap();
    tls.write_all(&[7; 100_000]).unwrap();
    let mut came = Vec::new();
    tls.read_to_end(&mut came).unwrap();
    assert_eq!(came, [8; 200_000]);
    let client = view(&tls);
    if let Suite::Tls13(suite) = tls.summary().unwrap().suite() {
        assert!(suite.id.to_string().starts_with("TLS_AES") || suite.id.to_string().contains("CHACHA20"));
    }
    [client, server.join().unwrap()]
}

#[test]
fn both_sides_negotiate_the_highest_version_in_common() {
    use Versions::{Both, Tls12, Tls13};
    for (client, server, version) in [
        (Tls12, Tls12, "TLS 1.2"),
        (Tls12, Both, "TLS 1.2"),
        (Both, Tls12, "TLS 1.2"),
        (Tls13, Tls13, "TLS 1.3"),
        (Tls13, Both, "TLS 1.3"),
        (Both, Tls13, "TLS 1.3"),
        (Both, Both, "TLS 1.3"),
    ] {
        let [ours, theirs] = transfer(client, server);
        assert_eq!(ours, theirs);
        assert_eq!(ours.0, version, "{client:?} and {server:?}");
    }
}
