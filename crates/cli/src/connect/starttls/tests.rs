#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use proptest::prelude::*;

/// What the server sends, and what we answer to it.
type Script = Vec<(&'static [u8], &'static [u8])>;

/// An exchange that ends with TLS, as recorded with a real server.
struct Recording {
    protocol: Protocol,
    opening: &'static [u8],
    script: Script,
}

fn exchange(protocol: Protocol) -> Exchange {
    let domain = ServerName::parse("example.com").unwrap();
    Exchange::new(machine(protocol, &domain, Some([192, 0, 2, 1].into())))
}

const MYSQL_GREETING: &[u8] = b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15\
    \0\0\0\0\0\0\0\0\0\0abcdefghijkl\0caching_sha2_password\0";

const MYSQL_REQUEST: &[u8] =
    b"\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x2d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

const XMPP_OPENING: &[u8] = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' to='example.com' version='1.0'>";

const XMPP_REQUEST: &[u8] = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

fn recordings() -> Vec<Recording> {
    vec![
        Recording {
            protocol: Protocol::Smtp,
            opening: b"",
            script: vec![
                (b"220 mail.example ESMTP Postfix (Debian)\r\n", b"EHLO [192.0.2.1]\r\n"),
                (b"250-mail.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 CHUNKING\r\n", b"STARTTLS\r\n"),
                (b"220 2.0.0 Ready to start TLS\r\n", b""),
            ],
        },
        Recording {
            protocol: Protocol::Imap,
            opening: b"",
            script: vec![
                (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n", b"c1 CAPABILITY\r\n"),
                (
                    b"* CAPABILITY IMAP4rev1 SASL-IR STARTTLS\r\n* OK still here\r\nc1 OK done.\r\n",
                    b"c2 STARTTLS\r\n",
                ),
                (b"c2 OK Begin TLS negotiation now.\r\n", b""),
            ],
        },
        Recording {
            protocol: Protocol::Pop3,
            opening: b"",
            script: vec![(b"+OK Dovecot (Debian) ready.\r\n", b"STLS\r\n"), (b"+OK Begin TLS.\r\n", b"")],
        },
        Recording {
            protocol: Protocol::Ftp,
            opening: b"",
            script: vec![
                (b"120 soon\r\n220-Welcome\r\n to this server\r\n220 ready\r\n", b"AUTH TLS\r\n"),
                (b"234 Proceed with negotiation.\r\n", b""),
            ],
        },
        Recording {
            protocol: Protocol::Ldap,
            opening: b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
            script: vec![(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0", b"")],
        },
        // Active Directory writes long forms of lengths, and adds the name of the response.
        Recording {
            protocol: Protocol::Ldap,
            opening: b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
            script: vec![(
                b"\x30\x84\0\0\0\x28\x02\x01\x01\x78\x84\0\0\0\x1f\x0a\x01\0\x04\0\x04\0\
                \x8a\x161.3.6.1.4.1.1466.20037",
                b"",
            )],
        },
        Recording {
            protocol: Protocol::Postgres,
            opening: b"\0\0\0\x08\x04\xd2\x16\x2f",
            script: vec![(b"S", b"")],
        },
        Recording { protocol: Protocol::Mysql, opening: b"", script: vec![(MYSQL_GREETING, MYSQL_REQUEST)] },
        Recording {
            protocol: Protocol::Xmpp,
            opening: XMPP_OPENING,
            script: vec![
                (
                    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='example.com' id='a>b'\
                    \n version='1.0' xmlns:stream=\"http://etherx.jabber.org/streams\" xml:lang='en'>\
                    <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
                    <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>\
                    </mechanisms></stream:features>",
                    XMPP_REQUEST,
                ),
                (b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b""),
            ],
        },
        Recording {
            protocol: Protocol::Sieve,
            opening: b"",
            script: vec![
                (
                    b"\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n\"SIEVE\" {13}\r\nfileinto\r\nOK!\r\n\
                    \"NOTIFY\" \"mailto\"\r\n\"STARTTLS\"\r\nOK \"Dovecot ready.\"\r\n",
                    b"STARTTLS\r\n",
                ),
                (b"OK \"Begin TLS negotiation now.\"\r\n", b""),
            ],
        },
    ]
}

/// Plays a script with the server's bytes in pieces of these sizes, in turn.
fn play(recording: &Recording, sizes: &[usize]) {
    let mut exchange = exchange(recording.protocol);
    assert_eq!(exchange.opening(), recording.opening);
    let mut sizes = sizes.iter().copied().cycle();
    for (theirs, ours) in &recording.script {
        assert!(!exchange.is_done(), "{}", recording.protocol);
        let mut rest = *theirs;
        let mut answer = Vec::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
            answer.extend(exchange.receive(piece).unwrap());
            rest = after;
        }
        assert_eq!(answer.escape_ascii().to_string(), ours.escape_ascii().to_string());
    }
    assert!(exchange.is_done(), "{}", recording.protocol);
}

/// The trouble that these bytes of the server lead to, after what it said before them.
fn trouble(protocol: Protocol, before: usize, bytes: &[u8]) -> Trouble {
    let mut exchange = exchange(protocol);
    let recording = recordings().into_iter().find(|recording| recording.protocol == protocol).unwrap();
    for (theirs, _) in &recording.script[..before] {
        exchange.receive(theirs).unwrap();
    }
    exchange.receive(bytes).expect_err(&protocol.to_string())
}

#[test]
fn servers_that_agree_lead_to_tls() {
    for recording in recordings() {
        play(&recording, &[usize::MAX]);
        play(&recording, &[1]);
    }
}

#[test]
fn plain_text_after_the_agreement_is_refused() {
    for recording in recordings() {
        let mut exchange = exchange(recording.protocol);
        let (last, before) = recording.script.split_last().unwrap();
        for (theirs, _) in before {
            exchange.receive(theirs).unwrap();
        }
        let injected = exchange.receive(&[last.0, b"250 injected\r\n"].concat());
        assert_eq!(injected, Err(Trouble::Injected(14)), "{}", recording.protocol);
    }
}

#[test]
fn answers_before_the_command_are_refused() {
    const PROCEED: &[u8] = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let features = recordings().into_iter().find(|one| one.protocol == Protocol::Xmpp).unwrap().script[0].0;
    for (protocol, before, bytes) in [
        (Protocol::Smtp, 1, &b"250 STARTTLS\r\n220 go ahead\r\n"[..]),
        (Protocol::Ftp, 0, b"220 ready\r\n234 go ahead\r\n"),
        (Protocol::Pop3, 0, b"+OK hello\r\n+OK go ahead\r\n"),
        (Protocol::Imap, 0, b"* OK\r\n* CAPABILITY STARTTLS\r\nc1 OK\r\n"),
        (Protocol::Imap, 1, b"* CAPABILITY STARTTLS\r\nc1 OK\r\nc2 OK\r\n"),
        // The end of the line comes later.
        (Protocol::Imap, 1, b"* CAPABILITY STARTTLS\r\nc1 OK\r\nc2 O"),
        (Protocol::Sieve, 0, b"\"STARTTLS\"\r\nOK\r\nOK\r\n"),
        (Protocol::Xmpp, 0, &[features, PROCEED].concat()),
        (Protocol::Xmpp, 0, &[features, b"\n", PROCEED].concat()),
    ] {
        let trouble = trouble(protocol, before, bytes);
        assert!(matches!(trouble, Trouble::Unasked(_)), "{protocol} {bytes:?}: {trouble:?}");
    }
}

#[test]
fn servers_may_send_what_is_no_answer_at_any_time() {
    let mut imap = exchange(Protocol::Imap);
    imap.receive(b"* OK hello\r\n* NO a disk is nearly full\r\n* O").unwrap();
    imap.receive(b"K still here\r\n* CAPABILITY STARTTLS\r\nc1 OK\r\n").unwrap();
    imap.receive(b"c2 OK\r\n").unwrap();
    assert!(imap.is_done());
    let mut xmpp = exchange(Protocol::Xmpp);
    let features = recordings().into_iter().find(|one| one.protocol == Protocol::Xmpp).unwrap().script[0].0;
    assert_eq!(xmpp.receive(&[features, b" \n"].concat()).unwrap(), XMPP_REQUEST);
}

#[test]
fn refusals_are_told_in_the_words_of_the_server() {
    let xmpp = b"<?xml version='1.0'?><stream:stream><stream:error><host-unknown xmlns='x'/></stream:error>";
    for (protocol, before, bytes, words) in [
        (Protocol::Smtp, 0, &b"554 5.7.1 go away\r\n"[..], "554 5.7.1 go away"),
        (Protocol::Smtp, 2, b"454 4.7.0 TLS not available\r\n", "454 4.7.0 TLS not available"),
        (Protocol::Ftp, 1, b"530 Please login\r\n", "530 Please login"),
        (Protocol::Imap, 0, b"* PREAUTH welcome\r\n", "PREAUTH"),
        (Protocol::Imap, 2, b"c2 BAD no\r\n", "c2 BAD no"),
        (Protocol::Imap, 1, b"* BYE overloaded\r\n", "overloaded"),
        (Protocol::Pop3, 1, b"-ERR no TLS\r\n", "-ERR no TLS"),
        (Protocol::Sieve, 1, b"NO \"not now\"\r\n", "not now"),
        (
            Protocol::Ldap,
            0,
            b"\x30\x10\x02\x01\x01\x78\x0b\x0a\x01\x35\x04\0\x04\x04none",
            "unwillingToPerform, \"none\"",
        ),
        (Protocol::Postgres, 0, b"E\0\0\0\x16SFATAL\0Mtoo many\0\0", "too many"),
        (Protocol::Mysql, 0, b"\x0b\0\0\0\xff\x6a\x04blocked!", "blocked!"),
        (Protocol::Xmpp, 0, xmpp, "host-unknown"),
        (Protocol::Xmpp, 1, b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>", "failure"),
    ] {
        match trouble(protocol, before, bytes) {
            Trouble::Refused(line) => assert!(line.contains(words), "{protocol}: {line}"),
            other => panic!("{protocol}: {other:?}"),
        }
    }
}

#[test]
fn servers_without_tls_are_recognised() {
    let mut without_ssl = MYSQL_GREETING.to_vec();
    without_ssl[26] &= !0x08;
    for (protocol, before, bytes) in [
        (Protocol::Smtp, 1, &b"250-mail.example\r\n250 XSTARTTLS\r\n"[..]),
        (Protocol::Imap, 1, b"* CAPABILITY IMAP4rev1\r\nc1 OK\r\n"),
        (Protocol::Postgres, 0, b"N"),
        (Protocol::Mysql, 0, &without_ssl),
        (Protocol::Sieve, 0, b"\"SIEVE\" \"x STARTTLS\"\r\nOK\r\n"),
        (Protocol::Xmpp, 0, b"<stream:stream><stream:features/>"),
        // The element is that of another namespace.
        (Protocol::Xmpp, 0, b"<stream:stream><stream:features><starttls xmlns='x'/></stream:features>"),
    ] {
        assert_eq!(trouble(protocol, before, bytes), Trouble::NotOffered, "{protocol}");
    }
}

#[test]
fn answers_are_checked_exactly() {
    for (protocol, before, bytes) in [
        (Protocol::Smtp, 2, &b"250 ok\r\n"[..]),
        (Protocol::Smtp, 2, b"2200 ok\r\n"),
        (Protocol::Smtp, 1, b"250-a\r\n220 b\r\n"),
        (Protocol::Smtp, 0, b"* OK imap\r\n"),
        (Protocol::Ftp, 1, b"334 more\r\n"),
        (Protocol::Imap, 2, b"c1 OK again\r\n"),
        (Protocol::Imap, 0, b"220 smtp\r\n"),
        (Protocol::Pop3, 1, b"+OKAY\r\n"),
        (Protocol::Sieve, 0, b"STARTTLS\r\n"),
        (Protocol::Ldap, 0, b"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\0\x04\0\x04\0"),
        (Protocol::Ldap, 0, b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"),
        (Protocol::Ldap, 0, b"\x30\x80"),
        (Protocol::Ldap, 0, b"HTTP/1.1 400\r\n"),
        (Protocol::Postgres, 0, b"X"),
        (Protocol::Mysql, 0, b"\x02\0\0\0\x09x"),
        (Protocol::Mysql, 0, b"\x02\0\0\0\x0ax"),
        (Protocol::Mysql, 0, b"SSH-2.0-x"),
        (Protocol::Xmpp, 0, b"HTTP/1.1 400 <html>"),
        (Protocol::Xmpp, 1, b"go <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        (Protocol::Xmpp, 1, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
    ] {
        let trouble = trouble(protocol, before, bytes);
        assert!(matches!(trouble, Trouble::Unexpected { .. }), "{protocol} {bytes:?}: {trouble:?}");
    }
}

#[test]
fn endless_servers_are_stopped() {
    for (protocol, piece) in [
        (Protocol::Smtp, &b"220-and another\r\n"[..]),
        (Protocol::Imap, b"x"),
        (Protocol::Ftp, b"220-x\r\n"),
        (Protocol::Sieve, b"\"NAME\" \"value\"\r\n"),
        (Protocol::Xmpp, b"<stream:stream>"),
    ] {
        let mut exchange = exchange(protocol);
        let stopped = (0..1 << 17).find_map(|_| exchange.receive(piece).err());
        assert_eq!(stopped, Some(Trouble::TooLong), "{protocol}");
    }
    for (protocol, bytes) in [
        (Protocol::Postgres, &b"E\xff\xff\xff\xff"[..]),
        (Protocol::Ldap, b"\x30\x84\xff\xff\xff\xff"),
        (Protocol::Sieve, b"\"SIEVE\" {4294967295}\r\n"),
    ] {
        assert_eq!(trouble(protocol, 0, bytes), Trouble::TooLong);
    }
}

#[test]
fn streams_between_servers_have_their_own_namespace() {
    let opening = String::from_utf8(exchange(Protocol::XmppServer).opening()).unwrap();
    assert!(opening.contains("xmlns='jabber:server'") && opening.contains("to='example.com'"), "{opening}");
}

#[test]
fn proceed_may_have_an_end_tag() {
    let mut exchange = exchange(Protocol::Xmpp);
    exchange
        .receive(recordings().iter().find(|r| r.protocol == Protocol::Xmpp).unwrap().script[0].0)
        .unwrap();
    exchange.receive(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>").unwrap();
    assert!(!exchange.is_done());
    exchange.receive(b"</proceed>").unwrap();
    assert!(exchange.is_done());
}

#[test]
fn words_of_the_server_cannot_control_the_terminal() {
    let trouble = trouble(Protocol::Smtp, 0, b"554 \x1b[2Jcleared\x07\r\n").to_string();
    assert!(!trouble.contains('\x1b') && !trouble.contains('\x07'), "{trouble}");
}

proptest! {
    #[test]
    fn the_sizes_of_pieces_do_not_matter(sizes in prop::collection::vec(1_usize..40, 1..20)) {
        for recording in recordings() {
            play(&recording, &sizes);
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(
        which in 0_usize..10,
        before in 0_usize..3,
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
    ) {
        let recording = &recordings()[which];
        let mut exchange = exchange(recording.protocol);
        for (theirs, _) in recording.script.iter().take(before.min(recording.script.len() - 1)) {
            exchange.receive(theirs).unwrap();
        }
        for piece in pieces {
            if exchange.receive(&piece).is_err() || exchange.is_done() {
                break;
            }
        }
    }
}
