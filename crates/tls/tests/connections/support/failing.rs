//! A provider whose n-th call fails.

use cairn_crypto::rand_core::TryCryptoRng;
use cairn_crypto::{
    Aead, AeadAlgorithm, AeadKey, Algorithm, BlockCipher, BlockCipherAlgorithm, BlockCipherKey,
    CompressionFunction, CryptoError, DecryptingKey, Encapsulated, EphemeralKey, FiniteField,
    FiniteFieldGroup, Hash, HashAlgorithm, HashContext, HashOutput, Hmac, HmacKey, KeyAgreement, KeyKind,
    Provider, PublicKey, RandomSource, RsaEncryption, Secret, SecretBytes, SignatureVerifier, SigningKey,
};
use cairn_tls::wire::{NamedGroup, SignatureScheme};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

type Rng<'a> = &'a mut dyn TryCryptoRng<Error = CryptoError>;
type Outcome<T> = Result<T, CryptoError>;

/// Counts calls and lets one of them fail.
#[derive(Clone, Debug)]
pub(crate) struct Fuse(Arc<AtomicUsize>);

/// More calls than any handshake makes.
const NEVER: usize = usize::MAX / 2;

impl Fuse {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicUsize::new(NEVER)))
    }

    /// The call after `calls` others fails; later calls succeed.
    pub(crate) fn set(&self, calls: usize) {
        self.0.store(calls, Ordering::SeqCst);
    }

    /// Whether the failing call has been made.
    pub(crate) fn has_blown(&self) -> bool {
        self.0.load(Ordering::SeqCst) > NEVER
    }

    fn call(&self) -> Outcome<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 0 { Err(CryptoError::Failed) } else { Ok(()) }
    }

    /// Wraps everything that a connection over TCP calls. Keys are wrapped separately.
    pub(crate) fn provider(&self, inner: &Provider) -> Provider {
        fn all<T: ?Sized, U: ?Sized>(table: &[Arc<T>], wrap: impl Fn(&Arc<T>) -> Arc<U>) -> Vec<Arc<U>> {
            table.iter().map(wrap).collect()
        }
        Provider {
            hashes: all(&inner.hashes, |hash| -> Arc<dyn Hash> { self.of(hash) }),
            hmacs: all(&inner.hmacs, |hmac| -> Arc<dyn Hmac> { self.of(hmac) }),
            aeads: all(&inner.aeads, |aead| -> Arc<dyn Aead> { self.of(aead) }),
            block_ciphers: all(&inner.block_ciphers, |cipher| -> Arc<dyn BlockCipher> { self.of(cipher) }),
            header_protections: inner.header_protections.clone(),
            groups: all(&inner.groups, |group| -> Arc<dyn KeyAgreement> { self.of(group) }),
            finite_field: inner.finite_field.as_ref().map(|dh| -> Arc<dyn FiniteField> { self.of(dh) }),
            rsa_encryption: inner
                .rsa_encryption
                .as_ref()
                .map(|rsa| -> Arc<dyn RsaEncryption> { self.of(rsa) }),
            verifiers: all(&inner.verifiers, |verifier| -> Arc<dyn SignatureVerifier> { self.of(verifier) }),
            keys: Arc::clone(&inner.keys),
            random: self.of(&inner.random),
        }
    }

    pub(crate) fn signing_key(&self, key: &Arc<dyn SigningKey>) -> Arc<dyn SigningKey> {
        self.of(key)
    }

    pub(crate) fn decrypting_key(&self, key: &Arc<dyn DecryptingKey>) -> Arc<dyn DecryptingKey> {
        self.of(key)
    }

    fn of<T: ?Sized>(&self, inner: &Arc<T>) -> Arc<Of<Arc<T>>> {
        Arc::new(Of(Arc::clone(inner), self.clone()))
    }

    fn boxed<T>(&self, inner: T) -> Box<Of<T>> {
        Box::new(Of(inner, self.clone()))
    }
}

/// A wrapper that counts each call.
struct Of<T>(T, Fuse);

impl<T: Algorithm + ?Sized> Algorithm for Of<Arc<T>> {
    fn implementation(&self) -> &'static str {
        self.0.implementation()
    }
}

impl RandomSource for Of<Arc<dyn RandomSource>> {
    fn fill(&self, out: &mut [u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.fill(out)
    }
}

impl Hash for Of<Arc<dyn Hash>> {
    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }

    fn start(&self) -> Outcome<Box<dyn HashContext>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.start()?))
    }

    fn hash(&self, parts: &[&[u8]]) -> Outcome<HashOutput> {
        self.1.call()?;
        self.0.hash(parts)
    }

    fn compression(&self) -> Option<&dyn CompressionFunction> {
        self.0.compression()
    }
}

