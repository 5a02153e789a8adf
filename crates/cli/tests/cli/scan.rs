//! `cairn scan` of Cairn, OpenSSL, GnuTLS, and servers on bare sockets.

use crate::{
    connect_gnutls::GnutlsServ,
    connect_openssl::SServer,
    support::{Kind, Pki, Serve, cairn, free_port, installed, run},
};
use cairn_tls::{
    crypto::PrivateKeyDer,
    default_provider,
    wire::{
        Asn1Cert, Certificate, CipherSuite, CompressionMethod, HandshakeBody, List, ProtocolVersion, Random,
        ServerHello, ServerHelloDone, SessionId, Writer,
    },
    x509::pem,
};
use core::time::Duration;
use rsa::{BoxedUint, hazmat::rsa_decrypt, pkcs8::DecodePrivateKey, traits::PublicKeyParts};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// The JSON report about a server.
fn scan(pki: &Pki, address: &str) -> Value {
    let mut command = cairn(&["scan", address, "--json", "--rate", "0", "--ca", &pki.ca]);
    let done = run(command.args(["--server-name", "localhost"])).expect_code(0);
    serde_json::from_str(&done.out()).unwrap()
}

fn text<'a>(report: &'a Value, pointer: &str) -> &'a str {
    report.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(report: &'a Value, pointer: &str) -> Vec<&'a str> {
    report.pointer(pointer).unwrap().as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

/// The suites of a version.
fn suites<'a>(report: &'a Value, version: &str) -> Vec<&'a str> {
    let versions = report["versions"].as_array().unwrap();
    let known = versions.iter().find(|one| one["version"] == version).unwrap();
    list(known, "/suites")
}

