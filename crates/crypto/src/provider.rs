//! The provider: lists of algorithms.

use crate::aead::{Aead, AeadAlgorithm};
use crate::agreement::KeyAgreement;
use crate::block_cipher::{BlockCipher, BlockCipherAlgorithm};
use crate::finite_field::FiniteField;
use crate::hash::{Hash, HashAlgorithm};
use crate::header_protection::{HeaderProtection, HeaderProtectionAlgorithm};
use crate::hmac::Hmac;
use crate::random::{ProviderRng, RandomSource};
use crate::rsa::RsaEncryption;
use crate::sign::{KeyStore, KeyStores, NoKeys};
use crate::verify::{KeyKind, SignatureVerifier};
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::{NamedGroup, SignatureScheme};
use core::panic::{RefUnwindSafe, UnwindSafe};

/// All cryptographic algorithms that a connection may use.
///
/// The lists are public, so that users can remove or reorder algorithms and combine providers. The order of a
/// list expresses preference only where its documentation says so.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Hash functions.
    pub hashes: Vec<Arc<dyn Hash>>,
    /// HMACs, one for each PRF hash of a cipher suite.
    pub hmacs: Vec<Arc<dyn Hmac>>,
    /// AEAD algorithms.
    pub aeads: Vec<Arc<dyn Aead>>,
    /// Block ciphers, for CBC suites.
    pub block_ciphers: Vec<Arc<dyn BlockCipher>>,
    /// Header protection, for QUIC and DTLS 1.3.
    pub header_protections: Vec<Arc<dyn HeaderProtection>>,
    /// Key agreement groups, in order of preference.
    pub groups: Vec<Arc<dyn KeyAgreement>>,
    /// Diffie-Hellman over finite fields, if supported.
    pub finite_field: Option<Arc<dyn FiniteField>>,
    /// RSA encryption, if supported.
    pub rsa_encryption: Option<Arc<dyn RsaEncryption>>,
    /// Signature verification algorithms, in order of preference.
    pub verifiers: Vec<Arc<dyn SignatureVerifier>>,
    /// Loads and generates private keys.
    pub keys: Arc<dyn KeyStore>,
    /// The source of randomness.
    pub random: Arc<dyn RandomSource>,
}

/// The lists are plain values that no algorithm can modify, so a panic in an algorithm leaves them unchanged
/// and the provider remains usable. The compiler cannot infer this for trait objects.
impl UnwindSafe for Provider {}

/// Algorithms are [`Sync`] and must keep any internal state consistent.
impl RefUnwindSafe for Provider {}

impl Provider {
    /// Creates a provider without algorithms.
    #[must_use]
    pub fn empty(random: Arc<dyn RandomSource>) -> Self {
        Self {
            hashes: Vec::new(),
            hmacs: Vec::new(),
            aeads: Vec::new(),
            block_ciphers: Vec::new(),
            header_protections: Vec::new(),
            groups: Vec::new(),
            finite_field: None,
            rsa_encryption: None,
            verifiers: Vec::new(),
            keys: Arc::new(NoKeys),
            random,
        }
    }

    /// Adds the algorithms of `other` that this provider lacks, at the end of each list. Keys that this
    /// provider's key store refuses are passed to the store of `other`. The source of randomness stays the
    /// same.
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
        add(&mut self.header_protections, &other.header_protections, |protection| protection.algorithm());
        add(&mut self.groups, &other.groups, |group| group.group());
        add(&mut self.verifiers, &other.verifiers, |verifier| (verifier.key_kind(), verifier.scheme()));
        self.finite_field = self.finite_field.or_else(|| other.finite_field.clone());
        self.rsa_encryption = self.rsa_encryption.or_else(|| other.rsa_encryption.clone());
        self.keys = Arc::new(KeyStores(alloc::vec![self.keys, Arc::clone(&other.keys)]));
        self
    }

    /// The hash function `algorithm`, if supported.
    #[must_use]
    pub fn hash(&self, algorithm: HashAlgorithm) -> Option<&Arc<dyn Hash>> {
        self.hashes.iter().find(|hash| hash.algorithm() == algorithm)
    }

    /// HMAC with the hash function `algorithm`, if supported.
    #[must_use]
    pub fn hmac(&self, algorithm: HashAlgorithm) -> Option<&Arc<dyn Hmac>> {
        self.hmacs.iter().find(|hmac| hmac.hash_algorithm() == algorithm)
    }

    /// The AEAD `algorithm`, if supported.
    #[must_use]
    pub fn aead(&self, algorithm: AeadAlgorithm) -> Option<&Arc<dyn Aead>> {
        self.aeads.iter().find(|aead| aead.algorithm() == algorithm)
    }

    /// The block cipher `algorithm`, if supported.
    #[must_use]
    pub fn block_cipher(&self, algorithm: BlockCipherAlgorithm) -> Option<&Arc<dyn BlockCipher>> {
        self.block_ciphers.iter().find(|cipher| cipher.algorithm() == algorithm)
    }

    /// The header protection `algorithm`, if supported.
    #[must_use]
    pub fn header_protection(
        &self,
        algorithm: HeaderProtectionAlgorithm,
    ) -> Option<&Arc<dyn HeaderProtection>> {
        self.header_protections.iter().find(|protection| protection.algorithm() == algorithm)
    }

    /// Key agreement in `group`, if supported.
    #[must_use]
    pub fn group(&self, group: NamedGroup) -> Option<&Arc<dyn KeyAgreement>> {
        self.groups.iter().find(|agreement| agreement.group() == group)
    }

    /// The verifier for signatures of `scheme` under keys of `kind`, if supported.
    #[must_use]
    pub fn verifier(&self, kind: KeyKind, scheme: SignatureScheme) -> Option<&Arc<dyn SignatureVerifier>> {
        self.verifiers.iter().find(|verifier| verifier.key_kind() == kind && verifier.scheme() == scheme)
    }

    /// The signature schemes that can be verified under at least one kind of key, in order of preference,
    /// without duplicates.
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

    /// The provider's source of randomness as a generator of `rand_core`.
    #[must_use]
    pub fn rng(&self) -> ProviderRng<'_> {
        ProviderRng(&*self.random)
    }
}
