//! `cairn serve --log-format json`: an object for each connection.

use crate::support::{Kind, Pki, Serve, cairn, run, run_with_input};
use serde_json::{Value, json};
use std::net::TcpStream;

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
    assert_eq!(
        all[0],
        expected(json!({
            "tls": "TLS 1.2", "suite": suite, "resumed": false, "identity": "CN=Test client ed25519",
            "received": 5, "sent": 5,
        }))
    );
    // A connection is logged when it has ended, so the next one may be logged first.
    let (resumed, full) =
        if all[1]["resumed"] == json!(true) { (&all[1], &all[2]) } else { (&all[2], &all[1]) };
    let suite = full["suite"].clone();
    assert!(suite.as_str().unwrap().starts_with("TLS_AES_"), "{log}");
    let fields = json!({ "tls": "TLS 1.3", "suite": suite, "resumed": false, "received": 5, "sent": 5 });
    assert_eq!(*full, expected(fields));
    assert_eq!((&resumed["resumed"], &resumed["early_data"]), (&json!(true), &json!("accepted")), "{log}");
    assert_eq!((&resumed["early_bytes"], &resumed["received"]), (&json!(5), &json!(10)), "{log}");
    let refused = all[3].as_object().unwrap();
    assert_eq!((&refused["event"], &refused["alert_received"]), (&json!("refused"), &json!("unknown_ca")));
    assert!(refused["reason"].as_str().unwrap().contains("unknown_ca"), "{log}");
    assert_eq!((&all[4]["event"], all[4].get("tls")), (&json!("closed"), None));
    assert!(all[4]["reason"].as_str().unwrap().contains("closed without a byte"), "{log}");
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
    assert_eq!((&all[0]["event"], &all[0]["alert_sent"]), (&json!("refused"), &json!("handshake_failure")));
    assert!(all[0]["hints"][0].as_str().unwrap().contains("--require-client-cert"), "{log}");
    assert_eq!(all[1]["event"], json!("closed"));
    assert_eq!(all[1]["received"], json!(20), "{log}");
    assert!(all[1]["sent"].as_u64().unwrap() > 100, "{log}");
    assert!(all[1]["requests"].as_str().unwrap().starts_with("GET /\u{1}x "), "{log}");
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
