//! The end of a stream over TCP and over transports that fail: it is orderly for both sides, even with unread
//! data (RFC 5246 section 7.2.1).

use crate::support::{Kind, client, name, server, tcp, wires};
use cairn_tls::{ErrorKind, HandshakeErrorKind, Stream, tls_error};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

fn near(tcp: TcpStream) -> Stream<TcpStream> {
    Stream::client(&client().build().unwrap(), name(), tcp).unwrap()
}

fn server_config() -> cairn_tls::ServerConfig {
    server(Kind::P256).build().unwrap()
}

fn far(tcp: TcpStream) -> Stream<TcpStream> {
    Stream::server(&server_config(), tcp).unwrap()
}

/// The server responds without reading and closes; the client has sent unread data.
fn greet_and_go(run: impl FnOnce(Stream<TcpStream>)) {
    let (a, b) = tcp();
    let server = thread::spawn(move || {
        let mut tls = far(b);
        tls.write_all(b"greetings\n").unwrap();
        tls.close().unwrap();
    });
    run(near(a));
    server.join().unwrap();
}

#[test]
fn close_with_unread_data_does_not_destroy_sent_data() {
    for _ in 0..100 {
        greet_and_go(|mut tls| {
            tls.write_all(b"what nobody reads\n").unwrap();
            tls.close().unwrap();
            let mut came = String::new();
            tls.read_to_string(&mut came).unwrap();
            assert_eq!(came, "greetings\n");
        });
        greet_and_go(|mut tls| {
            tls.write_all(b"what nobody reads\n").unwrap();
            tls.close_write().unwrap();
            let mut came = String::new();
            tls.read_to_string(&mut came).unwrap();
            assert_eq!(came, "greetings\n");
            tls.close().unwrap();
        });
        greet_and_go(|mut tls| {
            let mut came = String::new();
            tls.read_to_string(&mut came).unwrap();
            assert_eq!(came, "greetings\n");
        });
    }
}

