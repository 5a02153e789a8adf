//! The search for a path.

use super::{candidate::Candidate, check, rules::Rules};
use crate::{
    algorithms::{self, Key},
    certificate::Certificate,
    dn,
    error::CertificateError,
    place::{ChainError, Field, Position},
    trust::Anchor,
};
use alloc::vec::Vec;
use core::mem;

/// The maximum number of signatures verified for one peer. A path of [`MAX_CHAIN`](crate::verify::MAX_CHAIN)
/// certificates needs that many at most; in practice paths have two to four, and some attempts fail.
pub(crate) const MAX_SIGNATURES: usize = 16;

/// The maximum number of times that a path is extended during the search.
pub(crate) const MAX_STEPS: usize = 64;

/// A valid path.
#[derive(Debug)]
pub(crate) struct Path {
    /// The indexes of its certificates in [`Builder::candidates`], the end-entity certificate first.
    pub(crate) certificates: Vec<usize>,
    /// The index of its trusted authority in the roots.
    pub(crate) anchor: usize,
    /// The earliest `notAfter` of all certificates, the authority's included.
    pub(crate) not_after: u64,
}

/// The relevance of a fault if there is no path. The most relevant fault is reported, and the first of equal
/// relevance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Relevance {
    /// An issuer is missing.
    Missing,
    /// A certificate has the issuer's name and another key.
    OtherKey,
    /// An available issuer is unsuitable, or a signature cannot be verified.
    UnfitIssuer,
    /// A path leads to a trusted authority but is invalid.
    Forbidden,
    /// The search reached its limit.
    GivenUp,
}

/// The owner of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issuer {
    Anchor(usize),
    Candidate(usize),
}

/// The search for a valid path.
#[derive(Debug)]
pub(crate) struct Builder<'a, 'c> {
    rules: Rules<'a>,
    /// The end-entity certificate first.
    candidates: Vec<Candidate<'c>>,
    /// Signature checks that have been made: the candidate, the issuer, and the result.
    edges: Vec<(usize, Issuer, bool)>,
    signatures: usize,
    steps: usize,
    fault: Option<(Relevance, ChainError)>,
}

impl<'a, 'c> Builder<'a, 'c> {
    /// A search from `leaf` through the other certificates of the chain. Malformed certificates and
    /// duplicates are skipped.
    pub(crate) fn new(rules: Rules<'a>, leaf: Certificate<'c>, others: &[&'c [u8]]) -> Self {
        let mut builder = Self {
            rules,
            candidates: Vec::with_capacity(others.len().saturating_add(1)),
            edges: Vec::new(),
            signatures: 0,
            steps: 0,
            fault: None,
        };
        builder.candidates.push(Candidate::new(0, leaf));
        for (before, certificate) in others.iter().enumerate() {
            let place = before.saturating_add(1);
            if others.iter().take(before).any(|earlier| earlier == certificate) {
                continue;
            }
            match Certificate::read(certificate) {
                Ok(certificate) => builder.candidates.push(Candidate::new(place, certificate)),
                // The fault matters only if there is no path without this certificate.
                Err(error) => builder.note(Relevance::OtherKey, error.at(Position::chain(place))),
            }
        }
        builder
    }

    /// Finds a valid path.
    ///
    /// # Errors
    /// The most relevant fault found, if there is no path.
    pub(crate) fn find(&mut self) -> Result<Path, ChainError> {
        let mut path = Vec::with_capacity(self.candidates.len());
        path.push(0);
        match self.extend(&mut path) {
            Some(found) => Ok(found),
            None => Err(self.fault.map_or(CertificateError::Other.into(), |(_, fault)| fault)),
        }
    }

    pub(crate) fn candidate(&self, place: usize) -> Option<&Candidate<'c>> {
        self.candidates.get(place)
    }

