//! Checks on single certificates and on complete paths (RFC 5280 section 6.1).

use super::{
    candidate::Candidate,
    constraints::Constraints,
    policies::Policies,
    rules::{Purpose, Rules},
};
use crate::{
    algorithms::Key,
    certificate::{Certificate, check_validity},
    error::CertificateError,
    oid,
    place::{ChainError, Field, Oid, Position},
    strength::check_strength,
    trust::Anchor,
    usage::ExtendedKeyUsage,
};
use der::asn1::ObjectIdentifier;

fn extension(oid: &ObjectIdentifier) -> Field {
    Field::Extension(Oid::of(oid))
}

/// The checks on every certificate of a path: well-formed, valid now, and without unrecognized critical
/// extensions.
fn alone(certificate: &Certificate<'_>, now: u64) -> Result<(), ChainError> {
    certificate.raw.check().map_err(ChainError::malformed)?;
    // Section 6.1.3 (a) (2): "The certificate validity period includes the current time."
    certificate.check_validity(now).map_err(|fault| fault.of(Field::Validity))?;
    check_critical(certificate.unknown_critical)
}

/// Section 4.2: "A certificate-using system MUST reject the certificate if it encounters a critical extension
/// it does not recognize or a critical extension that contains information that it cannot process."
fn check_critical(unknown: Option<Oid>) -> Result<(), ChainError> {
    match unknown {
        Some(oid) => {
            Err(ChainError::new(CertificateError::UnknownCriticalExtension).of(Field::Extension(oid)))
        }
        None => Ok(()),
    }
}

/// Checks the end-entity certificate on its own.
///
/// A CA certificate is permitted: an authority may also run a server, and it is trusted for the names in its
/// certificate.
pub(crate) fn end_entity(
    certificate: &Certificate<'_>,
    purpose: Purpose<'_>,
    now: u64,
) -> Result<(), ChainError> {
    alone(certificate, now)?;
    check_key(certificate.key.as_ref())?;
    // Section 4.2.1.12: "If the extension is present, then the certificate MUST only be used for one of the
    // purposes indicated." `anyExtendedKeyUsage` does not count: "Applications that require the presence of a
    // particular purpose MAY reject certificates that include the anyExtendedKeyUsage OID but not the
    // particular OID".
    let is_allowed = match (certificate.extended_key_usage, purpose) {
        (None, _) => true,
        (Some(usage), Purpose::Server(_)) => usage.server_auth,
        (Some(usage), Purpose::Client) => usage.client_auth,
    };
    if !is_allowed {
        return Err(ChainError::new(CertificateError::NotForThisUse).of(extension(&oid::EXTENDED_KEY_USAGE)));
    }
    // Section 4.2.1.10: "The name constraints extension, which MUST be used only in a CA certificate". The
    // constraints of a CA do not apply to itself.
    if certificate.name_constraints.is_some() && !certificate.is_ca {
        return Err(ChainError::malformed(extension(&oid::NAME_CONSTRAINTS)));
    }
    Ok(())
}

/// Rejects a key that is too weak or too large.
fn check_key(key: Option<&Key>) -> Result<(), ChainError> {
    let Some(key) = key else {
        return Err(ChainError::new(CertificateError::UnsupportedAlgorithm).of(Field::PublicKey));
    };
    check_strength(&key.public).map_err(|reason| ChainError::new(reason).of(Field::PublicKey))
}

/// Checks a possible issuer on its own, as far as no signature is involved.
pub(super) fn issuer(certificate: &Certificate<'_>, rules: &Rules<'_>) -> Result<(), ChainError> {
    let not_ca = |field| Err(ChainError::new(CertificateError::NotCa).of(field));
    // Section 6.1.4 (k): "Conforming implementations may choose to reject all version 1 and version 2
    // intermediate certificates."
    if certificate.raw.version != 3 {
        return not_ca(Field::Version);
    }
    // (k): "verify that the basicConstraints extension is present and that cA is set to TRUE."
    if !certificate.is_ca {
        return not_ca(extension(&oid::BASIC_CONSTRAINTS));
    }
    // (n): "If a key usage extension is present, verify that the keyCertSign bit is set."
    if !certificate.key_usage.key_cert_sign {
        return not_ca(extension(&oid::KEY_USAGE));
    }
    alone(certificate, rules.now)?;
    check_key(certificate.key.as_ref())
}

