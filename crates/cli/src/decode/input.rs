//! Reads the input, within limits: a device or another program may never end.

use crate::{
    failure::{Code, Failure},
    files,
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// The most bytes of a capture file: 4 GiB.
const OF_A_CAPTURE: u64 = 4 << 30;
/// The most bytes of any other input: 64 MiB.
const OF_OTHERS: u64 = 64 << 20;

/// The limits of an input.
#[derive(Clone, Copy)]
struct Limits {
    /// Of most inputs.
    usual: u64,
    /// Of captures.
    captures: u64,
    /// Whether these are the first bytes of a capture.
    is_capture: fn(&[u8]) -> bool,
}

impl Limits {
    const fn new(is_capture: fn(&[u8]) -> bool) -> Self {
        Self { usual: OF_OTHERS, captures: OF_A_CAPTURE, is_capture }
    }
}

/// The bytes of a file, or of standard input. `is_capture` tells a capture by its first bytes.
pub(super) fn read(file: Option<&Path>, is_capture: fn(&[u8]) -> bool) -> Result<Vec<u8>, Failure> {
    let limits = Limits::new(is_capture);
    match file {
        Some(path) if path != Path::new("-") => from_file(path, limits),
        _ => bounded(io::stdin().lock(), limits)
            .map_err(|error| Failure::new(Code::Local, format!("standard input: {error}")))?
            .map_err(|TooLong(limit)| too_long(limit).after("standard input")),
    }
}

/// The bytes of a file that is no capture.
pub(crate) fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    from_file(path, Limits::new(|_| false))
}

fn from_file(path: &Path, limits: Limits) -> Result<Vec<u8>, Failure> {
    let read = || bounded(File::open(path)?, limits);
    read()
        .map_err(|error| files::about(path, error))?
        .map_err(|TooLong(limit)| too_long(limit).after(path.display()))
}

fn too_long(limit: u64) -> Failure {
    let advice = if limit == OF_A_CAPTURE {
        "`editcap -c` and `tcpdump -C` make several files of a capture."
    } else {
        "Captures, pcap or pcapng, may have 4 GiB."
    };
    Failure::new(Code::Local, format!("there are more than {} MiB", limit >> 20)).hint(advice)
}

/// There are more bytes than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TooLong(u64);

/// All bytes of the source, unless they are more than the limit of captures, or of others.
fn bounded(mut source: impl Read, limits: Limits) -> io::Result<Result<Vec<u8>, TooLong>> {
    let mut bytes = Vec::new();
    let mut limit = limits.usual;
    // One byte more tells that the limit is passed.
    let mut read = read_up_to(&mut source, &mut bytes, limit.saturating_add(1))?;
    if read > limit && (limits.is_capture)(&bytes) {
        limit = limits.captures;
        let rest = limit.saturating_add(1).saturating_sub(read);
        read = read.saturating_add(read_up_to(&mut source, &mut bytes, rest)?);
    }
    Ok(if read > limit { Err(TooLong(limit)) } else { Ok(bytes) })
}

/// Reads at most so many bytes, and returns their number.
fn read_up_to(source: &mut impl Read, bytes: &mut Vec<u8>, most: u64) -> io::Result<u64> {
    let read = source.take(most).read_to_end(bytes)?;
    Ok(u64::try_from(read).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PCAP: &[u8] = &[0xd4, 0xc3, 0xb2, 0xa1];

    #[test]
    fn endless_input_is_refused_and_captures_may_be_longer() {
        let is_pcap: fn(&[u8]) -> bool = |bytes| bytes.starts_with(PCAP);
        let limits = Limits { usual: 10, captures: 100, is_capture: is_pcap };
        let of = |first: &'static [u8], length| {
            let all = first.chain(io::repeat(0)).take(length);
            bounded(all, limits).unwrap().map(|bytes| bytes.len())
        };
        assert_eq!(of(&[22, 3], 10), Ok(10));
        assert_eq!(of(&[22, 3], 11), Err(TooLong(10)));
        assert_eq!(of(&[22, 3], u64::MAX), Err(TooLong(10)));
        assert_eq!(of(PCAP, 10), Ok(10));
        assert_eq!(of(PCAP, 11), Ok(11));
        assert_eq!(of(PCAP, 100), Ok(100));
        assert_eq!(of(PCAP, 101), Err(TooLong(100)));
        assert_eq!(of(PCAP, u64::MAX), Err(TooLong(100)));
        // Options may say that the input is no capture.
        let all = PCAP.chain(io::repeat(0)).take(11);
        assert_eq!(bounded(all, Limits { is_capture: |_| false, ..limits }).unwrap(), Err(TooLong(10)));
    }
}
