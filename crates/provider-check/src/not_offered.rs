//! Lists the algorithms that the provider does not support.

use crate::names::{
    AEADS, BLOCK_CIPHERS, FINITE_FIELD, GROUPS, HASHES, HEADER_PROTECTIONS, RSA_ENCRYPTION, VERIFIERS,
    verifier_name,
};
use crate::runner::Runner;

/// Records all algorithms that the provider does not support.
pub(crate) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    for hash in HASHES.into_iter().filter(|hash| provider.hash(*hash).is_none()) {
        runner.not_offered(&hash.to_string());
    }
    for hash in HASHES.into_iter().filter(|hash| provider.hmac(*hash).is_none()) {
        runner.not_offered(&format!("HMAC-{hash}"));
    }
    for aead in AEADS.into_iter().filter(|aead| provider.aead(*aead).is_none()) {
        runner.not_offered(&aead.to_string());
    }
    for cipher in BLOCK_CIPHERS.into_iter().filter(|cipher| provider.block_cipher(*cipher).is_none()) {
        runner.not_offered(&cipher.to_string());
    }
    for protection in HEADER_PROTECTIONS {
        if provider.header_protection(protection).is_none() {
            runner.not_offered(&protection.to_string());
        }
    }
    for group in GROUPS.into_iter().filter(|group| provider.group(*group).is_none()) {
        runner.not_offered(&group.to_string());
    }
    for (kind, scheme) in VERIFIERS {
        if provider.verifier(kind, scheme).is_none() {
            runner.not_offered(&verifier_name(kind, scheme));
        }
    }
    if provider.finite_field.is_none() {
        runner.not_offered(FINITE_FIELD);
    }
    if provider.rsa_encryption.is_none() {
        runner.not_offered(RSA_ENCRYPTION);
    }
}
