//! Building blocks for cryptography providers: RustCrypto implementations of [`cairn_crypto`]'s traits, and
//! key encodings.
//!
//! Cryptographic libraries rarely offer everything that TLS needs, or not through an interface that a TLS
//! stack can use. A provider can take the missing parts from this crate, as Cairn's own providers do. The
//! crate needs no C compiler, operating system or standard library.
//!
//! | module | contents | feature |
//! |---|---|---|
//! | [`aead`] | AES-CCM; an adapter from RustCrypto AEADs to [`cairn_crypto::Aead`] | |
//! | `block_cipher` | AES-128, AES-256 and 3DES in CBC mode | `legacy` |
//! | [`compression`] | the compression functions of SHA-1 and SHA-2 | |
//! | [`encoding`] | parsing of private and public keys in DER | |
//! | `finite_field` | Diffie-Hellman with any prime of 1024 to 8192 bits | `legacy` |
//! | [`hash`], [`hmac`] | SHA-1 and SHA-2, and HMAC with them | |
//! | `header_protection` | masks for header protection with AES and ChaCha20 | `header-protection` |
//! | `pbes2` | private keys encrypted with a passphrase | `pbes2` |
//! | `rsa` | the raw RSA private key operation with blinding; PKCS #1 v1.5 signatures | `rsa` |
//! | `rsa::load_decrypting` | decryption of premaster secrets | `legacy` |
//!
//! The feature `legacy` is enabled by default and includes `rsa`.
//!
//! # Constant time
//!
//! The source code contains no branches or memory accesses that depend on secrets, with one exception: 3DES
//! reads tables at indices that depend on key and data. The documentation of each module has details. Rust
//! does not guarantee timing; for measurements see the documentation of the providers.
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
//! let is_aes = |algorithm| algorithm == BlockCipherAlgorithm::Aes128;
//! let aes = ciphers.iter().find(|cipher| is_aes(cipher.algorithm())).ok_or("no AES")?;
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
#[cfg(feature = "header-protection")]
pub mod header_protection;
pub mod hmac;
#[cfg(feature = "pbes2")]
pub mod pbes2;
#[cfg(feature = "rsa")]
pub mod rsa;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// The value of [`cairn_crypto::Algorithm::implementation`] for all algorithms in this crate.
pub const NAME: &str = "RustCrypto";

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
