//! Authentication of the client after the handshake of TLS 1.3 (RFC 9846 section 4.7.2): `--ask-later`, and
//! `--cert` of a client whose server asks later.

use crate::{
    connect_openssl::SServer,
    support::{Finished, Kind, Peer, Pki, Serve, cairn, installed, run_with_input},
};
use std::process::Command;

const GET: &str = "GET / HTTP/1.0\r\n\r\n";

const TLS_1_3: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

fn asking(pki: &Pki, arguments: &[&str]) -> Serve {
    let mut all = vec!["--http", "--tls", "1.3", "--ask-later", "--client-ca", &pki.ca];
    all.extend(arguments);
    Serve::start(pki, Kind::P256, &all)
}

fn connect(server: &Serve, pki: &Pki, arguments: &[&str]) -> Finished {
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    run_with_input(command.args(["--tls", "1.3"]).args(arguments), GET.as_bytes())
}

/// gnutls-cli with its input open: at the end of its input it closes the connection, even if it has not
/// answered a request.
fn gnutls_client(server: &Serve, pki: &Pki, arguments: &[&str]) -> Peer {
    let mut command = Command::new("gnutls-cli");
    command.args(["--port", &server.port.to_string(), "--x509cafile", &pki.ca, "--priority", TLS_1_3]);
    command.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost"]).args(arguments);
    let mut client = Peer::start(command.arg("127.0.0.1"));
    client.write(GET.as_bytes());
    client
}

#[test]
fn serve_asks_for_a_certificate_when_data_has_come() {
    let pki = Pki::new();
    let files = pki.client(Kind::P256);
    let cert = ["--cert", &files.cert, "--key", &files.key];
    let mut server = asking(&pki, &[]);
    let done = connect(&server, &pki, &cert).expect_code(0).expect_words(&["client         CN="]);
    assert!(done.err().contains("asked for a certificate after the handshake: presented"), "{}", done.err());
    server.wait_for_text(", authenticated later: GET / 200 OK");
    // A client without a certificate does not permit a request.
    connect(&server, &pki, &[]).expect_code(0);
    server.wait_for_text(", permits no later request: GET / 200 OK");
    let mut server = asking(&pki, &["--require-client-cert"]);
    connect(&server, &pki, &cert).expect_code(0);
    let done = connect(&server, &pki, &[]);
    assert_eq!(done.out(), "", "it is not served");
    server.wait_for_text("permits no request after the handshake, and a certificate of it is required");
}

#[test]
fn ask_later_needs_tls_13() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let mut command = cairn(&["serve", "--cert", &files.cert, "--key", &files.key, "--client-ca", &pki.ca]);
    let done = run_with_input(command.args(["--ask-later", "--tls", "1.2"]), b"").expect_code(1);
    assert!(done.err().contains("--ask-later needs --tls 1.3 or --tls both"), "{}", done.err());
}

#[test]
fn clients_of_other_stacks_answer_a_request_after_the_handshake() {
    let pki = Pki::new();
    let files = pki.client(Kind::P256);
    let shown = ["client         CN=", "request        GET /"];
    if installed("openssl") {
        let mut server = asking(&pki, &["--require-client-cert"]);
        let mut client = Command::new("openssl");
        client.args(["s_client", "-connect", &server.address, "-tls1_3", "-CAfile", &pki.ca, "-ign_eof"]);
        client.args(["-enable_pha", "-cert", &files.cert, "-key", &files.key]);
        run_with_input(&mut client, GET.as_bytes()).expect_words(&shown);
        server.wait_for_text(", authenticated later: GET / 200 OK");
        let mut client = Command::new("openssl");
        client.args(["s_client", "-connect", &server.address, "-tls1_3", "-CAfile", &pki.ca, "-ign_eof"]);
        run_with_input(client.arg("-enable_pha"), GET.as_bytes());
        server.wait_for_text("alert sent: certificate_required");
    }
    if installed("gnutls-cli") {
        let mut server = asking(&pki, &[]);
        let cert = ["--x509certfile", &files.cert, "--x509keyfile", &files.key, "--post-handshake-auth"];
        let client = gnutls_client(&server, &pki, &cert);
        server.wait_for_text(", authenticated later: GET / 200 OK");
        client.finish().expect_words(&shown);
        let client = gnutls_client(&server, &pki, &["--post-handshake-auth"]);
        server.wait_for_text(", not authenticated later: GET / 200 OK");
        client.finish();
    }
}

#[test]
fn connect_answers_a_server_that_asks_after_the_handshake() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let files = pki.client(Kind::P256);
    let mut server = SServer::with(&pki.server(Kind::P256), &["-tls1_3", "-CAfile", &pki.ca]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    command.args(["--tls", "1.3", "--cert", &files.cert, "--key", &files.key]);
    let mut client = Peer::start(&mut command);
    client.write(b"hello\n");
    server.wait_for_text("hello\n");
    server.write(b"c\n");
    // Text sent immediately would be read as part of the command.
    server.wait_for_text("depth=0");
    server.write(b"a line of the server\n");
    client.wait_for_text("a line of the server");
    client.wait_for_text("asked for a certificate after the handshake: presented");
    client.write(b"and one of the client\n");
    server.wait_for_text("and one of the client\n");
    server.kill();
    client.kill();
}
