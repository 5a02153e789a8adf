//! The PIN of a token.

use core::fmt;
use cryptoki::types::AuthPin;
use std::{fs, io, path::Path};
use zeroize::Zeroizing;

/// The PIN of a token's normal user. It is zeroized when it is dropped, and never printed.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Copies a PIN. Zeroize the original.
    #[must_use]
    pub fn new(pin: &str) -> Self {
        Self(Zeroizing::new(pin.to_owned()))
    }

    /// Reads a PIN from a file: its first line, without the end of the line.
    ///
    /// # Errors
    /// The error of the file; [`io::ErrorKind::InvalidData`] if it is not UTF-8 or its first line is empty.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Self> {
        let bytes = Zeroizing::new(fs::read(path)?);
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match core::str::from_utf8(line) {
            Ok(pin) if !pin.is_empty() => Ok(Self::new(pin)),
            Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "the first line is empty")),
            Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "the PIN is not UTF-8")),
        }
    }

    /// A copy for the module, which is zeroized too.
    pub(crate) fn to_auth_pin(&self) -> AuthPin {
        AuthPin::from(self.0.as_str())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process;

    #[test]
    fn a_pin_is_not_printed() {
        let shown = format!("{:?}", Pin::new("1234"));
        assert_eq!(shown, "Pin(..)");
    }

    #[test]
    fn a_pin_is_the_first_line_of_its_file() {
        let path = std::env::temp_dir().join(format!("cairn-pkcs11-pin-{}", process::id()));
        let read = |content: &[u8]| {
            fs::write(&path, content).unwrap();
            Pin::read(&path).map(|pin| pin.0.as_str().to_owned()).map_err(|error| error.to_string())
        };
        assert_eq!(read(b"1234").unwrap(), "1234");
        assert_eq!(read(b"12 34\n").unwrap(), "12 34");
        assert_eq!(read(b"1234\r\nnotes\n").unwrap(), "1234");
        assert_eq!(read(b"\n1234").unwrap_err(), "the first line is empty");
        assert_eq!(read(b"").unwrap_err(), "the first line is empty");
        assert_eq!(read(b"\xff\n").unwrap_err(), "the PIN is not UTF-8");
        fs::remove_file(&path).unwrap();
        assert_eq!(Pin::read(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
