//! The handshake messages of RFC 8448.

use cairn_wire::tree::{HandshakeTree, Negotiated};
use cairn_wire::*;

/// A message of RFC 8448.
pub(crate) struct Message {
    /// The section.
    pub(crate) section: &'static str,
    /// The sender.
    pub(crate) sender: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its bytes, with the header.
    pub(crate) bytes: Vec<u8>,
}

/// All messages, in order.
pub(crate) fn all() -> Vec<Message> {
    let hex = |text: &str| {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    include_str!("../data/rfc8448.txt")
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            Message { section: fields[0], sender: fields[1], name: fields[2], bytes: hex(fields[3]) }
        })
        .collect()
}

/// The first message of this section, sender and name.
fn message(section: &str, sender: &str, name: &str) -> Vec<u8> {
    let is_it = |each: &Message| (each.section, each.sender, each.name) == (section, sender, name);
    all().into_iter().find(is_it).unwrap().bytes
}

/// The body of a message.
fn body(section: &str, sender: &str, name: &str) -> &'static [u8] {
    &crate::parts::leak(message(section, sender, name))[HandshakeHeader::LEN..]
}

#[test]
fn messages_decode_and_encode_to_the_same_bytes() {
    let messages = all();
    assert_eq!(messages.len(), 40);
    for Message { section, name, bytes, .. } in &messages {
        let decoded = Tls13HandshakeMessage::read_message(&mut Reader::new(bytes)).unwrap();
        let mut again = Vec::new();
        decoded.write_message(&mut Writer::vec(&mut again)).unwrap();
        assert_eq!(again, *bytes, "{section} {name}");
        let is_expected = match &decoded {
            Tls13HandshakeMessage::ClientHello(_) => *name == "ClientHello",
            Tls13HandshakeMessage::ServerHello(AnyServerHello::Tls13(_)) => *name == "ServerHello",
            Tls13HandshakeMessage::ServerHello(AnyServerHello::HelloRetryRequest(_)) => *section == "5",
            Tls13HandshakeMessage::EncryptedExtensions(_) => *name == "EncryptedExtensions",
            Tls13HandshakeMessage::Certificate(_) => *name == "Certificate",
            Tls13HandshakeMessage::CertificateRequest(_) => *name == "CertificateRequest",
            Tls13HandshakeMessage::CertificateVerify(_) => *name == "CertificateVerify",
            Tls13HandshakeMessage::Finished(_) => *name == "Finished",
            Tls13HandshakeMessage::NewSessionTicket(_) => *name == "NewSessionTicket",
            Tls13HandshakeMessage::EndOfEarlyData(_) => *name == "EndOfEarlyData",
            _ => false,
        };
        assert!(is_expected, "{section} {name}: {decoded}");
        assert!(!decoded.to_string().contains("error"), "{decoded}");
    }
}

#[test]
fn offered_psk_has_one_identity_and_its_binder_ends_the_hello() {
    let bytes = body("4", "client", "ClientHello");
    let block = ClientHello::decode_exact(bytes).unwrap().extensions.unwrap();
    let Some(ClientExtension::PreSharedKey(content)) = block.get(ExtensionType::PRE_SHARED_KEY) else {
        panic!("no pre_shared_key")
    };
    let psks = content.get().unwrap();
    let identity = psks.identities.first().unwrap();
    assert_eq!((psks.identities.len(), identity.identity.len()), (1, 178));
    assert_eq!(identity.obfuscated_ticket_age, 0xfad6_aacb);
    assert_eq!((psks.binders.len(), psks.binders_size()), (1, 35));
    // RFC 8448 gives 477 octets, with the header, as the prefix that the binder covers.
    assert_eq!(HandshakeHeader::LEN + bytes.len() - psks.binders_size(), 477);
    assert_eq!(block.types().last(), Some(ExtensionType::PRE_SHARED_KEY));
    let modes = block.get(ExtensionType::PSK_KEY_EXCHANGE_MODES);
    let expected = PskKeyExchangeModes { ke_modes: List::from_items(&[PskKeyExchangeMode::PSK_DHE_KE]) };
    assert_eq!(modes, Some(ClientExtension::PskKeyExchangeModes(Deferred::new(&expected))));
    assert_eq!(block.get(ExtensionType::EARLY_DATA), Some(ClientExtension::EarlyData(Deferred::new(&Empty))));
}

