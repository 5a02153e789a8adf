//! Verification of a peer's chain.

mod fingerprint;

use crate::{
    certificate::Certificate,
    crl::{CrlIssuer, CrlPolicy, Crls},
    dn,
    error::CertificateError,
    hostname,
    name::ServerName,
    ocsp::{self, Issuer, OcspError, Stapling, Statement, Tools},
    path::{self, Builder, Candidate, MAX_SIGNATURES, Path, Purpose, Rules},
    place::{ChainError, Position},
    read::RawCertificate,
    trust::Roots,
    usage::KeyUsage,
    verifiers::{self, PkixAlgorithm},
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Hash, Provider, PublicKey, RandomSource};
use cairn_wire::SignatureScheme;
use fingerprint::Settings;

pub use crate::strength::{MAX_RSA_BITS, MIN_RSA_BITS};

/// The maximum number of certificates in a peer's chain. In practice chains have two to four. A longer one is
/// rejected unparsed, since it would only cost time.
pub const MAX_CHAIN: usize = 12;

/// Verifies chains against trusted roots, with the signature algorithms of a provider.
#[derive(Debug)]
pub struct ChainVerifier {
    roots: Roots,
    algorithms: Vec<PkixAlgorithm>,
    /// The schemes permitted for the signatures of a path; if `None`, all that can be verified.
    path_schemes: Option<Vec<SignatureScheme>>,
    crls: Option<(Crls, CrlPolicy)>,
    hashes: Vec<Arc<dyn Hash>>,
    random: Arc<dyn RandomSource>,
}

/// The result of verifying a peer's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedPeer {
    /// The public key of its certificate.
    pub public_key: PublicKey,
    /// The only scheme that the key may sign with, if it is an RSASSA-PSS key with parameters (RFC 4055
    /// section 3.1).
    pub only_scheme: Option<SignatureScheme>,
    /// The key usage. The handshake checks it, because the usage required depends on the key exchange (RFC
    /// 5246 section 7.4.2).
    pub key_usage: KeyUsage,
    /// The basis of the trust in the certificate.
    pub trusted_by: TrustedBy,
    /// The statement of the stapled OCSP response, which is always good; `None` if no response was checked.
    pub status: Option<Statement>,
    /// The time until which the result holds, in seconds since 1970: the earliest of the `notAfter` of all
    /// certificates of the path (the peer's own and the authority's included), the `nextUpdate` of CRLs that
    /// must not be stale, and the end of the OCSP response in `status` ([`Statement::until`]). For an exactly
    /// trusted certificate there is no path: only its own `notAfter` applies.
    pub not_after: u64,
}

/// The basis of the trust in a peer's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustedBy {
    /// A path leads to a trusted authority.
    Authority,
    /// The certificate itself is trusted.
    Itself,
}

impl ChainVerifier {
    /// A verifier that trusts `roots` and checks signatures with all algorithms of `provider`.
    #[must_use]
    pub fn new(provider: &Provider, roots: Roots) -> Self {
        Self {
            algorithms: verifiers::for_verifiers(&provider.verifiers, roots.anchors()),
            roots,
            path_schemes: None,
            crls: None,
            hashes: provider.hashes.clone(),
            random: Arc::clone(&provider.random),
        }
    }

