//! Certification paths: finding one that leads from a peer's certificate to a trusted authority.
//!
//! A path is built from the peer's certificate upwards: an issuer is an authority that is trusted, or one of the
//! certificates that the peer sent, in whatever order. An issuer counts only when its key did sign what is below it; so
//! certificates that sign nothing are dropped when they are met. Whether a path may be followed is then for [`check`] to
//! say (RFC 5280 section 6.1), and if it may not, other ways are tried.
//!
//! What a peer can make this cost is bounded:
//!
//! - [`MAX_SIGNATURES`] signatures are checked at most; whether a key signed a certificate is checked once, however many
//!   certificates hold that key.
//! - A certificate that cannot be an issuer (it is no authority's, it has expired, its key is too weak) costs no signature.
//! - [`MAX_STEPS`] times at most a path is made longer.

mod check;
mod constraints;
mod policies;

use crate::{
    CertificateError, Roots, ServerName,
    algorithms::{self, Key, PkixAlgorithm},
    dn,
    place::{ChainError, Field, Position},
    terms::Terms,
    trust::Anchor,
    verify::check_strength,
};
use alloc::vec::Vec;
use cairn_wire::SignatureScheme;
use core::mem;

/// How many signatures are checked for one peer. A path of [`crate::verify::MAX_CHAIN`] certificates has as many; paths in
/// practice have two to four, and there may be some detours.
pub(crate) const MAX_SIGNATURES: usize = 16;

/// How often a path is made longer in search of one that may be followed.
pub(crate) const MAX_STEPS: usize = 64;

/// What the peer is to prove.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    Server(&'a ServerName),
    Client,
}

/// What a path is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) roots: &'a Roots,
    pub(crate) algorithms: &'a [PkixAlgorithm],
    /// The only schemes for the signatures of a path, if not all that can be checked are taken.
    pub(crate) schemes: Option<&'a [SignatureScheme]>,
    pub(crate) purpose: Purpose<'a>,
    /// In seconds since 1970.
    pub(crate) now: u64,
}

/// A certificate that a path may be made of.
#[derive(Debug)]
pub(crate) struct Candidate<'c> {
    /// Where it stands in what the peer sent.
    pub(crate) place: usize,
    pub(crate) terms: Terms<'c>,
    /// Its subject and its issuer in the form that is compared, made once: a search meets a certificate many times, and
    /// its names can be long.
    subject: Option<Vec<u8>>,
    issuer: Option<Vec<u8>>,
}

impl<'c> Candidate<'c> {
    fn new(place: usize, terms: Terms<'c>) -> Self {
        let subject = dn::canonical(terms.layout.subject);
        let issuer = dn::canonical(terms.layout.issuer);
        Self { place, terms, subject, issuer }
    }

    /// Whether the subject of `self` is the issuer of `below` (RFC 5280 section 7.1).
    fn is_named_by(&self, below: &Candidate<'_>) -> bool {
        self.terms.layout.subject == below.terms.layout.issuer
            || (self.subject.is_some() && self.subject == below.issuer)
    }

    /// Whether both have the same subject.
    fn is_namesake_of(&self, other: &Candidate<'_>) -> bool {
        self.terms.layout.subject == other.terms.layout.subject
            || (self.subject.is_some() && self.subject == other.subject)
    }
}

/// A path that may be followed.
#[derive(Debug)]
pub(crate) struct Path {
    /// The certificates by their places in [`Builder::candidates`], the peer's own first.
    pub(crate) certificates: Vec<usize>,
    /// The authority at its end, by its place in the roots.
    pub(crate) anchor: usize,
    /// The first `notAfter` of all, the authority's included.
    pub(crate) not_after: u64,
}

/// How much a fault says about why there is no path. Of those met the gravest is told, and of the same kind the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// An issuer is not there.
    Missing,
    /// An issuer has the right name and another key.
    OtherKey,
    /// An issuer that is there cannot be one, or cannot be asked.
    UnfitIssuer,
    /// There is a path to a trusted authority, and it may not be followed.
    Forbidden,
    /// The search was given up.
    GivenUp,
}

/// Whose key is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issuer {
    Anchor(usize),
    Candidate(usize),
}

