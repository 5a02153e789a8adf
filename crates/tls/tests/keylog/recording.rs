//! Records a connection in memory.

use crate::capture::Segment;
use crate::case::Case;
use alloc::sync::Arc;
use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, Connection, KeyLogFile, Progress, ServerConfig, ServerName,
    wire::KeyUpdateRequest,
    x509::{Roots, issue::Template},
};
use core::sync::atomic::{AtomicU32, Ordering};
use std::{fs, path::PathBuf};

const VALID: (u64, u64) = (1_600_000_000, 4_000_000_000);

/// A connection, as an observer of the network and both ends saw it.
pub(crate) struct Recording {
    /// The bytes on the wire, in order.
    pub(crate) segments: Vec<Segment>,
    /// The key log of each side.
    pub(crate) client_log: String,
    pub(crate) server_log: String,
    /// The application data of each side.
    pub(crate) client_data: Vec<u8>,
    pub(crate) server_data: Vec<u8>,
}

/// A file name that no other recording has.
fn unused_file() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("keylog");
    fs::create_dir_all(&folder).unwrap();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{}-{number}.log", std::process::id()))
}

/// A key log in a file, and a function that reads and removes it.
fn key_log() -> (Arc<KeyLogFile>, impl FnOnce() -> String) {
    let path = unused_file();
    let log = Arc::new(KeyLogFile::open(&path).unwrap());
    let take = move || {
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        text
    };
    (log, take)
}

/// Both ends, and what has passed between them.
struct Ends {
    client: Connection,
    server: Connection,
    segments: Vec<Segment>,
    client_data: Vec<u8>,
    server_data: Vec<u8>,
}

impl Ends {
    /// Delivers what each side has to send until both are silent.
    fn exchange(&mut self, mut from_client: Vec<u8>, mut from_server: Vec<u8>) {
        while !(from_client.is_empty() && from_server.is_empty()) {
            let mut answers = [Vec::new(), Vec::new()];
            if !from_client.is_empty() {
                self.segments.push(Segment { from_client: true, bytes: from_client.clone() });
                receive(&mut self.server, &mut from_client, &mut answers[1], &mut self.client_data);
            }
            if !from_server.is_empty() {
                self.segments.push(Segment { from_client: false, bytes: from_server.clone() });
                receive(&mut self.client, &mut from_server, &mut answers[0], &mut self.server_data);
            }
            [from_client, from_server] = answers;
        }
    }

    /// Sends data from both sides, one after the other.
    fn talk(&mut self, number: u8) {
        let mut out = Vec::new();
        // Longer than a record, so that there are several.
        self.client.write(&[number; 20_000], &mut out).unwrap();
        self.exchange(out, Vec::new());
        let mut out = Vec::new();
        self.server.write(format!("answer {number} of the server").as_bytes(), &mut out).unwrap();
        self.exchange(Vec::new(), out);
    }
}

/// Processes all records in `input`.
fn receive(end: &mut Connection, input: &mut Vec<u8>, out: &mut Vec<u8>, data: &mut Vec<u8>) {
    loop {
        let received = end.receive(input, out).unwrap();
        match received.progress {
            Progress::Data(place) => data.extend_from_slice(&input[place]),
            Progress::NeedMore { .. } => break,
            Progress::Closed => {
                end.close(out).unwrap();
                input.clear();
                return;
            }
            _ => {}
        }
        input.drain(..received.consumed);
    }
    assert!(input.is_empty(), "each flight ends with a whole record");
}

/// Performs a connection.
pub(crate) fn record(case: &Case) -> Recording {
    let mut provider = cairn_tls::default_provider();
    let authority = Template::authority("CA").valid(VALID.0, VALID.1);
    let authority = authority.self_signed(&provider, KeySpec::EcP256).unwrap();
    let issue = |template: Template| {
        template.valid(VALID.0, VALID.1).issue(&provider, KeySpec::EcP256, &authority).unwrap()
    };
    let server = issue(Template::server("Server").dns("localhost"));
    let client = issue(Template::client("Client"));
    let mut roots = Roots::new();
    roots.add_der(authority.certificate()).unwrap();
    provider.aeads.retain(|aead| aead.algorithm() == case.aead);

    let (of_client, client_log) = key_log();
    let (of_server, server_log) = key_log();
    let mut to_server = ClientConfig::builder_with(provider.clone())
        .versions(case.versions)
        .trust(roots.clone())
        .no_tickets()
        .key_log(of_client);
    let mut to_client = ServerConfig::builder_with(provider)
        .versions(case.versions)
        .groups(case.server_groups)
        .credential_pem(server.chain_pem().as_bytes(), server.key().to_pem().as_bytes())
        .unwrap()
        .key_log(of_server);
    if case.client_authenticates {
        to_server = to_server
            .credential_pem(client.chain_pem().as_bytes(), client.key().to_pem().as_bytes())
            .unwrap();
        to_client = to_client.require_client_certificates(roots);
    }
    let name = ServerName::parse("localhost").unwrap();
    let mut ends = Ends {
        client: Connection::client(&to_server.build().unwrap(), name),
        server: Connection::server(&to_client.build().unwrap()),
        segments: Vec::new(),
        client_data: Vec::new(),
        server_data: Vec::new(),
    };
    let mut hello = Vec::new();
    ends.client.start(&mut hello).unwrap();
    ends.server.start(&mut Vec::new()).unwrap();
    ends.exchange(hello, Vec::new());
    assert!(ends.client.is_complete() && ends.server.is_complete(), "{}", case.name);

    ends.talk(1);
    if case.key_updates {
        let mut out = Vec::new();
        ends.client.update_keys(KeyUpdateRequest::UpdateRequested, &mut out).unwrap();
        ends.exchange(out, Vec::new());
        ends.talk(2);
        let mut out = Vec::new();
        ends.server.update_keys(KeyUpdateRequest::UpdateRequested, &mut out).unwrap();
        ends.exchange(Vec::new(), out);
        ends.talk(3);
    }
    let mut out = Vec::new();
    ends.client.close(&mut out).unwrap();
    ends.exchange(out, Vec::new());
    let mut out = Vec::new();
    ends.server.close(&mut out).unwrap();
    ends.exchange(Vec::new(), out);
    Recording {
        segments: ends.segments,
        client_log: client_log(),
        server_log: server_log(),
        client_data: ends.client_data,
        server_data: ends.server_data,
    }
}
