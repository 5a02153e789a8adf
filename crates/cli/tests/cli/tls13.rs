//! `cairn connect` and `cairn serve` with TLS 1.3.

use crate::support::{Finished, Kind, Pki, Serve, cairn, run};
use cairn_tls::x509::issue::Template;

/// A client that sends `hello` to an echo server of TLS 1.3, with these options.
fn visit(pki: &Pki, server: &Serve, options: &[&str]) -> Finished {
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--tls", "1.3", "--wait", "0"]);
    run(command.args(["--send", "hello"]).args(options)).expect_code(0)
}

#[test]
fn report_states_version_suite_group_retry_and_quantum_resistance() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "both", "--once", "2"]);
    visit(&pki, &server, &[]).expect_words(&[
        "version        TLS 1.3",
        "cipher suite   TLS_AES_128_GCM_SHA256",
        "group          X25519MLKEM768",
        "hello retry    none",
        "quantum        resists a quantum computer",
        "server         CN=Test server",
    ]);
    visit(&pki, &server, &["--groups", "x25519"]).expect_words(&["quantum        no resistance"]);
    server.finish().expect_words(&[
        "TLS 1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768 (post-quantum)",
        "TLS 1.3 TLS_AES_128_GCM_SHA256 x25519 ecdsa_secp256r1_sha256",
    ]);
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--groups", "secp384r1", "--once", "1"]);
    visit(&pki, &server, &[]).expect_words(&["hello retry    HelloRetryRequest: one more round trip"]);
    server.finish().expect_words(&["secp384r1 after HelloRetryRequest"]);
}

#[test]
fn key_update_is_answered_by_the_server() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--once", "3"]);
    let done = visit(&pki, &server, &["--key-update"]);
    assert_eq!(done.out(), "hello");
    done.expect_words(&["keys updated: 1 KeyUpdate sent, 1 received"]);
    // Another follows the echo.
    let done = visit(&pki, &server, &["--key-update=data", "--trace"]);
    assert_eq!(done.out(), "hello");
    done.expect_words(&[
        "keys updated: 2 KeyUpdate sent",
        "new keys from here on, and the peer's wanted too",
    ]);
    let without = visit(&pki, &server, &[]);
    assert!(!without.err().contains("keys updated"), "{}", without.err());
    server.finish().expect_words(&["5 bytes echoed, keys updated: 1 KeyUpdate sent, 1 received"]);
}

#[test]
fn key_update_needs_tls_1_3() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.2"]);
    run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--key-update", "--send", "x"]))
        .expect_code(1)
        .expect_words(&["no KeyUpdate: ", "hint: Only TLS 1.3 has KeyUpdate: --tls 1.3"]);
}

#[test]
fn versions_without_one_in_common_are_explained() {
    let pki = Pki::new();
    for (server_versions, client_versions) in [("1.3", "1.2"), ("1.2", "1.3")] {
        let server = Serve::start(&pki, Kind::P256, &["--tls", server_versions, "--once", "1"]);
        let arguments =
            ["connect", &server.address, "--ca", &pki.ca, "--tls", client_versions, "--send", "x"];
        run(&mut cairn(&arguments)).expect_code(4).expect_words(&[
            "ended the connection with protocol_version",
            "hint: --tls names the versions to speak",
        ]);
        server.finish().expect_code(4).expect_words(&["hint: --tls names the versions to speak"]);
    }
}

#[test]
fn trace_given_twice_shows_encrypted_messages() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--client-ca", &pki.ca]);
    visit(&pki, &server, &["-tt"]).expect_words(&[
        "<- EncryptedExtensions",
        "<- CertificateRequest",
        "supported_signature_algorithms: ",
        "<- CompressedCertificate",
        "decompressed Certificate:",
        "cert_data: 30",
        "<- CertificateVerify",
        "signed with ecdsa_secp256r1_sha256",
        "ChangeCipherSpec",
        "without meaning, for middleboxes",
        "The server asked for a certificate, and none was sent",
    ]);
}

#[test]
fn client_certificate_of_another_authority_is_not_sent_and_explained() {
    let pki = Pki::new();
    let arguments = ["--tls", "1.3", "--require-client-cert", "--client-ca", &pki.ca];
    let server = Serve::start(&pki, Kind::P256, &arguments);
    let files = pki.stranger(&Template::client("Stranger"));
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--tls", "1.3", "--send", "x"]);
    run(command.args(["--cert", &files.cert, "--key", &files.key]))
        .expect_code(4)
        .expect_words(&["is none of the 1 issuer that the server lists", "certificate_required"]);
}

