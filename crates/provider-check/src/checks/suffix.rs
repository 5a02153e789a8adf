//! Checks of sealing with a suffix: the result is that of sealing the concatenation of plaintext and suffix
//! in place.

use super::name;
use super::sealing::{BEFORE, NONCE, in_place, into_buffer, is_left, key, longest_in_ccm};
use crate::cases::Cases;
use crate::fixtures::prefix;
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{Aead, CryptoError};

pub(super) fn run(runner: &mut Runner<'_>) {
    for aead in &runner.provider.aeads {
        let (label, by) = (aead.algorithm().to_string(), aead.implementation());
        runner.row(&label, by, name::SUFFIX, |cases| {
            lengths(cases, &**aead)?;
            zeros(cases, &**aead)?;
            associated_data(cases, &**aead)?;
            wrong_lengths(cases, &**aead)
        });
    }
}

/// Suffixes of every length up to here are checked: some blocks more than padding to a multiple of 256 needs.
const EVERY_LENGTH: usize = 320;

fn same_as_in_place(cases: &mut Cases, aead: &dyn Aead, aad: &[u8], text: &[u8], suffix: &[u8]) -> Outcomes {
    cases.given(&[("nonce", &NONCE), ("associated data", aad), ("plaintext", text), ("suffix", suffix)]);
    let wanted = in_place(aead, aad, &[text, suffix].concat())?;
    let made = into_buffer(aead, aad, text, suffix)?;
    cases.expect(made == wanted, || {
        let (text, suffix) = (text.len(), suffix.len());
        format!("{text} bytes and a suffix of {suffix}: other bytes than sealed in place")
    });
    Ok(())
}

/// Suffixes of every length up to a bound, at different positions in a block, and the longest of TLS 1.3.
fn lengths(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let (texts, suffixes) = (Seeded::new(17).bytes(1 << 14), Seeded::new(18).bytes((1 << 14) + 1));
    for suffix in 0..=EVERY_LENGTH {
        for text in [0, 1, 15, 16, 17, 63, 64, 65, 100, 1023, 1024] {
            same_as_in_place(cases, aead, b"", prefix(&texts, text), prefix(&suffixes, suffix))?;
        }
    }
    // Every position of the content type in a block, and in the groups of blocks that some code processes at
    // once.
    for text in (0..=600).chain([4095, 4096, (1 << 14) - 1, 1 << 14]) {
        for suffix in [1, 2, 17] {
            same_as_in_place(cases, aead, b"", prefix(&texts, text), prefix(&suffixes, suffix))?;
        }
    }
    // RFC 9846 section 5.4: "the full encoded TLSInnerPlaintext MUST NOT exceed 2^14 + 1 octets".
    for text in [0, 1, 100, 1 << 13] {
        let suffix = (1 << 14) + 1 - text;
        same_as_in_place(cases, aead, b"", prefix(&texts, text), prefix(&suffixes, suffix))?;
    }
    Ok(())
}

/// The suffixes of TLS 1.3: a content type and padding (RFC 9846 section 5.2). A suffix of zeros is not
/// ignored.
fn zeros(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let text = Seeded::new(19).bytes(50);
    for padding in [0, 1, 7, 13, 14, 15, 16, 205] {
        for content_type in [0, 21, 22, 23] {
            let suffix = [&[content_type][..], &vec![0; padding]].concat();
            same_as_in_place(cases, aead, b"five.", &text, &suffix)?;
        }
    }
    Ok(())
}

fn associated_data(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let all = Seeded::new(20).bytes(300);
    for len in (0..=40).chain([63, 64, 65, 300]) {
        same_as_in_place(cases, aead, prefix(&all, len), b"a text", b"and a suffix")?;
    }
    Ok(())
}

fn wrong_lengths(cases: &mut Cases, aead: &dyn Aead) -> Outcomes {
    let tag_len = aead.algorithm().tag_len();
    let (text, suffix) = (Seeded::new(21).bytes(96), Seeded::new(22).bytes(40));
    let both = [&text[..], &suffix].concat();
    let expected = both.len() + tag_len;
    let key = key(aead)?;
    let mut refused = |nonce: &[u8], room: usize, error, what: String| {
        let mut made = vec![BEFORE; room];
        let sealing = key.seal_into(nonce, b"", &text, &suffix, &mut made);
        cases.refused(sealing, error, || format!("sealing with a suffix, {what}"));
        cases.expect(!is_left(&made, &both), || {
            format!("sealing with a suffix, {what}: text was left behind")
        });
    };
    for got in [0, 1, 8, 11, 13, 16] {
        let error = CryptoError::WrongLength { expected: NONCE.len(), got };
        refused(&vec![1; got], expected, error, format!("a nonce of {got} bytes"));
    }
    // Among them: no room for the suffix, none for the tag, and none for either.
    let rooms = [0, 1, tag_len, 96, 96 + tag_len, 135, 136, 137, expected - 1, expected + 1, 2 * expected];
    for got in rooms {
        let error = CryptoError::WrongLength { expected, got };
        refused(&NONCE, got, error, format!("room for {got} bytes"));
    }
    if let Some(longest) = longest_in_ccm(aead) {
        let (long, mut made) = (vec![7; longest], vec![BEFORE; longest + 1 + tag_len]);
        let sealing = key.seal_into(&NONCE, b"", &long, &[7], &mut made);
        let what = "2^24 - 1 bytes and a suffix of 1, more than the length field can state";
        cases.refused(sealing, CryptoError::InputTooLong, what);
        cases.expect(!is_left(&made, &long), "sealing too much with a suffix: text was left behind");
    }
    Ok(())
}
