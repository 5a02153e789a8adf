//! `cairn decode` of capture files, compared with `tshark`.

use crate::{
    connect_openssl::SServer,
    support::{
        Folder, Kind, Peer, Pki, Recorder, Sent, Serve, cairn, installed, packets, pcap, run, run_with_input,
    },
};
use core::ops::Range;
use std::{fs, process::Command};

/// Connections of several programs, and the key log of all of them.
struct Recording {
    folder: Folder,
    connections: Vec<Sent>,
    key_log: String,
}

impl Recording {
    fn new() -> Self {
        let folder = Folder::new();
        let key_log = folder.file("keys.log");
        Self { folder, connections: Vec::new(), key_log }
    }

    /// Records connections of `cairn connect` with these options and this input.
    fn cairn(&mut self, pki: &Pki, server: &str, connections: usize, options: &[&str], input: &[u8]) {
        let recorder = Recorder::start(server, connections);
        let mut command = cairn(&["connect", &recorder.address, "--ca", &pki.ca, "--name", "localhost"]);
        command.args(["-q", "--key-log"]).args(options).env("SSLKEYLOGFILE", &self.key_log);
        run_with_input(&mut command, input).expect_code(0);
        self.connections.extend(recorder.finish());
    }

    /// Records a connection of `openssl s_client` that sends these lines, each when what the one before it
    /// brings about is in its output.
    fn openssl(&mut self, server: &str, options: &[&str], lines: &[(&str, &str)]) {
        let recorder = Recorder::start(server, 1);
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &recorder.address, "-keylogfile", &self.key_log]);
        let mut peer = Peer::start(command.args(options));
        peer.wait_for_text("Verify return code");
        for (number, (line, answer)) in lines.iter().enumerate() {
            peer.write(line.as_bytes());
            let expected = lines[..=number].iter().filter(|(_, each)| each == answer).count();
            peer.wait_for(answer, |text| (text.matches(*answer).count() >= expected).then_some(()));
        }
        // The end of its input makes it close.
        peer.feed(Vec::new());
        peer.finish();
        self.connections.extend(recorder.finish());
    }

    /// The capture file with these packets.
    fn capture(&self, packets: &[Vec<u8>]) -> String {
        self.folder.write("capture.pcap", pcap::pcap(pcap::RAW, packets))
    }

    /// The application data of each flow in our view: of the client and of the server.
    fn decoded(&self, capture: &str) -> Vec<[Vec<u8>; 2]> {
        let folder = self.folder.file("data");
        run(&mut cairn(&[
            "decode",
            capture,
            "--keylog",
            &self.key_log,
            "--summary",
            "--data",
            &folder,
            "--force",
        ]))
        .expect_code(0);
        let data = |number: usize| {
            let file = |side| self.folder.file(&format!("data/flow-{number}-{side}.bin"));
            ["client", "server"].map(|side| fs::read(file(side)).unwrap())
        };
        (1..=self.connections.len()).map(data).collect()
    }
}

/// The application data of each flow in `tshark`'s view.
fn tshark(capture: &str, key_log: &str, flows: usize) -> Vec<[Vec<u8>; 2]> {
    let mut command = Command::new("tshark");
    command.args(["-r", capture, "-q", "-o", &format!("tls.keylog_file:{key_log}")]);
    for flow in 0..flows {
        command.args(["-z", &format!("follow,tls,raw,{flow}")]);
    }
    let text = run(&mut command).expect_code(0).out();
    let mut data = vec![[Vec::new(), Vec::new()]; flows];
    let (mut current, mut server_is_first) = (0, false);
    for line in text.lines() {
        if let Some(filter) = line.strip_prefix("Filter: tcp.stream eq ") {
            current = filter.parse().unwrap();
        }
        if let Some(node) = line.strip_prefix("Node 0: ") {
            server_is_first = node.ends_with(":443");
        }
        let digits = line.trim();
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            continue;
        }
        // The lines of the second node begin with a tab.
        let side = usize::from(line.starts_with('\t') != server_is_first);
        let bytes = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
        data[current][side].extend(bytes.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
    }
    data
}

