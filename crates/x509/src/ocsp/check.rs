//! Verifies a response for one certificate.

use super::{
    error::OcspError,
    read::{self, Basic, Responder, Single},
    statement::{State, Statement},
};
use crate::{
    algorithms,
    certificate::Certificate,
    dn,
    error::CertificateError,
    read::{RawCertificate, spki_parts},
    strength::check_strength,
    verifiers::PkixAlgorithm,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Hash, HashAlgorithm};

/// The tolerated difference between a responder's clock and ours, in seconds: five minutes.
pub const TOLERANCE: u64 = 300;

/// The maximum number of a response's certificates that are considered. In practice there is one.
const MAX_CERTIFICATES: usize = 4;

/// The issuer of the certificate in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// The distinguished name in DER, as encoded in the certificate in question.
    pub(crate) name: Vec<u8>,
    /// The `SubjectPublicKeyInfo` in DER.
    pub(crate) spki: Vec<u8>,
}

/// The provider's functions that the check needs.
pub(crate) struct Tools<'a> {
    pub(crate) algorithms: &'a [PkixAlgorithm],
    pub(crate) hashes: &'a [Arc<dyn Hash>],
}

/// Checks the statement of a response about the certificate with this serial number at the time `now`, in
/// seconds since 1970 (RFC 6960 section 3.2).
pub(crate) fn check(
    response: &[u8],
    serial: &[u8],
    issuer: &Issuer,
    tools: &Tools<'_>,
    now: u64,
) -> Result<Statement, CertificateError> {
    let basic = read::basic(response)?;
    // Section 3.2, 2 to 4: the signature is valid, and the signer is the intended one and authorized.
    check_signature(&basic, issuer, tools, now)?;
    // 1: "The certificate identified in a received response corresponds to the certificate that was
    // identified in the corresponding request".
    let found = basic.find(|single| {
        // The serial number is the cheapest comparison.
        if single.statement.serial != serial {
            return None;
        }
        match tools.is_from(&single, issuer) {
            Ok(false) => None,
            Ok(true) => Some(Ok(single)),
            Err(error) => Some(Err(error)),
        }
    });
    let found = found.map_err(|_| OcspError::BadEncoding)?;
    let single = found.ok_or(OcspError::OtherCertificate)??;
    if single.is_critical {
        return Err(OcspError::UnknownCriticalExtension.into());
    }
    let statement = single.statement;
    check_dates(&statement, now)?;
    match statement.state {
        State::Good => Ok(statement),
        State::Revoked { since } => Err(CertificateError::Revoked { since }),
        State::Unknown => Err(OcspError::UnknownCertificate.into()),
    }
}

/// Section 4.2.2.1: "Responses whose nextUpdate value is earlier than the local system time value SHOULD be
/// considered unreliable. Responses whose thisUpdate time is later than the local system time SHOULD be
/// considered unreliable."
fn check_dates(statement: &Statement, now: u64) -> Result<(), OcspError> {
    let this_update = statement.this_update;
    if this_update > now.saturating_add(TOLERANCE) {
        return Err(OcspError::NotYetValid { this_update, now });
    }
    let until = statement.until();
    if until.saturating_add(TOLERANCE) < now {
        return Err(OcspError::Outdated { until, now });
    }
    Ok(())
}

/// The response is signed by the issuer, or by a responder with a certificate from the issuer (RFC 6960
/// section 4.2.2.2).
fn check_signature(basic: &Basic<'_>, issuer: &Issuer, tools: &Tools<'_>, now: u64) -> Result<(), OcspError> {
    let is_signed_with = |spki: &[u8]| tools.verify(spki, basic.algorithm, basic.data, basic.signature);
    if tools.is_responder(basic.responder, &issuer.name, &issuer.spki)? {
        return is_signed_with(&issuer.spki);
    }
    let certificates = basic.certificates().map_err(|_| OcspError::BadEncoding)?;
    for certificate in certificates.take(MAX_CERTIFICATES) {
        let Ok(raw) = RawCertificate::parse(certificate) else { continue };
        if tools.is_responder(basic.responder, raw.subject, raw.spki)? {
            check_responder(certificate, &raw, issuer, tools, now)?;
            return is_signed_with(raw.spki);
        }
    }
    Err(OcspError::UnknownResponder)
}

