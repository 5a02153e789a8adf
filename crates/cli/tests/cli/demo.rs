//! `cairn demo`.

use crate::support::{Folder, cairn, run};
use std::fs;

/// The message names in a ladder, with the sender: `>` the client, `<` the server.
fn order(ladder: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in ladder.lines().filter(|line| line.contains(['▶', '◀'])) {
        let is_name =
            |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic()) && !word.starts_with("byte");
        let name = line.split_whitespace().find(is_name).expect("a name");
        names.push(format!("{} {name}", if line.contains('▶') { '>' } else { '<' }));
    }
    names
}

const DATA_AND_END: &str = ", > ApplicationData, < ApplicationData, > Alert, < Alert";

/// The server sends a ticket after the client's Finished.
const TICKET_DATA_AND_END: &str =
    ", > ApplicationData, < NewSessionTicket, < ApplicationData, > Alert, < Alert";

const TICKET_ECHO_AND_END: &str = ", < NewSessionTicket, < ApplicationData, > Alert, < Alert";

/// The handshakes of RFC 9846 section 2, with the ChangeCipherSpec of appendix E.4.
const TLS13: [(&str, &str); 5] = [
    (
        "> ClientHello, < ServerHello, > ChangeCipherSpec, < ChangeCipherSpec, < EncryptedExtensions, \
         < Certificate, < CertificateVerify, < Finished, > Finished",
        TICKET_DATA_AND_END,
    ),
    (
        "> ClientHello, < HelloRetryRequest, > ChangeCipherSpec, > ClientHello, < ChangeCipherSpec, \
         < ServerHello, < EncryptedExtensions, < Certificate, < CertificateVerify, < Finished, > Finished",
        DATA_AND_END,
    ),
    (
        "> ClientHello, < ServerHello, > ChangeCipherSpec, < ChangeCipherSpec, < EncryptedExtensions, \
         < CertificateRequest, < Certificate, < CertificateVerify, < Finished, > Certificate, \
         > CertificateVerify, > Finished",
        DATA_AND_END,
    ),
    (
        "> ClientHello, < ServerHello, > ChangeCipherSpec, < ChangeCipherSpec, < EncryptedExtensions, \
         < Finished, > Finished",
        TICKET_DATA_AND_END,
    ),
    (
        "> ClientHello, > ChangeCipherSpec, > ApplicationData, < ServerHello, < ChangeCipherSpec, \
         < EncryptedExtensions, < Finished, > EndOfEarlyData, > Finished",
        TICKET_ECHO_AND_END,
    ),
];

/// Those of RFC 5246 section 7.3.
const TLS12: [(&str, &str); 3] = [
    (
        "> ClientHello, < ServerHello, < Certificate, < ServerKeyExchange, < ServerHelloDone, \
         > ClientKeyExchange, > ChangeCipherSpec, > Finished, < ChangeCipherSpec, < Finished",
        DATA_AND_END,
    ),
    (
        "> ClientHello, < ServerHello, < ChangeCipherSpec, < Finished, > ChangeCipherSpec, > Finished",
        DATA_AND_END,
    ),
    (
        "> ClientHello, < ServerHello, < Certificate, < ServerKeyExchange, < CertificateRequest, \
         < ServerHelloDone, > Certificate, > ClientKeyExchange, > CertificateVerify, > ChangeCipherSpec, \
         > Finished, < ChangeCipherSpec, < Finished",
        DATA_AND_END,
    ),
];

/// Checks which lines are double: those of encrypted messages.
fn check_protection(ladder: &str, is_protected: impl Fn(&str) -> bool) {
    for line in ladder.lines().filter(|line| line.contains('▶') || line.contains('◀')) {
        assert_eq!(line.contains('═'), is_protected(line), "{line}");
    }
}

