//! Valid padding of every length, and every kind of invalid record that only the holder of the keys could
//! make.

use crate::testing::{ENCRYPT_THEN_MAC, Kind, MAC_THEN_ENCRYPT, provider};
use crate::{error::RecordError, protect::RecordKeys};
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{
    Algorithm, BlockCipher, BlockCipherAlgorithm, BlockCipherKey, CompressionFunction, CompressionState,
    CryptoError, Hash, HashAlgorithm, HashContext, HmacKey,
};
use cairn_schedule::Protection;
use cairn_wire::{ContentType, ProtocolVersion};
use core::sync::atomic::{AtomicUsize, Ordering};
use proptest::prelude::*;

const SEQ: u64 = 0x0102_0304_0506_0708;
const DATA: ContentType = ContentType::APPLICATION_DATA;
const TEXT: &[u8] = b"stone upon stone upon stone";

/// Constructs valid and invalid records by hand.
struct Forge {
    kind: Kind,
    keys: RecordKeys,
    cipher: Box<dyn BlockCipherKey>,
    hmac: Box<dyn HmacKey>,
    block: usize,
    mac_len: usize,
}

impl Forge {
    fn new(kind: Kind) -> Self {
        let Protection::Cbc { cipher, mac, .. } = kind.suite.protection else { panic!("{kind:?}") };
        let (provider, traffic_keys) = (provider(), kind.traffic_keys().0);
        Self {
            kind,
            keys: kind.keys(),
            cipher: provider.block_cipher(cipher).unwrap().key(traffic_keys.cipher_key()).unwrap(),
            hmac: provider.hmac(mac).unwrap().key(traffic_keys.mac_key()).unwrap(),
            block: cipher.block_len(),
            mac_len: mac.output_len(),
        }
    }

    fn mac(&self, covered: &[u8]) -> Vec<u8> {
        let mut head = SEQ.to_be_bytes().to_vec();
        head.extend_from_slice(&[DATA.0, 3, 3]);
        head.extend_from_slice(&u16::try_from(covered.len()).unwrap().to_be_bytes());
        let mut mac = vec![0; self.mac_len];
        self.hmac.sign(&[&head, covered], &mut mac).unwrap();
        mac
    }

    /// The data to encrypt, without the padding.
    fn unpadded(&self, text: &[u8]) -> Vec<u8> {
        let mac = if self.kind.encrypt_then_mac { Vec::new() } else { self.mac(text) };
        [text, &mac].concat()
    }

    /// IV and whole blocks, and with encrypt-then-MAC the MAC of both.
    fn body(&self, mut plain: Vec<u8>) -> Vec<u8> {
        let iv: Vec<u8> = (0x40..).take(self.block).collect();
        self.cipher.encrypt_cbc(&iv, &mut plain).unwrap();
        let body = [iv, plain].concat();
        let mac = if self.kind.encrypt_then_mac { self.mac(&body) } else { Vec::new() };
        [body, mac].concat()
    }

    /// All padding lengths that fill the last block.
    fn padding_lengths(&self, unpadded: usize) -> impl Iterator<Item = u8> {
        let block = self.block;
        (0..=255_u8).filter(move |length| (unpadded + usize::from(*length) + 1).is_multiple_of(block))
    }

    fn open(&self, mut body: Vec<u8>) -> Result<Vec<u8>, RecordError> {
        let place = self.keys.open(SEQ, DATA, ProtocolVersion::TLS_1_2, &mut body);
        if place.is_err() {
            assert!(body.iter().all(|byte| *byte == 0), "body was not zeroed");
        }
        place.map(|(_, place)| body[place].to_vec())
    }

    #[track_caller]
    fn refuses(&self, body: Vec<u8>) {
        assert_eq!(self.open(body), Err(RecordError::BadRecordMac), "{:?}", self.kind);
    }
}

fn forges() -> impl Iterator<Item = Forge> {
    MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC).map(Forge::new)
}

fn padded(mut plain: Vec<u8>, length: u8) -> Vec<u8> {
    plain.resize(plain.len() + usize::from(length) + 1, length);
    plain
}

