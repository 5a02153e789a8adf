//! What TLS asks of cryptography: traits for primitives, the [`Provider`] value that collects them, and the types
//! that keep secrets.
//!
//! A provider supplies *primitives and nothing of TLS*. Nonces, associated data, MAC order, padding, the PRF and its
//! labels are built once, in the layers above, over these traits:
//!
//! | trait | primitive |
//! |---|---|
//! | [`Hash`] | a hash function, streaming and able to fork |
//! | [`Hmac`] | HMAC (RFC 2104) over a hash; may own the TLS 1.2 PRF where a module has to |
//! | [`Aead`] | authenticated encryption (RFC 5116), in place or from one buffer into another, with the caller's nonce and associated data |
//! | [`KeyAgreement`] | one group, in the shape of a KEM, so that ECDH, FFDH and hybrids look the same |
//! | [`BlockCipher`] | a block cipher in CBC mode, for the suites of old |
//! | [`FiniteField`] | Diffie-Hellman over finite fields, in whatever group the server names |
//! | [`RsaEncryption`], [`DecryptingKey`] | RSA encryption, and decryption of premaster secrets that cannot fail visibly |
//! | [`SigningKey`] | an opaque private key that signs |
//! | [`SignatureVerifier`] | one way to check a signature |
//! | [`KeyStore`] | turns encoded private keys into [`SigningKey`]s, and makes new ones |
//! | [`RandomSource`] | randomness; [`Provider::rng`] presents it through the traits of `rand_core` |
//!
//! A [`Provider`] is a plain value: tables of `Arc<dyn …>`. Filter it, reorder it, mix it from several crates; there
//! is no global and no registry.
//!
//! Every call can fail with a [`CryptoError`]: a hardware module may be gone, a self-test may have tripped. None may
//! panic, whatever the input.
//!
//! # Example
//!
//! Keep of a provider only what a policy allows, and say what is left:
//!
//! ```
//! use cairn_crypto::{AeadAlgorithm, Provider};
//!
//! fn only_256_bit_ciphers(mut provider: Provider) -> Provider {
//!     provider.aeads.retain(|aead| aead.algorithm() != AeadAlgorithm::Aes128Gcm);
//!     provider
//! }
//! # let _ = only_256_bit_ciphers;
//! ```
//!
//! Take RSA from one provider and all the rest from another:
//!
//! ```
//! use cairn_crypto::{KeyStores, Provider};
//! use std::sync::Arc;
//!
//! fn mixed(rsa: &Provider, mut rest: Provider) -> Provider {
//!     rest.verifiers.retain(|verifier| !verifier.key_kind().is_rsa());
//!     rest.verifiers.extend(rsa.verifiers.iter().filter(|v| v.key_kind().is_rsa()).cloned());
//!     rest.rsa_encryption = rsa.rsa_encryption.clone();
//!     // A store that reads RSA keys only comes first; one that reads all would take all.
//!     rest.keys = Arc::new(KeyStores(vec![Arc::clone(&rsa.keys), Arc::clone(&rest.keys)]));
//!     rest
//! }
//! # let _ = mixed;
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod aead;
mod agreement;
mod block_cipher;
mod compression;
mod error;
mod finite_field;
mod hash;
mod hmac;
mod provider;
mod random;
mod rsa;
mod secret;
mod sign;
mod verify;

pub use aead::{Aead, AeadAlgorithm, AeadKey, UsageLimits};
pub use agreement::{Encapsulated, EphemeralKey, KeyAgreement};
pub use block_cipher::{BlockCipher, BlockCipherAlgorithm, BlockCipherKey};
pub use compression::{Compression, CompressionState};
pub use error::CryptoError;
pub use finite_field::{FiniteField, FiniteFieldGroup};
pub use hash::{Hash, HashAlgorithm, HashContext, HashOutput, MAX_HASH_LEN};
pub use hmac::{Hmac, HmacKey, Tls12Prf};
pub use provider::{Algorithm, Provider};
#[cfg(feature = "std")]
pub use random::Locked;
pub use random::{ProviderRng, RandomSource, Shared};
pub use rsa::{DecryptingKey, RsaEncryption};
pub use secret::{Secret, SecretBytes, ct_eq};
pub use sign::{KeySpec, KeyStore, KeyStores, NoKeys, PrivateKeyDer, SigningKey};
pub use verify::{KeyKind, PublicKey, SignatureVerifier, VerifyingKey};

/// The traits of randomness that this crate's interfaces speak.
pub use rand_core;
