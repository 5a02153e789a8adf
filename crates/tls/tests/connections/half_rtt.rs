//! 0.5-RTT data over connections and streams (RFC 9846 section 2).

use crate::support::{End, Kind, client, client_identity, name, roots, server, tcp};
use cairn_tls::{
    ClientConfigBuilder, Connection, EarlyData, ErrorKind, ServerConfigBuilder, Stream, Versions,
};
use std::{
    io::{Read, Write},
    thread,
};

fn builders() -> (ClientConfigBuilder, ServerConfigBuilder) {
    (client().versions(Versions::Tls13), server(Kind::P256).versions(Versions::Tls13))
}

/// A client that has sent its hello, and a server that has answered.
fn answered(client: ClientConfigBuilder, server: ServerConfigBuilder) -> (End, End) {
    let mut client = End::new(Connection::client(&client.build().unwrap(), name()));
    let mut server = End::new(Connection::server(&server.build().unwrap()));
    server.take(&core::mem::take(&mut client.outbox));
    (client, server)
}

fn pass(from: &mut End, to: &mut End) {
    to.take(&core::mem::take(&mut from.outbox));
    assert_eq!(to.error, None);
}

#[test]
fn server_sends_data_before_the_clients_finished_only_with_the_call_for_it() {
    let (client, server) = builders();
    let (mut client, mut server) = answered(client, server.half_rtt_data());
    assert!(server.conn.writer().is_open_for_half_rtt() && !server.conn.writer().is_open());
    let error = server.conn.write(b"x", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WriteBeforeComplete);
    let mut place = [0; 100];
    assert!(server.conn.write_slice(b"x", &mut place).is_err());

    assert_eq!(server.conn.write_half_rtt(b"", &mut server.outbox), Ok(0));
    assert_eq!(server.conn.write_half_rtt(b"welcome, ", &mut server.outbox), Ok(9));
    pass(&mut server, &mut client);
    assert_eq!(client.data, b"welcome, ", "in the round trip of the handshake");
    assert!(!server.conn.is_complete());
    pass(&mut client, &mut server);
    assert!(server.conn.is_complete() && server.conn.writer().is_open());
    assert!(!server.conn.writer().is_open_for_half_rtt());
    assert_eq!(server.conn.write_half_rtt(b"too late", &mut server.outbox), Ok(0));
    server.write(b"whoever you are");
    pass(&mut server, &mut client);
    assert_eq!(client.data, b"welcome, whoever you are");
}

#[test]
fn half_rtt_data_is_off_by_default_and_with_a_requested_client_certificate() {
    let (client, server) = builders();
    let (_, mut server) = answered(client, server);
    assert!(!server.conn.writer().is_open_for_half_rtt());
    assert_eq!(server.conn.write_half_rtt(b"x", &mut server.outbox), Ok(0));

    let identity = client_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let (client, server) = builders();
    let client = client.credential(&chain, identity.signing_key().clone()).unwrap();
    let (mut client, mut server) =
        answered(client, server.request_client_certificates(roots()).half_rtt_data());
    assert_eq!(server.conn.write_half_rtt(b"x", &mut server.outbox), Ok(0));
    pass(&mut server, &mut client);
    pass(&mut client, &mut server);
    assert!(server.conn.is_complete());
    // A client has none, and TLS 1.2 has none.
    assert_eq!(client.conn.write_half_rtt(b"x", &mut client.outbox), Ok(0));
    let (client, server) = builders();
    let (_, mut server) =
        answered(client.versions(Versions::Both), server.versions(Versions::Tls12).half_rtt_data());
    assert_eq!(server.conn.write_half_rtt(b"x", &mut server.outbox), Ok(0));
}

#[test]
fn half_rtt_data_after_close_is_an_error() {
    let (client, server) = builders();
    let (_, mut server) = answered(client, server.half_rtt_data());
    server.close();
    let error = server.conn.write_half_rtt(b"x", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WriteAfterClose);
}

/// The response to early data arrives before the client has sent its Finished.
#[test]
fn stream_responds_to_early_data_before_the_handshake_is_complete() {
    let (client, server) = builders();
    let client = client.early_data().build().unwrap();
    let server = server.early_data(1000).half_rtt_data().build().unwrap();
    for is_first in [true, false] {
        let (mut near, far) = tcp();
        let server = server.clone();
        let server = thread::spawn(move || {
            let mut tls = Stream::server(&server, far).unwrap();
            let mut early = [0; 5];
            let came = if is_first { 0 } else { tls.read_early(&mut early).unwrap() };
            assert_eq!(came, if is_first { 0 } else { 5 });
            assert_eq!(tls.write_half_rtt(b"an early response").unwrap(), 17);
            assert!(!tls.reader().is_complete());
            tls.handshake().unwrap();
            assert_eq!(tls.write_half_rtt(b"too late").unwrap(), 0);
            tls.write_all(b", and the rest").unwrap();
            tls.close().unwrap();
        });
        let mut tls = Stream::client(&client, name(), &mut near).unwrap();
        assert_eq!(tls.write_early(b"hello").unwrap(), if is_first { 0 } else { 5 });
        let mut came = String::new();
        tls.read_to_string(&mut came).unwrap();
        assert_eq!(came, "an early response, and the rest");
        let early_data = tls.summary().unwrap().tls13().unwrap().early_data;
        assert_eq!(early_data, if is_first { EarlyData::NotOffered } else { EarlyData::Accepted });
        assert_eq!(tls.write_half_rtt(b"a client").unwrap(), 0);
        tls.close().unwrap();
        drop(tls);
        server.join().unwrap();
    }
}
