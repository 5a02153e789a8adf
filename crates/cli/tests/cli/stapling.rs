//! Stapled OCSP responses with OpenSSL and GnuTLS as peers. OpenSSL makes the responses.

use crate::{
    connect_gnutls::GnutlsServ,
    connect_openssl::SServer,
    support::{Files, Kind, Pki, Serve, cairn, installed, run, run_with_input},
};
use cairn_tls::x509::CertificateFacts;
use std::process::Command;

const TLS_1_2: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2";

/// A file with the response of `openssl ocsp` for a certificate, according to an index of issued
/// certificates.
fn response(pki: &Pki, files: &Files, revoked: bool) -> String {
    let pem = std::fs::read(&files.cert).unwrap();
    let der = &cairn_tls::x509::pem::certificates(&pem).unwrap()[0];
    let serial = CertificateFacts::from_der(der).unwrap().serial;
    let serial: String = serial.iter().map(|byte| format!("{byte:02X}")).collect();
    let (state, since) = if revoked { ("R", "240102030405Z") } else { ("V", "") };
    let name = if revoked { "revoked" } else { "good" };
    let index = pki.folder.write(
        &format!("{name}.txt"),
        format!("{state}\t490101000000Z\t{since}\t{serial}\tunknown\t/CN=Test server\n"),
    );
    let out = pki.folder.file(&format!("{name}.der"));
    let key = pki.ca_key();
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-index", &index, "-CA", &pki.ca, "-rsigner", &pki.ca, "-rkey", &key]);
    command.args(["-issuer", &pki.ca, "-cert", &files.cert, "-nmin", "60", "-respout", &out]);
    run(command.args(["-CAfile", &pki.ca])).expect_code(0);
    out
}

#[test]
fn connect_checks_responses_stapled_by_openssl() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    for kind in [Kind::P256, Kind::Rsa] {
        let files = pki.server(kind);
        let connect = |server: &SServer, how: &[&str]| {
            run(cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]).args(how))
        };
        let staples = |revoked| {
            let response = response(&pki, &files, revoked);
            SServer::with(&files, &["-tls1_2", "-www", "-status_file", &response])
        };

        let server = staples(false);
        for how in ["check", "require"] {
            connect(&server, &["--ocsp", how])
                .expect_code(0)
                .expect_words(&["OCSP stapled", "good, as of 20"]);
        }
        connect(&server, &[]).expect_code(0).expect_words(&["good, as of 20"]);
        let done = connect(&server, &["--ocsp", "ignore"]).expect_code(0);
        assert!(!done.all().contains("OCSP"), "{}", done.all());
        connect(&server, &["--trace"]).expect_code(0).expect_words(&["CertificateStatus", "OCSP: good"]);

        let server = staples(true);
        connect(&server, &[])
            .expect_code(5)
            .expect_words(&["revoked by its issuer, since 2024-01-02T03:04:05Z", "certificate_revoked"]);
        connect(&server, &["--ocsp", "ignore"]).expect_code(0);

        let server = SServer::with(&files, &["-tls1_2", "-www"]);
        connect(&server, &["--ocsp", "check"]).expect_code(0);
        connect(&server, &["--ocsp", "require"]).expect_code(5).expect_words(&[
            "no OCSP response was stapled",
            "bad_certificate_status_response",
            "--ocsp ignore",
        ]);
    }
}

#[test]
fn certificate_status_precedes_server_hello_done_with_rsa_key_exchange() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let files = pki.server(Kind::Rsa);
    let response = response(&pki, &files, false);
    let suite = ["--suites", "TLS_RSA_WITH_AES_128_GCM_SHA256"];
    let server = SServer::with(&files, &["-tls1_2", "-www", "-status_file", &response]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--ocsp", "require"]);
    run(command.args(suite)).expect_code(0).expect_words(&["good, as of", suite[1]]);

    let server = Serve::with(&[files], &["--http", "--ocsp", &response, suite[0], suite[1]]);
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address, "-tls1_2", "-CAfile", &pki.ca, "-status"]);
    run(&mut command).expect_code(0).expect_words(&["Cert Status: good"]);
}

#[test]
fn openssl_accepts_responses_stapled_by_serve() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let both = [pki.server(Kind::Rsa), pki.server(Kind::P256)];
    let responses = [response(&pki, &both[0], false), response(&pki, &both[1], true)];
    let arguments = ["--http", "--ocsp", &responses[0], "--ocsp", &responses[1]];
    let server = Serve::with(&both, &arguments);
    for (suite, status) in
        [("ECDHE-RSA-AES128-GCM-SHA256", "good"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "revoked")]
    {
        let s_client = || {
            let mut command = Command::new("openssl");
            command.args(["s_client", "-connect", &server.address, "-tls1_2", "-CAfile", &pki.ca]);
            command.args(["-cipher", suite]);
            command
        };
        let status = format!("Cert Status: {status}");
        run(s_client().arg("-status"))
            .expect_code(0)
            .expect_words(&["OCSP Response Status: successful", &status]);
        let done = run(&mut s_client()).expect_code(0);
        assert!(!done.all().contains("OCSP Response Status"), "{}", done.all());
        // A resumed session has none.
        let done = run(s_client().args(["-status", "-reconnect"])).expect_code(0);
        assert_eq!(done.out().matches("Reused, TLSv1.2").count(), 5, "{}", done.out());
    }
}

