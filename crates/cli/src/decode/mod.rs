//! `cairn decode`: prints bytes as a tree.

mod certificates;
mod dump;
mod hellos;
pub(crate) mod input;
mod text;

use crate::{
    capture,
    failure::{Code, Failure},
    json, names,
    output::print,
    show::certificate,
};
use cairn_tls::wire::{
    CipherSuite, ContentType, DecodeError, HandshakeType,
    tree::{HandshakeTree, Negotiated, RecordTree},
};
use std::path::PathBuf;

/// Show records, handshake messages or certificates as a tree, or the TLS of a capture file.
///
/// Bytes are read from a file or from standard input: binary, in hexadecimal (spaces, line ends, colons,
/// commas and 0x do not matter), as a hex dump with offsets (xxd, hexdump -C, od -t x1, Wireshark), or in
/// base64. The first bytes show whether they are records, bare handshake messages, certificates (PEM or DER)
/// or a capture file (pcap or pcapng). If they are malformed, everything before the fault is shown, then the
/// fault and its offset, and the exit code is 7.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Read this file; `-` or no file is standard input.
    file: Option<PathBuf>,
    /// The input is text: hexadecimal, a hex dump or base64.
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
    /// The negotiated suite, which implies the version: the client's messages do not contain it, and
    /// ClientKeyExchange cannot be decoded without it.
    #[arg(long, value_name = "NAME", value_parser = names::any_suite)]
    suite: Option<CipherSuite>,
    /// The negotiated version, if the bytes have no ServerHello. By default the first message that only one
    /// version has, by its type or its form, determines it.
    #[arg(long, value_name = "VERSION", conflicts_with = "suite")]
    tls: Option<Version>,
    /// Print one JSON document.
    #[arg(long, conflicts_with_all = ["follow", "tree", "summary"])]
    json: bool,
    #[command(flatten)]
    capture: capture::Args,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Version {
    #[value(name = "1.2")]
    Tls12,
    #[value(name = "1.3")]
    Tls13,
}

impl Args {
    /// The properties of the connection that the command line states.
    fn negotiated(&self) -> Negotiated {
        match (self.suite, self.tls) {
            (Some(suite), _) => Negotiated::with_suite(suite),
            (None, Some(Version::Tls12)) => Negotiated::Tls12(None),
            (None, Some(Version::Tls13)) => Negotiated::Tls13,
            (None, None) => Negotiated::Unknown,
        }
    }
}

const AFTER_HELP: &str = "\
Examples:
  cairn decode hello.bin
  cairn decode capture.pcapng --keylog keys.log
  cairn decode capture.pcapng --keylog keys.log --follow 1:server
  cairn decode chain.pem
  echo 0e 00 00 00 | cairn decode
  echo 18 00 00 01 01 | cairn decode --tls 1.3
  xxd hello.bin | cairn decode --records";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let may_be_capture = !args.binary && !args.hex;
    let is_capture = |bytes: &[u8]| capture::format(bytes).is_some();
    let input = input::read(args.file.as_deref(), if may_be_capture { is_capture } else { |_| false })?;
    if may_be_capture && is_capture(&input) {
        return capture::run(&args.capture, &input, args.json);
    }
    if let Some(option) = args.capture.given() {
        return Err(Failure::new(Code::Local, format!("{option} needs a capture file, pcap or pcapng")));
    }
    let is_stated = args.binary || args.hex || args.records || args.handshake;
    if !is_stated && certificates::are_in(&input) {
        return certificates::show(&input, args.json);
    }
    let bytes = bytes(args, input)?;
    if !is_stated && certificates::are_in(&bytes) {
        return certificates::show(&bytes, args.json);
    }
    if bytes.is_empty() {
        return Err(Failure::new(Code::Malformed, "there are no bytes to decode"));
    }
    let before = args.negotiated();
    let as_records = args.records || (!args.handshake && look_like_records(&bytes)?);
    if args.json {
        let messages = if as_records { hellos::messages(&bytes) } else { bytes.clone() };
        json::print(&json::Messages::new(&messages, before))?;
        let checked = if as_records {
            RecordTree::new(&bytes).after(before).check()
        } else {
            HandshakeTree::new(&bytes).after(before).check()
        };
        return checked.map_err(|error| malformed(&error, bytes.len()));
    }
    let checked = if as_records {
        let tree = RecordTree::new(&bytes).after(before).describing_certificates(certificate::brief);
        print(format_args!("{tree}\n"))?;
        tree.check().map(|()| hellos::of_records(&bytes))
    } else {
        let tree = HandshakeTree::new(&bytes).after(before).describing_certificates(certificate::brief);
        print(format_args!("{tree}\n"))?;
        tree.check().map(|()| hellos::of_messages(&bytes))
    };
    let fingerprints = checked.map_err(|error| malformed(&error, bytes.len()))?;
    print(fingerprints)
}

fn malformed(error: &DecodeError, length: usize) -> Failure {
    Failure::new(Code::Malformed, format!("malformed: {error} (of {length} bytes in all)"))
}

/// The bytes that the input represents.
fn bytes(args: &Args, input: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if !args.binary && (args.hex || text::is_text(&input)) {
        if let Some(bytes) = text::read(&input) {
            return bytes;
        }
        if args.hex {
            let shown = String::from_utf8_lossy(&input);
            return text::from_hex(&shown);
        }
    }
    match file_kind(&input).filter(|_| !args.binary) {
        Some((what, advice)) => {
            Err(Failure::new(Code::Malformed, format!("the input is {what}")).hint(advice))
        }
        None => Ok(input),
    }
}

/// Files that hold the data in another form, with advice.
fn file_kind(input: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match input {
        [0xff, 0xfe, _, 0, ..] | [0xfe, 0xff, 0, ..] => {
            ("text in UTF-16", "Save it as UTF-8, or convert it with `iconv -f UTF-16 -t UTF-8 FILE`.")
        }
        [0x1f, 0x8b, ..] => {
            ("compressed with gzip", "`gunzip -c FILE | cairn decode` decompresses it first.")
        }
        _ if text::is_text(input) => {
            ("text, and neither hexadecimal nor a hex dump nor base64", "--binary takes it as it is.")
        }
        _ => return None,
    })
}

/// Records start with a content type and version 3. Handshake messages start with their type and a 24-bit
/// length whose upper byte is never 3 in practice.
fn look_like_records(bytes: &[u8]) -> Result<bool, Failure> {
    match bytes {
        [first, 3, ..] if ContentType(*first).name().is_some() => Ok(true),
        [first, ..] if HandshakeType(*first).name().is_some() => Ok(false),
        [first, ..] if ContentType(*first).name().is_some() => Ok(true),
        _ => Err(Failure::new(
            Code::Malformed,
            "malformed: at offset 0 there is neither a record (20 to 27, then version 3) nor a handshake \
            message",
        )
        .hint("--records or --handshake say which it is meant to be.")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn records_and_handshake_messages_are_distinguished() {
        assert!(look_like_records(&[22, 3, 1, 0, 0]).unwrap());
        assert!(look_like_records(&[20, 3, 3, 0, 1, 1]).unwrap());
        assert!(!look_like_records(&[20, 0, 0, 12]).unwrap());
        assert!(!look_like_records(&[1, 0, 1, 0]).unwrap());
        assert!(!look_like_records(&[14]).unwrap());
        assert!(look_like_records(b"GET /").is_err());
        assert!(look_like_records(&[]).is_err());
    }
}
