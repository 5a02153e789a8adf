//! Whether a peer's chain can be trusted.

mod fingerprint;

use crate::{
    CertificateError, KeyUsage, OcspError, Roots, ServerName, Stapling,
    algorithms::{self, PkixAlgorithm},
    crl::{CrlIssuer, CrlPolicy, Crls},
    dn, hostname,
    ocsp::{self, Issuer, Statement, Tools},
    path::{self, Builder, Candidate, MAX_SIGNATURES, Path, Purpose, Rules},
    place::{ChainError, Position},
    read::Layout,
    terms::Terms,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Hash, Provider, PublicKey, RandomSource};
use cairn_wire::SignatureScheme;

/// How many certificates of a peer are looked at. Chains in practice have two to four; more than this is refused
/// unread, for it could only be meant to cost us time.
pub const MAX_CHAIN: usize = 12;

/// The least size of an RSA key in bits (NIST SP 800-131A; CA/Browser Forum Baseline Requirements section 6.1.5).
pub const MIN_RSA_BITS: usize = 2048;

/// The greatest size of an RSA key in bits. Checking a signature takes time with the square of it, and a peer chooses it;
/// what is larger than this is in no certificate of the Web, and other implementations have the same limit.
pub const MAX_RSA_BITS: usize = 8192;

/// Checks chains: against these roots, with the signatures that this provider can check.
#[derive(Debug)]
pub struct ChainVerifier {
    roots: Roots,
    algorithms: Vec<PkixAlgorithm>,
    /// The only schemes for the signatures of a path, if not all that can be checked are taken.
    path_schemes: Option<Vec<SignatureScheme>>,
    crls: Option<(Crls, CrlPolicy)>,
    hashes: Vec<Arc<dyn Hash>>,
    random: Arc<dyn RandomSource>,
}

/// A peer whose chain was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedPeer {
    /// The public key of its certificate.
    pub public_key: PublicKey,
    /// The only scheme that the key may sign with, where it is one of RSASSA-PSS that says so (RFC 4055 section 3.1).
    pub only_scheme: Option<SignatureScheme>,
    /// What that key may be used for. Which of it a handshake needs depends on the key exchange (RFC 5246 section
    /// 7.4.2), so it is for the handshake to check.
    pub key_usage: KeyUsage,
    /// What made it trusted.
    pub trusted_by: TrustedBy,
    /// What the OCSP response that came with the certificate says, where one was looked at: that it is good.
    pub status: Option<Statement>,
    /// Until when the verdict holds, in seconds since 1970: the earliest `notAfter` of the certificates of the path, the
    /// peer's own and the authority's included; the `nextUpdate` of lists of revoked certificates that must not be
    /// stale; and the end of the OCSP response in `status` ([`Statement::until`]). Of a certificate that is trusted
    /// itself no path counts, only its own `notAfter`.
    pub not_after: u64,
}

/// What made a peer trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustedBy {
    /// Its chain leads to an authority that is trusted.
    Authority,
    /// Its very certificate is trusted.
    Itself,
}

impl ChainVerifier {
    /// A verifier that trusts `roots` and checks signatures with all that `provider` offers for it.
    #[must_use]
    pub fn new(provider: &Provider, roots: Roots) -> Self {
        Self {
            algorithms: algorithms::for_verifiers(&provider.verifiers, roots.anchors()),
            roots,
            path_schemes: None,
            crls: None,
            hashes: provider.hashes.clone(),
            random: Arc::clone(&provider.random),
        }
    }

