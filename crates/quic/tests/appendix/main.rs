//! The examples of RFC 9001 appendix A and RFC 9369 appendix A, with both providers.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod packets;

use cairn_crypto::{Provider, SecretBytes};
use cairn_quic::{
    DirectionKeys, OneRttKeys, ProtectionError, Time, Version, check_retry, initial_keys, retry_tag,
};
use cairn_schedule::Side;
use cairn_schedule::tls13::{ApplicationTrafficSecret, Kdf, TrafficSecret, suite};
use cairn_wire::CipherSuite;
use packets::{ALL, CLIENT_PAYLOAD, CONNECTION_ID, Packets, SECRET, SERVER_PAYLOAD, SHORT_NUMBER};

fn providers() -> [Provider; 2] {
    [cairn_provider_aws_lc::provider(), cairn_provider_rustcrypto::provider()]
}

/// Seals with one side's keys, and compares with the packet of the RFC; then opens it with the other's.
fn check_initial(
    provider: &Provider,
    version: Version,
    side: Side,
    number: u64,
    header: &[u8],
    payload: &[u8],
    wanted: &[u8],
) {
    let ours = initial_keys(provider, version, &CONNECTION_ID, side).unwrap();
    let theirs = initial_keys(provider, version, &CONNECTION_ID, side.peer()).unwrap();
    let offset = 18;
    let mut packet = [header, payload, &[0; 16]].concat();
    let (place, rest) = packet.split_at_mut(header.len());
    ours.local.packet.seal(number, place, rest).unwrap();
    ours.local.header.protect(&mut packet, offset).unwrap();
    assert_eq!(packet, wanted, "{version}, {side}");

    let truncated = theirs.remote.header.unprotect(&mut packet, offset).unwrap();
    assert_eq!((truncated.len(), truncated.decode(None)), (header.len() - offset, number));
    let (place, rest) = packet.split_at_mut(header.len());
    assert_eq!(place, header);
    assert_eq!(theirs.remote.packet.open(number, place, rest), Ok(payload.len()));
    assert_eq!(&rest[..payload.len()], payload);
}

#[test]
fn initial_packet_of_the_client_is_that_of_the_rfc() {
    for provider in providers() {
        for Packets { version, client_header, client, .. } in ALL {
            let mut payload = CLIENT_PAYLOAD.to_vec();
            payload.resize(1162, 0);
            check_initial(&provider, version, Side::Client, 2, &client_header, &payload, &client);
        }
    }
}

#[test]
fn initial_packet_of_the_server_is_that_of_the_rfc() {
    for provider in providers() {
        for Packets { version, server_header, server, .. } in ALL {
            check_initial(&provider, version, Side::Server, 1, &server_header, &SERVER_PAYLOAD, &server);
        }
    }
}

#[test]
fn initial_keys_depend_on_the_version_and_the_connection_id() {
    let provider = cairn_provider_aws_lc::provider();
    for Packets { version, client, .. } in ALL {
        let other = if version == Version::V1 { Version::V2 } else { Version::V1 };
        for (version, connection_id) in [(other, &CONNECTION_ID[..]), (version, &CONNECTION_ID[1..])] {
            let keys = initial_keys(&provider, version, connection_id, Side::Server).unwrap();
            let mut packet = client;
            let truncated = keys.remote.header.unprotect(&mut packet, 18).unwrap();
            let (header, payload) = packet.split_at_mut(18 + truncated.len());
            assert!(keys.remote.packet.open(2, header, payload).is_err());
        }
    }
}

#[test]
fn connection_ids_have_at_most_20_bytes() {
    let provider = cairn_provider_aws_lc::provider();
    for length in [0, 20] {
        assert!(initial_keys(&provider, Version::V1, &vec![7; length], Side::Client).is_ok());
        assert!(retry_tag(&provider, Version::V1, &vec![7; length], b"retry").is_ok());
    }
    for length in [21, 300] {
        let error = ProtectionError::ConnectionIdLength { length };
        let keys = initial_keys(&provider, Version::V1, &vec![7; length], Side::Client);
        assert_eq!(keys.err(), Some(error));
        assert_eq!(retry_tag(&provider, Version::V1, &vec![7; length], b"retry"), Err(error));
    }
}

