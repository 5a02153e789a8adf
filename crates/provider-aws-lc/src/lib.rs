//! The default cryptography provider of Cairn: [AWS-LC](https://github.com/aws/aws-lc), through `aws-lc-rs`.
//!
//! [`provider`] returns a [`Provider`] with all algorithms that TLS needs, in order of preference. The
//! provider includes weak algorithms; the layers above decide which cipher suites to offer.
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
//! - **keys**: RSA, RSASSA-PSS, ECDSA, Ed25519 and ML-DSA, from PKCS #8, PKCS #1 and SEC 1. ML-DSA keys are
//!   read in all three forms of RFC 9881: seed, expanded key, and both.
//!
//! Signatures with SHA-1 and SHA-224 are not included; `with_legacy_signatures` adds them.
//!
//! # Features
//!
//! - `std` (default): detection of the processor's SHA instructions, for [`quick_provider`].
//! - `legacy` (default): the items marked `legacy`, decryption of premaster secrets,
//!   `with_legacy_signatures`, and verification of PKCS #1 v1.5 signatures whose `DigestInfo` omits the
//!   parameters of the hash. Without it the crates `rsa`, `des`, `cbc` and `crypto-bigint` are not
//!   compiled.
//!
//! # Example
//!
//! ```
//! use cairn_crypto::{AeadAlgorithm, HashAlgorithm};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = cairn_provider_aws_lc::provider();
//!
//! let sha256 = provider.hash(HashAlgorithm::Sha256).ok_or("no SHA-256")?;
//! let digest = sha256.hash(&[b"every stone rests ", b"on the one below"])?;
//! assert_eq!(digest.as_bytes().len(), 32);
//!
//! let aead = provider.aead(AeadAlgorithm::Aes128Gcm).ok_or("no AES-128-GCM")?;
//! let key = aead.key(&[7; 16])?;
//! let mut record = *b"plaintext.......tag space......."; // 16 bytes, then room for the tag
//! let (text, tag) = record.split_at_mut(16);
//! key.seal(&[0; 12], b"associated data", text, tag)?;
//! assert_eq!(key.open(&[0; 12], b"associated data", &mut record), Ok(16));
//! assert_eq!(&record[..16], b"plaintext.......");
//! # Ok(())
//! # }
//! ```
//!
//! # Algorithms from RustCrypto
//!
//! AWS-LC implements all of these algorithms, but `aws-lc-rs` does not expose all of them through an
//! interface that a TLS stack can use. Those come from RustCrypto, through [`cairn_provider_parts`];
//! [`cairn_crypto::Algorithm::implementation`] tells which. Their cost on one server processor with AES and
//! SHA instructions, measured with the example `cost_of_legacy` (other machines differ):
//!
//! - **compression functions** (`sha1`, `sha2`): not measured.
//! - **AES-CBC** (`aes`, `cbc`): AES-128: encryption 1.2 GB/s, decryption 6 GB/s.
//! - **3DES-CBC** (`des`, `cbc`): 10 MB/s.
//! - **AES-CCM** (`aes`, `ccm`): AES-128: 0.4 GB/s, AES-256: 0.26 GB/s.
//! - **finite fields** (`crypto-bigint`): share and secret each: 0.4 ms in ffdhe2048, 1.2 ms in ffdhe3072,
//!   2.5 ms in ffdhe4096, 12 ms in ffdhe8192; in unknown groups 2 ms with 2048 bits, at most 45 ms with 8192.
//! - **premaster secrets** (`rsa`): RSA-2048: 3 ms.
//!
//! The timing of these algorithms does not depend on secrets, with one exception: 3DES reads tables at
//! indices that depend on key and data. Decrypting a premaster secret takes the same number of instructions,
//! reads and writes for valid and invalid ones, and so does Diffie-Hellman for every exponent.
//! `cargo xtask conformance constant-time` counts them.
//!
//! RUSTSEC-2023-0071, the Marvin attack on the `rsa` crate, had two causes: integers of variable width (up to
//! version 0.9), and a padding check with visible result (also in release candidates of 0.10). The version
//! used here, 0.10, has fixed-width integers and blinds every operation. Its padding check is not used;
//! `cairn_provider_parts::rsa` has its own.
//!
//! # Randomness
//!
//! Ephemeral keys and generated signing keys, except RSA keys, are drawn from the caller's generator, so with
//! a seeded generator Diffie-Hellman is reproducible. For ML-KEM, ML-DSA signatures, RSA key generation,
//! RSASSA-PSS salts, ECDSA nonces and RSA encryption padding AWS-LC uses its own generator, and the caller's
//! is not used. Ed25519 and
//! RSASSA-PKCS1-v1_5 signatures need no randomness. RSA signatures with SHA-1 and the decryption of premaster
//! secrets are blinded with randomness from the caller's generator.
//!
//! For X25519 this costs nothing. On the NIST curves AWS-LC validates a private key from outside by computing
//! the public key again, which takes about 10 µs on P-256, 55 µs on P-384 and 85 µs on P-521 on one server
//! processor. The example `cost_of_ephemerals` measures it.
//!
//! # Panics
//!
//! If AWS-LC cannot allocate memory for a hash or an HMAC, `aws-lc-rs` panics. No particular input from a
//! peer causes this.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod aead;
mod agreement;
mod fitted;
mod hash;
mod header_protection;
mod hmac;
mod keys;
#[cfg(feature = "legacy")]
mod legacy;
mod ml_kem;
mod name;
mod random;
#[cfg(feature = "legacy")]
mod rsa_encryption;
mod verify;