    /// Restricts the signatures of certificates to these schemes, as a client announces in
    /// signature_algorithms_cert (RFC 9846 section 4.3.3). Without it, every scheme of the provider is
    /// permitted. Other signatures, such as those of OCSP responses, are not restricted.
    #[must_use]
    pub fn with_certificate_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.path_schemes = Some(schemes.to_vec());
        self
    }

    /// Also checks the certificates of each chain against these CRLs, according to `policy` (RFC 5280 section
    /// 6.3). An exactly trusted certificate is not checked; to revoke it, remove it from the trusted ones.
    #[must_use]
    pub fn with_crls(mut self, crls: Crls, policy: CrlPolicy) -> Self {
        self.crls = Some((crls, policy));
        self
    }

    /// Whether certificates are checked against CRLs.
    #[must_use]
    pub const fn checks_crls(&self) -> bool {
        self.crls.is_some()
    }

    /// The trusted roots.
    #[must_use]
    pub const fn roots(&self) -> &Roots {
        &self.roots
    }

    /// A digest of everything that a result depends on, apart from the chain and the time: the trusted
    /// authorities in any order, the exactly trusted certificates, the signature algorithms, and the other
    /// settings. Verifiers with equal fingerprints produce equal results, so a chain that one of them has
    /// verified is valid for the other.
    ///
    /// The digest is the provider's SHA-256. If the provider lacks it or fails, the value is random and
    /// matches no other verifier.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let settings = Settings {
            roots: &self.roots,
            algorithms: &self.algorithms,
            path_schemes: self.path_schemes.as_deref(),
            crls: self.crls.as_ref(),
        };
        settings.digest(&self.hashes).unwrap_or_else(|| {
            let mut unique = [0; 32];
            // A provider without randomness cannot complete a handshake, so the value does not matter.
            let _ = self.random.fill(&mut unique);
            unique
        })
    }

    /// Verifies the chain of a server, leaf first as received, at the time `now` in seconds since 1970 (RFC
    /// 5280 section 6, RFC 6125).
    ///
    /// An exactly trusted leaf needs no issuer; its name, dates and extended key usage are still checked. The
    /// order of the other certificates does not matter, and unneeded certificates are ignored.
    ///
    /// # Errors
    /// A [`ChainError`]; if several paths fail, the most relevant one.
    pub fn verify_server(
        &self,
        chain: &[&[u8]],
        name: &ServerName,
        now: u64,
    ) -> Result<VerifiedPeer, ChainError> {
        self.verify_stapled(chain, name, Stapling::Ignore, None, now)
    }

    /// Verifies the chain of a server, as [`ChainVerifier::verify_server`] does, and the stapled OCSP
    /// response according to `stapling` (RFC 6066 section 8, RFC 7633).
    ///
    /// # Errors
    /// A [`ChainError`]: as [`ChainVerifier::verify_server`], and for a valid chain
    /// [`CertificateError::Revoked`] or [`CertificateError::Ocsp`].
    pub fn verify_stapled(
        &self,
        chain: &[&[u8]],
        name: &ServerName,
        stapling: Stapling,
        response: Option<&[u8]>,
        now: u64,
    ) -> Result<VerifiedPeer, ChainError> {
        // Only the OCSP response needs the issuer.
        let needs_issuer = stapling != Stapling::Ignore && response.is_some();
        let (mut peer, certificate, issuer) = self.verify(chain, Purpose::Server(name), needs_issuer, now)?;
        peer.status = match (stapling, response) {
            (Stapling::Ignore, _) => None,
            (Stapling::Check | Stapling::Require, Some(response)) => {
                let issuer = issuer.ok_or(OcspError::UnknownIssuer)?;
                Some(ocsp::check(response, certificate.raw.serial, &issuer, &self.tools(), now)?)
            }
            (Stapling::Require, None) => return Err(OcspError::Missing.into()),
            (Stapling::Check, None) if certificate.must_staple => {
                return Err(OcspError::MissingButPromised.into());
            }
            (Stapling::Check, None) => None,
        };
        if let Some(status) = &peer.status {
            peer.not_after = peer.not_after.min(status.until());
        }
        Ok(peer)
    }

    /// Verifies the chain of a client, as [`ChainVerifier::verify_server`] does, without a name: the
    /// application decides which clients it accepts.
    ///
    /// # Errors
    /// A [`ChainError`]; if several paths fail, the most relevant one.
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
    ) -> Result<(VerifiedPeer, Certificate<'c>, Option<Issuer>), ChainError> {
        let Some((leaf, others)) = chain.split_first() else {
            return Err(CertificateError::EmptyChain.into());
        };
        if chain.len() > MAX_CHAIN {
            return Err(CertificateError::ChainTooLong { limit: MAX_CHAIN, got: chain.len() }.into());
        }
        let at_leaf = |fault: ChainError| fault.at(Position::Chain(0));
        let certificate = Certificate::read(leaf).map_err(at_leaf)?;
        path::end_entity(&certificate, purpose, now).map_err(at_leaf)?;

        let (trusted_by, mut certificate, not_after, issuer) = if self.roots.trusts_exactly(leaf) {
            let (_, not_after) = certificate.validity()?;
            let issuer = if needs_issuer { self.find_issuer(leaf, chain) } else { None };
            (TrustedBy::Itself, certificate, not_after, issuer)
        } else {
            let rules = Rules {
                roots: &self.roots,
                algorithms: &self.algorithms,
                schemes: self.path_schemes.as_deref(),
                purpose,
                now,
            };
            let mut builder = Builder::new(rules, certificate, others);
            let mut path = builder.find()?;
            if let Some((crls, policy)) = &self.crls {
                let until = self.check_crls(crls, *policy, &path, &builder, now)?;
                path.not_after = path.not_after.min(until);
            }
            let issuer = if needs_issuer { self.issuer_on(&path, &builder) } else { None };
            let certificate = builder.into_leaf().ok_or(CertificateError::Other)?;
            (TrustedBy::Authority, certificate, path.not_after, issuer)
        };
        if let Purpose::Server(name) = purpose {
            hostname::check(&certificate, name)?;
        }
        let key = certificate.key.take().ok_or(CertificateError::UnsupportedAlgorithm)?;
        let peer = VerifiedPeer {
            only_scheme: key.only_scheme(),
            public_key: key.public,
            key_usage: certificate.key_usage,
            trusted_by,
            status: None,
            not_after,
        };
        Ok((peer, certificate, issuer))
    }

    /// Checks the certificates of a path against the CRLs, and returns the time until which the result holds.
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
            let Some(Candidate { place, certificate, .. }) = builder.candidate(*number) else { continue };
            let name = certificate.raw.issuer;
            let above = path.certificates.iter().skip(step.saturating_add(1));
            let mut issuers: Vec<CrlIssuer<'_>> = above
                .filter_map(|above| builder.candidate(*above))
                .filter(|above| dn::same(above.certificate.raw.subject, name))
                .map(|above| CrlIssuer {
                    spki: above.certificate.raw.spki,
                    may_sign_crls: above.certificate.key_usage.crl_sign,
                })
                .collect();
            let anchor = self.roots.anchors().get(path.anchor).ok_or(CertificateError::Other)?;
            if dn::same(&anchor.subject, name) {
                issuers.push(CrlIssuer { spki: &anchor.spki, may_sign_crls: anchor.may_sign_crls });
            }
            let checked = crls.check(policy, certificate, &issuers, step == 0, &self.tools(), now);
            let checked = checked.map_err(|reason| ChainError::new(reason).at(Position::chain(*place)));
            until = until.min(checked?);
        }
        Ok(until)
    }

    /// The issuer of the end-entity certificate in a path that was found.
    fn issuer_on(&self, path: &Path, builder: &Builder<'_, '_>) -> Option<Issuer> {
        let leaf = builder.candidate(0)?;
        let spki = match path.certificates.get(1) {
            Some(place) => builder.candidate(*place)?.certificate.raw.spki.to_vec(),
            None => self.roots.anchors().get(path.anchor)?.spki.clone(),
        };
        Some(Issuer { name: leaf.certificate.raw.issuer.to_vec(), spki })
    }

    /// The issuer of an exactly trusted certificate, for which no path was built: the certificate itself,
    /// another one of the chain, or a trusted authority.
    fn find_issuer(&self, leaf: &[u8], chain: &[&[u8]]) -> Option<Issuer> {
        let leaf = RawCertificate::parse(leaf).ok()?;
        let in_chain = chain.iter().filter_map(|certificate| {
            let raw = RawCertificate::parse(certificate).ok()?;
            dn::same(raw.subject, leaf.issuer).then(|| raw.spki.to_vec())
        });
        let in_roots = self.roots.named(leaf.issuer).map(|(_, anchor)| anchor.spki.clone());
        let tools = self.tools();
        let signed_it =
            |spki: &Vec<u8>| tools.verify(spki, leaf.signature_algorithm, leaf.tbs, leaf.signature).is_ok();
        let spki = in_chain.chain(in_roots).take(MAX_SIGNATURES).find(signed_it)?;
        Some(Issuer { name: leaf.issuer.to_vec(), spki })
    }
}

#[cfg(test)]
mod tests;
