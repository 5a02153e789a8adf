//! Cryptography for Cairn in Rust alone.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod aead;
mod agreement;
mod curve;
mod hash;
mod hmac;
mod keys;
mod rsa_encryption;
mod verify;

use alloc::sync::Arc;
use cairn_crypto::{Provider, RandomSource};
use cairn_provider_parts as parts;

/// What every algorithm here answers to [`cairn_crypto::Algorithm::implementation`], but for those of dalek.
const NAME: &str = parts::NAME;

/// The same for those of dalek.
const DALEK: &str = "dalek";

/// Everything that there is for TLS but signatures with SHA-1, most preferred first; with the operating system's
/// randomness.
#[cfg(feature = "getrandom")]
#[must_use]
pub fn provider() -> Provider {
    provider_with(Arc::new(cairn_crypto::Shared(getrandom::SysRng)))
}

/// Everything that there is for TLS but signatures with SHA-1, most preferred first; with this randomness.
#[must_use]
pub fn provider_with(random: Arc<dyn RandomSource>) -> Provider {
    Provider {
        hashes: hash::all(),
        hmacs: hmac::all(),
        aeads: aead::all(),
        block_ciphers: parts::block_cipher::all(),
        groups: agreement::all(),
        finite_field: Some(Arc::new(parts::finite_field::Dh)),
        rsa_encryption: Some(Arc::new(rsa_encryption::Pkcs1)),
        verifiers: verify::all(),
        keys: Arc::new(keys::Keys { sha1: false }),
        random,
    }
}

/// Adds signatures with SHA-1 to a provider, for peers that know no others: RSA with PKCS #1 v1.5 and ECDSA, both ways.
#[must_use]
pub fn with_sha1_signatures(mut provider: Provider) -> Provider {
    for verifier in verify::sha1() {
        if provider.verifier(verifier.key_kind(), verifier.scheme()).is_none() {
            provider.verifiers.push(verifier);
        }
    }
    provider.keys = Arc::new(keys::Keys { sha1: true });
    provider
}
