//! Short records negotiated with other stacks: max_fragment_length with OpenSSL, record_size_limit with
//! GnuTLS.

use crate::{
    connect_gnutls::{GnutlsServ, TLS_1_2},
    connect_openssl::SServer,
    serve_gnutls::gnutls_cli,
    serve_openssl::get,
    support::{Kind, Pki, Serve, cairn, installed, run, run_with_input},
};

/// Longer than all of the limits.
const LONG: [u8; 10_000] = {
    let mut line = [b'x'; 10_000];
    line[9_999] = b'\n';
    line
};

/// GnuTLS with limits below 512 bytes permitted; otherwise it refuses or ignores them.
fn small_records() -> String {
    format!("{TLS_1_2}:%ALLOW_SMALL_RECORDS")
}

#[test]
fn serve_honours_max_fragment_length_of_openssl() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let session = pki.folder.file("session.pem");
    for arguments in [&["--http"][..], &["--http", "--tickets"]] {
        let server = Serve::start(&pki, Kind::Rsa, arguments);
        for length in ["512", "1024", "2048", "4096"] {
            let agreed = format!("record size    at most {length} bytes");
            get(&server, &pki, &["-maxfraglen", length, "-sess_out", &session])
                .expect_code(0)
                .expect_words(&["HTTP/1.1 200 OK", "New, TLSv1.2", &agreed]);
            // A resumed session keeps it.
            get(&server, &pki, &["-maxfraglen", length, "-sess_in", &session])
                .expect_code(0)
                .expect_words(&["HTTP/1.1 200 OK", "Reused, TLSv1.2", &agreed]);
        }
        // A client that asks for another length does not resume that session.
        get(&server, &pki, &["-maxfraglen", "512", "-sess_in", &session])
            .expect_code(0)
            .expect_words(&["New, TLSv1.2", "at most 512 bytes"]);
    }
}

#[test]
fn connect_negotiates_max_fragment_length_with_openssl() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let page = SServer::start(&pki, Kind::Rsa, &["-www"]);
    for length in ["512", "1024", "2048", "4096"] {
        let mut command =
            cairn(&["connect", &page.address, "--ca", &pki.ca, "--max-fragment-length", length]);
        let agreed = format!("record size    at most {length} bytes");
        run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n")
            .expect_code(0)
            .expect_words(&["HTTP/1.0 200 ok", &agreed]);
        // OpenSSL repeats the extension when it resumes a session, contrary to RFC 6066 section 1.1.
        let mut command =
            cairn(&["connect", &page.address, "--ca", &pki.ca, "--max-fragment-length", length]);
        let done = run(command.args(["--reconnect", "2"])).expect_code(0);
        assert_eq!(done.err().matches(&agreed).count(), 3, "{}", done.err());
    }
    // Our records are short too: OpenSSL would reject longer ones.
    let sink = SServer::start(&pki, Kind::Rsa, &["-naccept", "1"]);
    let mut command = cairn(&["connect", &sink.address, "--ca", &pki.ca, "--max-fragment-length", "512"]);
    run_with_input(command.args(["--wait", "0"]), &LONG).expect_code(0);
    let came = sink.finish().out().matches('x').count();
    assert!(came >= LONG.len() - 1, "{came}");
}

#[test]
fn serve_honours_record_size_limit_of_gnutls() {
    if !installed("gnutls-cli") {
        return;
    }
    let pki = Pki::new();
    for ours in ["16384", "100"] {
        let server = Serve::start(&pki, Kind::Rsa, &["--http", "--record-size-limit", ours]);
        for theirs in ["512", "600", "4096"] {
            let agreed = format!("record size    at most {theirs} bytes sent, {ours} received");
            let arguments = ["--recordsize", theirs, "--resume"];
            gnutls_cli(&server, &pki, &small_records(), &arguments, "GET / HTTP/1.0\r\n\r\n")
                .expect_code(0)
                .expect_words(&["This is a resumed session", "resumed        yes", &agreed]);
        }
    }
}

#[test]
fn connect_negotiates_record_size_limit_with_gnutls() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    let arguments = ["--echo", "--disable-client-cert", "--recordsize", "700"];
    let server = GnutlsServ::start(&pki, Kind::Rsa, &small_records(), &arguments);
    for limit in ["64", "300", "5000"] {
        let agreed = format!("record size    at most 700 bytes sent, {limit} received");
        let arguments =
            ["connect", &server.address, "--ca", &pki.ca, "--record-size-limit", limit, "--wait", "0"];
        let done = run_with_input(&mut cairn(&arguments), &LONG).expect_code(0).expect_words(&[&agreed]);
        assert!(done.stdout == LONG, "with {limit}: {} bytes", done.stdout.len());
        let done = run(cairn(&arguments).args(["--reconnect", "2"])).expect_code(0);
        assert_eq!(done.err().matches(&agreed).count(), 3, "{}", done.err());
    }
}

#[test]
fn invalid_record_size_limits_are_reported() {
    let connect = |option, bytes| run(&mut cairn(&["connect", "127.0.0.1:1", "--insecure", option, bytes]));
    connect("--max-fragment-length", "513")
        .expect_code(2)
        .expect_words(&["expected 512, 1024, 2048 or 4096"]);
    connect("--record-size-limit", "63").expect_code(1).expect_words(&["expected 64 to 16384"]);
    connect("--record-size-limit", "16385").expect_code(1).expect_words(&["expected 64 to 16384"]);
    connect("--record-size-limit", "65536").expect_code(2);
}
