//! Properties of packets of any length, packet number and header.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use cairn_crypto::{AeadAlgorithm, Provider, SecretBytes};
use cairn_quic::{
    DirectionKeys, Keys, MAX_PACKET_NUMBER, OneRttKeys, OpenError, ProtectionError, Time, Version,
};
use cairn_schedule::tls13::{ApplicationTrafficSecret, Kdf, SUITES, TrafficSecret, suite};
use cairn_wire::CipherSuite;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;

const SUITES_OF_QUIC: [CipherSuite; 4] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_128_CCM_SHA256,
];

static PROVIDERS: LazyLock<[Provider; 2]> =
    LazyLock::new(|| [cairn_provider_aws_lc::provider(), cairn_provider_rustcrypto::provider()]);

fn secret(provider: &Provider, id: CipherSuite, byte: u8) -> TrafficSecret {
    let suite = suite(id).unwrap();
    let kdf = Kdf::new(provider, suite.hash).unwrap();
    let secret = SecretBytes::from(vec![byte; suite.hash.output_len()]);
    ApplicationTrafficSecret::new(&kdf, secret).unwrap().for_suite(suite).unwrap()
}

/// The keys of one direction by one provider.
fn keys(provider: usize, version: Version, suite: CipherSuite) -> DirectionKeys {
    let provider = &PROVIDERS[provider];
    DirectionKeys::new(provider, version, &secret(provider, suite, 7)).unwrap()
}

/// A packet in parts. Its first byte states the length of the packet number field.
#[derive(Clone, Debug)]
struct Packet {
    header: Vec<u8>,
    number: u64,
    payload: Vec<u8>,
}

impl Packet {
    fn number_offset(&self) -> usize {
        self.header.len()
    }

    fn number_len(&self) -> usize {
        usize::from(self.header[0] & 3) + 1
    }

    fn plain_header(&self) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        [&self.header[..], &number[8 - self.number_len()..]].concat()
    }

    fn seal(&self, keys: &DirectionKeys) -> Vec<u8> {
        let header = self.plain_header();
        let mut packet = [&header[..], &self.payload, &[0; 16]].concat();
        let (place, rest) = packet.split_at_mut(header.len());
        keys.packet.seal(self.number, place, rest).unwrap();
        keys.header.protect(&mut packet, self.number_offset()).unwrap();
        packet
    }

    fn open(&self, keys: &DirectionKeys, mut packet: Vec<u8>) -> Result<(Vec<u8>, u64, Vec<u8>), OpenError> {
        let truncated = keys.header.unprotect(&mut packet, self.number_offset())?;
        let number = truncated.decode(self.number.checked_sub(1));
        let mut payload = packet.split_off(self.number_offset() + truncated.len());
        let length = keys.packet.open(number, &packet, &mut payload)?;
        payload.truncate(length);
        Ok((packet, number, payload))
    }
}

fn any_packet() -> impl Strategy<Value = Packet> {
    let number = prop_oneof![0_u64..300, 0..=MAX_PACKET_NUMBER, Just(MAX_PACKET_NUMBER)];
    // At least 3 bytes, which suffice for the shortest packet number.
    (vec(any::<u8>(), 1..60), number, vec(any::<u8>(), 3..1500))
        .prop_map(|(header, number, payload)| Packet { header, number, payload })
}

fn any_version() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V1), Just(Version::V2)]
}

