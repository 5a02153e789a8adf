//! Removing the protection of the header of a QUIC packet (RFC 9001 section 9.5): neither the packet number
//! nor its length may show in the time.

use crate::subject::{Fault, Subject, Trial, Variant};
use crate::valgrind;
use cairn_crypto::{Provider, SecretBytes};
use cairn_quic::{DirectionKeys, OpenError, TruncatedNumber, Version};
use cairn_schedule::tls13::{ApplicationTrafficSecret, Kdf, suite};
use cairn_wire::CipherSuite;

/// The place of the packet number, after the first byte and a connection ID.
const NUMBER_OFFSET: usize = 9;

/// Length of the longest packet number field.
const NUMBER_LEN: usize = 4;

type Packet = [u8; 64];

struct Removal {
    keys: DirectionKeys,
    packet: Packet,
    expected: Packet,
    truncated: Result<TruncatedNumber, OpenError>,
    hidden: bool,
}

impl Removal {
    /// The part of the packet with the packet number.
    fn number(packet: &Packet) -> &[u8] {
        packet.get(NUMBER_OFFSET..NUMBER_OFFSET + NUMBER_LEN).unwrap_or_default()
    }
}

impl Trial for Removal {
    fn run(&mut self) {
        self.truncated = self.keys.header.unprotect(&mut self.packet, NUMBER_OFFSET);
        self.hidden = valgrind::is_hidden(Self::number(&self.packet));
    }

    fn check(&mut self) -> Result<(), Fault> {
        let mut probe = [0];
        valgrind::hide(&mut probe);
        if self.hidden != valgrind::is_hidden(&probe) {
            return Err("memcheck no longer marks the result as secret".into());
        }
        valgrind::reveal(&mut self.packet);
        valgrind::reveal(&mut self.truncated);
        let length = self.expected.first().map_or(0, |first| usize::from(first & 3) + 1);
        let right = self.packet == self.expected && self.truncated.is_ok_and(|it| it.len() == length);
        if right { Ok(()) } else { Err("wrong header".into()) }
    }
}

fn keys(provider: &Provider, id: CipherSuite, secret: &[u8]) -> Result<DirectionKeys, Fault> {
    let suite = suite(id).ok_or("no such suite")?;
    let kdf = Kdf::new(provider, suite.hash)?;
    let secret = ApplicationTrafficSecret::new(&kdf, SecretBytes::from(secret))?.for_suite(suite)?;
    Ok(DirectionKeys::new(provider, Version::V1, &secret)?)
}

fn subject(name: &str, by: &'static str, id: CipherSuite, provider: fn() -> Provider) -> Subject {
    // The first byte of a short header with a packet number of 1 to 4 bytes, in either key phase.
    let variants = [("one byte", 0x40), ("two bytes", 0x41), ("three bytes", 0x46), ("four bytes", 0x47)];
    let variant = |(name, first): (&str, u8)| {
        Variant::new(name, "any", move || {
            let provider = provider();
            let mut secret = [3; 32];
            let mut expected: Packet = [0x5a; 64];
            expected[0] = first;
            let mut packet = expected;
            keys(&provider, id, &secret)?.header.protect(&mut packet, NUMBER_OFFSET)?;
            valgrind::hide(&mut secret);
            let keys = keys(&provider, id, &secret)?;
            let truncated = Err(OpenError::DoesNotOpen);
            Ok(Removal { keys, packet, expected, truncated, hidden: false })
        })
    };
    Subject {
        name: name.into(),
        about: format!("the header protection of a packet removed, with {id} by {by}"),
        variants: variants.map(variant).into(),
        verdicts: Vec::new(),
        leaks: None,
    }
}

pub(crate) fn subjects() -> [Subject; 4] {
    let (aes, chacha) = (CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_CHACHA20_POLY1305_SHA256);
    [
        subject("header-aes-aws-lc", "AWS-LC", aes, cairn_provider_aws_lc::provider),
        subject("header-chacha20-aws-lc", "AWS-LC", chacha, cairn_provider_aws_lc::provider),
        subject("header-aes-rustcrypto", "RustCrypto", aes, cairn_provider_rustcrypto::provider),
        subject("header-chacha20-rustcrypto", "RustCrypto", chacha, cairn_provider_rustcrypto::provider),
    ]
}
