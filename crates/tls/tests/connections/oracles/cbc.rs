//! Padding oracles (Vaudenay 2002; POODLE against TLS; CVE-2003-0078): CBC records with every kind of defect.

use super::{Classes, Seen};
use crate::support::{Forger, Kind, Pair, Secrets, client, provider, server};
use cairn_tls::wire::{AlertDescription, CipherSuite};
use cairn_tls::{Protection, Side};
use std::sync::Arc;

const SUITES: [(CipherSuite, Kind); 4] = [
    (CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, Kind::Rsa),
    (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, Kind::P256),
    (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, Kind::P256),
    (CipherSuite::TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, Kind::Rsa),
];

/// The number of encrypted bytes: enough for any MAC and any padding.
const LEN: usize = 320;

type Change = Box<dyn Fn(&mut Vec<u8>)>;

/// A record made with knowledge of the keys.
struct Record {
    /// The MAC input before the plaintext, without its length.
    seq: u64,
    content_type: u8,
    /// The plaintext. With MAC-then-encrypt, the MAC follows it.
    text: usize,
    /// The bytes after that, `padding_length` included.
    padding: Vec<u8>,
    /// The lengths of the MAC input, of the encrypted data, and of the record body.
    covered: Change,
    plain: Change,
    body: Change,
    /// The MAC.
    mac: Change,
}

fn nothing() -> Change {
    Box::new(|_| {})
}

/// Changes the byte at a position. Negative positions count from the end.
fn flip(at: isize) -> Change {
    Box::new(move |bytes| {
        let at = usize::try_from(at).unwrap_or_else(|_| bytes.len() - at.unsigned_abs());
        bytes[at] ^= 0x11;
    })
}

fn set(at: isize, to: u8) -> Change {
    Box::new(move |bytes| {
        let at = usize::try_from(at).unwrap_or_else(|_| bytes.len() - at.unsigned_abs());
        assert_ne!(bytes[at], to, "the change has no effect");
        bytes[at] = to;
    })
}

fn all() -> Change {
    Box::new(|bytes| bytes.iter_mut().for_each(|byte| *byte ^= 0xff))
}

/// The attacker's tools.
struct Attack<'f> {
    forger: &'f Forger,
    from: Side,
    block: usize,
    mac_len: usize,
}

impl<'f> Attack<'f> {
    fn new(forger: &'f Forger, from: Side) -> Self {
        let Protection::Cbc { cipher, mac, .. } = forger.suite.protection else { panic!("no CBC") };
        Self { forger, from, block: cipher.block_len(), mac_len: mac.output_len() }
    }

    /// A valid record of this many encrypted bytes, with padding of this length.
    fn good(&self, encrypted: usize, padding: u8) -> Record {
        let mac_inside = if self.forger.encrypt_then_mac { 0 } else { self.mac_len };
        let padding = vec![padding; usize::from(padding) + 1];
        Record {
            seq: 1,
            content_type: 23,
            text: encrypted - padding.len() - mac_inside,
            padding,
            covered: nothing(),
            plain: nothing(),
            body: nothing(),
            mac: nothing(),
        }
    }