proptest! {
    #[test]
    fn sealed_packets_open_with_either_provider(
        packet in any_packet(),
        version in any_version(),
        suite in 0_usize..4,
    ) {
        let suite = SUITES_OF_QUIC[suite];
        let both = [keys(0, version, suite), keys(1, version, suite)];
        let sealed = packet.seal(&both[0]);
        prop_assert_eq!(&packet.seal(&both[1]), &sealed);
        for keys in &both {
            let opened = packet.open(keys, sealed.clone());
            prop_assert_eq!(opened, Ok((packet.plain_header(), packet.number, packet.payload.clone())));
        }
    }

    #[test]
    fn packet_with_any_flipped_bit_does_not_open(
        packet in any_packet(),
        version in any_version(),
        suite in 0_usize..4,
        place in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let keys = keys(0, version, SUITES_OF_QUIC[suite]);
        let mut sealed = packet.seal(&keys);
        let place = place.index(sealed.len());
        sealed[place] ^= 1 << bit;
        prop_assert_eq!(packet.open(&keys, sealed), Err(OpenError::DoesNotOpen));
    }

    #[test]
    fn packets_of_other_versions_and_directions_do_not_open(packet in any_packet(), suite in 0_usize..4) {
        let suite = SUITES_OF_QUIC[suite];
        let sealed = packet.seal(&keys(0, Version::V1, suite));
        prop_assert!(packet.open(&keys(0, Version::V2, suite), sealed.clone()).is_err());
        let provider = &PROVIDERS[0];
        let other = DirectionKeys::new(provider, Version::V1, &secret(provider, suite, 8)).unwrap();
        prop_assert!(packet.open(&other, sealed).is_err());
    }

    #[test]
    fn removing_header_protection_restores_the_header(
        packet in vec(any::<u8>(), 21..200),
        offset in any::<prop::sample::Index>(),
        suite in 0_usize..4,
    ) {
        let keys = keys(0, Version::V1, SUITES_OF_QUIC[suite]);
        let offset = 1 + offset.index(packet.len() - 20);
        let mut protected = packet.clone();
        keys.header.protect(&mut protected, offset).unwrap();
        // Only the first byte and the packet number change; of the first byte four bits, or five.
        let number = offset..offset + usize::from(packet[0] & 3) + 1;
        for (place, (before, after)) in packet.iter().zip(&protected).enumerate() {
            let may_change = match place {
                0 if packet[0] & 0x80 == 0 => 0x1f,
                0 => 0x0f,
                place if number.contains(&place) => 0xff,
                _ => 0,
            };
            prop_assert_eq!(before & !may_change, after & !may_change, "{}", place);
        }
        let truncated = keys.header.unprotect(&mut protected, offset).unwrap();
        prop_assert_eq!(&protected, &packet);
        let value = packet[number].iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
        prop_assert_eq!(truncated.value(), value);
    }

    #[test]
    fn arbitrary_bytes_never_open(packet in vec(any::<u8>(), 0..100), offset in 0_usize..110) {
        let time = Time { now: 0, pto: 1 };
        let provider = &PROVIDERS[0];
        let secret = secret(provider, CipherSuite::TLS_AES_128_GCM_SHA256, 7);
        let mut keys = OneRttKeys::new(provider, Version::V1, &secret, &secret).unwrap();
        keys.complete_handshake();
        let mut packet = packet;
        let opened = keys.open(time, offset, &mut packet);
        let discarded = matches!(opened, Err(OpenError::DoesNotOpen | OpenError::TooShort { .. }));
        prop_assert!(discarded, "{:?}", opened);
    }
}

#[test]
fn ccm_with_short_tags_is_not_allowed() {
    let provider = &PROVIDERS[0];
    for suite in SUITES {
        let secret = secret(provider, suite.id, 1);
        let made = Keys::new(provider, Version::V1, &secret, &secret);
        let whole = OneRttKeys::new(provider, Version::V1, &secret, &secret);
        if suite.aead == AeadAlgorithm::Aes128Ccm8 {
            let error = ProtectionError::SuiteNotAllowed(CipherSuite::TLS_AES_128_CCM_8_SHA256);
            assert_eq!((made.err(), whole.err()), (Some(error), Some(error)));
            assert_eq!(error.section(), Some("RFC 9001 section 5.3"));
        } else {
            assert!(made.is_ok() && whole.is_ok());
        }
    }
}

