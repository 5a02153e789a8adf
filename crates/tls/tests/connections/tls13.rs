//! Connections of TLS 1.3 over TCP, with Cairn at both ends.

use super::{
    streams::{builders_with, configs_with},
    support::{Secrets, tcp},
};
use cairn_record::RecordWriter;
use cairn_schedule::{
    Gate, KeyChange, Keys,
    tls13::{ApplicationTrafficSecret, Tls13Suite},
};
use cairn_tls::{
    ClientConfig, Connection, Direction, Epoch, Error, ErrorKind, HandshakeErrorKind, Misuse, Progress,
    RecordError, RecordLimits, SaidBy, ServerConfig, ServerName, Stream, Suite, Trace, Traced, Versions,
    wire::{AlertDescription, ContentType, HandshakeType, KeyUpdateRequest},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex},
    thread,
};

/// Transfers data in both directions with these versions of client and server, and returns the version and
/// the exported key of both.
fn transfer(client: Versions, server: Versions) -> [(String, [u8; 32]); 2] {
    let (client, server) = configs_with(client, server);
    let (near, far) = tcp();
    let view = |tls: &Stream<TcpStream>| {
        let mut exported = [0; 32];
        tls.reader().export_keying_material(b"EXPERIMENTAL test", None, &mut exported).unwrap();
        (tls.summary().unwrap().version().to_string(), exported)
    };
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, far).unwrap();
        let mut came = vec![0; 100_000];
        tls.read_exact(&mut came).unwrap();
        assert!(came.iter().all(|byte| *byte == 7));
        tls.write_all(&[8; 200_000]).unwrap();
        let view = view(&tls);
        tls.close().unwrap();
        view
    });
    let name = ServerName::parse("localhost").unwrap();
    let mut tls = Stream::client(&client, name, near).unwrap();
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

/// Two connections that exchange bytes in memory.
struct Ends {
    client: Connection,
    server: Connection,
}

impl Ends {
    /// Both ends after a handshake of this version.
    fn established(versions: Versions) -> Self {
        Self::new(versions).complete()
    }

    /// Performs the handshake.
    fn complete(self) -> Self {
        let mut ends = self;
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        ends.client.start(&mut to_server).unwrap();
        ends.server.start(&mut to_client).unwrap();
        while !(ends.client.is_complete() && ends.server.is_complete()) {
            receive(&mut ends.server, &mut to_server, &mut to_client);
            receive(&mut ends.client, &mut to_client, &mut to_server);
        }
        // The response to the last message.
        receive(&mut ends.client, &mut to_client, &mut to_server);
        receive(&mut ends.server, &mut to_server, &mut to_client);
        ends
    }

    fn new(versions: Versions) -> Self {
        let (client, server) = configs_with(versions, versions);
        Self::of(&client, &server)
    }

    fn of(client: &ClientConfig, server: &ServerConfig) -> Self {
        let name = ServerName::parse("localhost").unwrap();
        Self { client: Connection::client(client, name), server: Connection::server(server) }
    }
}

/// Processes all records in `input` and returns the application data.
fn receive(end: &mut Connection, input: &mut Vec<u8>, out: &mut Vec<u8>) -> Vec<u8> {
    let mut data = Vec::new();
    loop {
        let received = end.receive(input, out).unwrap();
        match received.progress {
            Progress::Data(place) => data.extend_from_slice(&input[place]),
            Progress::NeedMore { .. } => return data,
            _ => {}
        }
        input.drain(..received.consumed);
    }
}

/// Sends a byte from `sender` to `receiver`, and what the receiver answers back.
fn pass(sender: &mut Connection, receiver: &mut Connection, mut to_receiver: Vec<u8>) {
    let mut to_sender = Vec::new();
    sender.write(b"x", &mut to_receiver).unwrap();
    assert_eq!(receive(receiver, &mut to_receiver, &mut to_sender), b"x");
    assert_eq!(receive(sender, &mut to_sender, &mut Vec::new()), b"");
}

/// The KeyUpdate messages of an end, each with the epoch of its keys.
#[derive(Debug, Default)]
pub(super) struct Updates(Mutex<Vec<(Direction, Epoch)>>);

impl Trace for Updates {
    fn trace(&self, direction: Direction, epoch: Epoch, message: Traced<'_>) {
        if matches!(message, Traced::Handshake { msg_type: HandshakeType::KEY_UPDATE, .. }) {
            self.0.lock().unwrap().push((direction, epoch));
        }
    }
}

