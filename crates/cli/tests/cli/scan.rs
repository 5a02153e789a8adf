//! `cairn scan` of Cairn, OpenSSL and GnuTLS.

use crate::{
    connect_gnutls::GnutlsServ,
    connect_openssl::SServer,
    support::{Kind, Pki, Serve, cairn, installed, run},
};
use serde_json::Value;
use std::process::Command;

/// A scan of a server, which may be slow to answer on a busy machine.
pub(crate) fn command(address: &str, arguments: &[&str]) -> Command {
    let mut command = cairn(&["scan", address, "--rate", "0", "--timeout", "20"]);
    command.args(arguments);
    command
}

/// The JSON report about a server.
pub(crate) fn scan(pki: &Pki, address: &str) -> Value {
    let done = run(&mut command(address, &["--json", "--ca", &pki.ca, "--name", "localhost"])).expect_code(0);
    serde_json::from_str(&done.out()).unwrap()
}

pub(crate) fn text<'a>(report: &'a Value, pointer: &str) -> &'a str {
    report.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn list<'a>(report: &'a Value, pointer: &str) -> Vec<&'a str> {
    report.pointer(pointer).unwrap().as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

/// The suites of a version.
pub(crate) fn suites<'a>(report: &'a Value, version: &str) -> Vec<&'a str> {
    let versions = report["versions"].as_array().unwrap();
    let known = versions.iter().find(|one| one["version"] == version).unwrap();
    list(known, "/suites")
}

/// The names of the findings.
pub(crate) fn findings(report: &Value) -> Vec<&str> {
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
        "finite-field-dhe",
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
        let mut command = command(&server.address, &["--ca", &pki.ca]);
        run(command.args(arguments))
    };
    let done = scan(&["--server-name", "localhost", "--fail-on", "medium"]).expect_code(0);
    assert!(done.out().contains("accepted:   yes"), "{}", done.all());
    let done = scan(&["--name", "other.example", "--fail-on", "high"]);
    let done = done.expect_code(10).expect_words(&["--fail-on high"]);
    assert!(done.out().contains("[certificate-name]"), "{}", done.all());
}

#[test]
fn wrong_name_is_found_beside_an_unknown_authority() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3"]);
    // This certificate has issued no other.
    let other = pki.server(Kind::P384).cert;
    let arguments = ["--json", "--ca", &other, "--name", "other.example"];
    let done = run(&mut command(&server.address, &arguments)).expect_code(0);
    let report: Value = serde_json::from_str(&done.out()).unwrap();
    let found = findings(&report);
    assert!(found.contains(&"chain-incomplete") && found.contains(&"certificate-name"), "{found:?}");
    assert_eq!(report["chains"][0]["accepted"], false);
}