use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::{Hybrid, KeyAgreement, Provider};
use cairn_provider_parts as parts;
#[cfg(feature = "legacy")]
pub use legacy::with_legacy_signatures;

/// Returns a provider with all algorithms in order of preference, except signatures with SHA-1 and SHA-224.
#[must_use]
pub fn provider() -> Provider {
    let provider = Provider {
        hashes: vec![
            Arc::new(hash::SHA256),
            Arc::new(hash::SHA384),
            Arc::new(hash::SHA512),
            Arc::new(hash::SHA1),
        ],
        hmacs: vec![
            Arc::new(hmac::HMAC_SHA256),
            Arc::new(hmac::HMAC_SHA384),
            Arc::new(hmac::HMAC_SHA512),
            Arc::new(hmac::HMAC_SHA1),
        ],
        aeads: aead::all().into_iter().chain(parts::aead::ccm()).collect(),
        block_ciphers: Vec::new(),
        header_protections: header_protection::all(),
        groups: groups(),
        finite_field: None,
        rsa_encryption: None,
        verifiers: verify::all(),
        keys: Arc::new(keys::Keys { legacy: false }),
        random: Arc::new(random::SystemRandom),
    };
    #[cfg(feature = "legacy")]
    let provider = legacy::with_primitives(provider);
    provider
}

/// All groups in order of preference, except finite fields: the hybrids, then the curves, then ML-KEM alone.
fn groups() -> Vec<Arc<dyn KeyAgreement>> {
    let curves: [Arc<dyn KeyAgreement>; 4] = [
        Arc::new(agreement::X25519),
        Arc::new(agreement::P256),
        Arc::new(agreement::P384),
        Arc::new(agreement::P521),
    ];
    let ml_kem: [Arc<dyn KeyAgreement>; 3] =
        [Arc::new(ml_kem::MLKEM768), Arc::new(ml_kem::MLKEM1024), Arc::new(ml_kem::MLKEM512)];
    Hybrid::all_first(curves.into_iter().chain(ml_kem).collect())
}

/// As [`provider`], but with SHA-2 and HMAC from RustCrypto if the processor has SHA instructions. A
/// handshake hashes short inputs, for which AWS-LC spends more time on initialization than on hashing. An
/// abbreviated handshake consists of little but hashing.
///
/// Without the feature `std` the processor's features cannot be detected, and this equals [`provider`].
#[must_use]
pub fn quick_provider() -> Provider {
    let mut provider = provider();
    if processor_hashes() {
        provider.hashes = parts::hash::all();
        provider.hmacs = parts::hmac::all();
    }
    provider
}

/// Returns `true` if the processor has SHA instructions.
fn processor_hashes() -> bool {
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(all(feature = "std", target_arch = "aarch64"))]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[allow(unreachable_code, reason = "on other machines, and without std")]
    false
}

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
