//! Renegotiation, with application data before, during and after it.

use crate::support::{Kind, Pair, client, client_identity, name, roots, server, tcp};
use cairn_tls::{
    ClientConfig, ErrorKind, Handshake, Misuse, Notice, Renegotiation, ServerConfig, Stream, tls_error,
};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

fn configs(client_side: Renegotiation, server_side: Renegotiation) -> (ClientConfig, ServerConfig) {
    let client = client().renegotiation(client_side).build().unwrap();
    let server = server(Kind::P256).renegotiation(server_side).build().unwrap();
    (client, server)
}

fn willing() -> Pair {
    let (client, server) = configs(Renegotiation::Allowed, Renegotiation::Allowed);
    Pair::ready(&client, &server)
}

impl Pair {
    fn ask(&mut self, by_client: bool) {
        let end = if by_client { &mut self.client } else { &mut self.server };
        end.conn.renegotiate(&mut end.outbox).unwrap();
    }

    fn exported(&self) -> [[u8; 16]; 2] {
        [&self.client, &self.server].map(|end| {
            let mut out = [0; 16];
            end.conn.reader().export_keying_material(b"EXPERIMENTAL x", None, &mut out).unwrap();
            out
        })
    }
}

#[test]
fn either_side_can_renegotiate_and_data_continues() {
    for by_client in [true, false] {
        for pieces in [usize::MAX, 1, 7] {
            let mut pair = willing();
            let before = pair.exported();
            // In transit when the request arrives.
            pair.client.write(b"one ");
            pair.server.write(b"uno ");
            pair.ask(by_client);
            assert!([&pair.client, &pair.server][usize::from(!by_client)].conn.reader().is_renegotiating());
            pair.run_in_pieces(pieces);
            assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
            pair.client.write(b"two");
            pair.server.write(b"due");
            pair.run_in_pieces(pieces);
            assert_eq!((&pair.server.data[..], &pair.client.data[..]), (&b"one two"[..], &b"uno due"[..]));
            let after = pair.exported();
            assert!(after[0] == after[1] && after[0] != before[0]);
            for end in [&pair.client, &pair.server] {
                assert_eq!(end.conn.reader().renegotiations(), 1);
                assert!(!end.conn.reader().is_renegotiating() && !end.summary().is_resumed());
            }
        }
    }
}

#[test]
fn writing_is_blocked_and_reading_continues_during_a_renegotiation() {
    let mut pair = willing();
    pair.ask(true);
    // From its hello on, the client does not send data. The server has not responded yet.
    let error = pair.client.conn.write(b"too soon", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WriteBeforeComplete);
    pair.server.write(b"still before");
    let early = core::mem::take(&mut pair.server.outbox);
    pair.client.take(&early);
    assert_eq!(pair.client.data, b"still before");
    pair.server.take(&core::mem::take(&mut pair.client.outbox));
    let error = pair.server.conn.write(b"too soon", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WriteBeforeComplete);
    pair.run();
    pair.client.write(b"now");
    pair.run();
    assert_eq!(pair.server.data, b"now");
}

#[test]
fn server_continues_to_write_until_the_client_renegotiates() {
    let mut pair = willing();
    pair.ask(false);
    pair.server.write(b"the answer may take its time");
    assert!(pair.server.conn.reader().is_renegotiating());
    pair.run();
    assert_eq!(pair.client.data, b"the answer may take its time");
    assert_eq!(pair.server.conn.reader().renegotiations(), 1);
}

#[test]
fn server_can_request_a_certificate_in_a_renegotiation() {
    let (client_config, server_config) = {
        let identity = client_identity(Kind::P256);
        let client = client()
            .credential_pem(identity.chain_pem().as_bytes(), identity.key().to_pem().as_bytes())
            .unwrap()
            .renegotiation(Renegotiation::Allowed);
        (client.build().unwrap(), server(Kind::P256).renegotiation(Renegotiation::Requested).build().unwrap())
    };
    let asking =
        server(Kind::P256).renegotiation(Renegotiation::Requested).require_client_certificates(roots());
    let asking = asking.build().unwrap();
    let mut pair = Pair::ready(&client_config, &server_config);
    assert!(pair.server.summary().peer_chain.is_none());
    pair.server.conn.set_server_config(&asking).unwrap();
    pair.ask(false);
    pair.run();
    assert!(pair.server.summary().peer_chain.is_some(), "{} / {}", pair.client.fault(), pair.server.fault());
    pair.client.write(b"it is me");
    pair.run();
    assert_eq!(pair.server.data, b"it is me");
    // A client without a certificate is refused from here on.
    let plain = client().renegotiation(Renegotiation::Allowed).build().unwrap();
    let mut pair = Pair::ready(&plain, &server_config);
    pair.server.conn.set_server_config(&asking).unwrap();
    pair.ask(false);
    pair.run();
    assert!(pair.server.fault().contains("CertificateRequired"), "{}", pair.server.fault());
}