#[test]
fn data_received_during_close_can_be_read() {
    let (a, b) = tcp();
    let server = thread::spawn(move || {
        let mut tls = far(b);
        assert_eq!(tls.read(&mut [0; 10]).unwrap(), 0, "the client announces that it sends no more");
        // The writer is closed too, because RFC 5246 section 7.2.1 requires close_notify to be answered
        // immediately.
        assert_eq!(tls.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
    let mut tls = near(a);
    tls.handshake().unwrap();
    tls.close_write().unwrap();
    tls.close().unwrap();
    assert_eq!(tls.read(&mut [0]).unwrap(), 0);
    server.join().unwrap();

    for length in [1, 100_000, 2_000_000] {
        let (a, b) = tcp();
        let server = thread::spawn(move || {
            let mut tls = far(b);
            tls.write_all(&vec![7; length]).unwrap();
            tls.close().unwrap();
        });
        let mut tls = near(a);
        tls.handshake().unwrap();
        tls.close().unwrap();
        let mut came = Vec::new();
        tls.read_to_end(&mut came).unwrap();
        assert_eq!(came, vec![7; length]);
        server.join().unwrap();
    }
}

#[test]
fn missing_answer_to_close_notify_is_not_an_error() {
    // The peer is silent.
    let (a, b) = tcp();
    a.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let server = thread::spawn(move || {
        let mut tls = far(b);
        tls.handshake().unwrap();
        tls
    });
    let mut tls = near(a);
    tls.handshake().unwrap();
    let _silent = server.join().unwrap();
    let begun = Instant::now();
    tls.close().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    // The peer has closed the transport.
    let (a, b) = tcp();
    let server = thread::spawn(move || {
        let mut tls = far(b);
        tls.read_exact(&mut [0; 5]).unwrap();
        tls.write_all(b"bye").unwrap();
    });
    let mut tls = near(a);
    tls.write_all(b"hello").unwrap();
    server.join().unwrap();
    tls.close().unwrap();
    let mut came = Vec::new();
    let error = tls.read_to_end(&mut came).unwrap_err();
    // Reading reports the missing close_notify.
    assert!(tls_error(&error).unwrap().is_truncation(), "{error}");
    assert_eq!(came, b"bye");
}

#[test]
fn after_a_write_error_received_close_notify_and_alerts_decide_the_result() {
    let shaken = || {
        let (a, b) = wires();
        let mut near = Stream::client(&client().build().unwrap(), name(), a).unwrap();
        let mut far = Stream::server(&server(Kind::P256).build().unwrap(), b).unwrap();
        while near.handshake().is_err() | far.handshake().is_err() {}
        (near, far)
    };
    // Data and close_notify have arrived: an orderly end.
    for close in [Stream::close, Stream::close_write] {
        let (mut near, mut far) = shaken();
        far.write_all(b"everything").unwrap();
        far.close_write().unwrap();
        far.transport().end();
        far.transport().stop_reading();
        close(&mut near).unwrap();
        let mut came = String::new();
        near.read_to_string(&mut came).unwrap();
        assert_eq!(came, "everything");
    }
    // No close_notify: the transport's error is returned, and the data can still be read.
    for close in [Stream::close, Stream::close_write] {
        let (mut near, mut far) = shaken();
        far.write_all(b"half of a sen").unwrap();
        far.transport().end();
        far.transport().stop_reading();
        assert_eq!(close(&mut near).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let mut came = [0; 13];
        near.read_exact(&mut came).unwrap();
        assert_eq!(&came, b"half of a sen");
        assert!(tls_error(&near.read(&mut [0]).unwrap_err()).unwrap().is_truncation());
    }
    // More data than `close` stores: reading reports how the connection ends.
    let (mut near, mut far) = shaken();
    far.write_all(&[7; 1_000_000]).unwrap();
    far.close_write().unwrap();
    far.transport().stop_reading();
    near.close().unwrap();
    let mut came = Vec::new();
    near.read_to_end(&mut came).unwrap();
    assert_eq!(came.len(), 1_000_000);
    // Data that cannot be sent is an error unless the peer is known to have closed.
    let (mut near, mut far) = shaken();
    far.write_all(&[7; 1_000_000]).unwrap();
    far.close_write().unwrap();
    far.transport().stop_reading();
    near.write_all(b"nobody takes this").unwrap();
    for _ in 0..2 {
        assert_eq!(near.close().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
    let mut came = Vec::new();
    near.read_to_end(&mut came).unwrap();
    assert_eq!(came.len(), 1_000_000);
    near.close().unwrap();
    // A fatal alert of the peer is reported.
    let (mut near, mut far) = shaken();
    near.transport_mut().write_all(b"\x17\x03\x03\x00\x20aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb").unwrap();
    assert!(far.read(&mut [0]).is_err());
    let error = near.close().unwrap_err();
    assert!(error.to_string().contains("bad_record_mac"), "{error}");
}

#[test]
fn handshake_with_a_write_error_reports_the_received_alert() {
    let (a, b) = wires();
    let other = cairn_tls::ServerName::parse("other.test").unwrap();
    let mut near = Stream::client(&client().build().unwrap(), other, a).unwrap();
    let mut far = Stream::server(&server(Kind::P256).build().unwrap(), b).unwrap();
    assert!(near.handshake().is_err() && far.handshake().is_err());
    assert!(tls_error(&near.handshake().unwrap_err()).is_some());
    near.transport().stop_reading();
    near.transport().end();
    let error = far.handshake().unwrap_err();
    assert!(error.to_string().contains("bad_certificate"), "{error}");
}

#[test]
fn closing_a_half_after_the_peer_closed_is_not_an_error() {
    let (a, b) = tcp();
    let server = thread::spawn(move || {
        let mut tls = far(b);
        tls.read_exact(&mut [0; 5]).unwrap();
        tls.write_all(b"greetings").unwrap();
        tls.close_write().unwrap();
    });
    let (mut read, mut write) = near(a).split(TcpStream::try_clone).unwrap();
    write.write_all(b"hello, and what nobody reads").unwrap();
    server.join().unwrap();
    thread::sleep(Duration::from_millis(50));
    // The reading half has not read the peer's close_notify yet, and the transport may be reset already.
    write.close().unwrap();
    let mut came = Vec::new();
    let _reset_or_not = read.read_to_end(&mut came);
    assert!(b"greetings".starts_with(&came[..]));
}

#[test]
fn read_timeout_in_a_handshake_names_the_awaited_message() {
    let (a, b) = tcp();
    a.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    b.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let expected = {
        let mut socket = b.try_clone().unwrap();
        socket.read(&mut [0]).unwrap_err().kind()
    };
    let mut server = far(b);
    for (error, words) in [
        (server.handshake().unwrap_err(), ["from the client", "ClientHello", "AwaitClientHello"]),
        (near(a).handshake().unwrap_err(), ["from the server", "ServerHello", "AwaitServerHello"]),
    ] {
        assert_eq!(error.kind(), expected, "the transport's own kind");
        assert!(tls_error(&error).is_none());
        let waits: &cairn_tls::HandshakeWaits = error.get_ref().unwrap().downcast_ref().unwrap();
        assert_eq!((waits.state, waits.expected[0]), (words[2], words[1]));
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
    // The timeout is temporary: the handshake can be continued.
    server.transport().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
}

#[test]
fn parts_of_a_stream_contain_all_data() {
    let (a, b) = tcp();
    let server = thread::spawn(move || {
        let mut tls = far(b);
        tls.write_all(b"under TLS").unwrap();
        tls.close_write().unwrap();
        let mut tcp = tls.into_inner();
        tcp.write_all(b"in the clear again").unwrap();
        tcp.shutdown(Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        tcp.read_to_end(&mut rest).unwrap();
    });
    let mut tls = near(a);
    let mut first = [0; 2];
    tls.read_exact(&mut first).unwrap();
    tls.close().unwrap();
    let mut parts = tls.into_parts();
    assert_eq!((&first, &parts.unread[..]), (b"un", &b"der TLS"[..]));
    assert!(parts.unsent.is_empty() && parts.connection.reader().is_closed());
    parts.transport.read_to_end(&mut parts.unopened).unwrap();
    assert_eq!(parts.unopened, b"in the clear again");
    drop(parts);
    server.join().unwrap();
}

#[test]
fn client_can_abandon_the_first_handshake_with_close_notify() {
    let (a, b) = tcp();
    a.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut client = near(a);
    client.handshake().unwrap_err();
    client.close().unwrap();
    let error = far(b).handshake().unwrap_err();
    let kind = tls_error(&error).unwrap().kind;
    let ErrorKind::Handshake(kind) = kind else { panic!("{error}") };
    assert_eq!(kind.kind, HandshakeErrorKind::ClosedDuringHandshake);
}

#[test]
fn close_on_a_new_stream_completes_the_handshake_first() {
    greet_and_go(|mut tls| {
        tls.close().unwrap();
        let mut came = String::new();
        tls.read_to_string(&mut came).unwrap();
        assert_eq!(came, "greetings\n");
    });
    let (a, b) = tcp();
    let server = thread::spawn(move || far(b).close().unwrap());
    assert_eq!(near(a).read(&mut [0]).unwrap(), 0);
    server.join().unwrap();
    // On a non-blocking transport, repeating the call continues.
    let (a, b) = wires();
    let mut near = Stream::client(&client().build().unwrap(), name(), a).unwrap();
    let mut far = Stream::server(&server_config(), b).unwrap();
    while near.close().is_err() | far.close().is_err() {}
    assert_eq!((near.read(&mut [0]).unwrap(), far.read(&mut [0]).unwrap()), (0, 0));
}
