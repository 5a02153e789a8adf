//! One message of a connection, described for display.

use super::{count, hex_start};
use crate::names::list;
use cairn_tls::{
    Direction, Epoch, Limits, Traced, certificate_compressions,
    wire::{
        Certificate, ClientExtension, ClientHello, CompressedCertificate, Decode, ExtensionType, Extensions,
        HandshakeMessage, HandshakeType, KeyExchangeAlgorithm, List, ProtocolName, Reader, ServerExtension,
        ServerHello, ServerKeyExchange, ServerParams, SessionId, Tls13Certificate,
    },
    x509::{CertificateFacts, ocsp},
};

/// A message that was sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The time in microseconds since the start.
    pub(crate) at: u64,
    /// Whether we sent it.
    pub(crate) sent: bool,
    /// Whether it was encrypted.
    pub(crate) protected: bool,
    /// The kind of message.
    pub(crate) kind: Kind,
    /// Its name, as in the figures of RFC 5246.
    pub(crate) name: String,
    /// Its size as plaintext, in bytes; for a handshake message including its header.
    pub(crate) size: usize,
    /// A short description of its contents; may be empty.
    pub(crate) gist: String,
}

/// The kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Handshake,
    ChangeCipherSpec,
    Alert,
    ApplicationData,
}

impl Event {
    /// Describes a message.
    pub(crate) fn new(at: u64, direction: Direction, epoch: Epoch, message: Traced<'_>) -> Self {
        let (kind, name, size, gist) = match message {
            Traced::Handshake { msg_type, message } => (
                Kind::Handshake,
                name_of(msg_type),
                message.len(),
                gist_of(msg_type, message).unwrap_or_default(),
            ),
            Traced::ChangeCipherSpec => {
                (Kind::ChangeCipherSpec, "ChangeCipherSpec".into(), 1, "from here on encrypted".into())
            }
            Traced::Alert(alert) => {
                (Kind::Alert, "Alert".into(), 2, format!("{} ({})", alert.description, alert.level))
            }
            Traced::ApplicationData(size) => {
                (Kind::ApplicationData, "ApplicationData".into(), size, String::new())
            }
            _ => (Kind::Handshake, "?".into(), 0, String::new()),
        };
        let sent = direction == Direction::Write;
        Self { at, sent, protected: epoch != Epoch::Initial, kind, name, size, gist }
    }
}

/// Converts `server_hello_done` to ServerHelloDone, as in the figures.
fn name_of(msg_type: HandshakeType) -> String {
    let mut name = String::new();
    for word in msg_type.to_string().split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn gist_of(msg_type: HandshakeType, message: &[u8]) -> Option<String> {
    let body = message.get(4..)?;
    Some(match HandshakeMessage::decode_body(msg_type, body, 4).ok()? {
        HandshakeMessage::ClientHello(hello) => client_hello(&hello),
        HandshakeMessage::ServerHello(hello) => server_hello(&hello),
        HandshakeMessage::Certificate(message) => certificate(&message),
        HandshakeMessage::CertificateStatus(message) => match ocsp::statements(message.response) {
            Ok(statements) => format!("OCSP: {}", list(&statements, ToString::to_string)),
            Err(error) => error.to_string(),
        },
        HandshakeMessage::ServerKeyExchange(body) => server_key_exchange(body)?,
        HandshakeMessage::CertificateRequest(request) => format!(
            "{}, {}",
            count(request.supported_signature_algorithms.len(), "signature scheme"),
            match request.certificate_authorities.len() {
                1 => "1 authority".into(),
                many => format!("{many} authorities"),
            }
        ),
        HandshakeMessage::NewSessionTicket(message) => format!("ticket of {} bytes", message.ticket.len()),
        HandshakeMessage::CertificateVerify(message) => format!("signed with {}", message.signed.algorithm),
        HandshakeMessage::ClientKeyExchange(body) => {
            format!("public value of {} bytes", body.len().saturating_sub(1))
        }
        HandshakeMessage::Finished(finished) => {
            format!("verify_data of {} bytes", finished.verify_data.len())
        }
        _ => String::new(),
    })
}

fn client_hello(hello: &ClientHello<'_>) -> String {
    let mut gist = vec![count(hello.cipher_suites.len(), "cipher suite")];
    if let Some(block) = hello.extensions {
        if let Some(ClientExtension::SupportedGroups(groups)) = block.get(ExtensionType::SUPPORTED_GROUPS) {
            gist.push(count(groups.len(), "group"));
        }
        if let Some(ClientExtension::ApplicationLayerProtocolNegotiation(names)) = alpn(&block) {
            gist.push(format!("ALPN {}", protocols(&names)));
        }
    }
    gist.push(match hello.extensions.and_then(|block| block.get(ExtensionType::SESSION_TICKET)) {
        Some(ClientExtension::SessionTicket(ticket @ [_, ..])) => format!("ticket of {} bytes", ticket.len()),
        _ => session(&hello.session_id),
    });
    gist.join(", ")
}

fn alpn<'a>(block: &Extensions<'a, ClientExtension<'a>>) -> Option<ClientExtension<'a>> {
    block.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
}

fn protocols(names: &List<'_, ProtocolName<'_>>) -> String {
    let names: Vec<ProtocolName<'_>> = names.iter().collect();
    list(&names, |name| name.0.escape_ascii().to_string())
}

fn server_hello(hello: &ServerHello<'_>) -> String {
    let mut gist = vec![hello.cipher_suite.to_string()];
    let alpn =
        hello.extensions.and_then(|block| block.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION));
    if let Some(ServerExtension::ApplicationLayerProtocolNegotiation(name)) = alpn {
        gist.push(format!("ALPN {}", name.0.escape_ascii()));
    }
    gist.push(session(&hello.session_id));
    gist.join(", ")
}