/// Checks that the issuer signed this certificate for a responder, and that it is valid. Section 4.2.2.2: the
/// certificate "includes a value of id-kp-OCSPSigning in an extended key usage extension and is issued by the
/// CA that issued the certificate in question".
fn check_responder(
    certificate: &[u8],
    raw: &RawCertificate<'_>,
    issuer: &Issuer,
    tools: &Tools<'_>,
    now: u64,
) -> Result<(), OcspError> {
    if !dn::same(raw.issuer, &issuer.name) {
        return Err(OcspError::UnknownResponder);
    }
    match tools.verify(&issuer.spki, raw.signature_algorithm, raw.tbs, raw.signature) {
        Err(OcspError::BadSignature) => return Err(OcspError::UnknownResponder),
        checked => checked?,
    }
    let certificate = Certificate::read(certificate).map_err(|_| OcspError::BadResponder)?;
    let is_for_this = certificate.extended_key_usage.is_some_and(|usage| usage.ocsp_signing)
        && certificate.key_usage.digital_signature
        && certificate.unknown_critical.is_none()
        && certificate.name_constraints.is_none()
        && certificate.check_validity(now).is_ok()
        && certificate.key.as_ref().is_none_or(|key| check_strength(&key.public).is_ok());
    if is_for_this { Ok(()) } else { Err(OcspError::BadResponder) }
}

impl Tools<'_> {
    /// Verifies a signature with the key in a `SubjectPublicKeyInfo`. `algorithm` is the contents of the
    /// signature's algorithm identifier.
    pub(crate) fn verify(
        &self,
        spki: &[u8],
        algorithm: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), OcspError> {
        let key = algorithms::key(spki).map_err(|_| OcspError::BadEncoding)?;
        let key = key.ok_or(OcspError::UnsupportedAlgorithm)?;
        let scheme = algorithms::scheme_with(algorithm, key.public.kind);
        let scheme = scheme.filter(|scheme| key.allows(*scheme)).ok_or(OcspError::UnsupportedAlgorithm)?;
        let known = self.algorithms.iter().find(|known| known.is_for(key.public.kind, scheme));
        let known = known.ok_or(OcspError::UnsupportedAlgorithm)?;
        known.verify(&key.public.bits, message, signature).map_err(|_| OcspError::BadSignature)
    }

    /// Whether `responder` identifies the owner of this name and this key.
    fn is_responder(&self, responder: Responder<'_>, name: &[u8], spki: &[u8]) -> Result<bool, OcspError> {
        match responder {
            Responder::Name(wanted) => Ok(dn::same(wanted, name)),
            Responder::KeyHash(wanted) => self.is_hash(HashAlgorithm::Sha1, key_bits(spki)?, wanted),
        }
    }

    /// Whether a single response concerns a certificate of this issuer.
    fn is_from(&self, single: &Single<'_>, issuer: &Issuer) -> Result<bool, OcspError> {
        let Some(hash) = single.hash else { return Ok(false) };
        Ok(self.is_hash(hash, &issuer.name, single.issuer_name_hash)?
            && self.is_hash(hash, key_bits(&issuer.spki)?, single.issuer_key_hash)?)
    }

    fn is_hash(&self, algorithm: HashAlgorithm, of: &[u8], expected: &[u8]) -> Result<bool, OcspError> {
        let Some(hash) = self.hashes.iter().find(|hash| hash.algorithm() == algorithm) else {
            return Ok(false);
        };
        let hash = hash.hash(&[of]).map_err(|_| OcspError::ProviderFailed)?;
        Ok(hash.as_bytes() == expected)
    }
}

/// The contents of the key's bit string.
fn key_bits(spki: &[u8]) -> Result<&[u8], OcspError> {
    spki_parts(spki).map(|(_, bits)| bits).map_err(|_| OcspError::BadEncoding)
}
