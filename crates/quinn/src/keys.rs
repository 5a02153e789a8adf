//! The keys of packets, as quinn uses them.

use alloc::sync::Arc;
use bytes::BytesMut;
use cairn_quic::{DirectionKeys, HeaderKey, Keys, PacketKey, PacketKeys};
use quinn_proto::crypto::{self, CryptoError, KeyPair};

/// A header key.
struct Header(Arc<HeaderKey>);

/// A packet key.
struct Packet(Arc<PacketKey>);

/// The keys of a direction, which quinn takes apart, and takes more than once for 0-RTT.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    header: Arc<HeaderKey>,
    packet: Arc<PacketKey>,
}

impl Shared {
    pub(crate) fn header(&self) -> Box<dyn crypto::HeaderKey> {
        Box::new(Header(Arc::clone(&self.header)))
    }

    pub(crate) fn packet(&self) -> Box<dyn crypto::PacketKey> {
        Box::new(Packet(Arc::clone(&self.packet)))
    }
}

impl From<DirectionKeys> for Shared {
    fn from(keys: DirectionKeys) -> Self {
        Self { header: Arc::new(keys.header), packet: Arc::new(keys.packet) }
    }
}

/// The keys of a level.
pub(crate) fn of_level(keys: Keys) -> crypto::Keys {
    let (local, remote) = (Shared::from(keys.local), Shared::from(keys.remote));
    crypto::Keys {
        header: KeyPair { local: local.header(), remote: remote.header() },
        packet: KeyPair { local: local.packet(), remote: remote.packet() },
    }
}

/// The keys after an update.
pub(crate) fn of_update(keys: PacketKeys) -> KeyPair<Box<dyn crypto::PacketKey>> {
    KeyPair { local: Box::new(Packet(Arc::new(keys.local))), remote: Box::new(Packet(Arc::new(keys.remote))) }
}

/// Keys in place of those that a provider could not derive. Nothing opens with them, and what they seal is
/// erased.
pub(crate) fn unusable() -> crypto::Keys {
    let header = || -> Box<dyn crypto::HeaderKey> { Box::new(Unusable) };
    let packet = || -> Box<dyn crypto::PacketKey> { Box::new(Unusable) };
    crypto::Keys {
        header: KeyPair { local: header(), remote: header() },
        packet: KeyPair { local: packet(), remote: packet() },
    }
}

impl crypto::HeaderKey for Header {
    fn decrypt(&self, pn_offset: usize, packet: &mut [u8]) {
        // quinn checks before that there is a sample. If it does not open, neither does the packet.
        let _unchanged = self.0.unprotect(packet, pn_offset);
    }

    fn encrypt(&self, pn_offset: usize, packet: &mut [u8]) {
        if self.0.protect(packet, pn_offset).is_err() {
            packet.fill(0);
        }
    }

    fn sample_size(&self) -> usize {
        self.0.sample_len()
    }
}

impl crypto::PacketKey for Packet {
    fn encrypt(&self, packet: u64, buf: &mut [u8], header_len: usize) {
        let sealed = buf
            .split_at_mut_checked(header_len)
            .is_some_and(|(header, payload)| self.0.seal(packet, header, payload).is_ok());
        // This call cannot fail: a packet that is not sealed must not have its plaintext.
        if !sealed {
            buf.fill(0);
        }
    }

    fn decrypt(&self, packet: u64, header: &[u8], payload: &mut BytesMut) -> Result<(), CryptoError> {
        let length = self.0.open(packet, header, payload).map_err(|_| CryptoError)?;
        payload.truncate(length);
        Ok(())
    }

    fn tag_len(&self) -> usize {
        self.0.tag_len()
    }

    fn confidentiality_limit(&self) -> u64 {
        self.0.confidentiality_limit()
    }

    fn integrity_limit(&self) -> u64 {
        self.0.integrity_limit()
    }
}

/// See [`unusable`].
struct Unusable;

/// The lengths that all algorithms of QUIC have.
const LEN: usize = 16;

impl crypto::HeaderKey for Unusable {
    fn decrypt(&self, _pn_offset: usize, _packet: &mut [u8]) {}

    fn encrypt(&self, _pn_offset: usize, packet: &mut [u8]) {
        packet.fill(0);
    }

    fn sample_size(&self) -> usize {
        LEN
    }
}

impl crypto::PacketKey for Unusable {
    fn encrypt(&self, _packet: u64, buf: &mut [u8], _header_len: usize) {
        buf.fill(0);
    }

    fn decrypt(&self, _packet: u64, _header: &[u8], _payload: &mut BytesMut) -> Result<(), CryptoError> {
        Err(CryptoError)
    }

    fn tag_len(&self) -> usize {
        LEN
    }

    fn confidentiality_limit(&self) -> u64 {
        u64::MAX
    }

    fn integrity_limit(&self) -> u64 {
        u64::MAX
    }
}
