//! The keys for writing after the handshake of TLS 1.3.

use crate::error::HandshakeErrorKind;
use alloc::vec::Vec;
use cairn_crypto::HashOutput;
use cairn_schedule::{
    Direction, Epoch, KeyChange, Keys,
    tls13::{ApplicationTrafficSecret, Tls13Suite},
};
use cairn_wire::{Encode, Finished, HandshakeType, KeyUpdate, KeyUpdateRequest, Writer, write_handshake};

/// The keys for writing after the handshake of TLS 1.3, and the KeyUpdate messages that change them (RFC
/// 9846 section 4.7.3). Their secret is also the base key of a later Finished (section 4.5).
///
/// The machine passes it to the writing half of the connection ([`crate::Item::WriteKeys`]). The writing
/// half must be able to update its keys before they reach their usage limit, even while the machine waits
/// for the peer or runs on another thread. The machine does not keep a copy of the traffic secret.
#[derive(Debug)]
pub struct WriteKeys {
    secret: ApplicationTrafficSecret,
    suite: &'static Tls13Suite,
    epoch: Epoch,
}

/// A KeyUpdate to send, and the keys after it.
#[derive(Debug)]
pub struct WriteKeysUpdate {
    /// The message with its header. Send it under the old keys.
    pub message: Vec<u8>,
    /// The new keys. Application data continues under them: the gate for writing is open for this epoch.
    pub change: KeyChange,
}

impl WriteKeys {
    pub(crate) const fn new(
        secret: ApplicationTrafficSecret,
        suite: &'static Tls13Suite,
        epoch: Epoch,
    ) -> Self {
        Self { secret, suite, epoch }
    }

    /// Makes KeyUpdate and the keys to use after it. `None` if there is no further epoch: see
    /// [`WriteKeys::can_update`].
    ///
    /// # Errors
    /// [`HandshakeErrorKind::Schedule`] if the provider fails. The connection cannot send any more.
    pub fn update(
        &mut self,
        request_update: KeyUpdateRequest,
    ) -> Result<Option<WriteKeysUpdate>, HandshakeErrorKind> {
        let Some(epoch) = self.epoch.next_application() else { return Ok(None) };
        let mut message = Vec::new();
        write_handshake(&mut Writer::vec(&mut message), HandshakeType::KEY_UPDATE, |w| {
            KeyUpdate { request_update }.encode(w)
        })?;
        self.secret.update()?;
        self.epoch = epoch;
        let keys = Keys::Tls13(self.secret.for_suite(self.suite)?);
        let change = KeyChange { epoch, direction: Direction::Write, keys };
        Ok(Some(WriteKeysUpdate { message, change }))
    }

    /// Makes the Finished of [`Item::SendFinished`](crate::Item::SendFinished), with its header. Send it
    /// under the keys in use: `verify_data` depends on their secret, so a KeyUpdate after this call makes it
    /// wrong (RFC 9846 section 4.5).
    ///
    /// # Errors
    /// [`HandshakeErrorKind::Schedule`] if the provider fails.
    pub fn finished(&self, transcript_hash: &HashOutput) -> Result<Vec<u8>, HandshakeErrorKind> {
        let verify_data = self.secret.verify_data(transcript_hash)?;
        let mut message = Vec::new();
        write_handshake(&mut Writer::vec(&mut message), HandshakeType::FINISHED, |w| {
            Finished { verify_data: verify_data.as_bytes() }.encode(w)
        })?;
        Ok(message)
    }

    /// Whether there is a further epoch. RFC 9846 section 4.7.3: "sending implementations MUST NOT allow the
    /// epoch -- and hence the number of key updates -- to exceed 2^48-1." An epoch counts less far.
    #[must_use]
    pub const fn can_update(&self) -> bool {
        self.epoch.next_application().is_some()
    }

    /// The epoch of the keys in use.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use cairn_crypto::SecretBytes;
    use cairn_schedule::tls13::{Kdf, SUITES};

    #[test]
    fn finished_is_that_of_the_keys_in_use() {
        let provider = cairn_provider_aws_lc::provider();
        let kdf = Kdf::new(&provider, SUITES[0].hash).unwrap();
        let secret = || ApplicationTrafficSecret::new(&kdf, SecretBytes::from(&[7; 32][..])).unwrap();
        let mut keys = WriteKeys::new(secret(), &SUITES[0], Epoch::Application(0));
        let hash = provider.hash(SUITES[0].hash).unwrap().hash(&[b"transcript"]).unwrap();
        let length = u8::try_from(SUITES[0].hash.output_len()).unwrap();
        let mut in_use = secret();
        for _ in 0..3 {
            let verify_data = in_use.verify_data(&hash).unwrap();
            let expected = [&[20, 0, 0, length], verify_data.as_bytes()].concat();
            assert_eq!(keys.finished(&hash).unwrap(), expected);
            keys.update(KeyUpdateRequest::UpdateNotRequested).unwrap();
            assert_ne!(keys.finished(&hash).unwrap(), expected);
            in_use.update().unwrap();
        }
    }

    #[test]
    fn keys_are_updated_up_to_the_last_epoch() {
        let provider = cairn_provider_aws_lc::provider();
        let kdf = Kdf::new(&provider, SUITES[0].hash).unwrap();
        let secret = ApplicationTrafficSecret::new(&kdf, SecretBytes::from(&[7; 32][..])).unwrap();
        let mut keys = WriteKeys::new(secret, &SUITES[0], Epoch::Application(u32::MAX - 1));
        assert!(keys.can_update());
        let update = keys.update(KeyUpdateRequest::UpdateRequested).unwrap().unwrap();
        assert_eq!(update.message, [24, 0, 0, 1, 1]);
        assert_eq!(update.change.epoch, Epoch::Application(u32::MAX));
        assert!(!keys.can_update());
        assert!(keys.update(KeyUpdateRequest::UpdateNotRequested).unwrap().is_none());
        assert_eq!(keys.epoch(), Epoch::Application(u32::MAX));
    }
}
