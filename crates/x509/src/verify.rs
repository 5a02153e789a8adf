//! Whether a peer's chain can be trusted.

mod fingerprint;

use crate::{
    CertificateError, KeyUsage, OcspError, Roots, ServerName, Stapling,
    algorithms::{self, PkixAlgorithm},
    der_out,
    ocsp::{self, Issuer, Statement, Tools},
    read::Layout,
    terms::Terms,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Hash, Provider, PublicKey, RandomSource};
use cairn_wire::SignatureScheme;
use core::time::Duration;
use pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::EndEntityCert;

/// How many certificates of a peer are looked at. Chains in practice have two to four; more than this is refused
/// unread, for it could only be meant to cost us time.
pub const MAX_CHAIN: usize = 16;

/// The least size of an RSA key in bits (NIST SP 800-131A; CA/Browser Forum Baseline Requirements section 6.1.5).
pub const MIN_RSA_BITS: usize = 2048;

/// Checks chains: against these roots, with the signatures that this provider can check.
#[derive(Debug)]
pub struct ChainVerifier {
    roots: Roots,
    algorithms: Vec<PkixAlgorithm>,
    /// The only schemes for the signatures of a path, if not all that can be checked are taken.
    path_schemes: Option<Vec<SignatureScheme>>,
    hashes: Vec<Arc<dyn Hash>>,
    random: Arc<dyn RandomSource>,
}

/// A peer whose chain was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedPeer {
    /// The public key of its certificate.
    pub public_key: PublicKey,
    /// What that key may be used for. Which of it a handshake needs depends on the key exchange (RFC 5246 section
    /// 7.4.2), so it is for the handshake to check.
    pub key_usage: KeyUsage,
    /// What made it trusted.
    pub trusted_by: TrustedBy,
    /// What the OCSP response that came with the certificate says, where one was looked at: that it is good.
    pub status: Option<Statement>,
    /// Until when the verdict holds, in seconds since 1970: the earliest `notAfter` of the certificates of the path, the
    /// peer's own included. The dates of a trusted authority do not count, as they are not checked; for a certificate
    /// that is trusted itself it is its own.
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

/// What the peer is to prove.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    Server(&'a ServerName),
    Client,
}