#[test]
fn retry_packet_is_that_of_the_rfc() {
    for provider in providers() {
        for Packets { version, retry, .. } in ALL {
            let (packet, tag) = retry.split_last_chunk::<16>().unwrap();
            assert_eq!(retry_tag(&provider, version, &CONNECTION_ID, packet), Ok(*tag));
            assert_eq!(check_retry(&provider, version, &CONNECTION_ID, &retry), Ok(true));
        }
    }
}

#[test]
fn retry_packet_is_checked_with_every_bit_and_the_original_connection_id() {
    let provider = cairn_provider_aws_lc::provider();
    for Packets { version, retry, .. } in ALL {
        for bit in 0..retry.len() * 8 {
            let mut changed = retry;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(check_retry(&provider, version, &CONNECTION_ID, &changed), Ok(false), "{bit}");
        }
        assert_eq!(check_retry(&provider, version, &CONNECTION_ID[1..], &retry), Ok(false));
        for length in 0..16 {
            assert_eq!(check_retry(&provider, version, &CONNECTION_ID, &retry[..length]), Ok(false));
        }
        let other = if version == Version::V1 { Version::V2 } else { Version::V1 };
        assert_eq!(check_retry(&provider, other, &CONNECTION_ID, &retry), Ok(false));
    }
}

fn chacha_secret(provider: &Provider) -> TrafficSecret {
    let suite = suite(CipherSuite::TLS_CHACHA20_POLY1305_SHA256).unwrap();
    let kdf = Kdf::new(provider, suite.hash).unwrap();
    let secret = ApplicationTrafficSecret::new(&kdf, SecretBytes::from(&SECRET)).unwrap();
    secret.for_suite(suite).unwrap()
}

#[test]
fn packet_with_a_short_header_is_that_of_the_rfc() {
    for provider in providers() {
        for Packets { version, short, .. } in ALL {
            let keys = DirectionKeys::new(&provider, version, &chacha_secret(&provider)).unwrap();
            let mut packet = [0; 21];
            packet[..5].copy_from_slice(&[0x42, 0x00, 0xbf, 0xf4, 0x01]);
            let (header, payload) = packet.split_at_mut(4);
            keys.packet.seal(SHORT_NUMBER, header, payload).unwrap();
            keys.header.protect(&mut packet, 1).unwrap();
            assert_eq!(packet, short, "{version}");

            let truncated = keys.header.unprotect(&mut packet, 1).unwrap();
            assert_eq!(truncated.decode(Some(SHORT_NUMBER - 1)), SHORT_NUMBER);
            let (header, payload) = packet.split_at_mut(4);
            assert_eq!(keys.packet.open(SHORT_NUMBER, header, payload), Ok(1));
            assert_eq!(payload[0], 1);
        }
    }
}

#[test]
fn one_rtt_keys_seal_the_packet_with_a_short_header() {
    let time = Time { now: 0, pto: 100 };
    for provider in providers() {
        for Packets { version, short, .. } in ALL {
            let secret = chacha_secret(&provider);
            let mut keys = OneRttKeys::new(&provider, version, &secret, &secret).unwrap();
            // The packet number is written by the call.
            let mut packet = [0; 21];
            (packet[0], packet[4]) = (0x42, 0x01);
            keys.seal(time, SHORT_NUMBER, 1, &mut packet).unwrap();
            assert_eq!(packet, short, "{version}");
        }
    }
}

#[test]
fn secret_after_a_key_update_is_that_of_the_rfc() {
    for provider in providers() {
        for Packets { version, updated_secret, .. } in ALL {
            let label: &[u8] = match version {
                Version::V1 => b"quic ku",
                Version::V2 => b"quicv2 ku",
            };
            let secret = chacha_secret(&provider).next_generation(label).unwrap();
            assert_eq!(secret.expose(), updated_secret);
        }
    }
}
