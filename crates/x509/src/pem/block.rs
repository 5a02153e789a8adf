//! Finds the blocks of a PEM file.

use super::{
    content::{Content, Wanted},
    error::PemError,
};
use alloc::{vec, vec::Vec};
use base64ct::{Base64, Encoding};
use cairn_crypto::SecretBytes;
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const HYPHENS: &[u8] = b"-----";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The start of a block in UTF-16 of either byte order, except for its first and last byte.
const BEGIN_UTF16: &[u8] = b"-\0B\0E\0G\0I\0N";

/// The maximum length of a label. Longer ones are text.
const MAX_LABEL: usize = 64;

/// A block, from its BEGIN line to its END line.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// The text between `-----BEGIN ` and `-----`.
    pub(super) label: &'a [u8],
    /// The number of its first line, counted from 1.
    pub(super) line: usize,
    body: &'a [u8],
}

/// An iterator over the blocks of a file. It ends after the first error.
///
/// A BEGIN or END line may have white space or a byte order mark before it and anything after it, since files
/// are concatenated without a line end and editors insert byte order marks. A malformed block is an error and
/// not text, so that no certificate is skipped silently.
pub(super) struct Blocks<'a> {
    rest: &'a [u8],
    /// The number of the line where `rest` starts, counted from 1.
    line: usize,
    /// The wanted kind of block, for the error about UTF-16.
    wanted: Wanted,
}

impl<'a> Blocks<'a> {
    pub(super) const fn new(file: &'a [u8], wanted: Wanted) -> Self {
        Self { rest: file, line: 1, wanted }
    }

    /// Consumes this many bytes and counts their lines.
    fn take(&mut self, bytes: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, &[]));
        self.line = self.line.saturating_add(line_ends(taken, rest.first()));
        self.rest = rest;
        taken
    }

    fn fail(&mut self, error: PemError) -> Option<Result<Block<'a>, PemError>> {
        self.rest = &[];
        Some(Err(error))
    }

    /// Finds and consumes the next BEGIN line, and returns its label.
    fn begin(&mut self) -> Option<Result<&'a [u8], PemError>> {
        // Whether there is only white space between the last line end or block and this position.
        let mut blank = true;
        loop {
            let start = find(self.rest, BEGIN);
            let gap = self.rest.get(..start.unwrap_or(self.rest.len())).unwrap_or_default();
            if let Some(error) = self.hidden_in(gap) {
                return Some(Err(error));
            }
            let start = start?;
            blank = match gap.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
                Some(at) => is_blank(gap.get(at.saturating_add(1)..).unwrap_or_default()),
                None => blank && is_blank(gap),
            };
            self.take(start);
            let after = self.rest.get(BEGIN.len()..).unwrap_or_default();
            if let Some((label, text)) = label(after)
                && (blank || line_is_blank(text))
            {
                self.take(BEGIN.len().saturating_add(after.len() - text.len()));
                return Some(Ok(label));
            }
            // A sentence that mentions a BEGIN line.
            self.take(BEGIN.len());
            blank = false;
        }
    }

    /// Searches the text between blocks for a damaged block.
    fn hidden_in(&self, gap: &[u8]) -> Option<PemError> {
        if let Some(at) = find(gap, BEGIN_UTF16) {
            let line = self.line.saturating_add(line_ends(gap.get(..at).unwrap_or_default(), None));
            return Some(PemError::Instead { wanted: self.wanted, found: Content::Utf16, line: Some(line) });
        }
        let mut line = self.line;
        let mut rest = gap;
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
            let (text, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if is_almost_a_boundary(trim(text)) {
                return Some(PemError::BadBoundary { line });
            }
            let end = if after.starts_with(b"\r\n") { 2 } else { 1 };
            line = line.saturating_add(1);
            rest = after.get(end..).unwrap_or_default();
        }
        None
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, PemError>;

    fn next(&mut self) -> Option<Self::Item> {
        let label = match self.begin()? {
            Ok(label) => label,
            Err(error) => return self.fail(error),
        };
        let line = self.line;
        let unterminated = PemError::Unterminated { line };
        let Some(end) = find(self.rest, HYPHENS) else {
            return self.fail(unterminated);
        };
        let body = self.take(end);
        let Some(after) = self.rest.strip_prefix(END) else {
            return self.fail(unterminated);
        };
        match self::label(after) {
            Some((ended, text)) if ended == label => {
                self.take(END.len().saturating_add(after.len() - text.len()));
                Some(Ok(Block { label, line, body }))
            }
            _ => self.fail(unterminated),
        }
    }
}