    /// Takes only certificates that are signed with one of these schemes, where else every scheme will do that the
    /// provider can check: what a client tells servers with signature_algorithms_cert (RFC 8446 section 4.2.3). It is not
    /// about other signatures, such as those of OCSP responses.
    #[must_use]
    pub fn with_certificate_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.path_schemes = Some(schemes.to_vec());
        self
    }

    /// Checks the certificates of each chain against these lists, too, as far as `policy` says (RFC 5280 section 6.3). A
    /// certificate that is trusted exactly is not looked up: to withdraw it, trust it no more.
    #[must_use]
    pub fn with_crls(mut self, crls: Crls, policy: CrlPolicy) -> Self {
        self.crls = Some((crls, policy));
        self
    }

    /// Whether certificates are checked against lists of revoked ones.
    #[must_use]
    pub const fn checks_crls(&self) -> bool {
        self.crls.is_some()
    }

    /// Who is trusted.
    #[must_use]
    pub const fn roots(&self) -> &Roots {
        &self.roots
    }

    /// A digest of all that a verdict of this verifier rests on, beside the chain and the time: the trusted authorities, in
    /// whatever order they were added, the certificates that are trusted themselves, the ways to check signatures, and the
    /// other settings. Two verifiers with the same fingerprint come to the same verdicts, so what was verified by one
    /// counts with the other.
    ///
    /// It is SHA-256 by the provider. Where the provider has none, or it fails, it is a random value, which is no other
    /// verifier's.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint::of(self)
    }

    /// Checks the chain of a server, leaf first as it came, at the time `now` in seconds since 1970 (RFC 5280 section
    /// 6, RFC 6125).
    ///
    /// A leaf that is listed as trusted itself needs no issuer; its name, dates and extended key usage are checked
    /// all the same. The order of the other certificates does not matter, and there may be needless ones among them.
    ///
    /// # Errors
    /// A [`ChainError`], with the gravest reason when there are several ways to build a chain.
    pub fn verify_server(
        &self,
        chain: &[&[u8]],
        name: &ServerName,
        now: u64,
    ) -> Result<VerifiedPeer, ChainError> {
        self.verify_stapled(chain, name, Stapling::Ignore, None, now)
    }

    /// Checks the chain of a server, as [`ChainVerifier::verify_server`], and the OCSP response that it stapled, if it
    /// did, as far as `stapling` says (RFC 6066 section 8, RFC 7633).
    ///
    /// # Errors
    /// A [`ChainError`]: as [`ChainVerifier::verify_server`], and once the chain is good
    /// [`CertificateError::Revoked`] and [`CertificateError::Ocsp`].
    pub fn verify_stapled(
        &self,
        chain: &[&[u8]],
        name: &ServerName,
        stapling: Stapling,
        response: Option<&[u8]>,
        now: u64,
    ) -> Result<VerifiedPeer, ChainError> {
        // Who issued it is of interest to the response alone.
        let needs_issuer = stapling != Stapling::Ignore && response.is_some();
        let (mut peer, terms, issuer) = self.verify(chain, Purpose::Server(name), needs_issuer, now)?;
        peer.status = match (stapling, response) {
            (Stapling::Ignore, _) => None,
            (Stapling::Check | Stapling::Require, Some(response)) => {
                let issuer = issuer.ok_or(OcspError::UnknownIssuer)?;
                Some(ocsp::check(response, terms.layout.serial, &issuer, &self.tools(), now)?)
            }
            (Stapling::Require, None) => return Err(OcspError::Missing.into()),
            (Stapling::Check, None) if terms.must_staple => {
                return Err(OcspError::MissingButPromised.into());
            }
            (Stapling::Check, None) => None,
        };
        if let Some(status) = &peer.status {
            peer.not_after = peer.not_after.min(status.until());
        }
        Ok(peer)
    }

    /// Checks the chain of a client, as [`ChainVerifier::verify_server`] but for the name: whom to let in is for the
    /// application to decide.
    ///
    /// # Errors
    /// A [`ChainError`], with the gravest reason when there are several ways to build a chain.
    pub fn verify_client(&self, chain: &[&[u8]], now: u64) -> Result<VerifiedPeer, ChainError> {
        Ok(self.verify(chain, Purpose::Client, false, now)?.0)
    }

    const fn tools(&self) -> Tools<'_> {
        Tools { algorithms: self.algorithms.as_slice(), hashes: self.hashes.as_slice() }
    }

    fn verify<'c>(
        &self,
        chain: &[&'c [u8]],
        purpose: Purpose<'_>,
        needs_issuer: bool,
        now: u64,
    ) -> Result<(VerifiedPeer, Terms<'c>, Option<Issuer>), ChainError> {
        let Some((leaf, others)) = chain.split_first() else {
            return Err(CertificateError::EmptyChain.into());
        };
        if chain.len() > MAX_CHAIN {
            return Err(CertificateError::ChainTooLong { limit: MAX_CHAIN, got: chain.len() }.into());
        }
        let at_leaf = |fault: ChainError| fault.at(Position::Chain(0));
        let terms = Terms::read(leaf).map_err(at_leaf)?;
        path::end_entity(&terms, purpose, now).map_err(at_leaf)?;

        let (trusted_by, mut terms, not_after, issuer) = if self.roots.trusts_exactly(leaf) {
            let (_, not_after) = terms.validity()?;
            let issuer = if needs_issuer { self.find_issuer(leaf, chain) } else { None };
            (TrustedBy::Itself, terms, not_after, issuer)
        } else {
            let rules = Rules {
                roots: &self.roots,
                algorithms: &self.algorithms,
                schemes: self.path_schemes.as_deref(),
                purpose,
                now,
            };
            let mut builder = Builder::new(rules, terms, others);
            let mut path = builder.find()?;
            if let Some((crls, policy)) = &self.crls {
                let until = self.check_crls(crls, *policy, &path, &builder, now)?;
                path.not_after = path.not_after.min(until);
            }
            let issuer = if needs_issuer { self.issuer_on(&path, &builder) } else { None };
            let terms = builder.into_leaf().ok_or(CertificateError::Other)?;
            (TrustedBy::Authority, terms, path.not_after, issuer)
        };
        if let Purpose::Server(name) = purpose {
            hostname::check(&terms, name)?;
        }
        let key = terms.key.take().ok_or(CertificateError::UnsupportedAlgorithm)?;
        let peer = VerifiedPeer {
            only_scheme: key.only_scheme(),
            public_key: key.public,
            key_usage: terms.key_usage,
            trusted_by,
            status: None,
            not_after,
        };
        Ok((peer, terms, issuer))
    }

    /// Looks up the certificates of a path, and gives until when that holds.
    fn check_crls(
        &self,
        crls: &Crls,
        policy: CrlPolicy,
        path: &Path,
        builder: &Builder<'_, '_>,
        now: u64,
    ) -> Result<u64, ChainError> {
        let mut until = u64::MAX;
        for (step, number) in path.certificates.iter().enumerate() {
            let Some(Candidate { place, terms, .. }) = builder.candidate(*number) else { continue };
            let name = terms.layout.issuer;
            let above = path.certificates.iter().skip(step.saturating_add(1));
            let mut issuers: Vec<CrlIssuer<'_>> = above
                .filter_map(|above| builder.candidate(*above))
                .filter(|above| dn::same(above.terms.layout.subject, name))
                .map(|above| CrlIssuer {
                    spki: above.terms.layout.spki,
                    may_sign_crls: above.terms.key_usage.crl_sign,
                })
                .collect();
            let anchor = self.roots.anchors().get(path.anchor).ok_or(CertificateError::Other)?;
            if dn::same(&anchor.subject, name) {
                issuers.push(CrlIssuer { spki: &anchor.spki, may_sign_crls: anchor.may_sign_crls });
            }
            let checked = crls.check(policy, terms, &issuers, step == 0, &self.tools(), now);
            let checked = checked.map_err(|reason| ChainError::new(reason).at(Position::chain(*place)));
            until = until.min(checked?);
        }
        Ok(until)
    }

    /// Who issued the peer's certificate, by a path that was found.
    fn issuer_on(&self, path: &Path, builder: &Builder<'_, '_>) -> Option<Issuer> {
        let leaf = builder.candidate(0)?;
        let spki = match path.certificates.get(1) {
            Some(place) => builder.candidate(*place)?.terms.layout.spki.to_vec(),
            None => self.roots.anchors().get(path.anchor)?.spki.clone(),
        };
        Some(Issuer { name: leaf.terms.layout.issuer.to_vec(), spki })
    }

    /// Who issued a certificate that is trusted for itself, so that nobody had to ask before: itself, one of its chain,
    /// or an authority that is trusted too.
    fn find_issuer(&self, leaf: &[u8], chain: &[&[u8]]) -> Option<Issuer> {
        let leaf = Layout::parse(leaf).ok()?;
        let in_chain = chain.iter().filter_map(|certificate| {
            let layout = Layout::parse(certificate).ok()?;
            dn::same(layout.subject, leaf.issuer).then(|| layout.spki.to_vec())
        });
        let in_roots = self.roots.named(leaf.issuer).map(|(_, anchor)| anchor.spki.clone());
        let tools = self.tools();
        let signed_it =
            |spki: &Vec<u8>| tools.verify(spki, leaf.signature_algorithm, leaf.tbs, leaf.signature).is_ok();
        let spki = in_chain.chain(in_roots).take(MAX_SIGNATURES).find(signed_it)?;
        Some(Issuer { name: leaf.issuer.to_vec(), spki })
    }
}

pub(crate) fn check_strength(key: &PublicKey) -> Result<(), CertificateError> {
    match algorithms::rsa_bits(key) {
        Some(bits) if bits < MIN_RSA_BITS => {
            Err(CertificateError::KeyTooWeak { bits, minimum: MIN_RSA_BITS })
        }
        Some(bits) if bits > MAX_RSA_BITS => {
            Err(CertificateError::KeyTooLarge { bits, maximum: MAX_RSA_BITS })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
