//! The first flight of a server, decoded as far as it is in plaintext.

use cairn_tls::wire::{
    AlertDescription, AnyServerHello, Certificate, CertificateStatus, CipherSuite, CompressionMethod,
    ContentType, Decode, DecodeError, ExtensionType, HandshakeType, HelloRetryExtension, NamedGroup,
    ProtocolVersion, Reader, RecordHeader, ServerDhParams, ServerEcdhParams, ServerExtension, ServerHello,
    SignatureScheme, Tls13ServerExtension,
};

/// The maximum size of a flight, in bytes.
pub(super) const MAX_FLIGHT: usize = 1 << 18;

/// What a server sent in response to a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flight {
    /// The selected version.
    pub(crate) version: ProtocolVersion,
    /// The selected suite.
    pub(crate) suite: CipherSuite,
    /// The session ID.
    pub(crate) session_id: Vec<u8>,
    /// The types of the extensions of ServerHello.
    pub(crate) extensions: Vec<ExtensionType>,
    /// The selected application protocol, in TLS 1.2 and before.
    pub(crate) alpn: Option<Vec<u8>>,
    /// Whether the server compresses records.
    pub(crate) compression: bool,
    /// The group of the key exchange: of ServerKeyExchange, or of key_share.
    pub(crate) group: Option<NamedGroup>,
    /// The modulus of finite field Diffie-Hellman in TLS 1.2 and before.
    pub(crate) prime: Option<Vec<u8>>,
    /// The scheme of the signature in ServerKeyExchange, in TLS 1.2.
    pub(crate) scheme: Option<SignatureScheme>,
    /// The certificates, the server's own first, in TLS 1.2 and before.
    pub(crate) chain: Vec<Vec<u8>>,
    /// The stapled OCSP response, in TLS 1.2 and before.
    pub(crate) ocsp: Option<Vec<u8>>,
    /// Whether the server asks for a certificate, in TLS 1.2 and before.
    pub(crate) certificate_request: bool,
}

/// The state of the flight after some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// More bytes are needed.
    Part,
    /// The flight is complete.
    Flight(Box<Flight>),
    /// A fatal alert, or close_notify.
    Alert(AlertDescription),
    /// The bytes are not those of a TLS server.
    Malformed(String),
}

/// Decodes what has been received so far.
pub(super) fn hear(bytes: &[u8]) -> Heard {
    match records(bytes) {
        Ok(heard) => heard,
        Err(error) => Heard::Malformed(error.to_string()),
    }
}

/// Collects the handshake messages of whole records.
fn records(bytes: &[u8]) -> Result<Heard, DecodeError> {
    let mut r = Reader::new(bytes);
    let mut messages = Vec::new();
    loop {
        if r.remaining() < RecordHeader::LEN {
            return flight(&messages, false);
        }
        let header = RecordHeader::decode(&mut r)?;
        let length = usize::from(header.length);
        if header.version.0 >> 8 != 3 {
            return Ok(Heard::Malformed("the answer is not TLS".into()));
        }
        if r.remaining() < length {
            return flight(&messages, false);
        }
        let fragment = r.bytes(length, "fragment")?;
        match header.content_type {
            ContentType::HANDSHAKE => messages.extend_from_slice(fragment),
            ContentType::ALERT => {
                // A complete flight may be followed by an alert.
                if let done @ Heard::Flight(_) = flight(&messages, false)? {
                    return Ok(done);
                }
                // Warnings, such as unrecognized_name, do not end the handshake.
                match fragment {
                    [1, description] if *description != AlertDescription::CLOSE_NOTIFY.0 => {}
                    [_, description, ..] => return Ok(Heard::Alert(AlertDescription(*description))),
                    _ => return Ok(Heard::Malformed("an alert of a wrong length".into())),
                }
            }
            // In TLS 1.3 the rest is encrypted; in a resumption of TLS 1.2 ChangeCipherSpec follows.
            ContentType::CHANGE_CIPHER_SPEC | ContentType::APPLICATION_DATA => {
                return flight(&messages, true);
            }
            _ => return Ok(Heard::Malformed("the answer is not TLS".into())),
        }
    }
}

