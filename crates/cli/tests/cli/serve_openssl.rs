//! `openssl s_client` and `cairn serve`.

use crate::support::{
    Finished, GROUPS, KINDS, Kind, Peer, Pki, SUITES, Serve, for_every_combination, installed, run,
    run_with_input,
};
use cairn_tls::x509::issue::Template;
use std::process::Command;

pub(crate) fn s_client(server: &Serve, pki: &Pki) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address, "-tls1_2", "-CAfile", &pki.ca]);
    command.args(["-servername", "localhost", "-verify_hostname", "localhost", "-verify_return_error"]);
    command
}

/// Fetches the page of `--http`.
pub(crate) fn get(server: &Serve, pki: &Pki, arguments: &[&str]) -> Finished {
    let mut command = s_client(server, pki);
    run_with_input(command.arg("-ign_eof").args(arguments), b"GET / HTTP/1.0\r\n\r\n")
}

#[test]
fn every_suite_group_and_kind_of_key_interoperates() {
    if !installed("openssl") {
        return;
    }
    for_every_combination(|server, pki, suite, group| {
        get(server, pki, &["-cipher", suite.openssl]).expect_code(0).expect_words(&[
            "HTTP/1.1 200 OK",
            &format!("cipher suite   {}", suite.iana),
            &format!("group          {}", group.iana),
            "server name    localhost",
            "Verify return code: 0 (ok)",
        ]);
    });
}

#[test]
fn every_parameter_that_serve_insists_on_is_negotiated() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    // One server with both kinds of keys: the suite decides which certificate is sent.
    let both = [pki.server(Kind::Rsa), pki.server(Kind::P256)];
    for (number, suite) in SUITES.iter().enumerate() {
        let group = GROUPS[number % GROUPS.len()];
        let server = Serve::with(&both, &["--http", "--suites", suite.iana, "--groups", group.iana]);
        get(&server, &pki, &[]).expect_code(0).expect_words(&[suite.iana, group.iana]);
    }
}

#[test]
fn session_is_resumed_five_times() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa, Kind::Ed25519] {
        let server = Serve::start(&pki, kind, &["--http"]);
        let done = run(s_client(&server, &pki).args(["-reconnect", "-no_ticket"])).expect_code(0);
        assert_eq!(done.out().matches("\nNew, TLSv1.2").count(), 1, "{}", done.out());
        assert_eq!(done.out().matches("\nReused, TLSv1.2").count(), 5, "{}", done.out());
        // Clients that accept tickets get a session ID, unless tickets are enabled.
        let done = run(s_client(&server, &pki).arg("-reconnect")).expect_code(0);
        assert_eq!(done.out().matches("\nReused, TLSv1.2").count(), 5, "{}", done.out());
    }
    let server = Serve::start(&pki, Kind::P256, &["--http", "--tickets"]);
    let done =
        run(s_client(&server, &pki).arg("-reconnect")).expect_code(0).expect_words(&["TLS session ticket:"]);
    assert_eq!(done.out().matches("\nReused, TLSv1.2").count(), 5, "{}", done.out());
    let server = Serve::start(&pki, Kind::P256, &["--http", "--no-resumption"]);
    let done = run(s_client(&server, &pki).args(["-reconnect", "-no_ticket"])).expect_code(0);
    assert_eq!(done.out().matches("\nReused, TLSv1.2").count(), 0, "{}", done.out());
    assert_eq!(done.out().matches("\nNew, TLSv1.2").count(), 6, "{}", done.out());
}

#[test]
fn session_of_another_name_or_server_is_not_resumed() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let session = pki.folder.file("session.pem");
    let first = Serve::start(&pki, Kind::P256, &["--http"]);
    get(&first, &pki, &["-sess_out", &session]).expect_code(0);
    get(&first, &pki, &["-sess_in", &session])
        .expect_code(0)
        .expect_words(&["Reused, TLSv1.2", "resumed        yes"]);
    // The same session for another name: RFC 6066 section 3 forbids resuming it.
    let mut command = Command::new("openssl");
    command.args([
        "s_client",
        "-connect",
        &first.address,
        "-tls1_2",
        "-ign_eof",
        "-servername",
        "other.example",
    ]);
    run_with_input(command.args(["-sess_in", &session]), b"GET / HTTP/1.0\r\n\r\n")
        .expect_words(&["New, TLSv1.2", "resumed        no"]);
    drop(first);
    let second = Serve::start(&pki, Kind::P256, &["--http"]);
    get(&second, &pki, &["-sess_in", &session])
        .expect_code(0)
        .expect_words(&["New, TLSv1.2", "resumed        no"]);
}

