//! signature_algorithms_cert (RFC 8446 section 4.2.3, which also applies to TLS 1.2): the schemes that a
//! client accepts in the signatures of certificates, if they differ from those for handshake messages.
//!
//! For client certificates, TLS 1.2 has one list for both purposes, in CertificateRequest (RFC 5246 section
//! 7.4.4).

use super::{ClientExtensions, signature_algorithms};
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// The client's offer, if it has a separate list for certificates.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithmsCert(List::from_items(schemes)))
}

/// The registered schemes that the client accepts in certificates: those of signature_algorithms if it omits
/// this extension.
pub(crate) fn read(extensions: &ClientExtensions<'_>) -> Vec<SignatureScheme> {
    let own = extensions.signature_algorithms_cert;
    match own {
        Some(schemes) => signature_algorithms::named(&schemes),
        None => signature_algorithms::offered(extensions).unwrap_or_default(),
    }
}
