//! The files and the JSON object that `cairn connect` writes.

use crate::support::{Finished, Kind, Peer, Pki, Serve, cairn, run};
use cairn_tls::x509::pem;
use std::fs;

fn connect(server: &Serve, pki: &Pki, arguments: &[&str]) -> Finished {
    let mut command = cairn(&["connect", &server.address, "--name", "localhost"]);
    if !arguments.contains(&"--insecure") {
        command.args(["--ca", &pki.ca]);
    }
    run(command.args(arguments))
}

/// Connects with a file of sessions. The echo comes after the tickets of the server, so the client has them.
fn connect_with_file(server: &Serve, pki: &Pki, file: &str, arguments: &[&str]) -> Finished {
    let common = ["--session-file", file, "--send", "hello", "--wait", "0"];
    connect(server, pki, &[&common, arguments].concat())
}

#[test]
fn sessions_are_resumed_in_the_next_run() {
    let pki = Pki::new();
    let folder = &pki.folder;
    for (tls, trust, word) in [
        ("1.2", &[][..], "resumed, "),
        ("1.3", &[], "resumed by PSK"),
        ("1.3", &["--insecure"], "resumed by PSK"),
    ] {
        let server = Serve::start(&pki, Kind::P256, &["--tls", tls, "--tickets"]);
        let path = folder.path().join(format!("sessions-{tls}-{}", trust.len()));
        let file = path.to_str().unwrap();
        let arguments = [&["--tls", tls][..], trust].concat();
        let visit = |arguments: &[&str]| connect_with_file(&server, &pki, file, arguments).expect_code(0);
        visit(&arguments).expect_words(&["session", "new"]);
        let before = fs::read(&path).unwrap();
        for _ in 0..2 {
            visit(&arguments).expect_words(&[word]);
        }
        // A ticket of TLS 1.3 is used once, and the server issues new ones.
        assert_eq!(before == fs::read(&path).unwrap(), tls == "1.2", "{tls}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // Other settings of trust have other sessions.
        if trust.is_empty() {
            visit(&["--tls", tls, "--insecure"]).expect_words(&["session", "new"]);
        }
        let arguments = [&arguments[..], &["--reconnect", "1"]].concat();
        visit(&arguments).expect_words(&[word, "reconnect 1 of 1: resumed"]);
    }
}

#[test]
fn runs_at_the_same_time_share_the_sessions() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tickets=4"]);
    let file = pki.folder.file("sessions");
    let runs = || {
        let start = |_| {
            let mut command = cairn(&["connect", &server.address, "--name", "localhost", "--ca", &pki.ca]);
            command.args(["--tls", "1.3", "--session-file", &file, "--send", "hello", "--wait", "0"]);
            Peer::start(&mut command)
        };
        let all: Vec<Peer> = (0..4).map(start).collect();
        all.into_iter().map(|run| run.finish().expect_code(0)).collect::<Vec<_>>()
    };
    // Each gets four tickets and uses one at most. None is lost, so each run of the next round finds one.
    runs();
    for done in runs() {
        done.expect_words(&["resumed by PSK"]);
    }
}

#[test]
fn file_that_has_no_sessions_is_not_changed() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tickets"]);
    let ours = pki.folder.path().join("ours");
    connect_with_file(&server, &pki, ours.to_str().unwrap(), &[]).expect_code(0);
    let mut cut = fs::read(&ours).unwrap();
    cut.pop();
    let mut other_version = b"cairn sessions 1\n\0\0\0\0\0\0\0\0\0\0\0\x01".to_vec();
    other_version.push(200);
    for (contents, word) in [
        (&b"important notes\n"[..], "not a file of sessions"),
        (&cut, "it ends too early"),
        (&other_version, "another version of cairn"),
    ] {
        let path = private(&pki, "foreign", contents);
        connect(&server, &pki, &["--session-file", &path]).expect_code(1).expect_words(&[word, "hint"]);
        assert_eq!(fs::read(&path).unwrap(), contents);
    }
    // A new file may be empty, as mktemp makes it.
    let path = private(&pki, "empty", b"");
    connect_with_file(&server, &pki, &path, &[]).expect_code(0);
    assert!(fs::read(&path).unwrap().starts_with(b"cairn sessions 1\n"));
    let missing = pki.folder.path().join("no-such-folder/sessions");
    connect(&server, &pki, &["--session-file", missing.to_str().unwrap()])
        .expect_code(1)
        .expect_words(&["the sessions cannot be written"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        connect(&server, &pki, &["--session-file", &path]).expect_code(1).expect_words(&["chmod 600"]);
    }
}