#[test]
fn every_padding_length_is_accepted() {
    for forge in forges() {
        let mut seen = Vec::new();
        // As many text lengths as a block has bytes, so that every padding length from 0 to 255 occurs.
        for text_len in 0..forge.block {
            let text = &TEXT[..text_len];
            let unpadded = forge.unpadded(text);
            for length in forge.padding_lengths(unpadded.len()) {
                let opened = forge.open(forge.body(padded(unpadded.clone(), length)));
                assert_eq!(opened.as_deref(), Ok(text), "{:?} {length}", forge.kind);
                seen.push(length);
            }
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..=255), "{:?}", forge.kind);
    }
}

#[test]
fn every_byte_of_padding_and_mac_is_checked() {
    for forge in forges() {
        let unpadded = forge.unpadded(TEXT);
        for length in forge.padding_lengths(unpadded.len()).step_by(5) {
            let right = padded(unpadded.clone(), length);
            for at in 0..right.len() {
                // With encrypt-then-MAC the text may be anything; only the padding is checked.
                if at < TEXT.len() && forge.kind.encrypt_then_mac {
                    continue;
                }
                for change in [0x01, 0x80] {
                    let mut wrong = right.clone();
                    wrong[at] ^= change;
                    // With encrypt-then-MAC, a padding of 0 and the byte before it can be valid for another
                    // text.
                    if forge.kind.encrypt_then_mac && is_well_padded(&wrong) {
                        continue;
                    }
                    forge.refuses(forge.body(wrong));
                }
            }
        }
    }
}

fn is_well_padded(plain: &[u8]) -> bool {
    let length = plain.last().copied().unwrap();
    plain.iter().rev().take(usize::from(length) + 1).filter(|byte| **byte == length).count()
        == usize::from(length) + 1
}

#[test]
fn padding_longer_than_the_record_is_rejected() {
    for forge in forges() {
        let unpadded = forge.unpadded(b"");
        let shortest = padded(unpadded.clone(), forge.padding_lengths(unpadded.len()).next().unwrap());
        for claimed in 0..=255_u8 {
            // Either all bytes contain the length, or only the last.
            for fill in [true, false] {
                let mut wrong = shortest.clone();
                let from = if fill { 0 } else { wrong.len() - 1 };
                wrong[from..].fill(claimed);
                if forge.kind.encrypt_then_mac && is_well_padded(&wrong) || wrong == shortest {
                    continue;
                }
                forge.refuses(forge.body(wrong));
            }
        }
    }
}

#[test]
fn padding_that_overlaps_the_mac_is_rejected() {
    for forge in MAC_THEN_ENCRYPT.map(Forge::new) {
        // The entire record is well-formed padding, down to the case that lacks one byte of room for the MAC.
        for blocks in 1..=16 {
            let len = blocks * forge.block;
            let length = u8::try_from(len - 1).unwrap();
            forge.refuses(forge.body(vec![length; len]));
        }
        for short in 1..=forge.mac_len {
            let plain = vec![0; (forge.mac_len + 1).next_multiple_of(forge.block) + forge.block];
            let padding = plain.len() - (forge.mac_len - short);
            let length = u8::try_from(padding - 1).unwrap();
            let kept = plain.len() - padding;
            forge.refuses(forge.body(padded(plain[..kept].to_vec(), length)));
        }
    }
}

#[test]
fn impossible_lengths_are_rejected() {
    for forge in forges() {
        let unpadded = forge.unpadded(TEXT);
        let length = forge.padding_lengths(unpadded.len()).nth(1).unwrap();
        let body = forge.body(padded(unpadded, length));
        assert!(forge.open(body.clone()).is_ok());
        for cut in 0..body.len() {
            forge.refuses(body[..cut].to_vec());
            forge.refuses(body[body.len() - cut..].to_vec());
        }
        let mut longer = body;
        for _ in 0..2 * forge.block {
            longer.push(0);
            forge.refuses(longer.clone());
        }
    }
}

