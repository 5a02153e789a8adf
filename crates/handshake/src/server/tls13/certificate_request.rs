//! CertificateRequest, in the handshake and after it (RFC 9846 section 4.4.2).

use crate::error::HandshakeErrorKind;
use crate::ext;
use crate::out::Out;
use crate::policy::{ClientAuthentication, ServerPolicy};
use alloc::vec::Vec;
use cairn_schedule::tls13::Transcript;
use cairn_wire::{
    CertificateAuthorities, CertificateCompressionAlgorithms, CertificateRequestExtension, DistinguishedName,
    Extensions, List, SignatureSchemeList, Tls13CertificateRequest,
};
use smallvec::SmallVec;

/// CertificateRequest. Its context is empty in the handshake (RFC 9846 section 4.4.2).
pub(super) fn send_certificate_request(
    transcript: &mut Transcript,
    request_context: &[u8],
    authentication: &ClientAuthentication,
    policy: &ServerPolicy,
    out: &mut Out<'_>,
) -> Result<(), HandshakeErrorKind> {
    let schemes = List::from_items(&policy.signature_schemes);
    let names = authentication.authorities().unwrap_or_default();
    let names: Vec<_> = names.iter().map(|name| DistinguishedName(name)).collect();
    let algorithms = ext::compress_certificate::offered(&policy.tls13.certificate_compression);
    let mut extensions = SmallVec::<[CertificateRequestExtension<'_>; 4]>::new();
    extensions.push(CertificateRequestExtension::SignatureAlgorithms(schemes));
    if !names.is_empty() {
        let authorities = CertificateAuthorities { authorities: List::from_items(&names) };
        extensions.push(CertificateRequestExtension::CertificateAuthorities(authorities));
    }
    if let Some(algorithms) = &algorithms {
        let algorithms = CertificateCompressionAlgorithms { algorithms: List::from_items(algorithms) };
        extensions.push(CertificateRequestExtension::CompressCertificate(algorithms));
    }
    // RFC 9345 section 4.1.2: "A server that supports this specification SHALL send a "delegated_credential"
    // extension in the CertificateRequest message when requesting client authentication."
    let delegated = &policy.tls13.delegated_credential_schemes;
    if !delegated.is_empty() {
        let listed = SignatureSchemeList { supported_signature_algorithm: List::from_items(delegated) };
        extensions.push(CertificateRequestExtension::DelegatedCredential(listed));
    }
    out.send(
        transcript,
        &Tls13CertificateRequest {
            certificate_request_context: request_context,
            extensions: Extensions::from_items(&extensions),
        },
    )
}
