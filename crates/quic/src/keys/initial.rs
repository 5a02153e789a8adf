//! The keys of Initial packets (RFC 9001 section 5.2).

use super::algorithms::Algorithms;
use super::{DirectionKeys, Keys};
use crate::error::ProtectionError;
use crate::version::Version;
use alloc::sync::Arc;
use cairn_crypto::{HashAlgorithm, HkdfKey, Hmac, Provider, hkdf_extract};
use cairn_schedule::Side;
use cairn_schedule::tls13::{Tls13Suite, expand_label, suite};
use cairn_wire::CipherSuite;
use zeroize::Zeroizing;

/// The longest connection ID, in bytes (RFC 9000 section 17.2).
pub(super) const MAX_CONNECTION_ID_LEN: usize = 20;

/// Length of SHA-256 in bytes.
const HASH_LEN: usize = 32;

/// The keys of Initial packets for one side. `connection_id` is the Destination Connection ID of the client's
/// first Initial packet, and after a Retry that of the packet that answers it.
///
/// Everyone who sees the packets can derive these keys. They show only that the sender has seen the
/// connection ID.
///
/// # Errors
/// [`ProtectionError::ConnectionIdLength`] if the connection ID is longer than 20 bytes;
/// [`ProtectionError::HmacNotOffered`], [`ProtectionError::AeadNotOffered`] or
/// [`ProtectionError::HeaderProtectionNotOffered`] if the provider lacks HMAC with SHA-256, AES-128-GCM or
/// header protection with AES-128; [`ProtectionError::Schedule`] or [`ProtectionError::Crypto`] if it fails.
pub fn initial_keys(
    provider: &Provider,
    version: Version,
    connection_id: &[u8],
    side: Side,
) -> Result<Keys, ProtectionError> {
    let length = connection_id.len();
    if length > MAX_CONNECTION_ID_LEN {
        return Err(ProtectionError::ConnectionIdLength { length });
    }
    let hmac = provider.hmac(HashAlgorithm::Sha256).ok_or(ProtectionError::HmacNotOffered)?;
    let mut secret = Zeroizing::new([0; HASH_LEN]);
    hkdf_extract(&**hmac, version.initial_salt(), connection_id, &mut *secret)?;
    let secret = HkdfKey::new(hmac, &*secret)?;

    let algorithms = Algorithms::of_suite(provider, initial_suite()?)?;
    let keys = |side| DirectionKeys::derive(&algorithms, version, &side_secret(hmac, &secret, side)?);
    Ok(Keys { local: keys(side)?, remote: keys(side.peer())? })
}

/// The suite whose algorithms protect Initial packets. RFC 9001 section 5: "Initial packets use
/// AEAD_AES_128_GCM".
fn initial_suite() -> Result<&'static Tls13Suite, ProtectionError> {
    let id = CipherSuite::TLS_AES_128_GCM_SHA256;
    suite(id).ok_or(ProtectionError::SuiteNotAllowed(id))
}

/// `client_initial_secret` or `server_initial_secret`.
fn side_secret(hmac: &Arc<dyn Hmac>, initial: &HkdfKey, side: Side) -> Result<HkdfKey, ProtectionError> {
    let label: &[u8] = match side {
        Side::Client => b"client in",
        Side::Server => b"server in",
    };
    let mut secret = Zeroizing::new([0; HASH_LEN]);
    expand_label(initial, label, &[], &mut *secret)?;
    Ok(HkdfKey::new(hmac, &*secret)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::RetryKey;
    use hex_literal::hex;

    /// Expands `secret` with a label.
    fn expand<const N: usize>(secret: &[u8], label: &[u8]) -> [u8; N] {
        let provider = cairn_provider_aws_lc::provider();
        let secret = HkdfKey::new(provider.hmac(HashAlgorithm::Sha256).unwrap(), secret).unwrap();
        let mut out = [0; N];
        expand_label(&secret, label, &[], &mut out).unwrap();
        out
    }

    #[test]
    fn keys_of_rfc_9001_and_rfc_9369_appendix_a_1() {
        let provider = cairn_provider_aws_lc::provider();
        let hmac = provider.hmac(HashAlgorithm::Sha256).unwrap();
        for (version, secret, client, server, key, iv, hp) in [
            (
                Version::V1,
                hex!("7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44"),
                hex!("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"),
                hex!("3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b"),
                hex!("1f369613dd76d5467730efcbe3b1a22d"),
                hex!("fa044b2f42a3fd3b46fb255c"),
                hex!("9f50449e04a0e810283a1e9933adedd2"),
            ),
            (
                Version::V2,
                hex!("2062e8b3cd8d52092614b8071d0aa1fb7c2e3ac193f78b280e72d8f5751f6aba"),
                hex!("14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b"),
                hex!("0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1"),
                hex!("8b1a0bc121284290a29e0971b5cd045d"),
                hex!("91f73e2351d8fa91660e909f"),
                hex!("45b95e15235d6f45a6b19cbcb0294ba9"),
            ),
        ] {
            let mut extracted = [0; 32];
            let connection_id = hex!("8394c8f03e515708");
            hkdf_extract(&**hmac, version.initial_salt(), &connection_id, &mut extracted).unwrap();
            assert_eq!(extracted, secret);
            assert_eq!(expand(&secret, b"client in"), client);
            assert_eq!(expand(&secret, b"server in"), server);
            let labels = version.labels();
            assert_eq!(expand(&client, labels.key), key);
            assert_eq!(expand(&client, labels.iv), iv);
            assert_eq!(expand(&client, labels.hp), hp);
        }
    }

    #[test]
    fn key_and_nonce_of_retry_follow_from_the_secrets_of_the_rfcs() {
        for (version, secret) in [
            (Version::V1, hex!("d9c9943e6101fd200021506bcc02814c73030f25c79d71ce876eca876e6fca8e")),
            (Version::V2, hex!("c4dd2484d681aefa4ff4d69c2c20299984a765a5d3c31982f38fc74162155e9f")),
        ] {
            let RetryKey { key, nonce } = version.retry_key();
            assert_eq!(expand(&secret, version.labels().key), key);
            assert_eq!(expand(&secret, version.labels().iv), nonce);
        }
    }
}