/// The fingerprints of the hellos in the order of the packets, in `tshark`'s view: JA3 and JA3S.
fn fingerprints(capture: &str) -> Vec<String> {
    let mut command = Command::new("tshark");
    command.args(["-r", capture, "-T", "fields", "-e", "tls.handshake.ja3", "-e", "tls.handshake.ja3s"]);
    let text = run(&mut command).expect_code(0).out();
    text.split_ascii_whitespace().map(ToOwned::to_owned).collect()
}

/// Connections of both versions: between OpenSSL and Cairn in both directions, and of each with itself.
fn record() -> Recording {
    let pki = Pki::new();
    let mut recording = Recording::new();
    let echo = Serve::start(&pki, Kind::P256, &["--tls", "both", "--policy", "legacy"]);
    let reversing = SServer::with(&pki.server(Kind::Rsa), &["-rev"]);
    let page = SServer::with(&pki.server(Kind::P256), &["-www"]);
    let large: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let wait = ["--wait", "0"];
    let with = |options: &[&'static str]| [&wait[..], options].concat();
    for options in [
        vec!["--tls", "1.2"],
        vec!["--tls", "1.3"],
        vec!["--tls", "1.3", "--suites", "TLS_AES_256_GCM_SHA384", "--key-update=data"],
        vec!["--tls", "1.3", "--suites", "TLS_CHACHA20_POLY1305_SHA256"],
        vec!["--suites", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    ] {
        recording.cairn(&pki, &echo.address, 1, &with(&options), &large);
    }
    // It asks for another ClientHello.
    let retry = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--groups", "secp384r1"]);
    recording.cairn(&pki, &retry.address, 1, &with(&["--groups", "x25519,secp384r1"]), &large);
    let get = b"GET / HTTP/1.0\r\n\r\n";
    recording.cairn(&pki, &page.address, 1, &["--tls", "1.2"], get);
    recording.cairn(&pki, &page.address, 1, &["--tls", "1.3"], get);
    // Two connections: the second resumes the session of the first, with TLS 1.3 also with early data.
    let web = Serve::start(&pki, Kind::P256, &["--tls", "both", "--http", "--early-data", "1000"]);
    let request = str::from_utf8(get).unwrap();
    let again = ["--reconnect", "1", "--send", request];
    recording.cairn(&pki, &web.address, 2, &[&again[..], &["--tls", "1.2"]].concat(), b"");
    let early = recording.folder.write("early", request);
    let options = ["--reconnect", "1", "--tls", "1.3", "--early-data", &early];
    recording.cairn(&pki, &web.address, 2, &options, b"");
    let again = Serve::start(&pki, Kind::P256, &["--tls", "1.2", "--renegotiation", "allowed"]);
    recording.cairn(&pki, &again.address, 1, &with(&["--renegotiate"]), b"after another handshake");
    let lines = [("hello\n", "hello"), ("world\n", "world")];
    let reversed = [("hello\n", "olleh"), ("world\n", "dlrow")];
    let updates = [("hello\n", "hello"), ("K\n", "KEYUPDATE"), ("k\n", "KEYUPDATE"), ("world\n", "world")];
    // CBC with encrypt-then-MAC, and without it.
    let cbc = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"];
    recording.openssl(&echo.address, &cbc, &lines);
    recording.openssl(&echo.address, &[&cbc[..], &["-no_etm"]].concat(), &lines);
    recording.openssl(&echo.address, &["-tls1_3"], &updates);
    recording.openssl(&reversing.address, &["-tls1_2"], &reversed);
    recording.openssl(&reversing.address, &["-tls1_3"], &reversed);
    recording
}

#[test]
fn tshark_and_decode_agree_on_application_data() {
    if !installed("openssl") || !installed("tshark") {
        return;
    }
    let recording = record();
    let packets = packets(&recording.connections);
    let capture = recording.capture(&packets);
    let theirs = tshark(&capture, &recording.key_log, recording.connections.len());
    let ours = recording.decoded(&capture);
    for (number, (theirs, ours)) in (1..).zip(theirs.iter().zip(&ours)) {
        for (side, (theirs, ours)) in ["client", "server"].iter().zip(theirs.iter().zip(ours)) {
            assert!(ours == theirs, "flow {number}, {side}: {} and {} bytes", ours.len(), theirs.len());
        }
    }
    // Only the first of the connections with early data has no data.
    assert_eq!(ours.iter().flatten().filter(|data| data.is_empty()).count(), 2);
    // In the second handshakes and after a HelloRetryRequest there are other hellos.
    let summary = run(&mut cairn(&["decode", &capture, "--keylog", &recording.key_log])).expect_code(0).out();
    let shown =
        summary.lines().filter(|line| ["JA3 ", "JA3S"].iter().any(|name| line.trim().starts_with(name)));
    let shown: Vec<&str> = shown.map(|line| line.split_ascii_whitespace().last().unwrap()).collect();
    assert_eq!(shown.len(), 2 * recording.connections.len());
    let theirs = fingerprints(&capture);
    assert!(shown.iter().all(|hash| theirs.iter().any(|other| other == hash)), "{shown:?}\n{theirs:?}");
    // The same packets in another order, with each one twice.
    let mut mixed: Vec<Vec<u8>> = packets.chunks(5).flat_map(|five| five.iter().rev().cloned()).collect();
    mixed.extend(packets);
    let capture = recording.capture(&mixed);
    assert!(recording.decoded(&capture) == ours, "the mixed capture has other data");
    // The third connection updates its keys.
    run(&mut cairn(&["decode", &capture, "--keylog", &recording.key_log, "--flow", "3"]))
        .expect_code(0)
        .expect_words(&["═ KeyUpdate ═", "TLS_AES_256_GCM_SHA384"]);
}

#[test]
fn server_shows_the_fingerprints_of_its_client() {
    let pki = Pki::new();
    let mut recording = Recording::new();
    let mut server = Serve::start(&pki, Kind::P256, &["--http", "--once", "1"]);
    let recorder = Recorder::start(&server.address, 1);
    let mut command = cairn(&["connect", &recorder.address, "--ca", &pki.ca, "--name", "localhost", "-q"]);
    let page = run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n").expect_code(0).out();
    recording.connections = recorder.finish();
    let capture = recording.capture(&packets(&recording.connections));
    let shown = run(&mut cairn(&["decode", &capture])).expect_code(0).out();
    let value = |text: &str, name: &str| {
        let words = text.split_ascii_whitespace().skip_while(|word| *word != name);
        words.take(2).last().unwrap().trim_end_matches([',', ')']).to_owned()
    };
    server.wait_for_text("(JA4 t13d");
    let log = server.finish().expect_code(0).err().replace('(', " ");
    for name in ["JA4", "JA3"] {
        let expected = value(&shown, name);
        assert_eq!(value(&page, name), expected, "{page}");
        assert_eq!(value(&log, name), expected, "{log}");
    }
    assert!(value(&shown, "JA4").starts_with("t13d"), "{shown}");
}

#[test]
fn json_has_flows_facts_fingerprints_and_lengths() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.pcap");
    const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.keys");
    let parsed = |command: &mut Command| -> serde_json::Value {
        serde_json::from_slice(&run(command).expect_code(0).stdout).unwrap()
    };
    let document = parsed(&mut cairn(&["decode", FILE, "--keylog", KEYS, "--json"]));
    let flows = document["flows"].as_array().unwrap();
    assert_eq!((flows.len(), &document["error"]), (3, &serde_json::Value::Null));
    let early = &flows[0];
    assert_eq!(early["version"], "TLS 1.3");
    assert_eq!(early["suite"], "TLS_AES_128_GCM_SHA256");
    assert_eq!(early["server_name"], "localhost");
    assert_eq!(early["accepts_early_data"], true);
    assert_eq!(early["data_bytes"]["client"], 18);
    assert_eq!(
        (&early["close_notify"]["client"], &early["close_notify"]["server"]),
        (&true.into(), &true.into())
    );
    assert_eq!(early["fingerprints"]["ja3s_text"], "771,4865,43-51-41");
    assert!(early["fingerprints"]["ja4"].as_str().unwrap().starts_with("t13d0"));
    assert_eq!(flows[1]["encrypt_then_mac"], true);
    assert_eq!(flows[1]["certificates"]["server"][0]["subject"], "CN=Test server");
    assert_eq!(flows[1]["messages"][0]["name"], "ClientHello");
    assert_eq!(flows[2]["closed_records"]["server"], 0);
    let document = parsed(&mut cairn(&["decode", FILE, "--json", "--flow", "2"]));
    let flow = &document["flows"][0];
    assert_eq!((&flow["number"], &flow["missing_secrets"][0]), (&2.into(), &"CLIENT_RANDOM".into()));
    assert_eq!(flow["data_bytes"]["client"], 0);
    assert_eq!(flow["close_notify"]["client"], false);

    let pki = Pki::new();
    let document = parsed(&mut cairn(&["decode", "--json", &pki.server(Kind::P256).cert]));
    assert_eq!(document["items"][0]["certificate"]["dns_names"][0], "localhost");
    // A ServerHelloDone and a Finished.
    let file = pki.folder.write("messages", [14, 0, 0, 0, 20, 0, 0, 1, 7]);
    let document = parsed(&mut cairn(&["decode", "--json", &file]));
    assert_eq!(document["messages"][1]["name"], "Finished");
    assert_eq!(document["messages"][1]["body"], "07");
}

#[test]
fn options_for_captures_are_checked() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.pcap");
    let decode = |options: &[&str]| run(cairn(&["decode", FILE]).args(options));
    decode(&["--flow", "4"]).expect_code(1).expect_words(&["there is no flow 4; the capture has 3"]);
    decode(&["--follow", "1:both"]).expect_code(2).expect_words(&["client and server"]);
    decode(&["--follow", "2"]).expect_code(1).expect_words(&["8 records not opened", "CLIENT_RANDOM"]);
    decode(&["--keylog", "/no/such/file"]).expect_code(1).expect_words(&["/no/such/file"]);
    decode(&["--summary"]).expect_code(0).expect_words(&["Flow 3: ", ", TLS_AES_128_GCM_SHA256, JA4 t13i"]);
    let folder = Folder::new();
    let hello = folder.write("done", [14, 0, 0, 0]);
    run(&mut cairn(&["decode", &hello, "--flow", "1"]))
        .expect_code(1)
        .expect_words(&["needs a capture file"]);
    let log = folder.write("log", "CLIENT_RANDOM 00\n");
    decode(&["--keylog", &log]).expect_code(0).expect_words(&["line 1 of the key log has not the form"]);
    // A cut file shows its beginning.
    let cut = folder.write("cut", &fs::read(FILE).unwrap()[..3000]);
    run(&mut cairn(&["decode", &cut])).expect_code(7).expect_words(&["Flow 1: ", "cut off after packet 5"]);
    run(&mut cairn(&["decode", &cut, "--flow", "2"]))
        .expect_code(1)
        .expect_words(&["there is no flow 2; the capture has 1", "cut off after packet 5"]);
}