#[test]
fn server_authenticates_with_a_delegated_credential_that_it_issues() {
    let pki = Pki::new();
    let files = pki.delegating();
    let options = ["--tls", "1.3", "--delegate", "--once", "2"];
    let server = Serve::with(&[files], &options);
    visit(&pki, &server, &["--delegated-credentials"]).expect_words(&["delegated credential"]);
    let plain = visit(&pki, &server, &[]);
    assert!(!plain.err().contains("delegated credential"), "{}", plain.err());
    server.finish();
    // The certificate does not permit it.
    let files = pki.server(Kind::P256);
    let mut command = cairn(&["serve", "--listen", "127.0.0.1:0", "--tls", "1.3", "--delegate"]);
    run(command.args(["--cert", &files.cert, "--key", &files.key]))
        .expect_code(1)
        .expect_words(&["--delegate: ", "hint: The certificate needs the extension DelegationUsage"]);
}

/// A delegated credential comes with what the options state about its certificate.
#[test]
fn ocsp_response_and_timestamps_are_sent_with_a_delegated_credential() {
    let pki = Pki::new();
    let files = pki.delegating();
    let response = pki.good_response(&files);
    let timestamps = pki.folder.write("list.sct", b"\x00\x05\x00\x03one");
    let options = ["--delegate", "--ocsp", &response, "--sct", &timestamps];
    let server = Serve::with(core::slice::from_ref(&files), &options);
    for more in [&["--delegated-credentials"][..], &[]] {
        let done = visit(&pki, &server, &[&["--ocsp", "require", "--sct"], more].concat());
        let done = done.expect_words(&["OCSP stapled", "good, as of 20", "1 timestamp, not checked"]);
        assert_eq!(done.err().contains("delegated credential"), !more.is_empty(), "{}", done.err());
    }
    let server = Serve::with(&[files], &["--delegate"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--delegated-credentials"]);
    run(command.args(["--ocsp", "require"]))
        .expect_code(5)
        .expect_words(&["no OCSP response was stapled", "--ocsp ignore"]);
}

#[test]
fn rsa_key_that_decrypts_in_tls_1_2_is_a_warning() {
    let pki = Pki::new();
    for (kind, options, warns) in [
        (Kind::Rsa, &["--policy", "legacy"][..], true),
        (Kind::Rsa, &["--policy", "compatible"], false),
        (Kind::P256, &["--policy", "legacy"], false),
    ] {
        let server = Serve::start(&pki, kind, &[options, &["--once", "1"]].concat());
        visit(&pki, &server, &[]);
        let done = server.finish();
        let words = "warning: the RSA key serves TLS 1.3, and the RSA key exchange of TLS 1.2 uses it too";
        assert_eq!(done.err().contains(words), warns, "{}", done.err());
    }
}

#[test]
fn delegated_credentials_need_tls_1_3() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    run(&mut cairn(&[
        "connect",
        &server.address,
        "--ca",
        &pki.ca,
        "--delegated-credentials",
        "--tls",
        "1.2",
    ]))
    .expect_code(1)
    .expect_words(&["--delegated-credentials: only TLS 1.3 has delegated credentials"]);
}

#[test]
fn options_of_tls_1_3_are_refused_with_tls_1_2() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let serve = ["serve", "--cert", &files.cert, "--key", &files.key, "--listen", "127.0.0.1:0"];
    let connect = ["connect", "127.0.0.1:1", "--ca", &pki.ca];
    for (command, options, words) in [
        (&serve[..], &["--compress-certificates", "zlib"][..], "only TLS 1.3 compresses certificates"),
        (&connect, &["--compress-certificates", "zlib"], "only TLS 1.3 compresses certificates"),
        (&serve, &["--delegate"], "only TLS 1.3 has delegated credentials"),
        (&serve, &["--early-data", "9"], "only TLS 1.3 has early data"),
        (
            &connect,
            &["--psk", "a:00", "--psk-with-certificates"],
            "only TLS 1.3 uses a key and certificates together",
        ),
    ] {
        run(cairn(command).args(options).args(["--tls", "1.2"])).expect_code(1).expect_words(&[
            options[0],
            words,
            "hint: --tls 1.3 or --tls both",
        ]);
    }
}

#[test]
fn only_the_named_compression_algorithms_are_used() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--once", "1"]);
    visit(&pki, &server, &["--compress-certificates", "brotli"])
        .expect_words(&["compressed     the server's certificate, with brotli"]);
    server.finish().expect_words(&["compressed the server's certificate, with brotli"]);
    let arguments = ["--tls", "1.3", "--once", "1", "--compress-certificates", "zlib"];
    let server = Serve::start(&pki, Kind::P256, &arguments);
    let nothing_shared = visit(&pki, &server, &["--compress-certificates", "brotli"]);
    assert!(!nothing_shared.err().contains("compressed"), "{}", nothing_shared.err());
    server.finish().expect_code(0);
    run(&mut cairn(&["connect", "localhost", "--compress-certificates", "lzma"]))
        .expect_code(2)
        .expect_words(&["this build has: brotli, zlib, zstd"]);
}
