//! Checks of AEADs.

use super::name;
use super::sealing::{NONCE, in_place, is_left, key, lengths_of_associated_data, longest_in_ccm};
use crate::cases::Cases;
use crate::fixtures::{changed, prefix};
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{Aead, CryptoError};

pub(super) fn run(runner: &mut Runner<'_>) {
    for aead in &runner.provider.aeads {
        let (label, by) = (aead.algorithm().to_string(), aead.implementation());
        runner.row(&label, by, name::LENGTHS, |cases| lengths(cases, &**aead));
        runner.row(&label, by, name::TAMPERING, |cases| tampering(cases, &**aead));
        runner.row(&label, by, name::ASSOCIATED, |cases| associated_data(cases, &**aead));
        runner.row(&label, by, name::REPETITION, |cases| repetition(cases, &**aead));
    }
}

fn lengths(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let algorithm = aead.algorithm();
    let (key_len, nonce_len, tag_len) = (algorithm.key_len(), algorithm.nonce_len(), algorithm.tag_len());
    for got in [0, 1, 15, 16, 17, 24, 31, 32, 33, 64].into_iter().filter(|got| *got != key_len) {
        let error = CryptoError::WrongLength { expected: key_len, got };
        cases.refused(aead.key(&vec![7; got]), error, || format!("a key of {got} bytes"));
    }
    let key = key(aead)?;
    cases.equal(&key.algorithm(), &algorithm, "the algorithm of the key");
    for got in [0, 1, 7, 8, 11, 13, 16, 24] {
        let error = CryptoError::WrongLength { expected: nonce_len, got };
        let nonce = vec![1; got];
        let sealed = key.seal(&nonce, b"", &mut [0; 5], &mut vec![0; tag_len]);
        cases.refused(sealed, error, || format!("sealing with a nonce of {got} bytes"));
        let opened = key.open(&nonce, b"", &mut vec![0; 5 + tag_len]);
        cases.refused(opened, error, || format!("opening with a nonce of {got} bytes"));
    }
    for got in [0, 1, 7, 8, 12, 15, 16, 17, 32].into_iter().filter(|got| *got != tag_len) {
        let error = CryptoError::WrongLength { expected: tag_len, got };
        let mut text = *b"untouched";
        cases.refused(key.seal(&NONCE, b"", &mut text, &mut vec![0; got]), error, || {
            format!("a tag of {got} bytes")
        });
        cases.expect(text == *b"untouched", || {
            format!("a tag of {got} bytes: refused, but the text was sealed")
        });
    }
    for len in 0..tag_len {
        let opened = key.open(&NONCE, b"", &mut vec![0; len]);
        cases.refused(opened, CryptoError::BadTag, || format!("{len} bytes are less than a tag"));
    }

    // Around block boundaries, the maximum of a record (RFC 5246 section 6.2.1), and far beyond.
    let text = Seeded::new(7).bytes(1 << 18);
    for len in (0..70).chain([127, 128, 129, 255, 256, 257, 1023, 1024, 16383, 16384, 16385, 1 << 18]) {
        for aad in [&b""[..], b"thirteen byte", prefix(&text, 300)] {
            let text = prefix(&text, len);
            cases.given(&[("nonce", &NONCE), ("associated data", aad), ("plaintext", text)]);
            let mut sealed = in_place(aead, aad, text)?;
            cases.equal(&sealed.len(), &(len + tag_len), || format!("{len} bytes sealed"));
            if len >= 16 {
                cases.expect(prefix(&sealed, len) != text, || {
                    format!("{len} bytes: the ciphertext equals the plaintext")
                });
            }
            let opened = key.open(&NONCE, aad, &mut sealed);
            cases.equal(&opened, &Ok(len), || format!("{len} bytes with {} of aad", aad.len()));
            cases.expect(prefix(&sealed, len) == text, || format!("{len} bytes: another text was opened"));
        }
    }
    if let Some(longest) = longest_in_ccm(aead) {
        let sealed = key.seal(&NONCE, b"", &mut vec![0; longest + 1], &mut vec![0; tag_len]);
        cases.refused(sealed, CryptoError::InputTooLong, "2^24 bytes, more than the length field can state");
    }
    let (own, general) = (aead.usage_limits(), algorithm.usage_limits());
    cases.expect(
        own.sealed_records <= general.sealed_records && own.failed_opens <= general.failed_opens,
        || format!("usage limits {own:?} are wider than the algorithm's"),
    );
    Ok(())
}

