//! Authentication of the client after the handshake of TLS 1.3 (RFC 9846 section 4.7.2), with application
//! data before, during and after it.

use crate::support::{Kind, Pair, Secrets, client, client_identity, name, roots, server, tcp};
use cairn_record::{Opened, RecordReader, RecordWriter};
use cairn_schedule::{Gate, KeyChange, Keys};
use cairn_tls::{
    Answer, ClientAuthentication, ClientConfig, ClientConfigBuilder, ClientIdentified, ConfigError,
    Connection, Direction, Epoch, Error, ErrorKind, Handshake, Misuse, Notice, PeerProof, Progress, Question,
    ReadHalf, Reader, RecordError, RecordLimits, ServerConfig, ServerConfigBuilder, Stream, Suite, Versions,
    WriteHalf,
    wire::{AlertDescription, ContentType, KeyUpdateRequest},
};
use std::{
    io::{self, BufRead, Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
};

fn client_builder() -> ClientConfigBuilder {
    let identity = client_identity(Kind::P384);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let builder = client().versions(Versions::Tls13).post_handshake_auth();
    builder.credential(&chain, identity.signing_key().clone()).unwrap()
}

fn server_builder() -> ServerConfigBuilder {
    server(Kind::P256).versions(Versions::Tls13)
}

pub(super) fn configs() -> (ClientConfig, ServerConfig) {
    let server = server_builder().request_client_certificates_later(roots());
    (client_builder().build().unwrap(), server.build().unwrap())
}

/// A client that declines.
fn declining() -> ClientConfig {
    client().versions(Versions::Tls13).post_handshake_auth().build().unwrap()
}

impl Pair {
    fn request(&mut self) {
        self.server.conn.request_client_certificate(&mut self.server.outbox).unwrap();
    }
}

#[test]
fn application_data_continues_and_the_identity_is_reported() {
    let (client, server) = configs();
    for pieces in [usize::MAX, 1, 7] {
        let mut pair = Pair::ready(&client, &server);
        assert_eq!(pair.server.summary().peer_chain, None);
        pair.client.write(b"one ");
        pair.server.write(b"uno ");
        pair.request();
        assert!(pair.server.conn.reader().awaits_client_certificate());
        pair.server.write(b"due ");
        pair.run_in_pieces(pieces);
        pair.client.write(b"two");
        pair.server.write(b"tre");
        pair.run_in_pieces(pieces);
        assert_eq!((&pair.server.data[..], &pair.client.data[..]), (&b"one two"[..], &b"uno due tre"[..]));
        assert!(!pair.server.conn.reader().awaits_client_certificate());
        let chain: Vec<&[u8]> = client_identity(Kind::P384).chain().collect();
        for (end, verified) in [(&mut pair.client, false), (&mut pair.server, true)] {
            assert_eq!(end.authentications, 1);
            let notice = end.conn.reader_mut().next_notice();
            let Some(Notice::ClientAuthentication(authentication)) = notice else { panic!("{notice:?}") };
            let identity = authentication.identity.unwrap();
            assert_eq!((authentication.request, identity.verified), (0, verified));
            assert_eq!(identity.chain.iter().collect::<Vec<_>>(), chain);
            assert!(end.conn.reader_mut().next_notice().is_none());
        }
        let summary = pair.server.summary();
        assert_eq!(summary.security().peer, PeerProof::Certificate);
        assert_eq!(summary.peer_certificate(), Some(chain[0]));
        assert!(summary.not_after.is_some());
        assert!(pair.client.summary().evidence.client_proof.is_some());
    }
}

#[test]
fn data_before_and_after_the_new_identity_is_distinguished() {
    let (client, server) = configs();
    let mut pair = Pair::ready(&client, &server);
    pair.request();
    pair.client.write(b"before");
    pair.client.take(&core::mem::take(&mut pair.server.outbox));
    pair.client.write(b"after");
    let mut input = core::mem::take(&mut pair.client.outbox);
    let mut came = Vec::new();
    loop {
        let received = pair.server.conn.receive(&mut input, &mut Vec::new()).unwrap();
        match received.progress {
            Progress::Data(place) => came.push(String::from_utf8(input[place].to_vec()).unwrap()),
            Progress::ClientAuthentication => came.push("authentication".into()),
            Progress::NeedMore { .. } => break,
            _ => {}
        }
        input.drain(..received.consumed);
    }
    assert_eq!(came, ["before", "authentication", "after"]);
}

#[test]
fn request_is_misuse_unless_both_sides_permit_it() {
    let (willing, permitting) = configs();
    let unwilling = client().versions(Versions::Tls13).build().unwrap();
    let plain = server_builder().build().unwrap();
    for (client, server) in [(&unwilling, &permitting), (&willing, &plain)] {
        let mut pair = Pair::ready(client, server);
        for end in [&mut pair.client, &mut pair.server] {
            let refused = end.conn.request_client_certificate(&mut end.outbox);
            assert_eq!(refused, Err(Misuse::NoPostHandshakeAuthentication));
            assert!(end.outbox.is_empty());
        }
    }
    let refused = server(Kind::P256).request_client_certificates_later(roots()).build().unwrap_err();
    assert!(matches!(refused, ConfigError::LaterWithoutTls13), "{refused}");
}

#[test]
fn required_certificate_that_is_declined_ends_the_connection() {
    let server = server_builder().require_client_certificates_later(roots()).build().unwrap();
    let mut pair = Pair::ready(&declining(), &server);
    pair.request();
    pair.run();
    let expected = "Us in CertificateRequested, certificate_required, RFC 9846 section 4.5.1.3: \
                    ClientCertificateMissing";
    assert_eq!(pair.server.fault(), expected);
    assert!(pair.client.fault().contains("certificate_required"), "{}", pair.client.fault());
}

/// The configuration for a later request can be set after the handshake, as for a renegotiation.
#[test]
fn later_configuration_determines_who_is_accepted() {
    let (client, server) = configs();
    let mut pair = Pair::ready(&client, &server);
    let other = cairn_tls::x509::issue::Template::authority("Other CA").valid(0, crate::support::LATER);
    let other = other.self_signed(crate::support::provider(), cairn_crypto::KeySpec::EcP256).unwrap();
    let mut others = cairn_tls::x509::Roots::new();
    others.add_der(other.certificate()).unwrap();
    let later = server_builder().request_client_certificates_later(others).build().unwrap();
    pair.server.conn.set_server_config(&later).unwrap();
    pair.request();
    pair.run();
    // The client has no certificate of that authority.
    assert!(pair.client.conn.reader().certificate_withheld().is_some());
    assert!(pair.server.conn.reader().is_certificate_declined());
    pair.server.conn.set_server_config(&server).unwrap();
    pair.request();
    pair.run();
    assert!(!pair.server.conn.reader().is_certificate_declined());
    assert_eq!(pair.server.summary().security().peer, PeerProof::Certificate);
}

/// Requests in one flight, in records that end within a message: the client answers the first one before it
/// has all of the second.
#[test]
fn client_answers_while_the_next_request_is_incomplete() {
    let (client, server) = configs();
    for length in 40..60 {
        let limits = RecordLimits { max_plaintext: length, ..RecordLimits::default() };
        let (mut reader, mut writer) = Reader::server_with_limits(&server, limits);
        let mut client = Connection::client(&client, name());
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        client.start(&mut to_server).unwrap();
        reader.start().unwrap();
        let mut answers = 0;
        for round in 0..6 {
            if round == 3 {
                reader.request_client_certificate().unwrap();
                reader.request_client_certificate().unwrap();
            }
            while !to_server.is_empty() {
                let received = reader.receive(&mut to_server).unwrap();
                answers += usize::from(received.progress == Progress::ClientAuthentication);
                to_server.drain(..received.consumed);
                if matches!(received.progress, Progress::NeedMore { .. }) {
                    break;
                }
            }
            if let Some(mut orders) = reader.take_orders() {
                writer.obey(&mut orders, &mut to_client).unwrap();
            }
            while !to_client.is_empty() {
                let received = client.receive(&mut to_client, &mut to_server).unwrap();
                to_client.drain(..received.consumed);
            }
        }
        assert!(answers > 0 && !reader.awaits_client_certificate(), "{length}");
        let answered = core::iter::from_fn(|| reader.next_notice()).count();
        assert_eq!(answered, 2, "{length}");
    }
}

/// The question of each side is left to the caller. Data can be written meanwhile, and keys be updated.
#[test]
fn questions_can_be_answered_later() {
    let client =
        client().versions(Versions::Tls13).post_handshake_auth().ask_for_credentials().build().unwrap();
    let later = ClientAuthentication::Request { authorities: Vec::new() };
    let server = server_builder().ask_for_client_verification_later(later).build().unwrap();
    let mut pair = Pair::ready(&client, &server);
    pair.request();
    pair.run();
    let id = pair.client.asked.take().unwrap();
    pair.client.write(b"meanwhile");
    let update = KeyUpdateRequest::UpdateRequested;
    pair.client.conn.update_keys(update, &mut pair.client.outbox).unwrap();
    pair.run();
    assert_eq!(pair.server.data, b"meanwhile");
    let identity = client_identity(Kind::P384);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let chain = cairn_tls::CertificateChain::new(&chain).unwrap();
    let credential = cairn_tls::Credential::new(chain, identity.signing_key().clone());
    let answer = Answer::Credential(Some(Arc::new(credential)));
    pair.client.conn.answer(id, answer, &mut pair.client.outbox).unwrap();
    pair.run();
    let id = pair.server.asked.take().unwrap();
    assert!(matches!(pair.server.conn.question(), Some((_, Question::VerifyPeer(_)))));
    pair.server.write(b"we look at it");
    let key = cairn_tls::PeerKey {
        public_key: identity.signing_key().public_key().clone(),
        may_sign: true,
        may_encrypt: true,
        only_scheme: None,
    };
    pair.server.conn.answer(id, Answer::PeerVerified(key.into()), &mut pair.server.outbox).unwrap();
    assert_eq!(pair.server.authentications, 0);
    pair.server.take(&[]);
    assert_eq!((pair.server.fault(), pair.server.authentications), ("none".into(), 1));
    pair.client.write(b", and after");
    pair.run();
    assert_eq!(
        (&pair.server.data[..], &pair.client.data[..]),
        (&b"meanwhile, and after"[..], &b"we look at it"[..])
    );
}

/// The configuration that asks also judges the answer.
#[test]
fn configuration_does_not_change_while_a_request_is_open() {
    let (client, server) = configs();
    let mut pair = Pair::ready(&client, &server);
    let other = server_builder().build().unwrap();
    pair.request();
    let error = pair.server.conn.set_server_config(&other).unwrap_err();
    assert_eq!(error, Misuse::NotComplete);
    pair.run();
    assert_eq!(pair.server.authentications, 1);
    pair.server.conn.set_server_config(&other).unwrap();
}

/// The error of a server whose client sends `between` after this number of the messages of its response.
fn interrupted(place: usize, between: (ContentType, &[u8])) -> Option<Error> {
    let log = Arc::new(Secrets::default());
    let client = client_builder().key_log(log.clone()).build().unwrap();
    let mut pair = Pair::ready(&client, &configs().1);
    let provider = cairn_tls::default_provider();
    let Suite::Tls13(suite) = pair.server.summary().suite() else { panic!("TLS 1.3") };
    let epoch = Epoch::Application(0);
    let keys = |direction| {
        let secret = log.client_application(suite);
        KeyChange { epoch, direction, keys: Keys::Tls13(secret.for_suite(suite).unwrap()) }
    };
    let mut reader = RecordReader::new(RecordLimits::default());
    let mut writer = RecordWriter::new(RecordLimits::default());
    reader.change_keys(&provider, &keys(Direction::Read)).unwrap();
    writer.change_keys(&provider, &keys(Direction::Write)).unwrap();
    writer.set_gate(Gate::Open { epoch }).unwrap();
    pair.request();
    pair.client.take(&core::mem::take(&mut pair.server.outbox));
    // The messages are in one record, and go on in one each.
    let mut record = core::mem::take(&mut pair.client.outbox);
    let Ok(Opened::Record(opened)) = reader.open(&mut record) else { panic!("no record") };
    let mut rest = &record[opened.payload.clone()];
    for number in 0..3 {
        let mut records = Vec::new();
        if number == place {
            writer.seal(between.0, between.1, &mut records).unwrap();
        }
        let length = 4 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let (message, others) = rest.split_at(length);
        writer.seal(ContentType::HANDSHAKE, message, &mut records).unwrap();
        rest = others;
        pair.server.take(&records);
    }
    assert!(rest.is_empty());
    assert_eq!(pair.server.authentications == 1, pair.server.error.is_none());
    pair.server.error
}

/// RFC 9846 section 4.7.2: the messages of a response "MUST appear consecutively on the wire with no
/// intervening messages of other type or from other responses."
#[test]
fn nothing_comes_between_the_records_of_a_response() {
    let data = (ContentType::APPLICATION_DATA, &b"x"[..]);
    assert_eq!(interrupted(0, data), None);
    for place in [1, 2] {
        let error = interrupted(place, data).unwrap();
        assert_eq!(error.alert, Some(AlertDescription::UNEXPECTED_MESSAGE), "{error}");
        assert!(matches!(error.kind, ErrorKind::Record(RecordError::UnexpectedApplicationData)), "{error:?}");
        let update = (ContentType::HANDSHAKE, &[24, 0, 0, 1, 0][..]);
        let error = interrupted(place, update).unwrap();
        assert_eq!(error.alert, Some(AlertDescription::UNEXPECTED_MESSAGE), "{error}");
    }
}

/// A client on another thread that sends "one ", reads a byte, sends "two" and closes. Its messages are in
/// several records, so that the server waits in between.
fn talk(client: ClientConfig, near: TcpStream) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let limits = RecordLimits { max_plaintext: 64, ..RecordLimits::default() };
        let mut tls = Stream::new(Connection::client_with_limits(&client, name(), limits), near).unwrap();
        tls.write_all(b"one ").unwrap();
        tls.flush().unwrap();
        tls.read_exact(&mut [0]).unwrap();
        // The client refuses no handshake, whatever it has answered.
        assert_eq!(tls.handshake().unwrap(), Handshake::Complete);
        tls.write_all(b"two").unwrap();
        tls.close().unwrap();
    })
}