#[test]
fn tags_and_samples_have_16_bytes() {
    for suite in SUITES_OF_QUIC {
        let keys = keys(0, Version::V1, suite);
        assert_eq!((keys.packet.tag_len(), keys.header.sample_len()), (16, 16));
    }
}

#[test]
fn usage_limits_are_those_of_rfc_9001_section_6_6() {
    let limits = SUITES_OF_QUIC.map(|suite| {
        let keys = keys(0, Version::V1, suite);
        (keys.packet.confidentiality_limit(), keys.packet.integrity_limit())
    });
    // 2^21.5 is 2,965,820.8.
    let wanted = [(1 << 23, 1 << 52), (1 << 23, 1 << 52), (1 << 62, 1 << 36), (2_965_820, 2_965_820)];
    assert_eq!(limits, wanted);
}

#[test]
fn packet_numbers_above_the_maximum_are_refused() {
    let keys = keys(0, Version::V1, CipherSuite::TLS_AES_128_GCM_SHA256);
    for number in [MAX_PACKET_NUMBER + 1, u64::MAX] {
        let sealed = keys.packet.seal(number, b"header", &mut [0; 20]);
        assert_eq!(sealed, Err(ProtectionError::PacketNumberTooLarge { number }));
    }
}

#[test]
fn packets_that_are_too_short_are_refused() {
    let keys = keys(0, Version::V1, CipherSuite::TLS_AES_128_GCM_SHA256);
    for length in 0..16 {
        let sealed = keys.packet.seal(0, b"head", &mut vec![0; length]);
        assert_eq!(sealed, Err(ProtectionError::PacketTooShort { expected: 20, got: 4 + length }));
        assert_eq!(keys.packet.open(0, b"head", &mut vec![0; length]), Err(OpenError::DoesNotOpen));
    }
    for length in 0..25 {
        let mut packet = vec![0; length];
        let error = ProtectionError::PacketTooShort { expected: 25, got: length };
        assert_eq!(keys.header.protect(&mut packet, 5), Err(error));
        let error = OpenError::TooShort { expected: 25, got: length };
        assert_eq!(keys.header.unprotect(&mut packet, 5), Err(error));
    }
    assert!(keys.header.unprotect(&mut [0; 25], 5).is_ok());
    for offset in [0, 6, 25, usize::MAX] {
        assert!(keys.header.protect(&mut [0; 25], offset).is_err());
        assert!(keys.header.unprotect(&mut [0; 25], offset).is_err());
    }
}

#[test]
fn missing_algorithms_are_named() {
    let full = &PROVIDERS[0];
    let secret = secret(full, CipherSuite::TLS_AES_256_GCM_SHA384, 1);
    let without_aead = Provider { aeads: Vec::new(), ..full.clone() };
    let error = Keys::new(&without_aead, Version::V1, &secret, &secret).unwrap_err();
    assert_eq!(error.to_string(), "the provider does not support AES-256-GCM (RFC 9001 section 5.3)");
    let without_masks = Provider { header_protections: Vec::new(), ..full.clone() };
    let error = Keys::new(&without_masks, Version::V1, &secret, &secret).unwrap_err();
    let said = "the provider does not support AES-256 header protection (RFC 9001 section 5.4)";
    assert_eq!(error.to_string(), said);
    let without_hmac = Provider { hmacs: Vec::new(), ..full.clone() };
    let side = cairn_schedule::Side::Client;
    let error = cairn_quic::initial_keys(&without_hmac, Version::V1, b"id", side).unwrap_err();
    assert_eq!(error, ProtectionError::HmacNotOffered);
}

#[test]
fn secrets_of_different_suites_are_refused() {
    let provider = &PROVIDERS[0];
    let (expected, got) = (CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_128_CCM_SHA256);
    let made =
        OneRttKeys::new(provider, Version::V1, &secret(provider, expected, 1), &secret(provider, got, 2));
    assert_eq!(made.err(), Some(ProtectionError::OtherSuite { expected, got }));
}
