//! Opening CBC records: padding and MAC (RFC 5246 section 6.2.3.2, RFC 7366).
//!
//! The secret is the master secret, and everything derived from it: the keys, the decrypted data, the MACs.

use crate::subject::{Fault, Subject, Trial, Variant, Verdict, function, line};
use crate::valgrind;
use cairn_crypto::{BlockCipherAlgorithm, HashAlgorithm, Provider, Secret};
use cairn_record::{RecordError, RecordKeys};
use cairn_schedule::{
    Authentication, KeyBlock, Keys, MasterSecret, Protection, Randoms, Tls12Keys, Tls12Suite,
};
use cairn_wire::{CipherSuite, ContentType, KeyExchangeAlgorithm, ProtocolVersion, Random};
use std::ops::Range;

const SEQ: u64 = 7;
const DATA: ContentType = ContentType::APPLICATION_DATA;
const VERSION: ProtocolVersion = ProtocolVersion::TLS_1_2;

const fn cbc(
    id: CipherSuite,
    cipher: BlockCipherAlgorithm,
    mac: HashAlgorithm,
    prf_hash: HashAlgorithm,
) -> Tls12Suite {
    let (key_exchange, authentication) = (KeyExchangeAlgorithm::Rsa, Authentication::Rsa);
    Tls12Suite { id, key_exchange, authentication, protection: Protection::cbc(cipher, mac), prf_hash }
}

use BlockCipherAlgorithm::{Aes128, Aes256, TripleDes};
use HashAlgorithm::{Sha1, Sha256, Sha384};

static SUITES: [(&str, Tls12Suite); 4] = [
    ("aes128-sha", cbc(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, Aes128, Sha1, Sha256)),
    ("aes256-sha256", cbc(CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256, Aes256, Sha256, Sha256)),
    ("aes256-sha384", cbc(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, Aes256, Sha384, Sha384)),
    ("3des-sha", cbc(CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA, TripleDes, Sha1, Sha256)),
];

/// Lengths of the encrypted data: one with room for any padding, and one with almost none.
const LENGTHS: [usize; 2] = [512, 64];

/// The defect of a record with a given padding length.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// Every byte of the MAC.
    Mac,
    LastByteOfMac,
    /// The first byte of the padding, or only its length if it does not fit.
    Padding,
    /// Both.
    PaddingAndMac,
}

const REFUSED: &str = "refused";
/// With encrypt-then-MAC the MAC is valid, so the padding was chosen by the sender.
const PADDING: &str = "right MAC, wrong padding";
/// A valid record: its text is returned, and nothing has to be erased.
const TAKEN: &str = "taken";

const VARIANTS: [(&str, Wrong, u8); 17] = [
    ("MAC, padding 0", Wrong::Mac, 0),
    ("MAC, padding 1", Wrong::Mac, 1),
    ("MAC, padding 15", Wrong::Mac, 15),
    ("MAC, padding 16", Wrong::Mac, 16),
    ("MAC, padding 100", Wrong::Mac, 100),
    ("MAC, padding 255", Wrong::Mac, 255),
    ("last byte of MAC, padding 0", Wrong::LastByteOfMac, 0),
    ("last byte of MAC, padding 100", Wrong::LastByteOfMac, 100),
    ("last byte of MAC, padding 255", Wrong::LastByteOfMac, 255),
    ("padding 1", Wrong::Padding, 1),
    ("padding 15", Wrong::Padding, 15),
    ("padding 100", Wrong::Padding, 100),
    ("padding 255", Wrong::Padding, 255),
    ("padding 15 and MAC", Wrong::PaddingAndMac, 15),
    ("padding 255 and MAC", Wrong::PaddingAndMac, 255),
    ("nothing, padding 0", Wrong::Nothing, 0),
    ("nothing, padding 255", Wrong::Nothing, 255),
];

const VERDICTS: [Verdict; 6] = [
    line(
        "crates/record/src/protect/cbc/mac_then_encrypt.rs",
        "if bool::from(right & ours.ct_eq(theirs)) {",
        "the verdict on padding and MAC together: the alert tells it",
    ),
    line(
        "crates/crypto/src/hmac.rs",
        "if equal { Ok(()) } else { Err(CryptoError::BadTag) }",
        "the verdict on the MAC of encrypt-then-MAC: the alert tells it",
    ),
    line(
        "crates/record/src/protect/cbc/encrypt_then_mac.rs",
        "self.mac.verify(&[&additional_data(context, stated.to_be_bytes()), covered], mac)?;",
        "the same verdict, returned to the caller",
    ),
    line(
        "crates/record/src/protect/cbc/encrypt_then_mac.rs",
        "if bool::from(right) {",
        "the MAC is valid, so the holder of the keys made this padding",
    ),
    line("crates/record/src/protect.rs", "if opened.is_err() {", "the same verdicts, once more"),
    function("des::", "3DES looks up tables by key and data; its documentation says so"),
];

struct Opening {
    keys: RecordKeys,
    body: Vec<u8>,
    refused: bool,
    verdict: Result<Range<usize>, RecordError>,
}

impl Trial for Opening {
    fn run(&mut self) {
        self.verdict = self.keys.open(SEQ, DATA, VERSION, &mut self.body).map(|(_, text)| text);
    }

