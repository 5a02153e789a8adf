//! The rules of key updates, one test each.

mod limits;

use super::*;
use alloc::{vec, vec::Vec};
use cairn_crypto::SecretBytes;
use cairn_schedule::tls13::{ApplicationTrafficSecret, Kdf, suite};
use cairn_wire::CipherSuite;

const PTO: u64 = 100;

/// A header without a connection ID, with a packet number field of 2 bytes.
const FIRST_BYTE: u8 = 0x41;
const NUMBER_OFFSET: usize = 1;
const TEXT: &[u8] = b"some frames";

fn at(now: u64) -> Time {
    Time { now, pto: PTO }
}

fn secret(provider: &Provider, id: CipherSuite, byte: u8) -> TrafficSecret {
    let suite = suite(id).unwrap();
    let kdf = Kdf::new(provider, suite.hash).unwrap();
    let secret = SecretBytes::from(vec![byte; suite.hash.output_len()]);
    ApplicationTrafficSecret::new(&kdf, secret).unwrap().for_suite(suite).unwrap()
}

/// Both ends of a connection.
struct Pair {
    us: End,
    peer: End,
}

struct End {
    keys: OneRttKeys,
    next_number: u64,
}

impl Pair {
    fn new() -> Self {
        Self::with(&cairn_provider_aws_lc::provider())
    }

    fn with(provider: &Provider) -> Self {
        let secret = |byte| secret(provider, CipherSuite::TLS_AES_128_GCM_SHA256, byte);
        let end = |local, remote| End {
            keys: OneRttKeys::new(provider, Version::V1, &secret(local), &secret(remote)).unwrap(),
            next_number: 0,
        };
        let mut pair = Self { us: end(1, 2), peer: end(2, 1) };
        pair.us.keys.confirm_handshake();
        pair.peer.keys.confirm_handshake();
        pair
    }

    /// Each end sends a packet, and acknowledges that of the other.
    fn exchange(&mut self, now: u64) {
        for _ in 0..2 {
            self.us.send_to(&mut self.peer, now);
            self.peer.send_to(&mut self.us, now);
        }
    }

    /// We initiate an update, and the peer follows it. Ends at `now`, with acknowledgments.
    fn update(&mut self, now: u64) {
        self.us.keys.initiate_update(at(now)).unwrap();
        self.exchange(now);
        self.peer.keys.on_timeout(now).unwrap();
    }
}

impl End {
    /// Sends a packet, which acknowledges everything that the receiver has sent.
    fn send_to(&mut self, to: &mut Self, now: u64) {
        let mut packet = self.seal(now);
        let opened = to.keys.open(at(now), NUMBER_OFFSET, &mut packet).unwrap();
        if let Some(last) = to.keys.last_sealed {
            to.keys.acknowledged(at(now), last, opened.generation).unwrap();
        }
    }

    fn seal(&mut self, now: u64) -> Vec<u8> {
        self.try_seal(now).unwrap()
    }

    fn try_seal(&mut self, now: u64) -> Result<Vec<u8>, ProtectionError> {
        let mut packet = [&[FIRST_BYTE, 0, 0], TEXT, &[0; 16]].concat();
        self.keys.seal(at(now), self.next_number, NUMBER_OFFSET, &mut packet)?;
        self.next_number += 1;
        Ok(packet)
    }

    fn open(&mut self, now: u64, packet: &[u8]) -> Result<(u64, u64), OpenError> {
        let mut packet = packet.to_vec();
        let opened = self.keys.open(at(now), NUMBER_OFFSET, &mut packet)?;
        assert_eq!(&packet[opened.payload], TEXT);
        Ok((opened.packet_number, opened.generation))
    }
}

#[test]
fn packets_pass_in_both_directions() {
    let Pair { mut us, mut peer } = Pair::new();
    for number in 0..5 {
        assert_eq!(peer.open(0, &us.seal(0)), Ok((number, 0)));
        assert_eq!(us.open(0, &peer.seal(0)), Ok((number, 0)));
    }
    assert!(!us.keys.key_phase());
}

