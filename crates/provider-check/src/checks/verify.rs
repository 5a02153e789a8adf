//! Checks of signature verification: signatures made by OpenSSL are valid, and modified ones are not.

use super::name;
use crate::both::BothWays;
use crate::cases::Cases;
use crate::der;
use crate::fixtures::{self, Key, MESSAGE, changed, padded, prefix};
use crate::names::verifier_name;
use crate::number::{less, significant};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, KeyKind, SignatureVerifier};
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    for verifier in &runner.provider.verifiers {
        let verifier = &BothWays(&**verifier);
        let (kind, scheme) = (verifier.key_kind(), verifier.scheme());
        let (label, by) = (verifier_name(kind, scheme), verifier.0.implementation());
        let fixture = Key::of(kind).and_then(|key| Some((key, key.signature(scheme)?)));
        let Some((key, signature)) = fixture else {
            runner.row(&label, by, name::KNOWN, |_| {
                Err("TLS does not define this scheme for this key".to_owned())
            });
            continue;
        };
        runner.row(&label, by, name::KNOWN, |cases| {
            cases.given(&[("key", key.public), ("message", MESSAGE), ("signature", signature)]);
            let verified = verifier.verify(key.public, MESSAGE, signature);
            cases.equal(&verified, &Ok(()), "a signature that OpenSSL made");
            Ok(())
        });
        runner.row(&label, by, name::TAMPERING, |cases| tampering(cases, verifier, key, signature));
        runner.row(&label, by, name::INVALID, |cases| {
            keys(cases, verifier, key, signature);
            match kind {
                KeyKind::Rsa | KeyKind::RsaPss => rsa(cases, verifier, key, signature),
                KeyKind::Ed25519 => ed25519(cases, verifier, key, signature),
                kind if kind.is_ml_dsa() => ml_dsa(cases, verifier, key, signature),
                _ => ecdsa(cases, verifier, key, signature),
            }
        });
    }
}

const BAD: CryptoError = CryptoError::BadSignature;

fn tampering(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, signature: &[u8]) -> Outcomes {
    let mut refused = |message: &[u8], signature: &[u8], what: &str| {
        cases.given(&[("key", key.public), ("message", message), ("signature", signature)]);
        cases.refused(verifier.verify(key.public, message, signature), BAD, what);
    };
    for other in [&b""[..], b"what was signed", b"what is signed\0", b"hat is signed"] {
        refused(other, signature, "another message");
    }
    let step = match key.kind {
        kind if kind.is_rsa() => 5,
        kind if kind.is_ml_dsa() => 61,
        _ => 1,
    };
    for at in (0..signature.len()).step_by(step).chain([signature.len() - 1]) {
        refused(MESSAGE, &changed(signature, at, 1), &format!("byte {at} changed"));
        refused(MESSAGE, &changed(signature, at, 0x80), &format!("byte {at} changed"));
    }
    for len in (0..signature.len()).step_by(step) {
        refused(MESSAGE, prefix(signature, len), &format!("only {len} bytes"));
    }
    refused(MESSAGE, &[signature, &[0]].concat(), "a byte more at the end");
    refused(MESSAGE, &[&[0], signature].concat(), "a byte more in front");
    refused(MESSAGE, &[signature, signature].concat(), "the signature twice");
    refused(MESSAGE, &vec![0; signature.len()], "zeros");
    // Other schemes that the same key could have used. PSS is the same under both kinds of RSA key.
    for (scheme, other) in key.signatures.iter().filter(|(scheme, _)| *scheme != verifier.scheme()) {
        refused(MESSAGE, other, &format!("a signature of {scheme}"));
    }
    cases.given(&[("key", key.other), ("message", MESSAGE), ("signature", signature)]);
    cases.refused(verifier.verify(key.other, MESSAGE, signature), BAD, "under another key");
    Ok(())
}

