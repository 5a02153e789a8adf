//! The certificate that a server requests from the client.

use crate::{
    credential::Credential, error::HandshakeErrorKind, raw_message, raw_message::RawMessage,
    security::strength::is_legacy, tls13::verify,
};
use alloc::vec::Vec;
use cairn_crypto::KeyKind;
use cairn_wire::{
    CertificateCompressionAlgorithm, CertificateRequest, CertificateRequestExtension, CertificateType,
    ClientCertificateType, ExtensionMessage, ExtensionType, List, SignatureScheme, Tls13CertificateRequest,
};
use core::fmt;

/// The certificate that a server requests: the content of CertificateRequest (RFC 5246 section 7.4.4, RFC
/// 9846 section 4.4.2), read once when the message arrives.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestedCertificate {
    rules: Rules,
    signature_algorithms: Vec<SignatureScheme>,
    /// The names of the authorities, one after the other.
    names: Vec<u8>,
    /// The end of each name in `names`.
    ends: Vec<usize>,
}

/// The rules that a version has for the certificate.
#[derive(Clone, PartialEq, Eq)]
enum Rules {
    /// certificate_types of TLS 1.2.
    Tls12(Vec<ClientCertificateType>),
    /// TLS 1.3 has signature schemes alone for that. The algorithms are those in which the certificate may be
    /// compressed (RFC 8879), and the schemes those for a delegated credential (RFC 9345).
    Tls13 { compression: Vec<CertificateCompressionAlgorithm>, delegated: Vec<SignatureScheme> },
}

impl RequestedCertificate {
    /// Reads the message of TLS 1.3, and returns its context too.
    pub(crate) fn read_tls13(message: RawMessage<'_>) -> Result<(Self, &[u8]), HandshakeErrorKind> {
        let (mut schemes, mut authorities, mut fault) = (None, None, None);
        let (mut compression, mut delegated) = (Vec::new(), Vec::new());
        let request = raw_message::read_with(message, |reader| {
            Tls13CertificateRequest::decode_each(reader, |extension| {
                let judged = ExtensionMessage::CertificateRequest.judge(extension.extension_type(), false);
                fault = fault.or(judged.err());
                match extension {
                    CertificateRequestExtension::SignatureAlgorithms(listed) => schemes = Some(listed),
                    CertificateRequestExtension::CertificateAuthorities(listed) => {
                        authorities = Some(listed.authorities);
                    }
                    CertificateRequestExtension::CompressCertificate(listed) => {
                        compression = listed.algorithms.iter().collect();
                    }
                    CertificateRequestExtension::DelegatedCredential(listed) => {
                        delegated = listed.supported_signature_algorithm.iter().collect();
                    }
                    _ => {}
                }
            })
        })?;
        fault.map_or(Ok(()), Err)?;
        // RFC 9846 section 4.4.2: "The "signature_algorithms" extension MUST be specified".
        let schemes =
            schemes.ok_or(HandshakeErrorKind::MissingExtension(ExtensionType::SIGNATURE_ALGORITHMS))?;
        let (mut names, mut ends) = (Vec::new(), Vec::new());
        for name in authorities.iter().flat_map(List::iter) {
            names.extend_from_slice(name.0);
            ends.push(names.len());
        }
        let rules = Rules::Tls13 { compression, delegated };
        let read = Self { rules, signature_algorithms: schemes.iter().collect(), names, ends };
        Ok((read, request.certificate_request_context))
    }

    /// Reads the message of TLS 1.2.
    pub(crate) fn read(message: RawMessage<'_>) -> Result<Self, HandshakeErrorKind> {
        let request: CertificateRequest<'_> = raw_message::read(message)?;
        Ok(Self::from(&request))
    }

    /// The certificate types that the client may send, in the server's order. Empty in TLS 1.3, which has
    /// none of them.
    #[must_use]
    pub fn types(&self) -> &[ClientCertificateType] {
        match &self.rules {
            Rules::Tls12(types) => types,
            Rules::Tls13 { .. } => &[],
        }
    }

    /// The algorithms in which the client may compress its certificate, in the server's order (RFC 8879).
    /// Empty in TLS 1.2, which has no compression of certificates.
    #[must_use]
    pub fn compression_algorithms(&self) -> &[CertificateCompressionAlgorithm] {
        match &self.rules {
            Rules::Tls12(_) => &[],
            Rules::Tls13 { compression, .. } => compression,
        }
    }

    /// The schemes in which the client may sign with a delegated credential, in the server's order (RFC
    /// 9345). Empty if it may present none, as in TLS 1.2.
    #[must_use]
    pub fn delegated_credential_schemes(&self) -> &[SignatureScheme] {
        match &self.rules {
            Rules::Tls12(_) => &[],
            Rules::Tls13 { delegated, .. } => delegated,
        }
    }

    /// The signature schemes allowed for the certificates and for CertificateVerify, in the server's order.
    #[must_use]
    pub fn signature_algorithms(&self) -> &[SignatureScheme] {
        &self.signature_algorithms
    }