#[test]
fn update_waits_for_the_confirmed_handshake() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.us.keys.handshake = Handshake::Complete;
    assert_eq!(pair.us.keys.initiate_update(at(0)), Err(UpdateRefused::HandshakeNotConfirmed));
    assert_eq!(pair.us.keys.generation(), 0);
    pair.us.keys.confirm_handshake();
    assert_eq!(pair.us.keys.initiate_update(at(0)), Ok(()));
    assert_eq!(pair.us.keys.generation(), 1);
}

#[test]
fn update_waits_for_an_acknowledgment_of_the_current_phase() {
    let mut pair = Pair::new();
    assert_eq!(pair.us.keys.initiate_update(at(0)), Err(UpdateRefused::NotAcknowledged));
    pair.exchange(0);
    pair.us.keys.initiate_update(at(0)).unwrap();
    // An acknowledgment of the packets before is none of the current phase.
    let last = pair.us.keys.last_sealed.unwrap();
    let late = pair.us.seal(0);
    pair.us.keys.acknowledged(at(1), last, 0).unwrap();
    assert_eq!(pair.us.keys.initiate_update(at(1000)), Err(UpdateRefused::NotAcknowledged));
    pair.peer.open(1, &late).unwrap();
    let answer = pair.peer.seal(1);
    let (_, generation) = pair.us.open(1, &answer).unwrap();
    pair.us.keys.acknowledged(at(1), last + 1, generation).unwrap();
    assert_eq!(pair.us.keys.initiate_update(at(1000)), Ok(()));
}

#[test]
fn update_waits_three_pto_after_the_acknowledgment_of_the_one_before() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.update(1000);
    let from = 1000 + 3 * PTO;
    assert_eq!(pair.us.keys.initiate_update(at(from - 1)), Err(UpdateRefused::TooSoon { from }));
    // Further acknowledgments do not prolong the time.
    pair.exchange(from - 1);
    assert_eq!(pair.us.keys.initiate_update(at(from)), Ok(()));
}

#[test]
fn update_toggles_the_key_phase_and_the_peer_follows() {
    let mut pair = Pair::new();
    pair.exchange(0);
    for generation in 1..=5 {
        let now = 1000 * generation;
        pair.us.keys.on_timeout(now).unwrap();
        pair.update(now);
        for end in [&mut pair.us, &mut pair.peer] {
            assert_eq!(end.keys.generation(), generation);
            assert_eq!(end.keys.key_phase(), generation % 2 == 1);
        }
    }
}

#[test]
fn both_ends_may_initiate_the_same_update() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.us.keys.initiate_update(at(1)).unwrap();
    pair.peer.keys.initiate_update(at(1)).unwrap();
    let (ours, theirs) = (pair.us.seal(1), pair.peer.seal(1));
    assert_eq!(pair.us.open(1, &theirs).unwrap().1, 1);
    assert_eq!(pair.peer.open(1, &ours).unwrap().1, 1);
}

#[test]
fn update_changes_the_packet_keys_and_not_the_header_keys() {
    let provider = cairn_provider_aws_lc::provider();
    let secret = |byte| secret(&provider, CipherSuite::TLS_AES_256_GCM_SHA384, byte);
    let (first, mut secrets) = OneRttSecrets::new(&provider, Version::V1, &secret(1), &secret(2)).unwrap();
    let next = secrets.next_keys().unwrap();
    let seal = |key: &PacketKey| {
        let mut payload = [0; 20];
        key.seal(1, b"header", &mut payload).unwrap();
        payload
    };
    let after = secrets.next_keys().unwrap();
    let sealed =
        [&first.local.packet, &first.remote.packet, &next.local, &next.remote, &after.local].map(seal);
    for (place, one) in sealed.iter().enumerate() {
        assert!(sealed[place + 1..].iter().all(|other| other != one));
    }
    // The whole type protects headers with the first keys, in each generation.
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.update(1000);
    let keys = Pair::new().us.keys;
    let mut packet = pair.peer.seal(1000);
    assert!(keys.remote_header.unprotect(&mut packet, NUMBER_OFFSET).is_ok());
    assert_eq!(packet[0], FIRST_BYTE | KEY_PHASE);
}