/// Encodings of the key other than the one in a certificate.
fn keys(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, signature: &[u8]) {
    let mut refused = |public: &[u8], what: &str| {
        cases.given(&[("key", public), ("message", MESSAGE), ("signature", signature)]);
        cases.refused(verifier.verify(public, MESSAGE, signature), BAD, what);
    };
    refused(&[], "no key");
    refused(&[0], "a key of one byte");
    refused(prefix(key.public, key.public.len() - 1), "a key without its last byte");
    refused(&[key.public, &[0]].concat(), "a key with a byte more");
    refused(&[&[0], key.public].concat(), "a key with a byte more in front");
    refused(&vec![0; key.public.len()], "a key of zeros");
    refused(&vec![0xff; key.public.len()], "a key of ones");
    for other in fixtures::KEYS.iter().filter(|other| other.kind != key.kind) {
        refused(other.public, &format!("another kind of key: {}", other.name));
    }
    // The entire SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in place of the contents of its BIT STRING.
    let algorithm: &[u8] = match key.kind {
        KeyKind::Ed25519 => &hex!("300506032b6570"),
        KeyKind::EcP256 => &hex!("301306072a8648ce3d020106082a8648ce3d030107"),
        KeyKind::EcP384 => &hex!("301006072a8648ce3d020106052b81040022"),
        KeyKind::EcP521 => &hex!("301006072a8648ce3d020106052b81040023"),
        KeyKind::MlDsa44 => &hex!("300b0609608648016503040311"),
        KeyKind::MlDsa65 => &hex!("300b0609608648016503040312"),
        KeyKind::MlDsa87 => &hex!("300b0609608648016503040313"),
        _ => &hex!("300d06092a864886f70d0101010500"),
    };
    let bits = der::element(3, &[&[0], key.public].concat());
    refused(&der::element(0x30, &[algorithm, &bits].concat()), "a whole SubjectPublicKeyInfo");
}

/// The order of the curve (FIPS 186-4 appendix D.1.2).
fn order(kind: KeyKind) -> &'static [u8] {
    match kind {
        KeyKind::EcP256 => &hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        KeyKind::EcP384 => &hex!(
            "ffffffffffffffffffffffffffffffffffffffffffffffff"
            "c7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        ),
        _ => &hex!(
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
        ),
    }
}

