//! Cryptography for Cairn in Rust alone: [RustCrypto](https://github.com/RustCrypto) and
//! [dalek](https://github.com/dalek-cryptography). No C is compiled, no operating system is needed, and no `std`.
//!
//! [`provider_with`] gives everything that TLS asks for, as a plain [`Provider`] value, in order of preference;
//! `provider` does it with the operating system's randomness. What is weak is there because a suite may name it; which
//! suites are offered is for the layers above to say.
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
//! # Example
//!
//! ```
//! use cairn_crypto::{CryptoError, HashAlgorithm, RandomSource};
//! use std::sync::Arc;
//!
//! /// A generator in hardware, say.
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
//! | feature | gives |
//! |---|---|
//! | `getrandom` | `provider`, with the operating system's randomness: one system call for each draw |
//! | `legacy` (default) | the rows marked `legacy`, decryption of premaster secrets, `with_legacy_signatures`. Without it the crates `des` and `cbc` are not compiled; `rsa` is, for signatures |
//! | `std` (default) | `getrandom`, and tables of multiples for the generators of the NIST curves, made at first use: making a key, a share or a signature there takes less time |
//!
//! # Constant time, crate by crate
//!
//! All of these crates are written so that neither branches nor places in memory depend on a secret, unless the table
//! says otherwise. Nobody has proved it of the machine code: Rust promises nothing about timing, and what holds for one
//! compiler and processor need not hold for the next. Everything with multiplications (GHASH, Poly1305, curves, RSA,
//! finite fields) leans on a processor that multiplies in constant time, which some small ones do not.
//!
//! | what | crate | standing |
//! |---|---|---|
//! | AES | `aes` | the processor's instructions where there are some (looked for at run time on x86 and ARM), else bitsliced: slower by far, but without tables. Audited (NCC Group, an earlier version) |
//! | GCM | `aes-gcm`, `ghash` | carry-less multiplication by the processor, else by plain multiplications on numbers with holes. Audited (the same) |
//! | ChaCha20-Poly1305 | `chacha20poly1305` | additions, rotations and multiplications. Audited (the same) |
//! | CCM, CBC | `ccm`, `cbc` | as AES; tags are compared in constant time |
//! | 3DES | `des` | **leaks**: it reads tables of 512 bytes at places that depend on key and data, which who shares the processor's caches may see |
//! | SHA-1, SHA-2, HMAC | `sha1`, `sha2`, `hmac` | the processor's instructions, else additions and rotations |
//! | X25519, Ed25519 | `curve25519-dalek` | constant-time by design, selections behind the barriers of `subtle`. RUSTSEC-2024-0344, where a compiler had put a branch back, concerns versions before 4.1.3. Checking signatures takes variable time: nothing in it is secret |
//! | P-256, P-384, P-521 | `p256`, `p384`, `p521`, `ecdsa` | meant to be constant-time; **never audited**, as their own documentation says in bold. Checking signatures takes variable time |
//! | finite fields | `crypto-bigint` | fixed windows over numbers of fixed width |
//! | RSA, private | `rsa` | RUSTSEC-2023-0071, the Marvin attack, concerns all versions that the advisory database knows, for it names none as patched: see [`cairn_provider_parts::rsa`] for why it does not reach the version used here, 0.10. Numbers have a fixed width; base, exponents and moduli are blinded for each operation; the padding of premaster secrets is checked without a trace, and that of the crate is not used |
//! | RSA, public | `rsa` | variable time in the exponent alone, which is public; the padding around an encrypted premaster secret is made without a look at the message |
//! | reading and making RSA keys | `rsa`, `crypto-primes` | **not claimed**: it happens once for a key, and the search for primes takes as long as it takes |
//!
//! Keys erase themselves when they are dropped: AES and its GHASH key, ChaCha20-Poly1305, HMAC states, scalars,
//! exponents, RSA numbers but for some intermediate ones of `rsa` and what stays behind on the stack, which Rust gives
//! no means to erase.
//!
//! # What is drawn from whose randomness
//!
//! All of it from the generator that is handed in, so a handshake with a seeded one repeats itself byte for byte:
//! ephemeral keys, new keys, salts, paddings, blinding. ECDSA makes its nonces from key and hash (RFC 6979) and mixes
//! fresh randomness in, so a generator that fails to be random gives no key away. Ed25519 needs none.
//!
//! # Whether to take it
//!
//! It is for where C cannot be compiled or is not wanted, and for targets without an operating system. Elsewhere
//! `cairn-provider-aws-lc` is the better choice: its curves and RSA are written in assembly, and have been looked at by
//! more people.
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
#[cfg(feature = "legacy")]
mod rsa_encryption;
mod verify;

use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Provider, RandomSource};
use cairn_provider_parts as parts;
#[cfg(feature = "legacy")]
pub use legacy::with_legacy_signatures;

/// What every algorithm here answers to [`cairn_crypto::Algorithm::implementation`], but for those of dalek.
const NAME: &str = parts::NAME;

/// The same for those of dalek.
const DALEK: &str = "dalek";

/// Everything that there is for TLS but signatures with SHA-1, most preferred first; with the operating system's
/// randomness.
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

/// Everything that there is for TLS but signatures with SHA-1, most preferred first; with this randomness.
#[must_use]
pub fn provider_with(random: Arc<dyn RandomSource>) -> Provider {
    let provider = Provider {
        hashes: parts::hash::all(),
        hmacs: parts::hmac::all(),
        aeads: aead::all(),
        block_ciphers: Vec::new(),
        groups: agreement::all(),
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
