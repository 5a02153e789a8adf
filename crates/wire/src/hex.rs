//! Bytes for the eyes of people.

use core::fmt;

/// Bytes that are printed as hexadecimal digits, abbreviated where there are many.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

/// So many bytes are printed in full: what a random, a session id, a digest or a point of a common curve has.
const WHOLE: usize = 66;
/// So many bytes are printed of a longer string.
const HEAD: usize = 32;

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.0.len() > WHOLE { HEAD } else { WHOLE };
        for byte in self.0.iter().take(shown) {
            write!(f, "{byte:02x}")?;
        }
        if self.0.len() > shown { write!(f, "… ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}