impl Updates {
    pub(super) fn of(end: &mut Connection) -> Arc<Self> {
        let updates = Arc::new(Self::default());
        let trace: Arc<dyn Trace> = updates.clone();
        end.set_trace(&trace);
        updates
    }

    pub(super) fn taken(&self) -> Vec<(Direction, Epoch)> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The number of ChangeCipherSpec records that an end has sent and received.
#[derive(Debug, Default)]
struct ChangeCipherSpecs(Mutex<(u32, u32)>);

impl Trace for ChangeCipherSpecs {
    fn trace(&self, direction: Direction, _: Epoch, message: Traced<'_>) {
        let mut counts = self.0.lock().unwrap();
        match (message, direction) {
            (Traced::ChangeCipherSpec, Direction::Write) => counts.0 += 1,
            (Traced::ChangeCipherSpec, Direction::Read) => counts.1 += 1,
            _ => {}
        }
    }
}

#[test]
fn ignored_change_cipher_spec_is_traced_by_both_sides() {
    let mut ends = Ends::new(Versions::Tls13);
    let counts = [&mut ends.client, &mut ends.server].map(|end| {
        let counts = Arc::new(ChangeCipherSpecs::default());
        let trace: Arc<dyn Trace> = counts.clone();
        end.set_trace(&trace);
        counts
    });
    ends.complete();
    for counts in counts {
        assert_eq!(*counts.0.lock().unwrap(), (1, 1));
    }
}

#[test]
fn either_side_updates_its_keys_and_may_request_that_the_other_does() {
    use Direction::{Read, Write};
    use KeyUpdateRequest::{UpdateNotRequested, UpdateRequested};
    let epoch = Epoch::Application;
    let mut ends = Ends::established(Versions::Tls13);
    let Ends { client, server } = &mut ends;
    let (of_client, of_server) = (Updates::of(client), Updates::of(server));
    let mut out = Vec::new();
    client.update_keys(UpdateNotRequested, &mut out).unwrap();
    pass(client, server, out);
    assert_eq!((of_client.taken(), of_server.taken()), (vec![(Write, epoch(0))], vec![(Read, epoch(0))]));
    let mut out = Vec::new();
    server.update_keys(UpdateRequested, &mut out).unwrap();
    // RFC 9846 section 4.7.3: "Until receiving a subsequent KeyUpdate from the peer, the sender MUST NOT send
    // another KeyUpdate with request_update set to "update_requested"." So there is one answer.
    server.update_keys(UpdateRequested, &mut out).unwrap();
    pass(server, client, out);
    assert_eq!(of_server.taken(), [(Write, epoch(0)), (Write, epoch(1))]);
    assert_eq!(of_client.taken(), [(Read, epoch(0)), (Read, epoch(1))]);
    // The answer comes with our next data.
    pass(client, server, Vec::new());
    assert_eq!((of_client.taken(), of_server.taken()), (vec![(Write, epoch(1))], vec![(Read, epoch(1))]));
    pass(client, server, Vec::new());
    assert!(of_client.taken().is_empty() && of_server.taken().is_empty());
}

#[test]
fn keys_are_not_updated_before_the_handshake_is_complete_or_in_tls_12() {
    let request = KeyUpdateRequest::UpdateNotRequested;
    let mut out = Vec::new();
    let mut ends = Ends::new(Versions::Tls13);
    assert_eq!(ends.client.update_keys(request, &mut out), Err(Misuse::NotStartedOnce));
    ends.client.start(&mut out).unwrap();
    out.clear();
    assert_eq!(ends.client.update_keys(request, &mut out), Err(Misuse::NoKeyUpdate));
    let mut ends = Ends::established(Versions::Tls12);
    for end in [&mut ends.client, &mut ends.server] {
        assert_eq!(end.update_keys(request, &mut out), Err(Misuse::NoKeyUpdate));
    }
    assert!(out.is_empty());
}

#[test]
fn stream_and_its_reading_half_update_keys() {
    let (client, server) = configs_with(Versions::Tls13, Versions::Tls13);
    let (near, far) = tcp();
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, far).unwrap();
        let mut came = [0; 10];
        tls.read_exact(&mut came[..5]).unwrap();
        tls.write_all(b"hello").unwrap();
        tls.read_exact(&mut came[5..]).unwrap();
        tls.close().unwrap();
        came
    });
    let name = ServerName::parse("localhost").unwrap();
    let mut connection = Connection::client(&client, name);
    let updates = Updates::of(&mut connection);
    let mut tls = Stream::new(connection, near).unwrap();
    tls.handshake().unwrap();
    tls.update_keys(KeyUpdateRequest::UpdateRequested).unwrap();
    tls.write_all(b"first").unwrap();
    let mut came = [0; 5];
    tls.read_exact(&mut came).unwrap();
    assert_eq!(&came, b"hello");
    let (mut read, mut write) = tls.split(TcpStream::try_clone).unwrap();
    read.update_keys(KeyUpdateRequest::UpdateNotRequested).unwrap();
    write.write_all(b"later").unwrap();
    write.close().unwrap();
    assert_eq!(read.read(&mut came).unwrap(), 0);
    assert_eq!(&server.join().unwrap(), b"firstlater");
    let epoch = Epoch::Application;
    let (written, received) = (Direction::Write, Direction::Read);
    assert_eq!(updates.taken(), [(written, epoch(0)), (received, epoch(0)), (written, epoch(1))]);
}

