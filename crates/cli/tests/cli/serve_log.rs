//! `cairn serve --log-format json`: an object for each connection, warning and failure.

use crate::support::{Finished, Kind, Pki, Serve, cairn, run, run_with_input};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};

/// The objects of a log, without the fields that differ from run to run, which are checked here.
fn objects(log: &str) -> Vec<Value> {
    let object = |line: &str| {
        let mut object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let fields = object.as_object_mut().unwrap();
        assert!(fields.remove("time").unwrap().as_f64().unwrap() > 1e9, "{line}");
        assert!(fields.remove("milliseconds").unwrap().as_u64().unwrap() < 60_000, "{line}");
        assert!(fields.remove("client").unwrap().as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
        // A port scanner sends no hello, and connections over QUIC have no trace of messages.
        if let Some(ja4) = fields.remove("ja4") {
            assert!(ja4.as_str().unwrap().starts_with("t1"), "{line}");
            assert_eq!(fields.remove("ja3").unwrap().as_str().unwrap().len(), 32, "{line}");
        } else {
            assert!(!fields.contains_key("tls") || fields["transport"] == json!("quic"), "{line}");
        }
        object
    };
    log.lines().map(object).collect()
}

/// The only object with these fields. A connection is logged when it has ended, so the next one may be logged
/// before it.
fn only<'a>(all: &'a [Value], wanted: &Value) -> &'a Value {
    let wanted = wanted.as_object().unwrap();
    let has_all = |object: &&Value| wanted.iter().all(|(key, value)| object.get(key) == Some(value));
    let found: Vec<&Value> = all.iter().filter(has_all).collect();
    assert_eq!(found.len(), 1, "{wanted:?} in {all:#?}");
    found[0]
}

#[test]
fn connections_are_objects_with_their_parameters() {
    let pki = Pki::new();
    let client = pki.client(Kind::Ed25519);
    let options = ["--log-format", "json", "--client-ca", &pki.ca, "--alpn", "echo", "--early-data", "100"];
    let server = Serve::start(&pki, Kind::P256, &[&options[..], &["--once", "5"]].concat());
    let address = format!("localhost:{}", server.port);
    let connect = ["connect", &address, "--ca", &pki.ca, "--alpn", "echo", "--groups", "x25519,secp256r1"];
    let tls12 = ["--tls", "1.2", "--cert", &client.cert, "--key", &client.key, "--wait", "0"];
    run_with_input(cairn(&connect).args(tls12), b"hello").expect_code(0);
    let early = pki.folder.write("early", "early");
    let resume =
        ["--send", "first", "--reconnect", "1", "--early-data", &early, "--tls", "1.3", "--wait", "0"];
    run(cairn(&connect).args(resume)).expect_code(0);
    // The chain is not trusted: the client sends an alert.
    let elsewhere = Pki::new();
    let other = elsewhere.stranger(&cairn_tls::x509::issue::Template::authority("Nobody's"));
    run(&mut cairn(&["connect", &address, "--ca", &other.cert])).expect_code(5);
    // A port scanner.
    drop(TcpStream::connect(&server.address).unwrap());
    let log = server.finish().err();
    let all = objects(&log);
    let common = json!({
        "event": "closed", "transport": "tcp", "group": "x25519", "signature": "ecdsa_secp256r1_sha256",
        "alpn": "echo", "name": "localhost", "post_quantum": false,
    });
    let expected = |fields: Value| {
        let mut object = common.as_object().unwrap().clone();
        object.extend(fields.as_object().unwrap().clone());
        Value::Object(object)
    };
    let suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    assert_eq!(all.len(), 5, "{log}");
    assert_eq!(
        *only(&all, &json!({ "tls": "TLS 1.2" })),
        expected(json!({
            "tls": "TLS 1.2", "suite": suite, "resumed": false, "identity": "CN=Test client ed25519",
            "received": 5, "sent": 5,
        }))
    );
    let full = only(&all, &json!({ "tls": "TLS 1.3", "resumed": false }));
    let suite = full["suite"].clone();
    assert!(suite.as_str().unwrap().starts_with("TLS_AES_"), "{log}");
    let fields = json!({ "tls": "TLS 1.3", "suite": suite, "resumed": false, "received": 5, "sent": 5 });
    assert_eq!(*full, expected(fields));
    only(&all, &json!({ "resumed": true, "early_data": "accepted", "early_bytes": 5, "received": 10 }));
    let refused = only(&all, &json!({ "event": "refused", "alert_received": "unknown_ca" }));
    assert!(refused["reason"].as_str().unwrap().contains("unknown_ca"), "{log}");
    let scanner = all.iter().find(|object| object.get("tls").is_none() && object["event"] == json!("closed"));
    assert!(scanner.unwrap()["reason"].as_str().unwrap().contains("closed without a byte"), "{log}");
}

