//! What only old cipher suites and old peers need.

use crate::{keys, rsa_encryption, verify};
use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_provider_parts as parts;

/// Adds the primitives of CBC, of Diffie-Hellman over finite fields and of the RSA key exchange. [`keys::Keys`] decrypts
/// premaster secrets under the same feature.
pub(crate) fn with_primitives(mut provider: Provider) -> Provider {
    provider.block_ciphers = parts::block_cipher::all();
    provider.finite_field = Some(Arc::new(parts::finite_field::Dh));
    provider.rsa_encryption = Some(Arc::new(rsa_encryption::Pkcs1));
    provider
}

/// Adds signatures with SHA-1 and SHA-224 to a provider, for peers that know no others: RSA with PKCS #1 v1.5 and ECDSA,
/// both ways.
///
/// SHA-1 is broken where an attacker chooses what is signed (CVE-2015-7575 shows it for TLS 1.2), so
/// [`provider_with`](crate::provider_with) has it in no signature, nor SHA-224, which no peer of today needs. A peer of TLS 1.2
/// that sends no signature_algorithms implies SHA-1 (RFC 5246 section 7.4.1.4.1).
///
/// The ways to check come last in [`Provider::verifiers`], after all that is there; [`Provider::keys`] is replaced by
/// this crate's, whose keys have SHA-224 and SHA-1 as the last of their schemes.
#[must_use]
pub fn with_legacy_signatures(mut provider: Provider) -> Provider {
    for verifier in verify::legacy() {
        if provider.verifier(verifier.key_kind(), verifier.scheme()).is_none() {
            provider.verifiers.push(verifier);
        }
    }
    provider.keys = Arc::new(keys::Keys { legacy: true });
    provider
}
