//! A pure-Rust cryptography provider for Cairn, based on [RustCrypto](https://github.com/RustCrypto) and
//! [dalek](https://github.com/dalek-cryptography). It needs no C compiler, no operating system and no `std`.
//!
//! [`provider_with`] returns a [`Provider`] with all algorithms that TLS needs, in order of preference.
//! `provider` returns the same with the operating system's randomness. The provider includes weak algorithms;
//! the layers above decide which cipher suites to offer.
//!
//! - **hashes, HMACs**: SHA-256, SHA-384, SHA-512, SHA-1; the hashes with their compression functions.
//! - **AEADs**: AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305; AES-CCM and AES-CCM-8 with 128 and 256 bits.
//! - **block ciphers** (`legacy`): AES-128, AES-256 and 3DES in CBC mode.
//! - **header protection**: AES-128, AES-256, ChaCha20.
//! - **groups**: X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024; X25519, P-256, P-384, P-521; ML-KEM
//!   with 768, 1024 and 512; with `legacy` ffdhe2048 to ffdhe8192.
//! - **finite fields** (`legacy`): any prime of 1024 to 8192 bits.
//! - **RSA encryption** (`legacy`): PKCS #1 v1.5 with 2048 to 8192 bits; decryption of premaster secrets.
//! - **verifiers**: Ed25519; ECDSA on P-256, P-384 and P-521 with SHA-256, SHA-384 and SHA-512; RSA of 2048
//!   to 8192 bits with PSS and PKCS #1 v1.5; ML-DSA-44, ML-DSA-65, ML-DSA-87.
//! - **keys**: RSA, RSASSA-PSS, ECDSA, Ed25519 and ML-DSA, from PKCS #8, PKCS #1 and SEC 1. Of the forms of
//!   RFC 9881 for ML-DSA, the seed is read, alone or with the expanded key, but not the expanded key alone.
//!
//! Signatures with SHA-1 and SHA-224 are not included; `with_legacy_signatures` adds them.
//!
//! # Example
//!
//! ```
//! use cairn_crypto::{CryptoError, HashAlgorithm, RandomSource};
//! use std::sync::Arc;
//!
//! /// A hardware generator.
//! struct Peripheral;
//!
//! impl RandomSource for Peripheral {
//!     fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
//! #       let read_register = || 0x5a;
//!         for byte in out {
//!             *byte = read_register();
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = cairn_provider_rustcrypto::provider_with(Arc::new(Peripheral));
//! let sha256 = provider.hash(HashAlgorithm::Sha256).ok_or("no SHA-256")?;
//! assert_eq!(sha256.hash(&[b"every stone rests ", b"on the one below"])?.as_bytes().len(), 32);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `getrandom`: `provider`, which uses the operating system's randomness with one system call for each
//!   request.
//! - `legacy` (default): the items marked `legacy`, decryption of premaster secrets, and
//!   `with_legacy_signatures`. Without it the crates `des` and `cbc` are not compiled; `rsa` still is, for
//!   signatures.
//! - `std` (default): `getrandom`, and precomputed tables for the NIST curves, created at first use, which
//!   make key generation, key agreement and signatures faster.
//!
//! # Constant time
//!
//! The source code of these crates contains no branches or memory accesses that depend on secrets, unless the
//! list says otherwise. This has not been proved for the machine code: Rust does not guarantee timing, and
//! results differ between compilers and processors. Algorithms with multiplications (GHASH, Poly1305, curves,
//! RSA, finite fields) need a processor with constant-time multiplication, which some small processors lack.
//!
//! - **AES** (`aes`): processor instructions if available (detected at run time on x86 and ARM), otherwise
//!   bitsliced: much slower, but without tables. Audited (NCC Group, an earlier version).
//! - **GCM** (`aes-gcm`, `ghash`): carry-less multiplication instructions, otherwise ordinary
//!   multiplications. Audited (same audit).
//! - **ChaCha20-Poly1305** (`chacha20poly1305`): additions, rotations and multiplications. Audited (same
//!   audit).
//! - **CCM, CBC** (`ccm`, `cbc`): as AES; tags are compared in constant time.
//! - **header protection** (`aes`, `chacha20`): as AES and ChaCha20.
//! - **3DES** (`des`): **leaks**: it reads 512-byte tables at indices that depend on key and data, which is
//!   observable through the processor's caches.
//! - **SHA-1, SHA-2, HMAC** (`sha1`, `sha2`, `hmac`): processor instructions if available, otherwise
//!   additions and rotations.
//! - **X25519, Ed25519** (`curve25519-dalek`): constant-time by design, with selections through `subtle`.
//!   RUSTSEC-2024-0344, where a compiler inserted a branch, affects versions before 4.1.3. Signature
//!   verification takes variable time, because its inputs are public.
//! - **P-256, P-384, P-521** (`p256`, `p384`, `p521`, `ecdsa`): intended to be constant-time; **not
//!   audited**, as their documentation states. Signature verification takes variable time.
//! - **finite fields** (`crypto-bigint`): fixed windows, integers of fixed width.
//! - **ML-KEM** (`ml-kem`): intended to be constant-time; **not audited**, as its documentation states.
//! - **ML-DSA** (`ml-dsa`): intended to be constant-time, except for the number of attempts that a signature
//!   takes; **not audited**, as its documentation states. CVE-2026-22705 (divisions of variable time) and
//!   CVE-2026-24850 (repeated hints accepted) affect release candidates of 0.1.0.
//! - **RSA, private** (`rsa`): RUSTSEC-2023-0071, the Marvin attack: the advisory lists no patched version;
//!   [`cairn_provider_parts::rsa`] explains why it does not apply to version 0.10, which is used here.
//!   Integers have a fixed width; base, exponents and moduli are blinded for each operation; the padding of
//!   premaster secrets is checked in constant time and not by the crate.
//! - **RSA, public** (`rsa`): timing depends on the exponent, which is public; padding a premaster secret
//!   does not depend on its value.
//! - **loading and generating RSA keys** (`rsa`, `crypto-primes`): **not constant-time**: it happens once for
//!   each key, and the search for primes takes variable time.
//!
//! Keys are erased on drop: AES and GHASH keys, ChaCha20-Poly1305 keys, HMAC states, scalars, exponents and
//! RSA integers. Exceptions are some intermediate values of `rsa`, and copies on the stack, which Rust cannot
//! erase.
//!
//! # Randomness
//!
//! Ephemeral keys, ciphertexts of ML-KEM, generated keys, salts, padding and blinding values are drawn from
//! the caller's generator, so a handshake with a seeded generator is reproducible. ECDSA nonces are derived
//! from key and hash (RFC 6979) and fresh randomness, and ML-DSA signatures likewise (FIPS 204 section 3.4),
//! so a weak generator does not reveal the key. Ed25519 needs no randomness.
//!
//! # When to use it
//!
//! Use this provider if C code cannot be compiled or is not wanted, and for targets without an operating
//! system. Otherwise prefer `cairn-provider-aws-lc`, whose curves and RSA are written in assembly and more
//! widely reviewed.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod aead;
mod agreement;
mod curve;
mod keys;
#[cfg(feature = "legacy")]
mod legacy;
mod ml_kem;
mod names;
mod recording;
#[cfg(feature = "legacy")]
mod rsa_encryption;
mod verify;

