//! The command line, and errors before any byte is sent.

use crate::support::{Folder, GROUPS, Kind, Pki, SUITES, cairn, run};
use cairn_tls::x509::{CertificateFacts, pem};

#[test]
fn every_command_has_help_and_version() {
    let proxy = if cfg!(feature = "proxy") { Some("proxy") } else { None };
    let commands = ["demo", "connect", "serve", "decode", "scan", "cert", "completions", "man", "suites"];
    for command in commands.into_iter().chain(proxy) {
        run(&mut cairn(&[command, "--help"])).expect_code(0).expect_words(&["Usage: cairn"]);
    }
    let help = run(&mut cairn(&["--help"])).expect_code(0).expect_words(&["Examples:", "Exit codes:"]).out();
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    let version = run(&mut cairn(&["--version"])).expect_code(0).out();
    assert_eq!(version.trim(), concat!("cairn ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_command_line_is_exit_code_2() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["connect"],
        &["connect", "host:notaport"],
        &["connect", "host:1", "--suites", "TLS_NO_SUCH_SUITE"],
        &["connect", "host:1", "--suites", "TLS_RSA_WITH_NULL_MD5"],
        &["connect", "host:1", "--groups", "P-257"],
        &["connect", "host:1", "--cert", "only-this"],
        &["connect", "host:1", "--name", "not a name"],
        &["connect", "host:1", "--insecure", "--ca", "file"],
        &["scan"],
        &["scan", "host:1", "--fail-on", "terrible"],
        &["scan", "host:1", "--timeout", "0"],
        &["serve"],
        &["serve", "--cert", "a", "--key", "b", "--require-client-cert"],
        &["decode", "--hex", "--binary"],
    ] {
        let done = run(&mut cairn(arguments)).expect_code(2);
        assert!(!done.err().is_empty(), "{arguments:?}");
    }
}

#[test]
fn tests_cover_all_suites_and_groups() {
    let of = |tls, table| run(&mut cairn(&["suites", "--tls", tls, "--names", table])).expect_code(0).out();
    let names = |table| of("1.2", table);
    let suites: Vec<&str> = SUITES.iter().map(|suite| suite.iana).collect();
    let groups: Vec<&str> = GROUPS.iter().map(|group| group.iana).collect();
    let mut supported: Vec<String> = names("suites").lines().map(str::to_owned).collect();
    supported.sort_by_key(|name| suites.iter().position(|suite| suite == name));
    assert_eq!(supported, suites);
    // The finite fields of RFC 7919 come last.
    let all = names("groups");
    let all: Vec<&str> = all.lines().collect();
    let (curves, fields) = all.split_at(groups.len());
    assert_eq!(curves, groups);
    assert_eq!(fields, ["ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"]);
    assert!(names("schemes").lines().any(|name| name == "ed25519"));
    let tables = run(&mut cairn(&["suites"])).expect_code(0).out();
    for name in suites.iter().chain(&groups) {
        assert!(tables.contains(name), "{name}");
    }
    assert!(tables.contains("AWS-LC"), "{tables}");
}

#[test]
fn suites_of_tls_1_3_are_listed_with_their_groups_and_schemes() {
    let of = |arguments: &[&str]| run(&mut cairn(&[&["suites"], arguments].concat())).expect_code(0).out();
    let modern = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
    let names = of(&["--tls", "1.3", "--names", "suites"]);
    assert_eq!(names.lines().collect::<Vec<_>>(), modern);
    let compatible = of(&["--tls", "1.3", "--policy", "compatible", "--names", "suites"]);
    assert!(compatible.contains("TLS_AES_128_CCM_SHA256"), "{compatible}");
    let both = of(&["--names", "suites"]);
    assert!(both.starts_with(&names) && both.lines().count() == modern.len() + SUITES.len(), "{both}");

    // RFC 9846 section 4.3.3 leaves RSASSA-PKCS1-v1_5 to certificates.
    let schemes = of(&["--tls", "1.3", "--names", "schemes"]);
    assert!(schemes.contains("rsa_pss_rsae_sha256") && !schemes.contains("pkcs1"), "{schemes}");

    let tables = of(&[]);
    let row = |name: &str| {
        let row = tables.lines().find(|line| line.split_whitespace().next() == Some(name));
        row.unwrap_or_else(|| panic!("no {name} in\n{tables}")).to_owned()
    };
    let hybrid = row("X25519MLKEM768");
    assert!(hybrid.contains("MLKEM768, x25519") && hybrid.contains("resistant"), "{hybrid}");
    assert!(!row("x25519").contains("resistant"));
    assert!(row("rsa_pkcs1_sha256").contains(" 1.2 ") && row("ed25519").contains("1.2, 1.3"), "{tables}");
    let widest = tables.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(110), "{tables}");
}

