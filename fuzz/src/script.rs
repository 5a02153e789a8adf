//! Reads an input as a list of steps. Every input is valid: missing numbers are zero, and missing bytes are
//! omitted.

/// The rest of an input.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    /// The next byte; `None` at the end.
    pub fn step(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A one-byte number.
    pub fn byte(&mut self) -> u8 {
        self.step().unwrap_or_default()
    }

    /// A two-byte number in network byte order.
    pub fn short(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }

    /// At most this many bytes.
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Bytes preceded by their two-byte length.
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = self.short();
        self.take(length)
    }
}

/// Writes bytes for [`Script::bytes`].
///
/// # Panics
/// If there are more than 65,535 bytes.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u16::try_from(bytes.len()).expect("a short part").to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_bytes_are_read_back_and_every_input_is_valid() {
        let mut out = vec![9];
        put_bytes(&mut out, b"abc");
        let mut script = Script(&out);
        assert_eq!((script.step(), script.bytes(), script.step()), (Some(9), &b"abc"[..], None));
        assert_eq!((script.byte(), script.short(), script.bytes()), (0, 0, &b""[..]));
        assert_eq!(Script(&[0, 200, 1]).bytes(), [1]);
    }
}
