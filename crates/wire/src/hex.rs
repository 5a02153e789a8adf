//! Hexadecimal output.

use core::fmt;

/// Prints bytes as hexadecimal digits and abbreviates long strings.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

/// Strings of up to this many bytes are printed in full. A random, a session ID, a digest and a point of a
/// common curve fit.
const WHOLE: usize = 66;
/// The number of bytes printed of a longer string.
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
