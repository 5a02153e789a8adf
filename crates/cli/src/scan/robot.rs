//! The test for a Bleichenbacher oracle in the RSA key exchange (ROBOT): malformed messages must all get the
//! same answer (RFC 5246 section 7.4.7.1).
//!
//! Each message is a ClientKeyExchange. The padding of one is correct, and the others are malformed in one
//! way each. The test does not decrypt anything: it only compares the answers.

use super::{
    facts::{Facts, Robot},
    probe::{Answer, Probe, hello::Hello},
    suite_kinds::exchanges,
};
use crate::{
    failure::{Code, Failure},
    net::Transport,
};
use cairn_tls::{
    crypto::{KeyKind, PublicKey},
    wire::{
        CipherSuite, ContentType, Encode, EncodeError, HandshakeType, ProtocolVersion, RecordHeader, Writer,
        write_handshake,
    },
    x509::CertificateFacts,
};
use core::time::Duration;
use rsa::{BoxedUint, hazmat::rsa_encrypt, pkcs1::RsaPublicKeyRef, traits::PublicKeyParts};
use std::io::{self, Read, Write};

/// The sizes of RSA keys that are tested, in bits.
const KEY_BITS: core::ops::RangeInclusive<usize> = 512..=8192;
/// The length of the premaster secret.
const PREMASTER: usize = 48;
/// The time to wait for an answer to ClientKeyExchange alone, which a correct server does not answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The maximum size of an answer.
const MAX_ANSWER: usize = 1 << 14;

/// A kind of malformed plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Malformed {
    /// Correct padding, around a random premaster secret.
    Nothing,
    /// The first bytes are not 00 02.
    FirstBytes,
    /// The zero byte is in a wrong position, so the premaster secret has a wrong length.
    ZeroPosition,
    /// There is no zero byte.
    NoZero,
    /// The version in the premaster secret is wrong.
    Version,
}

/// All kinds, in the order of the test.
const KINDS: [Malformed; 5] = [
    Malformed::Nothing,
    Malformed::FirstBytes,
    Malformed::ZeroPosition,
    Malformed::NoZero,
    Malformed::Version,
];

/// What is sent after ClientKeyExchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// ChangeCipherSpec and a record in place of Finished.
    Finished,
    /// Nothing.
    Nothing,
}

/// The answer to a malformed message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reply {
    /// The bytes of the answer.
    bytes: Vec<u8>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
    Silent,
}

/// The test, if the server accepts a suite with the RSA key exchange.
pub(super) fn of(probe: &mut Probe, facts: &Facts) -> Result<Robot, Failure> {
    let has_rsa = |suite| exchanges(suite, &["RSA_WITH"]);
    let Some((version, suites)) = facts.newest_with(has_rsa) else { return Ok(Robot::NoRsa) };
    let mut worst = Robot::NotTested;
    for after in [After::Finished, After::Nothing] {
        let patience = if after == After::Finished { probe.timeout } else { PATIENCE.min(probe.timeout) };
        let Some(first) = replies(probe, version, &suites, after, patience)? else { continue };
        let found = if are_equal(&first) { Robot::Equal } else { repeated(probe, version, &suites, after)? };
        if rank(found) > rank(worst) {
            worst = found;
        }
    }
    Ok(worst)
}

/// The result for a server whose answers have differed: the test is made twice more, with the whole time
/// limit, so that a server that was slow once does not seem to be silent.
fn repeated(
    probe: &mut Probe,
    version: ProtocolVersion,
    suites: &[CipherSuite],
    after: After,
) -> Result<Robot, Failure> {
    let patience = probe.timeout;
    let first = replies(probe, version, suites, after, patience)?;
    let second = replies(probe, version, suites, after, patience)?;
    Ok(match (first, second) {
        (Some(first), Some(second)) if first == second => class(&first),
        _ => Robot::Inconsistent,
    })
}

fn are_equal(replies: &[Reply]) -> bool {
    replies.windows(2).all(|two| two.first() == two.last())
}