fn session(id: &SessionId) -> String {
    if id.as_bytes().is_empty() {
        "no session".into()
    } else {
        format!("session {}", hex_start(id.as_bytes()))
    }
}

fn certificate(message: &Certificate<'_>) -> String {
    let certificates = count(message.certificate_list.len(), "certificate");
    let subject = message.certificate_list.first().and_then(|first| CertificateFacts::from_der(first.0).ok());
    match subject {
        Some(facts) => format!("{certificates}: {}", facts.subject),
        None => certificates,
    }
}

/// All supported suites exchange keys in this way.
fn server_key_exchange(body: &[u8]) -> Option<String> {
    let message = ServerKeyExchange::decode(KeyExchangeAlgorithm::Ecdhe, &mut Reader::new(body)).ok()?;
    match message {
        ServerKeyExchange::SignedParams { params: ServerParams::Ecdh(params), signature } => {
            Some(format!("{}, signed with {}", params.curve, signature.algorithm))
        }
        _ => None,
    }
}

/// The certificates in a message with its header: Certificate of TLS 1.2 or 1.3, or CompressedCertificate.
/// Their layouts differ, so that a message of one version is malformed in the other.
pub(crate) fn certificates(msg_type: HandshakeType, message: &[u8]) -> Vec<Vec<u8>> {
    let body = message.get(4..).unwrap_or_default();
    let certificates = match msg_type {
        HandshakeType::COMPRESSED_CERTIFICATE => {
            decompressed(body).and_then(|body| tls13_certificates(&body))
        }
        _ => tls12_certificates(body).or_else(|| tls13_certificates(body)),
    };
    certificates.unwrap_or_default()
}

fn tls12_certificates(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let message = Certificate::decode_exact(body).ok()?;
    Some(message.certificate_list.iter().map(|certificate| certificate.0.to_vec()).collect())
}

fn tls13_certificates(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let message = Tls13Certificate::decode_exact(body).ok()?;
    Some(message.certificate_list.iter().map(|entry| entry.cert_data.to_vec()).collect())
}

/// The body of the Certificate message in a CompressedCertificate, if this build has the algorithm and the
/// message is not longer than a handshake accepts.
fn decompressed(body: &[u8]) -> Option<Vec<u8>> {
    let message = CompressedCertificate::decode_exact(body).ok()?;
    let algorithm =
        certificate_compressions().into_iter().find(|each| each.algorithm() == message.algorithm)?;
    let length = Some(message.uncompressed_length);
    let length = length.filter(|length| *length <= Limits::default().max_certificate_message)?;
    let mut certificate = vec![0; usize::try_from(length).ok()?];
    algorithm.decompress(message.compressed_certificate_message, &mut certificate).ok()?;
    Some(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_tls::wire::{Asn1Cert, CertificateEntry, Encode, Writer};

    #[test]
    fn messages_have_the_names_of_the_rfc_figures() {
        assert_eq!(name_of(HandshakeType::SERVER_HELLO_DONE), "ServerHelloDone");
        assert_eq!(name_of(HandshakeType::FINISHED), "Finished");
        let event = Event::new(7, Direction::Write, Epoch::tls12(1), Traced::ApplicationData(12));
        assert_eq!(
            (event.name.as_str(), event.size, event.protected, event.sent),
            ("ApplicationData", 12, true, true)
        );
    }

    /// The encoding of a message with a header.
    fn encoded(body: &impl Encode) -> Vec<u8> {
        let mut message = vec![0; 4];
        body.encode(&mut Writer::vec(&mut message)).unwrap();
        message
    }

    #[test]
    fn certificates_are_read_from_the_messages_of_both_versions() {
        let one = CertificateEntry { cert_data: &[7; 200], extensions: Extensions::from_items(&[]) };
        let other = CertificateEntry { cert_data: b"other", ..one };
        let expected = [vec![7; 200], b"other".to_vec()];
        let ders = [Asn1Cert(&[7; 200]), Asn1Cert(b"other")];
        let tls12 = encoded(&Certificate { certificate_list: List::from_items(&ders) });
        assert_eq!(certificates(HandshakeType::CERTIFICATE, &tls12), expected);
        for context in [&[][..], &[1, 2, 3]] {
            let entries = [one, other];
            let tls13 = encoded(&Tls13Certificate {
                certificate_request_context: context,
                certificate_list: List::from_items(&entries),
            });
            assert_eq!(certificates(HandshakeType::CERTIFICATE, &tls13), expected);
            for algorithm in certificate_compressions() {
                let compressed = algorithm.compress(&tls13[4..]).unwrap();
                let message = |length: usize| {
                    encoded(&CompressedCertificate {
                        algorithm: algorithm.algorithm(),
                        uncompressed_length: u32::try_from(length).unwrap(),
                        compressed_certificate_message: &compressed,
                    })
                };
                let read = |message: &[u8]| certificates(HandshakeType::COMPRESSED_CERTIFICATE, message);
                assert_eq!(read(&message(tls13.len() - 4)), expected);
                for wrong in [0, tls13.len(), 0xff_ffff] {
                    assert!(read(&message(wrong)).is_empty());
                }
            }
        }
    }

    #[test]
    fn malformed_message_has_its_name() {
        let message = [2, 0, 0, 1, 9];
        let traced = Traced::Handshake { msg_type: HandshakeType::SERVER_HELLO, message: &message };
        let event = Event::new(0, Direction::Read, Epoch::Initial, traced);
        assert_eq!((event.name.as_str(), event.gist.as_str(), event.size), ("ServerHello", "", 5));
    }
}
