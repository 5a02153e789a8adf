//! `cairn cert`: certificates and keys, without other programs.

use crate::support::{Folder, cairn, run};
use cairn_tls::{crypto::KeySpec, x509::issue::Template};
use std::{fs, path::Path, process::Command};

/// The program in a folder, where it reads and writes its files.
fn in_folder(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = cairn(&[&["cert"], arguments].concat());
    command.current_dir(folder.path());
    command
}

/// Runs `cairn cert` to its end, which must be a success.
#[track_caller]
fn made(folder: &Folder, arguments: &[&str]) -> String {
    run(&mut in_folder(folder, arguments)).expect_code(0).all()
}

fn text(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// Every kind of key but the slow ones.
const KINDS: [&str; 9] =
    ["p256", "p384", "p521", "ed25519", "rsa-2048", "rsa-pss-2048", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"];

#[test]
fn every_kind_of_key_is_issued_checked_and_matched() {
    let folder = Folder::new();
    for kind in KINDS {
        let (ca, server) = (format!("ca-{kind}"), format!("server-{kind}"));
        let (ca_file, server_file) = (format!("{ca}.pem"), format!("{server}.pem"));
        made(&folder, &["ca", "--key-type", kind, "--out", &ca]);
        let issued = ["issue", "a.test", "--ca", &ca_file, "--key-type", kind, "--out", &server];
        made(&folder, &issued);
        let accepted = made(&folder, &["check", &server_file, "--ca", &ca_file, "--name", "a.test"]);
        assert!(accepted.contains("accepted for a.test"), "{kind}: {accepted}");
        let key = format!("{server}.key");
        assert!(made(&folder, &["match", &server_file, &key]).contains("they belong together"), "{kind}");
        let other = run(&mut in_folder(&folder, &["match", &server_file, &format!("{ca}.key")]));
        other.expect_code(5).expect_words(&["do not belong together"]);
    }
    let both = run(&mut in_folder(&folder, &["match", "server-p256.pem", "server-p384.key"]));
    both.expect_code(5).expect_words(&["EC P-256", "EC P-384"]);
}

#[test]
fn chain_with_an_intermediate_is_checked_for_names_times_and_purposes() {
    let folder = Folder::new();
    made(&folder, &["ca", "Root", "--out", "root"]);
    made(
        &folder,
        &[
            "ca",
            "Issuing",
            "--ca",
            "root.pem",
            "--path-len",
            "0",
            "--permit",
            "lab.test",
            "--permit",
            "10.0.0.0/8",
            "--exclude",
            "no.lab.test",
            "--out",
            "issuing",
        ],
    );
    let issue = |names: &[&str], out: &str| {
        let end = ["--ca", "issuing.pem", "--out", out];
        made(&folder, &[&["issue"], names, &end[..]].concat())
    };
    let good = issue(&["web.lab.test", "10.1.2.3"], "good");
    assert!(!good.contains("warning"), "{good}");
    // A wildcard covers the excluded name too.
    issue(&["*.lab.test"], "wildcard");
    for (name, out) in [("x.no.lab.test", "excluded"), ("other.test", "foreign")] {
        let warned = issue(&[name], out);
        assert!(warned.contains("warning") && warned.contains("name constraints"), "{warned}");
    }
    issue(&["me@lab.test", "--subject", "CN=Me", "--purpose", "client"], "me");
    let check = |file: &str, options: &[&str]| {
        run(&mut in_folder(&folder, &[&["check", file, "--ca", "root.pem"], options].concat()))
    };
    check("good.pem", &["--name", "web.lab.test"]).expect_code(0).expect_words(&["accepted for web.lab"]);
    check("good.pem", &["--name", "10.1.2.3"]).expect_code(0);
    check("me.pem", &["--client"]).expect_code(0).expect_words(&["accepted as a client's"]);
    for (file, options, words) in [
        ("good.pem", &["--name", "a.web.lab.test"][..], "not for this name"),
        ("wildcard.pem", &["--name", "web.lab.test"], "constraints"),
        ("good.pem", &["--name", "web.lab.test", "--at", "2040-01-01"], "expired"),
        ("good.pem", &["--name", "web.lab.test", "--at", "2020-01-01T00:00:00Z"], "only valid from"),
        ("good.pem", &["--client"], "clientAuth"),
        ("me.pem", &["--name", "lab.test"], "serverAuth"),
        ("excluded.pem", &["--name", "x.no.lab.test"], "constraints"),
        ("foreign.pem", &["--name", "other.test"], "constraints"),
    ] {
        check(file, options).expect_code(5).expect_words(&["not accepted", words]);
    }
    // `check` has neither --show-cert nor --save-chain.
    let foreign = check("foreign.pem", &["--name", "other.test"]).all();
    assert!(foreign.contains("without this fault") && !foreign.contains("--show-cert"), "{foreign}");
    // The intermediate is part of the file of the certificate, and the root is not.
    assert_eq!(text(&folder, "good.pem").matches("BEGIN CERTIFICATE").count(), 2);
    let below = run(&mut in_folder(&folder, &["ca", "Below", "--ca", "issuing.pem", "--out", "below"]));
    below.expect_code(0).expect_words(&["warning", "below a certification authority"]);
    made(&folder, &["issue", "deep.lab.test", "--ca", "below.pem", "--out", "deep"]);
    check("deep.pem", &["--name", "deep.lab.test"]).expect_code(5);
}

#[test]
fn request_is_answered_with_its_names_and_key() {
    let folder = Folder::new();
    made(&folder, &["ca"]);
    made(&folder, &["request", "web.test", "*.web.test", "--subject", "O=Lab, CN=web.test", "--out", "web"]);
    assert!(made(&folder, &["show", "web.csr"]).contains("O=Lab, CN=web.test"));
    made(&folder, &["issue", "--request", "web.csr", "--ca", "ca.pem", "--out", "web"]);
    made(&folder, &["check", "web.pem", "--ca", "ca.pem", "--name", "a.web.test"]);
    made(&folder, &["match", "web.pem", "web.key", "web.csr"]);
    let shown = made(&folder, &["show", "web.pem"]);
    assert!(shown.contains("O=Lab, CN=web.test") && shown.contains("*.web.test"), "{shown}");

    // The certificate that a request renews is not in its way.
    fs::remove_file(folder.path().join("web.csr")).unwrap();
    made(&folder, &["request", "web.test", "--key", "web.key", "--out", "web"]);

    // A first name that is too long for a common name.
    let long = format!("{}.test", ["a".repeat(40), "b".repeat(40)].join("."));
    made(&folder, &["request", &long, "--out", "long"]);
    let shown = made(&folder, &["show", "long.csr"]);
    assert!(!shown.contains("CN=") && shown.contains(&long), "{shown}");

    let broken = text(&folder, "web.csr").replacen("\nMI", "\nMJ", 1);
    folder.write("broken.csr", broken);
    let refused = ["issue", "--request", "broken.csr", "--ca", "ca.pem", "--out", "no"];
    run(&mut in_folder(&folder, &refused)).expect_code(1).expect_words(&["broken.csr"]);
    assert!(!folder.path().join("no.pem").exists());
}

#[test]
fn lifetimes_are_as_stated_and_end_with_the_issuer() {
    let folder = Folder::new();
    let shown = |arguments: &[&str], out: &str| {
        let described = made(&folder, &[arguments, &["--out", out]].concat());
        (described, made(&folder, &["show", &format!("{out}.pem")]))
    };
    let dates = ["--not-before", "2026-01-31", "--not-after", "2031-02-03T04:05:06Z"];
    let (_, text) = shown(&[&["ca"], &dates[..]].concat(), "ca");
    assert!(text.contains("2026-01-31T00:00:00Z") && text.contains("2031-02-03T04:05:06Z"), "{text}");
    let from = ["--not-before", "2031-01-20"];
    let (_, text) = shown(&[&["issue", "a.test", "--ca", "ca.pem"], &from[..]].concat(), "capped");
    assert!(text.contains("2031-02-03T04:05:06Z"), "{text}");
    let longer = ["issue", "a.test", "--ca", "ca.pem", "--days", "100", "--not-before", "2031-01-20"];
    let (said, text) = shown(&longer, "longer");
    assert!(said.contains("warning: the certificate outlives its issuer"), "{said}");
    assert!(text.contains("2031-04-29T23:59:59Z"), "{text}");
    // The chain is accepted until the first of its certificates ends.
    let check = ["check", "longer.pem", "--ca", "ca.pem", "--name", "a.test", "--at", "2031-01-25"];
    let said = made(&folder, &check);
    assert!(said.contains("accepted for a.test, until 2031-02-03T04:05:06Z"), "{said}");
    let wrong = ["issue", "a.test", "--not-before", "2026-02-01", "--not-after", "2026-01-31"];
    run(&mut in_folder(&folder, &wrong)).expect_code(1).expect_words(&["would end", "--not-before"]);
    let late = ["issue", "a.test", "--ca", "ca.pem", "--not-before", "2031-02-04"];
    run(&mut in_folder(&folder, &late)).expect_code(1).expect_words(&["after its issuer has ended"]);
}

#[test]
fn existing_files_are_kept_unless_forced() {
    let folder = Folder::new();
    made(&folder, &["issue", "a.test"]);
    let before = (text(&folder, "a.test.pem"), text(&folder, "a.test.key"));
    let again = run(&mut in_folder(&folder, &["issue", "a.test"])).expect_code(1);
    again.expect_words(&["a.test.pem: the file exists", "--force"]);
    assert_eq!(before, (text(&folder, "a.test.pem"), text(&folder, "a.test.key")));
    // A key alone is in the way too, and then no certificate is written.
    fs::remove_file(folder.path().join("a.test.pem")).unwrap();
    run(&mut in_folder(&folder, &["issue", "a.test"])).expect_code(1).expect_words(&["a.test.key"]);
    assert!(!folder.path().join("a.test.pem").exists());
    made(&folder, &["issue", "a.test", "--force"]);
    assert_ne!(before.1, text(&folder, "a.test.key"));
}

#[cfg(unix)]
#[test]
fn old_file_stays_if_its_replacement_cannot_be_written() {
    let folder = Folder::new();
    made(&folder, &["key", "--out", "a.key"]);
    let before = text(&folder, "a.key");
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_cairn")]);
    limited.args(["cert", "key", "--out", "a.key", "--force"]).current_dir(folder.path());
    run(&mut limited).expect_code(1).expect_words(&["a.key"]);
    assert_eq!(text(&folder, "a.key"), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn links_to_devices_are_written_to_and_not_replaced() {
    let folder = Folder::new();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    made(&folder, &["key", "--out", "link"]);
    made(&folder, &["key", "--out", "link", "--force"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn private_keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    // A file that others may read does not pass its permissions on.
    folder.write("b.key", "old");
    fs::set_permissions(folder.path().join("b.key"), PermissionsExt::from_mode(0o644)).unwrap();
    made(&folder, &["ca", "--out", "b", "--force"]);
    made(&folder, &["key", "--out", "c.key"]);
    made(&folder, &["convert", "c.key", "--to", "der", "--out", "d.key"]);
    for name in ["b.key", "c.key", "d.key"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    assert_ne!(mode("b.pem"), 0o600);
}

#[test]
fn conversions_lead_back_to_the_same_bytes() {
    let folder = Folder::new();
    let convert = |from: &str, options: &[&str], to: &str| {
        made(&folder, &[&["convert", from], options, &["--out", to]].concat());
        fs::read(folder.path().join(to)).unwrap()
    };
    for (kind, form) in [("p256", "sec1"), ("p521", "sec1"), ("rsa-2048", "pkcs1")] {
        made(&folder, &["issue", "a.test", "--key-type", kind, "--out", kind]);
        let key = format!("{kind}.key");
        let old = convert(&key, &["--key-form", form, "--to", "der"], &format!("{kind}.old"));
        assert_ne!(old, convert(&key, &["--to", "der"], &format!("{kind}.new")));
        let pem = convert(&format!("{kind}.old"), &["--key-form", form], &format!("{kind}.old.pem"));
        let label = if form == "sec1" { "BEGIN EC PRIVATE KEY" } else { "BEGIN RSA PRIVATE KEY" };
        assert!(String::from_utf8_lossy(&pem).contains(label), "{kind}");
        let back = convert(&format!("{kind}.old.pem"), &[], &format!("{kind}.back"));
        assert_eq!(String::from_utf8_lossy(&back), text(&folder, &key), "{kind}");

        let certificate = format!("{kind}.pem");
        convert(&certificate, &["--to", "der"], &format!("{kind}.der"));
        let back = convert(&format!("{kind}.der"), &[], &format!("{kind}.der.pem"));
        assert_eq!(String::from_utf8_lossy(&back), text(&folder, &certificate));
        let public = convert(&certificate, &["--take", "public-key"], &format!("{kind}.pub"));
        assert_eq!(public, convert(&key, &["--take", "public-key"], &format!("{kind}.pub2")));
        made(&folder, &["match", &certificate, &format!("{kind}.pub"), &format!("{kind}.old")]);
    }
    assert!(made(&folder, &["show", "rsa-2048.pub", "rsa-2048.old"]).matches("RSA, 2048 bits").count() == 2);
    made(&folder, &["key", "ed25519", "--out", "e.key"]);
    for (file, form, words) in [("e.key", "sec1", "ECDSA"), ("p256.key", "pkcs1", "RSA")] {
        let refused = run(&mut in_folder(&folder, &["convert", file, "--key-form", form]));
        refused.expect_code(1).expect_words(&[words]);
    }
    folder.write("both.pem", text(&folder, "p256.pem") + &text(&folder, "p256.key"));
    run(&mut in_folder(&folder, &["convert", "both.pem"])).expect_code(1).expect_words(&["--take"]);
    assert_eq!(
        made(&folder, &["convert", "both.pem", "--take", "key"]).trim(),
        text(&folder, "p256.key").trim()
    );
    // Options that would have no effect are refused.
    for (file, options, words) in [
        ("p256.pem", &["--encrypt"][..], "--encrypt is for private keys"),
        ("p256.pem", &["--key-form", "sec1"], "--key-form is for private keys"),
        ("p256.key", &["--number", "1"], "--number takes one of several certificates"),
    ] {
        run(&mut in_folder(&folder, &[&["convert", file], options].concat()))
            .expect_code(1)
            .expect_words(&[words]);
    }
    folder.write("two.pem", text(&folder, "p256.pem") + &text(&folder, "p521.pem"));
    let two = run(&mut in_folder(&folder, &["convert", "two.pem", "--to", "der"]));
    two.expect_code(1).expect_words(&["--number"]);
    let second = made(&folder, &["convert", "two.pem", "--number", "2"]);
    assert_eq!(second.trim(), text(&folder, "p521.pem").trim());
}

#[test]
fn encrypted_keys_are_written_and_read() {
    let folder = Folder::new();
    folder.write("secret", "correct horse\r\nsecond line\n");
    folder.write("wrong", "battery staple");
    folder.write("empty", "\n");
    let secret = ["--passphrase-file", "secret"];
    made(&folder, &[&["ca", "--encrypt"], &secret[..]].concat());
    assert!(text(&folder, "ca.key").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert!(made(&folder, &["show", "ca.key"]).contains("encrypted"));
    made(&folder, &["issue", "a.test", "--ca", "ca.pem", "--ca-passphrase-file", "secret"]);
    let mut by_environment = in_folder(&folder, &["match", "ca.pem", "ca.key"]);
    run(by_environment.env("CAIRN_PASSPHRASE", "correct horse")).expect_code(0);
    let wrong = run(&mut in_folder(&folder, &["match", "ca.pem", "ca.key", "--passphrase-file", "wrong"]));
    wrong.expect_code(1).expect_words(&["ca.key", "the passphrase is wrong"]);
    let none = run(&mut in_folder(&folder, &["match", "ca.pem", "ca.key"])).expect_code(1);
    none.expect_words(&["no terminal to ask", "--passphrase-file", "CAIRN_PASSPHRASE"]);
    let empty = run(&mut in_folder(&folder, &["key", "--encrypt", "--passphrase-file", "empty"]));
    empty.expect_code(1).expect_words(&["the passphrase is empty"]);

    made(&folder, &[&["convert", "ca.key", "--out", "plain.key"], &secret[..]].concat());
    made(&folder, &["match", "ca.pem", "plain.key"]);
    let der = ["convert", "ca.key", "--encrypt", "--new-passphrase-file", "wrong", "--to", "der"];
    made(&folder, &[&der[..], &["--out", "other.key"], &secret[..]].concat());
    made(&folder, &["match", "ca.pem", "other.key", "--passphrase-file", "wrong"]);
}

#[test]
fn damaged_block_of_any_kind_is_an_error() {
    let folder = Folder::new();
    made(&folder, &["request", "a.test", "--out", "a"]);
    made(&folder, &["issue", "a.test", "--key", "a.key", "--out", "a"]);
    made(&folder, &["convert", "a.pem", "--take", "public-key", "--out", "a.pub"]);
    let whole = text(&folder, "a.pem");
    for file in ["a.key", "a.csr", "a.pub"] {
        let damaged = text(&folder, file).replacen("\nM", "\n?", 1);
        // Alone, and beside a certificate.
        for (damaged, line) in [(damaged.clone(), 1), (whole.clone() + &damaged, whole.lines().count() + 1)] {
            folder.write("damaged.pem", damaged);
            let words = format!("damaged.pem: the block that begins on line {line} is not base64");
            for command in ["show", "match", "convert"] {
                let refused = run(&mut in_folder(&folder, &[command, "damaged.pem"])).expect_code(1);
                refused.expect_words(&[&words]);
            }
        }
    }
}

#[test]
fn names_of_a_hostile_certificate_cannot_control_the_terminal() {
    const PLACEHOLDER: &[u8; 10] = b"sentinel-x";
    const HOSTILE: &[u8; 10] = b"\x1b[2J\n\r\x07\x08\x00\x7f";
    let name = core::str::from_utf8(PLACEHOLDER).unwrap();
    let url = format!("http://{name}/");
    let template = Template::authority(name).permit_dns(name).dns(name).mailbox(&format!("{name}@a.test"));
    let template = template.uri(&url).crl_url(&url).ocsp_url(&url).issuer_url(&url).valid(0, 4_000_000_000);
    let made = template.self_signed(&cairn_tls::default_provider(), KeySpec::EcP256).unwrap();
    let mut der = made.certificate().to_vec();
    let mut places = 0;
    while let Some(at) = der.windows(PLACEHOLDER.len()).position(|bytes| bytes == PLACEHOLDER) {
        der[at..at + HOSTILE.len()].copy_from_slice(HOSTILE);
        places += 1;
    }
    let folder = Folder::new();
    let file = folder.write("hostile.der", der);
    for command in [&["cert", "show", &file][..], &["decode", &file]] {
        let shown = run(&mut cairn(command)).expect_code(0).all();
        assert_eq!(shown.chars().find(|c| c.is_control() && *c != '\n'), None, "{shown:?}");
        let escaped = "\\u{1b}[2J\\u{a}\\u{d}\\u{7}\\u{8}\\u{0}\\u{7f}";
        assert_eq!(shown.matches(escaped).count(), places, "{shown:?}");
    }
}

#[test]
fn files_that_do_not_fit_are_named() {
    let folder = Folder::new();
    made(&folder, &["ca"]);
    made(&folder, &["issue", "a.test", "--out", "leaf"]);
    folder.write("text", "nothing in here");
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["issue", "b.test", "--ca", "leaf.pem"], 1, &["leaf.pem", "not an authority", "cairn cert ca"]),
        (&["issue", "b.test", "--ca", "ca.pem", "--ca-key", "leaf.key"], 1, &["leaf.key", "belong together"]),
        (&["issue", "b.test", "--ca", "missing.pem"], 1, &["missing.pem"]),
        (&["issue", "b.test", "--request", "ca.pem", "--ca", "ca.pem"], 1, &["ca.pem"]),
        (&["issue", "b.test", "--subject", "nonsense"], 1, &["subject"]),
        (&["issue", "b.test", "--signature", "ed25519"], 1, &["scheme"]),
        (&["issue", "b.test", "--signature", "nonsense"], 2, &["cairn suites --names schemes"]),
        (&["issue", "b test"], 2, &["expected a DNS name"]),
        (&["issue"], 2, &["NAME"]),
        (&["issue", "b.test", "--not-after", "soon"], 2, &["expected a date"]),
        (&["issue", "b.test", "--key-type", "dsa"], 2, &["p256"]),
        (&["issue", "b.test", "--crl-url", "not a url"], 1, &["URI"]),
        (&["show", "text"], 1, &["text", "no certificate"]),
        (&["match", "ca.pem"], 1, &["only one key"]),
        (&["check", "ca.key", "--ca", "ca.pem", "--name", "a"], 1, &["ca.key", "private key"]),
        (&["check", "leaf.pem", "--ca", "ca.pem", "--name", "a.test"], 5, &["not accepted"]),
        (&["convert", "text"], 1, &["text"]),
    ];
    for (arguments, code, words) in cases {
        run(&mut in_folder(&folder, arguments)).expect_code(*code).expect_words(words);
    }
    assert!(!Path::new(&folder.file("b.test.key")).exists());
}

#[cfg(target_os = "linux")]
#[test]
fn terminal_is_asked_for_a_passphrase_without_an_echo() {
    use crate::support::{Peer, installed};
    if !installed("script") {
        return;
    }
    let folder = Folder::new();
    folder.write("secret", "open sesame");
    made(&folder, &["ca", "--encrypt", "--passphrase-file", "secret"]);
    let on_terminal = |line: &str| {
        let mut command = Command::new("script");
        let line = line.replace("cairn", env!("CARGO_BIN_EXE_cairn"));
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
        Peer::start(command.env_remove("CAIRN_PASSPHRASE"))
    };
    // The prompt comes just before the echo is turned off. A second process says when that has happened.
    let watched = "{ until stty -a </dev/tty | grep -q -e '-echo '; do \
                   sleep 0.05; [ -e /proc/$$ ] || exit; done; echo silent; } & \
                   exec cairn cert match ca.pem ca.key";
    for (answer, code, words) in
        [("open sesame\n", 0, "they belong together"), ("sesame\n", 1, "the passphrase is wrong")]
    {
        let mut terminal = on_terminal(watched);
        terminal.wait_for_text("Passphrase of ca.key:");
        terminal.wait_for_text("silent");
        terminal.write(answer.as_bytes());
        let done = terminal.finish().expect_code(code).expect_words(&[words]);
        assert!(!done.all().contains("sesame"), "{}", done.all());
    }
    let mut terminal = on_terminal("cairn cert key --encrypt --out new.key");
    for (question, answer) in [("New passphrase of new.key:", "one\n"), ("The same again:", "two\n")] {
        terminal.wait_for_text(question);
        terminal.write(answer.as_bytes());
    }
    terminal.finish().expect_code(1).expect_words(&["the two passphrases differ"]);
    assert!(!folder.path().join("new.key").exists());
}
