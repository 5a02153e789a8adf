//! The provider: tables of algorithms.

use crate::{
    Aead, AeadAlgorithm, BlockCipher, BlockCipherAlgorithm, FiniteField, Hash, HashAlgorithm, Hmac,
    KeyAgreement, KeyKind, KeyStore, KeyStores, NoKeys, ProviderRng, RandomSource, RsaEncryption,
    SignatureVerifier,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::{NamedGroup, SignatureScheme};
use core::panic::{RefUnwindSafe, UnwindSafe};

/// What every algorithm says of itself.
pub trait Algorithm: Send + Sync {
    /// Who implements it, for people to read: `"AWS-LC"`, say. A mixed provider has several.
    fn implementation(&self) -> &'static str;

    /// Whether this implementation is inside a validated FIPS 140 module in its approved mode.
    fn fips(&self) -> bool {
        false
    }
}

/// Everything that TLS asks of cryptography, as one value.
///
/// The tables are public on purpose: remove what a policy forbids, reorder what it prefers, take parts of two
/// providers. Where order means preference the field says so.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Hash functions.
    pub hashes: Vec<Arc<dyn Hash>>,
    /// HMACs, one for each hash that a suite's PRF names.
    pub hmacs: Vec<Arc<dyn Hmac>>,
    /// AEAD algorithms.
    pub aeads: Vec<Arc<dyn Aead>>,
    /// Block ciphers, for suites with CBC.
    pub block_ciphers: Vec<Arc<dyn BlockCipher>>,
    /// Key agreement groups, most preferred first.
    pub groups: Vec<Arc<dyn KeyAgreement>>,
    /// Diffie-Hellman over finite fields, if it is offered.
    pub finite_field: Option<Arc<dyn FiniteField>>,
    /// RSA encryption, if it is offered.
    pub rsa_encryption: Option<Arc<dyn RsaEncryption>>,
    /// Ways to check a signature, most preferred first.
    pub verifiers: Vec<Arc<dyn SignatureVerifier>>,
    /// Reads and makes private keys.
    pub keys: Arc<dyn KeyStore>,
    /// Randomness.
    pub random: Arc<dyn RandomSource>,
}

/// The tables are plain values, which no algorithm can reach: one that panics leaves them as they were. So a provider
/// outlives a caught panic, though the compiler cannot conclude that from the trait objects.
impl UnwindSafe for Provider {}

/// An algorithm that keeps state is [`Sync`], and answers for that state itself.
impl RefUnwindSafe for Provider {}

impl Provider {
    /// A provider that offers nothing but randomness: to be filled, table by table.
    #[must_use]
    pub fn empty(random: Arc<dyn RandomSource>) -> Self {
        Self {
            hashes: Vec::new(),
            hmacs: Vec::new(),
            aeads: Vec::new(),
            block_ciphers: Vec::new(),
            groups: Vec::new(),
            finite_field: None,
            rsa_encryption: None,
            verifiers: Vec::new(),
            keys: Arc::new(NoKeys),
            random,
        }
    }

    /// The same, and what it does not offer comes from `other`: after all that is there, so what was preferred still is.
    /// Keys go to the other's store where this one's refuses; randomness stays this one's.
    #[must_use]
    pub fn completed_by(mut self, other: &Self) -> Self {
        fn add<T: Clone, K: PartialEq>(ours: &mut Vec<T>, theirs: &[T], what: impl Fn(&T) -> K) {
            for item in theirs {
                if !ours.iter().any(|our| what(our) == what(item)) {
                    ours.push(item.clone());
                }
            }
        }
        add(&mut self.hashes, &other.hashes, |hash| hash.algorithm());
        add(&mut self.hmacs, &other.hmacs, |hmac| hmac.hash_algorithm());
        add(&mut self.aeads, &other.aeads, |aead| aead.algorithm());
        add(&mut self.block_ciphers, &other.block_ciphers, |cipher| cipher.algorithm());
        add(&mut self.groups, &other.groups, |group| group.group());
        add(&mut self.verifiers, &other.verifiers, |verifier| (verifier.key_kind(), verifier.scheme()));
        self.finite_field = self.finite_field.or_else(|| other.finite_field.clone());
        self.rsa_encryption = self.rsa_encryption.or_else(|| other.rsa_encryption.clone());
        self.keys = Arc::new(KeyStores(alloc::vec![self.keys, Arc::clone(&other.keys)]));
        self
    }

    /// The hash function for `algorithm`, if it is offered.
    #[must_use]
    pub fn hash(&self, algorithm: HashAlgorithm) -> Option<&Arc<dyn Hash>> {
        self.hashes.iter().find(|hash| hash.algorithm() == algorithm)
    }

    /// The HMAC over `algorithm`, if it is offered.
    #[must_use]
    pub fn hmac(&self, algorithm: HashAlgorithm) -> Option<&Arc<dyn Hmac>> {
        self.hmacs.iter().find(|hmac| hmac.hash_algorithm() == algorithm)
    }

    /// The AEAD for `algorithm`, if it is offered.
    #[must_use]
    pub fn aead(&self, algorithm: AeadAlgorithm) -> Option<&Arc<dyn Aead>> {
        self.aeads.iter().find(|aead| aead.algorithm() == algorithm)
    }

    /// The block cipher for `algorithm`, if it is offered.
    #[must_use]
    pub fn block_cipher(&self, algorithm: BlockCipherAlgorithm) -> Option<&Arc<dyn BlockCipher>> {
        self.block_ciphers.iter().find(|cipher| cipher.algorithm() == algorithm)
    }

    /// Key agreement in `group`, if it is offered.
    #[must_use]
    pub fn group(&self, group: NamedGroup) -> Option<&Arc<dyn KeyAgreement>> {
        self.groups.iter().find(|agreement| agreement.group() == group)
    }

    /// The way to check a signature of `scheme` under a key of `kind`, if it is offered.
    #[must_use]
    pub fn verifier(&self, kind: KeyKind, scheme: SignatureScheme) -> Option<&Arc<dyn SignatureVerifier>> {
        self.verifiers.iter().find(|verifier| verifier.key_kind() == kind && verifier.scheme() == scheme)
    }

    /// The signature schemes that can be checked under one kind of key at least, most preferred first, each once.
    #[must_use]
    pub fn schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = Vec::new();
        for verifier in &self.verifiers {
            if !schemes.contains(&verifier.scheme()) {
                schemes.push(verifier.scheme());
            }
        }
        schemes
    }

    /// The provider's randomness through the traits of `rand_core`.
    #[must_use]
    pub fn rng(&self) -> ProviderRng<'_> {
        ProviderRng(&*self.random)
    }
}