/// The search for a path.
#[derive(Debug)]
pub(crate) struct Builder<'a, 'c> {
    rules: Rules<'a>,
    /// The peer's own certificate first.
    candidates: Vec<Candidate<'c>>,
    /// Which keys were found to have signed which candidate, and which not.
    edges: Vec<(usize, Issuer, bool)>,
    signatures: usize,
    steps: usize,
    fault: Option<(Weight, ChainError)>,
}

impl<'a, 'c> Builder<'a, 'c> {
    /// A search from `leaf` through the certificates that came behind it. One that is malformed, or there twice, is left
    /// out.
    pub(crate) fn new(rules: Rules<'a>, leaf: Terms<'c>, others: &[&'c [u8]]) -> Self {
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
            match Terms::read(certificate) {
                Ok(terms) => builder.candidates.push(Candidate::new(place, terms)),
                // It matters only where there is no path without it.
                Err(error) => builder.note(Weight::OtherKey, error.at(Position::chain(place))),
            }
        }
        builder
    }

    /// A path that may be followed.
    ///
    /// # Errors
    /// The gravest of the reasons why there is none.
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

    /// Ends the search and gives back what the peer's own certificate says.
    pub(crate) fn into_leaf(self) -> Option<Terms<'c>> {
        self.candidates.into_iter().next().map(|leaf| leaf.terms)
    }

    /// How many signatures were checked.
    #[cfg(test)]
    pub(crate) const fn signatures(&self) -> usize {
        self.signatures
    }

    fn note(&mut self, weight: Weight, fault: ChainError) {
        if self.fault.is_none_or(|(known, _)| known < weight) {
            self.fault = Some((weight, fault));
        }
    }

    /// Goes on from the last certificate of `path`, which is taken where it leads to an authority, and else left as it was.
    fn extend(&mut self, path: &mut Vec<usize>) -> Option<Path> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MAX_STEPS {
            self.note(Weight::GivenUp, CertificateError::TooComplex.into());
            return None;
        }
        let child = *path.last()?;
        let child_place = Position::chain(self.candidates.get(child)?.place);
        if dn::is_empty(self.candidates.get(child)?.terms.layout.issuer) {
            // RFC 5280 section 4.1.2.4: "The issuer field MUST contain a non-empty distinguished name".
            self.note(Weight::Forbidden, ChainError::malformed(Field::Issuer).at(child_place));
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
                self.note(Weight::UnfitIssuer, fault.at(Position::authority(number)));
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
                Err(fault) => self.note(Weight::Forbidden, fault),
            }
        }

        for (issuer, place) in self.issuers(child, path) {
            has_issuer = true;
            let terms = &self.candidates.get(issuer)?.terms;
            if let Err(fault) = check::issuer(terms, &self.rules) {
                self.note(Weight::UnfitIssuer, fault.at(Position::chain(place)));
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
                let weight = if reason == CertificateError::BadSignature {
                    Weight::UnfitIssuer
                } else {
                    Weight::OtherKey
                };
                self.note(weight, ChainError::new(reason).at(place).of(Field::Signature));
            }
            _ if !has_issuer => {
                let reason = self.without_issuer(child);
                self.note(Weight::Missing, ChainError::new(reason).at(child_place).of(Field::Issuer));
            }
            _ => {}
        }
        None
    }

    /// The numbers of the authorities that have the name of the issuer of `child`.
    fn anchors(&self, child: usize) -> Vec<usize> {
        let Some(below) = self.candidates.get(child) else { return Vec::new() };
        let form = || below.issuer.as_deref();
        self.rules.roots.named_as(below.terms.layout.issuer, form).map(|(number, _)| number).collect()
    }

    /// The certificates of the peer that have the name of the issuer of `child`, those first whose key identifier is the
    /// one that it names (RFC 5280 section 4.2.1.1), each with its place in what the peer sent.
    fn issuers(&self, child: usize, path: &[usize]) -> Vec<(usize, usize)> {
        let Some(below) = self.candidates.get(child) else { return Vec::new() };
        let is_taken = |candidate: &Candidate<'_>| {
            // The same name with the same key again leads in a circle.
            path.iter().filter_map(|place| self.candidates.get(*place)).any(|taken| {
                taken.terms.layout.spki == candidate.terms.layout.spki && taken.is_namesake_of(candidate)
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
                let other_key = is_other_key(below.terms.authority_key_id, candidate.terms.subject_key_id);
                (other_key, number, candidate.place)
            })
            .collect();
        found.sort_by_key(|(other_key, ..)| *other_key);
        found.into_iter().map(|(_, number, place)| (number, place)).collect()
    }

    /// Whether the key of `issuer` signed `child`.
    fn signed(&mut self, child: usize, issuer: Issuer) -> Result<(), CertificateError> {
        let key = self.key(issuer).ok_or(CertificateError::UnsupportedAlgorithm)?;
        let known = self.edges.iter().find(|(below, other, _)| {
            *below == child && (*other == issuer || self.key(*other).is_some_and(|other| other == key))
        });
        let verdict = |is_signed| if is_signed { Ok(()) } else { Err(CertificateError::BadSignature) };
        if let Some((_, _, is_signed)) = known {
            return verdict(*is_signed);
        }
        let layout = self.candidates.get(child).map(|child| &child.terms.layout);
        let layout = layout.ok_or(CertificateError::Other)?;
        let kind = key.public.kind;
        let scheme = algorithms::scheme_with(layout.signature_algorithm, kind);
        let scheme = scheme.ok_or(CertificateError::UnsupportedAlgorithm)?;
        if !key.allows(scheme) || self.rules.schemes.is_some_and(|schemes| !schemes.contains(&scheme)) {
            return Err(CertificateError::UnsupportedAlgorithm);
        }
        let algorithm = self.rules.algorithms.iter().find(|known| known.is_for(kind, scheme));
        let algorithm = algorithm.ok_or(CertificateError::UnsupportedAlgorithm)?;
        if self.signatures == MAX_SIGNATURES {
            return Err(CertificateError::TooComplex);
        }
        let is_signed = algorithm.verify(&key.public.bits, layout.tbs, layout.signature).is_ok();
        self.signatures = self.signatures.saturating_add(1);
        self.edges.push((child, issuer, is_signed));
        verdict(is_signed)
    }

    fn key(&self, issuer: Issuer) -> Option<&Key> {
        match issuer {
            Issuer::Anchor(number) => self.rules.roots.anchors().get(number)?.key.as_ref(),
            Issuer::Candidate(number) => self.candidates.get(number)?.terms.key.as_ref(),
        }
    }

    /// A signature could not be checked.
    fn note_algorithm(&mut self, reason: CertificateError, child: Position) {
        let weight =
            if reason == CertificateError::TooComplex { Weight::GivenUp } else { Weight::UnfitIssuer };
        let fault = ChainError::new(reason);
        let fault =
            if weight == Weight::GivenUp { fault } else { fault.at(child).of(Field::SignatureAlgorithm) };
        self.note(weight, fault);
    }

    /// Why a trusted authority with the right name has not signed `child`. Where the key identifiers agree it is the
    /// signature that is wrong; else the authority has another key than it had, and the one that is trusted is the old
    /// one or the new one.
    fn without_signature(&self, child: usize, anchor: &Anchor) -> CertificateError {
        let id = self.candidates.get(child).and_then(|child| child.terms.authority_key_id);
        match (id, &anchor.key_id) {
            (Some(named), Some(own)) if named == own.as_slice() => CertificateError::BadSignature,
            _ => CertificateError::OtherAuthorityKey,
        }
    }

    /// What it means that nobody has the name of the issuer of `child`.
    fn without_issuer(&mut self, child: usize) -> CertificateError {
        let is_self_issued = self.candidates.get(child).is_some_and(|last| last.is_named_by(last));
        if !is_self_issued || self.signed(child, Issuer::Candidate(child)).is_err() {
            return CertificateError::UnknownIssuer;
        }
        if child == 0 { CertificateError::SelfSigned } else { CertificateError::UnknownAuthority }
    }
}

/// Whether both are there and differ.
fn is_other_key(named: Option<&[u8]>, own: Option<&[u8]>) -> bool {
    named.zip(own).is_some_and(|(named, own)| named != own)
}

/// A key that is too weak to be relied on, or too large to be worked with.
fn check_key(key: Option<&Key>) -> Result<(), ChainError> {
    let Some(key) = key else {
        return Err(ChainError::new(CertificateError::UnsupportedAlgorithm).of(Field::PublicKey));
    };
    check_strength(&key.public).map_err(|reason| ChainError::new(reason).of(Field::PublicKey))
}

pub(crate) use check::end_entity;

#[cfg(test)]
mod tests;
