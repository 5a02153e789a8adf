//! Packets of QUIC: header protection, payloads, and key updates between two ends.

use crate::script::Script;
use crate::world::{self, provider};
use cairn_crypto::SecretBytes;
use cairn_quic::{Keys, OneRttKeys, OpenError, Time, Version, check_retry, initial_keys};
use cairn_schedule::tls13::{ApplicationTrafficSecret, Kdf, TrafficSecret, suite};
use cairn_tls::Side;
use cairn_tls::wire::CipherSuite;

const SUITES: [CipherSuite; 4] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_AES_128_CCM_SHA256,
];

/// The Probe Timeout in milliseconds.
const PTO: u64 = 10;

/// The header: a first byte that states a packet number of 4 bytes, and a connection ID.
const HEADER: &[u8] = b"\x43id";
const HEADER_LEN: usize = HEADER.len() + 4;

/// Length of the tag.
const TAG_LEN: usize = 16;

fn secret(id: CipherSuite, byte: u8) -> TrafficSecret {
    let suite = suite(id).unwrap();
    let kdf = Kdf::new(provider(Side::Client), suite.hash).unwrap();
    let secret = SecretBytes::from(vec![byte; suite.hash.output_len()]);
    ApplicationTrafficSecret::new(&kdf, secret).unwrap().for_suite(suite).unwrap()
}

/// An end of a connection. Each packet that it sends acknowledges the largest packet that it has received.
struct End {
    keys: OneRttKeys,
    next_number: u64,
    largest: Option<u64>,
    /// Packets of the other end that have not arrived yet.
    under_way: Vec<Vec<u8>>,
}

impl End {
    fn new(version: Version, local: &TrafficSecret, remote: &TrafficSecret) -> Self {
        let mut keys = OneRttKeys::new(provider(Side::Client), version, local, remote).unwrap();
        keys.confirm_handshake();
        Self { keys, next_number: 0, largest: None, under_way: Vec::new() }
    }

    fn seal(&mut self, time: Time, text: &[u8]) -> Vec<u8> {
        // 2^62 is no packet number, so it stands for none.
        let largest = self.largest.unwrap_or(1 << 62).to_be_bytes();
        let mut packet = [HEADER, &[0; 4], &largest, text, &[0; TAG_LEN]].concat();
        self.keys.seal(time, self.next_number, HEADER.len(), &mut packet).expect("a valid packet");
        self.next_number += 1;
        packet
    }

    /// Returns the packet number, and the length of the text.
    fn open(&mut self, time: Time, packet: &mut [u8]) -> Result<(u64, usize), OpenError> {
        let opened = self.keys.open(time, HEADER.len(), packet)?;
        let (largest, text) = packet[opened.payload].split_first_chunk().expect("what seal writes");
        let largest = u64::from_be_bytes(*largest);
        if largest < 1 << 62 {
            self.keys.acknowledged(time, largest, opened.generation).expect("an honest end");
        }
        self.largest = self.largest.max(Some(opened.packet_number));
        Ok((opened.packet_number, text.len()))
    }

    /// Calls `on_timeout` when it is due.
    fn wake(&mut self, now: u64) {
        if self.keys.timeout().is_some_and(|due| due <= now) {
            self.keys.on_timeout(now).expect("the provider does not fail");
        }
        assert!(self.keys.timeout().is_none_or(|due| due > now), "everything due was done");
    }
}