#[test]
fn modified_iv_and_reordered_blocks_are_rejected() {
    for forge in forges() {
        let unpadded = forge.unpadded(TEXT);
        let length = forge.padding_lengths(unpadded.len()).next().unwrap();
        let body = forge.body(padded(unpadded, length));
        for at in 0..body.len() {
            let mut wrong = body.clone();
            wrong[at] ^= 1;
            forge.refuses(wrong);
        }
        // Blocks in another order.
        for at in 0..body.len() / forge.block - 1 {
            let mut wrong = body.clone();
            let (first, second) = wrong[at * forge.block..][..2 * forge.block].split_at_mut(forge.block);
            first.swap_with_slice(second);
            forge.refuses(wrong);
        }
    }
}

#[test]
fn mac_then_encrypt_and_encrypt_then_mac_are_not_interchangeable() {
    for (inside, outside) in MAC_THEN_ENCRYPT.into_iter().zip(ENCRYPT_THEN_MAC) {
        let (inside, outside) = (Forge::new(inside), Forge::new(outside));
        for (from, to) in [(&inside, &outside), (&outside, &inside)] {
            let mut body = vec![0; from.keys.overhead().body_len(TEXT.len())];
            body[from.block..][..TEXT.len()].copy_from_slice(TEXT);
            from.keys.seal(SEQ, DATA, ProtocolVersion::TLS_1_2, &mut body, TEXT.len()).unwrap();
            assert_eq!(from.open(body.clone()).as_deref(), Ok(TEXT));
            to.refuses(body);
        }
    }
}

/// A hash that counts the calls of its compression function.
struct Counting(Arc<dyn Hash>, Arc<AtomicUsize>);

struct CountingState(Box<dyn CompressionState>, Arc<AtomicUsize>);

impl Algorithm for Counting {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Hash for Counting {
    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }

    fn start(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        self.0.start()
    }

    fn compression(&self) -> Option<&dyn CompressionFunction> {
        Some(self)
    }
}

impl CompressionFunction for Counting {
    fn start(&self) -> Box<dyn CompressionState> {
        let state = self.0.compression().unwrap().start();
        Box::new(CountingState(state, Arc::clone(&self.1)))
    }
}

impl CompressionState for CountingState {
    fn compress(&mut self, block: &[u8]) -> Result<(), CryptoError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.compress(block)
    }

    fn write(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.write(out)
    }
}

/// Hashing dominates the time, and its amount is the same for all records of one length (RFC 5246 section
/// 6.2.3.2).
///
/// A block cipher that counts its decryptions.
struct Watched(Arc<dyn BlockCipher>, Arc<AtomicUsize>);

struct WatchedKey(Box<dyn BlockCipherKey>, Arc<AtomicUsize>);

impl Algorithm for Watched {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl BlockCipher for Watched {
    fn algorithm(&self) -> BlockCipherAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn BlockCipherKey>, CryptoError> {
        Ok(Box::new(WatchedKey(self.0.key(key)?, Arc::clone(&self.1))))
    }
}

impl BlockCipherKey for WatchedKey {
    fn encrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.encrypt_cbc(iv, in_out)
    }

    fn decrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.decrypt_cbc(iv, in_out)
    }
}

#[test]
fn encrypt_then_mac_verifies_the_mac_before_decrypting() {
    for forge in forges() {
        let outside = forge.kind.encrypt_then_mac;
        let count = Arc::new(AtomicUsize::new(0));
        let mut provider = provider();
        let watched = |cipher| -> Arc<dyn BlockCipher> { Arc::new(Watched(cipher, Arc::clone(&count))) };
        provider.block_ciphers = provider.block_ciphers.into_iter().map(watched).collect();
        let keys = forge.kind.keys_by(&provider).unwrap();
        let open = |mut body: Vec<u8>| {
            let before = count.load(Ordering::Relaxed);
            let opened = keys.open(SEQ, DATA, ProtocolVersion::TLS_1_2, &mut body);
            (opened.is_ok(), count.load(Ordering::Relaxed) > before)
        };
        let unpadded = forge.unpadded(TEXT);
        let length = forge.padding_lengths(unpadded.len()).next().unwrap();
        let right = forge.body(padded(unpadded.clone(), length));
        assert_eq!(open(right.clone()), (true, true), "{:?}", forge.kind);
        // Modify the IV, the blocks or the MAC.
        for at in 0..right.len() {
            let mut wrong = right.clone();
            wrong[at] ^= 1;
            assert_eq!(open(wrong), (false, !outside), "{:?} {at}", forge.kind);
        }
        // Invalid padding under a valid MAC is detected after decryption.
        let mut plain = padded(unpadded, length);
        *plain.last_mut().unwrap() = 0xff;
        assert_eq!(open(forge.body(plain)), (false, true), "{:?}", forge.kind);
    }
}

