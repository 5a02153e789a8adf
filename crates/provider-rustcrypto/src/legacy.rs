//! Algorithms for old cipher suites and old peers.

use crate::{keys, rsa_encryption, verify};
use alloc::sync::Arc;
use cairn_crypto::{FiniteField, NamedField, Provider};
use cairn_provider_parts as parts;

/// Adds CBC, Diffie-Hellman over finite fields and RSA encryption. With the same feature [`keys::Keys`]
/// decrypts premaster secrets.
pub(crate) fn with_primitives(mut provider: Provider) -> Provider {
    provider.block_ciphers = parts::block_cipher::all();
    let field: Arc<dyn FiniteField> = Arc::new(parts::finite_field::Dh);
    provider.groups.extend(NamedField::all(&field));
    provider.finite_field = Some(field);
    provider.rsa_encryption = Some(Arc::new(rsa_encryption::Pkcs1));
    provider
}

/// Adds signatures with SHA-1 and SHA-224 to a provider, for peers that support no others: signing and
/// verification with RSA PKCS #1 v1.5 and ECDSA.
///
/// SHA-1 signatures are insecure if an attacker can choose the signed data (CVE-2015-7575 for TLS 1.2), so
/// [`provider_with`](crate::provider_with) does not include them, nor SHA-224, which current peers do not
/// need. A TLS 1.2 client that sends no `signature_algorithms` implies SHA-1 (RFC 5246 section 7.4.1.4.1).
///
/// The verifiers are appended to [`Provider::verifiers`]. [`Provider::keys`] is replaced by a key store of
/// this crate, whose keys support SHA-224 and SHA-1 as the last of their schemes.
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