const fn rank(robot: Robot) -> u8 {
    match robot {
        Robot::NotTested | Robot::NoRsa => 0,
        Robot::Equal => 1,
        Robot::Inconsistent => 2,
        Robot::Weak => 3,
        Robot::Strong => 4,
    }
}

/// The class of answers in the order of [`KINDS`].
fn class(replies: &[Reply]) -> Robot {
    match replies {
        _ if are_equal(replies) => Robot::Equal,
        [_, first_bytes, position, no_zero, _] if first_bytes == position && first_bytes == no_zero => {
            // Only a plaintext that is correct in everything is told apart.
            Robot::Weak
        }
        _ => Robot::Strong,
    }
}

/// The reply to each kind; `None` if the server does not use an RSA key that can be tested.
fn replies(
    probe: &mut Probe,
    version: ProtocolVersion,
    suites: &[CipherSuite],
    after: After,
    patience: Duration,
) -> Result<Option<Vec<Reply>>, Failure> {
    let mut all = Vec::new();
    for kind in KINDS {
        let mut transport = probe.open()?;
        let Answer::Flight(flight) = probe.ask_on(&mut transport, &Hello::new(version, suites))? else {
            return Ok(None);
        };
        let Some(key) = flight.chain.first().and_then(|leaf| key(leaf)) else { return Ok(None) };
        let mut random = vec![0; key.size().saturating_add(64)];
        probe
            .provider
            .random
            .fill(&mut random)
            .map_err(|error| Failure::new(Code::Local, format!("no random numbers: {error}")))?;
        let Some(records) = records(&key, kind, version, after, &random) else { return Ok(None) };
        transport.set_deadline(Some(patience));
        // If the server has already answered, writing may fail, and the answer is there.
        let _written = transport.write_all(&records);
        all.push(listen(&mut transport));
    }
    Ok(Some(all))
}

/// Reads until the server closes or is silent.
fn listen(transport: &mut Transport) -> Reply {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1024];
    let end = loop {
        match transport.read(&mut chunk) {
            Ok(0) => break End::Closed,
            Ok(came) if bytes.len() < MAX_ANSWER => {
                bytes.extend_from_slice(chunk.get(..came).unwrap_or_default());
            }
            Ok(_) => break End::Silent,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => break End::Silent,
            Err(_) => break End::Reset,
        }
    };
    Reply { bytes, end }
}

/// The RSA key of a certificate.
fn key(certificate: &[u8]) -> Option<rsa::PublicKey> {
    let facts = CertificateFacts::from_der(certificate).ok()?;
    of_key(&facts.public_key.filter(|key| key.kind == KeyKind::Rsa)?)
}

fn of_key(key: &PublicKey) -> Option<rsa::PublicKey> {
    let parts = RsaPublicKeyRef::try_from(key.bits.as_slice()).ok()?;
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    let (n, e) = (number(parts.modulus.as_bytes()), number(parts.public_exponent.as_bytes()));
    rsa::PublicKey::new_with_size_limits(n, e, KEY_BITS).ok()
}

/// The plaintext of a kind, as long as the key. `random` has no less bytes than that.
fn plaintext(kind: Malformed, version: ProtocolVersion, size: usize, random: &[u8]) -> Option<Vec<u8>> {
    let nonzero = |bytes: &[u8]| bytes.iter().map(|byte| (*byte).max(1)).collect::<Vec<u8>>();
    let padding = nonzero(random.get(..size.checked_sub(3 + PREMASTER)?)?);
    let secret = nonzero(random.get(..PREMASTER - 2)?);
    let wrong = ProtocolVersion(0x0202).0.to_be_bytes();
    let version = version.0.to_be_bytes();
    let all = |head: [u8; 2], padding: &[u8], zero: u8, rest: &[&[u8]]| {
        [&head[..], padding, &[zero], &rest.concat()].concat()
    };
    Some(match kind {
        Malformed::Nothing => all([0, 2], &padding, 0, &[&version, &secret]),
        Malformed::FirstBytes => all([0x41, 0x17], &padding, 0, &[&version, &secret]),
        Malformed::ZeroPosition => {
            let (last, start) = secret.split_last()?;
            all([0, 2], &padding, 0x11, &[&version, start.get(1..)?, &[0, *last]])
        }
        Malformed::NoZero => all([0, 2], &padding, 0x11, &[&[0x11; 2], &secret]),
        Malformed::Version => all([0, 2], &padding, 0, &[&wrong, &secret]),
    })
}

