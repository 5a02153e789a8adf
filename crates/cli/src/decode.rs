//! `cairn decode`: bytes as a tree.

use crate::{
    errors::{Code, Failure},
    files, names,
    output::print,
};
use cairn_tls::wire::{
    CipherSuite, ContentType, DecodeError, HandshakeType,
    tree::{HandshakeTree, RecordTree},
};
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Show the bytes of records or handshake messages as a tree.
///
/// Bytes are read from a file or from standard input, binary or in hexadecimal (spaces, line ends, colons, commas and
/// 0x do not matter). Whether they are records or bare handshake messages shows in the first bytes. Where they are
/// malformed, what can be read until there is shown, then what is wrong and at which offset, and the exit code is 7.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Read this file; `-` or nothing is standard input.
    file: Option<PathBuf>,
    /// The input is hexadecimal.
    #[arg(long, conflicts_with = "binary")]
    hex: bool,
    /// The input is binary.
    #[arg(long)]
    binary: bool,
    /// The bytes are records.
    #[arg(long, conflicts_with = "handshake")]
    records: bool,
    /// The bytes are handshake messages, without records.
    #[arg(long)]
    handshake: bool,
    /// The suite that was agreed: what a client sends does not tell, and its ClientKeyExchange cannot be read without.
    #[arg(long, value_name = "NAME", value_parser = names::any_suite)]
    suite: Option<CipherSuite>,
}

const AFTER_HELP: &str = "\
Examples:
  cairn decode capture.bin
  echo 0e 00 00 00 | cairn decode
  xxd -p hello.bin | cairn decode --records";

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let input = input(args.file.as_deref())?;
    let is_hex = args.hex || (!args.binary && looks_like_hex(&input));
    let bytes = if is_hex { from_hex(&input)? } else { input };
    if bytes.is_empty() {
        return Err(Failure::new(Code::Malformed, "there are no bytes to decode"));
    }
    let key_exchange = args.suite.and_then(CipherSuite::key_exchange);
    let as_records = args.records || (!args.handshake && look_like_records(&bytes)?);
    let checked = if as_records {
        let tree = RecordTree::new(&bytes).with_key_exchange(key_exchange);
        print(format_args!("{tree}\n"))?;
        tree.check()
    } else {
        let tree = HandshakeTree::new(&bytes).with_key_exchange(key_exchange);
        print(format_args!("{tree}\n"))?;
        tree.check()
    };
    checked.map_err(|error| malformed(&error, bytes.len()))
}

fn input(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    match file {
        Some(path) if path != Path::new("-") => files::read(path),
        _ => {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::new(Code::Local, format!("standard input: {error}")))?;
            Ok(bytes)
        }
    }
}

fn malformed(error: &DecodeError, length: usize) -> Failure {
    Failure::new(Code::Malformed, format!("malformed: {error} (of {length} bytes in all)"))
}

/// Binary records and messages have bytes in them that no text has: the first of each is one.
fn looks_like_hex(input: &[u8]) -> bool {
    input.iter().all(|byte| is_hex_text(*byte))
}

const fn is_hex_text(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || is_between(byte) || matches!(byte, b'x' | b'X')
}

/// What may stand between two bytes.
const fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b':' | b',' | b';' | b'-')
}

/// Bytes from hexadecimal; every byte is two digits that stand together.
fn from_hex(input: &[u8]) -> Result<Vec<u8>, Failure> {
    let bad = |at: usize, what: &str| {
        Failure::new(Code::Malformed, format!("not hexadecimal at offset {at} of the text: {what}"))
    };
    let mut bytes = Vec::with_capacity(input.len() / 2);
    let mut half = None;
    let mut rest = input.iter().enumerate().peekable();
    while let Some((at, byte)) = rest.next() {
        if half.is_none() && *byte == b'0' && rest.next_if(|(_, next)| matches!(next, b'x' | b'X')).is_some()
        {
            continue;
        }
        if is_between(*byte) {
            if half.is_some() {
                return Err(bad(at, "a byte has one digit only"));
            }
            continue;
        }
        let digit = char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or_else(|| bad(at, "no digit"))?;
        match half.take() {
            None => half = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    match half {
        Some(_) => Err(bad(input.len(), "the last byte has one digit only")),
        None => Ok(bytes),
    }
}

/// Records begin with a content type and version 3; handshake messages with their type and a length below 2^24, whose
/// upper byte is 3 for none that is seen in practice.
fn look_like_records(bytes: &[u8]) -> Result<bool, Failure> {
    match bytes {
        [first, 3, ..] if ContentType(*first).name().is_some() => Ok(true),
        [first, ..] if HandshakeType(*first).name().is_some() => Ok(false),
        [first, ..] if ContentType(*first).name().is_some() => Ok(true),
        _ => Err(Failure::new(
            Code::Malformed,
            "malformed: at offset 0 there is neither a record (20 to 27, then version 3) nor a handshake message",
        )
        .hint("--records or --handshake say which it is meant to be")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hexadecimal_comes_in_many_shapes() {
        for text in ["0e000000", "0E 00 00 00\n", "0e:00:00:00", "0x0e, 0x00, 0x00, 0x00", " 0e00\r\n\t0000 "]
        {
            assert!(looks_like_hex(text.as_bytes()), "{text}");
            assert_eq!(from_hex(text.as_bytes()).unwrap(), [14, 0, 0, 0], "{text}");
        }
        for text in ["0e0", "0 e0", "0g", "0e x0", "0x"] {
            let outcome = from_hex(text.as_bytes());
            assert!(outcome.is_err() || outcome.unwrap().is_empty(), "{text}");
        }
        assert!(!looks_like_hex(&[22, 3, 1]));
    }

    #[test]
    fn records_and_messages_are_told_apart() {
        assert!(look_like_records(&[22, 3, 1, 0, 0]).unwrap());
        assert!(look_like_records(&[20, 3, 3, 0, 1, 1]).unwrap());
        assert!(!look_like_records(&[20, 0, 0, 12]).unwrap());
        assert!(!look_like_records(&[1, 0, 1, 0]).unwrap());
        assert!(!look_like_records(&[14]).unwrap());
        assert!(look_like_records(b"GET /").is_err());
        assert!(look_like_records(&[]).is_err());
    }
}