/// Checks a trusted authority on its own. All restrictions in its certificate apply. Section 6.2:
/// "Implementations that use self-signed certificates to specify trust anchor information are free to process
/// or ignore such information."
pub(super) fn authority(anchor: &Anchor, rules: &Rules<'_>) -> Result<(), ChainError> {
    check_validity(anchor.not_before, anchor.not_after, rules.now)
        .map_err(|reason| ChainError::new(reason).of(Field::Validity))?;
    check_critical(anchor.unknown_critical)?;
    check_key(anchor.key.as_ref())?;
    check_issuer_usage(anchor.extended_key_usage, rules.purpose)
}

/// A CA with an extended key usage issues for these purposes only. RFC 5280 does not require this, but
/// implementations agree on it.
fn check_issuer_usage(usage: Option<ExtendedKeyUsage>, purpose: Purpose<'_>) -> Result<(), ChainError> {
    let is_allowed = match (usage, purpose) {
        (None, _) => true,
        (Some(usage), Purpose::Server(_)) => usage.server_auth || usage.any,
        (Some(usage), Purpose::Client) => usage.client_auth || usage.any,
    };
    if is_allowed {
        return Ok(());
    }
    Err(ChainError::new(CertificateError::NotForThisUse).of(extension(&oid::EXTENDED_KEY_USAGE)))
}

/// Checks a path whose signatures are verified, from the authority down (section 6.1), and returns its
/// earliest `notAfter`.
///
/// `path` lists the indexes of its certificates, the end-entity certificate first. Each has been checked on
/// its own.
pub(super) fn path(
    path: &[usize],
    candidates: &[Candidate<'_>],
    anchor: &Anchor,
    rules: &Rules<'_>,
) -> Result<u64, ChainError> {
    let mut not_after = anchor.not_after;
    // Section 6.1.2 (k): "max_path_length: this integer is initialized to n". Section 6.2 permits "to apply a
    // path length constraint to a specific trust anchor during the initialization phase".
    let mut max_path_length = anchor.path_len.unwrap_or(u32::MAX);
    let mut policies = Policies::new(path.len());
    let mut constraints = Constraints::default();
    if let Some(encoded) = &anchor.name_constraints {
        constraints.add(encoded)?;
    }
    for (height, place) in path.iter().enumerate().rev() {
        let Some(Candidate { place: in_chain, certificate, .. }) = candidates.get(*place) else { continue };
        let at = |fault: ChainError| fault.at(Position::chain(*in_chain));
        let is_last = height == 0;
        // The steps that skip self-issued certificates never skip the last one, so its names are not
        // compared.
        let is_self_issued = !is_last && certificate.is_self_issued();
        not_after = not_after.min(certificate.validity()?.1);
        // 6.1.3 (b) and (c): "If certificate i is self-issued and it is not the final certificate in the
        // path, skip this step".
        if !is_self_issued {
            constraints.check(certificate).map_err(at)?;
        }
        // 6.1.3 (d) to (f), 6.1.4 (a), (b) and (h) to (j), 6.1.5 (a), (b) and (g).
        policies.take(certificate, is_self_issued, is_last).map_err(at)?;
        if is_last {
            break;
        }
        // 6.1.4 (l): "If the certificate was not self-issued, verify that max_path_length is greater than
        // zero and decrement max_path_length by 1."
        if !is_self_issued {
            max_path_length = max_path_length.checked_sub(1).ok_or_else(|| {
                at(ChainError::new(CertificateError::PathTooLong).of(extension(&oid::BASIC_CONSTRAINTS)))
            })?;
        }
        // (m): "If pathLenConstraint is present in the certificate and is less than max_path_length, set
        // max_path_length to the value of pathLenConstraint."
        max_path_length = max_path_length.min(certificate.path_len.unwrap_or(u32::MAX));
        check_issuer_usage(certificate.extended_key_usage, rules.purpose).map_err(at)?;
        // (g): "If a name constraints extension is included in the certificate, modify the permitted_subtrees
        // and excluded_subtrees state variables".
        if let Some(encoded) = certificate.name_constraints {
            constraints.add(encoded).map_err(at)?;
        }
    }
    Ok(not_after)
}