/// The records of a test.
fn records(
    key: &rsa::PublicKey,
    kind: Malformed,
    version: ProtocolVersion,
    after: After,
    random: &[u8],
) -> Option<Vec<u8>> {
    let size = key.size();
    let plain = plaintext(kind, version, size, random)?;
    let number = BoxedUint::from_be_slice(&plain, key.n_bits_precision()).ok()?;
    let cipher = rsa_encrypt(key, &number).ok()?.to_be_bytes();
    let cipher = cipher.get(cipher.len().checked_sub(size)?..)?;
    let noise = random.get(random.len().checked_sub(64)?..)?;
    let mut records = Vec::new();
    write(cipher, version, after, noise, &mut Writer::vec(&mut records)).ok()?;
    Some(records)
}

fn write(
    cipher: &[u8],
    version: ProtocolVersion,
    after: After,
    noise: &[u8],
    w: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    let mut message = Vec::new();
    write_handshake(&mut Writer::vec(&mut message), HandshakeType::CLIENT_KEY_EXCHANGE, |w| {
        w.vec16(1, usize::from(u16::MAX), "EncryptedPreMasterSecret", |w| w.bytes(cipher))
    })?;
    let mut record = |content_type, fragment: &[u8]| {
        let length = u16::try_from(fragment.len()).unwrap_or(u16::MAX);
        RecordHeader { content_type, version, length }.encode(w)?;
        w.bytes(fragment)
    };
    record(ContentType::HANDSHAKE, &message)?;
    if after == After::Finished {
        record(ContentType::CHANGE_CIPHER_SPEC, &[1])?;
        record(ContentType::HANDSHAKE, noise)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn plaintexts_are_malformed_in_one_way_each() {
        let random: Vec<u8> = (0..=255).cycle().take(512).collect();
        let of = |kind| plaintext(kind, ProtocolVersion::TLS_1_2, 256, &random).unwrap();
        for kind in KINDS {
            assert_eq!(of(kind).len(), 256, "{kind:?}");
        }
        let zero = |plain: &[u8]| plain.iter().skip(2).position(|byte| *byte == 0).map(|place| place + 2);
        assert_eq!(zero(&of(Malformed::Nothing)), Some(256 - 49));
        assert_eq!(zero(&of(Malformed::Version)), Some(256 - 49));
        assert_eq!(zero(&of(Malformed::NoZero)), None);
        assert!(zero(&of(Malformed::ZeroPosition)).unwrap() > 256 - 49);
        assert!(of(Malformed::FirstBytes).starts_with(&[0x41, 0x17]));
        assert_eq!(of(Malformed::Nothing).get(256 - 48..256 - 46), Some(&[3, 3][..]));
        assert_eq!(of(Malformed::Version).get(256 - 48..256 - 46), Some(&[2, 2][..]));
    }

    #[test]
    fn answers_are_classed_by_what_they_tell_apart() {
        let alert = |description| Reply { bytes: vec![21, 3, 3, 0, 2, 2, description], end: End::Closed };
        let (mac, decrypt) = (alert(20), alert(51));
        let of = |kinds: [&Reply; 5]| class(&kinds.map(Clone::clone));
        assert_eq!(of([&mac; 5]), Robot::Equal);
        assert_eq!(of([&mac, &decrypt, &decrypt, &decrypt, &mac]), Robot::Weak);
        assert_eq!(of([&mac, &decrypt, &decrypt, &decrypt, &decrypt]), Robot::Weak);
        assert_eq!(of([&mac, &decrypt, &mac, &mac, &mac]), Robot::Strong);
        assert_eq!(of([&mac, &decrypt, &mac, &decrypt, &mac]), Robot::Strong);
    }
}
