//! Checks of RSA encryption, decrypted with the private key.

use super::name;
use crate::cases::Cases;
use crate::der;
use crate::fixtures::{self, Key, prefix};
use crate::generators::{Broken, Seeded};
use crate::names::RSA_ENCRYPTION;
use crate::number::{less, power};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, KeyKind, ProviderRng, RsaEncryption};

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    if let Some(rsa) = &provider.rsa_encryption {
        let by = rsa.implementation();
        runner.row(RSA_ENCRYPTION, by, name::LENGTHS, |cases| padding(cases, &**rsa, provider.rng()));
        runner.row(RSA_ENCRYPTION, by, name::INVALID, |cases| invalid(cases, &**rsa, provider.rng()));
    }
}

fn padding(cases: &mut Cases, encryption: &dyn RsaEncryption, mut rng: ProviderRng<'_>) -> Outcomes {
    let rsa = fixtures::rsa().ok_or("the fixture is not DER")?;
    let public = Key::of(KeyKind::Rsa).ok_or("no key")?.public;
    let len = rsa.n.len();
    let message = Seeded::new(16).bytes(len);
    let mut seen = Vec::new();
    for message_len in [48, 48, 0, len - 12, len - 11] {
        let message = prefix(&message, message_len);
        let ciphertext = encryption.encrypt(public, message, &mut rng);
        let Some(ciphertext) = cases.succeeds(ciphertext, || format!("{message_len} bytes")) else {
            continue;
        };
        cases.equal(&ciphertext.len(), &len, || format!("{message_len} bytes: length of the ciphertext"));
        // RFC 8017 section 7.2.1: 0, 2, at least 8 nonzero bytes, 0, the message.
        let encoded = power(&ciphertext, rsa.d, rsa.n).unwrap_or_default();
        let (before, end) = encoded.split_at(len - message_len);
        let (head, padding) = before.split_at(2);
        let (padding, separator) = padding.split_at(padding.len() - 1);
        cases.expect(
            head == [0, 2] && separator == [0] && padding.len() >= 8 && !padding.contains(&0),
            || format!("{message_len} bytes: the padding is wrong"),
        );
        cases.expect(end == message, || format!("{message_len} bytes: another message"));
        seen.push(padding.to_vec());
    }
    let count = seen.len();
    // The longest message has only 8 bytes of padding. Even those are equal with a probability of only 2^-64.
    seen.sort();
    seen.dedup();
    cases.equal(&seen.len(), &count, "distinct paddings");
    for message_len in [len - 10, len - 1, len, len + 1, 4096] {
        let got = encryption.encrypt(public, &vec![7; message_len], &mut rng);
        cases.refused(got, CryptoError::InputTooLong, || format!("{message_len} bytes"));
    }
    match encryption.encrypt(public, &[7; 48], &mut Broken) {
        Err(error) => cases.equal(&error, &CryptoError::RandomFailed, "a generator that fails"),
        Ok(one) => {
            let two = encryption.encrypt(public, &[7; 48], &mut Broken);
            cases.expect(two != Ok(one), "a generator that fails gives the same padding again");
        }
    }
    Ok(())
}

fn invalid(cases: &mut Cases, encryption: &dyn RsaEncryption, mut rng: ProviderRng<'_>) -> Outcomes {
    let rsa = fixtures::rsa().ok_or("the fixture is not DER")?;
    let public = Key::of(KeyKind::Rsa).ok_or("no key")?.public;
    let mut refused = |key: &[u8], what: &str| {
        cases.refused(encryption.encrypt(key, &[7; 48], &mut rng), CryptoError::BadPeerShare, what);
    };
    refused(&[], "no key");
    refused(prefix(public, public.len() - 1), "a key without its last byte");
    refused(&[public, &[0]].concat(), "a key with a byte more");
    refused(&der::sequence(&[]), "a key without numbers");
    refused(&der::sequence(&[rsa.n]), "a key of one number");
    refused(&der::sequence(&[&less(rsa.n, 1), rsa.e]), "an even modulus");
    refused(&der::sequence(&[rsa.n, &[]]), "the exponent 0");
    refused(&der::sequence(&[rsa.n, &[1]]), "the exponent 1, which encrypts nothing");
    refused(&der::sequence(&[rsa.n, &[1, 0, 0]]), "an even exponent");
    refused(&der::sequence(&[&[35], &[5]]), "a modulus of one byte");
    for other in fixtures::KEYS.iter().filter(|other| !other.kind.is_rsa()) {
        refused(other.public, &format!("another kind of key: {}", other.name));
    }
    Ok(())
}