    /// Ends the search and returns the end-entity certificate.
    pub(crate) fn into_leaf(self) -> Option<Certificate<'c>> {
        self.candidates.into_iter().next().map(|leaf| leaf.certificate)
    }

    /// The number of signatures verified.
    #[cfg(test)]
    pub(crate) const fn signatures(&self) -> usize {
        self.signatures
    }

    fn note(&mut self, relevance: Relevance, fault: ChainError) {
        if self.fault.is_none_or(|(known, _)| known < relevance) {
            self.fault = Some((relevance, fault));
        }
    }

    /// Extends `path` beyond its last certificate. If it does not lead to an authority, it is left unchanged.
    fn extend(&mut self, path: &mut Vec<usize>) -> Option<Path> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MAX_STEPS {
            self.note(Relevance::GivenUp, CertificateError::TooComplex.into());
            return None;
        }
        let child = *path.last()?;
        let child_place = Position::chain(self.candidates.get(child)?.place);
        if dn::is_empty(self.candidates.get(child)?.certificate.raw.issuer) {
            // RFC 5280 section 4.1.2.4: "The issuer field MUST contain a non-empty distinguished name (DN)."
            self.note(Relevance::Forbidden, ChainError::malformed(Field::Issuer).at(child_place));
            return None;
        }
        let mut is_signed = false;
        let mut has_issuer = false;
        let mut unsigned = None;

        let roots = self.rules.roots;
        for number in self.anchors(child) {
            let anchor = roots.anchors().get(number)?;
            has_issuer = true;
            if let Err(fault) = check::authority(anchor, &self.rules) {
                self.note(Relevance::UnfitIssuer, fault.at(Position::authority(number)));
                continue;
            }
            match self.signed(child, Issuer::Anchor(number)) {
                Ok(()) => is_signed = true,
                Err(CertificateError::BadSignature) => {
                    let reason = self.without_signature(child, anchor);
                    unsigned = unsigned.or(Some((reason, child_place)));
                    continue;
                }
                Err(reason) => {
                    self.note_algorithm(reason, child_place);
                    continue;
                }
            }
            match check::path(path, &self.candidates, anchor, &self.rules) {
                Ok(not_after) => {
                    return Some(Path { certificates: mem::take(path), anchor: number, not_after });
                }
                Err(fault) => self.note(Relevance::Forbidden, fault),
            }
        }

        for (issuer, place) in self.issuers(child, path) {
            has_issuer = true;
            let certificate = &self.candidates.get(issuer)?.certificate;
            if let Err(fault) = check::issuer(certificate, &self.rules) {
                self.note(Relevance::UnfitIssuer, fault.at(Position::chain(place)));
                continue;
            }
            match self.signed(child, Issuer::Candidate(issuer)) {
                Ok(()) => is_signed = true,
                Err(CertificateError::BadSignature) => {
                    unsigned = unsigned.or(Some((CertificateError::BadSignature, child_place)));
                    continue;
                }
                Err(reason) => {
                    self.note_algorithm(reason, child_place);
                    continue;
                }
            }
            path.push(issuer);
            if let Some(found) = self.extend(path) {
                return Some(found);
            }
            path.pop();
        }

        match unsigned {
            Some((reason, place)) if !is_signed => {
                let relevance = if reason == CertificateError::BadSignature {
                    Relevance::UnfitIssuer
                } else {
                    Relevance::OtherKey
                };
                self.note(relevance, ChainError::new(reason).at(place).of(Field::Signature));
            }
            _ if !has_issuer => {
                let reason = self.without_issuer(child);
                self.note(Relevance::Missing, ChainError::new(reason).at(child_place).of(Field::Issuer));
            }
            _ => {}
        }
        None
    }

    /// The numbers of the authorities that have the name of the issuer of `child`.
    fn anchors(&self, child: usize) -> Vec<usize> {
        let Some(below) = self.candidates.get(child) else { return Vec::new() };
        let form = || below.issuer();
        self.rules.roots.named_as(below.certificate.raw.issuer, form).map(|(number, _)| number).collect()
    }

    /// The certificates of the peer whose subject is the issuer of `child`, with their indexes in the peer's
    /// chain. Those with the expected key identifier come first (RFC 5280 section 4.2.1.1).
    fn issuers(&self, child: usize, path: &[usize]) -> Vec<(usize, usize)> {
        let Some(below) = self.candidates.get(child) else { return Vec::new() };
        let is_taken = |candidate: &Candidate<'_>| {
            // Section 6.1: "A certificate MUST NOT appear more than once in a prospective certification
            // path." Another certificate with the same name and the same key would form a loop too.
            path.iter().filter_map(|place| self.candidates.get(*place)).any(|taken| {
                taken.certificate.raw.spki == candidate.certificate.raw.spki
                    && taken.is_namesake_of(candidate)
            })
        };
        let mut found: Vec<_> = self
            .candidates
            .iter()
            .enumerate()
            .filter(|(number, _)| !path.contains(number))
            .filter(|(_, candidate)| candidate.is_named_by(below))
            .filter(|(_, candidate)| !is_taken(candidate))
            .map(|(number, candidate)| {
                let other_key =
                    is_other_key(below.certificate.authority_key_id, candidate.certificate.subject_key_id);
                (other_key, number, candidate.place)
            })
            .collect();
        found.sort_by_key(|(other_key, ..)| *other_key);
        found.into_iter().map(|(_, number, place)| (number, place)).collect()
    }

    /// Whether the key of `issuer` verifies the signature of `child`. Section 6.1.3 (a) (1): "The signature
    /// on the certificate can be verified using working_public_key_algorithm, the working_public_key, and the
    /// working_public_key_parameters."
    fn signed(&mut self, child: usize, issuer: Issuer) -> Result<(), CertificateError> {
        let key = self.key(issuer).ok_or(CertificateError::UnsupportedAlgorithm)?;
        let known = self.edges.iter().find(|(below, other, _)| {
            *below == child && (*other == issuer || self.key(*other).is_some_and(|other| other == key))
        });
        let verdict = |is_signed| if is_signed { Ok(()) } else { Err(CertificateError::BadSignature) };
        if let Some((_, _, is_signed)) = known {
            return verdict(*is_signed);
        }
        let raw = self.candidates.get(child).map(|child| &child.certificate.raw);
        let raw = raw.ok_or(CertificateError::Other)?;
        let kind = key.public.kind;
        // RFC 9846 section 4.5.1.3: "Any endpoint receiving any certificate which it would need to validate
        // using any signature algorithm using an MD5 hash MUST abort the handshake with a "bad_certificate"
        // alert." The same is recommended for SHA-1.
        let refused = || match algorithms::has_weak_hash(raw.signature_algorithm) {
            true => CertificateError::WeakHash,
            false => CertificateError::UnsupportedAlgorithm,
        };
        let scheme = algorithms::scheme_with(raw.signature_algorithm, kind).ok_or_else(refused)?;
        if !key.allows(scheme) || self.rules.schemes.is_some_and(|schemes| !schemes.contains(&scheme)) {
            return Err(refused());
        }
        let algorithm = self.rules.algorithms.iter().find(|known| known.is_for(kind, scheme));
        let algorithm = algorithm.ok_or_else(refused)?;
        if self.signatures == MAX_SIGNATURES {
            return Err(CertificateError::TooComplex);
        }
        let is_signed = algorithm.verify(&key.public.bits, raw.tbs, raw.signature).is_ok();
        self.signatures = self.signatures.saturating_add(1);
        self.edges.push((child, issuer, is_signed));
        verdict(is_signed)
    }

    fn key(&self, issuer: Issuer) -> Option<&Key> {
        match issuer {
            Issuer::Anchor(number) => self.rules.roots.anchors().get(number)?.key.as_ref(),
            Issuer::Candidate(number) => self.candidates.get(number)?.certificate.key.as_ref(),
        }
    }

    /// Records that a signature could not be verified.
    fn note_algorithm(&mut self, reason: CertificateError, child: Position) {
        let relevance =
            if reason == CertificateError::TooComplex { Relevance::GivenUp } else { Relevance::UnfitIssuer };
        let fault = ChainError::new(reason);
        let fault = if relevance == Relevance::GivenUp {
            fault
        } else {
            fault.at(child).of(Field::SignatureAlgorithm)
        };
        self.note(relevance, fault);
    }

    /// The reason why the key of a trusted authority with the issuer's name does not verify `child`. If the
    /// key identifiers agree, the signature is wrong; otherwise the authority has changed its key, and the
    /// trusted certificate is of another generation.
    fn without_signature(&self, child: usize, anchor: &Anchor) -> CertificateError {
        let id = self.candidates.get(child).and_then(|child| child.certificate.authority_key_id);
        match (id, &anchor.key_id) {
            (Some(named), Some(own)) if named == own.as_slice() => CertificateError::BadSignature,
            _ => CertificateError::OtherAuthorityKey,
        }
    }

    /// The error if no certificate has the issuer's name.
    fn without_issuer(&mut self, child: usize) -> CertificateError {
        let is_self_issued = self.candidates.get(child).is_some_and(|last| last.is_named_by(last));
        if !is_self_issued || self.signed(child, Issuer::Candidate(child)).is_err() {
            return CertificateError::UnknownIssuer;
        }
        if child == 0 { CertificateError::SelfSigned } else { CertificateError::UnknownAuthority }
    }
}

/// Whether both are present and differ.
fn is_other_key(named: Option<&[u8]>, own: Option<&[u8]>) -> bool {
    named.zip(own).is_some_and(|(named, own)| named != own)
}
