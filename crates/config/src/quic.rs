//! The conditions for the use of a configuration with QUIC (RFC 9001).

use crate::error::ConfigError;
use alloc::vec::Vec;
use cairn_crypto::AeadAlgorithm;
use cairn_schedule::tls13::Tls13Suite;

/// Checks the parts of a policy on which QUIC depends.
pub(crate) fn check(suites: &[&'static Tls13Suite], protocols: &[Vec<u8>]) -> Result<(), ConfigError> {
    if suites.is_empty() {
        return Err(ConfigError::QuicWithoutTls13);
    }
    if protocols.is_empty() {
        return Err(ConfigError::QuicWithoutProtocol);
    }
    // RFC 9001 section 5.3: "A cipher suite MUST NOT be negotiated unless a header protection scheme is
    // defined for the cipher suite. This document defines a header protection scheme for all cipher suites
    // defined in [TLS13] aside from TLS_AES_128_CCM_8_SHA256."
    let short_tag =
        |suite: &&&Tls13Suite| matches!(suite.aead, AeadAlgorithm::Aes128Ccm8 | AeadAlgorithm::Aes256Ccm8);
    match suites.iter().find(short_tag) {
        Some(suite) => Err(ConfigError::SuiteNotForQuic(suite.id)),
        None => Ok(()),
    }
}
