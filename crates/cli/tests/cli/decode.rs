//! `cairn decode`.

use crate::support::{Folder, Kind, Pki, RawServer, SUITES, Serve, cairn, run, run_with_input, speak};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A ClientHello as Cairn sends it: caught on the wire.
fn client_hello() -> Vec<u8> {
    // The server sees the hello first and keeps what comes after; a server that echoes it would do as well.
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
fn a_hello_off_the_wire_is_shown_however_it_is_given() {
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
fn a_server_s_flight_off_the_wire_is_shown_whole() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--once", "1"]);
    let flight = speak(&server.address, &client_hello(), true);
    run_with_input(&mut cairn(&["decode"]), &flight).expect_code(0).expect_words(&[
        "server_hello (0x02)",
        "certificate (0x0b)",
        "server_key_exchange (0x0c)",
        "named",
        "server_hello_done (0x0e)",
        // The client went away in the middle of it.
        "alert",
    ]);
    server.finish().expect_code(6);
}

#[test]
fn wherever_a_hello_is_cut_it_says_so_with_an_offset() {
    let hello = client_hello();
    for at in [1, 4, 5, 6, 9, 11, 43, 60, hello.len() - 1] {
        let done =
            run_with_input(&mut cairn(&["decode", "--records", "--binary"]), &hello[..at]).expect_code(7);
        assert!(done.err().contains("at offset "), "{at}: {}", done.err());
        assert!(done.out().lines().last().unwrap().contains("error: "), "{at}: {}", done.out());
    }
}

#[test]
fn what_is_no_tls_is_malformed() {
    for (input, words) in [
        (&b""[..], "no bytes"),
        (b"GET / HTTP/1.1\r\n\r\n", "offset 0"),
        (b"0e 00 00 0", "one digit"),
        (b"zz", "offset 0"),
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

#[test]
fn a_client_key_exchange_is_shown_when_the_suite_is_told() {
    let message = "10 00 00 05 04 01 02 03 04";
    let plain = run_with_input(&mut cairn(&["decode"]), message.as_bytes()).expect_code(0).out();
    let told = run_with_input(&mut cairn(&["decode", "--suite", SUITES[0].iana]), message.as_bytes());
    let told = told.expect_code(0).out();
    assert!(told.contains("ecdh_Yc: 01020304"), "{told}");
    assert!(!plain.contains("ecdh_Yc"), "{plain}");
}

#[test]
fn the_trace_of_a_connection_shows_contents_when_asked_twice() {
    let server = RawServer::answering([0x15, 3, 3, 0, 2, 2, 40], true);
    run(&mut cairn(&["connect", &server.address, "--insecure", "-tt"])).expect_code(4).expect_words(&[
        "-> ClientHello",
        "cipher_suites: 6",
        "<- Alert",
        "handshake_failure (fatal)",
    ]);
    server.came();
}
