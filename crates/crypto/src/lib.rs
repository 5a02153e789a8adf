//! The cryptographic primitives that TLS needs: traits, the [`Provider`] value that collects their
//! implementations, and types for secrets.
//!
//! A provider supplies primitives. Nonces, associated data, MAC order, padding, the PRF and its labels are
//! implemented once, in the layers above, on top of these traits. There are two exceptions: [`DecryptingKey`]
//! checks the padding and version of a premaster secret, because the outcome must stay hidden, and
//! [`Tls12Prf`] lets a validated module perform the whole PRF.
//!
//! | trait | primitive |
//! |---|---|
//! | [`Hash`] | a hash function, incremental and forkable |
//! | [`Hmac`] | HMAC (RFC 2104) with one hash; [`HkdfKey`] builds HKDF (RFC 5869) on it |
//! | [`Aead`] | authenticated encryption (RFC 5116), in place or between buffers |
//! | [`KeyAgreement`] | key agreement in one group, with the interface of a KEM; [`Hybrid`] combines two |
//! | [`BlockCipher`] | a block cipher in CBC mode |
//! | [`HeaderProtection`] | masks for the headers of QUIC packets and the record numbers of DTLS 1.3 |
//! | [`FiniteField`] | Diffie-Hellman over finite fields, in any group |
//! | [`RsaEncryption`], [`DecryptingKey`] | RSA encryption, and decryption of premaster secrets |
//! | [`SigningKey`] | an opaque private key for signatures |
//! | [`SignatureVerifier`] | signature verification with one scheme under one kind of key |
//! | [`KeyStore`] | loads encoded private keys as [`SigningKey`]s, and generates new ones |
//! | [`RandomSource`] | randomness; [`Provider::rng`] adapts it to the traits of `rand_core` |
//!
//! A [`Provider`] is a plain value that consists of lists of `Arc<dyn …>`. It can be filtered, reordered, and
//! combined from several crates. There is no global provider.
//!
//! Every operation may return a [`CryptoError`], for example because a hardware module is missing or a
//! self-test failed. Implementations must not panic on any input.
//!
//! # Example
//!
//! Remove an algorithm that a policy forbids:
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
//! Use RSA from one provider and everything else from another:
//!
//! ```
//! use cairn_crypto::{KeyStores, Provider};
//! use std::sync::Arc;
//!
//! fn mixed(rsa: &Provider, mut rest: Provider) -> Provider {
//!     rest.verifiers.retain(|verifier| !verifier.key_kind().is_rsa());
//!     rest.verifiers.extend(rsa.verifiers.iter().filter(|v| v.key_kind().is_rsa()).cloned());
//!     rest.rsa_encryption = rsa.rsa_encryption.clone();
//!     // The store for RSA keys must come first, because the other one accepts all keys.
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
mod algorithm;
mod block_cipher;
mod compression;
mod error;
mod ffdhe;
mod finite_field;
mod hash;
mod header_protection;
mod hkdf;
mod hmac;
mod hybrid;
mod key_shares;
mod named_field;
mod provider;
mod random;
mod rsa;
mod secret;
mod sign;
#[cfg(test)]
mod testing;
mod verify;

pub use aead::{Aead, AeadAlgorithm, AeadKey, UsageLimits};
pub use agreement::{Encapsulated, EphemeralKey, KeyAgreement};
pub use algorithm::Algorithm;
pub use block_cipher::{BlockCipher, BlockCipherAlgorithm, BlockCipherKey};
pub use compression::{CompressionFunction, CompressionState};
pub use error::CryptoError;
pub use finite_field::{FiniteField, FiniteFieldGroup};
pub use hash::{Hash, HashAlgorithm, HashContext, HashOutput, MAX_HASH_LEN};
pub use header_protection::{HeaderProtection, HeaderProtectionAlgorithm, HeaderProtectionKey};
pub use hkdf::{HkdfKey, hkdf_extract};
pub use hmac::{Hkdf, Hmac, HmacKey, Tls12Prf};
pub use hybrid::Hybrid;
pub use key_shares::KeyShares;
pub use named_field::NamedField;
pub use provider::Provider;
#[cfg(feature = "std")]
pub use random::Locked;
pub use random::{ProviderRng, RandomSource, Shared};
pub use rsa::{DecryptingKey, RsaEncryption};
pub use secret::{Secret, SecretBytes, ct_eq};
pub use sign::{KeySpec, KeyStore, KeyStores, NoKeys, PrivateKeyDer, SigningKey};
pub use verify::{KeyKind, PublicKey, SignatureVerifier, VerifyingKey};

/// The crate whose random number generator traits appear in this crate's interfaces.
pub use rand_core;

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