    /// The DER-encoded names of the certificate authorities that the server accepts; empty for any authority.
    pub fn authorities(&self) -> impl ExactSizeIterator<Item = &[u8]> + '_ {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let name = self.names.get(start..*end).unwrap_or_default();
            start = *end;
            name
        })
    }

    /// The scheme that a credential uses to satisfy the request. `certificate_type` is the type that was
    /// negotiated, and `ours` are the signature schemes of the client's policy.
    pub(crate) fn scheme_for(
        &self,
        credential: &Credential,
        certificate_type: Option<CertificateType>,
        ours: &[SignatureScheme],
    ) -> Result<SignatureScheme, RequestMismatch> {
        // RFC 7250 section 4.2: the Certificate message has the negotiated type.
        if certificate_type != Some(credential.chain.certificate_type()) {
            return Err(RequestMismatch::CertificateType);
        }
        // RFC 5246 section 7.4.8: CertificateVerify is sent after "a client certificate that has signing
        // capability".
        if credential.schemes.is_empty() {
            return Err(RequestMismatch::KeyCannotSign);
        }
        // RFC 9345 section 4.1.2: "if the extension is not present, the client MUST NOT send a delegated
        // credential. When a (D)TLS version negotiated is less than 1.3, the client MUST ignore this
        // extension."
        if credential.delegated.is_some() && self.delegated_credential_schemes().is_empty() {
            return Err(RequestMismatch::DelegatedCredential);
        }
        let types = match &self.rules {
            Rules::Tls12(types) => types,
            Rules::Tls13 { delegated, .. } => {
                return verify::scheme_for(credential, &self.signature_algorithms, delegated)
                    .ok_or(RequestMismatch::SignatureSchemes);
            }
        };
        // RFC 5246 section 7.4.6: "The end-entity certificate's public key (and associated restrictions) has
        // to be compatible with the certificate types listed in CertificateRequest". RFC 8422 section 3.1:
        // ecdsa_sign includes EdDSA keys.
        let certificate_type = match credential.key_kind {
            KeyKind::Rsa | KeyKind::RsaPss => ClientCertificateType::RSA_SIGN,
            _ => ClientCertificateType::ECDSA_SIGN,
        };
        if !types.contains(&certificate_type) {
            return Err(RequestMismatch::KeyKind);
        }
        // RFC 5246 section 7.4.8: "The hash and signature algorithms used in the signature MUST be one of
        // those present in the supported_signature_algorithms field of the CertificateRequest message." A
        // scheme with SHA-1 or SHA-224 must also be one of our policy's.
        let takes = |scheme| {
            self.signature_algorithms.contains(&scheme) && (!is_legacy(scheme) || ours.contains(&scheme))
        };
        credential.scheme_for(takes).ok_or(RequestMismatch::SignatureSchemes)
    }
}

impl From<&CertificateRequest<'_>> for RequestedCertificate {
    fn from(request: &CertificateRequest<'_>) -> Self {
        let (mut names, mut ends) = (Vec::new(), Vec::new());
        for name in request.certificate_authorities {
            names.extend_from_slice(name.0);
            ends.push(names.len());
        }
        Self {
            rules: Rules::Tls12(request.certificate_types.iter().collect()),
            signature_algorithms: request.supported_signature_algorithms.iter().collect(),
            names,
            ends,
        }
    }
}

impl fmt::Debug for RequestedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestedCertificate")
            .field("types", &self.types())
            .field("signature_algorithms", &self.signature_algorithms)
            .field("authorities", &self.authorities().collect::<Vec<_>>())
            .finish()
    }
}

/// The reason why a credential does not satisfy a CertificateRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestMismatch {
    /// It is a certificate and a raw public key is requested, or the reverse (RFC 7250).
    CertificateType,
    /// It is a delegated credential, and the server accepts none (RFC 9345).
    DelegatedCredential,
    /// The key has no signature scheme, for example because the certificate's key usage does not permit
    /// signatures.
    KeyCannotSign,
    /// certificate_types of the request does not include this kind of key (RFC 5246 section 7.4.4).
    KeyKind,
    /// supported_signature_algorithms of the request has no scheme of the key (RFC 5246 section 7.4.4).
    SignatureSchemes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use cairn_wire::{DistinguishedName, List};

    #[test]
    fn authorities_are_read_in_order() {
        for names in [vec![], vec![&b"one"[..], b"other"]] {
            let list: Vec<_> = names.iter().map(|name| DistinguishedName(name)).collect();
            let request = CertificateRequest {
                certificate_types: List::from_items(&[ClientCertificateType::ECDSA_SIGN]),
                supported_signature_algorithms: List::from_items(&[SignatureScheme::ED25519]),
                certificate_authorities: List::from_items(&list),
            };
            let read = RequestedCertificate::from(&request);
            assert_eq!(read.authorities().len(), names.len());
            assert_eq!(read.authorities().collect::<Vec<_>>(), names);
            assert_eq!(read.types(), [ClientCertificateType::ECDSA_SIGN]);
            assert_eq!(read.signature_algorithms(), [SignatureScheme::ED25519]);
        }
    }
}