    fn made(&self, record: &Record) -> Vec<u8> {
        let Protection::Cbc { cipher, mac, .. } = self.forger.suite.protection else { panic!("no CBC") };
        let keys = self.forger.of(self.from);
        let header = |length: usize| {
            let length = u16::try_from(length).unwrap().to_be_bytes();
            [&record.seq.to_be_bytes()[..], &[record.content_type, 3, 3], &length].concat()
        };
        let tag = |mut covered: Vec<u8>| {
            (record.covered)(&mut covered);
            let mut tag = vec![0; mac.output_len()];
            let key = provider().hmac(mac).unwrap().key(keys.mac_key()).unwrap();
            key.sign(&[&covered], &mut tag).unwrap();
            (record.mac)(&mut tag);
            tag
        };
        let mut plain: Vec<u8> = (1..=200).cycle().take(record.text).collect();
        if !self.forger.encrypt_then_mac {
            plain.extend(tag([header(plain.len()), plain.clone()].concat()));
        }
        plain.extend_from_slice(&record.padding);
        (record.plain)(&mut plain);
        let iv = vec![0x55; self.block];
        let key = provider().block_cipher(cipher).unwrap().key(keys.cipher_key()).unwrap();
        key.encrypt_cbc(&iv, &mut plain).unwrap();
        let mut body = [iv, plain].concat();
        if self.forger.encrypt_then_mac {
            body.extend(tag([header(body.len()), body.clone()].concat()));
        }
        (record.body)(&mut body);
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[record.content_type, 3, 3][..], &length, &body].concat()
    }

    /// The defect of the record, for both orders of MAC and encryption.
    fn wrong_anyhow(&self) -> Vec<(String, Record)> {
        let block = isize::try_from(self.block).unwrap();
        let mut variants = Vec::new();
        let mut add = |name: &str, record: Record| variants.push((name.to_owned(), record));
        for padding in [0, 1, 15, 100, 255] {
            let good = || self.good(LEN, padding);
            add(&format!("MAC, behind padding {padding}"), Record { mac: all(), ..good() });
            add(&format!("first byte of the MAC, {padding}"), Record { mac: flip(0), ..good() });
            add(&format!("last byte of the MAC, {padding}"), Record { mac: flip(-1), ..good() });
            add(&format!("MAC over another text, {padding}"), Record { covered: flip(20), ..good() });
            add(&format!("MAC over another length, {padding}"), Record { covered: flip(12), ..good() });
        }
        let good = || self.good(LEN, 15);
        add("MAC over another sequence number", Record { covered: flip(7), ..good() });
        add("MAC over another type", Record { covered: flip(8), ..good() });
        add("MAC over another version", Record { covered: flip(10), ..good() });
        for (name, at) in [("IV", 0), ("end of the IV", block - 1), ("first block", block), ("last byte", -1)]
        {
            add(&format!("ciphertext: {name}"), Record { body: flip(at), ..good() });
        }
        for from_end in 2..5 {
            let name = format!("ciphertext: block {from_end} from the end");
            add(&name, Record { body: flip(-from_end * block), ..good() });
        }
        let at = self.block;
        add(
            "a block is missing",
            Record { body: Box::new(move |body| drop(body.drain(at..2 * at))), ..good() },
        );
        add(
            "a block is repeated",
            Record { body: Box::new(move |body| body.extend_from_within(body.len() - at..)), ..good() },
        );
        add("wrong and of another type", Record { content_type: 22, mac: all(), ..good() });
        add("wrong and an alert", Record { content_type: 21, mac: all(), ..good() });
        add("replayed", Record { seq: 0, ..good() });
        // Such a record is recognizable by its length, but the response is the same.
        for length in [0, 1, self.block, self.block + 1, self.block + self.mac_len, 2 * self.block, LEN - 1] {
            add(
                &format!("cut to {length}"),
                Record { body: Box::new(move |body| body.truncate(length)), ..good() },
            );
        }
        variants
    }

    /// The defect of the padding. With encrypt-then-MAC, the MAC is then valid.
    fn wrong_padding(&self) -> Vec<(String, Record)> {
        let mut variants = Vec::new();
        let mut add = |name: String, record: Record| variants.push((name, record));
        for padding in [1_u8, 2, 7, 15, 16, 100, 254, 255] {
            let good = || self.good(LEN, padding);
            let first = -isize::from(padding) - 1;
            add(format!("first byte of padding {padding}"), Record { plain: flip(first), ..good() });
            add(format!("middle of padding {padding}"), Record { plain: flip(first / 2 - 1), ..good() });
            add(format!("last byte before the length, {padding}"), Record { plain: flip(-2), ..good() });
            // If no MAC precedes it, padding of length 0 is as valid as padding of length 1.
            if padding > 1 || !self.forger.encrypt_then_mac {
                add(
                    format!("padding {padding} says one less"),
                    Record { plain: set(-1, padding - 1), ..good() },
                );
            }
            if padding < 255 {
                add(
                    format!("padding {padding} says one more"),
                    Record { plain: set(-1, padding + 1), ..good() },
                );
            }
        }
        // The maximum number of bytes, and one that exceeds the record.
        let mac_inside = if self.forger.encrypt_then_mac { 0 } else { self.mac_len };
        let least = (mac_inside + 1).next_multiple_of(self.block);
        let most = u8::try_from(least - mac_inside - 1).unwrap();
        for claimed in [most + 1, 100, 254, 255] {
            let name = format!("padding {claimed} where {most} fits");
            add(name, Record { plain: set(-1, claimed), ..self.good(least, most) });
        }
        // All padding bytes are consistent, but there is no room for the MAC.
        let too_long = u8::try_from(least - mac_inside).unwrap();
        add(
            "a padding that reaches into the MAC".into(),
            Record {
                plain: Box::new(move |plain| {
                    let from = plain.len().saturating_sub(usize::from(too_long) + 1);
                    plain[from..].fill(too_long);
                }),
                ..self.good(least, most)
            },
        );
        if !self.forger.encrypt_then_mac {
            add("zeros".into(), Record { plain: Box::new(|plain| plain.fill(0)), ..self.good(LEN, 15) });
        }
        variants
    }
}

