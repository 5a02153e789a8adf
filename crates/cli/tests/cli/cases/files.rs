//! Certificate and key files as they occur in practice: read, or rejected with a message that names the file,
//! the place and the remedy.

use crate::support::{
    Files, Finished, Folder, Kind, Pki, Serve, cairn, installed, odd, odd::Odd, odd::Party, run,
    run_with_input,
};
use cairn_tls::x509::{issue::Template, pem};
use std::{fs, process::Command};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Runs `cairn serve` with files that it must reject.
fn refused(cert: &str, key: &str) -> Finished {
    run(&mut cairn(&["serve", "--listen", "127.0.0.1:0", "--cert", cert, "--key", key])).expect_code(1)
}

/// Runs `cairn serve` with files that it must accept: a client trusts it and receives this many certificates.
fn served(pki: &Pki, cert: &str, key: &str, certificates: usize) {
    let files = Files { cert: cert.into(), key: key.into() };
    let server = Serve::with(&[files], &[]);
    let arguments = ["connect", &server.address, "--ca", &pki.ca, "--wait", "0", "--trace"];
    let done = run_with_input(&mut cairn(&arguments), b"").expect_code(0);
    done.expect_words(&[&format!("{certificates} certificate")]);
}

#[test]
fn byte_order_marks_and_line_ends_are_tolerated() {
    let pki = Pki::new();
    let Files { cert, key } = pki.server(Kind::P256);
    let (leaf, root) = (fs::read_to_string(&cert).unwrap(), Pki::ca_pem());
    for (name, chain) in [
        ("mark.pem", [MARK, leaf.as_bytes(), root.as_bytes()].concat()),
        ("marks.pem", [MARK, leaf.as_bytes(), MARK, root.as_bytes()].concat()),
        ("joined.pem", [leaf.trim_end().as_bytes(), root.as_bytes()].concat()),
        ("cr.pem", format!("{leaf}{root}").replace('\n', "\r").into_bytes()),
        ("crlf.pem", format!("{leaf}{root}").replace('\n', "\r\n").into_bytes()),
        ("one-line.pem", format!("{leaf}{root}").replace('\n', " ").into_bytes()),
    ] {
        served(&pki, &pki.folder.write(name, chain), &key, 2);
    }
    let marked = pki.folder.write("marked.key", [MARK, &fs::read(&key).unwrap()].concat());
    served(&pki, &cert, &marked, 1);
}

#[test]
fn other_formats_are_reported_with_file_and_hint() {
    let pki = Pki::new();
    let Files { cert, key } = pki.server(Kind::P256);
    let leaf = fs::read_to_string(&cert).unwrap();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(leaf.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (name, content, words) in [
        ("utf16.pem", utf16, &["UTF-16", "iconv"][..]),
        (
            "trusted.pem",
            leaf.replace("CERTIFICATE", "TRUSTED CERTIFICATE").into(),
            &["line 1", "openssl x509"],
        ),
        (
            "p7.pem",
            format!("\n\n{}", leaf.replace("CERTIFICATE", "PKCS7")).into(),
            &["line 3", "openssl pkcs7"],
        ),
        ("request.pem", leaf.replace("CERTIFICATE", "CERTIFICATE REQUEST").into(), &["certificate request"]),
        ("dashes.pem", leaf.replace("-----BEGIN", "\u{2014}BEGIN").into(), &["line 1", "hyphens"]),
        ("bad.pem", leaf.replacen("MII", "M?I", 1).into(), &["line 1", "not base64"]),
        ("empty.pem", Vec::new(), &["no certificate"]),
    ] {
        let path = pki.folder.write(name, content);
        refused(&path, &key).expect_words(&[&path]).expect_words(words);
    }
    for (name, label, words) in [
        ("ssh.key", "OPENSSH PRIVATE KEY", ["line 1", "ssh-keygen -p -m PKCS8"]),
        // The contents are those of a key that is not encrypted.
        ("encrypted.key", "ENCRYPTED PRIVATE KEY", ["malformed", "openssl pkcs8 -topk8"]),
    ] {
        let content = fs::read_to_string(&key).unwrap().replace("PRIVATE KEY", label);
        let path = pki.folder.write(name, content);
        refused(&cert, &path).expect_words(&[&path]).expect_words(&words);
    }
    refused(&key, &cert).expect_words(&[&key, "a private key", "exchanged"]);
    if installed("openssl") {
        let archive = pki.folder.file("archive.p12");
        let mut command = Command::new("openssl");
        command.args([
            "pkcs12", "-export", "-in", &cert, "-inkey", &key, "-out", &archive, "-passout", "pass:x",
        ]);
        run(&mut command).expect_code(0);
        refused(&archive, &key).expect_words(&[&archive, "PKCS #12", "openssl pkcs12 -in FILE -nokeys"]);
        refused(&cert, &archive).expect_words(&[&archive, "openssl pkcs12 -in FILE -nocerts"]);
    }
}

#[test]
fn wrong_chain_order_and_key_mismatch_are_reported() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let authority = Party::new(odd::name(&[(3, "Intermediate")]));
    let authority_der = Odd::new(odd::authority(&[])).of(&authority, &root);
    let leaf = Party::new(odd::name(&[(3, "Leaf")]));
    let leaf_der = Odd::new(odd::alternative_names(&["localhost"])).of(&leaf, &authority);
    let (leaf_der, authority_der, root_der) = (&leaf_der[..], &authority_der[..], &root_der[..]);
    for (chain, words) in [
        (
            &[authority_der, leaf_der][..],
            &["the order is wrong", "certificate 2 (\"CN=Leaf\")", "must be the first"][..],
        ),
        (&[root_der, authority_der, leaf_der], &["the order is wrong", "certificate 3 (\"CN=Leaf\")"]),
        (&[leaf_der, root_der], &["certificate 2 (\"CN=Root\") is not the issuer", "\"CN=Intermediate\""]),
        (&[leaf_der, leaf_der, authority_der], &["(\"CN=Leaf\") twice in a row"]),
    ] {
        let files = leaf.files(&folder, "chain", chain);
        refused(&files.cert, &files.key).expect_words(&[&files.cert]).expect_words(words);
    }
    let files = leaf.files(&folder, "chain", &[leaf_der, authority_der]);
    let other = root.files(&folder, "other", &[root_der]);
    refused(&files.cert, &other.key).expect_words(&[&files.cert, &other.key, "another public key"]);
}