/// The first byte selects suite and version. Then come steps: arbitrary bytes, which never open, or actions
/// of two ends, which seal packets, let them arrive at once, late or changed, and update their keys. A packet
/// that arrives at once always opens, a changed one never does, and honest ends never violate a rule of key
/// updates.
///
/// # Panics
/// If that does not hold.
pub fn run(input: &[u8]) {
    world::rewind();
    let mut script = Script(input);
    let choice = script.byte();
    let id = SUITES[usize::from(choice & 3)];
    let version = if choice & 4 == 0 { Version::V1 } else { Version::V2 };
    let secrets = [secret(id, 1), secret(id, 2)];
    let [ours, theirs] = &secrets;
    let initial = initial_keys(provider(Side::Client), version, b"connection", Side::Server).unwrap();
    let level = Keys::new(provider(Side::Client), version, ours, theirs).unwrap();
    let mut ends = [End::new(version, ours, theirs), End::new(version, theirs, ours)];
    let mut time = Time { now: 0, pto: PTO };
    while let Some(step) = script.step() {
        if step < 0x80 {
            let offset = usize::from(script.byte());
            let bytes = script.take(usize::from(step));
            arbitrary(&initial, bytes, offset);
            arbitrary(&level, bytes, offset);
            let opened = ends[0].keys.open(time, offset, &mut bytes.to_vec());
            assert!(matches!(opened, Err(OpenError::DoesNotOpen | OpenError::TooShort { .. })));
            let checked = check_retry(provider(Side::Client), version, b"connection", bytes);
            assert_eq!(checked, Ok(false), "a tag of 16 bytes");
            continue;
        }
        let [one, two] = &mut ends;
        let (from, to) = if step & 0x40 == 0 { (one, two) } else { (two, one) };
        match step & 7 {
            0..=2 => {
                let text = vec![step; usize::from(script.byte())];
                let mut packet = from.seal(time, &text);
                if step & 7 == 2 {
                    to.under_way.push(packet);
                    continue;
                }
                if step & 7 == 1 {
                    let place = script.short() % packet.len();
                    let mut changed = packet.clone();
                    changed[place] ^= script.byte() | 1;
                    assert_eq!(to.open(time, &mut changed), Err(OpenError::DoesNotOpen));
                    let kept = changed.windows(8).any(|window| window == [step; 8]);
                    assert!(!kept || text.len() < 8, "rejected plaintext must be erased");
                }
                let opened = to.open(time, &mut packet);
                assert_eq!(opened, Ok((from.next_number - 1, text.len())));
                assert!(packet[HEADER_LEN + 8..].starts_with(&text));
            }
            // A late packet: it opens, or its keys are gone.
            3 if !to.under_way.is_empty() => {
                let place = usize::from(script.byte()) % to.under_way.len();
                let mut packet = to.under_way.swap_remove(place);
                if let Err(error) = to.open(time, &mut packet) {
                    assert_eq!(error, OpenError::DoesNotOpen);
                }
            }
            4 => {
                // Refused if it is too early.
                let before = from.keys.generation();
                let updated = from.keys.initiate_update(time).is_ok();
                assert_eq!(from.keys.generation(), before + u64::from(updated));
            }
            5 => from.next_number += u64::from(script.byte()),
            _ => {
                time.now += u64::from(script.byte());
                from.wake(time.now);
                to.wake(time.now);
            }
        }
        // Deriving the next keys is due at once.
        ends.iter_mut().for_each(|end| end.wake(time.now));
        let [one, two] = ends.each_ref().map(|end| end.keys.generation());
        assert!(one.abs_diff(two) <= 1, "no update before the peer has followed the last one");
    }
}

/// Bytes that were not sealed with the key cannot be opened.
fn arbitrary(keys: &Keys, bytes: &[u8], offset: usize) {
    let mut packet = bytes.to_vec();
    match keys.remote.header.unprotect(&mut packet, offset) {
        Err(error) => assert!(matches!(error, OpenError::TooShort { .. })),
        Ok(truncated) => {
            assert!((1..=4).contains(&truncated.len()));
            let number = truncated.decode(Some(u64::from(bytes[0]) << 54));
            assert!(number < 1 << 62);
            let (header, payload) = packet.split_at_mut(offset + truncated.len());
            assert_eq!(keys.remote.packet.open(number, header, payload), Err(OpenError::DoesNotOpen));
            // Protecting it again restores the header.
            packet[offset + truncated.len()..].copy_from_slice(&bytes[offset + truncated.len()..]);
            keys.remote.header.protect(&mut packet, offset).expect("it was long enough");
            assert_eq!(packet, bytes);
        }
    }
}

/// Packets that arrive, late and changed ones, updates by either end, and arbitrary bytes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for choice in 0..8 {
        let exchange: &[u8] = &[0x80, 9, 0xc0, 20, 0x80, 0, 0xc0, 100];
        let late: &[u8] = &[0x82, 9, 0x82, 9, 0xc2, 9, 0xc2, 9];
        let arrive: &[u8] = &[0x83, 0, 0xc3, 0];
        let changed: &[u8] = &[0x81, 40, 0, 0, 4, 0xc1, 40, 0, 30, 1, 0x81, 40, 0, 5, 1];
        let mut bytes = vec![0x40, 2, 0x43, 105, 100];
        bytes.extend(0..60);
        seeds.push([&[choice], exchange, changed, &[0x85, 200], exchange, changed].concat());
        seeds
            .push([&[choice], exchange, late, &[0x84], arrive, exchange, arrive, &[0x86, 40], late].concat());
        let again: &[u8] = &[0x86, 31, 0xc4, 0xc0, 5, 0x80, 5, 0x86, 31, 0x84, 0xc4];
        seeds.push(
            [&[choice], exchange, &[0x84], exchange, again, exchange, again, exchange, arrive].concat(),
        );
        seeds.push([&[choice][..], &bytes, &bytes[..30]].concat());
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The initial inputs reach what they are meant to reach.
    #[test]
    fn two_ends_update_their_keys() {
        let [ours, theirs] = [1, 2].map(|byte| secret(SUITES[0], byte));
        let mut ends = [End::new(Version::V1, &ours, &theirs), End::new(Version::V1, &theirs, &ours)];
        let time = Time { now: 0, pto: PTO };
        for round in 0..3 {
            let [one, two] = &mut ends;
            let time = Time { now: time.now + round * 100, ..time };
            for _ in 0..2 {
                two.open(time, &mut one.seal(time, b"text")).unwrap();
                one.open(time, &mut two.seal(time, b"text")).unwrap();
            }
            one.wake(time.now + 99);
            two.wake(time.now + 99);
            one.keys.initiate_update(Time { now: time.now + 99, ..time }).unwrap();
        }
        assert_eq!(ends.map(|end| end.keys.generation()), [3, 2]);
    }
}