impl HashContext for Of<Box<dyn HashContext>> {
    fn update(&mut self, data: &[u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.update(data)
    }

    fn fork(&self) -> Outcome<Box<dyn HashContext>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.fork()?))
    }

    fn finish(self: Box<Self>) -> Outcome<HashOutput> {
        self.1.call()?;
        self.0.finish()
    }
}

impl Hmac for Of<Arc<dyn Hmac>> {
    fn hash_algorithm(&self) -> HashAlgorithm {
        self.0.hash_algorithm()
    }

    fn key(&self, key: &[u8]) -> Outcome<Box<dyn HmacKey>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.key(key)?))
    }
}

impl HmacKey for Of<Box<dyn HmacKey>> {
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.sign(parts, tag)
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.verify(parts, tag)
    }
}

impl Aead for Of<Arc<dyn Aead>> {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, key: &[u8]) -> Outcome<Box<dyn AeadKey>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.key(key)?))
    }
}

impl AeadKey for Of<Box<dyn AeadKey>> {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn seal(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8], tag: &mut [u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.seal(nonce, aad, in_out, tag)
    }

    fn open(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8]) -> Outcome<usize> {
        self.1.call()?;
        self.0.open(nonce, aad, in_out)
    }
}

impl BlockCipher for Of<Arc<dyn BlockCipher>> {
    fn algorithm(&self) -> BlockCipherAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, key: &[u8]) -> Outcome<Box<dyn BlockCipherKey>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.key(key)?))
    }
}

impl BlockCipherKey for Of<Box<dyn BlockCipherKey>> {
    fn encrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.encrypt_cbc(iv, in_out)
    }

    fn decrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Outcome<()> {
        self.1.call()?;
        self.0.decrypt_cbc(iv, in_out)
    }
}

impl KeyAgreement for Of<Arc<dyn KeyAgreement>> {
    fn group(&self) -> NamedGroup {
        self.0.group()
    }

    fn generate(&self, rng: Rng<'_>) -> Outcome<Box<dyn EphemeralKey>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.generate(rng)?))
    }

    fn encapsulate(&self, peer_share: &[u8], rng: Rng<'_>) -> Outcome<Encapsulated> {
        self.1.call()?;
        self.0.encapsulate(peer_share, rng)
    }
}

impl EphemeralKey for Of<Box<dyn EphemeralKey>> {
    fn share(&self) -> &[u8] {
        self.0.share()
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Outcome<SecretBytes> {
        self.1.call()?;
        self.0.agree(peer_share)
    }
}

impl FiniteField for Of<Arc<dyn FiniteField>> {
    fn generate(&self, group: FiniteFieldGroup<'_>, rng: Rng<'_>) -> Outcome<Box<dyn EphemeralKey>> {
        self.1.call()?;
        Ok(self.1.boxed(self.0.generate(group, rng)?))
    }

    fn encapsulate(
        &self,
        group: FiniteFieldGroup<'_>,
        peer_share: &[u8],
        rng: Rng<'_>,
    ) -> Outcome<Encapsulated> {
        self.1.call()?;
        self.0.encapsulate(group, peer_share, rng)
    }
}

impl RsaEncryption for Of<Arc<dyn RsaEncryption>> {
    fn encrypt(&self, public_key: &[u8], message: &[u8], rng: Rng<'_>) -> Outcome<Vec<u8>> {
        self.1.call()?;
        self.0.encrypt(public_key, message, rng)
    }
}

impl SignatureVerifier for Of<Arc<dyn SignatureVerifier>> {
    fn key_kind(&self) -> KeyKind {
        self.0.key_kind()
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Outcome<()> {
        // The trait has no other error here.
        self.1.call().map_err(|_| CryptoError::BadSignature)?;
        self.0.verify(public_key, message, signature)
    }
}

impl SigningKey for Of<Arc<dyn SigningKey>> {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8], rng: Rng<'_>) -> Outcome<Vec<u8>> {
        self.1.call()?;
        self.0.sign(scheme, message, rng)
    }
}

impl DecryptingKey for Of<Arc<dyn DecryptingKey>> {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn decrypt_premaster(
        &self,
        ciphertext: &[u8],
        client_version: [u8; 2],
        fallback: &Secret<48>,
        rng: Rng<'_>,
    ) -> Outcome<Secret<48>> {
        self.1.call()?;
        self.0.decrypt_premaster(ciphertext, client_version, fallback, rng)
    }
}
