//! `cairn connect --starttls` and scripted servers that speak plain text before TLS.

use crate::support::{Files, Kind, PATIENCE, Pki, cairn, run, run_with_input};
use cairn_tls::{ServerConfig, Stream};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

/// What the server says, and the end of the client's answer to it.
type Script = &'static [(&'static [u8], &'static [u8])];

/// A server that follows a script in plain text, then speaks TLS and sends a line.
pub(crate) struct Spoken {
    address: String,
    ended: JoinHandle<()>,
}

/// The configuration of a server with this certificate.
fn config(files: &Files) -> ServerConfig {
    let (cert, key) = (fs::read(&files.cert).unwrap(), fs::read(&files.key).unwrap());
    ServerConfig::builder().credential_pem(&cert, &key).unwrap().build().unwrap()
}

impl Spoken {
    /// A mail server for any number of connections, until the end of the tests.
    pub(crate) fn mail(files: &Files) -> Self {
        let config = config(files);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ended = thread::spawn(move || {
            for mut tcp in listener.incoming().flatten() {
                let config = config.clone();
                // A client may end a connection at any time.
                let serve = move || -> std::io::Result<()> {
                    tcp.set_read_timeout(Some(PATIENCE))?;
                    for (ours, theirs) in SMTP {
                        tcp.write_all(ours)?;
                        if !read_until(&mut tcp, theirs) {
                            return Ok(());
                        }
                    }
                    let mut tls = Stream::server(&config, tcp)?;
                    tls.handshake()?;
                    tls.write_all(b"protected\n")?;
                    tls.close()
                };
                thread::spawn(move || drop(serve()));
            }
        });
        Self { address, ended }
    }

    pub(crate) fn port(&self) -> &str {
        self.address.rsplit_once(':').unwrap().1
    }

    fn play(files: &Files, script: Script, goes_on: bool) -> Self {
        let config = config(files);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ended = thread::spawn(move || {
            let (mut tcp, _) = listener.accept().unwrap();
            tcp.set_read_timeout(Some(PATIENCE)).unwrap();
            for (ours, theirs) in script {
                // In two pieces, which may arrive apart.
                let (one, other) = ours.split_at(ours.len() / 2);
                tcp.write_all(one).unwrap();
                tcp.write_all(other).unwrap();
                if !read_until(&mut tcp, theirs) {
                    return;
                }
            }
            if goes_on {
                let mut tls = Stream::server(&config, tcp).unwrap();
                tls.handshake().unwrap();
                tls.write_all(b"protected\n").unwrap();
                tls.close().unwrap();
            } else {
                crate::support::read_all(&mut tcp);
            }
        });
        Self { address, ended }
    }
}

/// Reads until the bytes end like this.
fn read_until(tcp: &mut TcpStream, end: &[u8]) -> bool {
    let mut came = Vec::new();
    let mut byte = [0];
    while !came.ends_with(end) {
        match tcp.read(&mut byte) {
            Ok(1) => came.push(byte[0]),
            _ => return false,
        }
    }
    true
}

const SMTP: Script = &[
    (b"220 mail.example ESMTP\r\n", b"EHLO [127.0.0.1]\r\n"),
    (b"250-mail.example\r\n250 STARTTLS\r\n", b"STARTTLS\r\n"),
    (b"220 go ahead\r\n", b""),
];

const MYSQL: Script = &[(
    b"\x23\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15\0\0\0\0\0\0",
    b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
)];