use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Hybrid, Provider, RandomSource};
use cairn_provider_parts as parts;
#[cfg(feature = "legacy")]
pub use legacy::with_legacy_signatures;

/// Returns a provider with all algorithms in order of preference, except signatures with SHA-1 and SHA-224,
/// and the operating system's randomness.
///
/// ```
/// let provider = cairn_provider_rustcrypto::provider();
/// let mut seed = [0; 32];
/// provider.random.fill(&mut seed)?;
/// # Ok::<(), cairn_crypto::CryptoError>(())
/// ```
#[cfg(feature = "getrandom")]
#[must_use]
pub fn provider() -> Provider {
    provider_with(Arc::new(cairn_crypto::Shared(getrandom::SysRng)))
}

/// Returns a provider with all algorithms in order of preference, except signatures with SHA-1 and SHA-224,
/// and the given randomness.
#[must_use]
pub fn provider_with(random: Arc<dyn RandomSource>) -> Provider {
    let provider = Provider {
        hashes: parts::hash::all(),
        hmacs: parts::hmac::all(),
        aeads: aead::all(),
        block_ciphers: Vec::new(),
        header_protections: parts::header_protection::all(),
        groups: Hybrid::all_first(agreement::all().into_iter().chain(ml_kem::all()).collect()),
        finite_field: None,
        rsa_encryption: None,
        verifiers: verify::all(),
        keys: Arc::new(keys::Keys { legacy: false }),
        random,
    };
    #[cfg(feature = "legacy")]
    let provider = legacy::with_primitives(provider);
    provider
}

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
