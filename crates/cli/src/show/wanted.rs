//! A server's requirements for a client's certificate, in either version.

use cairn_tls::wire::{
    CertificateRequestExtension, ClientCertificateType, ExtensionType, HandshakeMessage, Reader,
    SignatureScheme, Tls13HandshakeMessage, tree::Negotiated,
};

/// The contents of a CertificateRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The types of keys; `None` in TLS 1.3, where the signature schemes imply them.
    pub(crate) types: Option<Vec<ClientCertificateType>>,
    /// The signature schemes.
    pub(crate) schemes: Vec<SignatureScheme>,
    /// The names of the authorities in DER; empty if any will do.
    pub(crate) authorities: Vec<Vec<u8>>,
}

impl Wanted {
    /// Decodes a CertificateRequest with its header; `None` if it is malformed.
    pub(super) fn decode(message: &[u8], negotiated: Negotiated) -> Option<Self> {
        let mut reader = Reader::new(message);
        if negotiated != Negotiated::Tls13 {
            let HandshakeMessage::CertificateRequest(request) =
                HandshakeMessage::read_message(&mut reader).ok()?
            else {
                return None;
            };
            return Some(Self {
                types: Some(request.certificate_types.iter().collect()),
                schemes: request.supported_signature_algorithms.iter().collect(),
                authorities: request.certificate_authorities.iter().map(|name| name.0.to_vec()).collect(),
            });
        }
        let Tls13HandshakeMessage::CertificateRequest(request) =
            Tls13HandshakeMessage::read_message(&mut reader).ok()?
        else {
            return None;
        };
        let schemes = match request.extensions.get(ExtensionType::SIGNATURE_ALGORITHMS) {
            Some(CertificateRequestExtension::SignatureAlgorithms(schemes)) => schemes.iter().collect(),
            _ => Vec::new(),
        };
        let authorities = match request.extensions.get(ExtensionType::CERTIFICATE_AUTHORITIES) {
            Some(CertificateRequestExtension::CertificateAuthorities(names)) => {
                names.authorities.iter().map(|name| name.0.to_vec()).collect()
            }
            _ => Vec::new(),
        };
        Some(Self { types: None, schemes, authorities })
    }
}
