//! `cairn decode`.

use crate::support::{Folder, Kind, Pki, RawServer, SUITES, Serve, cairn, run, run_with_input, speak};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A ClientHello of Cairn, recorded from a connection.
fn client_hello() -> Vec<u8> {
    client_hello_with(&[])
}

/// As [`client_hello`], of a client with these options.
fn client_hello_with(options: &[&str]) -> Vec<u8> {
    // The server receives the hello first and keeps the rest; an echo server would do as well.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let options: Vec<String> = options.iter().map(ToString::to_string).collect();
    let client =
        std::thread::spawn(move || run(cairn(&["connect", &address, "--insecure", "-q"]).args(options)));
    let (mut tcp, _) = listener.accept().unwrap();
    let mut hello = vec![0; 1 << 14];
    let came = std::io::Read::read(&mut tcp, &mut hello).unwrap();
    drop(tcp);
    client.join().unwrap().expect_code(6);
    hello.truncate(came);
    hello
}

#[test]
fn client_hello_is_decoded_in_every_input_format() {
    let hello = client_hello();
    let folder = Folder::new();
    let binary = folder.write("hello.bin", &hello);
    let text = folder.write("hello.hex", hex(&hello));
    let spaced: String = hello.chunks(16).map(|line| format!("{}\n", hex(line))).collect();
    let message = &hello[5..];

    let expected = run(&mut cairn(&["decode", &binary])).expect_code(0).out();
    let fingerprints = ["fingerprints of the ClientHello", "  JA4: t13i", "  JA3: ", "    771,"];
    for word in ["record @0", "client_hello", "supported_groups", SUITES[0].iana, "x25519"]
        .iter()
        .chain(&fingerprints)
    {
        assert!(expected.contains(word), "{word}\n{expected}");
    }
    assert_eq!(run(&mut cairn(&["decode", &text])).expect_code(0).out(), expected);
    assert_eq!(run(&mut cairn(&["decode", "--hex", "--records", &text])).expect_code(0).out(), expected);
    assert_eq!(run_with_input(&mut cairn(&["decode"]), &hello).expect_code(0).out(), expected);
    assert_eq!(
        run_with_input(&mut cairn(&["decode", "-"]), spaced.as_bytes()).expect_code(0).out(),
        expected
    );

    let bare = run_with_input(&mut cairn(&["decode", "--binary"]), message).expect_code(0).out();
    assert!(bare.starts_with("client_hello (0x01) @0"), "{bare}");
    let said = run_with_input(&mut cairn(&["decode", "--handshake"]), hex(message).as_bytes());
    assert_eq!(said.expect_code(0).out(), bare);
}

#[test]
fn server_flight_is_decoded_completely() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
    let flight = speak(&server.address, &client_hello_with(&["--tls", "1.2"]), true);
    run_with_input(&mut cairn(&["decode"]), &flight).expect_code(0).expect_words(&[
        "server_hello (0x02)",
        "certificate (0x0b)",
        "        subject:    CN=Test server\n",
        "server_key_exchange (0x0c)",
        "named",
        "server_hello_done (0x0e)",
        // The client disconnects in the middle of the handshake.
        "alert",
    ]);
    server.finish().expect_code(6);
}

#[test]
fn truncated_hello_is_reported_with_an_offset() {
    let hello = client_hello();
    for at in [1, 4, 5, 6, 9, 11, 43, 60, hello.len() - 1] {
        let done =
            run_with_input(&mut cairn(&["decode", "--records", "--binary"]), &hello[..at]).expect_code(7);
        assert!(done.err().contains("at offset "), "{at}: {}", done.err());
        assert!(done.out().lines().last().unwrap().contains("error: "), "{at}: {}", done.out());
    }
}

