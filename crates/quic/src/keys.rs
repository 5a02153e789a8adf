//! The keys that protect packets.

mod algorithms;
pub(crate) mod header;
pub(crate) mod initial;
pub(crate) mod one_rtt;
pub(crate) mod packet;
pub(crate) mod retry;
pub(crate) mod update;

use crate::error::ProtectionError;
use crate::version::Version;
use algorithms::Algorithms;
use cairn_crypto::{HkdfKey, Provider};
use cairn_schedule::tls13::TrafficSecret;
use header::HeaderKey;
use packet::PacketKey;

/// The keys of the packets of one level in one direction.
#[derive(Debug)]
pub struct DirectionKeys {
    /// Protects headers.
    pub header: HeaderKey,
    /// Protects payloads.
    pub packet: PacketKey,
}

impl DirectionKeys {
    /// Derives the keys from a traffic secret (RFC 9001 section 5.1). 0-RTT has keys in one direction only.
    ///
    /// # Errors
    /// [`ProtectionError::SuiteNotAllowed`] if QUIC does not permit the suite of the secret (section 5.3:
    /// TLS_AES_128_CCM_8_SHA256); [`ProtectionError::AeadNotOffered`] or
    /// [`ProtectionError::HeaderProtectionNotOffered`] if the provider lacks an algorithm;
    /// [`ProtectionError::Schedule`] or [`ProtectionError::Crypto`] if it fails.
    pub fn new(
        provider: &Provider,
        version: Version,
        secret: &TrafficSecret,
    ) -> Result<Self, ProtectionError> {
        Self::derive(&Algorithms::of_suite(provider, secret.suite())?, version, secret.hkdf_key())
    }

    fn derive(algorithms: &Algorithms, version: Version, secret: &HkdfKey) -> Result<Self, ProtectionError> {
        Ok(Self {
            header: algorithms.header_key(version, secret)?,
            packet: algorithms.packet_key(version, secret)?,
        })
    }
}

/// The keys of the packets of one level in both directions.
#[derive(Debug)]
pub struct Keys {
    /// Protects what is sent.
    pub local: DirectionKeys,
    /// Opens what is received.
    pub remote: DirectionKeys,
}

impl Keys {
    /// Derives the keys from the traffic secrets of both directions (RFC 9001 section 5.1).
    ///
    /// # Errors
    /// As [`DirectionKeys::new`].
    pub fn new(
        provider: &Provider,
        version: Version,
        local: &TrafficSecret,
        remote: &TrafficSecret,
    ) -> Result<Self, ProtectionError> {
        Ok(Self {
            local: DirectionKeys::new(provider, version, local)?,
            remote: DirectionKeys::new(provider, version, remote)?,
        })
    }
}