/// The label at the start of this text, and the text after its hyphens.
fn label(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = find(text.get(..MAX_LABEL.saturating_add(HYPHENS.len())).unwrap_or(text), HYPHENS)?;
    let (label, rest) = text.split_at_checked(end)?;
    let is_label = label.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if is_label { Some((label.trim_ascii(), rest.strip_prefix(HYPHENS)?)) } else { None }
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}

/// The number of line ends in `text`: line feed, carriage return, or both. `next` is the byte that follows.
fn line_ends(text: &[u8], next: Option<&u8>) -> usize {
    let following = text.iter().skip(1).chain(next).map(Some).chain([None]);
    let ends = text.iter().zip(following);
    ends.filter(|(byte, next)| **byte == b'\n' || (**byte == b'\r' && *next != Some(&b'\n'))).count()
}

/// Removes white space and byte order marks at both ends.
fn trim(text: &[u8]) -> &[u8] {
    let mut text = text.trim_ascii();
    while let Some(rest) = text.strip_prefix(BYTE_ORDER_MARK) {
        text = rest.trim_ascii();
    }
    text
}

/// Whether there is only white space up to the next line end.
fn line_is_blank(text: &[u8]) -> bool {
    let first = text.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    first.is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
}

fn is_blank(text: &[u8]) -> bool {
    trim(text).is_empty()
}

/// Whether a line resembles a BEGIN or END line: with too few or too many hyphens, with typographic dashes in
/// their place, or an END line without a BEGIN line.
fn is_almost_a_boundary(line: &[u8]) -> bool {
    /// U+2010 to U+2015 are hyphens and dashes.
    const DASHES: &[u8] = b"\xe2\x80";
    const WORDS: [&[u8]; 2] = [b"BEGIN ", b"END "];
    const LABELS: [&[u8]; 9] = [
        b"CERTIFICATE",
        b"X509 CERTIFICATE",
        b"TRUSTED CERTIFICATE",
        b"PRIVATE KEY",
        b"RSA PRIVATE KEY",
        b"EC PRIVATE KEY",
        b"ENCRYPTED PRIVATE KEY",
        b"PUBLIC KEY",
        b"X509 CRL",
    ];
    let names_a_block = |text: &[u8]| {
        let label = WORDS.iter().find_map(|word| text.strip_prefix(*word));
        label.is_some_and(|label| LABELS.iter().any(|known| label.starts_with(known)))
    };
    let is_dashed = line.starts_with(b"-") || line.starts_with(DASHES);
    let ends_dashed = line.ends_with(b"--") || line.windows(DASHES.len()).any(|bytes| bytes == DASHES);
    let starts = if is_dashed { line.len() } else { usize::from(ends_dashed) };
    (0..starts).any(|at| line.get(at..).is_some_and(names_a_block))
}

impl Block<'_> {
    /// Whether it has the header of the old PEM encryption (RFC 1421 section 4.6.1.1), as in `Proc-Type:
    /// 4,ENCRYPTED`.
    pub(super) fn is_encrypted(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"Proc-Type:")
    }

    /// Whether its line ends are written as a backslash and a letter, as in JSON or an environment file.
    fn has_escaped_line_ends(&self) -> bool {
        find(self.body, b"\\n").is_some()
    }

    /// The base64 text without white space. The full capacity is reserved at the start, so that no part of a
    /// key remains in memory that was reallocated.
    fn base64(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.body.len()));
        text.extend(self.body.iter().filter(|byte| !byte.is_ascii_whitespace()));
        text
    }

    /// Decodes the contents of the block into one buffer that is zeroized.
    pub(super) fn decode(&self) -> Result<SecretBytes, PemError> {
        let line = self.line;
        let bad = if self.has_escaped_line_ends() {
            PemError::EscapedLineEnds { line }
        } else {
            PemError::BadBase64 { line }
        };
        let text = self.base64();
        let len = text.len() / 4 * 3;
        let mut der = Zeroizing::new(vec![0; len]);
        let decoded = Base64::decode(text.as_slice(), &mut der).map_err(|_| bad)?;
        if decoded.is_empty() { Err(bad) } else { Ok(SecretBytes::from(decoded)) }
    }
}