fn ecdsa(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, signature: &[u8]) -> Outcomes {
    let numbers = der::integers(signature).ok_or("the fixture is not DER")?;
    let [r, s] = *numbers.as_slice() else { return Err("the fixture does not have two numbers".to_owned()) };
    let (r, s, n) = (significant(r), significant(s), order(key.kind));
    let good = der::sequence(&[r, s]);
    cases.equal(&verifier.verify(key.public, MESSAGE, &good), &Ok(()), "the same signature, encoded again");

    let mut refused = |signature: &[u8], what: &str| {
        cases.refused(verifier.verify(key.public, MESSAGE, signature), BAD, what);
    };
    // Numbers out of range (FIPS 186-5 section 6.4.2), and numbers that are congruent modulo the order.
    for (one, two, what) in [
        (&[][..], s, "r = 0"),
        (r, &[][..], "s = 0"),
        (&[], &[], "r = s = 0"),
        (n, s, "r = n"),
        (r, n, "s = n"),
        (&[1], &[1], "r = s = 1"),
        (&[], &[1], "r = 0, s = 1"),
        (s, r, "r and s exchanged"),
    ] {
        refused(&der::sequence(&[one, two]), what);
    }
    let sum = |number: &[u8]| {
        let width = n.len() + 1;
        let (number, n) = (padded(number, width), padded(n, width));
        let mut carry = 0_u16;
        let mut digits: Vec<u8> = number
            .iter()
            .zip(&n)
            .rev()
            .map(|(a, b)| {
                let sum = u16::from(*a) + u16::from(*b) + carry;
                carry = sum >> 8;
                u8::try_from(sum & 0xff).unwrap_or(0)
            })
            .collect();
        digits.reverse();
        digits
    };
    refused(&der::sequence(&[&sum(r), s]), "r + n");
    refused(&der::sequence(&[r, &sum(s)]), "s + n");

    // The right numbers in an encoding that is not DER (RFC 3279 section 2.2.3 permits no other).
    let (int_r, int_s) = (der::integer(r), der::integer(s));
    let body = [&int_r[..], &int_s].concat();
    let short = u8::try_from(body.len()).unwrap_or(0xff);
    let long = u8::try_from(body.len() + 1).unwrap_or(0xff);
    let raw = |tag: u8, number: &[u8]| der::element(tag, number);
    let whole = |parts: &[&[u8]]| der::element(0x30, &parts.concat());
    let wide_r = raw(2, &[&[0, 0], significant(r)].concat());
    refused(&whole(&[&wide_r, &int_s]), "r with zeros in front");
    refused(&whole(&[&int_r, &raw(2, &[&[0, 0], s].concat())]), "s with zeros in front");
    if r.first().is_some_and(|first| *first >= 0x80) {
        refused(&whole(&[&raw(2, r), &int_s]), "r as a negative number");
    }
    if s.first().is_some_and(|first| *first >= 0x80) {
        refused(&whole(&[&int_r, &raw(2, s)]), "s as a negative number");
    }
    refused(&whole(&[&int_r, &int_s, &[0]]), "something after s");
    refused(&whole(&[&int_r, &int_s, &der::integer(&[1])]), "a third number");
    refused(&whole(&[&int_r]), "r alone");
    refused(&[&good[..], &[0]].concat(), "something after the sequence");
    refused(&[&good[..], &[5, 0]].concat(), "a NULL after the sequence");
    refused(&[&[0x30, 0x80], &body[..], &[0, 0]].concat(), "an indefinite length");
    if short < 0x80 {
        refused(&[&[0x30, 0x81, short], &body[..]].concat(), "a length in the long form");
    }
    refused(&[&[0x30, 0x82, 0, short], &body[..]].concat(), "a length in the longer form");
    refused(&[&[0x30, 0x81, long], &body[..]].concat(), "a length that is too large");
    refused(&raw(0x31, &body), "a set instead of a sequence");
    refused(&whole(&[&raw(4, &[&[0], r].concat()), &int_s]), "an octet string instead of r");
    let width = n.len();
    refused(&[padded(r, width), padded(s, width)].concat(), "r and s side by side (IEEE P1363)");

    // The key as a point in a form that TLS does not use (RFC 8422 section 5.4.1), or as an invalid point.
    let mut bad_key = |public: &[u8], what: &str| {
        cases.refused(verifier.verify(public, MESSAGE, signature), BAD, what);
    };
    let last = key.public.len() - 1;
    let odd = key.public.last().copied().unwrap_or(0) & 1;
    let x = key.public.get(1..=last / 2).unwrap_or_default();
    bad_key(&[&[2 + odd][..], x].concat(), "a compressed key");
    let rest = key.public.get(1..).unwrap_or_default();
    bad_key(&[&[6 + odd][..], rest].concat(), "a key in the hybrid form");
    bad_key(&changed(key.public, last, 1), "a key off the curve");
    Ok(())
}