#[test]
fn ticket_allows_1024_bytes_of_early_data() {
    let ticket = Tls13NewSessionTicket::decode_exact(body("3", "server", "NewSessionTicket")).unwrap();
    assert_eq!((ticket.ticket_lifetime, ticket.ticket_age_add), (30, 0xfad6_aac5));
    assert_eq!((ticket.ticket_nonce, ticket.ticket.len()), (&[0, 0][..], 178));
    assert!(ticket.extensions.into_iter().eq([NewSessionTicketExtension::EarlyData(1024)]));
}

#[test]
fn hello_retry_request_is_told_from_server_hello_by_its_random() {
    let bytes = body("5", "server", "ServerHello");
    let AnyServerHello::HelloRetryRequest(request) = AnyServerHello::decode_exact(bytes).unwrap() else {
        panic!("not a HelloRetryRequest")
    };
    let group = request.extensions.get(ExtensionType::KEY_SHARE);
    assert_eq!(group, Some(HelloRetryExtension::KeyShare(NamedGroup::SECP256R1)));
    let Some(HelloRetryExtension::Cookie(cookie)) = request.extensions.get(ExtensionType::COOKIE) else {
        panic!("no cookie")
    };
    assert_eq!(cookie.0.len(), 114);
    let error = Tls13ServerHello::decode_exact(bytes).unwrap_err();
    assert_eq!((error.offset, error.alert()), (2, AlertDescription::ILLEGAL_PARAMETER));
    let error = HelloRetryRequest::decode_exact(body("3", "server", "ServerHello")).unwrap_err();
    assert_eq!((error.offset, error.alert()), (2, AlertDescription::ILLEGAL_PARAMETER));
}

#[test]
fn server_hello_of_tls_1_2_is_told_by_its_supported_versions() {
    let mut bytes = body("3", "server", "ServerHello").to_vec();
    let hello = ServerHello::decode_exact(&bytes).unwrap();
    assert!(matches!(AnyServerHello::decode_exact(&bytes), Ok(AnyServerHello::Tls13(_))));
    // The last two bytes are the selected version.
    let end = bytes.len();
    assert_eq!(hello.extensions.unwrap().types().last(), Some(ExtensionType::SUPPORTED_VERSIONS));
    bytes[end - 1] = 3;
    assert!(matches!(AnyServerHello::decode_exact(&bytes), Ok(AnyServerHello::Tls12(_))));
    // Without extensions it can be of TLS 1.2 only.
    let bytes = &bytes[..2 + 32 + 1 + 2 + 1];
    assert!(matches!(AnyServerHello::decode_exact(bytes), Ok(AnyServerHello::Tls12(_))));
    assert!(Tls13ServerHello::decode_exact(bytes).is_err());
}

#[test]
fn tree_of_the_server_flight() {
    let tree = |name| {
        let bytes = message("6", "server", name);
        Tls13HandshakeMessage::read_message(&mut Reader::new(&bytes)).unwrap().to_string()
    };
    for (name, lines) in [
        ("ServerHello", &["key_share (0x0033)", "server_share:", "selected_version: TLS 1.3 (0x0304)"][..]),
        ("EncryptedExtensions", &["server_name (0x0000)", "record_size_limit: 16385"]),
        ("CertificateRequest", &["certificate_request_context: (empty)", "rsa_pss_rsae_sha256 (0x0804)"]),
        ("Certificate", &["certificate_list: 1", "cert_data: 3082", "extensions: 0"]),
        ("CertificateVerify", &["algorithm: ecdsa_secp256r1_sha256 (0x0403)"]),
    ] {
        let text = tree(name);
        for line in lines {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}

#[test]
fn tree_of_a_stream_follows_its_server_hello() {
    for section in ["3", "4", "5", "6", "7"] {
        let stream: Vec<u8> =
            all().into_iter().filter(|each| each.section == section).flat_map(|each| each.bytes).collect();
        let tree = HandshakeTree::new(&stream);
        assert_eq!(tree.check(), Ok(()));
        assert_eq!(tree.negotiated(), Negotiated::Tls13);
        let text = tree.to_string();
        assert!(!text.contains("body:") && !text.contains("error"), "{text}");
        assert!(text.contains("client_shares: 1") && text.contains("server_share:"), "{text}");
    }
    // The client's side has no ServerHello: the form of its Certificate shows the version.
    let certificate = message("6", "client", "Certificate");
    let tree = HandshakeTree::new(&certificate);
    assert_eq!((tree.check(), tree.negotiated()), (Ok(()), Negotiated::Tls13));
    assert!(tree.after(Negotiated::Tls12(None)).check().is_err());
}