/// The names of the findings.
fn findings(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn scan_of_cairn_finds_what_is_configured() {
    let pki = Pki::new();
    let files = [pki.server(Kind::Rsa), pki.server(Kind::P256)];
    let server = Serve::with(&files, &["--http", "--early-data", "1000", "--alpn", "http/1.1,http/1.0"]);
    let report = scan(&pki, &server.address);
    assert!(suites(&report, "TLS 1.3").contains(&"TLS_AES_128_GCM_SHA256"));
    assert!(suites(&report, "TLS 1.2").contains(&"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
    for version in ["TLS 1.1", "TLS 1.0", "SSL 3.0"] {
        assert!(suites(&report, version).is_empty(), "{version}");
    }
    assert!(list(&report, "/groups/tls13").contains(&"X25519MLKEM768"));
    assert_eq!(list(&report, "/groups/tls12").first(), Some(&"x25519"));
    assert!(list(&report, "/signature_schemes/tls13").contains(&"ecdsa_secp256r1_sha256"));
    assert!(list(&report, "/signature_schemes/tls13").contains(&"rsa_pss_rsae_sha256"));
    assert_eq!(list(&report, "/alpn"), ["http/1.1", "http/1.0"]);
    for (feature, expected) in [
        ("compression", "no"),
        ("session_id", "yes"),
        ("psk", "yes"),
        ("early_data", "yes"),
        ("secure_renegotiation", "yes"),
        ("client_renegotiation", "no"),
        ("extended_master_secret", "yes"),
        ("fallback_scsv", "yes"),
        ("client_certificate", "no"),
    ] {
        assert_eq!(text(&report, &format!("/features/{feature}")), expected, "{feature}");
    }
    assert_eq!(report["features"]["max_early_data"], 1000);
    let chains = report["chains"].as_array().unwrap();
    assert_eq!(chains.len(), 2, "one chain of each kind of key");
    assert!(chains.iter().all(|chain| chain["accepted"] == true), "{chains:?}");
    // The certificates of the tests are valid for 30 days.
    let found: Vec<&str> =
        findings(&report).into_iter().filter(|id| *id != "certificate-expires-soon").collect();
    assert_eq!(found, ["early-data"]);
}

#[test]
fn scan_goes_on_if_a_suite_needs_a_key() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let key =
        ["-psk", "1234567890abcdef", "-cipher", "RSA-PSK-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"];
    let server = SServer::with(&pki.server(Kind::Rsa), &[&key[..], &["-no_tls1_3", "-www"]].concat());
    let report = scan(&pki, &server.address);
    assert!(suites(&report, "TLS 1.2").contains(&"TLS_RSA_PSK_WITH_AES_128_GCM_SHA256"), "{report}");
    // The whole handshakes use the other suite.
    assert_eq!(text(&report, "/features/ticket"), "yes");
    assert!(list(&report, "/not_tested").is_empty());
}

#[test]
fn scan_of_openssl_finds_weak_settings() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = SServer::with(
        &pki.server(Kind::Rsa),
        &[
            "-no_tls1_3",
            "-cipher",
            "ALL:@SECLEVEL=0",
            "-no_etm",
            "-client_renegotiation",
            "-serverpref",
            "-www",
        ],
    );
    let report = scan(&pki, &server.address);
    assert!(suites(&report, "TLS 1.0").contains(&"TLS_DHE_RSA_WITH_AES_128_CBC_SHA"));
    assert!(suites(&report, "TLS 1.2").contains(&"TLS_RSA_WITH_ARIA_128_GCM_SHA256"));
    assert_eq!(report["versions"][1]["order"], "server");
    assert_eq!(text(&report, "/robot"), "no oracle");
    assert_eq!(text(&report, "/features/ticket"), "yes");
    let found = findings(&report);
    for id in [
        "anonymous",
        "tls10",
        "tls11",
        "dh-small",
        "static-key-exchange",
        "sha1-signature",
        "client-renegotiation",
        "cbc-without-etm",
        "short-tag",
        "no-tls13",
    ] {
        assert!(found.contains(&id), "{id} is not in {found:?}");
    }
    assert!(!found.contains(&"client-order") && !found.contains(&"certificate-untrusted"), "{found:?}");
}

#[test]
fn scan_of_gnutls_finds_weak_suites() {
    if !installed("gnutls-serv") {
        return;
    }
    let pki = Pki::new();
    let priority = "NONE:+VERS-TLS1.2:+ARCFOUR-128:+3DES-CBC:+SHA1:+MD5:+RSA:+COMP-NULL:+SIGN-RSA-SHA256";
    let server = GnutlsServ::start(&pki, Kind::Rsa, priority, &["--http", "--disable-client-cert"]);
    let report = scan(&pki, &server.address);
    let mut found = suites(&report, "TLS 1.2");
    found.sort_unstable();
    let expected = ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_RC4_128_SHA"];
    assert_eq!(found, expected);
    let found = findings(&report);
    for id in ["rc4", "triple-des", "no-forward-secrecy", "no-aead", "md5-mac"] {
        assert!(found.contains(&id), "{id} is not in {found:?}");
    }
}

#[test]
fn exit_code_depends_on_the_worst_finding() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3"]);
    let scan = |arguments: &[&str]| {
        run(cairn(&["scan", &server.address, "--rate", "0", "--server-name", "localhost"]).args(arguments))
    };
    let done = scan(&["--ca", &pki.ca, "--fail-on", "medium"]).expect_code(0);
    assert!(done.out().contains("accepted:   yes"), "{}", done.all());
    let done = run(cairn(&[
        "scan",
        &server.address,
        "--rate",
        "0",
        "--server-name",
        "other.example",
        "--ca",
        &pki.ca,
    ])
    .args(["--fail-on", "high"]));
    let done = done.expect_code(10).expect_words(&["--fail-on"]);
    assert!(done.out().contains("[certificate-name]"), "{}", done.all());
}

#[test]
fn wrong_name_is_found_beside_an_unknown_authority() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3"]);
    // This certificate has issued no other.
    let other = pki.server(Kind::P384).cert;
    let mut command = cairn(&["scan", &server.address, "--json", "--rate", "0", "--ca", &other]);
    let done = run(command.args(["--server-name", "other.example"])).expect_code(0);
    let report: Value = serde_json::from_str(&done.out()).unwrap();
    let found = findings(&report);
    assert!(found.contains(&"chain-incomplete") && found.contains(&"certificate-name"), "{found:?}");
    assert_eq!(report["chains"][0]["accepted"], false);
}

