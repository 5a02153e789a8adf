//! Usage limits, and the lengths and numbers of packets.

use super::{FIRST_BYTE, NUMBER_OFFSET, Pair, TEXT, at};
use crate::error::{OpenError, ProtectionError};
use crate::packet_number::MAX_PACKET_NUMBER;
use alloc::{boxed::Box, sync::Arc, vec};
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError, UsageLimits};

/// AES-128-GCM with usage limits of a few packets.
struct Tight(Arc<dyn Aead>, UsageLimits);

impl Algorithm for Tight {
    fn implementation(&self) -> &'static str {
        "tight"
    }
}

impl Aead for Tight {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn usage_limits(&self) -> UsageLimits {
        self.1
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        self.0.key(key)
    }
}

fn tight(sealed_records: u64, failed_opens: u64) -> Pair {
    let mut provider = cairn_provider_aws_lc::provider();
    let limits = UsageLimits { sealed_records, failed_opens };
    let aead = Arc::clone(provider.aead(AeadAlgorithm::Aes128Gcm).unwrap());
    provider.aeads = vec![Arc::new(Tight(aead, limits))];
    Pair::with(&provider)
}

#[test]
fn keys_are_updated_before_their_confidentiality_limit() {
    let mut pair = tight(16, 100);
    pair.exchange(0);
    assert_eq!(pair.us.keys.remaining(), 14);
    for _ in 2..12 {
        let packet = pair.us.seal(0);
        pair.peer.open(0, &packet).unwrap();
        assert_eq!(pair.us.keys.generation(), 0);
    }
    // At three quarters.
    assert_eq!(pair.peer.open(0, &pair.us.seal(0)), Ok((12, 1)));
    assert_eq!(pair.us.keys.remaining(), 15);
}

#[test]
fn nothing_is_sealed_beyond_the_confidentiality_limit() {
    let mut pair = tight(16, 100);
    // No acknowledgment comes, so no update is possible.
    for _ in 0..16 {
        pair.us.seal(0);
    }
    assert_eq!(pair.us.keys.remaining(), 0);
    let error = ProtectionError::AeadLimitReached { limit: 16 };
    assert_eq!(pair.us.try_seal(0), Err(error));
    assert_eq!(error.connection_error(), Some(0x0f));
    // The acknowledgment makes it possible again.
    pair.us.keys.acknowledged(at(0), 15, 0).unwrap();
    pair.us.seal(0);
    assert_eq!(pair.us.keys.generation(), 1);
}

#[test]
fn nothing_is_opened_beyond_the_integrity_limit() {
    let mut pair = tight(100, 5);
    pair.exchange(0);
    let forged = [0x40; 40];
    for count in 0..5 {
        // With keys of any generation.
        if count == 2 {
            pair.update(0);
        }
        assert_eq!(pair.us.open(0, &forged), Err(OpenError::DoesNotOpen));
    }
    let valid = pair.peer.seal(0);
    assert!(pair.us.open(0, &valid).is_ok(), "the limit is reached, but not exceeded");
    let error = OpenError::AeadLimitReached { limit: 5 };
    assert_eq!(pair.us.open(0, &forged), Err(error));
    assert_eq!(error.connection_error(), Some(0x0f));
    assert_eq!(pair.us.open(0, &pair.peer.seal(0)), Err(error), "no more packets are processed");
    // The close can still be sent.
    pair.us.seal(0);
}

#[test]
fn packets_that_are_too_short_are_not_counted_as_forged() {
    let mut pair = tight(100, 5);
    for length in 0..NUMBER_OFFSET + 20 {
        let error = OpenError::TooShort { expected: NUMBER_OFFSET + 20, got: length };
        let opened = pair.us.keys.open(at(0), NUMBER_OFFSET, &mut vec![0x40; length]);
        assert_eq!(opened, Err(error));
        assert_eq!(error.connection_error(), None);
    }
    assert_eq!(pair.us.keys.failed, 0);
}

#[test]
fn packet_numbers_increase() {
    let mut us = Pair::new().us;
    let mut seal = |number| {
        let mut packet = [&[FIRST_BYTE, 0, 0], TEXT, &[0; 16]].concat();
        us.keys.seal(at(0), number, NUMBER_OFFSET, &mut packet)
    };
    assert_eq!(seal(5), Ok(()));
    for number in [5, 4, 0] {
        assert_eq!(seal(number), Err(ProtectionError::PacketNumberNotIncreasing { last: 5, number }));
    }
    assert_eq!(seal(MAX_PACKET_NUMBER), Ok(()));
    let number = MAX_PACKET_NUMBER + 1;
    assert_eq!(seal(number), Err(ProtectionError::PacketNumberTooLarge { number }));
}

#[test]
fn packet_without_room_for_a_sample_is_not_sealed() {
    let mut us = Pair::new().us;
    for length in 0..21 {
        let error = ProtectionError::PacketTooShort { expected: 21, got: length };
        assert_eq!(us.keys.seal(at(0), 0, NUMBER_OFFSET, &mut vec![0x40; length]), Err(error));
    }
    assert_eq!(us.keys.last_sealed, None, "the packet number was not used");
    assert_eq!(us.keys.seal(at(0), 0, NUMBER_OFFSET, &mut [0x40; 21]), Ok(()));
}