/// A side's response to a record and to the one after it.
fn seen(attack: &Attack<'_>, pair: &mut Pair, record: &[u8]) -> Seen {
    let next = attack.made(&Record { seq: 2, ..attack.good(LEN, 15) });
    let (victim, side) = match attack.from {
        Side::Client => (&mut pair.server, Side::Server),
        Side::Server => (&mut pair.client, Side::Client),
    };
    let (almost, last) = record.split_at(record.len() - 1);
    // Both ends have sent Finished under these keys.
    Seen::of(victim, &[almost, last, &next], |before, record| {
        attack.forger.open(side, 1 + u64::try_from(before).unwrap(), record)
    })
}

fn bad_record_mac(seen: &Seen) -> bool {
    seen.contents == [vec![2, AlertDescription::BAD_RECORD_MAC.0]]
        && seen.data.is_empty()
        && seen.fault.contains("bad_record_mac")
}

fn one_class(encrypt_then_mac: bool) {
    for (suite, kind) in SUITES {
        let log = Arc::new(Secrets::default());
        let client = client().suites(&[suite]).unwrap().key_log(log.clone());
        let client = if encrypt_then_mac { client } else { client.no_encrypt_then_mac() };
        let (client, server) =
            (client.build().unwrap(), server(kind).suites(&[suite]).unwrap().build().unwrap());
        for from in [Side::Client, Side::Server] {
            let about = format!("{suite}, encrypt-then-MAC {encrypt_then_mac}, from {from:?}");
            let attacked = |record: &dyn Fn(&Attack<'_>) -> Record| {
                let (mut pair, forger) = Forger::watch(&client, &server, &log);
                assert_eq!(forger.encrypt_then_mac, encrypt_then_mac);
                let attack = Attack::new(&forger, from);
                let record = attack.made(&record(&attack));
                seen(&attack, &mut pair, &record)
            };
            // A forged record without a defect is accepted with any padding, so the others are refused for
            // their defects.
            for padding in [0, 1, 15, 255] {
                let good = attacked(&|attack| attack.good(LEN, padding));
                assert!(
                    good.fault == "none" && good.contents.is_empty() && !good.data.is_empty(),
                    "{about} {good:?}"
                );
            }
            let (_, forger) = Forger::watch(&client, &server, &log);
            let attack = Attack::new(&forger, from);
            let variants = |attack: &Attack<'_>| {
                let mut variants = attack.wrong_anyhow();
                variants.extend(attack.wrong_padding());
                for (name, record) in attack.wrong_padding() {
                    variants.push((format!("{name}, and the MAC"), Record { mac: all(), ..record }));
                }
                variants
            };
            let names: Vec<String> = variants(&attack).into_iter().map(|(name, _)| name).collect();
            let mut classes = Classes::default();
            for (number, name) in names.into_iter().enumerate() {
                classes.add(name, attacked(&|attack| variants(attack).swap_remove(number).1));
            }
            let seen = classes.only(&about);
            // No output before the record is complete, one alert, and no output afterwards.
            assert!(bad_record_mac(seen), "{about}: {seen:?}");
            assert_eq!(seen.records.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 0], "{about}");
        }
    }
}

#[test]
fn invalid_mac_then_encrypt_records_are_indistinguishable() {
    one_class(false);
}

#[test]
fn invalid_encrypt_then_mac_records_are_indistinguishable() {
    one_class(true);
}

#[test]
fn changed_finished_records_are_indistinguishable() {
    for encrypt_then_mac in [false, true] {
        for (suite, kind) in SUITES {
            let client = client().suites(&[suite]).unwrap();
            let client = if encrypt_then_mac { client } else { client.no_encrypt_then_mac() };
            let (client, server) =
                (client.build().unwrap(), server(kind).suites(&[suite]).unwrap().build().unwrap());
            let mut classes = Classes::default();
            let mut at = 5;
            let mut length = usize::MAX;
            while at < length {
                let mut pair = Pair::new(&client, &server);
                let (mut before, mut finished) = (Vec::new(), None);
                pair.run_through(|side, number, mut record| {
                    // ClientHello, ClientKeyExchange, ChangeCipherSpec, Finished.
                    if (side, number) == (Side::Client, 3) {
                        length = record.len();
                        record[at] ^= 1;
                        finished = Some(record);
                        return Vec::new();
                    }
                    if side == Side::Client {
                        before.push(record[0]);
                    }
                    record
                });
                assert_eq!(before, [22, 22, 20]);
                let seen =
                    Seen::of(&mut pair.server, &[&finished.unwrap()], |_, record| record[5..].to_vec());
                classes.add(at.to_string(), seen);
                at += 3;
            }
            assert!(bad_record_mac(classes.only(&suite.to_string())));
        }
    }
}
