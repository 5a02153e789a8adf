//! `cairn decode`.

use crate::support::{Folder, Kind, Pki, RawServer, SUITES, Serve, cairn, run, run_with_input, speak};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A ClientHello of Cairn, recorded from a connection.
fn client_hello() -> Vec<u8> {
    // The server sees the hello first and keeps what follows; an echo server would do as well.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let client = std::thread::spawn(move || run(&mut cairn(&["connect", &address, "--insecure", "-q"])));
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
    for word in ["record @0", "client_hello", "supported_groups", SUITES[0].iana, "x25519"] {
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
    let flight = speak(&server.address, &client_hello(), true);
    run_with_input(&mut cairn(&["decode"]), &flight).expect_code(0).expect_words(&[
        "server_hello (0x02)",
        "certificate (0x0b)",
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
        (b"-----BEGIN CERTIFICATE-----\n", "in PEM"),
        (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "a capture file"),
        (b"\xff\xfe1\x006\0", "UTF-16"),
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
fn trace_given_twice_shows_contents() {
    let server = RawServer::answering([0x15, 3, 3, 0, 2, 2, 40], true);
    run(&mut cairn(&["connect", &server.address, "--insecure", "-tt"])).expect_code(4).expect_words(&[
        "-> ClientHello",
        "cipher_suites: 6",
        "<- Alert",
        "handshake_failure (fatal)",
    ]);
    server.came();
}