/// The places of the packets in a capture file, each with its header.
fn places(file: &[u8]) -> Vec<Range<usize>> {
    let (mut at, mut packets) = (24, Vec::new());
    while let Some(length) = file.get(at + 8..at + 12) {
        let end = at + 16 + usize::try_from(u32::from_le_bytes(length.try_into().unwrap())).unwrap();
        packets.push(at..end);
        at = end;
    }
    packets
}

#[test]
fn data_of_a_connection_that_goes_on_after_the_capture_is_written_with_a_warning() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.pcap");
    const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.keys");
    let folder = Folder::new();
    let whole = fs::read(FILE).unwrap();
    // The last five packets are the alerts of the last connection, and the end of TCP.
    let packets = places(&whole);
    let end = packets[packets.len() - 5].start;
    let file = folder.write("early.pcap", &whole[..end]);
    let decode = |options: &[&str]| run(cairn(&["decode", &file, "--keylog", KEYS]).args(options));
    let done = decode(&["--follow", "3:server"]).expect_code(0);
    assert_eq!(done.out(), "hello\nworld\n");
    let words = "flow 3: the capture ends before the server closes the connection: more data may follow";
    assert_eq!(done.err(), format!("cairn: warning: {words}\n"));
    assert_eq!(decode(&["--follow", "2"]).expect_code(0).err(), "");
    decode(&["--summary"]).expect_code(0).expect_words(&["the capture ends before either side closes"]);
}