    fn check(&mut self) -> Result<(), Fault> {
        valgrind::reveal(&mut self.verdict);
        let refused = matches!(self.verdict, Err(RecordError::BadRecordMac));
        if refused == self.refused { Ok(()) } else { Err("wrong verdict".into()) }
    }
}

fn traffic_keys(
    provider: &Provider,
    suite: &'static Tls12Suite,
    protection: Protection,
    hidden: bool,
) -> Result<Tls12Keys, Fault> {
    let mut secret = [3; 48];
    if hidden {
        valgrind::hide(&mut secret);
    }
    let secret = MasterSecret::from(Secret::from(&secret));
    let prf = secret.prf(provider.hmac(suite.prf_hash).ok_or("HMAC")?)?;
    let randoms = Randoms { client: Random([1; 32]), server: Random([2; 32]) };
    let keys = KeyBlock::derive(&prf, protection, &randoms)?.into_directions().0;
    if hidden && valgrind::is_hidden(secret.expose()) {
        for key in [keys.mac_key(), keys.cipher_key()] {
            if !valgrind::is_hidden(key) {
                return Err("memcheck no longer marks the result as secret".into());
            }
        }
    }
    Ok(keys)
}

/// Builds the body of a record with this defect.
fn forge(
    provider: &Provider,
    suite: &'static Tls12Suite,
    encrypt_then_mac: bool,
    length: usize,
    (wrong, padding): (Wrong, u8),
) -> Result<Vec<u8>, Fault> {
    let Protection::Cbc { cipher, mac, .. } = suite.protection else { return Err("no CBC".into()) };
    let keys = traffic_keys(provider, suite, suite.protection, false)?;
    let tag_of = |covered: &[u8], length: usize| -> Result<Vec<u8>, Fault> {
        let mut header = SEQ.to_be_bytes().to_vec();
        header.extend_from_slice(&[DATA.0, 3, 3]);
        header.extend_from_slice(&u16::try_from(length)?.to_be_bytes());
        let mut tag = vec![0; mac.output_len()];
        provider.hmac(mac).ok_or("HMAC")?.key(keys.mac_key())?.sign(&[&header, covered], &mut tag)?;
        match wrong {
            Wrong::Mac | Wrong::PaddingAndMac => tag.iter_mut().for_each(|byte| *byte ^= 0xff),
            Wrong::LastByteOfMac => tag.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1),
            Wrong::Padding | Wrong::Nothing => {}
        }
        Ok(tag)
    };
    let mut plain: Vec<u8> = (0..=250).cycle().take(length).collect();
    let text_end = length.saturating_sub(usize::from(padding) + 1);
    let (_, at_end) = plain.split_at_mut(text_end);
    at_end.fill(padding);
    if let (Wrong::Padding | Wrong::PaddingAndMac, Some(first)) = (wrong, at_end.first_mut()) {
        *first ^= 0x40;
    }
    if let (false, Some(text_len)) = (encrypt_then_mac, text_end.checked_sub(mac.output_len())) {
        let tag = tag_of(&plain[..text_len], text_len)?;
        plain[text_len..text_end].copy_from_slice(&tag);
    }
    let iv = vec![0x55; cipher.block_len()];
    provider.block_cipher(cipher).ok_or("cipher")?.key(keys.cipher_key())?.encrypt_cbc(&iv, &mut plain)?;
    let mut body = [iv, plain].concat();
    if encrypt_then_mac {
        let tag = tag_of(&body, body.len())?;
        body.extend(tag);
    }
    Ok(body)
}

fn subject(name: &str, suite: &'static Tls12Suite, encrypt_then_mac: bool, length: usize) -> Subject {
    let mac_len = suite.protection.mac_key_len();
    let variant = |(name, wrong, padding): (&'static str, Wrong, u8)| {
        let inside = if encrypt_then_mac { 0 } else { mac_len };
        // If the padding does not fit, the record is invalid in any case.
        let fits = length > inside + usize::from(padding);
        let class = match wrong {
            Wrong::Nothing if fits => TAKEN,
            Wrong::Nothing | Wrong::Padding if encrypt_then_mac => PADDING,
            _ => REFUSED,
        };
        Variant::new(name, class, move || {
            let provider = cairn_provider_aws_lc::provider();
            let body = forge(&provider, suite, encrypt_then_mac, length, (wrong, padding))?;
            let plain = suite.protection;
            let protection = plain.with_encrypt_then_mac().filter(|_| encrypt_then_mac).unwrap_or(plain);
            let keys = Keys::Tls12(traffic_keys(&provider, suite, protection, true)?);
            let keys = RecordKeys::new(&provider, &keys)?;
            let refused = class != TAKEN;
            Ok(Opening { keys, body, refused, verdict: Ok(0..0) })
        })
    };
    let order = if encrypt_then_mac { "encrypt-then-mac" } else { "mac-then-encrypt" };
    Subject {
        name: format!("cbc-{name}-{order}-{length}"),
        about: format!("a record of {length} encrypted bytes opened, {name}, {order}"),
        variants: VARIANTS.map(variant).into(),
        verdicts: VERDICTS.into(),
        leaks: None,
    }
}

pub(crate) fn subjects() -> Vec<Subject> {
    let mut subjects = Vec::new();
    for (name, suite) in &SUITES {
        subjects.extend(LENGTHS.map(|length| subject(name, suite, false, length)));
        subjects.push(subject(name, suite, true, LENGTHS[0]));
    }
    subjects
}