/// A server after its handshake, and the keys of its client, which has sent no data.
pub(super) fn server_and_keys() -> (Connection, ClientKeys) {
    let secrets = Arc::new(Secrets::default());
    let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
    let client = client.key_log(secrets.clone()).build().unwrap();
    let Ends { server, .. } = Ends::of(&client, &server.build().unwrap()).complete();
    let Suite::Tls13(suite) = server.summary().unwrap().suite() else { panic!("TLS 1.3") };
    let secret = secrets.client_application(suite);
    let mut keys = ClientKeys { secret, suite, epoch: 0, writer: RecordWriter::new(RecordLimits::default()) };
    keys.install();
    (server, keys)
}

/// The keys with which a client sends.
pub(super) struct ClientKeys {
    secret: ApplicationTrafficSecret,
    suite: &'static Tls13Suite,
    epoch: u32,
    writer: RecordWriter,
}

impl ClientKeys {
    fn install(&mut self) {
        let keys = Keys::Tls13(self.secret.for_suite(self.suite).unwrap());
        let epoch = Epoch::Application(self.epoch);
        let change = KeyChange { epoch, direction: Direction::Write, keys };
        self.writer.change_keys(&cairn_tls::default_provider(), &change).unwrap();
        self.writer.set_gate(Gate::Open { epoch }).unwrap();
    }

    pub(super) fn seal(&mut self, content_type: ContentType, content: &[u8]) -> Vec<u8> {
        let mut record = Vec::new();
        self.writer.seal(content_type, content, &mut record).unwrap();
        record
    }

    /// A record with a KeyUpdate that requests another.
    pub(super) fn request_update(&mut self) -> Vec<u8> {
        let record = self.seal(ContentType::HANDSHAKE, &[24, 0, 0, 1, 1]);
        self.secret.update().unwrap();
        self.epoch += 1;
        self.install();
        record
    }
}

/// A server after its handshake, and a writer with the keys of its client.
fn server_and_writer() -> (Connection, RecordWriter) {
    let (server, keys) = server_and_keys();
    (server, keys.writer)
}

/// The error of a server that receives these records after its handshake.
fn refused(records: &[(ContentType, &[u8])]) -> Option<Error> {
    let (mut server, mut writer) = server_and_writer();
    for (content_type, content) in records {
        let mut record = Vec::new();
        writer.seal(*content_type, content, &mut record).unwrap();
        match server.receive(&mut record, &mut Vec::new()) {
            Ok(received) => assert_eq!(received.consumed, record.len()),
            Err(error) => return Some(error),
        }
    }
    None
}

/// RFC 9846 section 5.1: "Alert messages MUST NOT be fragmented across records, and multiple alert messages
/// MUST NOT be coalesced into a single TLSPlaintext record."
#[test]
fn record_with_not_exactly_one_alert_is_decode_error() {
    let close_notify = [1, 0];
    assert_eq!(refused(&[(ContentType::ALERT, &close_notify)]), None);
    for content in [&[1][..], &[1, 0, 1], &[1, 0, 1, 0], &[2, 22, 2, 22]] {
        let error = refused(&[(ContentType::ALERT, content)]).unwrap();
        assert!(matches!(error.kind, ErrorKind::BadAlert(_)), "{error}");
        assert_eq!(error.alert, Some(AlertDescription::DECODE_ERROR));
    }
}