impl ChainVerifier {
    /// A verifier that trusts `roots` and checks signatures with all that `provider` offers for it.
    #[must_use]
    pub fn new(provider: &Provider, roots: Roots) -> Self {
        Self {
            algorithms: algorithms::for_verifiers(&provider.verifiers, roots.anchors()),
            roots,
            path_schemes: None,
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
    /// A [`CertificateError`], the gravest when there are several ways to build a chain.
    pub fn verify_server(
        &self,
        chain: &[&[u8]],
        name: &ServerName,
        now: u64,
    ) -> Result<VerifiedPeer, CertificateError> {
        self.verify_stapled(chain, name, Stapling::Ignore, None, now)
    }

    /// Checks the chain of a server, as [`ChainVerifier::verify_server`], and the OCSP response that it stapled, if it
    /// did, as far as `stapling` says (RFC 6066 section 8, RFC 7633).
    ///
    /// # Errors
    /// A [`CertificateError`]: as [`ChainVerifier::verify_server`], and once the chain is good
    /// [`CertificateError::Revoked`] and [`CertificateError::Ocsp`].
    pub fn verify_stapled(
        &self,
        chain: &[&[u8]],
        name: &ServerName,
        stapling: Stapling,
        response: Option<&[u8]>,
        now: u64,
    ) -> Result<VerifiedPeer, CertificateError> {
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
        Ok(peer)
    }

    /// Checks the chain of a client, as [`ChainVerifier::verify_server`] but for the name: whom to let in is for the
    /// application to decide.
    ///
    /// # Errors
    /// A [`CertificateError`], the gravest when there are several ways to build a chain.
    pub fn verify_client(&self, chain: &[&[u8]], now: u64) -> Result<VerifiedPeer, CertificateError> {
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
    ) -> Result<(VerifiedPeer, Terms<'c>, Option<Issuer>), CertificateError> {
        let Some((leaf, issuers)) = chain.split_first() else {
            return Err(CertificateError::EmptyChain);
        };
        if chain.len() > MAX_CHAIN {
            return Err(CertificateError::ChainTooLong { limit: MAX_CHAIN, got: chain.len() });
        }
        let leaf_der = CertificateDer::from(*leaf);
        let end_entity = EndEntityCert::try_from(&leaf_der)?;
        let mut terms = Terms::read(leaf)?;

        let (_, mut not_after) = terms.layout.validity().map_err(|_| CertificateError::BadEncoding)?;
        let (trusted_by, issuer) = if self.roots.trusts_exactly(leaf) {
            terms.check_validity(now)?;
            check_purpose(&terms, purpose)?;
            (TrustedBy::Itself, if needs_issuer { self.find_issuer(leaf, chain) } else { None })
        } else {
            let found = |path: webpki::VerifiedPath<'_>| {
                for issuer in path.intermediate_certificates() {
                    let der = issuer.der();
                    let validity = Layout::parse(&der).and_then(|layout| layout.validity());
                    not_after = not_after.min(validity.map_or(0, |(_, until)| until));
                }
                needs_issuer
                    .then(|| Issuer { name: terms.layout.issuer.to_vec(), spki: path.issuer_spki().to_vec() })
            };
            let issuer = self
                .check_path(&end_entity, issuers, purpose, now, found)
                .map_err(|error| explain(error, chain))?;
            (TrustedBy::Authority, issuer)
        };
        if let Purpose::Server(name) = purpose {
            check_name(&end_entity, &terms, name)?;
        }
        let public_key = terms.public_key.take().ok_or(CertificateError::UnsupportedAlgorithm)?;
        check_strength(&public_key)?;
        let peer =
            VerifiedPeer { public_key, key_usage: terms.key_usage, trusted_by, status: None, not_after };
        Ok((peer, terms, issuer))
    }

    /// Who issued a certificate that is trusted for itself, so that nobody had to ask before: itself, one of its chain,
    /// or an authority that is trusted too.
    fn find_issuer(&self, leaf: &[u8], chain: &[&[u8]]) -> Option<Issuer> {
        let leaf = Layout::parse(leaf).ok()?;
        let in_chain = chain.iter().filter_map(|certificate| {
            let layout = Layout::parse(certificate).ok()?;
            (layout.subject == leaf.issuer).then(|| layout.spki.to_vec())
        });
        let anchors = self.roots.anchors().iter();
        let in_roots = anchors
            .filter(|anchor| der_out::sequence(&[&anchor.subject]) == leaf.issuer)
            .map(|anchor| der_out::sequence(&[&anchor.subject_public_key_info]));
        let tools = self.tools();
        let signed_it =
            |spki: &Vec<u8>| tools.verify(spki, leaf.signature_algorithm, leaf.tbs, leaf.signature).is_ok();
        let spki = in_chain.chain(in_roots).find(signed_it)?;
        Some(Issuer { name: leaf.issuer.to_vec(), spki })
    }

    /// Checks that a chain leads to an authority, and hands it to `found`.
    fn check_path<T>(
        &self,
        end_entity: &EndEntityCert<'_>,
        issuers: &[&[u8]],
        purpose: Purpose<'_>,
        now: u64,
        found: impl FnOnce(webpki::VerifiedPath<'_>) -> T,
    ) -> Result<T, CertificateError> {
        let issuers: Vec<_> = issuers.iter().map(|issuer| CertificateDer::from(*issuer)).collect();
        let is_taken = |algorithm: &&PkixAlgorithm| {
            self.path_schemes.as_ref().is_none_or(|schemes| schemes.contains(&algorithm.scheme()))
        };
        let mut algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
            Vec::with_capacity(self.algorithms.len());
        for algorithm in self.algorithms.iter().filter(is_taken) {
            algorithms.push(algorithm);
        }
        let usage = match purpose {
            Purpose::Server(_) => webpki::KeyUsage::server_auth(),
            Purpose::Client => webpki::KeyUsage::client_auth(),
        };
        let time = UnixTime::since_unix_epoch(Duration::from_secs(now));
        let path = end_entity.verify_for_usage(
            &algorithms,
            self.roots.anchors(),
            &issuers,
            time,
            usage,
            None,
            Some(&issuers_may_sign),
        )?;
        Ok(found(path))
    }
}

/// What `webpki` leaves out: an issuer that states its key usage must state that it signs certificates (RFC 5280
/// section 6.1.4 (n)).
fn issuers_may_sign(path: &webpki::VerifiedPath<'_>) -> Result<(), webpki::Error> {
    for issuer in path.intermediate_certificates() {
        let der = issuer.der();
        let terms = Terms::read(&der).map_err(|_| webpki::Error::BadDer)?;
        if !terms.key_usage.key_cert_sign {
            return Err(webpki::Error::EndEntityUsedAsCa);
        }
    }
    Ok(())
}

/// A weak key makes the provider refuse a signature without a word; say it for it. And a certificate that is its own
/// issuer, as `openssl req -x509` makes it, says that it is an authority's: what matters of one that nobody listed is
/// that its chain leads nowhere, whatever else it says.
fn explain(error: CertificateError, chain: &[&[u8]]) -> CertificateError {
    if error == CertificateError::CaUsedAsEndEntity {
        let leaf = chain.first().and_then(|leaf| Layout::parse(leaf).ok());
        if leaf.is_some_and(|leaf| leaf.subject == leaf.issuer) {
            return CertificateError::UnknownIssuer;
        }
    }
    if error == CertificateError::BadSignature {
        for certificate in chain {
            let key = Terms::read(certificate).ok().and_then(|terms| terms.public_key);
            if let Some(Err(weak)) = key.as_ref().map(check_strength) {
                return weak;
            }
        }
    }
    error
}

pub(crate) fn check_strength(key: &PublicKey) -> Result<(), CertificateError> {
    match algorithms::rsa_bits(key) {
        Some(bits) if bits < MIN_RSA_BITS => {
            Err(CertificateError::KeyTooWeak { bits, minimum: MIN_RSA_BITS })
        }
        _ => Ok(()),
    }
}

fn check_purpose(terms: &Terms<'_>, purpose: Purpose<'_>) -> Result<(), CertificateError> {
    let allowed = match (terms.extended_key_usage, purpose) {
        (None, _) => true,
        (Some(usage), Purpose::Server(_)) => usage.server_auth,
        (Some(usage), Purpose::Client) => usage.client_auth,
    };
    if allowed { Ok(()) } else { Err(CertificateError::NotForThisUse) }
}

/// Names count in the subject alternative names alone (RFC 6125 section 6.4.4 lets us ignore the common name).
fn check_name(
    end_entity: &EndEntityCert<'_>,
    terms: &Terms<'_>,
    name: &ServerName,
) -> Result<(), CertificateError> {
    match name {
        ServerName::Dns(dns) => {
            let dns =
                pki_types::DnsName::try_from(dns.as_str()).map_err(|_| CertificateError::NameMismatch)?;
            Ok(end_entity.verify_is_valid_for_subject_name(&pki_types::ServerName::DnsName(dns))?)
        }
        ServerName::Ip(address) if terms.is_for_address(address) => Ok(()),
        ServerName::Ip(_) => Err(CertificateError::NameMismatch),
    }
}

#[cfg(test)]
mod tests;