#[test]
fn ladders_have_the_messages_in_the_order_of_the_rfcs() {
    let done = run(&mut cairn(&["demo"])).expect_code(0);
    let out = done.out();
    let ladders: Vec<&str> = out.split("═\n\n").skip(1).collect();
    assert_eq!(ladders.len(), TLS13.len() + TLS12.len(), "{out}");
    for (ladder, (handshake, rest)) in ladders.iter().zip(TLS13.iter().chain(&TLS12)) {
        assert_eq!(order(ladder).join(", "), format!("{handshake}{rest}"), "{ladder}");
    }
    let (tls13, tls12) = ladders.split_at(TLS13.len());
    for ladder in tls13 {
        let in_the_clear = ["ClientHello", "ServerHello", "HelloRetryRequest", "ChangeCipherSpec"];
        check_protection(ladder, |line| !in_the_clear.iter().any(|name| line.contains(name)));
    }
    for ladder in tls12 {
        let encrypted = ["Finished", "ApplicationData", "Alert"];
        check_protection(ladder, |line| encrypted.iter().any(|name| line.contains(name)));
    }
    for (ladder, trips) in ladders.iter().zip([1, 2, 1, 1, 0, 2, 1, 2]) {
        let plural = if trips == 1 { "\n" } else { "s\n" };
        assert!(ladder.contains(&format!("after {trips} round trip{plural}")), "{ladder}");
    }
    assert!(tls13[3].contains("resumed by PSK (psk_dhe_ke), authenticated "), "{out}");
    assert!(tls13[4].contains(" s ago, early data accepted\n"), "{out}");
    assert!(tls12[1].contains("resumed, "), "{out}");
    assert!(tls13[2].contains("CN=Demo client") && tls12[2].contains("CN=Demo client"), "{out}");
    assert!(tls13[0].contains("resists a quantum computer") && tls12[0].contains("no resistance"), "{out}");
    assert!(tls13[1].contains("HelloRetryRequest: one more round trip"), "{out}");
    let widest = out.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest} columns\n{out}");
}

#[test]
fn encrypted_messages_of_the_first_handshake_are_opened() {
    let out = run(&mut cairn(&["demo"])).expect_code(0).out();
    let mut rest = out.lines();
    for line in [
        "  The encrypted handshake messages, opened:",
        "  EncryptedExtensions of the server",
        "        protocol_name: \"echo\"",
        "  Certificate of the server",
        "    certificate_request_context: (empty)",
        "  CertificateVerify of the server",
        "    algorithm: ecdsa_secp256r1_sha256 (0x0403)",
        "  Finished of the client",
    ] {
        assert!(rest.any(|each| each == line), "{line} is missing or out of order in\n{out}");
    }
}

#[test]
fn picture_is_well_formed_and_self_contained() {
    let folder = Folder::new();
    let file = folder.file("demo.svg");
    run(&mut cairn(&["demo", "--svg", &file])).expect_code(0);
    let svg = fs::read_to_string(file).unwrap();
    well_formed(&svg);
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert!(svg.contains("prefers-color-scheme:dark"));
    for foreign in ["href", "<script", "url(", "@import"] {
        assert!(!svg.contains(foreign), "{foreign}");
    }
    // The handshake with HelloRetryRequest has two.
    assert_eq!(svg.matches(">ClientHello<").count(), 9);
    // Both sides in TLS 1.3, the client in TLS 1.2.
    assert_eq!(svg.matches(">CertificateVerify<").count(), 5);
}

#[test]
fn unwritable_picture_is_an_error() {
    run(&mut cairn(&["demo", "--svg", "/nowhere/at/all.svg"]))
        .expect_code(1)
        .expect_words(&["cairn: /nowhere/at/all.svg: "]);
}

/// Checks that elements are closed in the right order, attributes are quoted and unique, and nothing is left
/// unescaped: the subset of XML that such a picture uses.
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml.trim();
    let mut roots = 0;
    while !rest.is_empty() {
        let (text, tag) = rest.split_once('<').unwrap_or((rest, ""));
        let in_style = open.last() == Some(&"style");
        assert!(!text.contains('>') || in_style, "{text}");
        for reference in text.split('&').skip(1) {
            let name = reference.split_once(';').expect("a reference ends").0;
            assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "{name}");
        }
        if tag.is_empty() {
            break;
        }
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        check_attributes(attributes);
        roots += usize::from(open.is_empty());
        if !closed {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(roots, 1);
}

fn check_attributes(mut attributes: &str) {
    let mut names = Vec::new();
    while !attributes.trim().is_empty() {
        let (name, value) = attributes.trim_start().split_once("=\"").expect("a value in quotes");
        assert!(!names.contains(&name), "{name} comes twice");
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-:".contains(&byte)), "{name}");
        names.push(name);
        let (value, after) = value.split_once('"').expect("a closing quote");
        assert!(!value.contains('<'), "{value}");
        attributes = after;
    }
}
