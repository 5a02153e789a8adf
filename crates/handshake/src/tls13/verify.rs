//! CertificateVerify (RFC 9846 section 4.5.2).

use crate::{
    credential::Credential,
    delegated_credential::DelegatedCredential,
    error::HandshakeErrorKind,
    input::PeerKey,
    raw_message::{self, RawMessage},
    security::Proof,
    tls13::negotiated::Tls13Negotiated,
    verify::check_signature,
};
use alloc::vec::Vec;
use cairn_crypto::{HashOutput, KeyKind, Provider};
use cairn_schedule::{Side, tls13::Transcript};
use cairn_wire::{CertificateVerify, SignatureScheme};

/// The content that CertificateVerify of this side signs: 64 spaces, the context string, a zero byte, and the
/// transcript hash up to Certificate.
pub(crate) fn signed_content(signer: Side, transcript: &HashOutput) -> Vec<u8> {
    let context: &[u8] = match signer {
        Side::Client => b"TLS 1.3, client CertificateVerify",
        Side::Server => b"TLS 1.3, server CertificateVerify",
    };
    [&[b' '; 64], context, &[0], transcript.as_bytes()].concat()
}

/// The scheme that a credential signs with: its first that the peer accepts and that fits its key.
/// `peer_schemes` are those of signature_algorithms, and `delegated` those of delegated_credential.
pub(crate) fn scheme_for(
    credential: &Credential,
    peer_schemes: &[SignatureScheme],
    delegated: &[SignatureScheme],
) -> Option<SignatureScheme> {
    if let Some(delegation) = &credential.delegated {
        delegation.check_offered(peer_schemes, delegated).ok()?;
        return credential.scheme_for(|scheme| {
            scheme == delegation.scheme()
                && KeyKind::for_delegated_credential(scheme) == Some(credential.key_kind)
        });
    }
    credential.scheme_for(|scheme| {
        peer_schemes.contains(&scheme) && KeyKind::for_certificate_verify(scheme) == Some(credential.key_kind)
    })
}

/// The proof of a signature that this credential has made.
pub(crate) fn proof_of(credential: &Credential, scheme: SignatureScheme, length: usize) -> Proof {
    let proof = Proof::signed(credential.key_kind, scheme, length);
    credential.delegated.as_ref().map_or(proof, |delegated| proof.by_delegation(delegated))
}

/// Checks that the peer's delegated credential, if it presents one, satisfies what we have offered, and that
/// `key` is the credential's.
pub(crate) fn check_delegation(
    delegated: Option<&DelegatedCredential>,
    key: &PeerKey,
    offered: &[SignatureScheme],
    delegated_schemes: &[SignatureScheme],
) -> Result<(), HandshakeErrorKind> {
    let Some(delegated) = delegated else { return Ok(()) };
    delegated.check_offered(offered, delegated_schemes)?;
    // An answer with the key of the certificate is a mistake of the caller.
    if delegated.may_have_key(&key.public_key.bits) {
        Ok(())
    } else {
        Err(HandshakeErrorKind::QuestionFailed)
    }
}

/// Receives the peer's CertificateVerify in the handshake.
pub(crate) fn receive_in_handshake(
    message: RawMessage<'_>,
    key: &PeerKey,
    negotiated: &mut Tls13Negotiated,
    offered: &[SignatureScheme],
    provider: &Provider,
) -> Result<(), HandshakeErrorKind> {
    let (signer, transcript) = (negotiated.common.side.side().peer(), &mut negotiated.transcript);
    let delegated = negotiated.peer_delegation.as_deref();
    let proof =
        Some(receive_certificate_verify(message, (key, delegated), signer, transcript, offered, provider)?);
    match signer {
        Side::Client => negotiated.common.evidence.client_proof = proof,
        Side::Server => negotiated.common.evidence.server_proof = proof,
    }
    Ok(())
}

/// Receives the peer's CertificateVerify: verifies its signature over the transcript up to Certificate.
/// `offered` are the schemes that we have offered. With a delegated credential, the key is the credential's.
pub(crate) fn receive_certificate_verify(
    message: RawMessage<'_>,
    (key, delegated): (&PeerKey, Option<&DelegatedCredential>),
    signer: Side,
    transcript: &mut Transcript,
    offered: &[SignatureScheme],
    provider: &Provider,
) -> Result<Proof, HandshakeErrorKind> {
    let CertificateVerify { signed } = raw_message::read(message)?;
    let (scheme, kind) = (signed.algorithm, key.public_key.kind);
    // RFC 9345 section 4.1.3: "Verify that dc_cert_verify_algorithm matches the scheme indicated in the
    // peer's CertificateVerify message". It is one of those that we have offered for delegated credentials.
    let of_delegation = delegated.map(DelegatedCredential::scheme);
    if of_delegation.is_some_and(|expected| expected != scheme) {
        return Err(HandshakeErrorKind::OtherDelegatedScheme(scheme));
    }
    let offered = of_delegation.as_ref().map_or(offered, core::slice::from_ref);
    if !offered.contains(&scheme) {
        return Err(HandshakeErrorKind::SchemeNotOffered(scheme));
    }
    // "In addition, the signature algorithm MUST be compatible with the key in the sender's end-entity
    // certificate. The SHA-1 algorithm MUST NOT be used in any signatures of CertificateVerify messages."
    // Schemes that we offer for TLS 1.2 or for certificates alone do not count.
    if KeyKind::for_certificate_verify(scheme) != Some(kind) {
        return Err(HandshakeErrorKind::SchemeNotForKey(scheme, kind));
    }
    let content = signed_content(signer, &transcript.hash()?);
    check_signature(provider, offered, key, &content, &signed)?;
    transcript.add(message.bytes)?;
    let proof = Proof::signed(kind, scheme, signed.signature.len());
    Ok(delegated.map_or(proof, |delegated| proof.by_delegation(delegated)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 9846 section 4.5.2.
    #[test]
    fn signed_content_is_that_of_the_rfc() {
        let content = signed_content(Side::Server, &HashOutput::new(&[1; 32]).unwrap());
        assert_eq!(content.len(), 64 + 33 + 1 + 32);
        assert!(content.starts_with(&[0x20; 64]));
        assert_eq!(content.get(64..97), Some(&b"TLS 1.3, server CertificateVerify"[..]));
        assert_eq!(content.get(97..), Some(&[&[0][..], &[1; 32]].concat()[..]));
    }
}