#[test]
fn late_packets_open_with_the_previous_keys() {
    let mut pair = Pair::new();
    pair.exchange(0);
    let late: Vec<_> = (0..4).map(|_| pair.peer.seal(0)).collect();
    // Between our update and the first packet with new keys.
    pair.us.keys.initiate_update(at(1000)).unwrap();
    assert_eq!(pair.us.open(1000, &late[0]).unwrap().1, 0);
    assert_eq!(pair.us.keys.timeout(), None, "the previous keys stay until a packet has new ones");
    // After it, for three times the PTO.
    pair.exchange(1000);
    assert_eq!(pair.us.keys.timeout(), Some(1000 + 3 * PTO));
    pair.us.keys.on_timeout(1000 + 3 * PTO - 1).unwrap();
    assert_eq!(pair.us.open(1299, &late[1]).unwrap().1, 0);
    pair.us.keys.on_timeout(1000 + 3 * PTO).unwrap();
    assert_eq!(pair.us.open(1300, &late[2]), Err(OpenError::DoesNotOpen));
    assert_eq!(pair.us.keys.timeout(), None);
}

#[test]
fn responder_opens_late_packets_too() {
    let mut pair = Pair::new();
    pair.exchange(0);
    let late: Vec<_> = (0..3).map(|_| pair.us.seal(0)).collect();
    pair.update(1000);
    // With and without the next keys.
    assert_eq!(pair.peer.open(1000, &late[0]).unwrap().1, 0);
    let mut pair_without_next = Pair::new();
    pair_without_next.exchange(0);
    let late_too = pair_without_next.us.seal(0);
    pair_without_next.us.keys.initiate_update(at(0)).unwrap();
    let first = pair_without_next.us.seal(0);
    pair_without_next.peer.open(0, &first).unwrap();
    assert!(matches!(pair_without_next.peer.keys.next, Next::Due(0)));
    assert_eq!(pair_without_next.peer.open(0, &late_too).unwrap().1, 0);
}

#[test]
fn next_keys_are_derived_at_the_timeout_and_not_when_a_packet_is_opened() {
    let mut pair = Pair::new();
    pair.exchange(0);
    assert!(matches!(pair.peer.keys.next, Next::Ready(_)), "before the first update");
    pair.us.keys.initiate_update(at(1000)).unwrap();
    pair.peer.open(1000, &pair.us.seal(1000)).unwrap();
    assert!(matches!(pair.peer.keys.next, Next::Due(1000)));
    assert_eq!(pair.peer.keys.timeout(), Some(1000));
    pair.peer.keys.on_timeout(999).unwrap();
    assert!(matches!(pair.peer.keys.next, Next::Due(1000)));
    pair.peer.keys.on_timeout(1000).unwrap();
    assert!(matches!(pair.peer.keys.next, Next::Ready(_)));
    assert!(pair.peer.keys.previous.is_some(), "for three times the PTO");
}

#[test]
fn timeout_that_comes_late_does_everything_that_is_due() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.us.keys.initiate_update(at(1000)).unwrap();
    pair.peer.open(1000, &pair.us.seal(1000)).unwrap();
    pair.peer.keys.on_timeout(u64::MAX).unwrap();
    assert!(matches!(pair.peer.keys.next, Next::Ready(_)));
    assert!(pair.peer.keys.previous.is_none());
}

