//! The default cryptography of Cairn: [AWS-LC](https://github.com/aws/aws-lc), through `aws-lc-rs`.
//!
//! [`provider`] gives everything that TLS asks for, as a plain [`Provider`] value, in order of preference. What is
//! weak is there because a suite may name it; which suites are offered is for the layers above to say.
//!
//! | table | contents |
//! |---|---|
//! | hashes, HMACs | SHA-256, SHA-384, SHA-512, SHA-1; the hashes with their compression functions |
//! | AEADs | AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305; AES-CCM and AES-CCM-8 with 128 and 256 bits |
//! | block ciphers (`legacy`) | AES-128, AES-256 and 3DES in CBC mode |
//! | groups | X25519, P-256, P-384, P-521 |
//! | finite fields (`legacy`) | any prime of 1024 to 8192 bits |
//! | RSA encryption (`legacy`) | PKCS #1 v1.5 with 2048 to 8192 bits; decryption of premaster secrets |
//! | verifiers | Ed25519; ECDSA on P-256, P-384 and P-521, each with SHA-256, SHA-384 and SHA-512; RSA from 2048 to 8192 bits with PSS and PKCS #1 v1.5 |
//! | keys | RSA, RSASSA-PSS, ECDSA and Ed25519, from PKCS #8, PKCS #1 and SEC 1 |
//!
//! Signatures with SHA-1 and SHA-224 are in none of them: `with_legacy_signatures` adds them.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | detection of the processor's instructions for SHA: [`quick_provider`] |
//! | `legacy` (default) | the rows marked `legacy`, decryption of premaster secrets, `with_legacy_signatures`, PKCS #1 v1.5 signatures whose DigestInfo leaves the parameters of the hash out. Without it the crates `rsa`, `des`, `cbc` and `crypto-bigint` are not compiled |
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
//! # What comes from RustCrypto
//!
//! AWS-LC has all of this, but `aws-lc-rs` does not give all of it in a form that a TLS stack can use. So some of it
//! comes from RustCrypto, through [`cairn_provider_parts`], and says so in [`cairn_crypto::Algorithm::implementation`]. On a common server with AES and
//! SHA instructions, as the example `cost_of_legacy` measures:
//!
//! | what | crate | cost |
//! |---|---|---|
//! | compression functions | `sha1`, `sha2` | |
//! | AES-CBC | `aes`, `cbc` | 1.2 GB/s to encrypt, 6 GB/s to decrypt with 128 bits |
//! | 3DES-CBC | `des`, `cbc` | 10 MB/s |
//! | AES-CCM | `aes`, `ccm` | 0.4 GB/s with 128 bits, 0.26 GB/s with 256 |
//! | finite fields | `crypto-bigint` | 0.4 ms for each of share and secret in ffdhe2048, 1.2 ms in ffdhe3072, 2.5 ms in ffdhe4096, 12 ms in ffdhe8192; a group that is not known 2 ms with 2048 bits, 45 ms at most with 8192 |
//! | premaster secrets | `rsa` | 3 ms with 2048 bits |
//!
//! All of it runs in time that does not depend on secrets, with one exception: 3DES reads tables at places that depend
//! on key and data. Decrypting a premaster secret takes the same number of instructions, and of reads and writes, for
//! a good one and for every kind of bad one; so does Diffie-Hellman for every exponent. `cargo xtask conformance
//! constant-time` counts them.
//!
//! RUSTSEC-2023-0071, the Marvin attack on the `rsa` crate, was two things: numbers without a fixed width (up to 0.9),
//! and a padding check that showed its result (in the candidates for 0.10 still). The first is gone from the version
//! used here, 0.10, which blinds every operation besides; of the second nothing is used, for the padding is checked in
//! `cairn_provider_parts::rsa`.
//!
//! # What is drawn from whose randomness
//!
//! Ephemeral keys, and new signing keys but for RSA, are drawn from the generator that is handed in, so a handshake
//! with a seeded one repeats itself byte for byte as far as Diffie-Hellman goes. The module has no such entry for RSA
//! key generation, nor for the salt of RSASSA-PSS, the nonce of ECDSA and the padding of RSA encryption: there it uses
//! its own generator, and the one handed in is not touched. Signatures with Ed25519 and RSASSA-PKCS1-v1_5 need no
//! randomness at all, but for those with SHA-1, whose private operation is blinded with what the generator gives; so
//! is the one that decrypts premaster secrets.
//!
//! For X25519 this costs nothing. On the NIST curves the module checks a private key that it did not draw itself by
//! computing the public key a second time: 10 µs more on P-256, 55 µs on P-384 and 85 µs on P-521 on a common
//! server, as the example `cost_of_ephemerals` measures.
//!
//! # Where it does not return an error
//!
//! Should AWS-LC be unable to allocate memory for a hash or an HMAC, `aws-lc-rs` panics, as allocation in Rust itself
//! would abort. Nothing that a peer sends leads there.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod aead;
mod agreement;
mod fitted;
mod hash;
mod hmac;
mod keys;
#[cfg(feature = "legacy")]
mod legacy;
mod random;
#[cfg(feature = "legacy")]
mod rsa_encryption;
mod verify;

use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::Provider;
use cairn_provider_parts as parts;
#[cfg(feature = "legacy")]
pub use legacy::with_legacy_signatures;

/// What every algorithm here answers to [`cairn_crypto::Algorithm::implementation`].
const NAME: &str = "AWS-LC";

/// Everything that there is for TLS but signatures with SHA-1, most preferred first.
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
        groups: vec![
            Arc::new(agreement::X25519),
            Arc::new(agreement::P256),
            Arc::new(agreement::P384),
            Arc::new(agreement::P521),
        ],
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

/// The same, with SHA-2 and HMAC from RustCrypto on a processor with instructions for SHA: what a handshake hashes is
/// short, and AWS-LC takes more time to set out than to hash. A resumed handshake is little else.
///
/// Without the feature `std` nothing is known of the processor, and this is [`provider`].
#[must_use]
pub fn quick_provider() -> Provider {
    let mut provider = provider();
    if processor_hashes() {
        provider.hashes = parts::hash::all();
        provider.hmacs = parts::hmac::all();
    }
    provider
}

/// Whether the processor has instructions for SHA.
fn processor_hashes() -> bool {
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(all(feature = "std", target_arch = "aarch64"))]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[allow(unreachable_code, reason = "on other machines, and without std")]
    false
}
