//! `cairn connect` and `gnutls-serv`.

use crate::support::{
    GROUPS, KINDS, Kind, Peer, Pki, SUITES, cairn, free_port, installed, retry, run, run_with_input,
};
use std::process::Command;

pub(crate) const TLS_1_2: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2";

/// `gnutls-serv`, which cannot choose a free port itself.
pub(crate) struct GnutlsServ {
    peer: Peer,
    pub(crate) address: String,
}

impl GnutlsServ {
    pub(crate) fn start(pki: &Pki, kind: Kind, priority: &str, arguments: &[&str]) -> Self {
        let files = pki.server(kind);
        retry(|| {
            let port = free_port();
            let mut command = Command::new("gnutls-serv");
            command.args(["--port", &port.to_string(), "--noticket", "--priority", priority]);
            command.args(["--x509certfile", &files.cert, "--x509keyfile", &files.key]);
            let mut peer = Peer::start(command.args(arguments));
            peer.try_wait_for(|text| text.contains("done\n").then_some(()))?;
            Some(Self { peer, address: format!("127.0.0.1:{port}") })
        })
    }
}

#[test]
fn every_suite_group_and_kind_of_key_interoperates() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    let mut combinations = 0;
    for kind in KINDS {
        let server = GnutlsServ::start(&pki, kind, TLS_1_2, &["--http", "--disable-client-cert"]);
        for suite in SUITES.iter().filter(|suite| suite.fits(kind)) {
            for group in GROUPS {
                let groups = match kind.curve() {
                    Some(curve) if curve != group.iana => format!("{},{curve}", group.iana),
                    _ => group.iana.to_owned(),
                };
                let mut command =
                    cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
                command.args(["--suites", suite.iana, "--groups", &groups]);
                let done = run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n").expect_code(0);
                assert!(done.out().contains("HTTP/1.0 200 OK"), "{}", done.all());
                done.expect_words(&[suite.iana, &format!("group          {}", group.iana)]);
                combinations += 1;
            }
        }
    }
    assert_eq!(combinations, 60);
}

#[test]
fn session_is_resumed_five_times() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa] {
        let server = GnutlsServ::start(&pki, kind, TLS_1_2, &["--echo", "--disable-client-cert"]);
        let done = run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--reconnect", "5", "-q"]));
        let expected: String = (1..=5).map(|number| format!("reconnect {number} of 5: resumed\n")).collect();
        assert_eq!(done.expect_code(0).out(), expected);
    }
}

#[test]
fn client_authenticates_with_every_kind_of_key() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    let arguments = ["--echo", "--require-client-cert", "--verify-client-cert", "--x509cafile", &pki.ca];
    let server = GnutlsServ::start(&pki, Kind::P256, TLS_1_2, &arguments);
    for kind in KINDS {
        let files = pki.client(kind);
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]);
        command.args(["--cert", &files.cert, "--key", &files.key]);
        let done = run_with_input(&mut command, b"it is me\n").expect_code(0);
        assert_eq!(done.out(), "it is me\n");
        done.expect_words(&["client signed"]);
    }
    run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"])).expect_code(4);
}

#[test]
fn application_protocol_is_negotiated() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    let arguments = ["--echo", "--disable-client-cert", "--alpn", "echo"];
    let server = GnutlsServ::start(&pki, Kind::P256, TLS_1_2, &arguments);
    let mut command =
        cairn(&["connect", &server.address, "--ca", &pki.ca, "--alpn", "h2,echo", "--wait", "0"]);
    run_with_input(&mut command, b"hello\n").expect_code(0).expect_words(&["protocol       echo", "hello\n"]);
}

/// The key exchanges for which GnuTLS still has 3DES, by its names and ours.
const WITH_TRIPLE_DES: [(&str, &str); 9] = [
    ("RSA", "RSA"),
    ("DHE-RSA", "DHE_RSA"),
    ("ECDHE-RSA", "ECDHE_RSA"),
    ("ANON-DH", "DH_anon"),
    ("ANON-ECDH", "ECDH_anon"),
    ("PSK", "PSK"),
    ("DHE-PSK", "DHE_PSK"),
    ("RSA-PSK", "RSA_PSK"),
    ("ECDHE-PSK", "ECDHE_PSK"),
];

#[test]
fn triple_des_works_with_every_key_exchange() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    let keys = pki.folder.write("psk.txt", "client:00112233445566778899aabbccddeeff\n");
    let exchanges: String = WITH_TRIPLE_DES.map(|(theirs, _)| format!(":+{theirs}")).concat();
    let priority = format!("{TLS_1_2}:-CIPHER-ALL:+3DES-CBC{exchanges}");
    let more = ["--http", "--disable-client-cert", "--pskpasswd", &keys];
    let server = GnutlsServ::start(&pki, Kind::Rsa, &priority, &more);
    for (_, ours) in WITH_TRIPLE_DES {
        let suite = format!("TLS_{ours}_WITH_3DES_EDE_CBC_SHA");
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
        command.args(["--suites", &suite, "--psk", "client:00112233445566778899aabbccddeeff"]);
        let done = run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n").expect_code(0);
        assert!(done.out().contains("HTTP/1.0 200 OK"), "{}", done.all());
        done.expect_words(&[&suite]);
    }
}

/// The channel bindings in a text, as `name: hex`.
fn bindings(text: &str) -> Vec<String> {
    let names = ["tls-unique", "tls-server-end-point", "tls-exporter"];
    let found = |name: &str| {
        let line = text.lines().find(|line| line.trim_start_matches([' ', '-', '\'']).starts_with(name))?;
        Some(format!("{name}: {}", line.split_whitespace().last()?))
    };
    names.into_iter().filter_map(found).collect()
}

#[test]
fn channel_bindings_agree_with_the_peer() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::Rsa, Kind::P256] {
        let mut server = GnutlsServ::start(&pki, kind, TLS_1_2, &["--echo", "--disable-client-cert"]);
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
        command.args(["--channel-bindings", "--floor", "authenticated,forward-secrecy,112", "--wait", "0"]);
        let done = run_with_input(&mut command, b"hello\n");
        let ours = bindings(&done.err());
        assert_eq!(ours.len(), 3, "{}", done.all());
        let theirs = server.peer.wait_for("channel bindings", |text| {
            let found = bindings(text);
            (found.len() == 3).then_some(found)
        });
        assert_eq!(ours, theirs, "{}", done.all());
        done.expect_words(&["authenticated by certificate", "secrecy        forward"]);
    }
}
