//! `cairn cert` beside OpenSSL and GnuTLS: each reads what the other has made.

use crate::support::{Folder, Peer, cairn, installed, run};
use std::process::Command;

/// Runs `cairn cert` in a folder; it must succeed.
#[track_caller]
fn cert(folder: &Folder, arguments: &[&str]) {
    run(cairn(&["cert"]).args(arguments).current_dir(folder.path())).expect_code(0);
}

/// Runs OpenSSL in a folder; it must succeed.
#[track_caller]
fn openssl(folder: &Folder, arguments: &[&str]) -> String {
    run(Command::new("openssl").args(arguments).current_dir(folder.path())).expect_code(0).all()
}

#[test]
fn openssl_verifies_issued_certificates_of_every_kind_that_it_knows() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    for kind in ["p256", "p384", "p521", "ed25519", "rsa-2048", "rsa-3072", "rsa-pss-2048"] {
        let (root, issuing, leaf) = (format!("r-{kind}"), format!("i-{kind}"), format!("l-{kind}"));
        let file = |name: &str, end: &str| format!("{name}.{end}");
        let of_kind = ["--key-type", kind, "--out"];
        cert(&folder, &[&["ca", "Root"], &of_kind[..], &[&root]].concat());
        let signed = ["--ca", &file(&root, "pem")];
        let limits = ["--path-len", "0", "--permit", "a.test", "--exclude", "10.0.0.0/8"];
        cert(&folder, &[&["ca", "Issuing"], &signed[..], &limits, &of_kind, &[&issuing]].concat());
        let signed = ["--ca", &file(&issuing, "pem")];
        cert(
            &folder,
            &[&["issue", "a.test", "*.a.test", "127.0.0.1"], &signed[..], &of_kind, &[&leaf]].concat(),
        );
        let (root, issuing) = (file(&root, "pem"), file(&issuing, "pem"));
        let (certificate, key) = (file(&leaf, "pem"), file(&leaf, "key"));
        for name in [["-verify_hostname", "x.a.test"], ["-verify_ip", "127.0.0.1"]] {
            let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &root];
            let done =
                openssl(&folder, &[&verify[..], &["-untrusted", &issuing], &name, &[&certificate]].concat());
            assert!(done.contains("OK"), "{kind}: {done}");
        }
        let of_certificate = openssl(&folder, &["x509", "-in", &certificate, "-noout", "-pubkey"]);
        let of_key = openssl(&folder, &["pkey", "-in", &key, "-pubout"]);
        assert_eq!(of_certificate, of_key, "{kind}");
    }
}

