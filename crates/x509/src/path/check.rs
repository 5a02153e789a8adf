//! Whether certificates may be relied on: each for itself, and a path as a whole (RFC 5280 section 6.1).

use super::{Candidate, Purpose, Rules, check_key, constraints::Constraints, policies::Policies};
use crate::{
    CertificateError,
    facts::ExtendedKeyUsage,
    oid,
    place::{ChainError, Field, Oid, Position},
    terms::{Terms, check_validity},
    trust::Anchor,
};
use der::asn1::ObjectIdentifier;

fn extension(oid: &ObjectIdentifier) -> Field {
    Field::Extension(Oid::of(oid))
}

/// What any certificate of a path must be, whoever issued it: well-formed, of today, and without a critical extension that
/// is not understood.
fn alone(terms: &Terms<'_>, now: u64) -> Result<(), ChainError> {
    terms.layout.check().map_err(ChainError::malformed)?;
    terms.check_validity(now).map_err(|fault| fault.of(Field::Validity))?;
    check_critical(terms.unknown_critical)
}

/// Section 4.2: "A certificate-using system MUST reject the certificate if it encounters a critical extension it does not
/// recognize".
fn check_critical(unknown: Option<Oid>) -> Result<(), ChainError> {
    match unknown {
        Some(oid) => {
            Err(ChainError::new(CertificateError::UnknownCriticalExtension).of(Field::Extension(oid)))
        }
        None => Ok(()),
    }
}

/// Checks the peer's own certificate for itself.
///
/// That it is an authority's is no fault: an authority may be a server, too, and one that is not trusted for it would not
/// have been given a certificate with this name.
pub(crate) fn end_entity(terms: &Terms<'_>, purpose: Purpose<'_>, now: u64) -> Result<(), ChainError> {
    alone(terms, now)?;
    check_key(terms.key.as_ref())?;
    // Section 4.2.1.12 for an end entity: `anyExtendedKeyUsage` is not taken for the purpose itself.
    let is_allowed = match (terms.extended_key_usage, purpose) {
        (None, _) => true,
        (Some(usage), Purpose::Server(_)) => usage.server_auth,
        (Some(usage), Purpose::Client) => usage.client_auth,
    };
    if !is_allowed {
        return Err(ChainError::new(CertificateError::NotForThisUse).of(extension(&oid::EXTENDED_KEY_USAGE)));
    }
    // Section 4.2.1.10: "MUST be used only in a CA certificate". An authority's own does not limit itself.
    if terms.name_constraints.is_some() && !terms.is_ca {
        return Err(ChainError::malformed(extension(&oid::NAME_CONSTRAINTS)));
    }
    Ok(())
}

/// Checks for itself a certificate that may be an issuer's: what takes no signature.
pub(super) fn issuer(terms: &Terms<'_>, rules: &Rules<'_>) -> Result<(), ChainError> {
    let not_ca = |field| Err(ChainError::new(CertificateError::NotCa).of(field));
    // Section 6.1.4 (k): of an older version it could only be told by other means.
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

/// Checks a trusted authority for itself. RFC 5280 leaves to us what of a trust anchor's certificate counts (section 6.1.1
/// (d)): here it is all that limits it.
pub(super) fn authority(anchor: &Anchor, rules: &Rules<'_>) -> Result<(), ChainError> {
    check_validity(anchor.not_before, anchor.not_after, rules.now)
        .map_err(|reason| ChainError::new(reason).of(Field::Validity))?;
    check_critical(anchor.unknown_critical)?;
    check_key(anchor.key.as_ref())?;
    check_issuer_usage(anchor.extended_key_usage, rules.purpose)
}

/// An authority that lists purposes issues for these alone. That is not in RFC 5280, but what everybody does.
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

/// Checks a path whose signatures are right, from the authority down (section 6.1), and gives the first `notAfter` of it.
///
/// `path` has the places of its certificates, the peer's own first, each of which was checked for itself.
pub(super) fn path(
    path: &[usize],
    candidates: &[Candidate<'_>],
    anchor: &Anchor,
    rules: &Rules<'_>,
) -> Result<u64, ChainError> {
    let mut not_after = anchor.not_after;
    // Section 6.1.2 (k), with the limit of the authority itself.
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
        // Of the last one nothing hangs on it.
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
