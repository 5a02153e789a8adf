//! Parts for providers: pieces of RustCrypto in the shape of [`cairn_crypto`]'s traits, and the encodings of keys.
//!
//! A module for cryptography seldom has all that TLS asks for, or not in a form that a TLS stack can use. Whoever
//! writes a provider takes what is missing from here; both of ours do. Nothing in here needs a C compiler, an operating
//! system or the standard library.
//!
//! | module | contents | feature |
//! |---|---|---|
//! | [`aead`] | AES-CCM; an adapter from any AEAD of RustCrypto to [`cairn_crypto::Aead`] | |
//! | `block_cipher` | AES-128, AES-256 and 3DES in CBC mode | `legacy` |
//! | [`compression`] | the compression functions of SHA-1 and SHA-2 | |
//! | [`encoding`] | private and public keys in DER, as far as a provider must look into them | |
//! | `finite_field` | Diffie-Hellman over any prime of 1024 to 8192 bits | `legacy` |
//! | [`hash`], [`hmac`] | SHA-1 and SHA-2, and HMAC over them | |
//! | `rsa` | the private operation of RSA, blinded, without padding; PKCS #1 v1.5 signatures | `rsa` |
//! | `rsa::load_decrypting` | decryption of premaster secrets | `legacy` |
//!
//! The feature `legacy` is on by default and includes `rsa`.
//!
//! # Time
//!
//! All of it runs in time that does not depend on secrets, as far as the source can say so, with one exception: 3DES
//! reads tables at places that depend on key and data. Each module says what holds for it. Rust promises nothing
//! about timing; what was measured stands in the documentation of the providers.
//!
//! # Example
//!
//! ```
//! # #[cfg(not(feature = "legacy"))]
//! # fn main() {}
//! use cairn_crypto::BlockCipherAlgorithm;
//!
//! # #[cfg(feature = "legacy")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ciphers = cairn_provider_parts::block_cipher::all();
//! let aes = ciphers.iter().find(|cipher| cipher.algorithm() == BlockCipherAlgorithm::Aes128).ok_or("no AES")?;
//! let key = aes.key(&[7; 16])?;
//! let mut text = *b"two whole blocks, of sixteen each";
//! let (blocks, _) = text.split_at_mut(32);
//! key.encrypt_cbc(&[1; 16], blocks)?;
//! key.decrypt_cbc(&[1; 16], blocks)?;
//! assert_eq!(&text, b"two whole blocks, of sixteen each");
//! # Ok(())
//! # }
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod aead;
#[cfg(feature = "legacy")]
pub mod block_cipher;
pub mod compression;
pub mod encoding;
#[cfg(feature = "legacy")]
pub mod finite_field;
pub mod hash;
pub mod hmac;
#[cfg(feature = "rsa")]
pub mod rsa;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// What everything here answers to [`cairn_crypto::Algorithm::implementation`].
pub const NAME: &str = "RustCrypto";