/// Decodes the messages. `is_all` says that no others in plaintext follow.
fn flight(messages: &[u8], is_all: bool) -> Result<Heard, DecodeError> {
    let mut r = Reader::new(messages);
    let mut flight: Option<Flight> = None;
    while !r.is_empty() {
        let mut peek = r.clone();
        let (Ok(kind), Ok(length)) = (peek.u8("msg_type"), peek.u24("length")) else { break };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if peek.remaining() < length {
            break;
        }
        let body = peek.bytes(length, "body")?;
        r = peek;
        let kind = HandshakeType(kind);
        match (&mut flight, kind) {
            (None, HandshakeType::SERVER_HELLO) => {
                let first = hello(&AnyServerHello::decode_exact(body)?);
                if first.version >= ProtocolVersion::TLS_1_3 {
                    return Ok(Heard::Flight(Box::new(first)));
                }
                flight = Some(first);
            }
            (None, _) => return Ok(Heard::Malformed("the first message is not ServerHello".into())),
            (Some(flight), HandshakeType::SERVER_HELLO_DONE) => {
                return Ok(Heard::Flight(Box::new(flight.clone())));
            }
            (Some(flight), kind) => add(flight, kind, body)?,
        }
    }
    Ok(match flight {
        Some(flight) if is_all => Heard::Flight(Box::new(flight)),
        _ => Heard::Part,
    })
}

fn hello(hello: &AnyServerHello<'_>) -> Flight {
    let of = |version, suite, session_id: &[u8], extensions: Vec<ExtensionType>| Flight {
        version,
        suite,
        session_id: session_id.to_vec(),
        extensions,
        alpn: None,
        compression: false,
        group: None,
        prime: None,
        scheme: None,
        chain: Vec::new(),
        ocsp: None,
        certificate_request: false,
    };
    match hello {
        AnyServerHello::Tls12(hello) => of_tls12(hello, of),
        AnyServerHello::Tls13(hello) => {
            let group = match hello.extensions.get(ExtensionType::KEY_SHARE) {
                Some(Tls13ServerExtension::KeyShare(share)) => Some(share.group),
                _ => None,
            };
            let id = hello.legacy_session_id_echo;
            let types = hello.extensions.types().collect();
            Flight { group, ..of(ProtocolVersion::TLS_1_3, hello.cipher_suite, id.as_bytes(), types) }
        }
        AnyServerHello::HelloRetryRequest(request) => {
            let group = match request.extensions.get(ExtensionType::KEY_SHARE) {
                Some(HelloRetryExtension::KeyShare(group)) => Some(group),
                _ => None,
            };
            let id = request.legacy_session_id_echo;
            let types = request.extensions.types().collect();
            Flight { group, ..of(ProtocolVersion::TLS_1_3, request.cipher_suite, id.as_bytes(), types) }
        }
    }
}

fn of_tls12(
    hello: &ServerHello<'_>,
    of: impl FnOnce(ProtocolVersion, CipherSuite, &[u8], Vec<ExtensionType>) -> Flight,
) -> Flight {
    let types = hello.extensions.map(|block| block.types().collect()).unwrap_or_default();
    let alpn = hello
        .extensions
        .and_then(|block| block.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION))
        .and_then(|extension| match extension {
            ServerExtension::ApplicationLayerProtocolNegotiation(name) => Some(name.0.to_vec()),
            _ => None,
        });
    Flight {
        alpn,
        compression: hello.compression_method != CompressionMethod::NULL,
        ..of(hello.server_version, hello.cipher_suite, hello.session_id.as_bytes(), types)
    }
}

/// Adds a message after ServerHello.
fn add(flight: &mut Flight, kind: HandshakeType, body: &[u8]) -> Result<(), DecodeError> {
    match kind {
        HandshakeType::CERTIFICATE => {
            let message = Certificate::decode_exact(body)?;
            flight.chain = message.certificate_list.iter().map(|one| one.0.to_vec()).collect();
        }
        HandshakeType::CERTIFICATE_STATUS => {
            flight.ocsp = Some(CertificateStatus::decode_exact(body)?.response.to_vec());
        }
        HandshakeType::SERVER_KEY_EXCHANGE => key_exchange(flight, body)?,
        HandshakeType::CERTIFICATE_REQUEST => flight.certificate_request = true,
        _ => {}
    }
    Ok(())
}