#[test]
fn refused_renegotiation_is_reported_and_changes_nothing() {
    for (by_client, client, server) in [
        (true, Renegotiation::Requested, Renegotiation::Never),
        (true, Renegotiation::Requested, Renegotiation::Requested),
        (false, Renegotiation::Never, Renegotiation::Requested),
    ] {
        let (client, server) = configs(client, server);
        let mut pair = Pair::ready(&client, &server);
        let before = pair.exported();
        pair.ask(by_client);
        pair.run();
        let asker = if by_client { &mut pair.client } else { &mut pair.server };
        assert!(matches!(asker.conn.reader_mut().next_notice(), Some(Notice::RenegotiationRefused)));
        assert!(asker.conn.reader_mut().next_notice().is_none() && !asker.conn.reader().is_renegotiating());
        pair.client.write(b"as");
        pair.server.write(b"before");
        pair.run();
        assert_eq!((&pair.server.data[..], &pair.client.data[..]), (&b"as"[..], &b"before"[..]));
        assert_eq!(pair.exported(), before);
    }
    let (client, server) = configs(Renegotiation::Never, Renegotiation::Never);
    let mut pair = Pair::ready(&client, &server);
    for end in [&mut pair.client, &mut pair.server] {
        assert_eq!(end.conn.renegotiate(&mut end.outbox), Err(Misuse::NoRenegotiation));
        assert!(end.outbox.is_empty());
    }
    // Only a server can change its configuration.
    assert_eq!(pair.client.conn.set_server_config(&server), Err(Misuse::NotComplete));
}

#[test]
fn close_notify_during_a_renegotiation_is_an_orderly_end() {
    let mut pair = willing();
    pair.ask(true);
    pair.server.close();
    let closing = core::mem::take(&mut pair.server.outbox);
    pair.client.take(&closing);
    assert!(pair.client.closed && pair.client.error.is_none());
}

#[test]
fn stream_retains_data_received_during_a_renegotiation() {
    let (client, server) = configs(Renegotiation::Requested, Renegotiation::Allowed);
    let (near, far) = tcp();
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, far).unwrap();
        // Sent before the server has read the client's hello.
        tls.write_all(&[1; 40_000]).unwrap();
        let mut came = [0; 5];
        tls.read_exact(&mut came).unwrap();
        tls.write_all(&[2; 20_000]).unwrap();
        tls.close().unwrap();
        (came, tls.reader().renegotiations())
    });
    let mut tls = Stream::client(&client, name(), near).unwrap();
    tls.handshake().unwrap();
    tls.renegotiate().unwrap();
    // Runs the handshake, with the server's data in between.
    tls.write_all(b"after").unwrap();
    assert_eq!(tls.handshake().unwrap(), Handshake::Complete);
    assert_eq!(tls.reader().renegotiations(), 1);
    let mut all = Vec::new();
    tls.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 60_000);
    assert!(all[..40_000].iter().all(|b| *b == 1) && all[40_000..].iter().all(|b| *b == 2));
    assert_eq!(server.join().unwrap(), (*b"after", 1));
}

#[test]
fn data_above_the_limit_must_be_read_during_a_renegotiation() {
    let (client, server) = configs(Renegotiation::Requested, Renegotiation::Allowed);
    let (near, far) = tcp();
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, far).unwrap();
        tls.write_all(&[1; 200_000]).unwrap();
        let mut came = [0; 5];
        tls.read_exact(&mut came).unwrap();
        tls.close().unwrap();
        came
    });
    let mut tls = Stream::client(&client, name(), near).unwrap();
    tls.handshake().unwrap();
    tls.renegotiate().unwrap();
    let error = tls.write(b"after").unwrap_err();
    assert!(error.kind() == io::ErrorKind::WouldBlock && tls_error(&error).is_none(), "{error}");
    let mut all = vec![0; 200_000];
    tls.read_exact(&mut all).unwrap();
    assert!(all.iter().all(|b| *b == 1));
    tls.write_all(b"after").unwrap();
    assert_eq!(server.join().unwrap(), *b"after");
}

#[test]
fn halves_on_four_threads_renegotiate() {
    const LENGTH: usize = 4 << 20;
    let (client, server) = configs(Renegotiation::Allowed, Renegotiation::Requested);
    let (near, far) = tcp();
    let far =
        thread::spawn(move || Stream::server(&server, far).unwrap().split(TcpStream::try_clone).unwrap());
    let near = Stream::client(&client, name(), near).unwrap().split(TcpStream::try_clone).unwrap();
    let far = far.join().unwrap();
    let (mut near_read, mut near_write) = near;
    let (mut far_read, mut far_write) = far;
    let seen = Arc::new(AtomicU8::new(0));
    let counted = Arc::clone(&seen);
    let near_writing = thread::spawn(move || {
        let mut written = 0;
        while counted.load(Ordering::SeqCst) < 2 || written < LENGTH {
            near_write.write_all(&[9; 8192]).unwrap();
            written += 8192;
        }
        near_write.close().unwrap();
        written
    });
    let near_reading = thread::spawn(move || {
        let mut buffer = vec![0; 30_000];
        loop {
            let read = near_read.read(&mut buffer).unwrap();
            seen.store(near_read.reader().renegotiations(), Ordering::SeqCst);
            if read == 0 {
                return;
            }
            assert!(buffer[..read].iter().all(|b| *b == 7));
        }
    });
    let all_read = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&all_read);
    let far_writing = thread::spawn(move || {
        // While the other half may still write.
        while !done.load(Ordering::SeqCst) {
            far_write.write_all(&[7; 800]).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        far_write.close().unwrap();
    });
    let mut came = 0;
    let mut asked = 0;
    let mut buffer = vec![0; 30_000];
    loop {
        let read = far_read.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        assert!(buffer[..read].iter().all(|b| *b == 9));
        came += read;
        if asked < 2 && came > (asked + 1) * LENGTH / 4 && !far_read.reader().is_renegotiating() {
            far_read.renegotiate().unwrap();
            asked += 1;
        }
    }
    all_read.store(true, Ordering::SeqCst);
    far_writing.join().unwrap();
    near_reading.join().unwrap();
    assert_eq!(came, near_writing.join().unwrap());
    assert_eq!((asked, far_read.reader().renegotiations()), (2, 2));
}
