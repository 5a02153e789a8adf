//! signature_algorithms_cert (RFC 9846 section 4.3.3, which also applies to TLS 1.2): the schemes that a
//! client accepts in the signatures of certificates, if they differ from those for handshake messages.
//!
//! For client certificates, TLS 1.2 has one list for both purposes, in CertificateRequest (RFC 5246 section
//! 7.4.4).

use super::{ClientExtensions, Codes};
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// The client's offer, if it has a separate list for certificates.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithmsCert(List::from_items(schemes)))
}

/// The client's list.
pub(crate) fn listed(extensions: &ClientExtensions<'_>) -> Option<Codes<SignatureScheme>> {
    extensions.signature_algorithms_cert.map(|schemes| schemes.iter().collect())
}
