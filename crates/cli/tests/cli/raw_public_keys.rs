//! Raw public keys in place of certificates, with GnuTLS on the other side.

use crate::support::{Kind, Peer, Pki, Serve, cairn, free_port, installed, retry, run, run_with_input};
use cairn_tls::x509::{CertificateFacts, pem};
use std::process::Command;

const TLS_1_2: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
/// Raw public keys in both directions, and no certificates.
const RAW_ONLY: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK";
const GET: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A private key and its public half, in files.
struct Keys {
    private: String,
    public: String,
}

fn keys(pki: &Pki, name: &str, files: &crate::support::Files) -> Keys {
    let certificate = &pem::certificates(&std::fs::read(&files.cert).unwrap()).unwrap()[0];
    let spki = CertificateFacts::from_der(certificate).unwrap().spki;
    let public = pki.folder.write(&format!("{name}.pub"), pem::encode_public_key(&spki));
    Keys { private: files.key.clone(), public }
}

fn serve(arguments: &[&str]) -> Serve {
    Serve::with(&[], arguments)
}

#[test]
fn serve_and_gnutls_authenticate_with_raw_public_keys() {
    if !installed("gnutls-cli") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa, Kind::Ed25519] {
        let (ours, theirs) =
            (keys(&pki, "server", &pki.server(kind)), keys(&pki, "client", &pki.client(kind)));
        let trust = ["--trust-key", &theirs.public, "--require-client-cert"];
        let mut server = serve(&[&["--http", "--raw-key", &ours.private][..], &trust].concat());
        let port = server.port.to_string();
        let gnutls_cli = |priority: &str, pair: &Keys| {
            let mut command = Command::new("gnutls-cli");
            command.args(["--port", &port, "--priority", priority, "--insecure"]);
            command.args(["--rawpkkeyfile", &pair.private, "--rawpkfile", &pair.public, "127.0.0.1"]);
            run_with_input(&mut command, GET)
        };
        gnutls_cli(RAW_ONLY, &theirs).expect_code(0).expect_words(&[
            "Certificate type: Raw Public Key",
            "client         raw public key",
            "200 OK",
        ]);
        // Another key, and a client that accepts certificates only.
        gnutls_cli(RAW_ONLY, &ours).expect_code(1);
        gnutls_cli(TLS_1_2, &theirs).expect_code(1);
        server.wait_for_text("certificate_unknown");
        server.wait_for_text("unsupported_certificate");
    }
}

#[test]
fn connect_and_gnutls_authenticate_with_raw_public_keys() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa, Kind::Ed25519] {
        let (theirs, ours) =
            (keys(&pki, "server", &pki.server(kind)), keys(&pki, "client", &pki.client(kind)));
        let (_server, address) = retry(|| {
            let port = free_port();
            let mut command = Command::new("gnutls-serv");
            command.args(["--port", &port.to_string(), "--priority", RAW_ONLY, "--http", "--noticket"]);
            command.args(["--rawpkkeyfile", &theirs.private, "--rawpkfile", &theirs.public]);
            let mut peer = Peer::start(command.arg("--require-client-cert"));
            peer.try_wait_for(|text| text.contains("done\n").then_some(()))?;
            Some((peer, format!("127.0.0.1:{port}")))
        });
        let connect = |trusted: &str| {
            let mut command =
                cairn(&["connect", &address, "--trust-key", trusted, "--raw-key", &ours.private]);
            run_with_input(&mut command, GET)
        };
        let done = connect(&theirs.public).expect_code(0);
        assert!(done.out().contains("HTTP/1.0 200 OK"), "{}", done.all());
        done.expect_words(&["server         raw public key", "client signed"]);
        connect(&ours.public)
            .expect_code(5)
            .expect_words(&["not one of those that are trusted", "--trust-key"]);
    }
}

#[test]
fn sessions_with_raw_public_keys_are_resumed() {
    let pki = Pki::new();
    let (ours, theirs) =
        (keys(&pki, "server", &pki.server(Kind::P256)), keys(&pki, "client", &pki.client(Kind::P256)));
    for more in [&[][..], &["--tickets"]] {
        let arguments = ["--http", "--raw-key", &ours.private, "--trust-key", &theirs.public];
        let server = serve(&[&arguments[..], more].concat());
        let mut command =
            cairn(&["connect", &server.address, "--trust-key", &ours.public, "--reconnect", "2"]);
        let done = run(command.args(["--raw-key", &theirs.private])).expect_code(0);
        assert_eq!(done.out().matches("resumed\n").count(), 2, "{}", done.all());
        done.expect_words(&["raw public key"]);
    }
}

#[test]
fn server_sends_the_certificate_type_that_the_client_accepts() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let ours = keys(&pki, "server", &files);
    let server = Serve::with(&[files], &["--http", "--raw-key", &ours.private]);
    let connect = |trust: &[&str]| {
        run(cairn(&["connect", &server.address, "--name", "localhost", "--wait", "0"]).args(trust))
            .expect_code(0)
    };
    connect(&["--ca", &pki.ca]).expect_words(&["server         CN=Test server"]);
    connect(&["--trust-key", &ours.public]).expect_words(&["server         raw public key"]);

    let bare = serve(&["--http", "--raw-key", &ours.private]);
    run(&mut cairn(&["connect", &bare.address, "--ca", &pki.ca]))
        .expect_code(4)
        .expect_words(&["unsupported_certificate"]);
}