#[test]
fn handshake_of_a_stream_waits_for_the_certificate() {
    let (willing, server) = configs();
    for (client, outcome, peer) in [
        (willing, Handshake::Complete, PeerProof::Certificate),
        (declining(), Handshake::Refused, PeerProof::None),
    ] {
        let (near, far) = tcp();
        let client = talk(client, near);
        let mut tls = Stream::server(&server, far).unwrap();
        tls.handshake().unwrap();
        tls.request_client_certificate().unwrap();
        // The client answers while it waits for a byte.
        assert_eq!(tls.handshake().unwrap(), outcome);
        assert_eq!(tls.summary().unwrap().security().peer, peer);
        tls.write_all(b"!").unwrap();
        let mut came = String::new();
        tls.read_to_string(&mut came).unwrap();
        assert_eq!(came, "one two");
        client.join().unwrap();
    }
}

#[test]
fn client_that_closes_instead_is_reported() {
    let (client, server) = configs();
    let (near, far) = tcp();
    let client = thread::spawn(move || {
        let mut tls = Stream::client(&client, name(), near).unwrap();
        tls.close_write().unwrap();
        tls
    });
    let mut tls = Stream::server(&server, far).unwrap();
    tls.handshake().unwrap();
    tls.request_client_certificate().unwrap();
    assert_eq!(tls.handshake().unwrap(), Handshake::Closed);
    assert_eq!(tls.summary().unwrap().peer_chain, None);
    drop(client.join().unwrap());
}