#[test]
fn connect_checks_responses_stapled_by_gnutls() {
    if !installed("gnutls-serv") || !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    for revoked in [false, true] {
        let response = response(&pki, &files, revoked);
        let arguments = ["--http", "--disable-client-cert", "--ocsp-response", &response];
        // It refuses to staple a response that revokes its own certificate.
        let more = ["--ignore-ocsp-response-errors"];
        let server = GnutlsServ::start(&pki, Kind::P256, TLS_1_2, &[&arguments[..], &more].concat());
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]);
        let done = run(command.args(["--ocsp", "require"]));
        if revoked {
            done.expect_code(5).expect_words(&["revoked by its issuer"]);
        } else {
            done.expect_code(0).expect_words(&["good, as of 20"]);
        }
    }
}

#[test]
fn gnutls_checks_responses_stapled_by_serve() {
    if !installed("gnutls-cli") || !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    for revoked in [false, true] {
        let response = response(&pki, &files, revoked);
        let server = Serve::with(core::slice::from_ref(&files), &["--http", "--ocsp", &response]);
        let mut command = Command::new("gnutls-cli");
        command.args(["--port", &server.port.to_string(), "--x509cafile", &pki.ca, "--priority", TLS_1_2]);
        command.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost", "127.0.0.1"]);
        let done = run_with_input(&mut command, b"GET / HTTP/1.0\r\n\r\n");
        if revoked {
            done.expect_code(1).expect_words(&["The certificate chain is revoked"]);
        } else {
            done.expect_code(0).expect_words(&[
                "OCSP status request",
                "The certificate is trusted",
                "200 OK",
            ]);
        }
    }
}

/// A list of two meaningless timestamps in TLS encoding.
const TIMESTAMPS: [u8; 16] = *b"\x00\x0e\x00\x03one\x00\x07another";

#[test]
fn connect_counts_timestamps_sent_by_openssl() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    // Extension 18 and its contents.
    let extension = [&[0, 18, 0, 16][..], &TIMESTAMPS].concat();
    let pem = cairn_tls::x509::pem::encode_certificate(&extension);
    let pem = pem.replace("CERTIFICATE", "SERVERINFO FOR SIGNED CERTIFICATE TIMESTAMPS");
    let file = pki.folder.write("serverinfo.pem", pem);
    let server = SServer::with(&pki.server(Kind::P256), &["-tls1_2", "-www", "-serverinfo", &file]);
    let connect = |more: &[&str]| {
        run(cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]).args(more)).expect_code(0)
    };
    connect(&["--sct"]).expect_words(&["in logs        2 timestamps, not checked"]);
    assert!(!connect(&[]).all().contains("timestamp"));
}

#[test]
fn openssl_receives_timestamps_sent_by_serve() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let file = pki.folder.write("list.sct", TIMESTAMPS);
    let server = Serve::start(&pki, Kind::P256, &["--http", "--sct", &file]);
    let mut command = Command::new("openssl");
    command.args([
        "s_client",
        "-connect",
        &server.address,
        "-tls1_2",
        "-CAfile",
        &pki.ca,
        "-serverinfo",
        "18",
    ]);
    run(&mut command)
        .expect_code(0)
        .expect_words(&["SERVERINFO FOR EXTENSION 18", "ABIAEAAOAANvbmUAB2Fub3RoZXI="]);

    let cut = pki.folder.write("cut.sct", &TIMESTAMPS[..9]);
    let files = pki.server(Kind::P256);
    let serve =
        cairn(&["serve", "--cert", &files.cert, "--key", &files.key, "--sct", &cut]).output().unwrap();
    assert_eq!(serve.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&serve.stderr).contains("SignedCertificateTimestampList"));
}

#[test]
fn serve_rejects_a_response_for_another_certificate() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let (rsa, p256) = (pki.server(Kind::Rsa), pki.server(Kind::P256));
    let response = response(&pki, &rsa, false);
    let serve = |ocsp: &[&str]| {
        run(cairn(&["serve", "--cert", &p256.cert, "--key", &p256.key]).args(ocsp)).expect_code(1)
    };
    serve(&["--ocsp", &response]).expect_words(&[&response, "about another certificate"]);
    serve(&["--ocsp", &pki.ca]).expect_words(&["the OCSP response is not well-formed"]);
    serve(&["--ocsp", &response, "--ocsp", &response]).expect_words(&["each --ocsp belongs to a --cert"]);
}
