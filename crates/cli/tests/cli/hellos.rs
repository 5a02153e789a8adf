//! ClientHello with GREASE and padding, sent to servers that do not know them.

use crate::{
    connect_gnutls::{GnutlsServ, TLS_1_2},
    connect_openssl::SServer,
    support::{Finished, Kind, Pki, Serve, cairn, installed, run_with_input},
};

fn connect(address: &str, pki: &Pki, arguments: &[&str]) -> Finished {
    let mut command = cairn(&["connect", address, "--ca", &pki.ca, "--name", "localhost", "--wait", "0"]);
    run_with_input(command.args(arguments), b"GET / HTTP/1.0\r\n\r\n")
}

/// An application protocol that makes the hello longer than 256 bytes.
fn long_protocol() -> String {
    "x".repeat(200)
}

#[test]
fn grease_values_are_ignored_by_servers() {
    let pki = Pki::new();
    let arguments = ["--grease", "--trace", "--trace", "--reconnect", "2"];
    let ours = Serve::start(&pki, Kind::P256, &["--alpn", "h2"]);
    let done = connect(&ours.address, &pki, &arguments).expect_code(0);
    // Each hello has its own values.
    let hellos: Vec<_> = done.err().split("ClientHello").skip(1).map(reserved).collect();
    assert_eq!(hellos.iter().filter(|values| values.len() >= 5).count(), 3, "{hellos:?}\n{}", done.err());
    assert!(connect(&ours.address, &pki, &["--grease", "--alpn", "h2"]).expect_code(0).err().contains("h2"));
    if installed("openssl") {
        let server = SServer::start(&pki, Kind::P256, &["-www"]);
        connect(&server.address, &pki, &arguments).expect_code(0);
        let protocols = ["--grease", "--alpn", "http/1.1"];
        connect(&server.address, &pki, &protocols).expect_code(0).expect_words(&["HTTP/1.0 200 ok"]);
    }
    if installed("gnutls-serv") {
        let server = GnutlsServ::start(&pki, Kind::P256, TLS_1_2, &["--http", "--disable-client-cert"]);
        connect(&server.address, &pki, &arguments).expect_code(0);
        let protocols = ["--grease", "--alpn", "http/1.1"];
        connect(&server.address, &pki, &protocols).expect_code(0).expect_words(&["HTTP/1.0 200 OK"]);
    }
}

/// The reserved values in the first lines of a text.
fn reserved(text: &str) -> Vec<String> {
    let known = |word: &str| {
        let digits: Vec<char> = word.strip_prefix("0x")?.chars().collect();
        (digits.len() == 4 && digits[1] == 'a' && digits[3] == 'a' && digits[0] == digits[2])
            .then(|| word.to_owned())
    };
    let hello = text.split("ServerHello").next().unwrap();
    hello.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(known).collect()
}

#[test]
fn client_hello_of_256_to_511_bytes_is_padded() {
    let pki = Pki::new();
    let protocol = long_protocol();
    let arguments = ["--tls", "1.2", "--trace", "--alpn", &protocol];
    let ours = Serve::start(&pki, Kind::P256, &[]);
    let padded = ["ClientHello", " 512 bytes"];
    connect(&ours.address, &pki, &arguments).expect_code(0).expect_words(&padded);
    if installed("openssl") {
        let server = SServer::start(&pki, Kind::P256, &["-www"]);
        connect(&server.address, &pki, &arguments).expect_code(0).expect_words(&padded);
    }
    if installed("gnutls-serv") {
        let server = GnutlsServ::start(&pki, Kind::P256, TLS_1_2, &["--http", "--disable-client-cert"]);
        connect(&server.address, &pki, &arguments).expect_code(0).expect_words(&padded);
    }
}