#[test]
fn data_with_gaps_is_written_and_reported() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.pcap");
    const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.keys");
    let folder = Folder::new();
    // The packets of the file, without one that has application data of the last connection.
    let whole = fs::read(FILE).unwrap();
    let packets = places(&whole);
    let gap = packets
        .iter()
        .rposition(|packet| whole[packet.clone()].windows(5).any(|bytes| bytes == [23, 3, 3, 0, 23]));
    let gap = packets[gap.unwrap()].clone();
    let file = folder.write("gap.pcap", [&whole[..gap.start], &whole[gap.end..]].concat());
    let data = folder.file("data");
    run(&mut cairn(&["decode", &file, "--keylog", KEYS, "--summary", "--data", &data]))
        .expect_code(1)
        .expect_words(&["flow 3: bytes are missing in 1 place", "are not in the capture"]);
    assert_eq!(fs::read(folder.file("data/flow-2-server.bin")).unwrap(), b"hello\nworld\n");
    let run_follow = |value| run(&mut cairn(&["decode", &file, "--keylog", KEYS, "--follow", value]));
    run_follow("2").expect_code(0);
    run_follow("3").expect_code(1).expect_words(&["flow 3: bytes are missing in 1 place"]);
    let document = run(&mut cairn(&["decode", &file, "--keylog", KEYS, "--json"])).expect_code(0);
    let document: serde_json::Value = serde_json::from_slice(&document.stdout).unwrap();
    let places = &document["flows"][2]["incomplete_places"];
    assert_eq!(places["client"].as_u64().unwrap() + places["server"].as_u64().unwrap(), 1);
}

