//! Connections of TLS 1.3 over TCP, with Cairn at both ends.

use super::streams::configs_with;
use cairn_tls::{
    Connection, Direction, Epoch, Misuse, Progress, ServerName, Stream, Suite, Trace, Traced, Versions,
    wire::{HandshakeType, KeyUpdateRequest},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
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

/// Two connections that exchange bytes in memory.
struct Ends {
    client: Connection,
    server: Connection,
}

impl Ends {
    /// Both ends after a handshake of this version.
    fn established(versions: Versions) -> Self {
        let mut ends = Self::new(versions);
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        ends.client.start(&mut to_server).unwrap();
        ends.server.start(&mut to_client).unwrap();
        while !(ends.client.is_complete() && ends.server.is_complete()) {
            receive(&mut ends.server, &mut to_server, &mut to_client);
            receive(&mut ends.client, &mut to_client, &mut to_server);
        }
        // What the last message caused.
        receive(&mut ends.client, &mut to_client, &mut to_server);
        receive(&mut ends.server, &mut to_server, &mut to_client);
        ends
    }

    fn new(versions: Versions) -> Self {
        let (client, server) = configs_with(versions, versions);
        let name = ServerName::parse("localhost").unwrap();
        Self { client: Connection::client(&client, name), server: Connection::server(&server) }
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
struct Updates(Mutex<Vec<(Direction, Epoch)>>);

impl Trace for Updates {
    fn trace(&self, direction: Direction, epoch: Epoch, message: Traced<'_>) {
        if matches!(message, Traced::Handshake { msg_type: HandshakeType::KEY_UPDATE, .. }) {
            self.0.lock().unwrap().push((direction, epoch));
        }
    }
}

impl Updates {
    fn of(end: &mut Connection) -> Arc<Self> {
        let updates = Arc::new(Self::default());
        let trace: Arc<dyn Trace> = updates.clone();
        end.set_trace(&trace);
        updates
    }

    fn taken(&self) -> Vec<(Direction, Epoch)> {
        core::mem::take(&mut self.0.lock().unwrap())
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
    let sent = [(Write, epoch(0)), (Write, epoch(1)), (Read, epoch(1))];
    let received = [(Read, epoch(0)), (Write, epoch(1)), (Read, epoch(1))];
    assert_eq!(of_server.taken(), sent);
    assert_eq!(of_client.taken(), received);
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
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, listener.accept().unwrap().0).unwrap();
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
    let mut tls = Stream::new(connection, TcpStream::connect(address).unwrap()).unwrap();
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