const SCRIPTS: [(&str, Script); 10] = [
    ("smtp", SMTP),
    (
        "imap",
        &[
            (b"* OK ready\r\n", b"c1 CAPABILITY\r\n"),
            (b"* CAPABILITY IMAP4rev1 STARTTLS\r\nc1 OK\r\n", b"c2 STARTTLS\r\n"),
            (b"c2 OK begin\r\n", b""),
        ],
    ),
    ("pop3", &[(b"+OK ready\r\n", b"STLS\r\n"), (b"+OK begin\r\n", b"")]),
    ("ftp", &[(b"220 ready\r\n", b"AUTH TLS\r\n"), (b"234 go\r\n", b"")]),
    ("ldap", &[(b"", b"1466.20037"), (b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0", b"")]),
    ("postgres", &[(b"", b"\x04\xd2\x16\x2f"), (b"S", b"")]),
    ("mysql", MYSQL),
    (
        "xmpp",
        &[
            (b"", b"to='localhost' version='1.0'>"),
            (
                b"<?xml version='1.0'?><stream:stream><stream:features>\
                <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
                b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            ),
            (b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b""),
        ],
    ),
    (
        "xmpp-server",
        &[
            (b"", b" xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"),
            (
                b"<stream:stream><stream:features>\
                <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
                b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            ),
            (b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b""),
        ],
    ),
    (
        "sieve",
        &[(b"\"SIEVE\" \"fileinto\"\r\n\"STARTTLS\"\r\nOK\r\n", b"STARTTLS\r\n"), (b"OK \"begin\"\r\n", b"")],
    ),
];

#[test]
fn every_protocol_leads_to_tls() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    for (protocol, script) in SCRIPTS {
        let server = Spoken::play(&files, script, true);
        let done = run(&mut cairn(&[
            "connect",
            &server.address,
            "--starttls",
            protocol,
            "--ca",
            &pki.ca,
            "--name",
            "localhost",
        ]))
        .expect_code(0)
        .expect_words(&["the server starts TLS", "TLS 1.3"]);
        assert_eq!(done.out(), "protected\n", "{protocol}");
        server.ended.join().unwrap();
    }
}

#[test]
fn scheme_of_the_url_implies_the_protocol() {
    let pki = Pki::new();
    let server = Spoken::play(&pki.server(Kind::P256), SMTP, true);
    let url = format!("smtp://{}/", server.address);
    run(&mut cairn(&["connect", &url, "--ca", &pki.ca, "--name", "localhost"]))
        .expect_code(0)
        .expect_words(&["SMTP: the server starts TLS", "protected"]);
    run(&mut cairn(&["connect", &url, "--starttls", "imap"])).expect_code(1).expect_words(&["disagree"]);
}

/// The place of bytes in plain text that an attacker inserts.
#[derive(Clone, Copy, Debug)]
enum Injected {
    /// In one piece with the agreement of the server.
    WithAgreement,
    /// In place of the answer to ClientHello.
    AfterHello,
}

/// A server that follows a script, with bytes in plain text at its end.
fn injecting(script: Script, place: Injected) -> Spoken {
    const INJECTED: &[u8] = b"250 injected\r\n";
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        let (agreement, before) = script.split_last().unwrap();
        for (ours, theirs) in before {
            tcp.write_all(ours).unwrap();
            assert!(read_until(&mut tcp, theirs));
        }
        match place {
            Injected::WithAgreement => tcp.write_all(&[agreement.0, INJECTED].concat()).unwrap(),
            Injected::AfterHello => {
                tcp.write_all(agreement.0).unwrap();
                assert!(read_until(&mut tcp, agreement.1));
                let mut header = [0; 5];
                tcp.read_exact(&mut header).unwrap();
                assert_eq!(header[..2], [22, 3], "ClientHello");
                tcp.write_all(INJECTED).unwrap();
            }
        }
        crate::support::read_all(&mut tcp);
    });
    Spoken { address, ended }
}

#[test]
fn plain_text_after_the_agreement_is_an_error_in_every_protocol() {
    for (protocol, script) in SCRIPTS {
        for place in [Injected::WithAgreement, Injected::AfterHello] {
            let server = injecting(script, place);
            let options = ["--starttls", protocol, "--insecure", "--name", "localhost"];
            run(cairn(&["connect", &server.address]).args(options))
                .expect_code(4)
                .expect_words(&["in plain text after it had agreed to start TLS", "CVE-2011-0411"]);
            server.ended.join().unwrap();
        }
    }
}

#[test]
fn answer_before_its_command_is_an_error() {
    const SCRIPT: Script = &[(b"* OK ready\r\nc1 OK\r\n", b"no end")];
    let server = Spoken::play(&Pki::new().server(Kind::P256), SCRIPT, false);
    run(&mut cairn(&["connect", &server.address, "--starttls", "imap", "--insecure"]))
        .expect_code(4)
        .expect_words(&["answered a command before it was sent: \"c1 OK\"", "hint: The server is faulty"]);
}

#[test]
fn time_before_tls_is_limited_even_if_the_server_keeps_sending() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        while tcp.write_all(b"220-wait\r\n").is_ok() {
            thread::sleep(core::time::Duration::from_millis(20));
        }
    });
    run(&mut cairn(&["connect", &address, "--starttls", "smtp", "--insecure", "--timeout", "1"]))
        .expect_code(3)
        .expect_words(&["SMTP: timed out"]);
    ended.join().unwrap();
}

