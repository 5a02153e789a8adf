//! Checks of the decryption of premaster secrets: a valid ciphertext gives the secret, and any other
//! ciphertext of the right length gives the fallback, without an error or any other visible difference (RFC
//! 5246 section 7.4.7.1).

use super::name;
use crate::cases::Cases;
use crate::fixtures::{self, Key, changed, padded};
use crate::generators::Seeded;
use crate::names::PREMASTER;
use crate::number::{less, more, power};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, DecryptingKey, KeyKind, Provider, Secret};

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    let Some(fixture) = Key::of(KeyKind::Rsa) else { return };
    let keys: Vec<_> = fixture.encodings.iter().map(|der| provider.keys.load_decrypting(*der)).collect();
    if keys.iter().all(|key| matches!(key, Err(CryptoError::Unsupported))) {
        runner.not_offered(PREMASTER);
        return;
    }
    let by = provider.keys.implementation();
    runner.row(PREMASTER, by, name::ENCODINGS, |cases| {
        for (key, der) in keys.iter().zip(fixture.encodings) {
            let public = key.as_ref().map(|key| key.public_key()).map_err(|error| *error);
            cases.equal(&public, &Ok(&fixture.public_key()), || format!("the public key of {der:?}"));
        }
        for other in fixtures::KEYS.iter().filter(|other| other.kind != KeyKind::Rsa) {
            // A key that is restricted to PSS does not decrypt (RFC 4055 section 1.2).
            for der in other.encodings {
                let loaded = provider.keys.load_decrypting(*der);
                cases.refused(loaded, CryptoError::BadPrivateKey, || format!("{} as {der:?}", other.name));
            }
        }
        Ok(())
    });
    let key = keys.into_iter().find_map(Result::ok);
    runner.row(PREMASTER, by, name::REJECTION, |cases| {
        hiding(cases, provider, &*key.ok_or("no encoding of the key could be loaded")?)
    });
}

const VERSION: [u8; 2] = [3, 3];

/// A valid message before encryption (RFC 8017 section 7.2.1).
fn encoded(len: usize) -> Vec<u8> {
    let message = [&VERSION[..], &[0, 7, 0, 0], &[0x5a; 42]].concat();
    let padding: Vec<u8> = Seeded::new(14).bytes(len - 51).iter().map(|byte| byte | 1).collect();
    [&[0, 2], &padding[..], &[0], &message].concat()
}

fn hiding(cases: &mut Cases, provider: &Provider, key: &dyn DecryptingKey) -> Outcomes {
    let rsa = fixtures::rsa().ok_or("the fixture is not DER")?;
    let len = rsa.n.len();
    let good = encoded(len);
    let fallback = Secret::from(&[0xfa; 48]);
    let encrypt = |message: &[u8]| power(message, rsa.e, rsa.n).unwrap_or_default();
    let decrypt = |ciphertext: &[u8], version: [u8; 2]| {
        let secret = key.decrypt_premaster(ciphertext, version, &fallback, &mut provider.rng());
        secret.map(|secret| *secret.expose())
    };
    let premaster = *good.last_chunk::<48>().ok_or("the message is too short")?;
    for _ in 0..2 {
        cases.equal(&decrypt(&encrypt(&good), VERSION), &Ok(premaster), "a valid ciphertext");
    }
    let mut hidden = |got: Result<[u8; 48], CryptoError>, what: &str| match got {
        Err(error) => cases.fault(format!("{what}: visibly failed: {error}")),
        Ok(secret) => cases.expect(secret == *fallback.expose(), || format!("{what}: not the fallback")),
    };
    hidden(decrypt(&encrypt(&good), [3, 1]), "a version other than the client's");
    let separator = len - 49;
    let mut bad = |message: &[u8], what: &str| hidden(decrypt(&encrypt(message), VERSION), what);
    bad(&changed(&good, 0, 1), "the first byte is not 0");
    for byte in [0, 1, 3, 0xff] {
        bad(&changed(&good, 1, 2 ^ byte), "the second byte is not 2");
    }
    for at in [2, 3, 9, 10, 100, separator - 1] {
        let zero = good.get(at).copied().unwrap_or(0);
        bad(&changed(&good, at, zero), &format!("a zero in the padding, at {at}"));
    }
    for byte in [1, 0x80, 0xff] {
        bad(&changed(&good, separator, byte), "no zero after the padding");
    }
    for bit in 0..8 {
        bad(&changed(&good, separator + 1, 1 << bit), "another version");
        bad(&changed(&good, separator + 2, 1 << bit), "another version");
    }
    // Messages of other lengths that also start with the version.
    for at in [10, separator - 1, separator + 1, len - 3] {
        let mut message = changed(&good, separator, 7);
        for (place, byte) in message.iter_mut().skip(at).zip([0, 3, 3]) {
            *place = byte;
        }
        bad(&message, &format!("a message of {} bytes", len - at - 1));
    }
    bad(&vec![0; len], "nothing but zeros");
    bad(&padded(&[1], len), "the number 1");
    let signed =
        [&[0, 1][..], &vec![0xff; len - 51], &[0], good.last_chunk::<48>().unwrap_or(&[0; 48])].concat();
    bad(&signed, "the padding of a signature");
    for (number, what) in [
        (vec![0; len], "the ciphertext 0"),
        (padded(&[1], len), "the ciphertext 1"),
        (less(rsa.n, 1), "the ciphertext n - 1"),
        (rsa.n.to_vec(), "the ciphertext n"),
        (more(rsa.n, 2), "a ciphertext beyond the modulus"),
        (vec![0xff; len], "a ciphertext of ones"),
        (
            Seeded::new(15).bytes(len - 1).into_iter().fold(vec![0], |mut all, byte| {
                all.push(byte);
                all
            }),
            "a random ciphertext",
        ),
    ] {
        hidden(decrypt(&number, VERSION), what);
    }
    // Only the length is public.
    let ciphertext = encrypt(&good);
    for got in [0, 1, 48, len - 1, len + 1, 2 * len] {
        let mut other = ciphertext.clone();
        other.resize(got, 0);
        let error = CryptoError::WrongLength { expected: len, got };
        cases.refused(decrypt(&other, VERSION), error, || format!("a ciphertext of {got} bytes"));
    }
    Ok(())
}