/// The read at which the identity changes fails once, so that the change cannot be missed.
#[test]
fn read_tells_once_that_the_client_has_authenticated() {
    let is_identified =
        |error: &io::Error| error.get_ref().is_some_and(|inner| inner.is::<ClientIdentified>());
    let (willing, server) = configs();
    for (client, told) in [(willing.clone(), 1), (declining(), 0)] {
        let (near, far) = tcp();
        let client = talk(client, near);
        let mut tls = Stream::server(&server, far).unwrap();
        tls.handshake().unwrap();
        tls.request_client_certificate().unwrap();
        tls.write_all(b"!").unwrap();
        let (mut came, mut times) = (Vec::new(), 0);
        loop {
            let length = match tls.fill_buf() {
                Ok([]) => break,
                Ok(data) => {
                    came.extend_from_slice(data);
                    data.len()
                }
                Err(error) if is_identified(&error) => {
                    assert_eq!(came, b"one ");
                    times += 1;
                    0
                }
                Err(error) => panic!("{error}"),
            };
            tls.consume(length);
        }
        tls.close().unwrap();
        assert_eq!(came, b"one two");
        assert_eq!(times, told);
        client.join().unwrap();
    }
    // And so does the reading half.
    let (near, far) = tcp();
    let client = talk(willing, near);
    let (mut reader, mut writer): (ReadHalf<_>, WriteHalf<_>) =
        Stream::server(&server, far).unwrap().split(TcpStream::try_clone).unwrap();
    reader.request_client_certificate().unwrap();
    writer.write_all(b"!").unwrap();
    let mut first = Vec::new();
    let error = reader.read_to_end(&mut first).unwrap_err();
    assert!(is_identified(&error), "{error}");
    let mut second = Vec::new();
    reader.read_to_end(&mut second).unwrap();
    assert_eq!((&first[..], &second[..]), (&b"one "[..], &b"two"[..]));
    writer.close().unwrap();
    client.join().unwrap();
}
