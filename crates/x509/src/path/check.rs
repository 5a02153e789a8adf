//! Checks on single certificates and on complete paths (RFC 5280 section 6.1).

use super::{
    candidate::Candidate,
    constraints::Constraints,
    policies::Policies,
    rules::{Purpose, Rules},
};
use crate::{
    algorithms::Key,
    error::CertificateError,
    oid,
    place::{ChainError, Field, Oid, Position},
    strength::check_strength,
    terms::{Terms, check_validity},
    trust::Anchor,
    usage::ExtendedKeyUsage,
};
use der::asn1::ObjectIdentifier;

fn extension(oid: &ObjectIdentifier) -> Field {
    Field::Extension(Oid::of(oid))
}

/// The checks on every certificate of a path: well-formed, valid now, and without unrecognized critical
/// extensions.
fn alone(terms: &Terms<'_>, now: u64) -> Result<(), ChainError> {
    terms.layout.check().map_err(ChainError::malformed)?;
    terms.check_validity(now).map_err(|fault| fault.of(Field::Validity))?;
    check_critical(terms.unknown_critical)
}

/// Section 4.2: "A certificate-using system MUST reject the certificate if it encounters a critical extension
/// it does not recognize".
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
pub(crate) fn end_entity(terms: &Terms<'_>, purpose: Purpose<'_>, now: u64) -> Result<(), ChainError> {
    alone(terms, now)?;
    check_key(terms.key.as_ref())?;
    // Section 4.2.1.12: for an end entity, `anyExtendedKeyUsage` does not count as the purpose.
    let is_allowed = match (terms.extended_key_usage, purpose) {
        (None, _) => true,
        (Some(usage), Purpose::Server(_)) => usage.server_auth,
        (Some(usage), Purpose::Client) => usage.client_auth,
    };
    if !is_allowed {
        return Err(ChainError::new(CertificateError::NotForThisUse).of(extension(&oid::EXTENDED_KEY_USAGE)));
    }
    // Section 4.2.1.10: "MUST be used only in a CA certificate". The constraints of a CA do not apply to
    // itself.
    if terms.name_constraints.is_some() && !terms.is_ca {
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
pub(super) fn issuer(terms: &Terms<'_>, rules: &Rules<'_>) -> Result<(), ChainError> {
    let not_ca = |field| Err(ChainError::new(CertificateError::NotCa).of(field));
    // Section 6.1.4 (k): older versions would need other means to identify a CA.
    if terms.layout.version != 3 {
        return not_ca(Field::Version);
    }
    if !terms.is_ca {
        return not_ca(extension(&oid::BASIC_CONSTRAINTS));
    }
    // (n).
    if !terms.key_usage.key_cert_sign {
        return not_ca(extension(&oid::KEY_USAGE));
    }
    alone(terms, rules.now)?;
    check_key(terms.key.as_ref())
}

/// Checks a trusted authority on its own. RFC 5280 section 6.1.1 (d) leaves open which parts of a trust
/// anchor's certificate apply; all its restrictions do here.
pub(super) fn authority(anchor: &Anchor, rules: &Rules<'_>) -> Result<(), ChainError> {
    check_validity(anchor.not_before, anchor.not_after, rules.now)
        .map_err(|reason| ChainError::new(reason).of(Field::Validity))?;
    check_critical(anchor.unknown_critical)?;
    check_key(anchor.key.as_ref())?;
    check_issuer_usage(anchor.extended_key_usage, rules.purpose)
}

/// A CA with an extended key usage issues for these purposes only. RFC 5280 does not state this, but
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
    // Section 6.1.2 (k), with the authority's own limit.
    let mut max_path_length = anchor.path_len.unwrap_or(u32::MAX);
    let mut policies = Policies::new(path.len());
    let mut constraints = Constraints::default();
    if let Some(encoded) = &anchor.name_constraints {
        constraints.add(encoded)?;
    }
    for (height, place) in path.iter().enumerate().rev() {
        let Some(Candidate { place: in_chain, terms, .. }) = candidates.get(*place) else { continue };
        let at = |fault: ChainError| fault.at(Position::chain(*in_chain));
        let is_last = height == 0;
        // The state after the last certificate is not used.
        let is_self_issued = !is_last && terms.is_self_issued();
        not_after = not_after.min(terms.validity()?.1);
        // 6.1.3 (b) and (c).
        if !is_self_issued {
            constraints.check(terms).map_err(at)?;
        }
        policies.take(terms, is_self_issued, is_last).map_err(at)?;
        if is_last {
            break;
        }
        // 6.1.4 (l) and (m).
        if !is_self_issued {
            max_path_length = max_path_length.checked_sub(1).ok_or_else(|| {
                at(ChainError::new(CertificateError::PathTooLong).of(extension(&oid::BASIC_CONSTRAINTS)))
            })?;
        }
        max_path_length = max_path_length.min(terms.path_len.unwrap_or(u32::MAX));
        check_issuer_usage(terms.extended_key_usage, rules.purpose).map_err(at)?;
        // 6.1.4 (g).
        if let Some(encoded) = terms.name_constraints {
            constraints.add(encoded).map_err(at)?;
        }
    }
    Ok(not_after)
}
