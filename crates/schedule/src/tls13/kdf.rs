//! The hash function of a connection with its HKDF.

use super::constants;
use super::label::expand_label;
use crate::error::ScheduleError;
use alloc::sync::Arc;
use cairn_crypto::{
    CryptoError, Hash, HashAlgorithm, HashContext, HashOutput, HkdfKey, Hmac, MAX_HASH_LEN, Provider,
    SecretBytes, hkdf_extract,
};
use core::fmt;
use zeroize::Zeroizing;

/// The hash function of a cipher suite with its HMAC and HKDF, from a provider. Clones share the same memory,
/// so one value can serve all connections.
#[derive(Clone)]
pub struct Kdf(Arc<Algorithms>);

struct Algorithms {
    hash: Arc<dyn Hash>,
    hmac: Arc<dyn Hmac>,
    /// `Transcript-Hash("")`.
    hash_of_nothing: HashOutput,
}

/// Zeros as long as the longest hash.
const ZEROS: [u8; MAX_HASH_LEN] = [0; MAX_HASH_LEN];

impl Kdf {
    /// Takes the hash function and its HMAC from the provider.
    ///
    /// # Errors
    /// [`ScheduleError::HashNotOffered`] if the provider lacks either; [`ScheduleError::Crypto`] if it fails.
    pub fn new(provider: &Provider, algorithm: HashAlgorithm) -> Result<Self, ScheduleError> {
        let missing = ScheduleError::HashNotOffered(algorithm);
        let hash = Arc::clone(provider.hash(algorithm).ok_or(missing)?);
        let hmac = Arc::clone(provider.hmac(algorithm).ok_or(missing)?);
        let hash_of_nothing = match constants::of(algorithm) {
            Some(constants) => HashOutput::new(constants.hash_of_nothing)?,
            None => hash.hash(&[])?,
        };
        Ok(Self(Arc::new(Algorithms { hash, hmac, hash_of_nothing })))
    }

    /// The hash function.
    #[must_use]
    pub fn algorithm(&self) -> HashAlgorithm {
        self.0.hash.algorithm()
    }

    /// `Hash.length` in bytes.
    pub(super) fn len(&self) -> usize {
        self.algorithm().output_len()
    }

    /// A string of `Hash.length` zeros. RFC 9846 section 7.1: "If a given secret is not available, then the
    /// 0-value consisting of a string of Hash.length bytes set to zeros is used."
    pub(super) fn zeros(&self) -> &'static [u8] {
        ZEROS.get(..self.len()).unwrap_or(&ZEROS)
    }

    /// `Transcript-Hash("")`.
    pub(super) fn hash_of_nothing(&self) -> &HashOutput {
        &self.0.hash_of_nothing
    }

    pub(super) fn hash(&self, parts: &[&[u8]]) -> Result<HashOutput, ScheduleError> {
        Ok(self.0.hash.hash(parts)?)
    }

    pub(super) fn start_hash(&self) -> Result<alloc::boxed::Box<dyn HashContext>, ScheduleError> {
        Ok(self.0.hash.start()?)
    }

    /// Fails unless `other` is the hash function of this schedule.
    pub(super) fn check(&self, other: HashAlgorithm) -> Result<(), ScheduleError> {
        if other == self.algorithm() {
            Ok(())
        } else {
            Err(ScheduleError::OtherHash { expected: self.algorithm(), got: other })
        }
    }

    /// Fails unless `got` is `Hash.length`.
    pub(super) fn check_len(&self, got: usize) -> Result<(), ScheduleError> {
        if got == self.len() {
            Ok(())
        } else {
            Err(CryptoError::WrongLength { expected: self.len(), got }.into())
        }
    }

    /// `HKDF-Extract(salt, ikm)` as the key of HKDF-Expand.
    pub(super) fn extract(&self, salt: &[u8], ikm: &[u8]) -> Result<HkdfKey, ScheduleError> {
        let mut place = Zeroizing::new(ZEROS);
        let prk = place.get_mut(..self.len()).unwrap_or_default();
        hkdf_extract(&*self.0.hmac, salt, ikm, prk)?;
        self.key(prk)
    }

    /// The key of HKDF-Expand from its bytes.
    pub(super) fn key(&self, prk: &[u8]) -> Result<HkdfKey, ScheduleError> {
        Ok(HkdfKey::new(&self.0.hmac, prk)?)
    }

    /// `HKDF-Expand-Label(Secret, label, context, Hash.length)`.
    pub(super) fn expand(
        &self,
        secret: &HkdfKey,
        label: &[u8],
        context: &[u8],
    ) -> Result<SecretBytes, ScheduleError> {
        SecretBytes::try_with(self.len(), |out| expand_label(secret, label, context, out))
    }

    /// `Derive-Secret(Secret, label, Messages)` with the transcript hash of the messages.
    pub(super) fn derive(
        &self,
        secret: &HkdfKey,
        label: &[u8],
        transcript_hash: &HashOutput,
    ) -> Result<SecretBytes, ScheduleError> {
        self.check_len(transcript_hash.as_bytes().len())?;
        self.expand(secret, label, transcript_hash.as_bytes())
    }

    /// The next secret of the chain: `HKDF-Extract(Derive-Secret(Secret, "derived", ""), ikm)`.
    pub(super) fn next(&self, secret: &HkdfKey, ikm: &[u8]) -> Result<HkdfKey, ScheduleError> {
        let salt = self.derive(secret, b"derived", self.hash_of_nothing())?;
        self.extract(salt.expose(), ikm)
    }

    /// The Handshake Secret without a PSK: as [`Kdf::next`] of `HKDF-Extract(0, 0)`.
    pub(super) fn next_without_psk(&self, ikm: &[u8]) -> Result<HkdfKey, ScheduleError> {
        match constants::of(self.algorithm()) {
            Some(constants) => self.extract(constants.salt_without_psk, ikm),
            None => self.next(&self.extract(self.zeros(), self.zeros())?, ikm),
        }
    }

    /// `HMAC(finished_key, transcript_hash)`, where the finished_key comes from `base_key` (RFC 9846 section
    /// 4.5.3).
    pub(super) fn finished(
        &self,
        base_key: &HkdfKey,
        transcript_hash: &HashOutput,
    ) -> Result<HashOutput, ScheduleError> {
        self.check_len(transcript_hash.as_bytes().len())?;
        let mut finished_key = Zeroizing::new(ZEROS);
        let finished_key = finished_key.get_mut(..self.len()).unwrap_or_default();
        expand_label(base_key, b"finished", &[], finished_key)?;
        let mut tag = Zeroizing::new(ZEROS);
        let tag = tag.get_mut(..self.len()).unwrap_or_default();
        self.0.hmac.sign_once(finished_key, &[transcript_hash.as_bytes()], tag)?;
        Ok(HashOutput::new(tag)?)
    }
}

impl fmt::Debug for Kdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HKDF-{}", self.algorithm())
    }
}