#[test]
fn server_without_tls_is_a_failure() {
    let port = free_port();
    run(&mut cairn(&["scan", &format!("127.0.0.1:{port}")])).expect_code(3);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for tcp in listener.incoming() {
            let mut tcp = tcp.unwrap();
            let _gone = tcp.read(&mut [0; 4096]);
            let _gone = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    run(&mut cairn(&["scan", &address, "--rate", "0"])).expect_code(4).expect_words(&["no version of TLS"]);
    // A server that ends after three connections, of which the scan uses two, makes the scan incomplete.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for tcp in listener.incoming().take(3) {
            let mut tcp = tcp.unwrap();
            let _gone = tcp.read(&mut [0; 4096]);
            let _gone = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    run(&mut cairn(&["scan", &address, "--rate", "0"])).expect_code(3).expect_words(&["incomplete"]);
}

/// The DER of a key in PEM.
fn pem_der(path: &str) -> Vec<u8> {
    match pem::private_key(&fs::read(path).unwrap()).unwrap().as_der() {
        PrivateKeyDer::Pkcs8(der) => der.to_vec(),
        _ => panic!("{path} is not PKCS #8"),
    }
}

/// A server that tells plaintexts of the RSA key exchange apart by its alerts: TLS 1.2 with one suite, and no
/// handshake that completes.
fn oracle(pki: &Pki, is_good: fn(&[u8]) -> bool) -> String {
    let files = pki.server(Kind::Rsa);
    let chain = pem::certificates(&fs::read(&files.cert).unwrap()).unwrap();
    let key = rsa::PrivateKey::from_pkcs8_der(&pem_der(&files.key)).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for tcp in listener.incoming() {
            let _gone = visit(tcp.unwrap(), &chain, &key, is_good);
        }
    });
    address
}

fn visit(
    mut tcp: TcpStream,
    chain: &[Vec<u8>],
    key: &rsa::PrivateKey,
    is_good: fn(&[u8]) -> bool,
) -> std::io::Result<()> {
    tcp.set_read_timeout(Some(Duration::from_secs(5)))?;
    let hello = record(&mut tcp)?;
    let suite = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
    let offers = hello.windows(2).any(|two| two == suite.0.to_be_bytes());
    // supported_versions is in the hello of TLS 1.3 only.
    if !offers || hello.get(4..6) != Some(&[3, 3]) || hello.windows(5).any(|part| part == [0, 43, 0, 3, 2]) {
        return tcp.write_all(&[21, 3, 3, 0, 2, 2, 40]);
    }
    let mut flight = Vec::new();
    let mut w = Writer::vec(&mut flight);
    let hello = ServerHello {
        server_version: ProtocolVersion::TLS_1_2,
        random: Random([9; 32]),
        session_id: SessionId::EMPTY,
        cipher_suite: suite,
        compression_method: CompressionMethod::NULL,
        extensions: None,
    };
    hello.write_message(&mut w).unwrap();
    let certificates: Vec<Asn1Cert<'_>> = chain.iter().map(|der| Asn1Cert(der)).collect();
    Certificate { certificate_list: List::from_items(&certificates) }.write_message(&mut w).unwrap();
    ServerHelloDone.write_message(&mut w).unwrap();
    let length = u16::try_from(flight.len()).unwrap().to_be_bytes();
    tcp.write_all(&[&[22, 3, 3][..], &length, &flight].concat())?;
    let message = record(&mut tcp)?;
    let cipher = message.get(6..).unwrap_or_default();
    let number = BoxedUint::from_be_slice(cipher, key.n_bits_precision()).unwrap();
    let plain = rsa_decrypt(Some(&mut default_provider().rng()), key, &number).unwrap().to_be_bytes();
    let plain = &plain[plain.len() - key.size()..];
    let alert = if is_good(plain) { 20 } else { 51 };
    // Everything that the client sends is read, so that the alert is not lost.
    tcp.set_read_timeout(Some(Duration::from_millis(50)))?;
    let _more = tcp.read(&mut [0; 1024]);
    tcp.write_all(&[21, 3, 3, 0, 2, 2, alert])
}

/// The fragment of the next record.
fn record(tcp: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut header = [0; 5];
    tcp.read_exact(&mut header)?;
    let mut fragment = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    tcp.read_exact(&mut fragment)?;
    Ok(fragment)
}

#[test]
fn answers_to_malformed_rsa_key_exchanges_are_told_apart_by_class() {
    let pki = Pki::new();
    let starts_right: fn(&[u8]) -> bool = |plain| plain.starts_with(&[0, 2]);
    let is_padded: fn(&[u8]) -> bool = |plain| {
        plain.starts_with(&[0, 2]) && plain[2..].iter().position(|byte| *byte == 0) == Some(256 - 49 - 2)
    };
    for (is_good, class, finding) in [
        (starts_right, "strong oracle", Some("robot-strong")),
        (is_padded, "weak oracle", Some("robot-weak")),
        (|_: &[u8]| true, "no oracle", None),
    ] {
        let report = scan(&pki, &oracle(&pki, is_good));
        assert_eq!(suites(&report, "TLS 1.2"), ["TLS_RSA_WITH_AES_128_CBC_SHA"]);
        assert_eq!(text(&report, "/robot"), class);
        let found: Vec<&str> = findings(&report).into_iter().filter(|id| id.starts_with("robot")).collect();
        assert_eq!(found, Vec::from_iter(finding));
    }
}
