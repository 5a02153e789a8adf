//! `cairn connect` and `openssl s_server`.

use crate::support::{
    Files, Finished, GROUPS, KINDS, Kind, Peer, Pki, SUITES, cairn, installed, run, run_with_input,
};
use std::{fs, path::Path, process::Command};

/// `openssl s_server` on a free port.
#[derive(Debug)]
pub(crate) struct SServer {
    peer: Peer,
    pub(crate) address: String,
}

impl SServer {
    /// Starts it with a certificate of this kind, TLS 1.2 and session IDs only.
    pub(crate) fn start(pki: &Pki, kind: Kind, arguments: &[&str]) -> Self {
        let mut all = vec!["-tls1_2", "-no_ticket"];
        all.extend(arguments);
        Self::with(&pki.server(kind), &all)
    }

    /// Starts it with this certificate.
    pub(crate) fn with(files: &Files, arguments: &[&str]) -> Self {
        Self::run(s_server(files).args(arguments))
    }

    /// Like `start`; with `-HTTP` it serves the files of this folder.
    pub(crate) fn in_folder(pki: &Pki, kind: Kind, arguments: &[&str], folder: &Path) -> Self {
        Self::run(
            s_server(&pki.server(kind)).args(["-tls1_2", "-no_ticket"]).args(arguments).current_dir(folder),
        )
    }

    fn run(command: &mut Command) -> Self {
        let mut peer = Peer::start(command);
        let address = peer.wait_for("an address", |text| {
            let (_, after) = text.split_once("ACCEPT ")?;
            Some(after.split_once('\n')?.0.to_owned())
        });
        Self { peer, address }
    }

    pub(crate) fn wait_for_text(&mut self, wanted: &str) {
        self.peer.wait_for_text(wanted);
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.peer.write(bytes);
    }

    pub(crate) fn kill(self) {
        self.peer.kill();
    }

    /// Waits until it exits, if `-naccept` is given.
    pub(crate) fn finish(self) -> Finished {
        self.peer.finish()
    }
}

fn s_server(files: &Files) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-cert", &files.cert, "-key", &files.key]);
    command
}

const GET: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// Fetches the page of `-www`.
fn get(server: &SServer, pki: &Pki, arguments: &[&str]) -> Finished {
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    run_with_input(command.args(arguments), GET)
}

#[test]
fn every_suite_group_and_kind_of_key_interoperates() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let mut combinations = 0;
    for kind in KINDS {
        let server = SServer::start(&pki, kind, &["-www"]);
        for suite in SUITES.iter().filter(|suite| suite.fits(kind)) {
            for group in GROUPS {
                let groups = match kind.curve() {
                    Some(curve) if curve != group.iana => format!("{},{curve}", group.iana),
                    _ => group.iana.to_owned(),
                };
                let done = get(&server, &pki, &["--suites", suite.iana, "--groups", &groups]);
                let done = done.expect_code(0);
                assert!(done.out().contains("HTTP/1.0 200 ok"), "{}", done.all());
                assert!(done.out().contains(suite.openssl), "{}", done.all());
                done.expect_words(&[suite.iana, &format!("group          {}", group.iana), "CN=Test server"]);
                combinations += 1;
            }
        }
    }
    assert_eq!(combinations, 60);
}

#[test]
fn every_parameter_that_a_server_insists_on_is_negotiated() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for (number, suite) in SUITES.iter().enumerate() {
        let group = GROUPS[number % GROUPS.len()];
        let kind = if suite.fits(Kind::Rsa) { Kind::Rsa } else { Kind::P384 };
        let arguments = ["-www", "-cipher", suite.openssl, "-groups", group.openssl];
        let server = SServer::start(&pki, kind, &arguments);
        get(&server, &pki, &[]).expect_code(0).expect_words(&[suite.iana, group.iana]);
    }
}

#[test]
fn session_is_resumed_five_times() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for (kind, arguments) in [(Kind::P256, &["-www"][..]), (Kind::Rsa, &[]), (Kind::Ed25519, &[])] {
        let server = SServer::start(&pki, kind, arguments);
        let done = run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--reconnect", "5"]))
            .expect_code(0);
        let expected: String = (1..=5).map(|number| format!("reconnect {number} of 5: resumed\n")).collect();
        assert_eq!(done.out(), expected);
        assert_eq!(done.err().matches("resumed, ").count(), 5, "{}", done.err());
    }
}