#[test]
fn other_bytes_are_malformed() {
    for (input, words) in [
        (&b""[..], "no bytes"),
        (b"GET / HTTP/1.1\r\n\r\n", "text, and neither hexadecimal nor a hex dump nor base64"),
        (b"0e 00 00 0", "one digit"),
        (b"zz", "text, and neither hexadecimal"),
        (b"-----BEGIN CERTIFICATE-----\n", "has no proper end"),
        (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "the capture file is cut off before the first packet"),
        (b"\xff\xfe1\x006\0", "UTF-16"),
        (b"\x1f\x8b\x08\0", "gunzip"),
        (b"00000000: 1603 0100\n00000008: 0e00\n", "the offset on line 2"),
        (b"0e000000ff", "offset"),
        (&[0xff; 64], "offset 0"),
    ] {
        run_with_input(&mut cairn(&["decode"]), input).expect_code(7).expect_words(&[words]);
    }
    run_with_input(&mut cairn(&["decode", "--hex"]), b"hello")
        .expect_code(7)
        .expect_words(&["not hexadecimal"]);
    run(&mut cairn(&["decode", "/no/such/file"])).expect_code(1).expect_words(&["/no/such/file"]);
}

/// The lines of a dump, each of 16 bytes: the offset, the bytes, and the text.
fn dump(bytes: &[u8], line: impl Fn(usize, &[u8], &str) -> String) -> String {
    let text = |bytes: &[u8]| -> String {
        bytes.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect()
    };
    (0..).step_by(16).zip(bytes.chunks(16)).map(|(at, row)| line(at, row, &text(row)) + "\n").collect()
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x} ")).collect()
}

#[test]
fn hex_dumps_decode_like_their_bytes() {
    let hello = client_hello();
    let expected = run_with_input(&mut cairn(&["decode"]), &hello).expect_code(0).out();
    let pairs = |row: &[u8]| row.chunks(2).map(|pair| hex(pair) + " ").collect::<String>();
    let dumps = [
        dump(&hello, |at, row, text| format!("{at:08x}: {:<40} {text}", pairs(row))),
        dump(&hello, |at, row, text| {
            let (first, second) = row.split_at(row.len().min(8));
            format!("{at:08x}  {:<24} {:<25}|{text}|", spaced(first), spaced(second))
        }) + &format!("{:08x}\n", hello.len()),
        dump(&hello, |at, row, text| format!("{at:04x}   {:<48}   {text}", spaced(row).trim_end())),
        dump(&hello, |at, row, _| format!("{at:07o} {}", spaced(row))) + &format!("{:07o}\n", hello.len()),
    ];
    for dump in &dumps {
        let done = run_with_input(&mut cairn(&["decode"]), dump.as_bytes()).expect_code(0);
        assert_eq!(done.out(), expected, "{dump}");
    }
    if crate::support::installed("openssl") {
        let mut command = std::process::Command::new("openssl");
        let base64 = run_with_input(command.args(["base64", "-e"]), &hello).expect_code(0).stdout;
        assert_eq!(run_with_input(&mut cairn(&["decode"]), &base64).expect_code(0).out(), expected);
    }
}

#[test]
fn client_key_exchange_is_decoded_if_the_suite_is_given() {
    let message = "10 00 00 05 04 01 02 03 04";
    let plain = run_with_input(&mut cairn(&["decode"]), message.as_bytes()).expect_code(0).out();
    let told = run_with_input(&mut cairn(&["decode", "--suite", SUITES[0].iana]), message.as_bytes());
    let told = told.expect_code(0).out();
    assert!(told.contains("ecdh_Yc: 01020304"), "{told}");
    assert!(!plain.contains("ecdh_Yc"), "{plain}");
}