/// Reads the parameters, whose signature depends on the version.
fn key_exchange(flight: &mut Flight, body: &[u8]) -> Result<(), DecodeError> {
    let mut r = Reader::new(body);
    let name = flight.suite.name().unwrap_or_default();
    let (exchange, _) = name.split_once("_WITH_").unwrap_or_default();
    if exchange.contains("PSK") {
        r.vec16(0, usize::from(u16::MAX), "psk_identity_hint")?;
    }
    if exchange.contains("ECDHE") || exchange.contains("ECDH_anon") {
        flight.group = Some(ServerEcdhParams::decode(&mut r)?.curve);
    } else if exchange.contains("DHE") || exchange.contains("DH_anon") {
        flight.prime = Some(ServerDhParams::decode(&mut r)?.dh_p.to_vec());
    } else {
        return Ok(());
    }
    if flight.version == ProtocolVersion::TLS_1_2 && !r.is_empty() {
        flight.scheme = Some(SignatureScheme(r.u16("SignatureAndHashAlgorithm")?));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    /// A record of this type.
    fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
        let length = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3][..], &length, fragment].concat()
    }

    /// A handshake message.
    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], length.get(1..).unwrap(), body].concat()
    }

    fn server_hello(suite: [u8; 2]) -> Vec<u8> {
        message(2, &[&[3, 3][..], &[7; 32], &[0], &suite, &[0]].concat())
    }

    #[test]
    fn flight_ends_with_server_hello_done() {
        let hello = server_hello([0xc0, 0x2f]);
        let certificate = message(11, &[0, 0, 5, 0, 0, 2, 9, 9]);
        let exchange = message(12, &[3, 0, 29, 2, 1, 1, 8, 4, 0, 1, 5]);
        let all = [hello, certificate, exchange, message(14, &[])].concat();
        let whole = record(22, &all);
        for length in 0..whole.len() {
            assert_eq!(hear(whole.get(..length).unwrap()), Heard::Part);
        }
        let Heard::Flight(flight) = hear(&whole) else { panic!("a flight") };
        assert_eq!(flight.suite, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
        assert_eq!((flight.group, flight.chain), (Some(NamedGroup::X25519), vec![vec![9, 9]]));
        assert_eq!(flight.scheme, Some(SignatureScheme::RSA_PSS_RSAE_SHA256));
        // The same in records of one byte.
        let split: Vec<u8> = all.iter().flat_map(|byte| record(22, &[*byte])).collect();
        assert!(matches!(hear(&split), Heard::Flight(_)));
    }

    #[test]
    fn size_of_the_prime_is_read_in_every_version() {
        let hello = message(2, &[&[3, 1][..], &[7; 32], &[0, 0, 0x33, 0]].concat());
        // The signature of TLS 1.0 does not name its algorithm.
        let exchange = message(12, &[0, 2, 0x80, 1, 0, 1, 2, 0, 1, 5, 0, 1, 7]);
        let Heard::Flight(flight) = hear(&record(22, &[hello, exchange, message(14, &[])].concat())) else {
            panic!("a flight")
        };
        assert_eq!((flight.prime, flight.scheme), (Some(vec![0x80, 1]), None));
    }

    #[test]
    fn warnings_are_skipped_and_fatal_alerts_end_the_flight() {
        assert_eq!(hear(&record(21, &[1, 112])), Heard::Part);
        assert_eq!(hear(&record(21, &[2, 40])), Heard::Alert(AlertDescription::HANDSHAKE_FAILURE));
        assert_eq!(hear(&record(21, &[1, 0])), Heard::Alert(AlertDescription::CLOSE_NOTIFY));
        assert!(matches!(hear(b"HTTP/1.1 400 Bad Request"), Heard::Malformed(_)));
        assert!(matches!(hear(&record(22, &message(11, &[0, 0, 0]))), Heard::Malformed(_)));
        assert!(matches!(hear(&record(22, &message(2, &[3, 3, 1]))), Heard::Malformed(_)));
    }
}
