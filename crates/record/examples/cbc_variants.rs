//! Opens copies of one CBC record with its MAC inside, right or wrong in a named way: for counting instructions, which
//! must not tell one way of being wrong from another.
//!
//! ```text
//! cargo build --release -p cairn-record --example cbc_variants
//! valgrind --tool=callgrind --toggle-collect='cbc_variants::open_all*' \
//!     target/release/examples/cbc_variants aes128-sha padding-15 512 100
//! ```
//!
//! The arguments: a suite (`3des-sha`, `aes128-sha`, `aes256-sha256`, `aes256-sha384`); a variant; how many bytes are
//! encrypted, in whole blocks; how many copies are opened. The variants:
//!
//! - `padding-N`: a well-formed padding of that length, and a wrong MAC. Every byte of the MAC is wrong.
//! - `last-mac-byte-N`: a well-formed padding, and a MAC of which only the last byte is wrong.
//! - `bad-padding-N`: the last byte claims that length, and the first byte of that padding says something else. Where
//!   the record has no room for so much padding, the claim alone is wrong.
//! - `good-N`: all is right. What follows then is another matter: the text is handed out and nothing is zeroed.
//!
//! `cbc_variants list` names the variants that are worth comparing.
#![allow(clippy::print_stdout, reason = "an example talks")]

use cairn_crypto::{BlockCipherAlgorithm, HashAlgorithm, Provider, Secret};
use cairn_record::{RecordError, RecordKeys};
use cairn_schedule::{Authentication, KeyBlock, MasterSecret, Protection, Randoms, Suite, TrafficKeys};
use cairn_wire::{CipherSuite, ContentType, KeyExchangeAlgorithm, ProtocolVersion, Random};
use core::error::Error;
use std::{env, process::ExitCode};

const SEQ: u64 = 7;
const DATA: ContentType = ContentType::APPLICATION_DATA;
const VERSION: ProtocolVersion = ProtocolVersion::TLS_1_2;

const fn cbc(
    id: CipherSuite,
    cipher: BlockCipherAlgorithm,
    mac: HashAlgorithm,
    prf_hash: HashAlgorithm,
) -> Suite {
    let (key_exchange, authentication) = (KeyExchangeAlgorithm::Rsa, Authentication::Rsa);
    Suite { id, key_exchange, authentication, protection: Protection::Cbc { cipher, mac }, prf_hash }
}

use BlockCipherAlgorithm::{Aes128, Aes256, TripleDes};
use HashAlgorithm::{Sha1, Sha256, Sha384};

static SUITES: [(&str, Suite); 4] = [
    ("3des-sha", cbc(CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA, TripleDes, Sha1, Sha256)),
    ("aes128-sha", cbc(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, Aes128, Sha1, Sha256)),
    ("aes256-sha256", cbc(CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256, Aes256, Sha256, Sha256)),
    ("aes256-sha384", cbc(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, Aes256, Sha384, Sha384)),
];

const VARIANTS: [&str; 14] = [
    "padding-0",
    "padding-1",
    "padding-15",
    "padding-16",
    "padding-100",
    "padding-255",
    "last-mac-byte-0",
    "last-mac-byte-100",
    "last-mac-byte-255",
    "bad-padding-1",
    "bad-padding-15",
    "bad-padding-100",
    "bad-padding-255",
    "good-0",
];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [suite, variant, length, count] = &arguments[..] else {
        println!("{}", VARIANTS.join("\n"));
        return Ok(ExitCode::from(2));
    };
    let suite = SUITES.iter().find(|(name, _)| name == suite).map(|(_, suite)| suite).ok_or("suite")?;
    let provider = cairn_provider_aws_lc::provider();
    let traffic_keys = traffic_keys(&provider, suite)?;
    let body = forge(&provider, suite, &traffic_keys, variant, length.parse()?)?;
    let keys = RecordKeys::new(&provider, suite, &traffic_keys, false)?;

    // Once before counting, so that what is set up at the first use is.
    let mut room = body.clone();
    let _ = keys.open(SEQ, DATA, VERSION, &mut room);
    let verdict = open_all(&keys, &body, &mut room, count.parse()?);
    let expected = if variant.starts_with("good") { Ok(()) } else { Err(RecordError::BadRecordMac) };
    println!("{variant}: {verdict:?}");
    Ok(if verdict == expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is counted.
#[inline(never)]
fn open_all(keys: &RecordKeys, body: &[u8], room: &mut [u8], count: u32) -> Result<(), RecordError> {
    let mut verdict = Ok(());
    for _ in 0..count {
        room.copy_from_slice(body);
        verdict = keys.open(SEQ, DATA, VERSION, room).map(|_| ());
    }
    verdict
}

fn traffic_keys(provider: &Provider, suite: &'static Suite) -> Result<TrafficKeys, Box<dyn Error>> {
    let prf = MasterSecret::from(Secret::from(&[3; 48])).prf(provider.hmac(suite.prf_hash).ok_or("HMAC")?)?;
    let randoms = Randoms { client: Random([1; 32]), server: Random([2; 32]) };
    Ok(KeyBlock::derive(&prf, suite, &randoms)?.into_directions().0)
}

/// The record body of a variant.
fn forge(
    provider: &Provider,
    suite: &Suite,
    keys: &TrafficKeys,
    variant: &str,
    length: usize,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let Protection::Cbc { cipher, mac } = suite.protection else { return Err("no CBC".into()) };
    let (fault, padding) = variant.rsplit_once('-').ok_or("variant")?;
    let padding: u8 = padding.parse()?;
    let mut plain: Vec<u8> = (0..=250).cycle().take(length).collect();

    let mac_end = length.saturating_sub(usize::from(padding) + 1);
    if let Some(text_len) = mac_end.checked_sub(mac.output_len()) {
        let mut covered = SEQ.to_be_bytes().to_vec();
        covered.extend_from_slice(&[DATA.0, 3, 3]);
        covered.extend_from_slice(&u16::try_from(text_len)?.to_be_bytes());
        let (text, behind) = plain.split_at_mut(text_len);
        let (tag, _) = behind.split_at_mut(mac.output_len());
        provider.hmac(mac).ok_or("HMAC")?.key(keys.mac_key())?.sign(&[&covered, text], tag)?;
        match fault {
            "padding" => tag.iter_mut().for_each(|byte| *byte ^= 0xff),
            "last-mac-byte" => tag.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1),
            _ => {}
        }
    }
    let (_, at_end) = plain.split_at_mut(mac_end);
    at_end.fill(padding);
    if let ("bad-padding", Some(first)) = (fault, at_end.first_mut()) {
        *first ^= 0x40;
    }

    let iv = vec![0x55; cipher.block_len()];
    let key = provider.block_cipher(cipher).ok_or("cipher")?.key(keys.cipher_key())?;
    key.encrypt_cbc(&iv, &mut plain)?;
    Ok([iv, plain].concat())
}