fn ed25519(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, signature: &[u8]) -> Outcomes {
    // L, the order of the group (RFC 8032 section 5.1), in little-endian order. S + L gives a valid signature
    // if the range of S is not checked.
    let order = hex!("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let (r, s) = signature.split_at_checked(32).ok_or("the fixture is too short")?;
    let mut carry = 0_u16;
    let sum = s.iter().zip(order).map(|(a, b)| {
        let sum = u16::from(*a) + u16::from(b) + carry;
        carry = sum >> 8;
        u8::try_from(sum & 0xff).unwrap_or(0)
    });
    let malleable: Vec<u8> = r.iter().copied().chain(sum).collect();
    cases.refused(verifier.verify(key.public, MESSAGE, &malleable), BAD, "S + L (RFC 8032 section 5.1.7)");
    Ok(())
}

/// Wycheproof has vectors for the norm of z and for hints that are not canonically encoded.
fn ml_dsa(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, signature: &[u8]) -> Outcomes {
    let other = fixtures::ml_dsa_with_context(key.kind).ok_or("there is no such fixture")?;
    cases.given(&[("key", key.public), ("message", MESSAGE), ("signature", other)]);
    // draft-ietf-tls-mldsa: "The context (ctx) parameter MUST be the empty string."
    cases.refused(verifier.verify(key.public, MESSAGE, other), BAD, "a signature with a context");
    // The message as it is hashed (FIPS 204 algorithm 2): with the length of the context in front.
    let prefixed = [&[0, 0], MESSAGE].concat();
    cases.refused(verifier.verify(key.public, &prefixed, signature), BAD, "the prefixed message");
    // The last bytes are the numbers of hints in each polynomial, which may not decrease or exceed omega.
    let last = signature.len().checked_sub(1).ok_or("the fixture is empty")?;
    for count in [0, 0xff] {
        let mut bad = signature.to_vec();
        if let Some(byte) = bad.get_mut(last) {
            *byte = count;
        }
        cases.refused(verifier.verify(key.public, MESSAGE, &bad), BAD, || format!("{count} hints"));
    }
    Ok(())
}

fn rsa(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, signature: &[u8]) -> Outcomes {
    let numbers = der::integers(key.public).ok_or("the fixture is not DER")?;
    let [n, e] = *numbers.as_slice() else { return Err("the fixture does not have two numbers".to_owned()) };
    let (n, width) = (significant(n), significant(n).len());
    let mut refused = |public: &[u8], signature: &[u8], what: &str| {
        cases.refused(verifier.verify(public, MESSAGE, signature), BAD, what);
    };
    refused(key.public, &padded(&[1], width), "the signature 1");
    refused(key.public, &less(n, 1), "the signature n - 1");
    refused(key.public, n, "the signature n");
    refused(key.public, &vec![0xff; width], "a signature beyond the modulus");
    refused(key.public, &[&[0], signature].concat(), "a leading zero");
    refused(&der::sequence(&[n, &[]]), signature, "the exponent 0");
    refused(&der::sequence(&[&less(n, 1), e]), signature, "an even modulus");
    refused(&der::sequence(&[&[], e]), signature, "the modulus 0");
    refused(&der::sequence(&[n, e, &[1]]), signature, "a key of three numbers");
    refused(&der::sequence(&[n]), signature, "a key of one number");
    refused(
        &der::element(0x30, &[der::element(2, n), der::integer(e)].concat()),
        signature,
        "a negative modulus",
    );
    // With the exponent 1, every encoded message is its own signature.
    let encoded = crate::number::power(signature, e, n).ok_or("no power")?;
    refused(
        &der::sequence(&[n, &[1]]),
        &encoded,
        "the exponent 1, with which every message is its own signature",
    );
    digest_info(cases, verifier, key, &encoded)
}

/// PKCS #1 v1.5 signatures whose `DigestInfo` omits the parameters of the hash. Verifiers must accept it as
/// well as NULL (RFC 5246 section 4.7), but no other parameters.
fn digest_info(cases: &mut Cases, verifier: &dyn SignatureVerifier, key: &Key, encoded: &[u8]) -> Outcomes {
    // Only this key among the fixtures has a private key.
    let (Some(own), KeyKind::Rsa) = (fixtures::rsa(), key.kind) else { return Ok(()) };
    let start = encoded.windows(2).position(|pair| pair == [0, 0x30]).map_or(encoded.len(), |at| at + 1);
    let (padding, info) = encoded.split_at(start);
    let null = info.windows(3).position(|bytes| bytes == [5, 0, 4]);
    // A PSS encoding contains no DigestInfo.
    let (Some(null), [0x30, length, 0x30, algorithm, ..]) = (null, info) else { return Ok(()) };
    let (before, after) = info.split_at(null);
    let after = after.get(2..).unwrap_or_default();
    let fixed = [0x30, length - 2, 0x30, algorithm - 2];
    let identifier = before.get(4..).unwrap_or_default();
    let rest = padding.get(2..).unwrap_or_default();
    let without = [&[0, 1, 0xff, 0xff], rest, &fixed, identifier, after].concat();
    let sign = |encoded: &[u8]| crate::number::power(encoded, own.d, own.n).ok_or("no power");
    let signature = sign(&without)?;
    cases.equal(
        &verifier.verify(key.public, MESSAGE, &signature),
        &Ok(()),
        "a DigestInfo without the parameters of the hash (RFC 5246 section 4.7)",
    );
    // The same length with other bytes in place of NULL.
    let mut refused = |encoded: &[u8], what: &str| -> Result<(), String> {
        cases.refused(verifier.verify(key.public, MESSAGE, &sign(encoded)?), BAD, what);
        Ok(())
    };
    refused(&[padding, &fixed, identifier, after, &[0, 0]].concat(), "two bytes after such a DigestInfo")?;
    refused(&[padding, before, &[4, 0], after].concat(), "an octet string for the parameters of the hash")?;
    refused(&[padding, before, &[0, 5], after].concat(), "parameters of the hash that are not DER")
}