#[test]
fn refusals_have_the_words_of_the_server_and_a_hint() {
    let pki = Pki::new();
    let files = pki.server(Kind::P256);
    let cases: [(&str, Script, &[&str]); 4] = [
        (
            "smtp",
            &[(b"220 x ESMTP\r\n", b"\r\n"), (b"250 PIPELINING\r\n", b"")],
            &["does not offer TLS", "465"],
        ),
        (
            "pop3",
            &[(b"+OK\r\n", b"\r\n"), (b"-ERR no\x1b[2J TLS\r\n", b"")],
            &["-ERR no\\u{1b}[2J TLS", "995"],
        ),
        ("imap", &[(b"220 mail.example ESMTP\r\n", b"")], &["220 mail.example", "--starttls smtp"]),
        ("postgres", &[(b"", b"\x2f"), (b"N", b"")], &["does not offer TLS"]),
    ];
    for (protocol, script, words) in cases {
        let server = Spoken::play(&files, script, false);
        run(&mut cairn(&["connect", &server.address, "--starttls", protocol, "--insecure"]))
            .expect_code(4)
            .expect_words(words);
    }
    // A server that speaks TLS from the start.
    let server = crate::support::Serve::with(&[files], &[]);
    for protocol in ["ldap", "xmpp"] {
        run(&mut cairn(&["connect", &server.address, "--starttls", protocol, "--insecure"]))
            .expect_words(&["leave out --starttls"]);
    }
    run(&mut cairn(&["connect", &server.address, "--starttls", "smtp", "--insecure", "--timeout", "1"]))
        .expect_code(3)
        .expect_words(&["leave out --starttls"]);
}

#[test]
fn server_that_closes_in_plain_text_is_a_failure_of_tls() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = thread::spawn(move || listener.accept().unwrap().0.write_all(b"220 x ESMTP\r\n").unwrap());
    run(&mut cairn(&["connect", &address, "--starttls", "smtp", "--insecure"]))
        .expect_code(4)
        .expect_words(&["closed the connection before TLS"]);
    ended.join().unwrap();
}

#[test]
fn scan_does_not_repeat_a_refusal_in_plain_text() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let ended = thread::spawn(move || {
        let mut asked = 0;
        loop {
            let (mut tcp, _) = listener.accept().unwrap();
            tcp.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut first = [0];
            if tcp.write_all(b"+OK ready\r\n").is_err() || !matches!(tcp.read(&mut first), Ok(1)) {
                continue;
            }
            if first == *b"." {
                return asked;
            }
            asked += 1;
            let _gone = tcp.write_all(b"-ERR no TLS\r\n");
        }
    });
    let done = run(&mut crate::scan::command(&address, &["--starttls", "pop3"])).expect_code(4);
    assert!(!done.err().contains("limit connections"), "{}", done.err());
    TcpStream::connect(&address).unwrap().write_all(b".").unwrap();
    assert_eq!(ended.join().unwrap(), 1);
}

#[test]
fn servers_without_tls_are_named_with_a_hint() {
    for (first, words) in [
        (&b"220 mail.example ESMTP Postfix\r\n"[..], &["speaks SMTP", "--starttls smtp"][..]),
        (b"* OK Dovecot ready.\r\n", &["speaks IMAP", "--starttls imap"]),
        (b"SSH-2.0-OpenSSH_9.9\r\n", &["speaks SSH", "does not use TLS"]),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n<html>", &["plain HTTP", "HTTP/1.1 400 Bad Request"]),
        (b"\x00\x01\x02hello", &["00 01 02 68 65 6c 6c 6f (\"...hello\")"]),
    ] {
        let server = crate::support::RawServer::answering(first, true);
        run(&mut cairn(&["connect", &server.address, "--insecure"])).expect_code(4).expect_words(words);
    }
    // A server that says nothing and closes.
    let server = crate::support::RawServer::answering(b"", true);
    run(&mut cairn(&["connect", &server.address, "--insecure"])).expect_words(&["--starttls PROTOCOL"]);
}

#[test]
fn input_that_is_empty_ends_the_connection_at_once() {
    let pki = Pki::new();
    // The echo server waits for the client to close.
    let server = crate::support::Serve::start(&pki, Kind::P256, &[]);
    let start = std::time::Instant::now();
    run(&mut cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]))
        .expect_code(0)
        .expect_words(&["TLS 1.3"]);
    // Without that rule, the client waits for 30 seconds.
    assert!(start.elapsed() < core::time::Duration::from_secs(25), "{:?}", start.elapsed());
}

#[test]
fn lines_of_the_input_get_carriage_returns() {
    let pki = Pki::new();
    let server = crate::support::Serve::start(&pki, Kind::P256, &[]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--name", "localhost"]);
    let done = run_with_input(command.args(["--crlf", "--wait", "0"]), b"one\ntwo\r\n").expect_code(0);
    assert_eq!(done.out(), "one\r\ntwo\r\n");
}