#[test]
fn openssl_prints_the_extensions_of_issued_certificates() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    cert(&folder, &["ca", "--path-len", "1", "--permit", "a.test", "--exclude", "10.0.0.0/8"]);
    let text = openssl(&folder, &["x509", "-in", "ca.pem", "-noout", "-text"]);
    for words in [
        "Basic Constraints: critical\n                CA:TRUE, pathlen:1",
        "Key Usage: critical\n                Certificate Sign, CRL Sign",
        "Name Constraints: critical",
        "DNS:a.test",
        "IP:10.0.0.0/255.0.0.0",
        "Subject Key Identifier",
        "Authority Key Identifier",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    cert(
        &folder,
        &[
            "issue",
            "a.test",
            "::1",
            "me@a.test",
            "spiffe://a.test/x",
            "--ca",
            "ca.pem",
            "--key-type",
            "rsa",
            "--purpose",
            "server,client",
            "--crl-url",
            "http://crl.test/",
            "--ocsp-url",
            "http://ocsp.test/",
            "--issuer-url",
            "http://ca.test/",
            "--must-staple",
            "--delegation",
            "--subject",
            "C=DE, O=Lab, CN=a",
            "--signature",
            "ecdsa_secp256r1_sha256",
            "--out",
            "leaf",
        ],
    );
    // Versions of OpenSSL differ in the blanks of a subject, unless its form is stated.
    let shown = ["x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "sep_comma_plus_space"];
    let text = openssl(&folder, &shown);
    for words in [
        "Subject: C=DE, O=Lab, CN=a",
        "Basic Constraints: critical\n                CA:FALSE",
        "Key Usage: critical\n                Digital Signature, Key Encipherment",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "DNS:a.test, IP Address:0:0:0:0:0:0:0:1, email:me@a.test, URI:spiffe://a.test/x",
        "URI:http://crl.test/",
        "OCSP - URI:http://ocsp.test/",
        "CA Issuers - URI:http://ca.test/",
        "status_request",
        "1.3.6.1.4.1.44363.44",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let serial = openssl(&folder, &["x509", "-in", "leaf.pem", "-noout", "-serial"]);
    assert_eq!(serial.trim().len(), "serial=".len() + 32, "{serial}");
}

#[test]
fn certtool_verifies_issued_certificates() {
    if !installed("certtool") {
        return;
    }
    let folder = Folder::new();
    for kind in ["p256", "rsa-2048", "ed25519", "rsa-pss-2048"] {
        let (ca, leaf) = (format!("ca-{kind}"), format!("leaf-{kind}"));
        let (ca_file, leaf_file) = (format!("{ca}.pem"), format!("{leaf}.pem"));
        cert(&folder, &["ca", "--key-type", kind, "--out", &ca]);
        cert(&folder, &["issue", "a.test", "--ca", &ca_file, "--key-type", kind, "--out", &leaf]);
        let options = ["--verify", "--load-ca-certificate", &ca_file, "--infile", &leaf_file];
        run(Command::new("certtool")
            .args(options)
            .args(["--verify-hostname", "a.test"])
            .current_dir(folder.path()))
        .expect_code(0)
        .expect_words(&["Chain verification output: Verified"]);
    }
}

#[test]
fn keys_that_openssl_encrypts_are_read_and_vice_versa() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    folder.write("secret", "geheim\n");
    for (kind, how) in [
        ("p256", &["-v2", "aes-256-cbc"][..]),
        ("rsa-2048", &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"]),
        ("ed25519", &["-scrypt"]),
        ("p384", &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"]),
    ] {
        let (cert_file, key, encrypted) =
            (format!("{kind}.pem"), format!("{kind}.key"), format!("{kind}.enc"));
        cert(&folder, &["issue", "a.test", "--key-type", kind, "--out", kind]);
        let pkcs8 = ["pkcs8", "-topk8", "-in", &key, "-passout", "pass:geheim", "-out", &encrypted];
        openssl(&folder, &[&pkcs8[..], how].concat());
        cert(&folder, &["match", &cert_file, &encrypted, "--passphrase-file", "secret"]);
        let ours = format!("{kind}.ours");
        cert(&folder, &["convert", &key, "--encrypt", "--passphrase-file", "secret", "--out", &ours]);
        let opened = openssl(&folder, &["pkey", "-in", &ours, "-passin", "pass:geheim", "-pubout"]);
        assert_eq!(opened, openssl(&folder, &["pkey", "-in", &key, "-pubout"]), "{kind}");
    }
    // Encryptions that are not read are told with the command that converts.
    for how in [["-v1", "PBE-SHA1-3DES"], ["-v2", "des3"]] {
        let pkcs8 = ["pkcs8", "-topk8", "-in", "p256.key", "-passout", "pass:geheim", "-out", "old.enc"];
        openssl(&folder, &[&pkcs8[..], &how].concat());
        let mut command = cairn(&["cert", "match", "p256.pem", "old.enc", "--passphrase-file", "secret"]);
        let refused = run(command.current_dir(folder.path())).expect_code(1);
        refused.expect_words(&["old.enc", "PBES2", "openssl pkcs8 -topk8"]);
    }
    let traditional =
        ["ec", "-in", "p256.key", "-aes256", "-passout", "pass:geheim", "-out", "traditional.enc"];
    openssl(&folder, &traditional);
    let mut command = cairn(&["cert", "match", "p256.pem", "traditional.enc", "--passphrase-file", "secret"]);
    run(command.current_dir(folder.path())).expect_code(1).expect_words(&["openssl pkey"]);
}

#[test]
fn requests_go_both_ways() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    cert(&folder, &["ca"]);
    for kind in ["p256", "rsa-2048", "ed25519"] {
        cert(&folder, &["request", "a.test", "me@a.test", "--key-type", kind, "--out", kind]);
        let csr = format!("{kind}.csr");
        let text = openssl(&folder, &["req", "-in", &csr, "-verify", "-noout", "-text"]);
        assert!(text.contains("DNS:a.test, email:me@a.test") && text.contains("verify OK"), "{text}");
    }
    let new = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "theirs.key", "-out", "theirs.csr"];
    let names = ["-subj", "/O=Lab/CN=theirs", "-addext", "subjectAltName=DNS:b.test,IP:10.0.0.1"];
    openssl(&folder, &[&new[..], &names].concat());
    cert(&folder, &["issue", "--request", "theirs.csr", "--ca", "ca.pem", "--out", "theirs"]);
    cert(&folder, &["match", "theirs.pem", "theirs.key"]);
    cert(&folder, &["check", "theirs.pem", "--ca", "ca.pem", "--name", "10.0.0.1"]);
    // A key that is too short is the reason, not the form of the request.
    let short = ["req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", "short.key", "-out", "short.csr"];
    openssl(&folder, &[&short[..], &["-subj", "/CN=short"]].concat());
    for command in [&["show", "short.csr"][..], &["issue", "--request", "short.csr", "--ca", "ca.pem"]] {
        run(cairn(&["cert"]).args(command).current_dir(folder.path())).expect_code(1).expect_words(&["1024"]);
    }
}

#[test]
fn issued_certificates_serve_a_handshake_with_an_encrypted_key() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    folder.write("secret", "geheim");
    cert(&folder, &["ca"]);
    let encrypted = ["--encrypt", "--passphrase-file", "secret"];
    cert(&folder, &[&["issue", "localhost", "--ca", "ca.pem"], &encrypted[..]].concat());
    let client = ["issue", "--subject", "CN=Me", "--purpose", "client", "--ca", "ca.pem", "--out", "me"];
    cert(&folder, &[&client[..], &encrypted].concat());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--cert", "localhost.pem", "--key", "localhost.key"];
    let options = ["--passphrase-file", "secret", "--client-ca", "ca.pem", "--require-client-cert"];
    let mut server =
        Peer::start(cairn(&serve).args(options).args(["--once", "2"]).current_dir(folder.path()));
    let address = server.wait_for("an address", |text| {
        Some(text.split_once('\n')?.0.strip_prefix("listening on ")?.to_owned())
    });
    let theirs = ["s_client", "-connect", &address, "-CAfile", "ca.pem", "-verify_return_error"];
    let identity =
        ["-cert", "me.pem", "-key", "me.key", "-pass", "pass:geheim", "-verify_hostname", "localhost"];
    let done = run(Command::new("openssl").args(theirs).args(identity).current_dir(folder.path()));
    done.expect_code(0).expect_words(&["Verification: OK"]);
    let connect = ["connect", &address.replace("127.0.0.1", "localhost"), "--ca", "ca.pem", "--send", "hi"];
    let ours = ["--cert", "me.pem", "--key", "me.key", "--wait", "0"];
    let mut command = cairn(&connect);
    command.args(ours).current_dir(folder.path()).env("CAIRN_PASSPHRASE", "geheim");
    run(&mut command).expect_code(0).expect_words(&["hi"]);
    server.finish().expect_code(0).expect_words(&["CN=Me"]);
}

