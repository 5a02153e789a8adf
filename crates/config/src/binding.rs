//! The digests that the sessions of a configuration are bound to. They cover everything that the verification
//! of the peer depends on, so that only equal configurations resume each other's sessions, also in other
//! processes or on other machines.
//!
//! - `context`: the caller's context, and this side's credentials. For a client these are its certificates
//!   and keys, for a server the names in its certificates.
//! - `verification`: how the peer is verified, with the fingerprint of the verifier (roots and settings), and
//!   the trusted raw public keys. For a client also the treatment of stapled OCSP responses, for a server
//!   also whether it requests client certificates.
//! - `psks`: `verification`, and the pre-shared keys with their identities.
//!
//! Decisions of the caller are not part of a digest. If the caller verifies peers, chooses credentials or has
//! the pre-shared keys, the digest is random and the sessions stay with this configuration, unless the caller
//! sets a context.

use crate::{credentials::Credentials, error::ConfigError, psks::Psks, raw_keys::RawKeys};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    vec,
    vec::Vec,
};
use cairn_crypto::{CryptoError, HashAlgorithm, Provider, SecretBytes};
use cairn_handshake::{Binding, Digest, OfferedPsk};
use cairn_x509::{CertificateFacts, ChainVerifier};

/// The way in which a configuration verifies peers.
pub(crate) enum PeerVerification<'a> {
    /// Not at all, because no peer sends a certificate.
    NoCertificates,
    /// By a verifier, with roots.
    Verifier(&'a ChainVerifier),
    /// By the caller.
    Caller,
    /// Any certificate is accepted.
    Disabled,
}

/// Everything that the digests cover.
pub(crate) struct Parts<'a> {
    /// The role, so that a client's sessions never belong to a server.
    pub(crate) role: &'static str,
    pub(crate) provider: &'a Provider,
    /// The caller's context.
    pub(crate) context_id: Option<&'a [u8]>,
    pub(crate) peer_verification: PeerVerification<'a>,
    /// The trusted raw public keys, if the configuration verifies peers itself.
    pub(crate) raw_keys: Option<&'a RawKeys>,
    /// Further settings that the verification of a peer depends on.
    pub(crate) settings: &'a [&'a [u8]],
    /// This side's credentials in order of preference; `None` if the caller chooses.
    pub(crate) credentials: Option<Vec<BTreeSet<Vec<u8>>>>,
    pub(crate) psks: &'a Psks,
    /// The external PSKs of TLS 1.3.
    pub(crate) external_psks: &'a [OfferedPsk],
    /// Whether the caller has other external PSKs.
    pub(crate) ask_for_external_psks: bool,
}

impl Parts<'_> {
    /// The three digests.
    ///
    /// # Errors
    /// [`ConfigError::Crypto`] if the provider fails.
    pub(crate) fn binding(&self) -> Result<Binding, ConfigError> {
        let verification = self.verification()?;
        Ok(Binding { context: self.context()?, verification, psks: self.psks(&verification)? })
    }

    /// The start of the input of a digest. The label separates the digests, and the number is the version of
    /// the encoding.
    fn input(&self, label: &str) -> HashInput {
        HashInput::default()
            .part(b"cairn session binding 1")
            .part(self.role.as_bytes())
            .part(label.as_bytes())
    }

    /// The caller's context and our credentials.
    fn context(&self) -> Result<Digest, ConfigError> {
        let input = self.input("context").option(self.context_id);
        match &self.credentials {
            Some(credentials) => credentials.iter().fold(input.number(credentials.len()), |input, each| {
                input.list(each.iter().map(Vec::as_slice))
            }),
            None => self.callers_decisions(input)?,
        }
        .digest(self.provider)
    }

    /// The verification of the peer, and the settings that it depends on.
    fn verification(&self) -> Result<Digest, ConfigError> {
        let input = self.input("verification");
        let input = match &self.peer_verification {
            PeerVerification::NoCertificates => input.part(b"nobody"),
            PeerVerification::Verifier(verifier) => input.part(b"verifier").part(&verifier.fingerprint()),
            PeerVerification::Caller => self.callers_decisions(input)?,
            PeerVerification::Disabled => input.part(b"anyone"),
        };
        let raw_keys = self.raw_keys.map(RawKeys::sorted).unwrap_or_default();
        let input = input.list(raw_keys.iter().map(Vec::as_slice));
        input.list(self.settings.iter().copied()).digest(self.provider)
    }

    /// The pre-shared keys, together with the verification.
    fn psks(&self, verification: &Digest) -> Result<Digest, ConfigError> {
        let input = self.input("pre-shared keys").part(&verification.0);
        let mut input = match self.psks {
            Psks::None => input.part(b"none"),
            Psks::Ask => self.callers_decisions(input)?,
            Psks::Table(table) => {
                let keys = table.iter().map(|(identity, key)| (identity.as_slice(), key));
                match self.named_keys(input.part(b"table"), b"cairn pre-shared key", keys)? {
                    Some(input) => input,
                    None => return random(self.provider),
                }
            }
        };
        if self.ask_for_external_psks {
            input = self.callers_decisions(input)?;
        }
        if !self.external_psks.is_empty() {
            let keys: BTreeMap<_, _> =
                self.external_psks.iter().map(|each| (each.identity.as_slice(), each.psk.secret())).collect();
            input = match self.named_keys(input.part(b"external"), b"cairn external PSK", keys)? {
                Some(input) => input,
                None => return random(self.provider),
            };
        }
        input.digest(self.provider)
    }

    /// Keys with their identities. A digest does not contain the keys themselves; the HMAC of a random key
    /// does not reveal it. `None` if the provider has no HMAC.
    fn named_keys<'a>(
        &self,
        mut input: HashInput,
        label: &[u8],
        keys: impl IntoIterator<Item = (&'a [u8], &'a SecretBytes)>,
    ) -> Result<Option<HashInput>, ConfigError> {
        let Some(hmac) = self.provider.hmac(HashAlgorithm::Sha256) else { return Ok(None) };
        for (identity, key) in keys {
            let mut proof = [0; 32];
            let mac = hmac.key(key.expose()).and_then(|key| key.sign(&[label, identity], &mut proof));
            mac.map_err(ConfigError::Crypto)?;
            input = input.part(identity).part(&proof);
        }
        Ok(Some(input))
    }

    /// The digest of the caller's decisions: the caller's context, or else a random value for this
    /// configuration only.
    fn callers_decisions(&self, input: HashInput) -> Result<HashInput, ConfigError> {
        let input = input.part(b"asked for");
        match self.context_id {
            Some(_) => Ok(input),
            None => Ok(input.part(&random(self.provider)?.0)),
        }
    }
}