#[test]
fn client_authenticates_with_every_kind_of_key() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for server_kind in [Kind::P256, Kind::Rsa] {
        let arguments = ["--http", "--client-ca", &pki.ca, "--require-client-cert"];
        let server = Serve::start(&pki, server_kind, &arguments);
        for kind in KINDS {
            let files = pki.client(kind);
            let proof = ["-cert", &files.cert, "-key", &files.key];
            get(&server, &pki, &proof).expect_code(0).expect_words(&[
                "client signed",
                "CN=Test client",
                "Acceptable client certificate CA names",
            ]);
            // A resumed session keeps the client's identity.
            let session = pki.folder.file("session.pem");
            get(&server, &pki, &[&proof[..], &["-sess_out", &session]].concat()).expect_code(0);
            get(&server, &pki, &["-sess_in", &session])
                .expect_code(0)
                .expect_words(&["resumed        yes", "CN=Test client"]);
        }
    }
    // Requested but not required.
    let server = Serve::start(&pki, Kind::P256, &["--http", "--client-ca", &pki.ca]);
    get(&server, &pki, &[]).expect_code(0).expect_words(&["sent no certificate"]);
}

#[test]
fn application_protocol_is_negotiated() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--http", "--alpn", "http/1.1,echo"]);
    get(&server, &pki, &["-alpn", "h2,echo,http/1.1"])
        .expect_code(0)
        .expect_words(&["ALPN protocol: http/1.1", "protocol       http/1.1"]);
    get(&server, &pki, &[]).expect_code(0).expect_words(&["No ALPN negotiated"]);
    let server = Serve::start(&pki, Kind::P256, &["--http"]);
    get(&server, &pki, &["-alpn", "h2"]).expect_code(0).expect_words(&["No ALPN negotiated"]);
}

#[test]
fn client_of_both_versions_negotiates_the_highest_that_the_server_speaks() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for (versions, negotiated) in [(&["--tls", "1.2"][..], "TLSv1.2"), (&[], "TLSv1.3")] {
        let server = Serve::start(&pki, Kind::P256, &[versions, &["--http"]].concat());
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &server.address, "-CAfile", &pki.ca, "-ign_eof"]);
        run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&["HTTP/1.1 200 OK", negotiated]);
    }
}

#[test]
fn serve_refuses_renegotiation_by_default() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--http"]);
    let mut client = Peer::start(&mut s_client(&server, &pki));
    client.wait_for_text("Verify return code: 0 (ok)");
    client.write(b"R\n");
    // OpenSSL treats the warning as the end, and our side sees only a client that disconnected.
    client.wait_for_text("no renegotiation");
    client.finish();
}

#[test]
fn trace_shows_both_directions() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--http", "--once", "1", "--trace"]);
    get(&server, &pki, &[]).expect_code(0);
    server.finish().expect_code(0).expect_words(&[
        "<- ClientHello",
        "-> ServerHello",
        "-> ServerHelloDone",
        "<- Finished",
        "-> Finished",
        "<- ApplicationData",
    ]);
}

#[test]
fn trailing_dot_in_server_name_is_ignored() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let other = pki.stranger(&Template::server("x").dns("other.example"));
    let server = Serve::with(&[other, pki.server(Kind::P256)], &["--http"]);
    for name in ["localhost", "localhost.", "LOCALHOST."] {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &server.address, "-tls1_2", "-CAfile", &pki.ca, "-ign_eof"]);
        command.args(["-servername", name, "-verify_hostname", "localhost", "-verify_return_error"]);
        run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n").expect_code(0).expect_words(&["200 OK"]);
    }
}