#[test]
fn collections_of_openssl_are_read_and_put_into_order() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    cert(&folder, &["ca", "Root", "--out", "root"]);
    cert(&folder, &["ca", "Middle", "--ca", "root.pem", "--out", "middle"]);
    cert(&folder, &["issue", "a.test", "--ca", "middle.pem", "--out", "leaf"]);
    // The wrong order.
    let collect = ["crl2pkcs7", "-nocrl", "-certfile", "root.pem", "-certfile", "leaf.pem"];
    openssl(&folder, &[&collect[..], &["-out", "all.p7b"]].concat());
    openssl(&folder, &[&collect[..], &["-outform", "der", "-out", "all.p7c"]].concat());
    for file in ["all.p7b", "all.p7c"] {
        cert(&folder, &["check", file, "--ca", "root.pem", "--name", "a.test"]);
        cert(&folder, &["match", file, "leaf.key"]);
        cert(&folder, &["convert", file, "--out", "chain.pem", "--force"]);
        let (chain, leaf) = (folder.path().join("chain.pem"), folder.path().join("leaf.pem"));
        let chain = std::fs::read_to_string(chain).unwrap();
        let root = std::fs::read_to_string(folder.path().join("root.pem")).unwrap();
        assert_eq!(chain, std::fs::read_to_string(leaf).unwrap() + &root, "{file}");
    }
}