fn tampering(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let key = key(aead)?;
    let tag_len = aead.algorithm().tag_len();
    // Long enough for code that processes many blocks at once, with a partial block at the end.
    for len in [1, 16, 100, 1007] {
        let text = Seeded::new(8).bytes(len);
        let sealed = in_place(aead, b"associated", &text)?;
        let mut refused = |nonce: &[u8], aad: &[u8], mut record: Vec<u8>, what: &str| {
            cases.given(&[("nonce", nonce), ("associated data", aad), ("ciphertext and tag", &record)]);
            let opened = key.open(nonce, aad, &mut record);
            cases.refused(opened, CryptoError::BadTag, || format!("{len} bytes, {what}"));
            cases.expect(!is_left(&record, &text), || {
                format!("{len} bytes, {what}: plaintext was left behind")
            });
        };
        let step = if len > 100 { 61 } else { 1 };
        for bit in (0..sealed.len() * 8).filter(|bit| bit % step == 0 || bit / 8 >= len) {
            refused(
                &NONCE,
                b"associated",
                changed(&sealed, bit / 8, 1 << (bit % 8)),
                &format!("bit {bit} flipped"),
            );
        }
        for bit in 0..NONCE.len() * 8 {
            refused(
                &changed(&NONCE, bit / 8, 1 << (bit % 8)),
                b"associated",
                sealed.clone(),
                "another nonce",
            );
        }
        for aad in [&b""[..], b"associates", b"associate", b"associated\0"] {
            refused(&NONCE, aad, sealed.clone(), "other associated data");
        }
        refused(&NONCE, b"associated", prefix(&sealed, sealed.len() - 1).to_vec(), "one byte less");
        refused(&NONCE, b"associated", [&sealed[..], &[0]].concat(), "one byte more");
        let (body, tag) = sealed.split_at(sealed.len() - tag_len);
        refused(&NONCE, b"associated", [tag, body].concat(), "the tag in front");
        refused(&NONCE, b"associated", [body, &vec![0; tag_len]].concat(), "a tag of zeros");
        refused(&NONCE, b"associated", tag.to_vec(), "the tag alone");
    }
    let sealed = in_place(aead, b"", b"a text")?;
    let other = aead.key(&vec![9; aead.algorithm().key_len()]).map_err(|error| error.to_string())?;
    cases.refused(other.open(&NONCE, b"", &mut sealed.clone()), CryptoError::BadTag, "under another key");
    Ok(())
}

/// Checks that all of the associated data is authenticated, whatever its length.
fn associated_data(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let key = key(aead)?;
    let all = Seeded::new(14).bytes(0xff02);
    let text = b"a text";
    let mut tags = Vec::new();
    for len in lengths_of_associated_data() {
        let aad = prefix(&all, len);
        let sealed = in_place(aead, aad, text)?;
        let mut refused = |other: &[u8], what: &str| {
            cases.given(&[("nonce", &NONCE), ("associated data", other), ("ciphertext and tag", &sealed)]);
            let opened = key.open(&NONCE, other, &mut sealed.clone());
            cases.refused(opened, CryptoError::BadTag, || format!("{len} bytes of associated data, {what}"));
        };
        // Every byte of short data; for long data the ends, the middle, and the bytes around block
        // boundaries.
        let places = (0..len).filter(|at| len <= 65 || at % 64 == 63 || at % 64 == 0 && len < 0x1000);
        for at in places.chain(len.checked_sub(1)) {
            refused(&changed(aad, at, 1), &format!("byte {at} changed"));
        }
        if let Some(shorter) = len.checked_sub(1) {
            refused(prefix(aad, shorter), "one byte less");
        }
        refused(prefix(&all, len + 1), "one byte more");
        refused(&[aad, &[0]].concat(), "a zero more");
        cases.given(&[("nonce", &NONCE), ("associated data", aad), ("ciphertext and tag", &sealed)]);
        cases.equal(&key.open(&NONCE, aad, &mut sealed.clone()), &Ok(text.len()), || {
            format!("{len} bytes of associated data, unchanged")
        });
        tags.push(sealed);
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    cases.given(&[]);
    cases.equal(&tags.len(), &count, "distinct tags for distinct associated data");
    Ok(())
}

fn repetition(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let text = Seeded::new(9).bytes(100);
    let first = in_place(aead, b"aad", &text)?;
    cases.expect(in_place(aead, b"aad", &text)? == first, "the same inputs gave another ciphertext");
    let mut other = (text.clone(), vec![0; aead.algorithm().tag_len()]);
    key(aead)?
        .seal(b"another one.", b"aad", &mut other.0, &mut other.1)
        .map_err(|error| format!("with another nonce: {error}"))?;
    cases.expect(prefix(&first, text.len()) != other.0, "another nonce gave the same ciphertext");
    // A key that is used repeatedly must not depend on previous operations, even failed ones.
    let key = key(aead)?;
    for _ in 0..3 {
        cases.expect(key.open(&NONCE, b"aad", &mut changed(&first, 3, 1)).is_err(), "a changed ciphertext");
        cases.equal(
            &key.open(&NONCE, b"aad", &mut first.clone()),
            &Ok(text.len()),
            "a valid ciphertext after an invalid one",
        );
    }
    Ok(())
}
