//! The rules for delegated credentials, and the verification of a peer's.

use super::error::DelegationError;
use crate::{
    algorithms::Key, certificate::Certificate, error::CertificateError, raw_key, strength::check_strength,
};
use alloc::vec::Vec;
use cairn_crypto::{KeyKind, Provider, PublicKey};
use cairn_wire::{DelegatedCredential, SignatureScheme, Writer};

/// The maximum time in seconds for which a delegated credential may remain valid. RFC 9345 section 3: "In the
/// absence of an application profile standard specifying otherwise, the maximum validity period is set to 7
/// days."
pub const MAX_VALIDITY: u64 = 604_800;

/// The side that authenticates with a delegated credential. RFC 9345 section 7.2: "It is not possible to use
/// the same delegated credential for both client and server authentication".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A server.
    Server,
    /// A client.
    Client,
}

impl Holder {
    /// The context string of the signature (RFC 9345 section 4).
    const fn context(self) -> &'static [u8] {
        match self {
            Self::Server => b"TLS, server delegated credentials",
            Self::Client => b"TLS, client delegated credentials",
        }
    }
}

/// The result of verifying a delegated credential.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DelegatedKey {
    /// The public key of the credential, with which the peer signs CertificateVerify.
    pub public_key: PublicKey,
    /// The only scheme that the peer may sign with: `dc_cert_verify_algorithm`.
    pub scheme: SignatureScheme,
    /// The last second of the credential's validity, since 1970.
    pub not_after: u64,
}

/// Verifies a delegated credential of a peer with this end-entity certificate in DER, at the time `now` in
/// seconds since 1970 (RFC 9345 section 4.1.3). The certificate must have been verified before.
///
/// The handshake compares `dc_cert_verify_algorithm` and `algorithm` with what was offered, and the former
/// with the scheme of CertificateVerify.
///
/// # Errors
/// [`CertificateError::Delegation`], or another error if the certificate cannot be read or used.
pub fn verify(
    credential: &DelegatedCredential<'_>,
    end_entity: &[u8],
    holder: Holder,
    provider: &Provider,
    now: u64,
) -> Result<DelegatedKey, CertificateError> {
    let certificate = read(end_entity)?;
    let (not_before, _) = validity(&certificate)?;
    if not_before == 0 {
        return Err(DelegationError::BadNotBefore.into());
    }
    // "expiry time set to the delegation certificate's notBefore value plus
    // DelegatedCredential.cred.valid_time".
    let until = not_before.saturating_add(credential.valid_time.into());
    check_times(until, now)?;
    let (public_key, _) = raw_key::decode_restricted(credential.asn1_subject_public_key_info)
        .map_err(|_| DelegationError::BadPublicKey)?;
    let scheme = credential.dc_cert_verify_algorithm;
    check_scheme(scheme, credential.asn1_subject_public_key_info, &public_key)?;
    let key = delegating_key(&certificate)?;
    check_algorithm(credential.algorithm, key)?;
    // "Use the public key in the peer's end-entity certificate to verify the signature of the credential
    // using the algorithm indicated by DelegatedCredential.algorithm."
    let verifier = provider.verifier(key.public.kind, credential.algorithm);
    let verifier = verifier.ok_or(DelegationError::UnsupportedAlgorithm)?;
    let content = signed_content(credential, end_entity, holder).ok_or(DelegationError::BadPublicKey)?;
    verifier
        .verify(&key.public.bits, &content, credential.signature)
        .map_err(|_| DelegationError::BadSignature)?;
    Ok(DelegatedKey { public_key, scheme, not_after: until })
}

pub(super) fn read(certificate: &[u8]) -> Result<Certificate<'_>, CertificateError> {
    Certificate::parse(certificate).map_err(|_| CertificateError::BadEncoding)
}

pub(super) fn validity(certificate: &Certificate<'_>) -> Result<(u64, u64), CertificateError> {
    certificate.validity().map_err(|error| error.reason)
}

/// "This is done by asserting that the current time does not exceed the expiry time." and "This is done by
/// asserting that the expiry time does not exceed the current time plus the maximum validity period (7 days
/// by default)."
pub(super) const fn check_times(until: u64, now: u64) -> Result<(), DelegationError> {
    if now > until {
        return Err(DelegationError::Expired { until, now });
    }
    if until > now.saturating_add(MAX_VALIDITY) {
        return Err(DelegationError::ValidTooLong { until, now });
    }
    Ok(())
}

/// Checks `dc_cert_verify_algorithm`: it is allowed, and fits the credential's key.
pub(super) fn check_scheme(
    scheme: SignatureScheme,
    spki: &[u8],
    key: &PublicKey,
) -> Result<(), DelegationError> {
    let kind = KeyKind::for_delegated_credential(scheme).ok_or(DelegationError::SchemeNotAllowed(scheme))?;
    let (_, only) = raw_key::decode_restricted(spki).map_err(|_| DelegationError::BadPublicKey)?;
    if kind != key.kind || only.is_some_and(|only| only != scheme) {
        return Err(DelegationError::SchemeNotForKey(scheme, key.kind));
    }
    Ok(())
}

/// The key of a certificate that permits delegation. RFC 9345 section 4.2: "An endpoint MUST NOT accept a
/// delegated credential unless the peer's end-entity certificate satisfies the following criteria: It has the
/// DelegationUsage extension. It has the digitalSignature KeyUsage".
pub(super) fn delegating_key<'a>(certificate: &'a Certificate<'_>) -> Result<&'a Key, CertificateError> {
    if !certificate.delegation_usage {
        return Err(DelegationError::NoDelegationUsage.into());
    }
    if !certificate.has_key_usage || !certificate.key_usage.digital_signature {
        return Err(DelegationError::NoDigitalSignature.into());
    }
    let key = certificate.key.as_ref().ok_or(CertificateError::UnsupportedAlgorithm)?;
    check_strength(&key.public)?;
    Ok(key)
}

/// Checks `algorithm`. RFC 9846 section 4.3.3: RSASSA-PKCS1-v1_5 and SHA-1 are for signatures in
/// certificates, and a delegated credential is none. An ECDSA scheme implies the curve.
pub(super) fn check_algorithm(algorithm: SignatureScheme, key: &Key) -> Result<(), DelegationError> {
    let kind = key.public.kind;
    if KeyKind::for_certificate_verify(algorithm) != Some(kind) || !key.allows(algorithm) {
        return Err(DelegationError::AlgorithmNotForKey(algorithm, kind));
    }
    Ok(())
}

/// The signed content (RFC 9345 section 4): 64 spaces, the context string, a zero byte, the certificate, and
/// the fields `cred` and `algorithm`. `None` if these cannot be encoded.
pub(super) fn signed_content(
    credential: &DelegatedCredential<'_>,
    end_entity: &[u8],
    holder: Holder,
) -> Option<Vec<u8>> {
    let mut content = [&[b' '; 64], holder.context(), &[0], end_entity].concat();
    credential.encode_signed_fields(&mut Writer::vec(&mut content)).ok()?;
    Some(content)
}