#[test]
fn archives_of_openssl_are_read() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    folder.write("secret", "geheim");
    cert(&folder, &["ca", "Root", "--out", "root"]);
    cert(&folder, &["ca", "Middle", "--ca", "root.pem", "--out", "middle"]);
    cert(&folder, &["issue", "a.test", "--ca", "middle.pem", "--out", "leaf"]);
    // PBES2 with AES and the old 3DES with RC2, and an archive with an empty passphrase.
    let export = ["pkcs12", "-export", "-in", "leaf.pem", "-inkey", "leaf.key", "-certfile", "root.pem"];
    for (how, passphrase) in [(&[][..], "geheim"), (&["-legacy"], "geheim"), (&[], "")] {
        let passout = format!("pass:{passphrase}");
        openssl(&folder, &[&export[..], how, &["-passout", &passout, "-out", "all.p12"]].concat());
        let given = if passphrase.is_empty() { &[][..] } else { &["--passphrase-file", "secret"] };
        let on_archive = |arguments: &[&str]| cert(&folder, &[arguments, given].concat());
        on_archive(&["match", "all.p12"]);
        on_archive(&["match", "all.p12", "leaf.key"]);
        let force = ["--force"];
        on_archive(
            &[&["convert", "all.p12", "--take", "certificates", "--out", "chain.pem"], &force[..]].concat(),
        );
        on_archive(&[&["convert", "all.p12", "--take", "key", "--out", "again.key"], &force[..]].concat());
        let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text("chain.pem"), text("leaf.pem") + &text("root.pem"), "{how:?}");
        assert_eq!(text("again.key"), text("leaf.key"), "{how:?}");
    }
    // Certificates alone, without any protection.
    let open = ["-nokeys", "-keypbe", "NONE", "-certpbe", "NONE", "-nomac", "-passout", "pass:"];
    let bare = ["pkcs12", "-export", "-in", "root.pem", "-out", "open.p12"];
    openssl(&folder, &[&bare[..], &open].concat());
    run(cairn(&["cert", "show", "open.p12"]).current_dir(folder.path()))
        .expect_code(0)
        .expect_words(&["CN=Root"]);
}

#[test]
fn archives_that_cannot_be_read_are_told_apart() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    folder.write("secret", "geheim");
    folder.write("wrong", "anders");
    cert(&folder, &["issue", "a.test", "--out", "leaf"]);
    let export = ["pkcs12", "-export", "-in", "leaf.pem", "-inkey", "leaf.key", "-passout", "pass:geheim"];
    openssl(&folder, &[&export[..], &["-out", "all.p12"]].concat());
    let refused = |arguments: &[&str], words: &[&str]| {
        run(cairn(arguments).current_dir(folder.path())).expect_code(1).expect_words(words);
    };
    refused(&["cert", "show", "all.p12"], &["all.p12", "encrypted", "--passphrase-file"]);
    let wrong = ["cert", "show", "all.p12", "--passphrase-file", "wrong"];
    refused(&wrong, &["all.p12", "the passphrase is wrong"]);
    // More work than a file may ask for.
    openssl(&folder, &[&export[..], &["-iter", "2000000", "-macalg", "SHA1", "-out", "slow.p12"]].concat());
    refused(&["cert", "show", "slow.p12", "--passphrase-file", "secret"], &["iterations", "openssl pkcs12"]);
    let whole = std::fs::read(folder.path().join("all.p12")).unwrap();
    folder.write("cut.p12", &whole[..whole.len() - 10]);
    refused(&["cert", "show", "cut.p12", "--passphrase-file", "secret"], &["cut.p12", "malformed"]);
    // Commands that read no archives name the one that converts them.
    refused(&["cert", "check", "all.p12", "--name", "a.test"], &["PKCS #12", "openssl pkcs12"]);
}
