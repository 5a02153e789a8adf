//! The outcomes of a renegotiation and its time limit: refusals, closures, silent peers, and halves that
//! wait.

use crate::support::{
    Kind, SetClock, Wire, client, name, provider, roots, server, server_identity, tcp, wires,
};
use cairn_tls::{
    ClientConfig, ErrorKind, Handshake, HandshakeErrorKind, Misuse, Renegotiation, ServerConfig, Stream,
    tls_error,
};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

type End = Stream<Wire>;

fn ready(client: &ClientConfig, server: &ServerConfig) -> (End, End) {
    let (a, b) = wires();
    let mut near = Stream::client(client, name(), a).unwrap();
    let mut far = Stream::server(server, b).unwrap();
    while near.handshake().is_err() | far.handshake().is_err() {}
    (near, far)
}

fn configs(client_side: Renegotiation, server_side: Renegotiation) -> (ClientConfig, ServerConfig) {
    let client = client().renegotiation(client_side).build().unwrap();
    let server = server(Kind::P256).renegotiation(server_side).build().unwrap();
    (client, server)
}

fn requiring() -> ServerConfig {
    let builder = server(Kind::P256).renegotiation(Renegotiation::Requested);
    builder.require_client_certificates(roots()).build().unwrap()
}

fn handshake_kind(error: &io::Error) -> HandshakeErrorKind {
    match tls_error(error).unwrap().kind {
        ErrorKind::Handshake(error) => error.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn completion_refusal_and_closure_are_distinguished() {
    let (client, server) = configs(Renegotiation::Allowed, Renegotiation::Requested);
    let (mut near, mut far) = ready(&client, &server);
    far.renegotiate().unwrap();
    for turn in 0.. {
        let came = far.handshake();
        if let Ok(came) = came {
            assert_eq!(came, Handshake::Complete);
            break;
        }
        assert!(turn < 10);
        assert!(near.read(&mut [0]).is_err());
    }
    // Refused: once by the client, and once by the server.
    let (client, server) = configs(Renegotiation::Never, Renegotiation::Requested);
    let (mut near, mut far) = ready(&client, &server);
    far.renegotiate().unwrap();
    assert!(far.handshake().is_err() && near.read(&mut [0]).is_err());
    assert_eq!(far.handshake().unwrap(), Handshake::Refused);
    // The connection continues unchanged, and reports the refusal until another renegotiation is requested.
    far.write_all(b"as before").unwrap();
    near.read_exact(&mut [0; 9]).unwrap();
    assert_eq!(far.handshake().unwrap(), Handshake::Refused);
    let (client, server) = configs(Renegotiation::Requested, Renegotiation::Never);
    let (mut near, mut far) = ready(&client, &server);
    near.renegotiate().unwrap();
    assert!(near.handshake().is_err() && far.read(&mut [0]).is_err());
    assert_eq!(near.handshake().unwrap(), Handshake::Refused);
    // Closed: earlier data can be read.
    let (client, server) = configs(Renegotiation::Allowed, Renegotiation::Requested);
    let (mut near, mut far) = ready(&client, &server);
    near.write_all(b"last words").unwrap();
    near.close_write().unwrap();
    far.renegotiate().unwrap();
    assert_eq!(far.handshake().unwrap(), Handshake::Closed);
    let mut words = String::new();
    far.read_to_string(&mut words).unwrap();
    assert_eq!(words, "last words");
    assert_eq!(far.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn client_can_neither_refuse_nor_close_if_a_certificate_is_required() {
    let (client, server) = configs(Renegotiation::Never, Renegotiation::Requested);
    let (mut near, mut far) = ready(&client, &server);
    near.write_all(b"GET /secret").unwrap();
    far.set_server_config(&requiring()).unwrap();
    far.renegotiate().unwrap();
    assert!(far.handshake().is_err() && near.read(&mut [0]).is_err());
    let error = far.handshake().unwrap_err();
    assert_eq!(handshake_kind(&error), HandshakeErrorKind::RenegotiationRefused);
    assert!(error.to_string().contains("handshake_failure"), "{error}");
    assert!(far.write(b"the secret").is_err() && far.summary().is_some());
    let error = near.read(&mut [0]).unwrap_err();
    assert!(error.to_string().contains("handshake_failure"), "{error}");

    let (client, server) = configs(Renegotiation::Allowed, Renegotiation::Requested);
    let (mut near, mut far) = ready(&client, &server);
    near.write_all(b"GET /secret").unwrap();
    near.close_write().unwrap();
    far.set_server_config(&requiring()).unwrap();
    far.renegotiate().unwrap();
    let error = far.handshake().unwrap_err();
    assert_eq!(handshake_kind(&error), HandshakeErrorKind::ClosedDuringHandshake);
    assert!(far.write(b"the secret").is_err());
}

#[test]
fn renegotiation_beyond_its_time_limit_ends_by_the_configured_clock() {
    let clock = SetClock::new();
    let client = client().renegotiation(Renegotiation::Requested).clock(clock.clone()).build().unwrap();
    let server = server(Kind::P256).renegotiation(Renegotiation::Allowed).build().unwrap();
    let (mut near, mut far) = ready(&client, &server);
    near.renegotiate().unwrap();
    assert_eq!(near.handshake().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    clock.set(crate::support::NOW + 60);
    assert_eq!(near.write(b"x").unwrap_err().kind(), io::ErrorKind::WouldBlock);
    // The server sends data slowly, and does not answer.
    far.write_all(b"drip").unwrap();
    near.read_exact(&mut [0; 4]).unwrap();
    far.write_all(b"drip").unwrap();
    clock.set(crate::support::NOW + 61);
    let error = near.read(&mut [0; 20_000]).unwrap_err();
    assert_eq!(handshake_kind(&error), HandshakeErrorKind::RenegotiationTimedOut { limit: 60 });
    // The connection has ended. With TimedOut, callers would retry forever.
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert_eq!(near.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    assert!(near.write(b"x").is_err());
    assert!(far.read(&mut [0]).unwrap_err().to_string().contains("handshake_failure"));
    // A client that ignores the request has refused it.
    let server_clock = SetClock::new();
    let server = {
        let identity = server_identity(Kind::P256);
        let chain: Vec<&[u8]> = identity.chain().collect();
        crate::support::tls12_server(provider().clone())
            .credential(&chain, identity.signing_key().clone())
            .unwrap()
            .renegotiation(Renegotiation::Requested)
            .clock(server_clock.clone())
            .build()
            .unwrap()
    };
    let (_silent, mut far) = ready(&client, &server);
    far.renegotiate().unwrap();
    let error = far.handshake().unwrap_err();
    assert!(error.to_string().contains("waits for ClientHello (in state RenegotiationRequested)"), "{error}");
    server_clock.set(crate::support::NOW + 61);
    assert_eq!(far.handshake().unwrap(), Handshake::Refused);
    far.write_all(b"as before").unwrap();
    assert!(matches!(far.renegotiate(), Ok(()) | Err(Misuse::TooManyRenegotiations { .. })));
}

#[test]
fn renegotiation_ends_when_the_timer_of_the_caller_does() {
    let (client, server) = configs(Renegotiation::Requested, Renegotiation::Allowed);
    let (mut near, mut far) = ready(&client, &server);
    assert_eq!(near.reader().renegotiation_time_limit(), Duration::from_secs(60));
    near.reader_mut().expire_renegotiation().unwrap();
    near.write_all(b"no renegotiation, no change").unwrap();
    near.renegotiate().unwrap();
    let error = near.reader_mut().expire_renegotiation().unwrap_err();
    assert_eq!(near.reader_mut().expire_renegotiation().unwrap_err(), error);
    let read = near.read(&mut [0]).unwrap_err();
    assert_eq!(handshake_kind(&read), HandshakeErrorKind::RenegotiationTimedOut { limit: 60 });
    assert!(near.write(b"x").is_err());
    far.read_exact(&mut [0; 27]).unwrap();
    assert!(far.read(&mut [0]).unwrap_err().to_string().contains("handshake_failure"));
    // A client that has not begun the handshake has refused it.
    let (client, server) = configs(Renegotiation::Allowed, Renegotiation::Requested);
    let (mut near, mut far) = ready(&client, &server);
    far.renegotiate().unwrap();
    far.reader_mut().expire_renegotiation().unwrap();
    assert_eq!(far.handshake().unwrap(), Handshake::Refused);
    near.write_all(b"x").unwrap();
    far.read_exact(&mut [0]).unwrap();
}

/// A client that has started a renegotiation, and a server that does not answer.
fn stuck(timeout: Option<Duration>) -> (Stream<TcpStream>, Stream<TcpStream>) {
    let (client, server) = configs(Renegotiation::Requested, Renegotiation::Allowed);
    let (a, b) = tcp();
    a.set_read_timeout(timeout).unwrap();
    let far = thread::spawn(move || {
        let mut far = Stream::server(&server, b).unwrap();
        far.handshake().unwrap();
        far
    });
    let mut near = Stream::client(&client, name(), a).unwrap();
    while near.handshake().is_err() {}
    (near, far.join().unwrap())
}

#[test]
fn write_on_the_reading_thread_during_a_renegotiation_is_would_block() {
    let (near, mut far) = stuck(None);
    let (mut read, mut write) = near.split(TcpStream::try_clone).unwrap();
    far.write_all(b"to read").unwrap();
    read.read_exact(&mut [0; 7]).unwrap();
    read.renegotiate().unwrap();
    let error = write.write(b"data").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}");
    assert!(error.to_string().contains("read from the other half"), "{error}");
    // Reading completes the renegotiation. Then the data is sent once.
    let server = thread::spawn(move || {
        let mut came = [0; 4];
        far.read_exact(&mut came).unwrap();
        far.write_all(b"answer").unwrap();
        came
    });
    read.transport().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let begun = Instant::now();
    loop {
        let paused = |error: &io::Error| {
            assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{error}");
            begun.elapsed() < Duration::from_secs(20)
        };
        match write.write(b"data") {
            Ok(written) => break assert_eq!(written, 4),
            Err(error) => assert!(paused(&error), "no progress"),
        }
        if let Err(error) = read.read(&mut [0]) {
            assert!(paused(&error), "no progress");
        }
    }
    assert_eq!(&server.join().unwrap(), b"data");
    read.transport().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    read.read_exact(&mut [0; 6]).unwrap();
    assert_eq!(read.reader().renegotiations(), 1);
}

#[test]
fn write_during_a_renegotiation_ends_when_the_reading_half_times_out() {
    let (near, _silent) = stuck(Some(Duration::from_millis(100)));
    let (mut read, mut write) = near.split(TcpStream::try_clone).unwrap();
    read.renegotiate().unwrap();
    write.flush().unwrap();
    let (done, wait) = mpsc::channel();
    let writing = thread::spawn(move || {
        let error = write.write(b"data").unwrap_err();
        done.send(()).unwrap();
        (error.kind(), write)
    });
    let reading = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        (read.read(&mut [0]).unwrap_err().kind(), read)
    });
    // The write returns.
    wait.recv_timeout(Duration::from_secs(20)).unwrap();
    let (written, _write) = writing.join().unwrap();
    let (came, _read) = reading.join().unwrap();
    assert_eq!(written, came);
}

#[test]
fn write_during_a_renegotiation_ends_with_the_connection_or_the_reading_half() {
    // The transport ends.
    let (near, silent) = stuck(None);
    let (mut read, mut write) = near.split(TcpStream::try_clone).unwrap();
    read.renegotiate().unwrap();
    write.flush().unwrap();
    let writing = thread::spawn(move || write.write(b"data").unwrap_err());
    drop(silent);
    let reading = thread::spawn(move || (read.read(&mut [0]).is_err(), read));
    let error = writing.join().unwrap();
    // An end of data, or a reset by the system.
    assert!(
        tls_error(&error).is_some_and(|error| error.kind == ErrorKind::WriteBeforeComplete)
            || error.kind() == io::ErrorKind::ConnectionReset,
        "{error}"
    );
    assert!(reading.join().unwrap().0);
    // The other half exists but is not read.
    let client = client().renegotiation(Renegotiation::Requested);
    let mut limits = cairn_tls::RenegotiationLimits::default();
    limits.max_duration = 1;
    let client = client.renegotiation_limits(limits).build().unwrap();
    let server = server(Kind::P256).renegotiation(Renegotiation::Allowed).build().unwrap();
    let (a, b) = tcp();
    let far = thread::spawn(move || {
        let mut far = Stream::server(&server, b).unwrap();
        far.handshake().unwrap();
        far
    });
    let near = Stream::client(&client, name(), a).unwrap();
    let (mut read, mut write) = near.split(TcpStream::try_clone).unwrap();
    let _far = far.join().unwrap();
    read.renegotiate().unwrap();
    let error = write.write(b"data").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
}