#[test]
fn amount_of_hashing_does_not_depend_on_the_kind_of_failure() {
    const LEN: usize = 512;
    for forge in MAC_THEN_ENCRYPT.map(Forge::new) {
        let count = Arc::new(AtomicUsize::new(0));
        let mut provider = provider();
        let counting = |hash| -> Arc<dyn Hash> { Arc::new(Counting(hash, Arc::clone(&count))) };
        provider.hashes = provider.hashes.into_iter().map(counting).collect();
        let keys = forge.kind.keys_by(&provider).unwrap();
        let open = |plain: &[u8]| {
            assert_eq!(plain.len(), LEN);
            let before = count.load(Ordering::Relaxed);
            let opened = keys.open(SEQ, DATA, ProtocolVersion::TLS_1_2, &mut forge.body(plain.to_vec()));
            (opened.is_ok(), count.load(Ordering::Relaxed) - before)
        };
        let with_padding = |length: u8| {
            let text = vec![7; LEN - 1 - usize::from(length) - forge.mac_len];
            padded(forge.unpadded(&text), length)
        };
        let (right, hashed) = open(&with_padding(0));
        assert!(right && hashed > 4, "{:?} {hashed}", forge.kind);
        for length in 0..=255_u8 {
            let plain = with_padding(length);
            assert_eq!(open(&plain), (true, hashed), "{:?} {length}", forge.kind);
            // The last byte before the padding length: part of the padding, or of the MAC if there is no
            // other padding.
            let mut wrong = plain.clone();
            wrong[LEN - 2] ^= 1;
            assert_eq!(open(&wrong), (false, hashed), "{:?} {length}", forge.kind);
            // The last byte of the MAC.
            let mut wrong = plain;
            wrong[LEN - 2 - usize::from(length)] ^= 1;
            assert_eq!(open(&wrong), (false, hashed), "{:?} {length}", forge.kind);
        }
        for byte in [0, 1, 0x7f, 0xff] {
            assert_eq!(open(&[byte; LEN]), (false, hashed), "{:?} {byte}", forge.kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The MAC over a secret length equals HMAC, for all text lengths around the block boundaries of the
    /// hash.
    #[test]
    fn texts_of_all_lengths_are_opened(
        row in 0..4_usize,
        outside: bool,
        text in proptest::collection::vec(any::<u8>(), 0..700),
        more in 0..16_usize,
    ) {
        let forge = Forge::new(if outside { ENCRYPT_THEN_MAC[row] } else { MAC_THEN_ENCRYPT[row] });
        let unpadded = forge.unpadded(&text);
        let length = forge.padding_lengths(unpadded.len()).nth(more).unwrap();
        let opened = forge.open(forge.body(padded(unpadded, length)));
        prop_assert_eq!(opened, Ok(text));
    }

    #[test]
    fn random_bytes_are_rejected(
        row in 0..4_usize,
        outside: bool,
        body in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let forge = Forge::new(if outside { ENCRYPT_THEN_MAC[row] } else { MAC_THEN_ENCRYPT[row] });
        // Once as ciphertext, and once as the result of decryption.
        let whole = body.len() / forge.block * forge.block;
        let mut plain = body[..whole].to_vec();
        if let (Some(last), false) = (plain.last_mut(), outside) {
            *last %= 32;
            forge.refuses(forge.body(plain));
        }
        forge.refuses(body);
    }
}
