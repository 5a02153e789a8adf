//! Runs `tshark` on a recording.

use crate::capture::{CLIENT, SERVER_PORT, pcap};
use crate::recording::Recording;
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

const NEW_SESSION_TICKET: u8 = 4;

/// `tshark`'s view of a connection.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The types of the handshake messages in order, without NewSessionTicket.
    pub(crate) handshake_types: Vec<u8>,
    /// The descriptions of the alerts.
    pub(crate) alerts: Vec<u8>,
    /// The decrypted application data.
    pub(crate) client_data: Vec<u8>,
    pub(crate) server_data: Vec<u8>,
}

/// Whether `tshark` is installed. If not, reports that, or fails if peers are required.
pub(crate) fn installed() -> bool {
    let version = Command::new("tshark").arg("--version").stdin(Stdio::null()).output();
    let there = version.is_ok_and(|done| done.status.success());
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    fs::create_dir_all(&folder).unwrap();
    let note = folder.join(format!("{}--{}", env!("CARGO_PKG_NAME"), test.replace("::", "--")));
    if there {
        let _there_was_none = fs::remove_file(note);
    } else {
        assert!(
            env::var_os("CAIRN_REQUIRE_PEERS").is_none_or(|value| value != "1"),
            "there is no tshark, and CAIRN_REQUIRE_PEERS=1 says that there must be"
        );
        fs::write(note, "there is no tshark").unwrap();
        // Not with a macro: the test harness captures its output.
        let loud = format!("\n*** NOT TESTED: there is no tshark, so {test} tests nothing ***\n\n");
        let _ = std::io::stderr().write_all(loud.as_bytes());
    }
    there
}

/// Opens a recording with this key log.
pub(crate) fn open(recording: &Recording, key_log: &str, name: &str) -> Opened {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("keylog");
    let file = |ending: &str| folder.join(format!("{name}-{}{ending}", std::process::id()));
    let (capture, keys) = (file(".pcap"), file(".keys"));
    fs::write(&capture, pcap(&recording.segments)).unwrap();
    fs::write(&keys, key_log).unwrap();
    let output = Command::new("tshark")
        .arg("-r")
        .arg(&capture)
        .args(["-o", &format!("tls.keylog_file:{}", keys.display())])
        .args(["-d", &format!("tcp.port=={SERVER_PORT},tls")])
        .args(["-T", "fields", "-E", "separator=;", "-E", "aggregator=,"])
        .args(["-e", "tls.handshake.type", "-e", "tls.alert_message.desc"])
        .args(["-z", "follow,tls,raw,0"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "tshark: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    fs::remove_file(capture).unwrap();
    fs::remove_file(keys).unwrap();
    // A line for each packet, then the stream after a line of equals signs.
    let (packets, stream) = text.split_once('=').unwrap();
    let (client_data, server_data) = followed(stream);
    let handshake_types = numbers(packets, 0).filter(|number| *number != NEW_SESSION_TICKET).collect();
    Opened { handshake_types, alerts: numbers(packets, 1).collect(), client_data, server_data }
}

/// The numbers in a column, several in a cell.
fn numbers(packets: &str, column: usize) -> impl Iterator<Item = u8> {
    let cells = packets.lines().filter_map(move |line| line.split(';').nth(column));
    cells
        .flat_map(|cell| cell.split(','))
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().unwrap())
}

/// Parses the data of a followed stream, of client and server: lines of hexadecimal digits, those of the
/// second node after a tab.
fn followed(text: &str) -> (Vec<u8>, Vec<u8>) {
    let client_is_first =
        text.contains(&format!("Node 0: {}:", CLIENT.map(|byte| byte.to_string()).join(".")));
    let mut data = (Vec::new(), Vec::new());
    let lines = text.lines().skip_while(|line| !line.starts_with("Node 1:")).skip(1);
    for line in lines.take_while(|line| !line.starts_with('=')) {
        let (is_first, digits) = match line.strip_prefix('\t') {
            Some(digits) => (false, digits),
            None => (true, line),
        };
        let bytes = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap());
        if is_first == client_is_first { data.0.extend(bytes) } else { data.1.extend(bytes) }
    }
    data
}

#[test]
fn followed_stream_is_parsed() {
    let (client, server) = ("192.0.2.1:50000", "192.0.2.2:443");
    let text = |first, second| format!("===\nNode 0: {first}\nNode 1: {second}\n0102\n\t03\n04\n===\n");
    assert_eq!(followed(&text(client, server)), (vec![1, 2, 4], vec![3]));
    assert_eq!(followed(&text(server, client)), (vec![3], vec![1, 2, 4]));
}
