//! Certificates that are revoked by a CRL made with OpenSSL.

use crate::support::{Files, Kind, Pki, Serve, cairn, installed, run};
use cairn_tls::x509::{CertificateFacts, pem};
use std::fs;
use std::process::Command;

/// A file with a CRL of the authority that lists this certificate, or none.
pub(crate) fn crl(pki: &Pki, name: &str, revoked: Option<&Files>) -> String {
    crl_of(pki, name, revoked, &["-crldays", "2"])
}

/// As [`crl`], with these options for its dates.
pub(crate) fn crl_of(pki: &Pki, name: &str, revoked: Option<&Files>, dates: &[&str]) -> String {
    let entry = revoked.map_or_else(String::new, |files| {
        let der = &pem::certificates(&fs::read(&files.cert).unwrap()).unwrap()[0];
        let serial = CertificateFacts::from_der(der).unwrap().serial;
        let serial: String = serial.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("R\t490101000000Z\t240102030405Z\t{serial}\tunknown\t/CN=x\n")
    });
    let index = pki.folder.write(&format!("{name}.txt"), entry);
    let number = pki.folder.write(&format!("{name}.number"), "01\n");
    let config =
        format!("[ca]\ndefault_ca=x\n[x]\ndatabase={index}\ncrlnumber={number}\ndefault_md=sha256\n");
    let config = pki.folder.write(&format!("{name}.cnf"), config);
    let out = pki.folder.file(&format!("{name}.pem"));
    let key = pki.ca_key();
    let mut command = Command::new("openssl");
    command.args(["ca", "-gencrl", "-config", &config, "-cert", &pki.ca, "-keyfile", &key]);
    run(command.args(dates).args(["-out", &out])).expect_code(0);
    out
}

#[test]
fn connect_refuses_a_server_revoked_by_crl() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let (good, bad) = (crl(&pki, "good", None), crl(&pki, "bad", Some(&pki.server(Kind::P256))));
    let server = Serve::start(&pki, Kind::P256, &[]);
    let connect = |crl: &str| {
        run(&mut cairn(&[
            "connect",
            &server.address,
            "--ca",
            &pki.ca,
            "--send",
            "x",
            "--wait",
            "0",
            "--crl",
            crl,
        ]))
    };
    connect(&good).expect_code(0);
    connect(&bad).expect_code(5).expect_words(&["revoked", "2024-01-02"]);
    connect(&pki.ca).expect_code(1).expect_words(&["certificate revocation list"]);
}

#[test]
fn serve_refuses_a_client_revoked_by_crl() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let client = pki.client(Kind::P256);
    for (crl, code) in [(crl(&pki, "good", None), 0), (crl(&pki, "bad", Some(&client)), 5)] {
        let arguments = ["--client-ca", &pki.ca, "--require-client-cert", "--crl", &crl, "--once", "1"];
        let server = Serve::start(&pki, Kind::P256, &arguments);
        let shown = ["--cert", &client.cert, "--key", &client.key, "--send", "x"];
        let mut connect = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]);
        let done = run(connect.args(shown));
        assert_eq!(done.code() == 0, code == 0, "{}", done.all());
        server.finish().expect_code(code);
    }
}