/// A server's credentials, as far as clients distinguish servers by them: the names in each certificate, or
/// the certificate itself if it has none. A renewed certificate with the same names makes no difference, and
/// servers of a cluster may have different ones. The order counts, because a client that sends no name gets
/// the first suitable certificate.
pub(crate) fn names(credentials: &Credentials) -> Vec<BTreeSet<Vec<u8>>> {
    credentials.leaves().into_iter().map(|leaf| names_or_leaf(leaf).into_iter().collect()).collect()
}

/// A client's credentials: the certificates and keys themselves, because servers identify the client by them.
pub(crate) fn leaves(credentials: &Credentials) -> Vec<BTreeSet<Vec<u8>>> {
    credentials.leaves().into_iter().map(|leaf| BTreeSet::from([leaf])).collect()
}

/// The names in a certificate, DNS names and addresses; or the certificate or raw public key itself if there
/// are none.
fn names_or_leaf(leaf: Vec<u8>) -> Vec<Vec<u8>> {
    let Ok(facts) = CertificateFacts::from_der(&leaf) else { return vec![leaf] };
    let dns = facts.dns_names.iter().map(|name| name.to_ascii_lowercase());
    let addresses = facts.ip_addresses.iter().map(ToString::to_string);
    let names: Vec<_> = dns.chain(addresses).map(String::into_bytes).collect();
    if names.is_empty() { vec![leaf] } else { names }
}

/// A digest that no other configuration has.
fn random(provider: &Provider) -> Result<Digest, ConfigError> {
    let mut random = [0; Digest::LEN];
    provider.random.fill(&mut random).map_err(ConfigError::Crypto)?;
    Ok(Digest(random))
}

/// The input of a hash. Each part has a length prefix and each list the number of its parts, so that the
/// encoding is unambiguous.
#[derive(Default)]
struct HashInput(Vec<u8>);

impl HashInput {
    fn number(mut self, number: usize) -> Self {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn part(self, part: &[u8]) -> Self {
        let mut input = self.number(part.len());
        input.0.extend_from_slice(part);
        input
    }

    fn option(self, part: Option<&[u8]>) -> Self {
        self.list(part.into_iter())
    }

    fn list<'a>(self, parts: impl Iterator<Item = &'a [u8]>) -> Self {
        let parts: Vec<_> = parts.collect();
        parts.iter().fold(self.number(parts.len()), |input, part| input.part(part))
    }

    /// The first bytes of SHA-256. With a provider without SHA-256, a configuration resumes only its own
    /// sessions.
    fn digest(self, provider: &Provider) -> Result<Digest, ConfigError> {
        let Some(hash) = provider.hash(HashAlgorithm::Sha256) else { return random(provider) };
        let hash = hash.hash(&[&self.0]).map_err(ConfigError::Crypto)?;
        hash.as_bytes().first_chunk().copied().map(Digest).ok_or(ConfigError::Crypto(CryptoError::Failed))
    }
}
