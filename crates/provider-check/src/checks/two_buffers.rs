//! Checks of AEADs between two buffers: the result is the same as in place, and failures leave nothing
//! behind.

use super::name;
use super::sealing::{
    BEFORE, NONCE, in_place, into_buffer, is_left, key, lengths_of_associated_data, longest_in_ccm,
};
use crate::cases::Cases;
use crate::fixtures::{changed, prefix};
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{Aead, CryptoError};

pub(super) fn run(runner: &mut Runner<'_>) {
    for aead in &runner.provider.aeads {
        let (label, by) = (aead.algorithm().to_string(), aead.implementation());
        runner.row(&label, by, name::TWO_BUFFERS, |cases| {
            same_as_in_place(cases, &**aead)?;
            wrong_lengths(cases, &**aead)?;
            tampering(cases, &**aead)?;
            associated_data(cases, &**aead)
        });
    }
}

fn same_as_in_place(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let opening = key(aead)?;
    let all = Seeded::new(11).bytes(1 << 16);
    for len in (0..290).chain([1023, 1024, 1025, 4095, 16383, 16384, 16385, 1 << 16]) {
        for aad in [&b""[..], b"thirteen byte"] {
            let text = prefix(&all, len);
            cases.given(&[("nonce", &NONCE), ("associated data", aad), ("plaintext", text)]);
            let wanted = in_place(aead, aad, text)?;
            let made = into_buffer(aead, aad, text, b"")?;
            cases.expect(made == wanted, || format!("{len} bytes: other bytes than sealed in place"));

            let (mut record, mut opened) = (wanted, vec![BEFORE; len]);
            let opening = opening.open_into(&NONCE, aad, &mut record, &mut opened);
            cases.equal(&opening, &Ok(()), || format!("{len} bytes: opened into another buffer"));
            cases.expect(opened == text, || format!("{len} bytes: another text was opened"));
        }
    }
    Ok(())
}

/// Associated data of every length is authenticated as in place.
fn associated_data(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let all = Seeded::new(15).bytes(0xff01);
    let text = b"a text";
    for len in lengths_of_associated_data() {
        let aad = prefix(&all, len);
        let wanted = in_place(aead, aad, text)?;
        cases.given(&[("nonce", &NONCE), ("associated data", aad), ("plaintext", text)]);
        let made = into_buffer(aead, aad, text, b"")?;
        cases.expect(made == wanted, || {
            format!("{len} bytes of associated data: other bytes than sealed in place")
        });
        if let Some(last) = len.checked_sub(1) {
            let other = changed(aad, last, 1);
            cases.given(&[("nonce", &NONCE), ("associated data", &other), ("ciphertext and tag", &wanted)]);
            let mut opened = vec![BEFORE; text.len()];
            let opening = key(aead)?.open_into(&NONCE, &other, &mut wanted.clone(), &mut opened);
            cases.refused(opening, CryptoError::BadTag, || {
                format!("{len} bytes of associated data into another buffer, the last one changed")
            });
        }
    }
    cases.given(&[]);
    Ok(())
}

