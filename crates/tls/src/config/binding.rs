//! What the sessions of a configuration are bound to: digests of all that a verdict over the peer rests on,
//! so that equal configurations resume each other's sessions, in another process or on another machine too,
//! and no others do.
//!
//! - `context`: the context that the caller names, and what this end shows. For a client these are its own
//!   certificates and keys, for a server the names that its certificates are for.
//! - `verification`: who checks the peer, with the fingerprint of the verifier (roots and settings), and the
//!   trusted raw keys. For a client also how it treats stapled OCSP responses, for a server also whether it
//!   asks clients for a certificate.
//! - `psks`: `verification`, and the pre-shared keys with their identities.
//!
//! What the caller decides when asked is in no digest. So where the caller verifies peers, chooses the
//! credentials or has the pre-shared keys, the digest is random and the sessions stay with this very
//! configuration, unless the caller names a context.

use super::{Psks, RawKeys, credentials::Credentials};
use crate::ConfigError;
use alloc::{
    collections::BTreeSet,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use cairn_crypto::{CryptoError, HashAlgorithm, Provider};
use cairn_handshake::{Binding, Digest};
use cairn_x509::{CertificateFacts, ChainVerifier};

/// Who judges peers.
pub(super) enum Judge<'a> {
    /// Nobody needs to: no peer shows a certificate.
    Nobody,
    /// A verifier.
    Verifier(&'a ChainVerifier),
    /// The caller.
    Caller,
    /// Any certificate is taken.
    Anyone,
}

/// What there is to bind sessions to.
pub(super) struct Parts<'a> {
    /// Which role it is, so that a client's sessions are never a server's.
    pub(super) role: &'static str,
    pub(super) provider: &'a Provider,
    /// The context that the caller names.
    pub(super) context_id: Option<&'a [u8]>,
    pub(super) judge: Judge<'a>,
    pub(super) raw_keys: &'a RawKeys,
    /// Further settings that the verdict over a peer rests on.
    pub(super) settings: &'a [&'a [u8]],
    /// What this end shows of itself, in order of preference; `None` where the caller chooses.
    pub(super) shows: Option<Vec<BTreeSet<Vec<u8>>>>,
    pub(super) psks: &'a Psks,
}

impl Parts<'_> {
    pub(super) fn binding(&self) -> Result<Binding, ConfigError> {
        let verification = self.verification()?;
        Ok(Binding { context: self.context()?, verification, psks: self.psks(&verification)? })
    }

    fn said(&self, what: &str) -> Said {
        Said::default().part(b"cairn session binding 1").part(self.role.as_bytes()).part(what.as_bytes())
    }

    fn context(&self) -> Result<Digest, ConfigError> {
        let said = self.said("context").option(self.context_id);
        match &self.shows {
            Some(shows) => shows
                .iter()
                .fold(said.number(shows.len()), |said, each| said.list(each.iter().map(Vec::as_slice))),
            None => self.asked(said)?,
        }
        .digest(self.provider)
    }

    fn verification(&self) -> Result<Digest, ConfigError> {
        let said = self.said("verification");
        let said = match &self.judge {
            Judge::Nobody => said.part(b"nobody"),
            Judge::Verifier(verifier) => said.part(b"verifier").part(&verifier.fingerprint()),
            Judge::Caller => self.asked(said)?,
            Judge::Anyone => said.part(b"anyone"),
        };
        let said = said.list(self.raw_keys.sorted().iter().map(Vec::as_slice));
        said.list(self.settings.iter().copied()).digest(self.provider)
    }

    fn psks(&self, verification: &Digest) -> Result<Digest, ConfigError> {
        let said = self.said("pre-shared keys").part(&verification.0);
        match self.psks {
            Psks::None => said.part(b"none"),
            Psks::Ask => self.asked(said)?,
            Psks::Table(table) => {
                // The keys themselves are in no digest: HMAC gives none of a random key away.
                let Some(hmac) = self.provider.hmac(HashAlgorithm::Sha256) else {
                    return random(self.provider);
                };
                let mut said = said.part(b"table");
                for (identity, key) in table {
                    let mut proof = [0; 32];
                    let mac = hmac
                        .key(key.expose())
                        .and_then(|key| key.sign(&[b"cairn pre-shared key", identity], &mut proof));
                    mac.map_err(ConfigError::Crypto)?;
                    said = said.part(identity).part(&proof);
                }
                said
            }
        }
        .digest(self.provider)
    }

    /// What the caller decides: the named context stands for it, or else the sessions are this
    /// configuration's alone.
    fn asked(&self, said: Said) -> Result<Said, ConfigError> {
        let said = said.part(b"asked for");
        match self.context_id {
            Some(_) => Ok(said),
            None => Ok(said.part(&random(self.provider)?.0)),
        }
    }
}

/// What a server shows, as far as clients tell servers apart by it: the names of each certificate, and what
/// has none as it is. A renewed certificate for the same names makes no difference, and one server of a fleet
/// may have another than the next. The order counts, for a client that asks for no name is shown the first
/// that suits it.
pub(super) fn names(credentials: &Credentials) -> Vec<BTreeSet<Vec<u8>>> {
    credentials.leaves().map(|leaf| names_or_leaf(leaf).into_iter().collect()).collect()
}

/// What a client shows: its certificates and keys themselves, for servers take it for whoever they name.
pub(super) fn leaves(credentials: &Credentials) -> Vec<BTreeSet<Vec<u8>>> {
    credentials.leaves().map(|leaf| BTreeSet::from([leaf])).collect()
}

/// The names that a certificate is for, DNS names and addresses; the certificate, or the raw public key,
/// where there are none.
fn names_or_leaf(leaf: Vec<u8>) -> Vec<Vec<u8>> {
    let Ok(facts) = CertificateFacts::from_der(&leaf) else { return vec![leaf] };
    let dns = facts.dns_names.iter().map(|name| name.to_ascii_lowercase());
    let addresses = facts.ip_addresses.iter().map(ToString::to_string);
    let names: Vec<_> = dns.chain(addresses).map(String::into_bytes).collect();
    if names.is_empty() { vec![leaf] } else { names }
}

fn random(provider: &Provider) -> Result<Digest, ConfigError> {
    let mut random = [0; Digest::LEN];
    provider.random.fill(&mut random).map_err(ConfigError::Crypto)?;
    Ok(Digest(random))
}

/// Bytes to hash: each part after its length, each list after its number of parts, so that none runs into
/// another.
#[derive(Default)]
struct Said(Vec<u8>);

impl Said {
    fn number(mut self, number: usize) -> Self {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn part(self, part: &[u8]) -> Self {
        let mut said = self.number(part.len());
        said.0.extend_from_slice(part);
        said
    }

    fn option(self, part: Option<&[u8]>) -> Self {
        self.list(part.into_iter())
    }

    fn list<'a>(self, parts: impl Iterator<Item = &'a [u8]>) -> Self {
        let parts: Vec<_> = parts.collect();
        parts.iter().fold(self.number(parts.len()), |said, part| said.part(part))
    }

    /// The beginning of SHA-256 over it. A provider without SHA-256 has configurations that resume their own
    /// sessions only.
    fn digest(self, provider: &Provider) -> Result<Digest, ConfigError> {
        let Some(hash) = provider.hash(HashAlgorithm::Sha256) else { return random(provider) };
        let hash = hash.hash(&[&self.0]).map_err(ConfigError::Crypto)?;
        hash.as_bytes().first_chunk().copied().map(Digest).ok_or(ConfigError::Crypto(CryptoError::Failed))
    }
}
