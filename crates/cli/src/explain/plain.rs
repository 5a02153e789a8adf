//! Recognises servers that do not speak TLS by their first bytes.

use crate::{
    failure::{Code, Failure},
    names::Protocol,
    show::printable,
};

/// The bytes of an unknown protocol that are shown.
const SHOWN: usize = 32;

/// The hint for a server of an unknown protocol.
const UNKNOWN: &str =
    "The server may not speak TLS on this port, or only after a command, which --starttls PROTOCOL sends.";

/// The failure for a server whose first bytes, `heard`, are not a TLS record.
pub(crate) fn failure(heard: &[u8], port: u16) -> Failure {
    let Some(known) = recognise(heard, port) else {
        let what = format!("expected a TLS record, and the server sent {}", bytes(heard));
        let failure = Failure::new(Code::Tls, what);
        return match of_port(port) {
            Some(protocol) => failure.hint(by_command(protocol)),
            None => failure.hint(UNKNOWN),
        };
    };
    let what = format!("expected a TLS record, and the server speaks {}: {}", known.name, line(heard));
    let failure = Failure::new(Code::Tls, what);
    match known.protocol {
        Some(protocol) => failure.hint(by_command(protocol)),
        None => failure.hint(known.hint),
    }
}

/// Whether these first bytes cannot be those of a TLS server.
pub(crate) fn is_plain(heard: &[u8]) -> bool {
    match heard {
        [] => false,
        [kind] => !(20..=24).contains(kind),
        [kind, major, ..] => !(20..=24).contains(kind) || *major != 3,
    }
}

/// A hint for a server that does not answer in the protocol of `--starttls` but like this.
pub(crate) fn hint(heard: &[u8], protocol: Protocol) -> Option<String> {
    if let [21 | 22, 3, ..] = heard {
        return Some("The server speaks TLS from the start on this port: leave out --starttls.".into());
    }
    let known = recognise(heard, protocol.port())?;
    match known.protocol {
        // Clients and servers have different options of the same protocol.
        Some(other) if other.to_string() == protocol.to_string() => None,
        Some(other) => Some(by_command(other)),
        None => Some(format!("The server speaks {}. {}", known.name, known.hint)),
    }
}

/// A hint for a server that said nothing before the connection failed.
pub(crate) fn silent(port: u16) -> String {
    match of_port(port) {
        Some(protocol) => by_command(protocol),
        None => UNKNOWN.into(),
    }
}

/// The port on which servers of a protocol speak TLS from the start.
pub(crate) const fn port_with_tls(protocol: Protocol) -> Option<u16> {
    Some(match protocol {
        Protocol::Smtp => 465,
        Protocol::Imap => 993,
        Protocol::Pop3 => 995,
        Protocol::Ftp => 990,
        Protocol::Ldap => 636,
        Protocol::Xmpp => 5223,
        Protocol::Postgres | Protocol::Mysql | Protocol::XmppServer | Protocol::Sieve => return None,
    })
}

/// A protocol that was recognised.
struct Known {
    name: &'static str,
    /// The protocol, if it has a command for TLS.
    protocol: Option<Protocol>,
    hint: &'static str,
}

fn by_command(protocol: Protocol) -> String {
    format!("{protocol} starts TLS by a command: --starttls {}.", protocol.option())
}

/// The protocol that servers speak on a port before TLS.
fn of_port(port: u16) -> Option<Protocol> {
    if port == 587 {
        return Some(Protocol::Smtp);
    }
    let all = <Protocol as clap::ValueEnum>::value_variants();
    all.iter().copied().find(|protocol| protocol.port() == port)
}

/// The protocol of these first bytes. Where SMTP and FTP greet alike, the port decides.
fn recognise(heard: &[u8], port: u16) -> Option<Known> {
    let starts =
        |prefix: &str| heard.get(..prefix.len()).is_some_and(|s| s.eq_ignore_ascii_case(prefix.as_bytes()));
    let has =
        |word: &str| heard.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    let known = |protocol: Protocol, name| Some(Known { name, protocol: Some(protocol), hint: "" });
    let other = |name, hint| Some(Known { name, protocol: None, hint });
    let without_tls = "It has an encryption of its own and does not use TLS.";
    let http = "This port is for http:// without TLS; https:// is usually on port 443.";
    let is_reply = heard.get(..3).is_some_and(|code| code.iter().all(u8::is_ascii_digit))
        && matches!(heard.get(3), Some(b' ' | b'-'));
    if starts("HTTP/") || starts("GET ") || starts("POST ") || starts("HEAD ") || starts("PRI * HTTP/2") {
        return other("plain HTTP", http);
    }
    if starts("<!doctype html") || starts("<html") {
        return other("plain HTTP (an HTML page)", http);
    }
    if starts("SSH-") {
        return other("SSH", without_tls);
    }
    if starts("* OK") || starts("* PREAUTH") || starts("* BYE") {
        return known(Protocol::Imap, "IMAP");
    }
    if starts("-ERR unknown command") || starts("-ERR Protocol") || starts("-NOAUTH") || starts("-DENIED") {
        return other("Redis", "TLS of Redis has a port of its own (tls-port in redis.conf).");
    }
    if starts("+OK") || starts("-ERR") {
        return known(Protocol::Pop3, "POP3");
    }
    if is_reply && (has("NNTP") || has("INN ") || port == 119) {
        return other("NNTP", "TLS for NNTP is on port 563.");
    }
    if is_reply && (has("FTP") || port == 21) && !has("SMTP") {
        return known(Protocol::Ftp, "FTP");
    }
    if is_reply && (has("SMTP") || starts("220") || starts("554") || starts("421")) {
        return known(Protocol::Smtp, "SMTP");
    }
    if starts("\"IMPLEMENTATION\"") || starts("\"SIEVE\"") {
        return known(Protocol::Sieve, "ManageSieve");
    }
    if starts("<?xml") || starts("<stream:") {
        return known(Protocol::Xmpp, "XML, perhaps XMPP");
    }
    if let [_, _, 0, 0, 10 | 0xff, ..] = heard {
        return known(Protocol::Mysql, "MySQL");
    }
    if let [b'E', 0, 0, _, _, b'S', ..] = heard {
        return known(Protocol::Postgres, "PostgreSQL");
    }
    if heard == b"S" || heard == b"N" {
        return known(Protocol::Postgres, "PostgreSQL");
    }
    if heard.first() == Some(&0x30)
        && heard.contains(&0x78)
        && heard.windows(3).any(|window| window == [2, 1, 0])
    {
        return known(Protocol::Ldap, "LDAP");
    }
    if starts("RFB ") {
        return other("VNC", "TLS of VNC starts inside of its own handshake.");
    }
    if starts("AMQP") {
        return other("AMQP", "TLS for AMQP is on port 5671.");
    }
    if starts(":") && has(" NOTICE ") {
        return other("IRC", "TLS for IRC is on port 6697.");
    }
    if starts("ERROR\r\n") {
        return other("plain text, perhaps memcached", "TLS of memcached needs its option -Z.");
    }
    None
}