/// RFC 9846 section 5.1: "if a handshake message is split over two or more records, there MUST NOT be any
/// other records between them."
#[test]
fn application_data_between_the_fragments_of_a_message_is_unexpected_message() {
    let key_update = [24, 0, 0, 1, 0];
    let (first, second) = key_update.split_at(3);
    let split = [(ContentType::HANDSHAKE, first), (ContentType::HANDSHAKE, second)];
    assert_eq!(refused(&split), None);
    let error = refused(&[split[0], (ContentType::APPLICATION_DATA, b"x")]).unwrap();
    assert_eq!((error.kind, error.alert), (ErrorKind::DataWithinMessage, Some(UNEXPECTED)));
    // Neither way to receive data accepts it.
    let (mut server, mut writer) = server_and_writer();
    let (mut half, mut data) = (Vec::new(), Vec::new());
    writer.seal(ContentType::HANDSHAKE, first, &mut half).unwrap();
    writer.seal(ContentType::APPLICATION_DATA, b"x", &mut data).unwrap();
    assert_eq!(receive(&mut server, &mut half, &mut Vec::new()), b"");
    let direct = server.receive_data(&mut data, &mut [0; 100], &mut Vec::new());
    assert!(matches!(direct, Ok(None)), "{direct:?}");
    let error = server.receive(&mut data, &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::DataWithinMessage);
    // The peer's reason says more.
    let alert = refused(&[split[0], (ContentType::ALERT, &[2, 80])]).unwrap();
    assert_eq!((alert.said_by, alert.alert), (SaidBy::Peer, None));
}

/// RFC 9846 section 6.1, about user_canceled: "Receiving implementations SHOULD continue to read data from
/// the peer until a "close_notify" is received".
#[test]
fn data_after_user_canceled_is_received() {
    for level in [1, 2] {
        let canceled = [level, 90];
        assert_eq!(refused(&[(ContentType::ALERT, &canceled), (ContentType::APPLICATION_DATA, b"x")]), None);
    }
}

const UNEXPECTED: AlertDescription = AlertDescription::UNEXPECTED_MESSAGE;

/// A client does not know the version before ServerHello, so it keeps half an alert up to then.
#[test]
fn half_an_alert_before_server_hello_is_decode_error() {
    let Ends { mut client, mut server } = Ends::new(Versions::Both);
    let (mut to_server, mut to_client) = (Vec::new(), vec![21, 3, 3, 0, 1, 1]);
    client.start(&mut to_server).unwrap();
    server.start(&mut to_client).unwrap();
    receive(&mut server, &mut to_server, &mut to_client);
    let half = client.receive(&mut to_client, &mut Vec::new()).unwrap();
    to_client.drain(..half.consumed);
    let error = client.receive(&mut to_client, &mut Vec::new()).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::BadAlert(_)), "{error}");
}

/// A server has its keys as soon as it has sent ServerHello, so a client accepts no unprotected alert after
/// it. The client may fail before it has keys, so a server accepts one.
#[test]
fn unprotected_alert_after_server_hello_is_accepted_by_the_server_alone() {
    let Ends { mut client, mut server } = Ends::new(Versions::Tls13);
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
    client.start(&mut to_server).unwrap();
    server.start(&mut to_client).unwrap();
    receive(&mut server, &mut to_server, &mut to_client);
    let server_hello = client.receive(&mut to_client, &mut Vec::new()).unwrap();
    assert_eq!(server_hello.progress, Progress::Handled);
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let error = client.receive(&mut alert.clone(), &mut Vec::new()).unwrap_err();
    let content_type = ContentType::ALERT;
    assert_eq!(error.kind, ErrorKind::Record(RecordError::NotProtected { content_type }));
    assert_eq!(error.alert, Some(UNEXPECTED));
    let error = server.receive(&mut alert.clone(), &mut Vec::new()).unwrap_err();
    let ErrorKind::Handshake(ended) = error.kind else { panic!("{error}") };
    assert_eq!(ended.kind, HandshakeErrorKind::PeerAlert(AlertDescription::HANDSHAKE_FAILURE));
}