#[test]
fn messages_of_tls_1_3_are_decoded_alone() {
    for (message, words) in [
        ("08 00 00 02 00 00", &["encrypted_extensions (0x08)", "extensions: 0"][..]),
        ("05 00 00 00", &["end_of_early_data (0x05)"]),
        ("18 00 00 01 01", &["key_update (0x18)", "request_update: update_requested (0x01)"]),
        (
            "0b 00 00 0a 00 00 00 06 00 00 01 07 00 00",
            &["certificate_request_context: (empty)", "cert_data: 07"],
        ),
        ("0d 00 00 0b 00 00 08 00 0d 00 04 00 02 04 03", &["ecdsa_secp256r1_sha256 (0x0403)"]),
        ("04 00 00 0e 00 00 00 09 00 00 00 01 00 00 01 05 00 00", &["ticket_age_add: 1", "ticket: 05"]),
        (
            "19 00 00 09 00 01 00 00 09 00 00 01 07",
            &["compressed_certificate (0x19)", "algorithm: zlib (0x0001)"],
        ),
    ] {
        let plain = run_with_input(&mut cairn(&["decode"]), message.as_bytes()).expect_code(0).out();
        for word in words {
            assert!(plain.contains(word), "{word}\n{plain}");
        }
        let told = run_with_input(&mut cairn(&["decode", "--tls", "1.3"]), message.as_bytes());
        assert_eq!(told.expect_code(0).out(), plain);
        let by_suite =
            run_with_input(&mut cairn(&["decode", "--suite", "TLS_AES_128_GCM_SHA256"]), message.as_bytes());
        assert_eq!(by_suite.expect_code(0).out(), plain);
    }
    // A Certificate of TLS 1.3 is malformed in TLS 1.2.
    let certificate = b"0b 00 00 0a 00 00 00 06 00 00 01 07 00 00";
    run_with_input(&mut cairn(&["decode", "--tls", "1.2"]), certificate).expect_code(7);
}

#[test]
fn records_of_tls_1_3_are_decoded() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--groups", "secp384r1"]);
    // The client has sent no share of the server's group.
    let hello = client_hello_with(&["--tls", "1.3", "--groups", "x25519,secp384r1"]);
    let out = run_with_input(&mut cairn(&["decode"]), &hello).expect_code(0).out();
    for word in ["versions: 1", "TLS 1.3 (0x0304)", "client_shares: 1", "TLS_AES_128_GCM_SHA256 (0x1301)"] {
        assert!(out.contains(word), "{word}\n{out}");
    }
    let flight = speak(&server.address, &hello, true);
    run_with_input(&mut cairn(&["decode"]), &flight).expect_code(0).expect_words(&[
        "random (HelloRetryRequest): cf21ad74",
        "selected_group: secp384r1 (0x0018)",
        "change_cipher_spec",
    ]);
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3"]);
    let flight = speak(&server.address, &hello, true);
    run_with_input(&mut cairn(&["decode"]), &flight).expect_code(0).expect_words(&[
        "legacy_session_id_echo",
        "selected_version: TLS 1.3 (0x0304)",
        "server_share:",
        "application_data (0x17)",
    ]);
}

#[test]
fn trace_given_twice_shows_contents() {
    let server = RawServer::answering([0x15, 3, 3, 0, 2, 2, 40], true);
    run(&mut cairn(&["connect", &server.address, "--insecure", "-tt"])).expect_code(4).expect_words(&[
        "-> ClientHello",
        "cipher_suites: 9",
        "<- Alert",
        "handshake_failure (fatal)",
    ]);
    server.came();
}

#[test]
fn certificates_and_keys_are_recognized_in_pem_and_der() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let pem = std::fs::read_to_string(&files.cert).unwrap();
    let key = std::fs::read_to_string(&files.key).unwrap();
    let words =
        ["subject         CN=Test server", "IP:127.0.0.1", "SHA-256         ", "digitalSignature (critical)"];
    let shown = run(&mut cairn(&["decode", &files.cert])).expect_code(0).expect_words(&words).out();
    assert!(shown.starts_with("a certificate, line 1, "), "{shown}");
    // A chain with the key: every certificate is shown, and nothing of the key.
    let all = format!("a comment\n{pem}{key}{}", Pki::ca_pem());
    let shown = run_with_input(&mut cairn(&["decode"]), all.as_bytes()).expect_code(0).out();
    assert_eq!(shown.matches("  subject  ").count(), 2, "{shown}");
    assert!(shown.contains("a private key, line ") && shown.contains(": not shown\n"), "{shown}");
    let secret = key.lines().nth(1).unwrap();
    assert!(!shown.contains(secret.get(..20).unwrap()), "{shown}");

    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let shown = run_with_input(&mut cairn(&["decode"]), base64.as_bytes()).expect_code(0);
    let shown = shown.expect_words(&words).out();
    assert!(shown.starts_with("a certificate, 4"), "{shown}");
    run_with_input(&mut cairn(&["decode"]), &[0x30, 0x82, 0, 9, 1]).expect_code(7).expect_words(&["DER"]);
}