/// The first line of the server, or its first bytes if it is not text.
fn line(heard: &[u8]) -> String {
    let end = heard.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(heard.len());
    match core::str::from_utf8(heard.get(..end.min(200)).unwrap_or_default()) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => {
            format!("\"{}\"", printable(text))
        }
        _ => bytes(heard),
    }
}

/// The first bytes in hexadecimal and as text.
fn bytes(heard: &[u8]) -> String {
    let start = heard.get(..SHOWN).unwrap_or(heard);
    let hex: Vec<String> = start.iter().map(|byte| format!("{byte:02x}")).collect();
    let text: String =
        start.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect();
    let more = if heard.len() > SHOWN { " …" } else { "" };
    format!("{}{more} (\"{text}\")", hex.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_recognised_by_their_first_bytes() {
        for (heard, port, words) in [
            (
                &b"220 mail.example ESMTP Postfix\r\n"[..],
                25,
                &["speaks SMTP: \"220 mail.example", "--starttls smtp"][..],
            ),
            (b"220 (vsFTPd 3.0.3)\r\n", 21, &["speaks FTP", "--starttls ftp"]),
            (b"220 ProFTPD Server\r\n", 2121, &["speaks FTP", "--starttls ftp"]),
            (b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", 143, &["speaks IMAP", "--starttls imap"]),
            (b"+OK Dovecot ready.\r\n", 110, &["speaks POP3", "--starttls pop3"]),
            (b"\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n", 4190, &["ManageSieve", "--starttls sieve"]),
            (b"J\0\0\x00\x0a8.0.36\0", 3306, &["MySQL", "--starttls mysql", "4a 00"]),
            (b"E\0\0\0\x8dSFATAL\0", 5432, &["PostgreSQL", "--starttls postgres"]),
            (b"0\x0c\x02\x01\x00\x78\x07\x0a\x01\x02\x04\0\x04\0", 389, &["LDAP", "--starttls ldap"]),
            (b"<?xml version='1.0'?><stream:stream", 5222, &["XMPP", "--starttls xmpp"]),
            (b"SSH-2.0-OpenSSH_9.9\r\n", 22, &["speaks SSH: \"SSH-2.0-OpenSSH_9.9\"", "does not use TLS"]),
            (b"HTTP/1.1 400 Bad Request\r\n", 80, &["plain HTTP", "http://"]),
            (b"<!DOCTYPE HTML><title>x", 80, &["HTML"]),
            (b"-ERR unknown command\r\n", 6379, &["Redis", "tls-port"]),
            (b"\x05\x01ab", 1080, &["the server sent 05 01 61 62 (\"..ab\")", "--starttls PROTOCOL"]),
            (b"\x05\x01ab", 587, &["--starttls smtp"]),
        ] {
            let failure = failure(heard, port);
            let all = format!("{} {}", failure.message(), failure.hints().join(" "));
            for word in words {
                assert!(all.contains(word), "{word}: {all}");
            }
            assert!(is_plain(heard), "{all}");
        }
    }

    #[test]
    fn records_of_tls_are_not_plain() {
        for heard in [&b"\x16\x03\x03\x00\x01"[..], b"\x15\x03\x01\x00\x02\x02\x28", b"\x16", b""] {
            assert!(!is_plain(heard), "{heard:?}");
        }
        assert!(hint(b"\x15\x03\x01", Protocol::Ldap).is_some_and(|hint| hint.contains("leave out")));
        assert!(hint(b"* OK\r\n", Protocol::Smtp).is_some_and(|hint| hint.contains("--starttls imap")));
        assert_eq!(hint(b"220 x\r\n", Protocol::Smtp), None);
        assert_eq!(hint(b"<?xml version='1.0'?>", Protocol::XmppServer), None);
    }
}