/// A file that its owner alone can access.
fn private(pki: &Pki, name: &str, contents: &[u8]) -> String {
    let path = pki.folder.path().join(name);
    fs::write(&path, contents).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

#[test]
fn chain_is_saved_whether_it_is_accepted_or_not() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let server = Serve::with(core::slice::from_ref(&files), &[]);
    let sent = pem::certificates(&fs::read(&files.cert).unwrap()).unwrap();
    let saved = pki.folder.path().join("saved.pem");
    let saved = saved.to_str().unwrap();
    connect(&server, &pki, &["--save-chain", saved]).expect_code(0).expect_words(&["written to"]);
    assert_eq!(pem::certificates(&fs::read(saved).unwrap()).unwrap(), sent);
    fs::remove_file(saved).unwrap();
    run(&mut cairn(&[
        "connect",
        &server.address,
        "--ca",
        &pki.ca,
        "--name",
        "other.example",
        "--save-chain",
        saved,
    ]))
    .expect_code(5);
    assert_eq!(pem::certificates(&fs::read(saved).unwrap()).unwrap(), sent);
    // A file that cannot be written does not hide why the handshake failed.
    let unwritable = pki.folder.file("no-such-folder/saved.pem");
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "other.example"]);
    run(command.args(["--save-chain", &unwritable]))
        .expect_code(5)
        .expect_words(&["not for this name", &format!("hint: {unwritable}")]);
    connect(&server, &pki, &["--save-chain", &unwritable]).expect_code(1).expect_words(&[&unwritable]);
}

#[test]
fn report_in_json_has_the_parameters_and_the_certificates() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--alpn", "test"]);
    let done = connect(&server, &pki, &["--json", "--alpn", "test"]).expect_code(0);
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["version"], "TLS 1.3");
    assert_eq!(report["application_protocol"], "test");
    assert_eq!(report["address"], server.address);
    assert_eq!(report["security"]["forward_secrecy"], true);
    assert_eq!(report["resumed"], false);
    let leaf = &report["certificates"][0];
    assert_eq!(leaf["key"], "EC P-256");
    assert_eq!(leaf["names"][0], "DNS:localhost");
    assert!(leaf["sha_256"].is_string() && leaf["pem"].is_string());
    assert_eq!(done.err(), "");

    let mut command =
        cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "other.example", "--json"]);
    let done = run(&mut command).expect_code(5);
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["error"]["exit_code"], 5);
    assert!(report["error"]["message"].as_str().unwrap().contains("not for this name"));
    assert_eq!(report["certificates"][0]["names"][0], "DNS:localhost");
}

#[test]
fn certificates_are_shown_in_full() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    connect(&server, &pki, &["--show-cert"]).expect_code(0).expect_words(&[
        "certificate 1 of",
        "DNS:localhost",
        "SHA-256",
        "key pin",
        "serverAuth",
    ]);
}

#[test]
fn key_log_may_be_named_on_the_command_line() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let path = pki.folder.path().join("keys.log");
    connect(&server, &pki, &["--keylog", path.to_str().unwrap()]).expect_code(0);
    let log = fs::read_to_string(&path).unwrap();
    assert!(log.contains("CLIENT_TRAFFIC_SECRET_0 "), "{log}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let again = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            connect(&server, &pki, &["--keylog", path.to_str().unwrap()]).expect_code(0).err()
        };
        assert!(again(0o644).contains("other users can read this file"));
        assert!(!again(0o600).contains("other users"));
    }
}
