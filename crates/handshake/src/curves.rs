//! The uses of the named groups.

use cairn_crypto::KeyKind;
use cairn_wire::NamedGroup;

/// Whether ECDHE in TLS 1.2 can use the group: the curves of RFC 8422 section 5.1.1 and RFC 7027. A policy
/// may also have finite fields and hybrid groups, for other key exchanges and versions.
pub(crate) const fn is_for_ecdhe(group: NamedGroup) -> bool {
    matches!(
        group,
        NamedGroup::SECP256R1
            | NamedGroup::SECP384R1
            | NamedGroup::SECP521R1
            | NamedGroup::BRAINPOOLP256R1
            | NamedGroup::BRAINPOOLP384R1
            | NamedGroup::BRAINPOOLP512R1
            | NamedGroup::X25519
            | NamedGroup::X448
    )
}

/// The curve of a certificate's key, if it has one (RFC 8422 section 5.1.1).
pub(crate) const fn curve_of_key(kind: KeyKind) -> Option<NamedGroup> {
    match kind {
        KeyKind::EcP256 => Some(NamedGroup::SECP256R1),
        KeyKind::EcP384 => Some(NamedGroup::SECP384R1),
        KeyKind::EcP521 => Some(NamedGroup::SECP521R1),
        _ => None,
    }
}
