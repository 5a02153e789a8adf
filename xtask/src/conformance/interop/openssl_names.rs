//! OpenSSL's names of groups, its lists of signature schemes, and words of its programs.

use super::world::authority_scheme;

/// The output of `s_client` after a handshake.
pub(super) const READY: &str = "Verify return code";

/// `-sigalgs` for one scheme and for that of the authority.
pub(super) fn schemes(scheme: &str) -> String {
    format!("{scheme}:{}", authority_scheme(scheme))
}

/// OpenSSL's name of a group.
pub(super) fn group_name(group: &str) -> &str {
    match group {
        "x25519" => "X25519",
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        "secp521r1" => "P-521",
        other => other,
    }
}
