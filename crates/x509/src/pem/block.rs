//! Finding the blocks of a PEM file.

use super::PemError;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// One block, from its BEGIN line to its END line.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// What stands between `-----BEGIN ` and `-----`.
    pub(super) label: &'a [u8],
    /// The line that it begins on, counted from 1.
    pub(super) line: usize,
    body: &'a [u8],
}

/// The blocks of a file, one after another. It ends after the first error.
pub(super) struct Blocks<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Blocks<'a> {
    pub(super) const fn new(file: &'a [u8]) -> Self {
        Self { rest: file, line: 0 }
    }

    fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.line = self.line.saturating_add(1);
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let (line, rest) = match end.and_then(|end| self.rest.split_at_checked(end)) {
            Some((line, rest)) => (line, rest.get(1..).unwrap_or_default()),
            None => (self.rest, <&[u8]>::default()),
        };
        self.rest = rest;
        Some(line.trim_ascii())
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, PemError>;

    fn next(&mut self) -> Option<Self::Item> {
        let label = loop {
            if let Some(label) = boundary(self.next_line()?, b"-----BEGIN ") {
                break label;
            }
        };
        let start = self.line;
        let body = self.rest;
        loop {
            let before = self.rest.len();
            let ended = match self.next_line() {
                Some(line) if !line.starts_with(b"-----") => continue,
                Some(line) => boundary(line, b"-----END ") == Some(label),
                None => false,
            };
            if !ended {
                self.rest = &[];
                return Some(Err(PemError::Unterminated { line: start }));
            }
            let body = body.get(..body.len().saturating_sub(before)).unwrap_or_default();
            return Some(Ok(Block { label, line: start, body }));
        }
    }
}

fn boundary<'a>(line: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(prefix)?.strip_suffix(b"-----")
}

impl Block<'_> {
    /// Whether it has the header of the old encryption of PEM (RFC 1421 section 4.6.1.1), as in
    /// `Proc-Type: 4,ENCRYPTED`.
    pub(super) fn is_encrypted(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"Proc-Type:")
    }

    /// The base64 text without white space. Room for all of it is there from the beginning, so no part of a key stays
    /// behind in memory that grew too small.
    pub(super) fn base64(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.body.len()));
        text.extend(self.body.iter().filter(|byte| !byte.is_ascii_whitespace()));
        text
    }
}
