//! The secrets of 1-RTT packets, and their keys after each key update (RFC 9001 section 6.1).

use super::Keys;
use super::algorithms::Algorithms;
use super::packet::PacketKey;
use crate::error::ProtectionError;
use crate::version::Version;
use cairn_crypto::Provider;
use cairn_schedule::tls13::TrafficSecret;
use core::fmt;

/// The packet keys of one generation of 1-RTT keys in both directions. An update leaves the header keys as
/// they are (RFC 9001 section 6.1).
#[derive(Debug)]
pub struct PacketKeys {
    /// Seals what is sent.
    pub local: PacketKey,
    /// Opens what is received.
    pub remote: PacketKey,
}

/// The traffic secrets from which the next generation of 1-RTT keys follows.
pub struct OneRttSecrets {
    version: Version,
    algorithms: Algorithms,
    local: TrafficSecret,
    remote: TrafficSecret,
}

impl OneRttSecrets {
    /// Takes the first secrets of application data. Returns the first keys, and the secrets for those after
    /// the first update.
    ///
    /// # Errors
    /// [`ProtectionError::OtherSuite`] if the secrets have different suites; otherwise as
    /// [`DirectionKeys::new`](super::DirectionKeys::new).
    pub fn new(
        provider: &Provider,
        version: Version,
        local: &TrafficSecret,
        remote: &TrafficSecret,
    ) -> Result<(Keys, Self), ProtectionError> {
        let (expected, got) = (local.suite().id, remote.suite().id);
        if expected != got {
            return Err(ProtectionError::OtherSuite { expected, got });
        }
        let keys = Keys::new(provider, version, local, remote)?;
        let algorithms = Algorithms::of_suite(provider, local.suite())?;
        let ku = version.labels().ku;
        let (local, remote) = (local.next_generation(ku)?, remote.next_generation(ku)?);
        Ok((keys, Self { version, algorithms, local, remote }))
    }

    /// The packet keys of the next generation. Afterwards the secrets are those of the generation after it;
    /// the old ones are erased. After an error they are unchanged.
    ///
    /// # Errors
    /// [`ProtectionError::Schedule`] or [`ProtectionError::Crypto`] if the provider fails.
    pub fn next_keys(&mut self) -> Result<PacketKeys, ProtectionError> {
        let keys = PacketKeys {
            local: self.algorithms.packet_key(self.version, self.local.hkdf_key())?,
            remote: self.algorithms.packet_key(self.version, self.remote.hkdf_key())?,
        };
        let ku = self.version.labels().ku;
        let (local, remote) = (self.local.next_generation(ku)?, self.remote.next_generation(ku)?);
        (self.local, self.remote) = (local, remote);
        Ok(keys)
    }
}

impl fmt::Debug for OneRttSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OneRttSecrets({}, {})", self.version, self.local.suite().id)
    }
}
