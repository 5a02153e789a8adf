//! Every suite that OpenSSL also has, weak ones included, in both directions.

use crate::connect_openssl::SServer;
use crate::support::{Files, Folder, Kind, Pki, Serve, cairn, installed, run, run_with_input};
use std::process::Command;

const PSK: &str = "00112233445566778899aabbccddeeff";
/// OpenSSL accepts weak suites only at this security level.
const EVERYTHING: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
const GET: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// The TLS 1.2 suites that both have, by our name and by OpenSSL's.
fn suites() -> Vec<(String, String)> {
    let ours =
        run(&mut cairn(&["suites", "--all", "--tls", "1.2", "--names", "suites"])).expect_code(0).out();
    let mut list = Command::new("openssl");
    list.args(["ciphers", "-s", "-stdname", "-psk", "-tls1_2", EVERYTHING]);
    let theirs = run(&mut list).expect_code(0).out();
    let names = theirs.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (iana, _, openssl) = (words.next()?, words.next()?, words.next()?);
        Some((iana.to_owned(), openssl.to_owned()))
    });
    names.filter(|(iana, _)| ours.lines().any(|name| name == iana)).collect()
}

/// At least one suite of each key exchange and of each record protection.
const AT_LEAST: [&str; 14] = [
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_CCM_8",
    "TLS_RSA_WITH_NULL_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
    "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
    "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
    "TLS_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384",
    "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
];

fn check_enough(suites: &[(String, String)]) {
    for name in AT_LEAST {
        assert!(suites.iter().any(|(iana, _)| iana == name), "OpenSSL does not have {name}");
    }
}

#[test]
fn every_suite_of_s_client_interoperates() {
    if !installed("openssl") {
        return;
    }
    let (pki, suites) = (Pki::new(), suites());
    check_enough(&suites);
    let both = [pki.server(Kind::Rsa), pki.server(Kind::P256)];
    let all = suites.iter().map(|(iana, _)| iana.as_str()).collect::<Vec<_>>().join(",");
    let server = Serve::with(&both, &["--http", "--suites", &all, "--psk", &format!("client:{PSK}")]);
    for (iana, openssl) in &suites {
        let s_client = |more: &[&str]| {
            let mut command = Command::new("openssl");
            command.args([
                "s_client",
                "-connect",
                &server.address,
                "-tls1_2",
                "-ign_eof",
                "-CAfile",
                &pki.ca,
            ]);
            command.args(["-psk_identity", "client", "-psk", PSK]);
            command.args(["-cipher", &format!("{openssl}:@SECLEVEL=0")]).args(more);
            run_with_input(&mut command, GET).expect_code(0)
        };
        let done = s_client(&[]).expect_words(&["HTTP/1.1 200 OK", &format!("cipher suite   {iana}")]);
        let etm = iana.contains("_CBC_");
        assert_eq!(done.out().contains("over the ciphertext"), etm, "{iana}: {}", done.out());
        if etm && iana.contains("AES_128") {
            let done = s_client(&["-no_etm"]).expect_words(&["HTTP/1.1 200 OK"]);
            assert!(!done.out().contains("over the ciphertext"), "{iana}: {}", done.out());
        }
    }
}

/// OpenSSL's default group for anonymous and PSK suites has 1024 bits, which is below our floor.
fn dh_parameters(folder: &Folder) -> String {
    let file = folder.file("dh.pem");
    let mut command = Command::new("openssl");
    command.args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", &file]);
    run(&mut command).expect_code(0);
    file
}

fn s_server(pki: &Pki, more: &[&str]) -> SServer {
    let (rsa, ecdsa): (Files, Files) = (pki.server(Kind::Rsa), pki.server(Kind::P256));
    let mut arguments = vec!["-tls1_2", "-www", "-cipher", EVERYTHING, "-dcert", &ecdsa.cert];
    arguments.extend(["-dkey", &ecdsa.key, "-psk_identity", "client", "-psk", PSK]);
    arguments.extend(more);
    SServer::with(&rsa, &arguments)
}

fn connect(server: &SServer, pki: &Pki, suite: &str) -> crate::support::Finished {
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    let psk = format!("client:{PSK}");
    run_with_input(command.args(["--suites", suite, "--psk", &psk]), GET)
}

#[test]
fn every_suite_of_s_server_interoperates() {
    if !installed("openssl") {
        return;
    }
    let (pki, suites, folder) = (Pki::new(), suites(), Folder::new());
    check_enough(&suites);
    let parameters = dh_parameters(&folder);
    for hint in [false, true] {
        let mut more = vec!["-dhparam", &parameters];
        if hint {
            more.extend(["-psk_hint", "which"]);
        }
        let server = s_server(&pki, &more);
        for (iana, _) in suites.iter().filter(|(iana, _)| !hint || iana.contains("PSK")) {
            let done = connect(&server, &pki, iana).expect_code(0);
            assert!(done.out().contains("HTTP/1.0 200 ok"), "{iana}: {}", done.err());
            assert!(done.err().contains(&format!("cipher suite   {iana}")), "{iana}: {}", done.err());
            assert_eq!(
                done.err().contains("over the ciphertext"),
                iana.contains("_CBC_"),
                "{iana}: {}",
                done.err()
            );
        }
    }
}

#[test]
fn finite_field_below_the_floor_is_refused() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let server = s_server(&pki, &[]);
    let done = connect(&server, &pki, "TLS_DH_anon_WITH_AES_128_CBC_SHA");
    assert!(done.err().contains("1024 bits") && !done.status.success(), "{}", done.err());
}

#[test]
fn unknown_or_wrong_psk_fails_the_handshake() {
    if !installed("openssl") {
        return;
    }
    let suite = "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA";
    let server = Serve::with(&[], &["--http", "--suites", suite, "--psk", &format!("client:{PSK}")]);
    for (identity, key, alert) in
        [("stranger", PSK, "unknown psk identity"), ("client", "00", "decrypt error")]
    {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &server.address, "-tls1_2"]);
        command.args(["-cipher", "ECDHE-PSK-AES128-CBC-SHA:@SECLEVEL=0"]);
        let done = run(command.args(["-psk_identity", identity, "-psk", key]));
        assert!(!done.status.success(), "{identity}");
        assert!(
            done.err().contains(alert) || done.err().contains("bad record mac"),
            "{identity}: {}",
            done.err()
        );
    }
}
