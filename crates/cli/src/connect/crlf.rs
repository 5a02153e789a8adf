//! Line ends of the input: `--crlf`.

use std::io::{self, Read};

/// An input in which every line feed without a carriage return before it gets one.
pub(super) struct Crlf<R> {
    inner: R,
    /// Bytes that are converted and not yet read.
    ready: Vec<u8>,
    /// The number of them that have been read.
    taken: usize,
    /// The last byte of the input so far was a carriage return.
    after_return: bool,
}

impl<R: Read> Crlf<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self { inner, ready: Vec::new(), taken: 0, after_return: false }
    }

    /// Reads and converts the next piece.
    fn refill(&mut self) -> io::Result<()> {
        let mut piece = [0; 4096];
        let came = self.inner.read(&mut piece)?;
        self.ready.clear();
        self.taken = 0;
        for byte in piece.iter().take(came) {
            if *byte == b'\n' && !self.after_return {
                self.ready.push(b'\r');
            }
            self.ready.push(*byte);
            self.after_return = *byte == b'\r';
        }
        Ok(())
    }
}

impl<R: Read> Read for Crlf<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() && !buf.is_empty() {
            self.refill()?;
        }
        let mut rest = self.ready.get(self.taken..).unwrap_or_default();
        let came = rest.read(buf)?;
        self.taken = self.taken.saturating_add(came);
        Ok(came)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Returns one byte for each call.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let end = buf.len().min(1);
            self.0.read(buf.get_mut(..end).unwrap_or_default())
        }
    }

    #[test]
    fn line_feeds_become_crlf_once() {
        for (input, expected) in [
            (&b"a\nb\r\n\n\r\rc\n"[..], &b"a\r\nb\r\n\r\n\r\rc\r\n"[..]),
            (b"", b""),
            (b"\n", b"\r\n"),
            (b"x", b"x"),
        ] {
            let mut all = Vec::new();
            Crlf::new(input).read_to_end(&mut all).unwrap();
            assert_eq!(all, expected);
            let mut all = Vec::new();
            Crlf::new(Slow(input)).read_to_end(&mut all).unwrap();
            assert_eq!(all, expected);
        }
        let long = vec![b'\n'; 10_000];
        let mut all = Vec::new();
        Crlf::new(&long[..]).read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 20_000);
    }
}