#[test]
fn expired_certificates_are_reported_at_the_start() {
    let pki = Pki::new();
    let expired = pki.expired_server();
    let mut server = Serve::with(core::slice::from_ref(&expired), &[]);
    server.wait_for_text(&format!("cairn: warning: {}: certificate 1", expired.cert));
    server.wait_for_text("expired at");
    let client = pki.expired_client();
    let arguments = ["connect", "127.0.0.1:1", "--ca", &pki.ca, "--cert", &client.cert, "--key", &client.key];
    run(&mut cairn(&arguments)).expect_code(3).expect_words(&[
        "cairn: warning: ",
        &client.cert,
        "expired at",
    ]);
    // A valid one is not mentioned.
    let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
    run_with_input(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]), b"")
        .expect_code(0);
    assert!(!server.finish().err().contains("warning"));
}

#[test]
fn unusable_root_of_a_bundle_is_skipped() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let bad = pem::encode_certificate(b"0\x03not");
    let bundle = pki.folder.write("bundle.pem", format!("{bad}{}{bad}", Pki::ca_pem()));
    let connect =
        |ca: &str| run_with_input(&mut cairn(&["connect", &server.address, "--ca", ca, "--wait", "0"]), b"");
    let done = connect(&bundle).expect_code(0);
    done.expect_words(&[
        "cairn: warning: ",
        &bundle,
        "certificate 1 is skipped: ",
        "certificate 3 is skipped: ",
    ]);
    // A bundle without any usable certificate is an error.
    let bundle = pki.folder.write("nothing.pem", format!("{bad}{bad}"));
    connect(&bundle).expect_code(1).expect_words(&[&bundle, "certificate 1: "]);
    // Unusual roots that can be used cause no warning.
    let (root, _) = Party::root();
    for (number, odd) in [
        Odd::new(odd::authority(&[2, 2, 3, 0xe8])),
        Odd { unique_identifiers: odd::tlv(0x81, &[b"\0abc"]), ..Odd::new(odd::authority(&[])) },
        Odd { version: 1, ..Odd::new(Vec::new()) },
    ]
    .into_iter()
    .enumerate()
    {
        let odd = pem::encode_certificate(&odd.of(&root, &root));
        let bundle = pki.folder.write("odd.pem", format!("{}{odd}", Pki::ca_pem()));
        let done = connect(&bundle).expect_code(0);
        assert!(!done.err().contains("warning"), "{number}: {}", done.err());
    }
}

#[test]
fn unreadable_platform_roots_are_reported() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let connect = |file: &str, folder: &str| {
        let mut command = cairn(&["connect", &server.address, "--name", "localhost", "--wait", "0"]);
        run_with_input(command.env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", folder), b"")
    };
    let (missing, key) = (pki.folder.file("missing.pem"), pki.server(Kind::P256).key);
    let no_folder = pki.folder.file("no-such-folder");
    for (file, why) in [(&missing, "No such file"), (&key, "a private key")] {
        let done = connect(file, &no_folder).expect_code(1);
        done.expect_words(&["no trusted roots", "SSL_CERT_FILE", file, why, "--ca FILE"]);
    }
    connect(&pki.ca, &no_folder).expect_code(0).expect_words(&["warning: ", "SSL_CERT_DIR", &no_folder]);
}

#[test]
fn certificate_can_be_trusted_exactly() {
    let pki = Pki::new();
    let files = pki.stranger(&Template::server("x").dns("localhost"));
    let server = Serve::with(&[files.clone(), pki.server(Kind::Rsa)], &[]);
    let connect = |trust: &str, suite: &str| {
        let suite = format!("TLS_ECDHE_{suite}_WITH_AES_128_GCM_SHA256");
        let mut command = cairn(&["connect", &server.address, "--name", "localhost", "--wait", "0"]);
        run_with_input(command.args(["--trust-cert", trust, "--suites", &suite]), b"")
    };
    connect(&files.cert, "ECDSA").expect_code(0);
    // An authority that is trusted exactly is not an issuer.
    connect(&files.cert, "RSA").expect_code(5);
    connect(&pki.ca, "RSA").expect_code(5);
}