#[test]
fn update_by_a_forged_packet_changes_nothing() {
    let mut pair = Pair::new();
    pair.exchange(0);
    let mut forged = pair.peer.seal(0);
    // The mask does not depend on the first byte, so this flips the Key Phase bit.
    forged[0] ^= KEY_PHASE;
    assert_eq!(pair.us.open(0, &forged), Err(OpenError::DoesNotOpen));
    assert_eq!(pair.us.keys.generation(), 0);
    assert!(matches!(pair.us.keys.next, Next::Ready(_)), "the next keys are retained");
    pair.update(1000);
}

#[test]
fn older_keys_in_a_later_packet_are_a_violation() {
    // The peer seals number 10 with new keys, and then 11 with old ones, which it should not have any more.
    let mut pair = Pair::new();
    pair.exchange(0);
    let mut old = Pair::new().peer;
    (old.next_number, pair.peer.next_number) = (11, 10);
    pair.peer.keys.initiate_update(at(0)).unwrap();
    pair.us.open(0, &pair.peer.seal(0)).unwrap();
    let violation = KeyUpdateViolation::OldKeys { older: 11, newer: 10 };
    assert_eq!(pair.us.open(0, &old.seal(0)), Err(OpenError::KeyUpdate(violation)));
    assert_eq!(OpenError::KeyUpdate(violation).connection_error(), Some(0x0e));
}

#[test]
fn newer_keys_in_an_earlier_packet_are_a_violation() {
    let mut pair = Pair::new();
    pair.exchange(0);
    let mut old = Pair::new().peer;
    (old.next_number, pair.peer.next_number) = (11, 10);
    pair.us.open(0, &old.seal(0)).unwrap();
    // It initiates an update.
    pair.peer.keys.initiate_update(at(0)).unwrap();
    let violation = OpenError::KeyUpdate(KeyUpdateViolation::OldKeys { older: 11, newer: 10 });
    let packet = pair.peer.seal(0);
    assert_eq!(pair.us.open(0, &packet), Err(violation));
    assert_eq!(pair.us.keys.generation(), 0);
    // It follows ours.
    pair.us.keys.initiate_update(at(0)).unwrap();
    assert_eq!(pair.us.open(0, &packet), Err(violation));
}

#[test]
fn packet_that_violates_a_rule_leaves_no_plaintext() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.peer.next_number = 11;
    pair.us.open(0, &pair.peer.seal(0)).unwrap();
    let mut earlier = Pair::new().peer;
    earlier.keys.write.update_from = Some(0);
    earlier.keys.initiate_update(at(0)).unwrap();
    let mut packet = earlier.seal(0);
    assert!(matches!(
        pair.us.keys.open(at(0), NUMBER_OFFSET, &mut packet),
        Err(OpenError::KeyUpdate(KeyUpdateViolation::OldKeys { .. }))
    ));
    assert!(packet.iter().all(|byte| *byte == 0));
}

#[test]
fn second_update_before_our_first_packet_is_a_violation() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.peer.keys.initiate_update(at(0)).unwrap();
    pair.us.open(0, &pair.peer.seal(0)).unwrap();
    pair.us.keys.on_timeout(0).unwrap();
    // The peer does not wait for our answer.
    pair.peer.keys.write.update_from = Some(0);
    pair.peer.keys.initiate_update(at(0)).unwrap();
    let violation = OpenError::KeyUpdate(KeyUpdateViolation::TwiceWithoutPacket);
    let second = pair.peer.seal(0);
    assert_eq!(pair.us.open(0, &second), Err(violation));
    assert_eq!(violation.connection_error(), Some(0x0e));
    // After our answer it is permitted.
    pair.us.seal(0);
    assert_eq!(pair.us.open(0, &second).unwrap().1, 2);
}

#[test]
fn first_update_of_the_peer_may_come_before_our_first_packet() {
    let mut pair = Pair::new();
    pair.peer.keys.write.update_from = Some(0);
    pair.peer.keys.initiate_update(at(0)).unwrap();
    assert_eq!(pair.us.open(0, &pair.peer.seal(0)), Ok((0, 1)));
}