#[test]
fn session_is_resumed_by_ticket_if_the_server_issues_one() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::with(&pki.server(Kind::P256), &["-tls1_2", "-no_cache", "-www"]);
    let arguments = ["connect", &server.address, "--ca", &pki.ca, "--reconnect", "5", "--trace"];
    let done = run(&mut cairn(&arguments)).expect_code(0).expect_words(&["NewSessionTicket"]);
    assert_eq!(done.out().matches(": resumed\n").count(), 5, "{}", done.all());
    // A client that wants no ticket gets none, and there is nothing to resume.
    let done = run(cairn(&arguments).arg("--no-tickets")).expect_code(8);
    assert!(!done.err().contains("NewSessionTicket"), "{}", done.err());
}

#[test]
fn server_without_sessions_is_reported_as_not_resumed() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::start(&pki, Kind::P256, &["-www", "-no_cache"]);
    let done = run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--reconnect", "2", "-q"]));
    let done = done.expect_code(8).expect_words(&["0 of 2 connections were resumed"]);
    assert_eq!(done.out(), "reconnect 1 of 2: not resumed\nreconnect 2 of 2: not resumed\n");
}

#[test]
fn client_authenticates_with_every_kind_of_key() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let arguments = ["-www", "-Verify", "1", "-CAfile", &pki.ca, "-verify_return_error"];
    for server_kind in [Kind::P256, Kind::Rsa] {
        let server = SServer::start(&pki, server_kind, &arguments);
        for kind in KINDS {
            let files = pki.client(kind);
            let done = get(&server, &pki, &["--cert", &files.cert, "--key", &files.key]);
            let done = done.expect_code(0).expect_words(&["client signed"]);
            assert!(done.out().contains("Test client"), "{}", done.out());
            // A resumed session keeps the client's identity from the full handshake.
            let arguments = ["--cert", &files.cert, "--key", &files.key, "--reconnect", "2", "-q"];
            run(cairn(&["connect", &server.address, "--ca", &pki.ca]).args(arguments)).expect_code(0);
        }
    }
    // The certificate is requested but not required.
    let server = SServer::start(&pki, Kind::P256, &["-www", "-verify", "1", "-CAfile", &pki.ca]);
    get(&server, &pki, &[]).expect_code(0).expect_words(&["HTTP/1.0 200 ok"]);
}

#[test]
fn application_protocol_is_negotiated() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::start(&pki, Kind::P256, &["-www", "-alpn", "http/1.1,echo"]);
    get(&server, &pki, &["--alpn", "h2,echo,http/1.1"])
        .expect_code(0)
        .expect_words(&["protocol       http/1.1"]);
    get(&server, &pki, &["--alpn", "echo"]).expect_code(0).expect_words(&["protocol       echo"]);
    let done = get(&server, &pki, &[]).expect_code(0);
    assert!(!done.err().contains("protocol  "), "{}", done.err());
    get(&server, &pki, &["--alpn", "h2"]).expect_code(4).expect_words(&["no_application_protocol"]);
}

#[test]
fn key_log_requires_option_and_environment() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::start(&pki, Kind::P256, &["-www"]);
    let log = pki.folder.file("keys.log");
    let connect = |arguments: &[&str]| {
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca]);
        run_with_input(command.args(arguments).env("SSLKEYLOGFILE", &log), GET).expect_code(0)
    };
    connect(&[]);
    assert!(fs::metadata(&log).is_err(), "the environment alone opts in to nothing");
    let page = connect(&["--key-log"]).out();
    let log = fs::read_to_string(&log).unwrap();
    let words: Vec<&str> = log.split_whitespace().collect();
    let [label, random, secret] = words[..] else { panic!("{log}") };
    assert_eq!((label, random.len(), secret.len()), ("CLIENT_RANDOM", 64, 96));
    assert!(page.contains(&secret.to_uppercase()), "the server has another master secret:\n{page}");
}