#[test]
fn inconsistent_options_are_reported_with_the_option_that_helps() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--once", "1"];
    let cert = ["--cert", &files.cert, "--key", &files.key];
    let connect = ["connect", "127.0.0.1:1", "--ca", &pki.ca];
    let psk = ["--psk", "device:00112233445566778899aabbccddeeff"];
    let certificate = &pem::certificates(&std::fs::read(&files.cert).unwrap()).unwrap()[0];
    let spki = CertificateFacts::from_der(certificate).unwrap().spki;
    let public = pki.folder.write("server.pub", pem::encode_public_key(&spki));
    let (tls13, tls12) = (["--suites", "TLS_AES_128_GCM_SHA256"], ["--suites", SUITES[1].iana]);
    for (command, options, words) in [
        (&serve[..], &[&tls12[..]][..], "hint: --cert FILE and --key FILE"),
        (
            &serve,
            &[&cert, &["--client-ca", &pki.ca, "--ask-later", "--tls", "1.2"]],
            "hint: --ask-later needs",
        ),
        (
            &serve,
            &[&cert, &psk, &["--tls", "1.3", "--client-ca", &pki.ca, "--require-client-cert"]],
            "hint: --psk-with-certificates uses",
        ),
        (&serve, &[&cert, &["--floor", "300"]], "--floor the required security"),
        (
            &serve,
            &[&psk, &["--tls", "1.3", "--psk-hide-identities"]],
            "hint: In TLS 1.3, a server without --cert",
        ),
        (&connect, &[&tls13, &["--tls", "1.2"]], "hint: --suites or --policy names"),
        (&connect, &[&["--groups", "brainpoolP256r1", "--tls", "1.3"]], "hint: --groups names"),
        (&connect, &[&["--groups", "x25519,x25519", "--tls", "1.3"]], "hint: --groups names"),
        (&connect, &[&tls12, &["--floor", "200"]], "hint: --floor names"),
        (&connect, &[&["--suites", "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"]], "hint: --psk IDENTITY:HEX"),
        (&connect, &[&["--trust-key", &public, "--ocsp", "require"]], "hint: --ocsp require cannot be"),
        (
            &connect,
            &[&psk, &["--psk-import", "--psk-with-certificates", "--tls", "both"]],
            "hint: --psk-with-certificates of connect needs --tls 1.3",
        ),
    ] {
        run(cairn(command).args(options.concat())).expect_code(1).expect_words(&["cairn: ", words]);
    }
}

#[test]
fn unusable_files_are_reported() {
    let pki = Pki::new();
    let folder = Folder::new();
    let files = pki.server(Kind::P256);
    let empty = folder.write("empty.pem", "");
    let missing = folder.file("missing.pem");
    for (arguments, words) in [
        (vec!["connect", "127.0.0.1:1", "--ca", &missing], vec![missing.as_str()]),
        (vec!["connect", "127.0.0.1:1", "--ca", &empty], vec![&empty, "no certificate"]),
        (vec!["serve", "--cert", &files.cert, "--key", &empty], vec![&empty, "no private key"]),
        (vec!["serve", "--cert", &files.cert, "--key", &missing], vec![missing.as_str()]),
        (vec!["serve", "--cert", &files.cert, "--key", &files.key, "--client-ca", &empty], vec![&empty]),
        (
            vec!["serve", "--cert", &files.cert, "--key", &files.key, "--listen", "256.0.0.1:1"],
            vec!["cannot listen on 256.0.0.1:1"],
        ),
        (
            // An RSA suite cannot be used with an ECDSA key.
            vec![
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--cert",
                &files.cert,
                "--key",
                &files.key,
                "--suites",
                SUITES[1].iana,
            ],
            vec!["no cipher suite can be used"],
        ),
        (
            // A group that is registered but not supported.
            vec!["connect", "127.0.0.1:1", "--insecure", "--groups", "x448"],
            vec!["x448"],
        ),
        (vec!["connect", "127.0.0.1:1", "--insecure", "--key-log"], vec!["SSLKEYLOGFILE"]),
    ] {
        run(&mut cairn(&arguments)).expect_code(1).expect_words(&words).expect_words(&["cairn: "]);
    }
    let other_key = pki.server(Kind::P384).key;
    run(&mut cairn(&["serve", "--cert", &files.cert, "--key", &other_key]))
        .expect_code(1)
        .expect_words(&[&files.cert, &other_key]);
}