#[test]
fn acknowledgment_with_old_keys_of_a_packet_with_new_keys_is_a_violation() {
    let mut pair = Pair::new();
    pair.exchange(0);
    let (_, generation) = pair.us.open(0, &pair.peer.seal(0)).unwrap();
    pair.us.keys.initiate_update(at(0)).unwrap();
    let last = pair.us.keys.last_sealed.unwrap();
    pair.us.seal(0);
    // Acknowledging the packets before is no violation.
    assert_eq!(pair.us.keys.acknowledged(at(0), last, generation), Ok(()));
    let violation = KeyUpdateViolation::AcknowledgedWithOldKeys { acknowledged: last + 1 };
    let acknowledged = pair.us.keys.acknowledged(at(0), last + 1, generation);
    assert_eq!(acknowledged, Err(OpenError::KeyUpdate(violation)));
}

#[test]
fn response_uses_the_new_keys_in_the_next_packet() {
    let mut pair = Pair::new();
    pair.exchange(0);
    pair.us.keys.initiate_update(at(0)).unwrap();
    pair.peer.open(0, &pair.us.seal(0)).unwrap();
    assert!(pair.peer.keys.key_phase());
    assert_eq!(pair.us.open(0, &pair.peer.seal(0)).unwrap().1, 1);
}

#[test]
fn late_packet_numbers_are_decoded_relative_to_the_largest() {
    let mut pair = Pair::new();
    let late = pair.peer.seal(0);
    pair.peer.next_number = 0x7000;
    assert_eq!(pair.us.open(0, &pair.peer.seal(0)), Ok((0x7000, 0)));
    assert_eq!(pair.us.open(0, &late), Ok((0, 0)));
    pair.peer.next_number = 0xf000;
    assert_eq!(pair.us.open(0, &pair.peer.seal(0)), Ok((0xf000, 0)));
}

#[test]
fn nothing_secret_is_printed() {
    let pair = Pair::new();
    let printed = alloc::format!("{:?}", pair.us.keys);
    assert!(printed.contains("OneRttSecrets(QUIC version 1, TLS_AES_128_GCM_SHA256)"), "{printed}");
    assert!(printed.contains("PacketKey(AES-128-GCM)") && printed.contains("HeaderKey"), "{printed}");
    // No field of bytes.
    assert!(!printed.contains('['), "{printed}");
}

#[test]
fn packets_are_opened_from_the_end_of_the_handshake_on() {
    let provider = cairn_provider_aws_lc::provider();
    let secret = |byte| secret(&provider, CipherSuite::TLS_AES_128_GCM_SHA256, byte);
    let end = |local, remote| End {
        keys: OneRttKeys::new(&provider, Version::V1, &secret(local), &secret(remote)).unwrap(),
        next_number: 0,
    };
    let (mut client, mut server) = (end(1, 2), end(2, 1));
    // A server may send before.
    let sealed = server.seal(0);
    let mut packet = sealed.clone();
    assert_eq!(client.keys.open(at(0), NUMBER_OFFSET, &mut packet), Err(OpenError::HandshakeNotComplete));
    assert_eq!(packet, sealed, "the packet can be stored");
    client.keys.complete_handshake();
    client.keys.open(at(0), NUMBER_OFFSET, &mut packet).unwrap();
    assert_eq!(client.keys.initiate_update(at(0)), Err(UpdateRefused::HandshakeNotConfirmed));
    server.keys.confirm_handshake();
    server.keys.complete_handshake();
    let mut packet = client.seal(0);
    server.keys.open(at(0), NUMBER_OFFSET, &mut packet).unwrap();
    assert_eq!(server.keys.initiate_update(at(0)), Err(UpdateRefused::NotAcknowledged));
}
