//! Short descriptions of handshake messages.

mod compressed;
mod shared;
mod tls12;
mod tls13;

use cairn_tls::wire::{
    Decode, HandshakeMessage, HandshakeType, NamedGroup, Reader, Tls13Certificate, Tls13HandshakeMessage,
    Writer, tree::Negotiated, write_handshake,
};

/// The content of a message, with its header, in a few words; `None` if it is malformed.
pub(super) fn of(msg_type: HandshakeType, message: &[u8], negotiated: Negotiated) -> Option<String> {
    let mut reader = Reader::new(message);
    match negotiated {
        Negotiated::Tls13 => tls13::of(&Tls13HandshakeMessage::read_message(&mut reader).ok()?),
        Negotiated::Tls12(key_exchange) => {
            tls12::of(&HandshakeMessage::read_message(&mut reader).ok()?, key_exchange)
        }
        // Before ServerHello there is only ClientHello.
        Negotiated::Unknown if msg_type == HandshakeType::CLIENT_HELLO => {
            tls12::of(&HandshakeMessage::read_message(&mut reader).ok()?, None)
        }
        Negotiated::Unknown => None,
    }
}

/// The certificates in a Certificate or CompressedCertificate message, with its header; raw public keys too.
pub(crate) fn certificates(message: &[u8], negotiated: Negotiated) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(message);
    match negotiated {
        Negotiated::Tls13 => match Tls13HandshakeMessage::read_message(&mut reader) {
            Ok(Tls13HandshakeMessage::Certificate(message)) => entries(&message),
            Ok(Tls13HandshakeMessage::CompressedCertificate(message)) => compressed::certificate(&message)
                .and_then(|body| Some(entries(&Tls13Certificate::decode_exact(&body).ok()?)))
                .unwrap_or_default(),
            _ => Vec::new(),
        },
        Negotiated::Tls12(_) | Negotiated::Unknown => match HandshakeMessage::read_message(&mut reader) {
            Ok(HandshakeMessage::Certificate(message)) => {
                message.certificate_list.iter().map(|certificate| certificate.0.to_vec()).collect()
            }
            _ => Vec::new(),
        },
    }
}

/// The group that a ServerKeyExchange message, with its header, names.
pub(crate) fn server_group(message: &[u8], negotiated: Negotiated) -> Option<NamedGroup> {
    let Ok(HandshakeMessage::ServerKeyExchange(body)) =
        HandshakeMessage::read_message(&mut Reader::new(message))
    else {
        return None;
    };
    tls12::server_group(body, negotiated.key_exchange()?)
}

/// The Certificate message in CompressedCertificate, both with their headers.
pub(super) fn decompressed(message: &[u8], negotiated: Negotiated) -> Option<Vec<u8>> {
    match (negotiated, Tls13HandshakeMessage::read_message(&mut Reader::new(message))) {
        (Negotiated::Tls13, Ok(Tls13HandshakeMessage::CompressedCertificate(message))) => {
            let body = compressed::certificate(&message)?;
            let mut certificate = Vec::new();
            let mut writer = Writer::vec(&mut certificate);
            write_handshake(&mut writer, HandshakeType::CERTIFICATE, |w| w.bytes(&body)).ok()?;
            Some(certificate)
        }
        _ => None,
    }
}

fn entries(message: &Tls13Certificate<'_>) -> Vec<Vec<u8>> {
    message.certificate_list.iter().map(|entry| entry.cert_data.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_tls::{
        certificate_compressions,
        wire::{Asn1Cert, Certificate, CertificateEntry, CompressedCertificate, Encode, Extensions, List},
    };

    /// A message with its header.
    fn message(msg_type: HandshakeType, body: &impl Encode) -> Vec<u8> {
        let mut message = vec![0; 4];
        body.encode(&mut Writer::vec(&mut message)).unwrap();
        let length = u32::try_from(message.len() - 4).unwrap();
        message[..4].copy_from_slice(&length.to_be_bytes());
        message[0] = msg_type.0;
        message
    }

    #[test]
    fn certificates_are_read_in_the_layout_of_their_version() {
        let tls12 = Negotiated::Tls12(None);
        let one = CertificateEntry { cert_data: &[7; 200], extensions: Extensions::from_items(&[]) };
        let other = CertificateEntry { cert_data: b"other", ..one };
        let expected = [vec![7; 200], b"other".to_vec()];
        let ders = [Asn1Cert(&[7; 200]), Asn1Cert(b"other")];
        let body = Certificate { certificate_list: List::from_items(&ders) };
        assert_eq!(certificates(&message(HandshakeType::CERTIFICATE, &body), tls12), expected);
        let list = [one, other];
        // A client's certificate has the context of its request after the handshake only.
        for context in [&[][..], &[1, 2, 3]] {
            let certificate_list = List::from_items(&list);
            let body = Tls13Certificate { certificate_request_context: context, certificate_list };
            let certificate = message(HandshakeType::CERTIFICATE, &body);
            assert_eq!(certificates(&certificate, Negotiated::Tls13), expected);
            assert!(certificates(&certificate, tls12).is_empty());
        }
    }

    #[test]
    fn certificates_are_read_from_compressed_certificate() {
        let entry = CertificateEntry { cert_data: &[7; 200], extensions: Extensions::from_items(&[]) };
        let list = [entry];
        let certificate_list = List::from_items(&list);
        let body = Tls13Certificate { certificate_request_context: &[], certificate_list };
        let certificate = message(HandshakeType::CERTIFICATE, &body);
        assert!(!certificate_compressions().is_empty());
        for algorithm in certificate_compressions() {
            let compressed = algorithm.compress(&certificate[4..]).unwrap();
            let compressed_in = |length: usize| {
                let body = CompressedCertificate {
                    algorithm: algorithm.algorithm(),
                    uncompressed_length: u32::try_from(length).unwrap(),
                    compressed_certificate_message: &compressed,
                };
                message(HandshakeType::COMPRESSED_CERTIFICATE, &body)
            };
            let right = compressed_in(certificate.len() - 4);
            assert_eq!(certificates(&right, Negotiated::Tls13), [vec![7; 200]]);
            assert_eq!(decompressed(&right, Negotiated::Tls13), Some(certificate.clone()));
            for wrong in [1, certificate.len(), 0xff_ffff] {
                assert!(certificates(&compressed_in(wrong), Negotiated::Tls13).is_empty());
                assert_eq!(decompressed(&compressed_in(wrong), Negotiated::Tls13), None);
            }
        }
    }
}