fn wrong_lengths(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let tag_len = aead.algorithm().tag_len();
    let text = Seeded::new(12).bytes(100);
    let record = in_place(aead, b"", &text)?;
    let key = key(aead)?;
    let seal = |cases: &mut Cases, nonce: &[u8], room: usize, error, what: String| {
        let mut made = vec![BEFORE; room];
        let sealing = key.seal_into(nonce, b"", &text, b"", &mut made);
        cases.refused(sealing, error, || format!("sealing into another buffer, {what}"));
        cases.expect(!is_left(&made, &text), || format!("sealing, {what}: the plaintext was left behind"));
    };
    let open = |cases: &mut Cases, nonce: &[u8], room: usize, error, what: String| {
        let (mut record, mut opened) = (record.clone(), vec![BEFORE; room]);
        let opening = key.open_into(nonce, b"", &mut record, &mut opened);
        cases.refused(opening, error, || format!("opening into another buffer, {what}"));
        let left = is_left(&record, &text) || is_left(&opened, &text);
        cases.expect(!left, || format!("opening, {what}: plaintext was left behind"));
    };
    for got in [0, 1, 8, 11, 13, 16] {
        let error = CryptoError::WrongLength { expected: NONCE.len(), got };
        seal(cases, &vec![1; got], record.len(), error, format!("a nonce of {got} bytes"));
        open(cases, &vec![1; got], text.len(), error, format!("a nonce of {got} bytes"));
    }
    for got in [0, 1, 84, 99, 101, 100 + tag_len] {
        let error = CryptoError::WrongLength { expected: text.len(), got };
        open(cases, &NONCE, got, error, format!("a plaintext of {got} bytes"));
    }
    // The right length for other lengths of the tag, and the plaintext's own length.
    for got in [0, 1, 99, 100, 107, 108, 112, 115, 116, 117, 132, 200] {
        if got != record.len() {
            let error = CryptoError::WrongLength { expected: record.len(), got };
            seal(cases, &NONCE, got, error, format!("room for {got} bytes"));
        }
    }
    for len in 0..tag_len {
        let opening = key.open_into(&NONCE, b"", &mut vec![0; len], &mut []);
        cases.refused(opening, CryptoError::BadTag, || format!("{len} bytes are less than a tag"));
    }
    if let Some(longest) = longest_in_ccm(aead) {
        let (long, mut made) = (vec![7; longest + 1], vec![BEFORE; longest + 1 + tag_len]);
        let sealing = key.seal_into(&NONCE, b"", &long, b"", &mut made);
        cases.refused(sealing, CryptoError::InputTooLong, "2^24 bytes, more than the length field can state");
        cases.expect(!is_left(&made, &long), "sealing 2^24 bytes: the plaintext was left behind");
    }
    Ok(())
}

fn tampering(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let key = key(aead)?;
    // Long enough for code that processes many blocks at once, with a partial block at the end.
    for len in [1, 16, 100, 1007] {
        let text = Seeded::new(13).bytes(len);
        let good = in_place(aead, b"associated", &text)?;
        let mut refused = |nonce: &[u8], aad: &[u8], mut record: Vec<u8>, what: &str| {
            let mut opened = vec![BEFORE; record.len().saturating_sub(aead.algorithm().tag_len())];
            cases.given(&[("nonce", nonce), ("associated data", aad), ("ciphertext and tag", &record)]);
            let opening = key.open_into(nonce, aad, &mut record, &mut opened);
            cases
                .refused(opening, CryptoError::BadTag, || format!("{len} bytes into another buffer, {what}"));
            let left = is_left(&record, &text) || is_left(&opened, &text);
            cases.expect(!left, || {
                format!("{len} bytes into another buffer, {what}: plaintext was left behind")
            });
        };
        let step = if len > 100 { 61 } else { 1 };
        for bit in (0..good.len() * 8).filter(|bit| bit % step == 0 || bit / 8 >= len) {
            let record = changed(&good, bit / 8, 1 << (bit % 8));
            refused(&NONCE, b"associated", record, &format!("bit {bit} flipped"));
        }
        refused(&changed(&NONCE, 3, 1), b"associated", good.clone(), "another nonce");
        for aad in [&b""[..], b"associates", b"associate", b"associated\0"] {
            refused(&NONCE, aad, good.clone(), "other associated data");
        }
        refused(&NONCE, b"associated", prefix(&good, good.len() - 1).to_vec(), "one byte less");
        refused(&NONCE, b"associated", [&good[..], &[0]].concat(), "one byte more");

        // A failure must not change the key either.
        let (mut record, mut opened) = (good, vec![BEFORE; len]);
        let opening = key.open_into(&NONCE, b"associated", &mut record, &mut opened);
        cases.expect(opening.is_ok() && opened == text, || {
            format!("{len} bytes: a valid ciphertext after invalid ones")
        });
    }
    Ok(())
}