#[cfg(unix)]
#[test]
fn files_of_data_are_private_and_overwrite_nothing() {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.pcap");
    const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.keys");
    let folder = Folder::new();
    let (data, first) = (folder.file("data"), folder.file("data/flow-1-client.bin"));
    let decode = |options: &[&str]| run(cairn(&["decode", FILE, "--summary", "--data", &data]).args(options));
    decode(&["--keylog", KEYS]).expect_code(0);
    let is_written = || fs::read(&first).unwrap().starts_with(b"GET / ");
    assert!(is_written());
    assert_eq!(fs::metadata(&first).unwrap().mode() & 0o777, 0o600);
    decode(&["--keylog", KEYS]).expect_code(1).expect_words(&["the file exists", "--force overwrites"]);
    let other = folder.write("other", "kept");
    fs::remove_file(&first).unwrap();
    symlink(&other, &first).unwrap();
    decode(&["--keylog", KEYS]).expect_code(1).expect_words(&["the file exists"]);
    decode(&["--keylog", KEYS, "--force"]).expect_code(0);
    assert!(is_written() && !fs::symlink_metadata(&first).unwrap().is_symlink());
    assert_eq!(fs::read(&other).unwrap(), b"kept");
    // No secrets, no files.
    fs::remove_dir_all(&data).unwrap();
    decode(&[]).expect_code(1).expect_words(&["the data of 3 flows is not complete", "8 records not opened"]);
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
    run(&mut cairn(&["decode", FILE, "--force"])).expect_code(2).expect_words(&["--data"]);
}

#[cfg(unix)]
#[test]
fn endless_inputs_are_refused() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/small.pcap");
    run(&mut cairn(&["decode", "/dev/zero"]))
        .expect_code(1)
        .expect_words(&["/dev/zero: there are more than 64 MiB", "may have 4 GiB"]);
    run(&mut cairn(&["decode", FILE, "--keylog", "/dev/zero"]))
        .expect_code(1)
        .expect_words(&["more than 64 MiB"]);
}