#[test]
fn failures_and_requests_are_objects_too() {
    let pki = Pki::new();
    let options = ["--log-format", "json", "--http", "--client-ca", &pki.ca, "--require-client-cert"];
    let server = Serve::start(&pki, Kind::P256, &[&options[..], &["--once", "2"]].concat());
    let address = format!("localhost:{}", server.port);
    let connect = ["connect", &address, "--ca", &pki.ca];
    run(cairn(&connect).args(["--tls", "1.2"])).expect_code(4);
    let client = pki.client(Kind::P256);
    let get = ["--cert", &client.cert, "--key", &client.key, "--send", "GET /\u{1}x HTTP/1.0\r\n\r\n"];
    run(cairn(&connect).args(get)).expect_code(0);
    let log = server.finish().expect_code(4).err();
    let all = objects(&log);
    assert_eq!(all.len(), 2, "{log}");
    let refused = only(&all, &json!({ "event": "refused", "alert_sent": "handshake_failure" }));
    assert!(refused["hints"][0].as_str().unwrap().contains("--require-client-cert"), "{log}");
    let closed = only(&all, &json!({ "event": "closed", "received": 20 }));
    assert!(closed["sent"].as_u64().unwrap() > 100, "{log}");
    assert!(closed["requests"].as_str().unwrap().starts_with("GET /\u{1}x "), "{log}");
}

/// The objects of the standard error of a server that ends before any connection.
fn of_start(done: &Finished) -> Vec<Value> {
    let objects = done.err();
    let mut objects: Vec<Value> = objects
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    for object in &mut objects {
        assert!(object.as_object_mut().unwrap().remove("time").unwrap().as_f64().unwrap() > 1e9);
    }
    objects
}

#[test]
fn warnings_and_the_failure_of_the_start_are_objects_too() {
    let pki = Pki::new();
    let files = pki.expired_server();
    let keys = pki.folder.write("keys.log", "");
    #[cfg(unix)]
    std::fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let mut command = cairn(&["serve", "--listen", &taken, "--cert", &files.cert, "--key", &files.key]);
    command.args(["--log-format", "json", "--http", "--alpn", "h2", "--key-log"]).env("SSLKEYLOGFILE", &keys);
    let done = run(&mut command).expect_code(1);
    drop(listener);
    assert_eq!(done.out(), "");
    let all = of_start(&done);
    let (failed, warnings) = all.split_last().unwrap();
    let mut expected = vec!["expired", "--http does not speak h2"];
    if cfg!(unix) {
        expected.push("other users can read this file");
    }
    for words in expected {
        let has_words = |warning: &&Value| warning["reason"].as_str().unwrap().contains(words);
        assert_eq!(warnings.iter().filter(has_words).count(), 1, "{words}: {all:?}");
    }
    assert!(warnings.iter().all(|warning| warning["event"] == json!("warning")), "{all:?}");
    assert_eq!((&failed["event"], &failed["exit_code"]), (&json!("failed"), &json!(1)));
    assert!(failed["reason"].as_str().unwrap().contains(&format!("cannot listen on {taken}")), "{all:?}");
    assert!(failed["hints"][0].as_str().unwrap().contains("--listen"), "{all:?}");
    // In the form of text, they are lines in words.
    let text = ["serve", "--cert", "missing", "--key", "missing"];
    let done = run(&mut cairn(&text)).expect_code(1);
    assert!(done.err().starts_with("cairn: missing: "), "{}", done.err());
}

#[test]
fn quiet_servers_log_failures_alone() {
    let pki = Pki::new();
    let options = ["--log-format", "json", "--quiet", "--tls", "1.3", "--once", "2"];
    let server = Serve::start(&pki, Kind::P256, &options);
    let address = format!("localhost:{}", server.port);
    let connect = ["connect", &address, "--ca", &pki.ca, "--wait", "0"];
    run(&mut cairn(&connect)).expect_code(0);
    run(cairn(&connect).args(["--tls", "1.2"])).expect_code(4);
    let all = objects(&server.finish().err());
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["alert_sent"], json!("protocol_version"));
}

#[cfg(feature = "http3")]
#[test]
fn connections_over_quic_are_objects_too() {
    let pki = Pki::new();
    let options = ["--log-format", "json", "--http", "--http3", "--once", "1"];
    let server = Serve::start(&pki, Kind::P256, &options);
    let url = format!("https://localhost:{}/", server.port);
    run(&mut cairn(&["connect", "--http3", &url, "--ca", &pki.ca])).expect_code(0);
    let all = objects(&server.finish().err());
    assert_eq!((&all[0]["event"], &all[0]["transport"]), (&json!("closed"), &json!("quic")));
    assert_eq!((&all[0]["alpn"], &all[0]["requests"]), (&json!("h3"), &json!("1 request")));
}
